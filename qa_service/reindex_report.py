"""What a reindex did: numbers for people and for programs."""

import json
from dataclasses import dataclass

from qa_service.parsing import Skipped


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex did or, on a dry run, would do.

    Attributes:
        outcome: "published", "dry run" or "unchanged".
        generation: None unless one was published.
        encoded, reused: passages whose vectors were computed, and those that share one with an equal
            passage of this generation or the one before.
        undated, inferred_dates: articles without a date, and with one read off a hint.
        added, changed, renamed, removed, unchanged: articles, against the generation before; renamed is one
            whose title and text went on under another id.
        refused: why this would not be published, found on a dry run.
    """

    outcome: str
    generation: str | None
    articles: int
    paragraphs: int
    passages: int
    encoded: int
    reused: int
    undated: int
    inferred_dates: int
    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    furniture_lines: int
    skipped: tuple[Skipped, ...]
    refused: str | None
    seconds: float

    def text(self) -> str:
        """Return it for people."""
        published = f"Published generation {self.generation}"
        idle = {"dry run": "Dry run, nothing published", "unchanged": "Nothing changed, nothing published"}
        head = idle.get(self.outcome, published)
        lines = [
            f"{head} in {self.seconds:.1f} s.",
            f"{_counted(self.articles, 'article')} ({self.added:,} new, {self.changed:,} changed,"
            f" {self.renamed:,} renamed, {self.removed:,} removed, {self.unchanged:,} unchanged),"
            f" {_counted(self.paragraphs, 'paragraph')}, {_counted(self.passages, 'passage')}"
            f" ({self.encoded:,} to encode, {self.reused:,} with a vector already).",
            f"{self.undated:,} without a date, {self.inferred_dates:,} with a date read off a caption;"
            f" {_counted(self.furniture_lines, 'line')} of site furniture left out.",
        ]
        if self.refused:
            lines.append(f"It would be refused: {self.refused}")
        if self.skipped:
            lines.append(f"{len(self.skipped):,} skipped:")
            lines += [f"  {s.origin}: {s.reason}" for s in self.skipped]
        return "\n".join(lines)

    def json(self) -> str:
        """Return it for programs, every field by its name."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["skipped"] = [{"origin": s.origin, "reason": s.reason} for s in self.skipped]
        return json.dumps(fields, indent=1, ensure_ascii=False)


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
