"""Tries token vectors in place of the encoder: `python -m tests.bench.static_encoder --shared ../shared`.

Every token of the vocabulary is encoded alone by the encoder that comes with the install, its vectors are brought to
fewer dimensions (PCA) and frequent tokens are weighted down (SIF); a text's vector is the mean of its tokens'.

Source: Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence embeddings", ICLR 2017, for the weights;
model2vec for encoding the vocabulary and for ranks in it in place of frequencies.
"""

import argparse
import gzip
import random
import resource
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding

from embeddings.encoder import SentenceTransformerEncoder, packaged_model
from embeddings.protocols import Encoder
from embeddings.reader_windows import load_tokenizer
from embeddings.training.examples import read_splits
from qa_service import bootstrap
from qa_service.archive import Archive
from qa_service.bootstrap import BACKENDS
from qa_service.chunking import ParagraphChunker
from qa_service.evaluation import evaluate
from qa_service.retrieval import Retriever
from qa_service.settings import Settings
from tests.bench.answers import gold_questions
from tests.bench.collection import Collection, load_squad

DIMENSION, SIF = 256, 1e-4
_CUTS = (1, 10, 50)
_TOGETHER = 1024
_Vectors = NDArray[np.float32]


class StaticEncoder:
    """An `Encoder` that adds up the vectors of tokens."""

    name, weight_hash, number_format = "static", "5" * 64, "float32"

    def __init__(self, tokens: _Vectors) -> None:
        tokenizer = load_tokenizer(packaged_model())
        self._model = SentenceTransformer(
            modules=[StaticEmbedding(tokenizer, embedding_weights=tokens)], device="cpu"
        )
        self.dimension = tokens.shape[1]

    def encode_query(self, text: str) -> _Vectors:
        return self.encode_documents([text])[0]

    def encode_documents(self, texts: Sequence[str]) -> _Vectors:
        return np.asarray(
            self._model.encode(
                list(texts), batch_size=256, normalize_embeddings=True, show_progress_bar=False
            ),
            dtype=np.float32,
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def main() -> None:
    """Distil, then print recall, answers and speed beside those of the encoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("-n", type=int, default=400, help="questions for the ranking")
    parser.add_argument("--read", type=int, default=200, help="questions for the reader")
    parser.add_argument("--timed", type=int, default=64, help="passages for the speed")
    parser.add_argument("--work", type=Path, help="folder whose index and token vectors are used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = given.work or Path(name)
        settings = Settings(data_dir=work / "index")
        encoder = bootstrap.load_encoder(settings)
        archive = _index(given.shared, work, settings, encoder)
        static = StaticEncoder(_kept(work / "tokens.npy", distilled))
        passages = list(archive.store.passage_texts())
        seen = [ParagraphChunker(title=settings.chunk_title).encoding_text(p.title, p.text) for p in passages]
        BACKENDS.vectors.build([static.encode_documents(seen)], static.dimension, work / "static.faiss")
        swapped = replace(archive, vectors=BACKENDS.vectors.load(work / "static.faiss"))
        collection = load_squad(given.shared)
        print("| encoder | alone R@1 | R@10 | R@50 | fused R@1 | R@10 | R@50 | read: R@1 | exact | F1 |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for one, index in ((encoder, archive), (static, swapped)):
            figures = [*_recall(collection, one, index, settings, given.n)]
            figures += _read(given.shared, work, one, index, settings, given.read)
            print(
                f"| {one.name}, {one.dimension} | " + " | ".join(f"{f:.3f}" for f in figures) + " |",
                flush=True,
            )
        _speed(encoder, static, seen, given.timed)


def distilled() -> _Vectors:
    """Return a vector for each token of the vocabulary, shape (tokens, DIMENSION)."""
    import torch

    model = SentenceTransformerEncoder()._model
    tokenizer = load_tokenizer(packaged_model())
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    blocks = []
    for start in range(0, tokenizer.get_vocab_size(), _TOGETHER):
        ids = torch.arange(start, min(start + _TOGETHER, tokenizer.get_vocab_size()))
        rows = torch.stack([torch.full_like(ids, first), ids, torch.full_like(ids, last)], dim=1)
        with torch.no_grad():
            found = model({"input_ids": rows, "attention_mask": torch.ones_like(rows)})
        blocks.append(found["sentence_embedding"].numpy())
    whole = np.concatenate(blocks).astype(np.float64)
    whole -= whole.mean(axis=0)
    _, axes = np.linalg.eigh(whole.T @ whole)
    ranks = np.arange(2, len(whole) + 2)  # the vocabulary stands in the order of frequency
    shares = (1 / ranks) / (1 / ranks).sum()
    weighted = (whole @ axes[:, ::-1][:, :DIMENSION]) * (SIF / (SIF + shares))[:, None]
    return weighted.astype(np.float32)


def _kept(path: Path, make: Callable[[], _Vectors]) -> _Vectors:
    if not path.exists():
        np.save(path, make(), allow_pickle=False)
    kept: _Vectors = np.load(path, allow_pickle=False)
    return kept


def _index(shared: Path, work: Path, settings: Settings, encoder: Encoder) -> Archive:
    work.mkdir(parents=True, exist_ok=True)
    source = work / "articles.jsonl"
    source.write_bytes(gzip.decompress((shared / "data" / "squad_open" / "articles.jsonl.gz").read_bytes()))
    bootstrap.run_reindex(settings, [source], full=False, dry_run=False, progress=lambda *_: None)
    return bootstrap.open_archive(settings, encoder)


def _recall(
    collection: Collection, encoder: Encoder, archive: Archive, settings: Settings, count: int
) -> list[float]:
    """Return the recall at each of `_CUTS`, by the vectors alone, then fused as the service does."""
    retriever = Retriever(encoder, settings.retrieval_depth)
    alone, fused = [], []
    for at in random.Random(3).sample(range(len(collection.questions)), count):
        question, gold = collection.questions[at], collection.gold[at]
        rows = archive.vectors.search(encoder.encode_query(question), max(_CUTS)).rows.tolist()
        found = archive.store.passages(rows)
        alone.append(_rank([(p.article.article_id, p.paragraph.ordinal) for p in found], gold))
        hits = retriever.retrieve(archive, question, limit=max(_CUTS)).hits
        fused.append(_rank([(h.article.article_id, h.paragraph.ordinal) for h in hits], gold))
    return [float((np.array(ranks) < cut).mean()) for ranks in (alone, fused) for cut in _CUTS]


def _rank(found: Sequence[tuple[str, int]], gold: frozenset[tuple[str, int]]) -> int:
    return next((rank for rank, one in enumerate(found) if one in gold), max(_CUTS))


def _read(
    shared: Path, work: Path, encoder: Encoder, archive: Archive, settings: Settings, count: int
) -> list[float]:
    """Return what the answers reach after the reader read the first paragraphs of that ranking."""
    data = shared / "data" / "squad_open"
    asked = gold_questions(data, read_splits()["test"], count, work / "gold.jsonl")
    answerer, _ = bootstrap.build_measured_answerer(settings, encoder)
    retriever = bootstrap.build_retriever(settings, encoder)
    figures = evaluate(
        [one for one in asked if one.answers], archive, retriever, answerer, threshold=0.0
    ).figures()
    return [float(figures[name] or 0.0) for name in ("cited_first", "exact_match", "f1")]


def _speed(encoder: Encoder, static: Encoder, texts: Sequence[str], count: int) -> None:
    """Print the CPU time of both on the same passages, in turns."""
    spent = {encoder.name: 0.0, static.name: 0.0}
    part = texts[:: max(1, len(texts) // count)][:count]
    for start in range(0, len(part), 16):
        for one in (encoder, static):
            began = _cpu_seconds()
            one.encode_documents(part[start : start + 16])
            spent[one.name] += _cpu_seconds() - began
    each = {name: 1000 * seconds / len(part) for name, seconds in spent.items()}
    print(
        "\n" + ", ".join(f"{name} {ms:.3f} ms of CPU a passage" for name, ms in each.items()),
        f"ratio {spent[encoder.name] / max(spent[static.name], 1e-9):.0f}",
        sep="; ",
    )


def _cpu_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
