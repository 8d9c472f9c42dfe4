"""GET /metrics in Prometheus' text format: counts, times and the index; never a word that anybody asked.

Source: Prometheus exposition format 0.0.4.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from qa_service import __version__
from qa_service.domain import Answer
from qa_service.errors import QAError
from qa_service.service import Check, Service

blueprint = Blueprint("metrics", __name__)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_MANY = 429


@blueprint.get("/metrics")
def metrics() -> Response:
    """Count and time what the service did, as Prometheus reads it."""
    registry = of(current_app).registry
    return Response(
        generate_latest(registry),
        content_type=CONTENT_TYPE_PLAIN_0_0_4,
        headers={"Cache-Control": "no-store"},
    )


class Metrics:
    """What one application counts.

    Attributes:
        registry: holds nothing but this application's numbers.
    """

    def __init__(self, service: Service) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series for each series, which nobody asks for
        self.registry = registry = CollectorRegistry()
        self._asks = Counter(
            "qa_asks", "Questions by how they ended: answered, abstained, or a problem's code.", ["status"],
            registry=registry,
        )  # fmt: skip
        self._abstentions = Counter("qa_abstentions", "Abstentions by reason.", ["reason"], registry=registry)
        self._stages = Histogram(
            "qa_ask_stage_seconds", "Time of each stage of an answer.", ["stage"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self.asks_in_flight = Gauge("qa_asks_in_flight", "Questions that run or wait.", registry=registry)
        self._requests = Counter(
            "qa_http_requests", "Requests by method, route and status.", ["method", "route", "status"],
            registry=registry,
        )  # fmt: skip
        self._request_seconds = Histogram(
            "qa_http_request_seconds", "Time of requests until their response was sent whole.", ["route"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self.requests_in_flight = Gauge("qa_http_requests_in_flight", "Requests that run.", registry=registry)
        self._limited = Counter("qa_rate_limited", "Requests refused with 429.", registry=registry)
        self._collector = _IndexCollector(service)
        registry.register(self._collector)
        ProcessCollector(registry=registry)

    def watch(self, checks: Callable[[], Iterable[Check]]) -> None:
        """Show these readiness checks beside those of the service."""
        self._collector.more_checks = checks

    def count_answer(self, answer: Answer) -> None:
        """Count an answer or abstention, and the time of its stages."""
        self._asks.labels(answer.status).inc()
        if answer.abstention:
            self._abstentions.labels(answer.abstention.reason.value).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def count_failure(self, error: Exception) -> None:
        """Count a question that got no answer."""
        self._asks.labels(error.code if isinstance(error, QAError) else "internal_error").inc()

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is its pattern, never its path."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)
        if status == _MANY:
            self._limited.inc()


def install(app: Flask, metrics: Metrics) -> None:
    """Count every request of `app`."""
    app.extensions["qa_metrics"] = metrics

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        metrics.requests_in_flight.inc()

    @app.after_request
    def keep_status(response: Response) -> Response:
        g.status = response.status_code
        return response

    @app.teardown_request
    def end(error: BaseException | None) -> None:
        if "began" in g:
            metrics.requests_in_flight.dec()
            route = request.url_rule.rule if request.url_rule else "unmatched"
            elapsed = time.perf_counter() - g.pop("began")
            metrics.count_request(request.method, route, g.get("status", 500), elapsed)


def of(app: Flask) -> Metrics:
    """Return what `app` counts."""
    return cast("Metrics", app.extensions["qa_metrics"])


class _IndexCollector(Collector):
    """Looks at the index when it is asked, so that the numbers are those of the generation that answers now."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.more_checks: Callable[[], Iterable[Check]] = tuple

    def collect(self) -> Iterator[Metric]:
        """Give age and size of the index, and how each readiness check stands."""
        yield InfoMetricFamily("qa_build", "The version that runs.", {"version": __version__})
        checks = GaugeMetricFamily("qa_check_ok", "1 for each part that is ready.", labels=["check"])
        for check in (*self._service.checks(), *self.more_checks()):
            checks.add_metric([check.name], float(check.ok))
        yield checks
        yield from self._index()

    def describe(self) -> Iterable[Metric]:
        """Nothing is collected on registration."""
        return ()

    def _index(self) -> Iterator[Metric]:
        try:
            index = self._service.index()
        except QAError:
            return  # the check says so
        built = datetime.fromisoformat(index.built_at).timestamp()
        yield InfoMetricFamily("qa_index", "The generation that answers.", {"generation": index.generation})
        yield GaugeMetricFamily("qa_index_articles", "Articles in the index.", index.articles)
        yield GaugeMetricFamily("qa_index_passages", "Passages in the index.", index.passages)
        yield GaugeMetricFamily("qa_index_built_timestamp_seconds", "When the index was built.", built)
        # A clock that was set back makes the index younger than nothing; 0 is the nearest truth.
        yield GaugeMetricFamily("qa_index_age_seconds", "Age of the index.", max(0.0, time.time() - built))
