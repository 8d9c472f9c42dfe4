"""What a reindex did: numbers for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_service.parsing import Noted, Skipped

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex did or, on a dry run, would do.

    Attributes:
        outcome: "published", "dry run" or "unchanged".
        generation: None unless one was published.
        encoded, reused: passages whose vectors were computed, and those that share one with an equal
            passage of this generation or the one before.
        resumed: those of the reused whose vectors an earlier run computed before it was cut off.
        undated, inferred_dates: articles without a date, and with one read off a hint.
        added, changed, renamed, removed, unchanged: articles, against the generation before; renamed is one
            whose title and text went on under another id.
        notes: what was guessed or replaced in files that were read.
        refused: why this would not be published, found on a dry run.
    """

    outcome: str
    generation: str | None
    articles: int
    paragraphs: int
    passages: int
    encoded: int
    reused: int
    resumed: int
    undated: int
    inferred_dates: int
    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    furniture_lines: int
    skipped: tuple[Skipped, ...]
    notes: tuple[Noted, ...]
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
            f" ({self.encoded:,} to encode, {self.reused:,} with a vector already{self._resumed()}).",
            f"{self.undated:,} without a date, {self.inferred_dates:,} with a date read off a caption;"
            f" {_counted(self.furniture_lines, 'line')} of site furniture left out.",
        ]
        if self.refused:
            lines.append(f"It would be refused: {self.refused}")
        if self.notes:
            lines.append(f"{_counted(len(self.notes), 'remark')} on what was read:")
            lines += [f"  {n.origin}: {n.remark}" for n in self.notes]
        if self.skipped:
            lines.append(f"{len(self.skipped):,} skipped:")
            lines += _by_reason(self.skipped)
        return "\n".join(lines)

    def _resumed(self) -> str:
        return f", {self.resumed:,} of them from a run that was cut off" if self.resumed else ""

    def json(self) -> str:
        """Return it for programs, every field by its name, and how often each reason for skipping was given."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["notes"] = [{"origin": n.origin, "remark": n.remark} for n in self.notes]
        most_first = sorted(_origins_by_reason(self.skipped).items(), key=lambda one: -len(one[1]))
        fields["skipped_reasons"] = [{"reason": reason, "files": len(named)} for reason, named in most_first]
        fields["skipped"] = [{"origin": s.origin, "reason": s.reason} for s in self.skipped]
        return json.dumps(fields, indent=1, ensure_ascii=False)


def _by_reason(skipped: Sequence[Skipped]) -> Iterator[str]:
    """Yield a line for each that was skipped; many for one reason, such as an unknown type, are counted in one."""
    for reason, named in _origins_by_reason(skipped).items():
        if len(named) <= _MOST_NAMED:
            yield from (f"  {origin}: {reason}" for origin in named)
        else:
            shown = ", ".join(named[:_MOST_NAMED])
            yield f"  {len(named):,} for one reason ({shown} and {len(named) - _MOST_NAMED:,} more): {reason}"


def _origins_by_reason(skipped: Sequence[Skipped]) -> dict[str, list[str]]:
    origins: dict[str, list[str]] = {}
    for one in skipped:
        origins.setdefault(one.reason, []).append(one.origin)
    return origins


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
