"""How the pages say dates and certainty."""

import doctest

import pytest

from qa_service.domain import Filters, IndexInfo
from web import serialize, wording


def test_the_examples_hold() -> None:
    results = doctest.testmod(wording)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2020-08-18", "2020-09-21", "18 August – 21 September 2020"),
        ("2019-12-30", "2020-01-02", "30 December 2019 – 2 January 2020"),
        ("2020-09-21", "2020-09-21", "21 September 2020"),
        (None, "2020-09-21", "21 September 2020"),
        ("2020-09-21", None, "21 September 2020"),
        (None, None, ""),
        ("once", "upon", "upon"),
    ],
)
def test_periods(first: str | None, last: str | None, said: str) -> None:
    assert wording.period(first, last) == said


def test_an_undated_archive_has_no_period() -> None:
    index = IndexInfo("g", "2021-01-02T03:04:05+00:00", 1, 1, "fake")
    assert wording.scope(serialize.index(index)) == "1 article, index of 2 January 2021"
    narrowed = Filters("2020-09-01", None, ("Courier",), ("Ann Lee",))
    assert wording.searched(serialize.index(index), narrowed) == (
        "1 article, index of 2 January 2021; only from 1 September 2020, Courier, by Ann Lee"
    )


def test_a_date_that_is_none_is_shown_as_it_is() -> None:
    assert wording.day("spring 1998") == "spring 1998"


@pytest.mark.parametrize(
    ("score", "calibrated", "uncalibrated", "level"),
    [
        (1.0, "Very likely right", "Strong match", 3),
        (0.85, "Very likely right", "Strong match", 3),
        (0.7, "Likely right", "Good match", 2),
        (0.2, "Uncertain", "Weak match", 1),
        (-1.0, "Uncertain", "Weak match", 1),
    ],
)
def test_only_a_calibrated_score_is_called_likely(
    score: float, calibrated: str, uncalibrated: str, level: int
) -> None:
    assert wording.sureness(score, True) == (calibrated, level)
    assert wording.sureness(score, False) == (uncalibrated, level)
