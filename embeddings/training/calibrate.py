"""Fits ranking mix and confidence: `python -m embeddings.training.calibrate --shared S --weights W --work DIR`."""

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from embeddings.answer_calibration import CALIBRATION_FILE, AnswerCalibration, AnswerFeatures
from embeddings.answer_signs import coverage, mismatch
from embeddings.encoder import SentenceTransformerEncoder, packaged_model
from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.protocols import Span
from embeddings.reader import RelevanceMix, load_network, read_card
from embeddings.reader_windows import load_tokenizer
from embeddings.training.candidates import Asked, Paragraphs, load_candidates, load_paragraphs, of_articles
from embeddings.training.evaluate import DevReader, ReadQuestion
from embeddings.training.examples import read_rows, read_splits
from embeddings.training.export import write_card
from embeddings.training.scores import auroc, calibration_error, exact, f1

TOP = 8
RIGHT_F1 = 0.5
RIDGE = 1e-3
LEAST_ANSWERED = 30
# Which way each of `AnswerFeatures` speaks: no-answer against, all others for the answer.
SIGNS = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
# Share of the candidates of answerable questions that have at most `AnswerCalibration.high_relevance`.
HIGH_SHARE = 0.97
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class ReadSplit:
    """A split's questions as read: answerable, adversarial, and put to an archive without their article."""

    answerable: Sequence[ReadQuestion]
    adversarial: Sequence[ReadQuestion]
    absent: Sequence[ReadQuestion]


WordSigns = Callable[[ReadQuestion, int], tuple[float, float]]
"""Coverage and mismatch of the answer from a candidate of a question."""


def minimise(loss: Callable[[], Tensor], parameters: list[Tensor]) -> None:
    """Bring `loss()` to its minimum over `parameters`."""
    optimizer = torch.optim.LBFGS(parameters, max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]


def fit_ranking(read: Sequence[ReadQuestion]) -> tuple[RelevanceMix, float]:
    """Return the weights that make the paragraph asked about most likely among the candidates, and retrieval's.

    A conditional logit over each question's candidates; questions whose paragraph was not found teach nothing.
    """
    taught = [r for r in read if r.asked.gold in r.asked.rows[:TOP]]
    scores = torch.tensor(np.stack([_ranking_inputs(r) for r in taught]), dtype=torch.float32)
    gold = torch.tensor([r.asked.rows.index(r.asked.gold) for r in taught])
    roots = torch.full((scores.shape[2],), 0.5, requires_grad=True)

    def loss() -> Tensor:
        # Each input is the higher the better, so no weight may be negative: small data would have it otherwise.
        weights = roots.square()
        return functional.cross_entropy(scores @ weights, gold) + RIDGE * weights.square().sum()

    minimise(loss, [roots])
    ranking, span, no_answer, fused = roots.detach().square().tolist()
    return RelevanceMix(ranking, span, -no_answer), fused


def _ranking_inputs(read: ReadQuestion) -> NDArray[np.float64]:
    return np.column_stack([read.scores[:, :3], read.asked.fused[:TOP]])


def order(
    read: ReadQuestion, mix: RelevanceMix, retrieval: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the relevance and the reading score of each candidate."""
    relevance = read.scores[:, :3] @ np.array([mix.ranking, mix.span, -mix.no_answer])
    return relevance, relevance + retrieval * np.array(read.asked.fused[:TOP])


def word_signs(shared: Path, paragraphs: Paragraphs, folder: Path) -> WordSigns:
    """Return what question and answer say of each other by their words, over an index of all paragraphs in `folder`."""
    texts, titles = paragraphs.texts, []
    for row in read_rows(shared / "data" / "squad_open" / "articles.jsonl.gz"):
        titles += [row["title"]] * len(row["text"].split("\n\n"))
    backend = Bm25LexicalIndexBackend()
    backend.build(texts, folder / "lexical")
    lexical = backend.load(folder / "lexical")

    def signs(read: ReadQuestion, chosen: int) -> tuple[float, float]:
        row, words = read.asked.rows[chosen], read.spans[chosen]
        # The first place of these words, which is nearly always the one that was marked.
        start = texts[row].find(words)
        span = Span(start, start + len(words)) if words and start >= 0 else None
        held = coverage(lexical, read.asked.text, texts[row], span, titles[row])
        return held, mismatch(read.asked.text, words)

    return signs


def features_of(
    read: ReadQuestion, mix: RelevanceMix, retrieval: float, signs: WordSigns
) -> tuple[int, AnswerFeatures]:
    """Return which candidate answers, and the features of its answer."""
    _, scores = order(read, mix, retrieval)
    best = int(np.argmax(scores))
    _, _, answered, share = read.scores[best].tolist()
    return best, AnswerFeatures(share, -answered, read.asked.cosines[best], *signs(read, best))


def right(read: ReadQuestion, chosen: int) -> bool:
    """Return whether the chosen candidate's short answer counts as right."""
    return f1(read.spans[chosen], read.asked.answers) >= RIGHT_F1


def fit_probability(
    inputs: NDArray[np.float64], labels: NDArray[np.float64], signs: NDArray[np.float64]
) -> tuple[float, tuple[float, ...]]:
    """Return intercept and weights of the logistic regression of `labels` (n,) on `inputs` (n, features).

    Each weight keeps its sign of `signs` (features,), so that better evidence never lowers the probability.
    """
    mean, deviation = inputs.mean(0), inputs.std(0) + 1e-9
    x = torch.tensor((inputs - mean) / deviation * signs, dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.float32)
    roots, intercept = torch.full((x.shape[1],), 0.5, requires_grad=True), torch.zeros(1, requires_grad=True)

    def loss() -> Tensor:
        weights = roots.square()
        logits = x @ weights + intercept
        return functional.binary_cross_entropy_with_logits(logits, y) + RIDGE * weights.square().sum()

    minimise(loss, [roots, intercept])
    scaled = roots.detach().square().numpy() * signs / deviation
    return float(intercept.item() - (scaled * mean).sum()), tuple(float(w) for w in scaled)


def figures(read: ReadSplit, mix: RelevanceMix, calibration: AnswerCalibration, signs: WordSigns) -> Figures:
    """Return the figures of one split; answers come from the `TOP` candidates unless said otherwise."""
    answerable, adversarial = read.answerable, read.adversarial

    def confidence(one: ReadQuestion) -> float:
        return calibration.probability(features_of(one, mix, calibration.retrieval_weight, signs)[1])

    found = [features_of(r, mix, calibration.retrieval_weight, signs) for r in answerable]
    spans = [r.spans[best] for r, (best, _) in zip(answerable, found, strict=True)]
    golds = [r.asked.answers for r in answerable]
    sure = [calibration.probability(features) for _, features in found]
    unsure = [confidence(r) for r in adversarial]
    hits = [right(r, best) for r, (best, _) in zip(answerable, found, strict=True)]
    n = min(len(sure), len(unsure))
    reading = {
        "gold_first_retrieval": _mean([r.asked.rows[0] == r.asked.gold for r in answerable]),
        "gold_first": _mean(
            [r.asked.rows[b] == r.asked.gold for r, (b, _) in zip(answerable, found, strict=True)]
        ),
        "gold_in_candidates": _mean([r.asked.gold in r.asked.rows[:TOP] for r in answerable]),
        "exact": _mean([exact(s, g) for s, g in zip(spans, golds, strict=True)]),
        "f1": _mean([f1(s, g) for s, g in zip(spans, golds, strict=True)]),
        "exact_retrieval_order": _mean([exact(r.spans[0], r.asked.answers) for r in answerable]),
        "f1_retrieval_order": _mean([f1(r.spans[0], r.asked.answers) for r in answerable]),
        "exact_given_paragraph": _mean([exact(r.gold_span, r.asked.answers) for r in answerable]),
        "f1_given_paragraph": _mean([f1(r.gold_span, r.asked.answers) for r in answerable]),
    }
    return {
        "answerable": len(answerable),
        "adversarial": len(adversarial),
        "absent": len(read.absent),
        **reading,
        "auroc": auroc(sure, unsure),
        "auroc_absent": auroc(sure, [confidence(r) for r in read.absent]),
        "auroc_given_paragraph": auroc(
            [r.gold_scores[2] for r in answerable], [r.gold_scores[2] for r in adversarial]
        ),
        "calibration_error": calibration_error([*sure[:n], *unsure[:n]], [*hits[:n], *[False] * n]),
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def read_split(
    reader: DevReader,
    asked: Sequence[Asked],
    absent: Sequence[Asked],
    articles: Sequence[str],
    limit: int | None,
) -> ReadSplit:
    """Return the questions about `articles` as read, of each kind in a fixed random order; half as many absent."""
    kinds: tuple[list[Asked], ...] = ([], [], of_articles(absent, articles))
    for one in of_articles(asked, articles):
        kinds[0 if one.answers else 1].append(one)
    chosen = []
    for number, kind in enumerate(kinds):
        random.Random(number).shuffle(kind)  # noqa: S311 (a seeded order, no secret)
        chosen.append(kind[: min(limit or len(kind), len(kind)) // (2 if kind is kinds[2] else 1)])
    return ReadSplit(*([reader.read(one, TOP) for one in kind] for kind in chosen))


def calibrate(
    read: ReadSplit, articles: Sequence[str], signs: WordSigns
) -> tuple[RelevanceMix, AnswerCalibration]:
    """Return what is fitted on the calibration questions: ranking mix, retrieval weight and confidence.

    Questions of all three kinds say what speaks for an answer; how sure that makes one is then fitted to equal
    numbers of answerable and adversarial ones, the mix for which the confidence is true.
    """
    mix, retrieval = fit_ranking(read.answerable)
    n = min(len(read.answerable), len(read.adversarial))
    used = [*read.answerable[:n], *read.adversarial[:n], *read.absent]
    chosen = [features_of(r, mix, retrieval, signs) for r in used]
    labels = np.array([float(right(r, best)) for r, (best, _) in zip(used, chosen, strict=True)])
    inputs = np.array([astuple(f) for _, f in chosen])
    intercept, weights = fit_probability(inputs, labels, SIGNS)
    logits = (intercept + inputs @ np.array(weights))[: 2 * n, None]
    shift, (scale,) = fit_probability(logits, labels[: 2 * n], np.ones(1))
    source = (
        f"squad_open dev, {n} answerable and {n} adversarial questions on {', '.join(articles)}; "
        f"{len(read.absent)} put to the archive without their article"
    )
    relevances = np.concatenate([order(r, mix, retrieval)[0] for r in read.answerable])
    high = float(np.quantile(relevances, HIGH_SHARE))
    fitted = AnswerCalibration(
        retrieval, shift + scale * intercept, tuple(scale * w for w in weights), high, source
    )
    points = operating_points([fitted.probability(f) for _, f in chosen[: 2 * n]], labels[: 2 * n])
    return mix, replace(fitted, operating_points=points)


def operating_points(sure: Sequence[float], right: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return (threshold, share of wrong answers) for thresholds from 0 in steps of 0.01.

    The share never rises with the threshold: where it did by chance, the worst of what follows counts. It
    ends where fewer than `LEAST_ANSWERED` answers are left, of which no share can be told.
    """
    scores = np.asarray(sure)
    points = []
    for threshold in np.round(np.arange(0, 1, 0.01), 2):
        answered = scores >= threshold
        if answered.sum() >= LEAST_ANSWERED:
            points.append((float(threshold), float(1 - right[answered].mean())))
    worst = np.maximum.accumulate([error for _, error in reversed(points)])[::-1]
    return tuple((t, round(float(e), 4)) for (t, _), e in zip(points, worst, strict=True))


def write_calibration(folder: Path, calibration: AnswerCalibration, measured: dict[str, Figures]) -> None:
    """Write `calibration.json` into `folder`."""
    content = {
        "retrieval_weight": calibration.retrieval_weight,
        "intercept": calibration.intercept,
        "weights": dict(zip(AnswerFeatures.__slots__, calibration.weights, strict=True)),
        "high_relevance": calibration.high_relevance,
        "source": calibration.source,
        "operating_points": calibration.operating_points,
        "right_means": f"F1 of the short answer with an accepted answer is at least {RIGHT_F1}",
        "figures": {split: {k: round(v, 4) for k, v in values.items()} for split, values in measured.items()},
    }
    (folder / CALIBRATION_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Fit on the calibration articles, measure on them and on the test articles, store beside the weights."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training.calibrate", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument(
        "--weights", type=Path, required=True, help="folder with reader.json and the packed weights"
    )
    parser.add_argument(
        "--work", type=Path, required=True, help="folder where retrieval's candidates are kept"
    )
    parser.add_argument("--limit", type=int, help="questions of each kind and split (default: all)")
    options = parser.parse_args()
    card = read_card(options.weights)
    network = load_network(options.weights, packaged_model())
    paragraphs = load_paragraphs(options.shared)
    caches = [options.work / name for name in ("candidates.jsonl", "candidates_absent.jsonl")]
    encoder = None if all(cache.exists() for cache in caches) else SentenceTransformerEncoder()
    asked = load_candidates(options.shared, paragraphs, encoder, caches[0])
    absent = load_candidates(options.shared, paragraphs, encoder, caches[1], absent=True)
    reader = DevReader(network, load_tokenizer(packaged_model()), paragraphs)
    splits = read_splits()
    read = {
        name: read_split(reader, asked, absent, splits[name], options.limit) for name in ("calibrate", "test")
    }
    with tempfile.TemporaryDirectory() as folder:
        signs = word_signs(options.shared, paragraphs, Path(folder))
        mix, calibration = calibrate(read["calibrate"], splits["calibrate"], signs)
        measured = {name: figures(split, mix, calibration, signs) for name, split in read.items()}
    write_card(options.weights, {**card, "relevance_mix": asdict(mix)})
    write_calibration(options.weights, calibration, measured)
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
