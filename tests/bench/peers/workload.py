"""What all engines get: the paragraphs of squad_open, questions on them, and one article changed."""

import gzip
import json
import random
from pathlib import Path


def write_workload(shared: Path, work: Path, questions: int) -> None:
    """Write documents.json, questions.json and changed.json into `work`; the same seed draws the same questions."""
    folder = shared / "data" / "squad_open"
    documents = []
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for article in map(json.loads, lines):
            documents += [
                {"id": f"{article['id']}#{number}", "text": text}
                for number, text in enumerate(article["text"].split("\n\n"))
            ]
    with gzip.open(folder / "questions_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    drawn = random.Random(3).sample(asked, min(questions, len(asked)))
    first = documents[0]["id"].rpartition("#")[0]
    changed = [
        {"id": d["id"], "text": f"Corrected. {d['text']}"}
        for d in documents
        if d["id"].rpartition("#")[0] == first
    ]
    contents = {
        "documents": documents,
        "questions": [
            {"question": q["question"], "gold": f"{q['article_id']}#{q['paragraph_index']}"} for q in drawn
        ],
        "changed": changed,
    }
    for name, content in contents.items():
        (work / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
