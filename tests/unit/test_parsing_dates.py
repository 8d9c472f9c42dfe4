"""Dates, datelines and bylines."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.parsing.bylines import dateline_date, has_dateline, read_byline, read_date_line, read_field
from qa_service.parsing.dates import find_dates, parse_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2020-09-13", "2020-09-13"),
        ("2020/09/13", "2020-09-13"),
        ("September 13, 2020", "2020-09-13"),
        ("13 September 2020", "2020-09-13"),
        ("Sept. 13, 2020", "2020-09-13"),
        ("Sunday, 13 Sep 2020", "2020-09-13"),
        ("13th of September, 2020", "2020-09-13"),
        ("2020-09-13T08:30:00Z", "2020-09-13T08:30:00+00:00"),
        ("2020-09-13 08:30", "2020-09-13T08:30:00"),
        ("2020-09-13T08:30:00.5+02:00", "2020-09-13T08:30:00.500000+02:00"),
        ("2021-02-29", None),
        ("February 30, 2020", None),
        ("2020-09-13T25:00", None),
        ("13/09/2020", None),
        ("2020", None),
        ("September 2020", None),
        ("September 13", None),
        ("x September 13, 2020", None),
        ("٢٠٢٠-٠٩-١٣", None),
        ("", None),
    ],
)
def test_parse_date(text, iso):
    assert parse_date(text) == iso


@given(
    st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)),
    st.sampled_from(["%B %d, %Y", "%d %B %Y", "%b. %d, %Y"]),
)
def test_written_dates_come_back(day, form):
    written = day.strftime(form).replace("May.", "May")
    assert parse_date(written) == day.isoformat()
    (found,) = find_dates(f"He died on {written}, at home.")
    assert found.value == day


def test_dates_in_text():
    text = "On August 9, 2020 and 12 May 2021 (not May 2022, June 31, 2022 or room 112020-01-01)."
    assert [found.value for found in find_dates(text)] == [date(2020, 8, 9), date(2021, 5, 12)]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("BRENNHAVEN, March 3, 2025 (NPA) — The council", "2025-03-03"),
        ("LINDMOOR, 4 March 2025 (NPA) – A school", "2025-03-04"),
        ("BRENNHAVEN/TOLLVIK, March 6, 2025 (NPA) - Bakers", "2025-03-06"),
        ("Rio de Janeiro, 4 March 2025: A school", "2025-03-04"),
        ("TOLLVIK (NPA) — Mon 3 March 2025", "2025-03-03"),
        ("March 3, 2025 -- It rained", "2025-03-03"),
        ("TOLLVIK, March 5 (NPA) — Fog", None),
        ("On March 3, 2025, the council met", None),
        ("He was born in Tollvik on 3 March 2025 — a Monday", None),
        ("The fire of March 3, 2025 — the worst", None),
    ],
)
def test_datelines(text, iso):
    assert dateline_date(text) == iso


def test_a_dateline_needs_no_date():
    assert has_dateline("TOLLVIK, March 5 (NPA) — Fog kept the airfield closed.")
    assert has_dateline("Tollvik (NPA) - Fog kept the airfield closed.")
    assert not has_dateline("The fog – the fourth this week – closed the airfield.")


@pytest.mark.parametrize(
    ("line", "day", "updated"),
    [
        ("Published: 2025-03-03", "2025-03-03", False),
        ("Published on 3 March 2025 at 10:30 GMT", "2025-03-03", False),
        ("(Published Monday, Nov. 18, 2019)", "2019-11-18", False),
        ("Last updated: March 3, 2025 8:05 pm", "2025-03-03", True),
        ("TOLLVIK (NPA) — Mon 3 March 2025", "2025-03-03", False),
        ("March 3, 2025 | By Ann Lee", "2025-03-03", False),
    ],
)
def test_date_lines(line, day, updated):
    read = read_date_line(line)
    assert read is not None
    assert (read.date, read.updated) == (day, updated)


@pytest.mark.parametrize(
    "line",
    [
        "The fire of March 3, 2025",
        "March 3, 2025 was a Monday",
        "— A. Reader (@reader) March 3, 2025",
        "March 2025",
        "Published: soon",
    ],
)
def test_no_date_lines(line):
    assert read_date_line(line) is None


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Ann Lee", ("Ann Lee",)),
        ("BY ANN LEE AND TOM ROE", ("ANN LEE", "TOM ROE")),
        ("By Ann Lee, Tom Roe and Eva de la Cruz", ("Ann Lee", "Tom Roe", "Eva de la Cruz")),
        ("By Ann Lee, City Correspondent", ("Ann Lee",)),
        ("By Ann Lee in Tollvik", ("Ann Lee",)),
        ("By Ann O’Neil-Smith | March 3, 2025", ("Ann O’Neil-Smith",)),
        ("By our Carrow correspondent", ()),
        ("By AFP", ()),
        ("By the end of the year", None),
        ("By Monday the water had gone.", None),
        ("Bye Ann Lee", None),
    ],
)
def test_bylines(line, authors):
    assert read_byline(line) == authors


def test_fields():
    field = read_field("Publication date: 3 March 2025")
    assert field is not None
    assert (field.name, field.value) == ("published", "3 March 2025")
    assert read_field("Note: this is text") is None
    assert read_field("Source:") is None
