"""Haystack: BM25 and embeddings in its in-memory store, joined by reciprocal rank, kept as its JSON file."""

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.document_stores.types import DuplicatePolicy
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


class Engine:
    """One pipeline for questions, one embedder for documents."""

    def __init__(self, model: str, folder: Path) -> None:
        self._name = model
        self._store, self._pipeline = InMemoryDocumentStore(embedding_similarity_function="cosine"), None

    def build(self, documents: list[dict], folder: Path) -> None:
        self._write(documents)
        self._store.save_to_disk(str(folder / "store.json"))

    def open(self, folder: Path) -> None:
        self._store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
        pipeline = Pipeline()
        pipeline.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=self._name, progress_bar=False)
        )
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(document_store=self._store, top_k=50))
        pipeline.add_component("words", InMemoryBM25Retriever(document_store=self._store, top_k=50))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("embedder.embedding", "dense.query_embedding")
        pipeline.connect("dense", "joiner")
        pipeline.connect("words", "joiner")
        pipeline.warm_up()
        self._pipeline = pipeline

    def search(self, question: str, k: int) -> list[str]:
        found = self._pipeline.run({"embedder": {"text": question}, "words": {"query": question}})
        return [document.meta["own_id"] for document in found["joiner"]["documents"][:k]]

    def update(self, documents: list[dict], folder: Path) -> None:
        self._write(documents)
        self._store.save_to_disk(str(folder / "store.json"))

    def _write(self, documents: list[dict]) -> None:
        embedder = SentenceTransformersDocumentEmbedder(model=self._name, progress_bar=False)
        embedder.warm_up()
        made = [Document(id=d["id"], content=d["text"], meta={"own_id": d["id"]}) for d in documents]
        self._store.write_documents(embedder.run(made)["documents"], policy=DuplicatePolicy.OVERWRITE)
