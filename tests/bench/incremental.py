"""Measures one changed article among many against a full run: `python -m tests.bench.incremental --articles 10000`."""

import argparse
import random
import tempfile
import time
from pathlib import Path

from embeddings.encoder import SentenceTransformerEncoder
from qa_service.bootstrap import sample_folder
from tests.unit.index_building import HashEncoder, build, write_articles

_PARAGRAPHS, _WORDS = 5, 40
_SAMPLE = 96


def main() -> None:
    """Print the share of time and of encoder work that a reindex after one change takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument(
        "--threads", type=int, default=0, help="of the real encoder; 0 takes one for each core"
    )
    given = parser.parse_args()
    chance, words = random.Random(5), _sample_words()
    articles = {f"a{n}": _text(chance, words) for n in range(given.articles)}
    # All but the encoder runs as it is. The encoder is timed on a sample, before and after, in this very run:
    # encoding 50,000 passages twice would take an hour and say the same.
    encoder = SentenceTransformerEncoder(threads=given.threads)
    sample = [paragraph for text in list(articles.values())[:_SAMPLE] for paragraph in text.split("\n\n")][
        :_SAMPLE
    ]
    a_passage = _seconds_a_passage(encoder, sample)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        folder = Path(name)
        source = write_articles(folder / "articles.jsonl", articles)
        full, full_encoder = _timed(folder / "data", source)
        articles[f"a{given.articles // 2}"] = _text(chance, words)
        one, one_encoder = _timed(folder / "data", write_articles(source, articles))
    a_passage = (a_passage + _seconds_a_passage(encoder, sample)) / 2
    whole = full + len(full_encoder.encoded) * a_passage
    changed = one + len(one_encoder.encoded) * a_passage
    print(
        f"{given.articles:,} articles, {len(full_encoder.encoded):,} passages; {1000 * a_passage:.1f} ms to encode one"
    )
    print(f"full run: {full:.1f} s and {len(full_encoder.encoded):,} passages encoded, {whole:.0f} s in all")
    print(
        f"one changed: {one:.1f} s and {len(one_encoder.encoded):,} passages encoded, {changed:.1f} s in all"
    )
    print(f"share of time {changed / whole:.2%}, of encoder work {_share(one_encoder, full_encoder):.3%}")


def _timed(data_dir: Path, source: Path) -> tuple[float, HashEncoder]:
    encoder = HashEncoder()
    began = time.perf_counter()
    build(data_dir, source, encoder=encoder)
    return time.perf_counter() - began, encoder


def _seconds_a_passage(encoder: SentenceTransformerEncoder, sample: list[str]) -> float:
    encoder.encode_documents(sample[:8])
    began = time.perf_counter()
    encoder.encode_documents(sample)
    return (time.perf_counter() - began) / len(sample)


def _share(part: HashEncoder, whole: HashEncoder) -> float:
    return len(part.encoded) / len(whole.encoded)


def _sample_words() -> list[str]:
    """Return the words of the sample articles in their order, so that the encoder sees the tokens of real text."""
    return [word for path in sorted(sample_folder().rglob("*.*")) for word in path.read_text("utf-8").split()]


def _text(chance: random.Random, words: list[str]) -> str:
    return "\n\n".join(" ".join(chance.choices(words, k=_WORDS)) for _ in range(_PARAGRAPHS))


if __name__ == "__main__":
    main()
