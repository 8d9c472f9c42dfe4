"""Index generations on disk: written aside, verified, published in one step, opened, rolled back.

Layout of a data folder:

    writer.lock                 held by the one process that writes
    current                     id of the generation that answers
    generations/<id>/           manifest.json and the files that it names
    generations/.building-…/    a generation in the making; a killed writer's is removed by the next
    generations/.removing-…/    a generation past its time, on its way out; likewise
    quarantine/<id>/            a generation whose bytes changed; people decide what becomes of it
    unfinished.vectors          what an interrupted reindex had encoded; the next one goes on from it

The id of a generation ends in the SHA-256 of its manifest and the manifest holds the SHA-256 of every
other file, so a generation is proved by its name alone, before any library parses a byte of it.
"""

import hashlib
import logging
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa_service.durable_files import fsync, sha256, write_durably
from qa_service.errors import GenerationDamaged, GenerationError, GenerationMismatch, IndexMissing
from qa_service.manifest import SCHEMA_VERSION, Manifest, generation_id
from qa_service.quarantine import FOLDER as QUARANTINE
from qa_service.quarantine import quarantine
from qa_service.writer_lock import unwritable, writer_lock

MANIFEST = "manifest.json"
CURRENT = "current"
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{16}")
_BUILDING, _REMOVING = ".building-", ".removing-"
_REINDEX = "Run `qa-service reindex SOURCE…` to build a new generation"

_log = logging.getLogger(__name__)


@contextmanager
def building_folder(data_dir: Path) -> Iterator[Path]:
    """Give a new folder to build a generation in; it is gone afterwards unless it was published.

    Call it with the writer lock held.

    Raises:
        GenerationError: the data folder cannot be written.
    """
    root = data_dir / "generations"
    folder = root / f"{_BUILDING}{secrets.token_hex(4)}"
    try:
        for prefix in (_BUILDING, _REMOVING):
            for left in root.glob(f"{prefix}*"):  # a killed writer's: we hold the lock, so nobody uses it
                shutil.rmtree(left)
        folder.mkdir()
    except OSError as error:
        raise unwritable(data_dir, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seal(folder: Path, *, parent: str | None, encoder: Mapping[str, Any], chunker: Mapping[str, Any],
         counts: Mapping[str, int]) -> Manifest:  # fmt: skip
    """Flush every file of `folder` to the disk, hash it and write the manifest."""
    files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        fsync(path)
        files[path.relative_to(folder).as_posix()] = {"sha256": sha256(path), "size": path.stat().st_size}
    built_at = datetime.now(UTC).isoformat(timespec="microseconds")
    manifest = Manifest(SCHEMA_VERSION, built_at, parent, dict(encoder), dict(chunker), dict(counts), files)
    write_durably(folder / MANIFEST, manifest.to_bytes())
    for inner in sorted(p for p in folder.rglob("*") if p.is_dir()):
        fsync(inner)
    fsync(folder)
    return manifest


def publish(data_dir: Path, folder: Path, manifest: Manifest) -> str:
    """Make the sealed and verified `folder` the generation that answers; return its id.

    The rename and the replacement of `current` are each atomic, and the first is on the disk before
    the second begins: a crash in between leaves the old generation current and the new one whole.

    Raises:
        GenerationDamaged: the manifest on the disk is not `manifest`.
        OSError: the disk refuses; the old generation stays current.
    """
    name = generation_id(manifest)
    root = data_dir / "generations"
    if (folder / MANIFEST).read_bytes() != manifest.to_bytes():
        raise _damaged(folder, f"{MANIFEST} reads otherwise than it was written")
    folder.rename(root / name)
    fsync(root)
    set_current(data_dir, name)
    return name


def set_current(data_dir: Path, name: str) -> None:
    """Point `current` at a generation, atomically and durably."""
    aside = data_dir / f".{CURRENT}.tmp"
    write_durably(aside, f"{name}\n".encode())
    aside.replace(data_dir / CURRENT)
    fsync(data_dir)


def current_id(data_dir: Path) -> str:
    """Return the id of the generation that is to answer.

    Raises:
        IndexMissing: nothing was published yet.
        GenerationDamaged: `current` does not hold an id, or is missing beside generations: it was
            removed, or the very first publish was cut off after its first step.
        GenerationError: `current` cannot be read.
    """
    try:
        name = (data_dir / CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        if generation_ids(data_dir):
            raise GenerationDamaged(
                f"{data_dir / CURRENT} is missing, though there are generations."
                " Run `qa-service generations rollback` to take the newest."
            ) from None
        raise IndexMissing(
            f"There is no index in {data_dir}. Run `qa-service reindex SOURCE…` to build the first generation."
        ) from None
    except OSError as error:
        raise _unreadable(data_dir / CURRENT, error) from error
    if not _ID.fullmatch(name):
        raise GenerationDamaged(
            f"{data_dir / CURRENT} holds {name[:60]!r}, which is no generation. Run `qa-service generations rollback`."
        )
    return name


def generation_ids(data_dir: Path) -> list[str]:
    """Return the ids of all generations on disk, newest first.

    Raises:
        GenerationError: the data folder cannot be read.
    """
    try:
        return sorted(
            (p.name for p in (data_dir / "generations").iterdir() if _ID.fullmatch(p.name)), reverse=True
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(data_dir / "generations", error) from error


def verify(folder: Path) -> Manifest:
    """Check every byte of a generation against its name and manifest, without parsing anything else.

    Raises:
        GenerationDamaged: a file is missing, altered or surplus.
        GenerationMismatch: written by another version of the service.
    """
    manifest = read_manifest(folder)
    known = {folder / MANIFEST}
    for name, expected in manifest.files.items():
        _verify_file(folder, name, expected)
        known.add(folder / name)
    folders = {parent for path in known for parent in path.parents}
    surplus = sorted(p for p in folder.rglob("*") if p not in known and (p not in folders or p.is_symlink()))
    if surplus:
        raise _damaged(folder, f"{surplus[0].relative_to(folder)} does not belong to it")
    return manifest


def is_set_aside(data_dir: Path, name: str) -> bool:
    """Return whether a generation was found damaged and lies in quarantine."""
    return (data_dir / QUARANTINE / name).exists() and not (data_dir / "generations" / name).exists()


def read_manifest(folder: Path) -> Manifest:
    """Return a generation's manifest after checking it against the folder's name.

    Raises:
        GenerationDamaged, GenerationMismatch: as `verify`.
    """
    try:
        stored = (folder / MANIFEST).read_bytes()
    except OSError as error:
        if is_set_aside(folder.parent.parent, folder.name):
            raise GenerationDamaged(
                f"Generation {folder.name} was damaged and is kept in {QUARANTINE}/. Run `qa-service generations"
                " rollback` for the one before, or reindex."
            ) from error
        raise _damaged(folder, f"{MANIFEST} cannot be read ({error.strerror})") from error
    published = not folder.name.startswith(_BUILDING)
    if published and hashlib.sha256(stored).hexdigest()[:16] != folder.name[-16:]:
        raise _damaged(folder, f"{MANIFEST} has not the checksum that the folder's name gives")
    try:
        manifest = Manifest.from_bytes(stored)
        name = generation_id(manifest)
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder, f"{MANIFEST} cannot be understood") from error
    if published and name != folder.name:
        raise _damaged(folder, f"its name is {name}")
    return manifest


def _verify_file(folder: Path, name: str, expected: Mapping[str, Any]) -> None:
    path = folder / name
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):  # a link's target can change, a pipe never ends
            raise _damaged(folder, f"{name} is no regular file")
        if found.st_size != expected["size"]:
            raise _damaged(folder, f"{name} has {found.st_size} bytes instead of {expected['size']}")
        digest = sha256(path)
    except OSError as error:
        raise _damaged(folder, f"{name} cannot be read ({error.strerror})") from error
    if digest != expected["sha256"]:
        raise _damaged(folder, f"{name} has the SHA-256 {digest[:12]}… instead of {expected['sha256'][:12]}…")


def rollback(data_dir: Path) -> tuple[str, str]:
    """Make the nearest earlier generation that is intact current; return (old id, new id).

    When the current one is damaged itself, any intact generation will do.

    Raises:
        IndexMissing: there is no generation.
        GenerationError: no such generation is on disk.
    """
    if not (data_dir / "generations").exists():
        current_id(data_dir)  # where there is no index, none of its folders is made
    with writer_lock(data_dir):
        try:
            now = current_id(data_dir)
        except GenerationDamaged:
            now = ""
        for name in lineage(data_dir, now, later=not _is_intact(data_dir, now)):
            if _is_intact(data_dir, name):
                try:
                    set_current(data_dir, name)
                except OSError as error:
                    raise unwritable(data_dir, error) from error
                return now, name
        raise GenerationError(
            f"No intact generation before {now or 'the damaged one'} is in {data_dir}. {_REINDEX}."
        )


def lineage(data_dir: Path, name: str, *, later: bool = True) -> list[str]:
    """Return the other generations on disk in the order in which they can stand in for `name`.

    Parents come first, for ids follow the clock and clocks can be wrong; then the rest, newest first.

    Args:
        later: also those that descend from `name` or, being of another line, have a later id.
    """
    others = [other for other in generation_ids(data_dir) if other != name]
    ancestors = [other for other in _ancestors(data_dir, name) if other in others]
    rest = [other for other in others if other not in ancestors]
    if not later:
        rest = [other for other in rest if other < name and name not in _ancestors(data_dir, other)]
    return ancestors + rest


def _ancestors(data_dir: Path, name: str) -> list[str]:
    """Return the ids of a generation's parent, its parent's parent and so on, as far as manifests tell."""
    found: list[str] = []
    parent = _parent(data_dir, name)
    while parent is not None and parent not in found:
        found.append(parent)
        parent = _parent(data_dir, parent)
    return found


def prune(data_dir: Path, keep: int) -> list[str]:
    """Remove all generations but the current one and the `keep - 1` next to it; return the removed ids.

    A damaged generation is not counted and goes to quarantine: people decide on it. Call it with the
    writer lock held.
    """
    root, kept, removed = data_dir / "generations", 1, []
    for name in lineage(data_dir, current_id(data_dir)):
        try:
            verify(root / name)
        except GenerationDamaged as error:
            _log.warning("%s", error)
            quarantine(data_dir, name, error)
            continue
        except GenerationMismatch:
            pass  # whole, and of use to the version that wrote it
        if kept < keep:
            kept += 1
            continue
        # Out of sight in one step: a writer killed while it removes leaves no half generation behind.
        (root / name).rename(root / f"{_REMOVING}{name}")
        shutil.rmtree(root / f"{_REMOVING}{name}")
        removed.append(name)
    return removed


def _is_intact(data_dir: Path, name: str) -> bool:
    try:
        verify(data_dir / "generations" / name)
    except GenerationError:
        return False
    return True


def _parent(data_dir: Path, name: str) -> str | None:
    for place in ("generations", QUARANTINE):
        try:
            return read_manifest(data_dir / place / name).parent
        except GenerationError:
            continue
    return None


def _unreadable(path: Path, error: OSError) -> GenerationError:
    return GenerationError(f"Cannot read {path}: {error.strerror}. Mend its permissions or set QA_DATA_DIR.")


def _damaged(folder: Path, what: str) -> GenerationDamaged:
    return GenerationDamaged(
        f"Generation {folder.name} is damaged: {what}. It is kept; run `qa-service generations rollback`"
        " for the one before, or reindex."
    )
