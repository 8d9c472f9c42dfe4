"""Small sources, and an encoder, to build real generations from within milliseconds."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.vector_index import FaissVectorIndexBackend
from qa_service.archive import Backends
from qa_service.chunking import ParagraphChunker
from qa_service.indexing import ReindexReport, reindex

BACKENDS = Backends(FaissVectorIndexBackend(), Bm25LexicalIndexBackend())


class HashEncoder:
    """An `Encoder` whose vectors follow from the text's hash; remembers what it encoded."""

    name = "hash-8"
    dimension = 8
    number_format = "float32"

    def __init__(self, weight_hash: str = "a" * 64, delay_s: float = 0.0) -> None:
        self.weight_hash, self.delay_s = weight_hash, delay_s
        self.encoded: list[str] = []

    def encode_query(self, text: str) -> NDArray[np.float32]:
        digest = hashlib.sha256((self.weight_hash + text).encode()).digest()
        vector = np.frombuffer(digest, dtype=np.int32).astype(np.float32)
        return vector / np.float32(np.linalg.norm(vector))

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(self.delay_s)
        self.encoded.extend(texts)
        return np.stack([self.encode_query(text) for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def write_articles(path: Path, articles: Mapping[str, str], **fields: object) -> Path:
    """Write a JSON Lines source: article id → text, each with `fields`."""
    lines = [
        json.dumps({"id": i, "title": f"Title of {i}", "text": t, **fields}) for i, t in articles.items()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def build(
    data_dir: Path, *sources: Path, encoder: HashEncoder | None = None, **options: Any
) -> ReindexReport:
    """Reindex `sources` into `data_dir`."""
    return reindex(
        sources,
        data_dir,
        encoder=encoder or HashEncoder(),
        chunker=ParagraphChunker(title=True),
        backends=BACKENDS,
        **options,
    )


def bytes_under(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` by its relative path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
