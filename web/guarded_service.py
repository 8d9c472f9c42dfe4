"""The service as the web asks it: every question counted, and no more at once than can be answered."""

from typing import Any

from flask import Flask, g, has_app_context

from qa_service.domain import Answer, Filters, Question, SearchPage
from qa_service.service import Service
from web.admission import Admission, Place
from web.metrics import Metrics


class GuardedService:
    """Implements `Service` by another one: counts and admits what costs time, hands the rest on as it is."""

    def __init__(self, service: Service, admission: Admission, metrics: Metrics) -> None:
        self._service, self._admission, self._metrics = service, admission, metrics

    def __getattr__(self, name: str) -> Any:
        """Return what the other service has under `name`."""
        return getattr(self._service, name)

    def reserve(self) -> Place:
        """Take a place for what the running request asks.

        Raises:
            Overloaded: all places are taken.
        """
        g.place = place = self._admission.enter()
        return place

    def place_for_stream(self) -> Place:
        """Take a place for a question whose answer is streamed: no index, and no room, show before the stream begins.

        Raises:
            IndexMissing, GenerationError: nothing can be asked.
            Overloaded: all places are taken.
        """
        try:
            self._service.index()
            return self.reserve()
        except Exception as error:
            self._metrics.count_failure(error)
            raise

    def ask(self, question: Question) -> Answer:
        """See `Service.ask`.

        Raises:
            Overloaded: too many questions wait already, or its turn did not come in time.
        """
        with self._metrics.asks_in_flight.track_inprogress():
            try:
                answer: Answer = self._admitted(self._service.ask, question)
            except Exception as error:
                self._metrics.count_failure(error)
                raise
        self._metrics.count_answer(answer)
        return answer

    def search(
        self,
        text: str,
        *,
        limit: int,
        offset: int = 0,
        filters: Filters | None = None,
        generation: str | None = None,
    ) -> SearchPage:
        """See `Service.search`.

        Raises:
            Overloaded: too many questions wait already, or its turn did not come in time.
        """
        page: SearchPage = self._admitted(
            self._service.search, text, limit=limit, offset=offset, filters=filters, generation=generation
        )
        return page

    def _admitted(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        """Run `call` in the running request's place, which it keeps to its end: answers have yet to be stored."""
        if has_app_context():
            return (g.get("place") or self.reserve()).run(call, *args, **kwargs)
        place = self._admission.enter()
        try:
            return place.run(call, *args, **kwargs)
        finally:
            place.leave()


def install(app: Flask) -> None:
    """Let every request of `app` leave its place at its end."""

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        place = g.get("place")
        if (
            place and not place.handed_over
        ):  # a stream's thread looks for its place even after the request's end
            place.leave()
