"""What requests may hold, as pydantic models: checked strictly, unknown fields refused, turned into domain values."""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import unquote_to_bytes

from flask import request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from werkzeug.datastructures import MultiDict

from qa_service.conversations import new_conversation_id
from qa_service.domain import Filters, ParagraphKind, Question, Turn
from web.problems import FieldError, Problem, misfit
from web.strict_json import escape_pointer

MAX_QUESTION_CHARS = 4000
MAX_TURN_CHARS = 16_000
MAX_TURNS = 40
MAX_FILTER_VALUES = 100
_SHOWN_ERRORS = 20
_LONGEST_NUMBER = 40
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_DIGITS = re.compile("-?[0-9]{1,18}", re.ASCII)
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CONVERSATION_ID = r"^[A-Za-z0-9_:@=+,~-][A-Za-z0-9_:@=+,~.-]{0,127}$"  # it stands in addresses as it is
TEXT_PATTERN = r"^[^\u0000]*$"  # what the validators check, as far as JSON Schema can say it
WORDS_PATTERN = r"^[^\u0000]*[^\u0000\s][^\u0000]*$"


def readable(text: str) -> str:
    """Return `text` unless it holds what is no text."""
    if _UNREADABLE.search(text):
        raise ValueError("holds a NUL or half of a surrogate pair, which are no text")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank; write a question")
    return text


def _iso_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("is no date of the calendar; write YYYY-MM-DD") from None


def number(value: Any) -> Any:
    """Return the whole number that a query string spells; anything else as it is."""
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


QuestionText = Annotated[
    str,
    Field(min_length=1, max_length=MAX_QUESTION_CHARS, json_schema_extra={"pattern": WORDS_PATTERN}),
    AfterValidator(readable),
    AfterValidator(_not_blank),
]
Name = Annotated[
    str,
    Field(min_length=1, max_length=500, json_schema_extra={"pattern": TEXT_PATTERN}),
    AfterValidator(readable),
]
Names = Annotated[list[Name], Field(max_length=MAX_FILTER_VALUES)]
IsoDate = Annotated[
    str, Field(pattern=_DATE, json_schema_extra={"format": "date"}), AfterValidator(_iso_date)
]
Cursor = Annotated[str, Field(min_length=1, max_length=500)]


class Strict(BaseModel):
    """Takes values of the very types that it names, and no field that it does not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _DateRange(Strict):
    date_from: IsoDate | None = None
    date_to: IsoDate | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError(f"date_from {self.date_from} lies after date_to {self.date_to}; swap them")
        return self


class FiltersBody(_DateRange):
    """What part of the archive may answer."""

    sources: Names = []
    authors: Names = []
    article_ids: Names = []
    kinds: Annotated[
        list[Annotated[ParagraphKind, Field(strict=False)]], Field(max_length=len(ParagraphKind))
    ] = []

    def to_domain(self) -> Filters:
        """Return these filters in the domain's words."""
        return Filters(
            date_from=self.date_from,
            date_to=self.date_to,
            sources=tuple(self.sources),
            authors=tuple(self.authors),
            article_ids=tuple(self.article_ids),
            kinds=tuple(self.kinds),
        )


class TurnBody(Strict):
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: Annotated[
        str,
        Field(max_length=MAX_TURN_CHARS, json_schema_extra={"pattern": TEXT_PATTERN}),
        AfterValidator(readable),
    ]


class AskBody(Strict):
    """The body of POST /api/v1/ask."""

    question: QuestionText
    conversation_id: Annotated[str, Field(pattern=_CONVERSATION_ID)] | None = None
    history: Annotated[list[TurnBody], Field(max_length=MAX_TURNS)] | None = None
    filters: FiltersBody | None = None
    as_of: IsoDate | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] = 5
    stream: bool | None = None

    def to_domain(self) -> Question:
        """Return this question in the domain's words."""
        return Question(
            text=self.question,
            history=tuple(Turn(turn.role, turn.content) for turn in self.history or ()),
            filters=self.filters.to_domain() if self.filters else Filters(),
            as_of=self.as_of,
            top_k=self.top_k,
            conversation_id=self.conversation_id or new_conversation_id(),
        )


class FilterParams(_DateRange):
    """Filters of a query string; `source` and `author` may be given several times."""

    source: Names = []
    author: Names = []

    def filters(self) -> Filters:
        """Return the filters in the domain's words."""
        return Filters(self.date_from, self.date_to, tuple(self.source), tuple(self.author))


class SearchParams(FilterParams):
    """The query string of GET /api/v1/search."""

    q: QuestionText
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(number)] = 10
    cursor: Cursor | None = None


class ArticlesParams(FilterParams):
    """The query string of GET /api/v1/articles."""

    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(number)] = 50
    cursor: Cursor | None = None


class FacetsParams(Strict):
    """The query string of GET /api/v1/facets; `limit` holds for sources and for authors."""

    limit: Annotated[int, Field(ge=1, le=1000), BeforeValidator(number)] = 200


_TYPE_WORDS = {
    "extra_forbidden": "is no field that this address knows; leave it out",
    "missing": "is missing",
    "string_too_short": "is empty",
    "string_type": "has to be text",
    "int_type": "has to be a whole number",
    "bool_type": "has to be true or false",
    "list_type": "has to be a list",
    "model_type": "has to be an object",
}
_PATTERN_WORDS = {
    _DATE: "is no date; write YYYY-MM-DD",
    _CONVERSATION_ID: "has to be 1 to 128 ASCII letters, digits or any of -_.~:@=+, with no dot in front",
}
Model = TypeVar("Model", bound=BaseModel)
_QUESTION: TypeAdapter[str] = TypeAdapter(QuestionText, config=ConfigDict(strict=True))


def check_body(model: type[Model], value: Any) -> Model:
    """Return `value` as a `model`.

    Raises:
        Problem: 422, with one entry for each field that does not fit.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise problem_of_misfit(error) from None


def check_params(model: type[Model]) -> Model:
    """Return the running request's query string as a `model`; a single value given twice is refused.

    Raises:
        Problem: 400 when it is not UTF-8; 422, with one entry for each parameter that does not fit.
    """
    try:
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "malformed_request", "The query is not percent-encoded UTF-8.") from None
    given: MultiDict[str, str] = request.args
    lists = {name for name, info in model.model_fields.items() if isinstance(info.default, list)}
    twice = [name for name in given if name not in lists and len(given.getlist(name)) > 1]
    if twice:
        raise misfit((FieldError(f"#/{escape_pointer(twice[0])}", "stands twice; give it once"),))
    return check_body(model, {name: given.getlist(name) if name in lists else given[name] for name in given})


def question_fault(text: str) -> str | None:
    """Return why `text` is no question, as a sentence; None when it is one."""
    try:
        _QUESTION.validate_python(text)
    except ValidationError as error:
        return f"The question {_reason(error.errors()[0])}."
    return None


def problem_of_misfit(error: ValidationError) -> Problem:
    """Return 422 with one entry for each field that does not fit."""
    found = error.errors(include_url=False)[:_SHOWN_ERRORS]
    return misfit(tuple(FieldError(_pointer(item["loc"]), _reason(item)) for item in found))


def _pointer(location: tuple[int | str, ...]) -> str:
    return "#" + "".join(f"/{escape_pointer(str(step))}" for step in location)


def _short(number: float) -> str:
    """Return a number as a message shows it, cut where it has hundreds of digits."""
    shown = str(number)
    return shown if len(shown) <= _LONGEST_NUMBER else f"{shown[:_LONGEST_NUMBER]}…"


def _reason(item: Any) -> str:
    """Return what does not fit, in words for people; pydantic's own are for those who know Python."""
    seen, limits = item["input"], item.get("ctx", {})
    match item["type"]:
        case "value_error":
            return str(limits["error"])
        case "string_pattern_mismatch":
            return _PATTERN_WORDS[limits["pattern"]]
        case "string_too_long":
            return f"has {len(seen):,} characters; at most {limits['max_length']:,} are taken, shorten it"
        case "too_long":
            return f"holds {len(seen):,} entries; at most {limits['max_length']:,} are taken"
        case "greater_than_equal":
            return f"is {_short(seen)}; the least is {limits['ge']}"
        case "less_than_equal":
            return f"is {_short(seen)}; the most is {limits['le']}"
        case "literal_error" | "enum":
            return f"has to be {limits['expected']}"
        case known if known in _TYPE_WORDS:
            return _TYPE_WORDS[known]
    message = str(item["msg"])
    return message[:1].lower() + message[1:]
