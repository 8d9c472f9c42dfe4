"""Measures how many versions of a story are found, and what it costs: `python -m tests.bench.families`."""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

from qa_service.domain import Article
from qa_service.families.resemblance import jaccard, shingles
from tests.unit.family_cases import (
    Pairs,
    encyclopedia,
    find_families,
    near_duplicates,
    pairs_of,
    plain_article,
    read,
)

SAMPLES = Path(__file__).resolve().parents[2] / "qa_service" / "samples" / "articles"
COST = (1_000, 4_000)


def main() -> None:
    """Print a table for each question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    with tempfile.TemporaryDirectory() as folder:
        news = [plain_article(name, body) for name, body in sorted(_news(shared).items()) if shingles(body)]
        _similarities(shared, Path(folder), news)
        _recall(Path(folder), news)
        _cost(Path(folder), near_duplicates(shared)[0])


def _news(shared: Path) -> dict[str, str]:
    truth = json.loads((shared / "data" / "html_articles" / "ground_truth.json").read_text(encoding="utf-8"))
    return {name: page["articleBody"] for name, page in truth.items()}


def _similarities(shared: Path, folder: Path, news: Sequence[Article]) -> None:
    articles, true = near_duplicates(shared)
    sets: list[tuple[str, Sequence[Article], Pairs]] = [
        ("near_duplicates", articles, true),
        ("seed", read(shared / "seed" / "articles.txt"), set()),
        ("samples", read(SAMPLES), set()),
        ("squad_open", encyclopedia(shared, folder / "wiki"), set()),
        ("html_articles, true bodies", news, set()),
    ]
    print("| articles | | distinct: most alike, contained | versions: least alike | true | found | false |")
    print("|---|---|---|---|---|---|---|")
    for name, given, pairs in sets:
        held = {one.article_id: shingles(one.text) for one in given}
        distinct, versions = [(0.0, 0.0)], [1.0]
        for one, other in combinations(sorted(held), 2):
            shared_share = jaccard(held[one], held[other])
            if (one, other) in pairs:
                versions.append(shared_share)
            else:
                least = min(len(held[one]), len(held[other])) or 1
                distinct.append((shared_share, len(held[one] & held[other]) / least))
        found = pairs_of(find_families(folder / name, given))
        highest, contained = max(d[0] for d in distinct), max(d[1] for d in distinct)
        lowest = f"{min(versions):.3f}" if pairs else ""
        print(
            f"| {name} | {len(given)} | {highest:.3f}, {contained:.3f} | {lowest} | {len(pairs)}"
            f" | {len(found & pairs)} | {len(found - pairs)} |"
        )


def _recall(folder: Path, news: Sequence[Article]) -> None:
    """Make a version of each news article in a known way, and count those that are found beside their original."""
    print("\n| version made by | found | false |\n|---|---|---|")
    for number, (what, change) in enumerate(CHANGES.items()):
        chance = random.Random(number)
        others = [one.text.split() for one in news]
        made = [
            plain_article(f"{one.article_id} changed", change(one.text.split(), others[at - 1], chance))
            for at, one in enumerate(news)
        ]
        true = {(one.article_id, f"{one.article_id} changed") for one in news}
        found = pairs_of(find_families(folder / f"change-{number}", [*news, *made]))
        print(f"| {what} | {len(found & true)} of {len(true)} | {len(found - true)} |", flush=True)


def _mended(share: float) -> Callable[[list[str], list[str], random.Random], str]:
    return lambda words, other, chance: " ".join(
        chance.choice(other) if chance.random() < share else word for word in words
    )


def _cut(share: float) -> Callable[[list[str], list[str], random.Random], str]:
    return lambda words, other, chance: " ".join(words[: max(1, round(len(words) * share))])


def _longer(share: float) -> Callable[[list[str], list[str], random.Random], str]:
    """Add words of another article in any order, `share` of the length."""
    return lambda words, other, chance: " ".join(words + chance.choices(other, k=round(len(words) * share)))


def _moved(words: list[str], other: list[str], chance: random.Random) -> str:
    parts = [words[at : at + 40] for at in range(0, len(words), 40)]
    chance.shuffle(parts)
    return " ".join(" ".join(part) for part in parts)


CHANGES = {
    "one word in 100 changed": _mended(0.01),
    "one word in 20 changed": _mended(0.05),
    "one word in 10 changed": _mended(0.1),
    "one word in 5 changed": _mended(0.2),
    "stretches of 40 words shuffled": _moved,
    "half of it, one word in 20 changed": lambda words, other, chance: _mended(0.05)(
        words[: len(words) // 2], other, chance
    ),
    "cut to two thirds": _cut(2 / 3),
    "cut to a half": _cut(1 / 2),
    "cut to a third": _cut(1 / 3),
    "cut to a fifth": _cut(1 / 5),
    "a third added": _longer(1 / 3),
    "three quarters added": _longer(3 / 4),
    "three times its length added": _longer(3),
}


def _cost(folder: Path, articles: Sequence[Article]) -> None:
    print(
        "\n| articles of 250 words | CPU s, nothing known | CPU s, one changed | bytes an article |\n|---|---|---|---|"
    )
    for count in COST:
        copies = [
            plain_article(f"{one.article_id}-{turn}", _mixed(one.text, turn))
            for turn in range(count // len(articles))
            for one in articles
        ]
        _time(folder / f"{count}", f"{count:,} distinct", copies)
        same = [plain_article(f"{n}", articles[0].text) for n in range(count)]
        _time(folder / f"{count}-same", f"{count:,} copies of one", same)


def _time(folder: Path, name: str, articles: list[Article]) -> None:
    timings: list[float] = []
    previous = None
    for run in range(2):
        started = time.process_time()
        find_families(folder / f"{run}", articles, previous)
        timings.append(time.process_time() - started)
        previous, articles[0] = folder / f"{run}", plain_article("changed", articles[-1].text[::-1])
    size = sum(path.stat().st_size for path in (folder / "0" / "families").iterdir()) / len(articles)
    print(f"| {name} | {timings[0]:.1f} | {timings[1]:.1f} | {size:.0f} |", flush=True)


def _mixed(text: str, turn: int) -> str:
    """Return other sequences of the same words for each turn."""
    words = text.split()
    random.Random(turn).shuffle(words)
    return " ".join(words) if turn else text


if __name__ == "__main__":
    main()
