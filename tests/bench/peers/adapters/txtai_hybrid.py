"""txtai: its hybrid index (vectors and BM25) with the texts stored, as its documentation sets it up."""

from pathlib import Path

from txtai import Embeddings


class Engine:
    """One `Embeddings` database, saved as a folder."""

    def __init__(self, model: str, folder: Path) -> None:
        self._index = Embeddings(path=model, hybrid=True, content=True)

    def build(self, documents: list[dict], folder: Path) -> None:
        self._index.index((d["id"], d["text"], None) for d in documents)
        self._index.save(str(folder / "index"))

    def open(self, folder: Path) -> None:
        self._index.load(str(folder / "index"))

    def search(self, question: str, k: int) -> list[str]:
        return [found["id"] for found in self._index.search(question, k)]

    def update(self, documents: list[dict], folder: Path) -> None:
        self._index.upsert((d["id"], d["text"], None) for d in documents)
        self._index.save(str(folder / "index"))
