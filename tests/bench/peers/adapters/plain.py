"""Plain sentence-transformers with FAISS, as a tutorial would have it: exact search over vectors alone."""

import json
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer


class Engine:
    """Encodes with the library's defaults; keeps texts in a JSON file beside the index."""

    def __init__(self, model: str, folder: Path) -> None:
        self._model = SentenceTransformer(model)
        self._index, self._ids = None, []

    def build(self, documents: list[dict], folder: Path) -> None:
        vectors = self._model.encode([d["text"] for d in documents], normalize_embeddings=True)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        self._ids = [d["id"] for d in documents]
        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        (folder / "documents.json").write_text(json.dumps(documents), encoding="utf-8")

    def open(self, folder: Path) -> None:
        self._index = faiss.read_index(str(folder / "vectors.faiss"))
        stored = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
        self._ids = [d["id"] for d in stored]

    def search(self, question: str, k: int) -> list[str]:
        vector = self._model.encode([question], normalize_embeddings=True)
        return [self._ids[row] for row in self._index.search(vector, k)[1][0] if row >= 0]

    def update(self, documents: list[dict], folder: Path) -> None:
        """An exact index has no replacing: what changed is encoded, the rest is put together anew."""
        stored = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
        places = {d["id"]: row for row, d in enumerate(stored)}
        vectors = self._index.reconstruct_n(0, self._index.ntotal)
        fresh = self._model.encode([d["text"] for d in documents], normalize_embeddings=True)
        for vector, document in zip(fresh, documents, strict=True):
            vectors[places[document["id"]]] = vector
            stored[places[document["id"]]] = document
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        (folder / "documents.json").write_text(json.dumps(stored), encoding="utf-8")
