"""Finds the families of a new generation and stores them beside its articles."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from qa_service.article_store import ArticleStore
from qa_service.families.alignment import align
from qa_service.families.candidates import candidate_pairs
from qa_service.families.grouping import group
from qa_service.families.opened import FOLDER, MEMBERS, TWINS, Family
from qa_service.families.resemblance import kinship, shingles
from qa_service.families.signatures import (
    KEYS,
    PLACES,
    SIGNATURES,
    KnownSignatures,
    is_signed,
    signer,
    text_key,
)
from qa_service.families.versions import Version, version
from qa_service.key_table import KEY_BYTES
from qa_service.progress import Progress

_KEPT = 32  # texts whose shingles are held at a time


def write_families(folder: Path, store: ArticleStore, previous: Path | None, progress: Progress) -> None:
    """Find the families of `store`'s articles and write them below `folder`.

    Equal articles give equal bytes, whatever the previous generation knew.

    Args:
        previous: folder of a generation whose signatures of unchanged texts are taken over.

    Raises:
        OSError: the disk refuses.
    """
    into = folder / FOLDER
    into.mkdir()
    versions, signed = _sign(into, store, previous / FOLDER if previous else None, progress)
    families = _families(
        store, versions, signed, np.load(into / SIGNATURES, mmap_mode="r", allow_pickle=False)
    )
    (into / MEMBERS).write_bytes(_json(families))
    np.save(into / TWINS, _twins(store, families), allow_pickle=False)


def _sign(
    into: Path, store: ArticleStore, known: Path | None, progress: Progress
) -> tuple[list[Version], NDArray[np.bool_]]:
    """Write the signature of each article, in the order of their numbers.

    Returns:
        The articles' versions, and which of them are long enough to be compared, shape (articles,).
    """
    total = store.counts()["articles"]
    signed = np.zeros(total, dtype=np.bool_)
    taken, sign, versions = KnownSignatures(known), None, []
    with (
        _rows_of(into / KEYS, (total, KEY_BYTES), np.uint8) as keys,
        _rows_of(into / SIGNATURES, (total, PLACES), np.uint32) as signatures,
    ):
        for row, body in enumerate(store.bodies()):
            key = text_key(body.text)
            signature = taken.find(key)
            if signature is None:
                sign = sign or signer()
                signature = sign(body.text)
            keys.write(key)
            signatures.write(signature.tobytes())
            signed[row] = is_signed(signature)
            versions.append(
                version(body.article_id, body.published_at, body.updated_at, body.corrections, len(body.text))
            )
            progress("comparing", row + 1, total)
    return versions, signed


@contextmanager
def _rows_of(path: Path, shape: tuple[int, int], kind: type[np.generic]) -> Iterator[IO[bytes]]:
    """Give a .npy file to which the rows of an array are written, so that it need never be in memory whole."""
    with path.open("wb") as file:
        head = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, head)
        yield file


def _families(
    store: ArticleStore,
    versions: Sequence[Version],
    signed: NDArray[np.bool_],
    signatures: NDArray[np.uint32],
) -> list[Family]:
    by_age = sorted(range(len(versions)), key=lambda row: versions[row].article_id)
    by_age.sort(key=lambda row: versions[row].order, reverse=True)
    ordered = np.array(by_age, dtype=np.int64)
    ordered = ordered[signed[ordered]]

    @lru_cache(maxsize=_KEPT)
    def shingles_at(place: int) -> frozenset[str]:
        return shingles(store.body(versions[ordered[place]].article_id))

    pairs = candidate_pairs(signatures, ordered)
    found = group(pairs.tolist(), lambda one, other: kinship(shingles_at(one), shingles_at(other)))
    return [_family([versions[ordered[place]] for place in members]) for members in found]


def _family(members: Sequence[Version]) -> Family:
    newest, *others = members
    return Family(tuple(one.article_id for one in members), all(newest.is_newer(one) for one in others))


def _json(families: Sequence[Family]) -> bytes:
    stored = [{"article_ids": f.article_ids, "newest_known": f.newest_known} for f in families]
    return (json.dumps(stored, ensure_ascii=False, indent=1) + "\n").encode()


def _twins(store: ArticleStore, families: Sequence[Family]) -> NDArray[np.int32]:
    """Return the passages whose paragraph stands in several versions; see `Families.twins`."""
    found: list[tuple[int, int, int]] = []
    groups = 0
    for family in families:
        paragraphs = [store.paragraph_rows(article_id) for article_id in family.article_ids]
        aligned = align([text for text, _ in one] for one in paragraphs)
        times = np.bincount([number for one in aligned for number in one]) if any(aligned) else np.zeros(0)
        renumbered = {int(number): groups + i for i, number in enumerate(np.flatnonzero(times > 1))}
        for place, (one, numbers) in enumerate(zip(paragraphs, aligned, strict=True)):
            for (_, rows), number in zip(one, numbers, strict=True):
                if number in renumbered:
                    found += [(row, renumbered[number], place) for row in rows]
        groups += len(renumbered)
    return np.array(sorted(found), dtype=np.int32).reshape(-1, 3).T.copy()
