"""Progress is drawn on a terminal, and told a log once a minute."""

import io

import pytest

from qa_service.progress import shown_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Seconds:
    """A clock that moves on by `step` whenever it is read."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def drawn(*steps: tuple[str, int, int | None], each_s: float = 0.001) -> str:
    terminal = Terminal()
    with shown_progress(terminal, Seconds(each_s)) as progress:
        for step in steps:
            progress(*step)
    return terminal.getvalue()


def logged(*steps: tuple[str, int, int | None], each_s: float) -> list[str]:
    stream = io.StringIO()
    with shown_progress(stream, Seconds(each_s)) as progress:
        for step in steps:
            progress(*step)
    return stream.getvalue().splitlines()


def test_a_short_run_writes_nothing_to_what_is_no_terminal() -> None:
    assert logged(("reading", 1, None), ("encoding", 128, 200), ("encoding", 200, 200), each_s=10) == []


def test_a_log_gets_a_line_a_minute_with_the_speed_and_the_time_left() -> None:
    steps = [("encoding", 500 * n, 50_000) for n in range(1, 14)]
    assert logged(*steps, each_s=10) == [
        "encoding 3,000 of 50,000, 50/s, 16 min left",
        "encoding 6,000 of 50,000, 50/s, 15 min left",
    ]


def test_the_speed_is_that_of_the_last_minute_and_of_this_stage() -> None:
    slow = [("encoding", 10 * n, 100_000) for n in range(1, 30)]
    fast = [("encoding", 290 + 400 * n, 100_000) for n in range(1, 30)]
    lines = logged(("reading", 70_000, None), *slow, *fast, each_s=10)
    assert ", 1.0/s, " in lines[1]
    assert lines[-1].endswith(", 40/s, 38 min left")


def test_a_stage_of_unknown_length_ends_with_its_last_count_on_a_line_of_its_own() -> None:
    text = drawn(*(("reading", n, None) for n in range(1, 5001)))
    assert text.split("\r")[-1].startswith("reading 5,000, ")
    assert text.endswith("/s\n")
    assert text.count("\r") < 1000, "a terminal is not written to for every article"


def test_a_stage_of_known_length_fills_a_bar() -> None:
    steps = [("encoding", n, 300) for n in (60, 120, 180, 240, 300)]
    text = drawn(("reading", 1, None), ("reading", 2, None), *steps, each_s=60)
    assert text.index("reading 2,") < text.index("\n") < text.index("encoding")
    lines = text.split("\r")
    assert lines[-4].rstrip() == "encoding [############--------] 180 of 300, 1.0/s, 2 min left"
    assert lines[-1].rstrip() == "encoding [####################] 300 of 300, 1.0/s"
    assert text.endswith("\n")


def test_a_line_covers_the_longer_one_before_it_and_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = drawn(*(("encoding", n, 1_000_000) for n in (1, 500_000, 1_000_000)), each_s=60).split("\r")[1:]
    assert {len(line.rstrip("\n")) for line in lines} == {39}


def test_the_line_ends_when_a_reindex_fails() -> None:
    terminal = Terminal()

    def fail_halfway() -> None:
        with shown_progress(terminal) as progress:
            progress("encoding", 128, 300)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert terminal.getvalue().endswith("\n")


def test_nothing_is_drawn_when_nothing_was_done() -> None:
    assert drawn() == ""
    assert logged(each_s=100) == []
