"""JSON that means one thing only: no duplicate keys, no NaN, no deep nesting, no broken characters.

Source: RFC 8259 for the grammar, RFC 7493 (I-JSON) for what is refused beyond it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

MAX_DEPTH = 32
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class MalformedJson(ValueError):
    """The bytes are no JSON that we take; the message says why."""


class BrokenText(ValueError):
    """A string holds half a character; `pointer` says where, as JSON pointer in a URI fragment."""

    def __init__(self, pointer: str) -> None:
        super().__init__("holds half of a surrogate pair, which is no character")
        self.pointer = pointer


def loads(body: bytes) -> Any:
    """Return the value of `body`.

    Raises:
        MalformedJson: no UTF-8, no JSON, a key twice, NaN or Infinity, or nested deeper than MAX_DEPTH.
        BrokenText: a string that is no text.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except MalformedJson:
        raise
    except json.JSONDecodeError as error:
        raise MalformedJson(f"The body is not JSON: {error}.") from None
    except ValueError:
        raise MalformedJson("The body holds a number of too many digits.") from None
    for pointer, string in _strings(value, "#"):
        if _LONE_SURROGATE.search(string):
            raise BrokenText(pointer)
    return value


def escape_pointer(key: str) -> str:
    """Return `key` as one step of a JSON pointer (RFC 6901), safe to show."""
    printable = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", key[:80])
    return printable.replace("~", "~0").replace("/", "~1")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise MalformedJson(f"The key {escape_pointer(key)!r} stands twice in one object; send it once.")
        value[key] = item
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJson(f"{name} is not JSON; send a number or null.")


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser recurses into it."""
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedJson(f"The body is nested deeper than {MAX_DEPTH} levels.")
        elif character in "]}":
            depth -= 1


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _strings(item, f"{pointer}/{position}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{pointer}/{escape_pointer(key)}", key
            yield from _strings(item, f"{pointer}/{escape_pointer(key)}")
