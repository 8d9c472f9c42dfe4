"""Index generations on disk: written aside, verified, published in one step, opened, rolled back.

Layout of a data folder:

    writer.lock                 held by the one process that writes
    current                     id of the generation that answers
    generations/<id>/           manifest.json and the files that it names
    generations/.building-…/    a generation in the making; removed by the next writer

The id of a generation ends in the SHA-256 of its manifest and the manifest holds the SHA-256 of every
other file, so a generation is proved by its name alone, before any library parses a byte of it.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa_service.errors import GenerationDamaged, GenerationError, GenerationMismatch, IndexMissing, WriterBusy

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
CURRENT = "current"
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{16}")
_BUILDING = ".building-"
_REINDEX = "Run `qa-service reindex SOURCE…` to build a new generation"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of.

    Attributes:
        schema_version: of the whole folder format; readers refuse others.
        encoder: name, weight_hash and dimension of the model that made the vectors.
        files: relative path → {"sha256": hex, "size": bytes}, for every file but the manifest.
        parent: id of the generation that was current when this one was written.
    """

    schema_version: int
    built_at: str
    parent: str | None
    encoder: Mapping[str, Any]
    chunker: Mapping[str, Any]
    counts: Mapping[str, int]
    files: Mapping[str, Mapping[str, Any]]

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is stored and hashed."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Manifest":
        """Parse a manifest whose hash was checked.

        Raises:
            GenerationMismatch: written by another version of the service.
        """
        values = json.loads(stored)
        if values.get("schema_version") != SCHEMA_VERSION:
            raise GenerationMismatch(
                f"The index has schema version {values.get('schema_version')}, this service reads"
                f" {SCHEMA_VERSION}. {_REINDEX}."
            )
        return cls(**values)


def generation_id(manifest: Manifest) -> str:
    """Return the id that proves `manifest`: its time and the first 64 bits of its SHA-256."""
    when = datetime.fromisoformat(manifest.built_at).astimezone(UTC)
    return f"{when:%Y%m%dT%H%M%SZ}-{hashlib.sha256(manifest.to_bytes()).hexdigest()[:16]}"


def now_utc() -> str:
    """Return the present as an ISO 8601 time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def writer_lock(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for writing; the lock dies with its process.

    Raises:
        WriterBusy: another process writes.
        GenerationError: the folder cannot be written.
    """
    try:
        (data_dir / "generations").mkdir(parents=True, exist_ok=True)
        file = (data_dir / "writer.lock").open("a")
    except OSError as error:
        raise GenerationError(
            f"Cannot write to the data folder {data_dir}: {error.strerror}. Mend its permissions or set QA_DATA_DIR."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WriterBusy(f"Another reindex is writing to {data_dir}. Wait for it to end, then try again.") from None
        yield


@contextmanager
def building_folder(data_dir: Path) -> Iterator[Path]:
    """Give a new folder to build a generation in; it is gone afterwards unless it was published."""
    root = data_dir / "generations"
    for left in root.glob(f"{_BUILDING}*"):  # what a killed writer left; we hold the lock, so nobody uses it
        shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seal(folder: Path, *, parent: str | None, encoder: Mapping[str, Any], chunker: Mapping[str, Any],
         counts: Mapping[str, int]) -> Manifest:  # fmt: skip
    """Flush every file of `folder` to the disk, hash it and write the manifest."""
    files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        _fsync(path)
        files[path.relative_to(folder).as_posix()] = {"sha256": sha256(path), "size": path.stat().st_size}
    manifest = Manifest(SCHEMA_VERSION, now_utc(), parent, dict(encoder), dict(chunker), dict(counts), files)
    write_durably(folder / MANIFEST, manifest.to_bytes())
    for inner in sorted(p for p in folder.rglob("*") if p.is_dir()):
        _fsync(inner)
    _fsync(folder)
    return manifest


def publish(data_dir: Path, folder: Path, manifest: Manifest) -> str:
    """Make the sealed and verified `folder` the generation that answers; return its id.

    The rename and the replacement of `current` are each atomic, and the first is on the disk before
    the second begins: a crash in between leaves the old generation current and the new one whole.
    """
    name = generation_id(manifest)
    root = data_dir / "generations"
    folder.chmod(0o755)
    folder.rename(root / name)
    _fsync(root)
    set_current(data_dir, name)
    return name


def set_current(data_dir: Path, name: str) -> None:
    """Point `current` at a generation, atomically and durably."""
    aside = data_dir / f".{CURRENT}.tmp"
    write_durably(aside, f"{name}\n".encode())
    aside.replace(data_dir / CURRENT)
    _fsync(data_dir)


def current_id(data_dir: Path) -> str:
    """Return the id of the generation that is to answer.

    Raises:
        IndexMissing: nothing was published yet.
        GenerationDamaged: `current` does not hold an id.
    """
    try:
        name = (data_dir / CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        raise IndexMissing(f"There is no index in {data_dir}. {_REINDEX.replace('a new', 'the first')}.") from None
    except OSError as error:
        raise GenerationError(f"Cannot read {data_dir / CURRENT}: {error.strerror}. Mend its permissions.") from error
    if not _ID.fullmatch(name):
        raise GenerationDamaged(
            f"{data_dir / CURRENT} holds {name[:60]!r}, which is no generation. Run `qa-service generations rollback`."
        )
    return name


def generation_ids(data_dir: Path) -> list[str]:
    """Return the ids of all generations on disk, newest first."""
    root = data_dir / "generations"
    if not root.is_dir():
        return []
    return sorted((p.name for p in root.iterdir() if _ID.fullmatch(p.name)), reverse=True)


def verify(folder: Path) -> Manifest:
    """Check every byte of a generation against its name and manifest, without parsing anything else.

    Raises:
        GenerationDamaged: a file is missing, altered or surplus.
        GenerationMismatch: written by another version of the service.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        _verify_file(folder, name, expected)
    known = {MANIFEST, *manifest.files}
    surplus = sorted({p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()} - known)
    if surplus:
        raise _damaged(folder, f"{surplus[0]} does not belong to it")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Return a generation's manifest after checking it against the folder's name.

    Raises:
        GenerationDamaged, GenerationMismatch: as `verify`.
    """
    try:
        stored = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise _damaged(folder, f"{MANIFEST} cannot be read ({error.strerror})") from error
    if _ID.fullmatch(folder.name) and hashlib.sha256(stored).hexdigest()[:16] != folder.name[-16:]:
        raise _damaged(folder, f"{MANIFEST} has not the checksum that the folder's name gives")
    try:
        return Manifest.from_bytes(stored)
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder, f"{MANIFEST} cannot be understood") from error


def _verify_file(folder: Path, name: str, expected: Mapping[str, Any]) -> None:
    path = folder / name
    try:
        size, digest = path.stat().st_size, sha256(path)
    except OSError as error:
        raise _damaged(folder, f"{name} cannot be read ({error.strerror})") from error
    if size != expected["size"]:
        raise _damaged(folder, f"{name} has {size} bytes instead of {expected['size']}")
    if digest != expected["sha256"]:
        raise _damaged(folder, f"{name} has the SHA-256 {digest[:12]}… instead of {expected['sha256'][:12]}…")


def rollback(data_dir: Path) -> tuple[str, str]:
    """Make an earlier intact generation current, the current one's parent first; return (old id, new id).

    Raises:
        IndexMissing: there is no generation.
        GenerationError: no other intact generation is on disk.
    """
    with writer_lock(data_dir):
        try:
            now = current_id(data_dir)
        except GenerationDamaged:
            now = ""
        for name in _earlier(data_dir, now):
            try:
                verify(data_dir / "generations" / name)
            except GenerationError:
                continue
            set_current(data_dir, name)
            return now, name
        raise GenerationError(f"No intact generation beside {now or 'the damaged one'} is in {data_dir}. {_REINDEX}.")


def prune(data_dir: Path, keep: int) -> list[str]:
    """Remove generations beyond `keep`, never the current one and its parent last; return the removed ids.

    Call it with the writer lock held.
    """
    removed = _earlier(data_dir, current_id(data_dir))[max(0, keep - 1) :]
    for name in removed:
        shutil.rmtree(data_dir / "generations" / name)
    return removed


def _earlier(data_dir: Path, name: str) -> list[str]:
    """Return all ids but `name`: its parent first, for ids follow the clock and clocks can be wrong."""
    others = [other for other in generation_ids(data_dir) if other != name]
    try:
        parent = read_manifest(data_dir / "generations" / name).parent
    except GenerationError:
        parent = None
    return sorted(others, key=lambda other: other != parent)  # stable: the rest stay newest first


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(folder: Path, what: str) -> GenerationDamaged:
    return GenerationDamaged(
        f"Generation {folder.name} is damaged: {what}. It is kept as it is; run `qa-service generations rollback`"
        " for the one before, or reindex."
    )
