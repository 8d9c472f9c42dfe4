"""The YAML block that may open a Markdown file."""

import yaml

from qa_service.parsing.draft import Unreadable

_FENCE = "---"
_ENDS = frozenset({"---", "..."})
_LARGEST = 64 << 10
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def split_front_matter(text: str) -> tuple[dict[str, object], str]:
    """Return the fields of the front matter, empty without one, and the text after it.

    Every scalar stays the string that was written, so that a title of digits or a date is not turned
    into something else.

    Raises:
        Unreadable: the block is no YAML, no mapping, or larger than 64 KiB.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        return {}, text
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() in _ENDS), None)
    if end is None:
        return {}, text
    block = "\n".join(lines[1:end])
    if len(block) > _LARGEST:
        raise Unreadable(f"the front matter is larger than {_LARGEST >> 10} KiB")
    fields = _load(block)
    if isinstance(fields, str):
        return {}, text  # Words between two rules are text.
    if not isinstance(fields, dict):
        raise Unreadable('the front matter is no mapping; write "name: value" lines')
    known = {str(name): value for name, value in fields.items() if not _is_nothing(value)}
    return known, "\n".join(lines[end + 1 :])


def _load(block: str) -> object:
    try:
        # BaseLoader makes nothing but strings, lists and dictionaries, and follows no merge keys.
        return yaml.load(block, Loader=yaml.BaseLoader) or {}  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 2}" if mark else ""
        raise Unreadable(
            f"the front matter is no valid YAML: {error.problem or error.context}{place}"
        ) from None
    except yaml.YAMLError:
        raise Unreadable("the front matter is no valid YAML: it holds characters that YAML forbids") from None
    except RecursionError:
        raise Unreadable("the front matter is nested too deep") from None


def _is_nothing(value: object) -> bool:
    return isinstance(value, str) and value in _NOTHING
