"""Every regular expression of the packages against long strings made to confuse it."""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as sre  # the parsed form of patterns, from which their own worst strings are made
from re import _parser
from typing import Any

from tests.faults.rows import Result, Row

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("qa_service", "embeddings", "web")
LENGTH = 100_000
LIMIT_S = 0.1
_SLOW_IMPORTS = ("torch", "transformers", "sentence_transformers", "faiss")
_FUNCTIONS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_COMMON = [
    "a",
    "A",
    "1",
    " ",
    "\n",
    "-",
    ".",
    ",",
    "(",
    "“",
    "\u00a0",
    "\u0301",
    "a ",
    "A b ",
    "<a",
    "| ",
    "1:",
    "==",
]


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern, where it stands, and by which methods it is used."""

    place: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


def found_patterns() -> list[Found]:
    """Return every pattern once: those in variables of modules and classes, and those in calls of `re`."""
    sources = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text(
            "utf-8"
        )
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "training" not in path.parts and path.name != "__main__.py"  # neither is given text by anybody
    }
    everything = "\n".join(sources.values())
    found: list[Found] = []
    for name, source in sources.items():
        tree = ast.parse(source)
        found += _written(tree, name)
        if not _imports_slowly(tree):
            held = _held(vars(importlib.import_module(name)).items())
            found += (Found(f"{name}.{place}", pattern, _uses(place, everything)) for place, pattern in held)
    unique = {(one.pattern.pattern, one.pattern.flags, one.methods): one for one in found}
    return [one for one in unique.values() if isinstance(one.pattern.pattern, str)]


def _uses(place: str, everything: str) -> frozenset[str]:
    """Return the methods that are called on the variable at `place`; all when none is seen."""
    variable = next(part for part in place.split(".") if not part.isdigit())
    seen = re.findall(rf"\b{re.escape(variable)}\.({'|'.join(_FUNCTIONS)})\b", everything)
    return frozenset(seen or _FUNCTIONS)


def _written(tree: ast.AST, module: str) -> Iterator[Found]:
    """Give the patterns that stand as plain text in calls such as `re.sub("…", …)`."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        called, text = node.func, node.args[0]
        if ast.unparse(called.value) != "re" or called.attr not in _FUNCTIONS:
            continue
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            pattern = re.compile(text.value, _flags(node))
            yield Found(f"{module}:{node.lineno}", pattern, frozenset({called.attr}))


def _flags(call: ast.Call) -> int:
    names = [node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute)]
    return sum(
        {
            getattr(re, name)
            for name in names
            if name.isupper() and isinstance(getattr(re, name), re.RegexFlag)
        }
    )


def _imports_slowly(tree: ast.Module) -> bool:
    imported = [
        *(alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names),
        *(node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)),
    ]
    return any(name.split(".")[0] in _SLOW_IMPORTS for name in imported)


def _held(items: Iterable[tuple[Any, Any]], depth: int = 3) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Give the patterns among `items`, and in the collections and classes among them."""
    for name, value in items:
        if isinstance(value, re.Pattern):
            yield str(name), value
        elif depth and (inner := _inside(value)):
            yield from ((f"{name}.{place}", found) for place, found in _held(inner, depth - 1))


def _inside(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, (list, tuple)):
        return list(enumerate(value))
    if isinstance(value, type) and value.__module__.startswith(PACKAGES):
        return list(vars(value).items())
    return []


def hostile_strings(pattern: re.Pattern[str], length: int, *, all_of_them: bool) -> Iterator[str]:
    """Give strings that a pattern may stumble over: what it nearly matches, over and over, and then not."""
    words = list(
        filter(None, dict.fromkeys([*_samples(pattern), *(_COMMON if all_of_them else _COMMON[:4])]))
    )
    for word in words:
        text = word * (length // len(word))
        yield text
        yield "(" + text + "\x01"
    for word in words if all_of_them else ():  # a beginning that fits, then something that repeats
        for last in words[:4]:
            yield word + last * (length // len(last)) + "\x01"


def _samples(pattern: re.Pattern[str]) -> Iterator[str]:
    """Give strings that match `pattern` or a part of it, with each choice taken one way or another."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.LOCALE)
    for choice in range(3):
        yield _sample(tree, choice)
    for part in tree:
        yield _sample([part], 0)
        yield _sample([part], 1)


def _sample(tree: Any, choice: int) -> str:
    return "".join(_one(kind, value, choice) for kind, value in tree)


def _one(kind: Any, value: Any, choice: int) -> str:
    if kind is sre.LITERAL:
        return chr(value)
    if kind in (sre.ANY, sre.NOT_LITERAL):
        return "a b"[choice % 3]
    if kind is sre.IN:
        return _member(value, choice)
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return _sample(value[2], choice) * max(value[0], 1)
    if kind is sre.SUBPATTERN:
        return _sample(value[3], choice)
    if kind is sre.ATOMIC_GROUP:
        return _sample(value, choice)
    if kind is sre.BRANCH:
        return _sample(value[1][choice % len(value[1])], choice)
    return ""  # positions and look-arounds take no characters


_CLASSES = {
    sre.CATEGORY_DIGIT: "1", sre.CATEGORY_NOT_DIGIT: "a", sre.CATEGORY_SPACE: " ", sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_WORD: "-",
}  # fmt: skip


def _member(members: Any, choice: int) -> str:
    kind, value = members[choice % len(members)]
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.RANGE:
        return chr(value[0])
    return _CLASSES.get(value, "a")  # a negated class takes most letters


def slowness(one: Found, *, quick: bool) -> float:
    """Return the time in seconds of the first string that takes too long, 0 when none does.

    Strings grow, so that a pattern that gets slow is found out before it takes hours.
    """
    for length in (LENGTH // 100, LENGTH // 10, *(() if quick else (LENGTH,))):
        for text in hostile_strings(one.pattern, length, all_of_them=not quick):
            for call in _calls(one):
                limit = max(0.02, LIMIT_S * length / LENGTH)  # a tenth of the text has a tenth of the time
                if (
                    _seconds(call, text) > limit
                    and (took := min(_seconds(call, text) for _ in range(3))) > limit
                ):
                    return took
    return 0.0


def _calls(one: Found) -> list[Callable[[str], Any]]:
    """Return what is done with a pattern; whatever looks through a text is done as `findall` does it."""
    anchored = {"match": one.pattern.match, "fullmatch": one.pattern.fullmatch}
    calls: list[Callable[[str], Any]] = [call for name, call in anchored.items() if name in one.methods]
    return calls if one.methods <= anchored.keys() else [*calls, one.pattern.findall]


def _seconds(call: Callable[[str], Any], text: str) -> float:
    began = time.process_time()
    call(text)
    return time.process_time() - began


def try_all(quick: bool) -> Result:
    """Time each pattern on its hostile strings."""
    found = found_patterns()
    slow = {one.place: seconds for one in found if (seconds := slowness(one, quick=quick))}
    named = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slow.items())
    return Result(not slow, f"{len(found)} patterns, " + (f"slow: {named}" if slow else "none slow"))


ROWS = [
    Row(
        "regular-expressions",
        "Strings of 100 kB made against each regular expression: at most 100 ms",
        try_all,
    )
]
