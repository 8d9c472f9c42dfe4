"""Generations that come, go back and do not fit, while questions are asked."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from qa_service import generations
from qa_service.archive import LiveArchive, open_current
from qa_service.domain import Question
from qa_service.errors import GenerationMismatch, QAError
from tests.faults.reindex_processes import WEIGHTS, write_source
from tests.faults.rows import Result, Row
from tests.faults.temporary import temporary_folder
from tests.unit.index_building import BACKENDS, HashEncoder, build
from tests.unit.test_live_service import serving

_READERS = 4


def try_reader_during_swaps(quick: bool) -> Result:
    """Ask and search from several threads while generations of other articles are published and rolled back."""
    requests, least = (400, 2) if quick else (10_000, 30)
    with temporary_folder() as folder:
        data_dir = folder / "data"
        sources = [write_source(folder, label, 20) for label in ("alpha", "beta", "gamma")]
        labels = {build(data_dir, sources[0]).generation: "alpha"}
        live = LiveArchive(data_dir, BACKENDS, WEIGHTS, refresh_s=0.05)
        live.start(lambda archive: None)
        asking = _Asking(live, labels)
        asking.start()
        swaps = 0
        while asking.done < requests or swaps < least:
            source = sources[(swaps + 1) % 3]
            labels[build(data_dir, source, keep=2).generation] = source.stem
            if swaps % 3 == 2:
                generations.rollback(data_dir)
            swaps += 1
        asking.join()
        live.stop()
    held = not asking.failed and len(asking.seen) >= 2
    shown = f" ({asking.failed[0]})" if asking.failed else ""
    return Result(
        held,
        f"{asking.done:,} requests over {swaps} swaps and {len(asking.seen)} generations,"
        f" {len(asking.failed)} of mixed or wrong articles{shown}",
    )


class _Asking:
    """Threads that read an archive in every way a request does and note where parts do not belong together."""

    def __init__(self, live: LiveArchive, labels: dict[str | None, str]) -> None:
        self._live, self._labels = live, labels
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._query = HashEncoder().encode_query("Story")
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(_READERS)]
        self.failed: list[str] = []
        self.seen: dict[str, str] = {}
        self.done = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        wrong = [n for n, label in self.seen.items() if self._labels.get(n, label) != label]
        self.failed += [f"{name} answered of other articles" for name in wrong]

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                self._ask_once()
            except Exception as error:  # whatever a request would meet is a broken promise
                self.failed.append(f"{type(error).__name__}: {error}")
            with self._lock:
                self.done += 1

    def _ask_once(self) -> None:
        archive = self._live.current()
        rows = archive.vectors.search(self._query, 5).rows.tolist()
        rows += archive.lexical.search("story", 5).rows.tolist()
        found = {stored.passage.article_id.split("-")[0] for stored in archive.store.passages(rows)}
        found |= {summary.article_id.split("-")[0] for summary in archive.store.articles(50)}
        label = self.seen.setdefault(archive.info.generation, min(found))
        if found != {label} or len(rows) != 10:
            self.failed.append(f"{archive.info.generation} gave {sorted(found)}")


def try_rollback(quick: bool) -> Result:
    """Roll back under a running service, as far as it goes, then publish again."""
    with temporary_folder() as folder:
        data_dir = folder / "data"
        names = [str(build(data_dir, write_source(folder, label, 3), keep=3).generation) for label in "abc"]
        answered = []
        with serving(data_dir) as service:
            service._live._refresh_s = 0
            for _ in range(2):
                generations.rollback(data_dir)
                service._live.refresh()
                answered.append(service.ask(Question("Which story?")).index.generation)
            try:
                generations.rollback(data_dir)
                ended = "went on"
            except QAError as error:
                ended = error.code
            build(data_dir, folder / "c.jsonl", keep=3)
            service._live.refresh()
            forward = service.index().generation == generations.current_id(data_dir)
    held = answered == [names[1], names[0]] and ended == "generation_error" and forward
    return Result(
        held, f"back one by one: {answered == [names[1], names[0]]}, then {ended}, published again: {forward}"
    )


def try_older_schema(quick: bool) -> Result:
    """Meet an index of another schema version: the mend is named, a reindex mends it, nothing is lost."""
    return _refused_with_its_mend(_as_schema_0, HashEncoder(), "schema version")


def try_another_encoder(quick: bool) -> Result:
    """Meet an index of another encoder: the mend is named, a reindex mends it, nothing is lost."""
    return _refused_with_its_mend(
        lambda data_dir: None, HashEncoder("b" * 64), "Set QA_ENCODER back, or reindex"
    )


def _as_schema_0(data_dir: Path) -> None:
    """Make the current generation one of an earlier schema, as sound as that version left it."""
    old = data_dir / "generations" / generations.current_id(data_dir)
    manifest = json.loads((old / "manifest.json").read_bytes()) | {"schema_version": 0}
    stored = json.dumps(manifest, indent=1, sort_keys=True).encode()
    (old / "manifest.json").write_bytes(stored)
    new = old.with_name(f"{old.name[:-16]}{hashlib.sha256(stored).hexdigest()[:16]}")
    old.rename(new)
    generations.set_current(data_dir, new.name)


def _refused_with_its_mend(make_older: Callable[[Path], None], encoder: HashEncoder, mend: str) -> Result:
    with temporary_folder() as folder:
        data_dir, source = folder / "data", write_source(folder, "a", 3)
        build(data_dir, source)
        make_older(data_dir)
        old = generations.current_id(data_dir)
        try:
            open_current(data_dir, BACKENDS, encoder.weight_hash)
            said = "opened"
        except GenerationMismatch as error:
            said = str(error)
        began = time.perf_counter()
        report = build(data_dir, source, encoder=encoder)
        mended = open_current(data_dir, BACKENDS, encoder.weight_hash).info.generation == report.generation
        kept = old in generations.generation_ids(data_dir)
    held = mend in said and "reindex" in said and mended and kept
    return Result(
        held,
        f"refused with its mend: {mend in said}, mended in {time.perf_counter() - began:.1f} s, kept: {kept}",
    )


ROWS = [
    Row(
        "reader-during-swaps",
        "10,000 requests during swaps and rollbacks: each from exactly one generation",
        try_reader_during_swaps,
    ),
    Row(
        "rollback",
        "Rolling back goes one generation at a time, never forward, under a running service",
        try_rollback,
    ),
    Row(
        "older-schema",
        "An index of another schema version is refused with the mend, and kept",
        try_older_schema,
    ),
    Row(
        "another-encoder",
        "An index of another encoder is refused with the mend, and kept",
        try_another_encoder,
    ),
]
