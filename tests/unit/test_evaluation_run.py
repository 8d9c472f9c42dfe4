"""A run over made-up answers gives the figures that one counts by hand, and survives every odd gold file."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.evaluation import Evaluation, Failure, evaluate, text_report
from qa_service.evaluation.figures import CUTOFFS
from qa_service.evaluation.glossary import MEANINGS
from qa_service.evaluation.json_figures import json_figures
from qa_service.evaluation.report import html_report
from tests.unit.evaluation_cases import FACTS, Case, FakeArchive, FakeService, run

RIGHT = Case(
    "Who?", ("Ada",), ("Ada said",), cited=("Ada said it.",), short="Ada", ranked=("No.", "Ada said it.")
)
CASES = [
    RIGHT,
    Case("Won?", ("Bob Lee",), ("Lee won", "Lee himself"), confidence=0.8, cited=("Carl lost.", "Bob Lee won."),
         short="Carl", ranked=("Bob Lee won.",)),
    Case("How many?", ("40",), ("about 40",), confidence=0.3, cited=("There were about 40.",), short="about 40",
         ranked=("There were about 40.",)),
    Case("Where?", ("Dora",), ("in Dora",), confidence=0.6, cited=("Nothing.",), short="Nothing", ranked=("Nothing.",)),
    Case("Beyond?", confidence=0.7, cited=("Eve ran.",), short="Eve"),
    Case("Far beyond?", confidence=0.1, cited=("Eve ran.",), short="Eve"),
    Case("And she?", ("Fay",), history=("Who?",), confidence=0.55, cited=("Fay came.",), ranked=("Fay came.",)),
]  # fmt: skip


def test_the_figures_are_those_counted_by_hand() -> None:
    figures = run(CASES).figures()
    expected = {
        "questions": 7, "answerable": 4, "unanswerable": 2, "follow_ups": 1, "answered": 5, "threshold": 0.5,
        "recall@1": 2 / 4, "recall@3": 3 / 4, "recall@50": 3 / 4, "mrr": (1 / 2 + 1 + 1) / 4,
        "cited": 2 / 4, "cited_first": 1 / 4, "citation_precision": 2 / 4, "citation_recall": (1 + 1 / 2) / 4,
        "right": 1 / 4, "exact_match": 1 / 4, "f1": 1 / 4, "short_contained": 1 / 4, "answer_contained": 2 / 4,
        "right_unrefused": 2 / 4, "exact_match_unrefused": 1 / 4, "f1_unrefused": (1 + 2 / 3) / 4,
        "answerable_refused": 1 / 4, "unanswerable_refused": 1 / 2, "coverage": 5 / 7, "error": 3 / 5,
        "auroc_answerable": 7 / 10, "auroc_right": 6 / 12,
        "follow_ups_cited": 1.0, "follow_ups_right": 1.0, "follow_ups_refused": 0.0, "follow_ups_f1": None,
        # By falling confidence right, wrong, wrong, wrong, right, right, wrong.
        "aurc": (0 + 1 / 2 + 2 / 3 + 3 / 4 + 3 / 5 + 3 / 6 + 4 / 7) / 7,
        "brier": (0.1**2 + 0.8**2 + 0.7**2 + 0.6**2 + 0.7**2 + 0.1**2 + 0.45**2) / 7,
    }  # fmt: skip
    for name, value in expected.items():
        assert figures[name] == (None if value is None else pytest.approx(value)), name


def test_each_failure_has_its_kind() -> None:
    kinds = [outcome.failure for outcome in run(CASES).outcomes]
    assert kinds == [
        None,
        Failure.WRONG_PARAGRAPH_FIRST,
        Failure.REFUSED,
        Failure.NOT_RETRIEVED,
        Failure.ANSWERED_UNANSWERABLE,
        None,
        None,
    ]
    assert run([replace(RIGHT, short="said it")]).outcomes[0].failure is Failure.WRONG_SHORT_ANSWER


def test_each_question_is_asked_once() -> None:
    service = FakeService(CASES)
    seen: list[tuple[int, int | None]] = []
    evaluate(
        [case.gold for case in CASES],
        FakeArchive(),
        service,
        service,
        threshold=0.5,
        progress=lambda stage, done, total: seen.append((done, total)),
    )
    assert service.asked == [case.question for case in CASES]
    assert seen == [(n, len(CASES)) for n in range(1, len(CASES) + 1)]


def test_support_is_judged_by_the_gold_alone_where_it_names_some() -> None:
    holds_the_answer = Case("Who?", ("Ada",), ("Ada said",), cited=("Ada left.",), ranked=("Ada left.",))
    figures = run([holds_the_answer]).figures()
    assert (figures["cited"], figures["recall@50"], figures["citation_recall"]) == (0.0, 0.0, 0.0)
    assert figures["citation_precision"] == 1.0  # its quote holds the accepted answer
    figures = run([replace(holds_the_answer, support=())]).figures()
    assert (figures["cited"], figures["recall@1"], figures["citation_recall"]) == (1.0, 1.0, None)
    figures = run([replace(holds_the_answer, support=(), place=("a", 2))]).figures()
    assert (figures["cited"], figures["recall@1"], figures["citation_recall"]) == (1.0, 1.0, 1.0)
    figures = run([replace(holds_the_answer, support=(), place=("a", 3))]).figures()
    assert (figures["cited"], figures["recall@1"], figures["citation_recall"]) == (0.0, 0.0, 0.0)


def test_a_support_that_the_archive_lacks_is_said() -> None:
    typo = Case("Who?", ("Ada",), ("Ada siad",), cited=("Ada said it.",), ranked=("Ada said it.",))
    assert [o.support_known for o in run([RIGHT, typo]).outcomes] == [True, False]


def test_without_a_threshold_the_answerers_own_refusals_count() -> None:
    evaluation = run(CASES, threshold=None)
    assert evaluation.figures()["answered"] == 7
    assert evaluation.figures()["threshold"] == 0.0


ODD = {
    "no unanswerable": [RIGHT],
    "only unanswerable": [Case("Beyond?", cited=("Eve ran.",), short="Eve")],
    "only follow-ups": [replace(RIGHT, history=("Before?",))],
    "nothing to say": [Case("Who?", ("Ada",), confidence=0.0), Case("Beyond?", confidence=0.0)],
    "all refused": [replace(case, confidence=0.2) for case in CASES],
    "equal scores": [replace(case, confidence=0.5) for case in CASES],
    "no short answer": [replace(case, short=None) for case in CASES],
    "other scripts": [Case("谁？", ("北京",), cited=("他住在北京市。",), short="北京", ranked=("他住在北京市。",)),
                      Case("من؟", ("القاهرة",), cited=("في القاهرة",), short="القاهرة 😀"[:7])],
    "sure and unsure": [replace(RIGHT, confidence=1.0), replace(RIGHT, question="Beyond?", answers=(), confidence=0.0)],
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_cannot_be_computed_is_null_and_a_dash(name: str) -> None:
    evaluation = run(ODD[name])
    shown = json.loads(json.dumps(json_figures(evaluation, FACTS), allow_nan=False))
    figures = evaluation.figures()
    assert {key: shown[key] for key in figures} == figures
    none = [key for key, value in figures.items() if value is None]
    assert none, "each of these files lacks something"
    for key in none:
        assert f"{key:24}–" in text_report(evaluation)
    assert "–" in html_report(evaluation, FACTS)


def test_the_odd_files_have_the_figures_that_they_allow() -> None:
    assert run(ODD["no unanswerable"]).figures()["unanswerable_refused"] is None
    assert run(ODD["no unanswerable"]).figures()["auroc_answerable"] is None
    assert run(ODD["only unanswerable"]).figures()["error"] == 1.0
    assert run(ODD["all refused"]).figures()["error"] is None
    assert run(ODD["all refused"]).figures()["f1"] == 0.0
    assert run(ODD["nothing to say"]).figures()["aurc"] is None
    assert run(ODD["equal scores"]).figures()["auroc_right"] == 0.5
    assert run(ODD["no short answer"]).figures()["f1"] is None
    assert run(ODD["other scripts"]).figures()["exact_match"] == 1.0


@given(st.lists(st.sampled_from(CASES), min_size=1, max_size=12), st.floats(0, 1))
def test_shares_keep_their_bounds_and_recall_grows(cases: list[Case], threshold: float) -> None:
    evaluation = run(cases, threshold)
    for name, one in evaluation.estimates.items():
        if one.value is not None:
            assert one.low is not None
            assert one.high is not None
            assert 0 <= one.low <= one.value <= one.high <= 1, name
    recalls = [evaluation.estimates[f"recall@{k}"].value for k in CUTOFFS]
    known = [value for value in recalls if value is not None]
    assert known == sorted(known)
    assert len(known) in (0, len(CUTOFFS))


def test_each_figure_has_a_meaning() -> None:
    evaluation = run(CASES)
    assert {*evaluation.estimates, *evaluation.measures} == MEANINGS.keys()


def test_json_has_intervals_curve_points_and_results() -> None:
    evaluation: Evaluation = run(CASES)
    shown = json_figures(evaluation, FACTS)
    assert shown["intervals"].keys() == evaluation.estimates.keys()
    assert shown["groups"]["follow_ups"]["questions"] == 1
    assert shown["groups"]["all"]["right"]["value"] == pytest.approx(2 / 5)
    assert [step["threshold"] for step in shown["risk_coverage"]] == [0.9, 0.8, 0.7, 0.6, 0.55, 0.3, 0.1]
    assert [point["accepted_error"] for point in shown["accepted_errors"]] == [0.05, 0.1, 0.2]
    assert {point["setting"] for point in shown["accepted_errors"]} == {None}
    assert sum(one["n"] for one in shown["reliability"]) == 7
    assert shown["failures"]["refused"] == 1
    assert shown["run"]["reader"] == "fake-reader"
    assert [one["failure"] for one in shown["results"]][:3] == [None, "wrong_paragraph_first", "refused"]
    assert shown["results"][0]["rank"] == 2


def test_text_lists_figures_with_intervals_and_failures_by_kind() -> None:
    text = text_report(run(CASES))
    assert "cited                   0.500  [0.150, 0.850]  n=4" in text
    assert "4 went wrong:" in text
    assert "  id of Where?: Where?" in text
    assert "went wrong" not in text_report(run([RIGHT]))
