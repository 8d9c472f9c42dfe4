"""Gold files: questions whose true answers are known, one JSON object a line."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_service.errors import InvalidGold, InvalidQuestion
from qa_service.question_checks import check_question


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question whose true answer is known.

    Attributes:
        answers: accepted answers; none means that the archive has no answer.
        support: for each paragraph that proves the answer, words that it holds.
        history: questions asked before, for a follow-up.
        place: article id and paragraph index of a paragraph that proves the answer, where the gold names it.
    """

    question_id: str
    question: str
    answers: tuple[str, ...]
    support: tuple[str, ...]
    history: tuple[str, ...] = ()
    place: tuple[str, int] | None = None

    @property
    def names_support(self) -> bool:
        """Whether the gold says which paragraphs prove the answer."""
        return bool(self.support) or self.place is not None


def read_gold(path: Path) -> list[GoldQuestion]:
    """Read a gold file: a JSON object a line with question, answers and, as wanted, id, support and history.

    Raises:
        InvalidGold: the file cannot be read or a line does not fit; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidGold(f"The gold file {path} cannot be read: {error}.") from error
    # Not splitlines(): a JSON string may hold U+2028 and its like as they are.
    lines = enumerate(text.split("\n"), start=1)
    questions = [_question(f"{path}:{number}", number, line) for number, line in lines if line.strip()]
    if not questions:
        raise InvalidGold(f"The gold file {path} holds no question; give one JSON object a line.")
    return questions


def _question(place: str, number: int, line: str) -> GoldQuestion:
    try:
        row = json.loads(line)
        question, answers = row["question"], row["answers"]
        support, history = row.get("support", []), row.get("history", [])
        paragraph = (row.get("article_id"), row.get("paragraph_index"))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise InvalidGold(
            f"{place} is no gold question ({error!r}); it needs at least `question` and `answers`."
        ) from error
    if not isinstance(question, str) or not all(_is_texts(given) for given in (answers, support, history)):
        raise InvalidGold(
            f"{place}: `question` has to be text; `answers`, `support` and `history` lists of texts, none blank."
        )
    question_id = str(row.get("id", number))
    try:
        for text in (question, question_id, *answers, *support, *history):
            check_question(text)
    except InvalidQuestion as error:
        raise InvalidGold(f"{place}: {error}") from None
    return GoldQuestion(
        question_id, question, tuple(answers), tuple(support), tuple(history), _place(paragraph)
    )


def _is_texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(text, str) and text.strip() for text in given)


def _place(paragraph: Sequence[Any]) -> tuple[str, int] | None:
    article_id, index = paragraph
    return (article_id, index) if isinstance(article_id, str) and type(index) is int else None
