"""Files and folders that people name, to articles with ids."""

import logging
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path, PurePath
from typing import Protocol

from qa_service.domain import Article
from qa_service.errors import SourceError
from qa_service.parsing.bounded import BoundedParser
from qa_service.parsing.draft import Draft, Noted, Skipped, Unreadable
from qa_service.parsing.formats import FORMATS
from qa_service.parsing.identity import Renamed, TakenIds, printable

_LOG = logging.getLogger(__name__)
_MOST_NOTES = 20  # of one file; a file of a million damaged lines needs no million remarks


class Parser(Protocol):
    """Reads one file."""

    def read(self, path: Path, origin: str, suffix: str) -> Iterator[Draft | Skipped | Noted]:
        """Yield what the file holds; `suffix` is one of `FORMATS`."""


def read_sources(
    sources: Sequence[Path],
    *,
    parser: Parser | None = None,
    on_note: Callable[[Noted], None] = lambda note: None,
) -> Iterator[Article | Skipped | Renamed]:
    """Read the articles of files and folders, one after another, in sorted order.

    Folders are walked to any depth; hidden files are passed over. What cannot be read is yielded as
    `Skipped` and the rest goes on. Nothing but the article at hand is held here; so when a later article
    makes the id of an earlier one, a `Renamed` says what the earlier one is called from then on.

    Args:
        parser: reads each file; without one, a process with limits does, which ends with the iterator.
        on_note: is told of what was replaced or guessed in a file that was read; it is logged too.

    Raises:
        SourceError: no source was named, or one of them does not exist, cannot be opened or is neither
            a file nor a folder; raised at the call, before anything is read.
    """
    if not sources:
        raise SourceError("No source was named; name files or folders that hold articles.")
    for source in sources:
        _check_named(source)
    return _bounded(sources, on_note) if parser is None else _read(sources, parser, on_note)


def _bounded(
    sources: Sequence[Path], on_note: Callable[[Noted], None]
) -> Iterator[Article | Skipped | Renamed]:
    with closing(BoundedParser()) as parser:
        yield from _read(sources, parser, on_note)


def _check_named(source: Path) -> None:
    shown = printable(str(source))
    try:
        mode = source.stat().st_mode
        if stat.S_ISDIR(mode):
            os.scandir(source).close()
        elif stat.S_ISREG(mode):
            source.open("rb").close()
        else:
            raise SourceError(f'Source "{shown}" is neither a file nor a folder; name one of these.')
    except FileNotFoundError:
        raise SourceError(f'Source "{shown}" does not exist; name a file or folder that is there.') from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SourceError(f'Source "{shown}" cannot be read ({reason}); check its name and rights.') from None


def _read(
    sources: Sequence[Path], parser: Parser, on_note: Callable[[Noted], None]
) -> Iterator[Article | Skipped | Renamed]:
    ids = TakenIds()
    seen: dict[str, str] = {}
    for source in sources:
        for item in _files(source):
            if isinstance(item, Skipped):
                yield item
                continue
            path, relative = item
            origin = printable(relative.as_posix())
            real = os.path.realpath(path)
            if real in seen:
                yield Skipped(origin, f"already read as {seen[real]}; name each file once")
                continue
            seen[real] = origin
            notes = 0
            for found in _read_file(path, origin, parser):
                if isinstance(found, Noted):
                    notes += 1
                    if notes <= _MOST_NOTES:
                        _tell(found, on_note)
                elif isinstance(found, Skipped):
                    yield found
                else:
                    yield from _identified(found, relative, ids)
            if notes > _MOST_NOTES:
                _tell(Noted(origin, f"{notes - _MOST_NOTES:,} more remarks on it are left out"), on_note)


def _tell(note: Noted, on_note: Callable[[Noted], None]) -> None:
    _LOG.warning("%s: %s", note.origin, note.remark)
    on_note(note)


def _read_file(path: Path, origin: str, parser: Parser) -> Iterator[Draft | Skipped | Noted]:
    try:
        yield from parser.read(path, origin, _known_suffix(path))
    except Unreadable as reason:
        yield Skipped(origin, str(reason))
    except OSError as error:
        yield Skipped(origin, f"cannot be read: {error.strerror or type(error).__name__}")


def _known_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        kind = f"unknown type {printable(suffix)}" if suffix else "no suffix that tells its type"
        raise Unreadable(f"{kind}; known are {known}")
    if not stat.S_ISREG(path.stat().st_mode):
        raise Unreadable("neither a file nor a folder")
    return suffix


def _identified(draft: Draft, relative: PurePath, ids: TakenIds) -> Iterator[Article | Skipped | Renamed]:
    try:
        article_id, renamed = ids.claim(draft, relative)
    except Unreadable as reason:
        yield Skipped(draft.origin, str(reason))
        return
    yield from renamed
    yield Article(
        article_id=article_id,
        title=draft.title,
        text=draft.text,
        paragraphs=draft.paragraphs,
        url=draft.url,
        source=draft.source,
        authors=draft.authors,
        published_at=draft.published_at,
        published_at_inferred=draft.published_at_inferred,
        updated_at=draft.updated_at,
        origin=draft.origin,
        furniture=draft.furniture,
    )


def _files(source: Path) -> Iterator[tuple[Path, PurePath] | Skipped]:
    """Yield each file with its place inside `source`, and what cannot be walked.

    The walk keeps its own stack: folders may be nested deeper than Python calls can be. Links lead nowhere
    outside of `source`: whoever may put files there could have any other file of the machine published.
    """
    if not source.is_dir():
        yield source, PurePath(source.name)
        return
    waiting, inmost = [source], os.path.realpath(source)
    while waiting:
        path = waiting.pop()
        if not path.is_dir():
            if path.is_symlink() and not PurePath(os.path.realpath(path)).is_relative_to(inmost):
                place = printable(path.relative_to(source).as_posix())
                yield Skipped(place, "a link to a file outside of the folder; name that file as a source")
                continue
            yield path, path.relative_to(source)
            continue
        place = printable(path.relative_to(source).as_posix())
        if path is not source and path.is_symlink():
            yield Skipped(place, "a link to a folder; name that folder as a source")
            continue
        try:
            inside = sorted(path.iterdir(), reverse=True)
        except OSError as error:
            yield Skipped(place, f"the folder cannot be read: {error.strerror}")
            continue
        waiting += [entry for entry in inside if not entry.name.startswith(".")]
