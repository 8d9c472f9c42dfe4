"""The error tree is as its docstring draws it."""

import re

import pytest

from qa_service import errors
from qa_service.errors import GenerationError, InputError, QAError, StaleCursor

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, QAError)
}


def drawn_parents() -> dict[str, str]:
    """Return each error of the docstring's tree with the one above it."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^([│├└─ ]*)([A-Z]\w+) {2,}\S", line)
        if match:
            depth = len(match[1]) // 4
            above = [*above[:depth], match[2]]
            parents[match[2]] = above[depth - 1] if depth else "Exception"
    return parents


def test_the_docstring_draws_every_class_under_its_parent() -> None:
    assert drawn_parents() == {name: value.__mro__[1].__name__ for name, value in CLASSES.items()}


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [value.code for value in CLASSES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_what_the_caller_can_mend_is_an_input_error() -> None:
    assert {name for name, value in CLASSES.items() if issubclass(value, InputError)} >= {
        "InvalidQuestion",
        "InvalidFilter",
        "InvalidSetting",
        "StaleCursor",
    }
    assert issubclass(errors.WriterBusy, GenerationError)


@pytest.mark.parametrize("gone", [True, False])
def test_a_stale_cursor_says_whether_its_generation_is_gone(gone: bool) -> None:
    error = StaleCursor("The cursor is old.", gone=gone)
    assert (str(error), error.gone) == ("The cursor is old.", gone)
