"""What stands at the top of the report: a summary in a sentence or two, and the figures that matter most."""

from dataclasses import dataclass

from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.wording import decimal, interval, percent


@dataclass(frozen=True, slots=True)
class Headline:
    """A tile: a figure, its name, and how sure it is."""

    label: str
    value: str
    range: str


_TILES = (
    ("cited", "a paragraph that proves it is cited", "answerable", "more"),
    ("cited_first", "the first cited paragraph proves it", "answerable", "more"),
    ("right", "answered rightly", "answerable", "more"),
    ("f1", "F1 of the short answer", "answerable", "more"),
    ("error", "of the answers given are wrong", "answers", "less"),
    ("unanswerable_refused", "unanswerable refused", "unanswerable", "more"),
    ("answerable_refused", "answerable refused", "answerable", "less"),
)


def headlines(evaluation: Evaluation) -> list[Headline]:
    """Return the tiles in the order of the read flow."""
    tiles = []
    for name, label, of, better in _TILES:
        one = evaluation.estimates[name]
        shown = decimal(one.value, 2) if name == "f1" else percent(one.value)
        sure = f"{interval(one)}, {one.n:,} {of}" if one.n else "none to count"
        tiles.append(Headline(label, shown, sure + ("; less is better" if better == "less" else "")))
    chance = f"{decimal(evaluation.measures['ece_by_chance'])} by chance alone; less is better"
    error = decimal(evaluation.measures["ece"])
    return [*tiles, Headline("gap of confidence and truth (ECE)", error, chance)]


def summary(evaluation: Evaluation) -> str:
    """Return what came out, for somebody who reads one sentence."""
    outcomes = evaluation.outcomes
    given, right = sum(o.answered for o in outcomes), sum(o.right for o in outcomes)
    refused = len(outcomes) - given
    text = f"Of {_counted(len(outcomes), 'question')} the service answered {given:,} and refused {refused:,}."
    if given:
        text += f" Of its answers {right:,} are right and {given - right:,} wrong."
    without = [o for o in outcomes if not o.answerable]
    if without:
        held = sum(not o.answered for o in without)
        text += f" The archive has no answer to {len(without):,}; {held:,} of those were refused."
    return text


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
