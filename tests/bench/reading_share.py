"""Measures reading against encoding, by format: `python -m tests.bench.reading_share --shared ../shared`."""

import argparse
import gzip
import json
import resource
import tempfile
from contextlib import closing
from pathlib import Path
from textwrap import wrap

from embeddings.protocols import Encoder
from qa_service.article_store import ArticleStoreWriter
from qa_service.bootstrap import load_encoder
from qa_service.chunking import ParagraphChunker
from qa_service.domain import Article
from qa_service.parsing import read_sources
from qa_service.settings import Settings
from tests.unit.pdf_writing import column, write_pdf

_LINE_CHARS, _PAGE_LINES, _TOP = 90, 60, 800


def main() -> None:
    """Print, for each format, what reading and encoding a passage cost and what overlapping them could save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, help="keeps the exported model between runs")
    parser.add_argument("--files", type=int, default=90, help="files of each format that are read")
    parser.add_argument("--encoded", type=int, default=96, help="passages of each format that are encoded")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        folder = Path(name)
        encoder = load_encoder(Settings.from_env(data_dir=given.data_dir or folder / "data"))
        print(f"{encoder.name}, {encoder.number_format}; CPU time, all processes and threads\n")
        print(
            "| format | passages | reading, ms each | encoding, ms each | reading's share | overlap saves at most |"
        )
        print("|---|---|---|---|---|---|")
        for form, write in (("plain text", _texts), ("HTML", _pages), ("PDF", _pdfs)):
            source = folder / form
            source.mkdir()
            write(given.shared / "data", source, given.files)
            _measure(form, source, folder / f"{form}.sqlite", encoder, given.encoded)


def _measure(form: str, source: Path, store: Path, encoder: Encoder, encoded: int) -> None:
    chunker, texts = ParagraphChunker(title=True), []
    began = _cpu_seconds()
    with closing(ArticleStoreWriter(store)) as writer:
        for item in read_sources([source]):
            if isinstance(item, Article):
                passages = chunker.chunk(item)
                writer.add(item, passages, [b"0" * 16] * len(passages))
                texts += [chunker.encoding_text(item.title, p.text) for p in passages]
    reading = (_cpu_seconds() - began) / len(texts)
    sample = texts[:: max(1, len(texts) // encoded)][:encoded]
    encoder.encode_documents(sample[:8])
    began = _cpu_seconds()
    encoder.encode_documents(sample)
    encoding = (_cpu_seconds() - began) / len(sample)
    # Two cores: one reads, then both encode, against both busy all along.
    saved = reading / (2 * reading + encoding)
    print(
        f"| {form} | {len(texts):,} | {1000 * reading:.2f} | {1000 * encoding:.1f} |"
        f" {reading / (reading + encoding):.1%} | {saved:.1%} |",
        flush=True,
    )


def _cpu_seconds() -> float:
    """Return what this process and those that it ended took, in seconds of CPU."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _squad(data: Path, files: int) -> list[dict[str, str]]:
    packed = (data / "squad_open" / "articles.jsonl.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return [json.loads(line) for line in lines[:files]]


def _texts(data: Path, into: Path, files: int) -> None:
    for article in _squad(data, files):
        (into / f"{article['id']}.txt").write_text(f"{article['title']}\n\n{article['text']}\n", "utf-8")


def _pages(data: Path, into: Path, files: int) -> None:
    for packed in sorted((data / "html_articles" / "html").glob("*.gz"))[:files]:
        (into / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))


def _pdfs(data: Path, into: Path, files: int) -> None:
    for article in _squad(data, files):
        text = article["text"].encode("cp1252", "replace").decode("cp1252")
        for mark in "\\()":
            text = text.replace(mark, " ")
        lines = [
            line
            for paragraph in text.split("\n\n")
            for line in (*wrap(f"  {paragraph}", _LINE_CHARS, drop_whitespace=True), "")
        ]
        pages = [
            column(50, _TOP, lines[start : start + _PAGE_LINES], pitch=12)
            for start in range(0, len(lines), _PAGE_LINES)
        ]
        (into / f"{article['id']}.pdf").write_bytes(write_pdf(pages))


if __name__ == "__main__":
    main()
