"""This project, through the functions that its command line calls."""

import json
from collections import defaultdict
from pathlib import Path

from qa_service import bootstrap
from qa_service.settings import Settings


class Engine:
    """Reindexes from JSON Lines; searches as `/api/v1/search` does. The models are the packaged ones."""

    def __init__(self, model: str, folder: Path) -> None:
        settings = Settings(data_dir=folder / "index")
        bootstrap.load_encoder(settings)  # made at first need, once for all indexes
        bootstrap.load_reader(settings)
        self._archive, self._retriever = None, None

    def build(self, documents: list[dict], folder: Path) -> None:
        self._reindex({d["id"]: d for d in documents}, folder)

    def open(self, folder: Path) -> None:
        settings = Settings(data_dir=folder / "index")
        encoder = bootstrap.load_encoder(settings)
        self._archive = bootstrap.open_archive(settings, encoder)
        self._retriever = bootstrap.build_retriever(settings, encoder)

    def search(self, question: str, k: int) -> list[str]:
        hits = self._retriever.retrieve(self._archive, question, limit=k).hits
        return [f"{hit.article.article_id}#{hit.paragraph.index}" for hit in hits]

    def update(self, documents: list[dict], folder: Path) -> None:
        stored = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
        self._reindex({d["id"]: d for d in [*stored, *documents]}, folder)

    def _reindex(self, documents: dict[str, dict], folder: Path) -> None:
        """Write the paragraphs back into articles, which is what the service takes, and reindex them."""
        articles = defaultdict(list)
        for document in documents.values():
            articles[document["id"].rpartition("#")[0]].append(document["text"])
        lines = [json.dumps({"id": i, "title": i, "text": "\n\n".join(t)}) for i, t in articles.items()]
        (folder / "articles.jsonl").write_text("\n".join(lines), encoding="utf-8")
        (folder / "documents.json").write_text(json.dumps(list(documents.values())), encoding="utf-8")
        bootstrap.run_reindex(
            Settings(data_dir=folder / "index"),
            [folder / "articles.jsonl"],
            full=False,
            dry_run=False,
            progress=lambda *_: None,
        )
