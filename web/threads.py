"""Conversations as the page shows them: stored ones, and questions that are asked one after another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa_service.conversations import new_conversation_id
from qa_service.domain import Answer, Filters, Question
from qa_service.errors import ConversationNotFound, IndexMissing, InvalidQuestion, QAError, StateUnavailable
from qa_service.state.conversations import ConversationSummary
from qa_service.state.feedback import Feedback
from web import exchanges, keeping, serialize
from web.current import conversations, has_state, owner, service, settings, state
from web.error_handlers import problem_of
from web.exchanges import Exchange
from web.page_urls import recent
from web.problems import Problem
from web.request_ids import request_id
from web.schemas import question_fault
from web.stored_answers import body_of


@dataclass(frozen=True, slots=True)
class Thread:
    """Exchanges in the order in which they were asked.

    Attributes:
        status: that of the last one, as it would have alone.
        summary: of the stored conversation that they belong to; None when they belong to none.
    """

    exchanges: tuple[Exchange, ...] = ()
    status: int = 200
    summary: ConversationSummary | None = None

    @property
    def questions(self) -> list[str]:
        """What was asked, but for what could not be answered."""
        return [one.question for one in self.exchanges if one.state != "failed"]

    @property
    def is_kept(self) -> bool:
        """Whether nothing of it would be lost."""
        return all(one.is_kept for one in self.exchanges)


def keeps() -> bool:
    """Whether this server keeps the conversations that are led on its pages."""
    return has_state() and settings().keep_conversations


def asked(questions: Sequence[str], filters: Filters, before: Thread | None = None) -> Thread:
    """Ask `questions` as one conversation, which goes on from the thread `before`; nothing is kept of it."""
    thread = before or Thread()
    history = tuple(turn for exchange in thread.exchanges for turn in exchange.turns())
    conversation_id = thread.summary.conversation_id if thread.summary else None
    for text in questions:
        question = Question(text, history, filters, conversation_id=conversation_id)
        exchange, status = _asked(question, thread)
        history += exchange.turns() if exchange.state != "failed" else ()
        conversation_id = exchange.conversation_id or conversation_id
        thread = replace(thread, exchanges=(*thread.exchanges, exchange), status=status)
    return thread


def _asked(question: Question, thread: Thread) -> tuple[Exchange, int]:
    try:
        fault = question_fault(question.text)
        if fault is not None:
            raise InvalidQuestion(fault)
        body = serialize.answer(service().ask(question))
    except IndexMissing:
        raise
    except QAError as error:
        problem = problem_of(error)
        failure = exchanges.failed(
            question.text, thread.questions, question.filters, problem.detail, request_id()
        )
        return failure, problem.status
    turn = len(thread.exchanges) + 1
    return exchanges.shown(body, thread.questions, turn=turn, is_kept=False), 200


def stored(conversation_id: str) -> Thread:
    """Return a stored conversation of the running request's owner.

    Raises:
        ConversationNotFound: there is none, or it is another person's.
        StateUnavailable: nothing can be read.
    """
    found = conversations().get(owner(), conversation_id)
    votes = {vote.answer_id: vote for vote in Feedback(state()).of_conversation(owner(), conversation_id)}
    shown: list[Exchange] = []
    for turn, answer in enumerate(found.answers, start=1):
        earlier = [one.question for one in shown]
        exchange = exchanges.shown(body_of(answer), earlier, turn=turn, is_kept=True)
        vote = votes.get(answer.answer_id)
        shown.append(replace(exchange, vote=vote.rating, note=vote.note or "") if vote else exchange)
    return Thread(tuple(shown), summary=found.summary)


def resumed(conversation_id: str, earlier: Sequence[str], question: str) -> tuple[Thread, bool] | None:
    """Return the stored thread that an address speaks of, and whether `question` is its last one.

    None when there is no such conversation, or it went another way than the `earlier` questions say.
    """
    try:
        thread = stored(conversation_id)
    except (ConversationNotFound, StateUnavailable):
        return None
    for end in range(len(thread.questions), 0, -1):
        if thread.questions[end - 1] == question and recent(thread.questions[: end - 1]) == list(earlier):
            return replace(thread, exchanges=thread.exchanges[:end]), True
    return (thread, False) if recent(thread.questions) == list(earlier) else None


def keep(questions: Sequence[str], filters: Filters, conversation_id: str | None) -> str:
    """Ask `questions` in a stored conversation, a new one when none is named; return its id.

    Raises:
        Problem: 503, it cannot be kept.
        QAError: what `Service.ask` raises.
    """
    known = conversation_id or new_conversation_id()
    for place, text in enumerate(questions):
        asked_first = conversation_id is None and place == 0
        question, keeper = keeping.prepare(
            Question(text, (), filters, conversation_id=known), is_new=asked_first, has_history=False
        )
        answer, is_kept = keeper.ask_and_tell(question)
        if not is_kept:
            raise Problem(503, "not_kept", _why(answer))
    return known


def _why(answer: Answer) -> str:
    return answer.warnings[-1] if answer.warnings else "This server keeps no conversations."
