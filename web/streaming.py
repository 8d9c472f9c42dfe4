"""An answer as Server-Sent Events: meta, retrieval, delta and citation in turn, done; or error.

Source: WHATWG HTML, section 9.2, Server-sent events.
"""

import logging
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from itertools import count

from qa_service.domain import Answer, Question
from web import serialize
from web.error_handlers import problem_of
from web.problems import RETRYABLE, problem_object
from web.request_ids import request_id
from web.responses import json_text

PING_S = 15.0
PING = b": ping\n\n"
logger = logging.getLogger(__name__)


def stream_answer(
    ask: Callable[[Question], Answer], question: Question, ping_s: float = PING_S
) -> Iterator[bytes]:
    """Yield the events of one answer; a comment every `ping_s` seconds keeps the line open meanwhile."""
    numbers = count(1)

    def event(name: str, body: serialize.Json) -> bytes:
        return f"id: {next(numbers)}\nevent: {name}\ndata: {json_text(body)}\n\n".encode("utf-8", "replace")

    yield event(
        "meta",
        {"request_id": request_id(), "conversation_id": question.conversation_id, "question": question.text},
    )
    try:
        answer = yield from _wait(ask, question, ping_s)
        for name, body in answer_events(answer):
            yield event(name, body)
    except Exception as error:
        problem = problem_of(error)
        logger.log(
            logging.ERROR if problem.status >= 500 and problem.status not in RETRYABLE else logging.INFO,
            "Stream ended with %s, request_id=%s",
            problem.code,
            request_id(),
            exc_info=problem.status == 500,
        )
        yield event("error", problem_object(problem))


def answer_events(answer: Answer) -> Iterator[tuple[str, serialize.Json]]:
    """Yield name and body of each event that tells `answer`; the deltas' texts, joined, are the answer."""
    yield (
        "retrieval",
        {
            "query": serialize.query(answer),
            "filters_applied": serialize.filters(answer.question.filters, answer.question.as_of),
            "index": serialize.index(answer.index),
        },
    )
    text, told, shown = answer.text or "", 0, set()
    for sentence in answer.sentences:
        yield "delta", {"text": text[told : sentence.end], "start": told, "end": sentence.end}
        told = sentence.end
        for citation in answer.citations:
            if citation.citation_id in sentence.citation_ids and citation.citation_id not in shown:
                shown.add(citation.citation_id)
                yield "citation", serialize.citation(citation)
    yield "done", serialize.answer(answer)


def _wait(
    ask: Callable[[Question], Answer], question: Question, ping_s: float
) -> Generator[bytes, None, Answer]:
    future: Future[Answer] = Future()
    context = copy_context()  # log lines name the request there too

    def work() -> None:
        try:
            future.set_result(context.run(ask, question))
        except BaseException as error:
            future.set_exception(error)

    # A daemon: a server that has waited long enough ends without it.
    threading.Thread(target=work, name="stream", daemon=True).start()
    while True:
        try:
            return future.result(timeout=ping_s)
        except TimeoutError:
            if future.done():  # the asking itself timed out, not our patience
                raise
            yield PING
