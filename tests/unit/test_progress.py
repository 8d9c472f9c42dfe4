"""Progress is drawn on a terminal and nowhere else."""

import io

import pytest

from qa_service.progress import terminal_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(*steps: tuple[str, int, int | None]) -> str:
    terminal = Terminal()
    with terminal_progress(terminal) as progress:
        for step in steps:
            progress(*step)
    return terminal.getvalue()


def test_nothing_is_written_to_what_is_no_terminal() -> None:
    stream = io.StringIO()
    with terminal_progress(stream) as progress:
        progress("reading", 1, None)
        progress("encoding", 1, 2)
    assert stream.getvalue() == ""


def test_a_stage_of_unknown_length_ends_with_its_last_count_on_a_line_of_its_own() -> None:
    text = drawn(*(("reading", n, None) for n in range(1, 5001)))
    assert text.endswith("\rreading 5,000\n")
    assert text.count("\r") < 1000, "a terminal is not written to for every article"


def test_a_stage_of_known_length_fills_a_bar() -> None:
    text = drawn(("reading", 1, None), ("reading", 2, None), ("encoding", 128, 300), ("encoding", 300, 300))
    assert text.index("reading 2\n") < text.index("encoding")
    assert "128/300" in text
    assert text.rstrip("\x1b[?25h\n").endswith("300/300")
    assert text.endswith("\n")


def test_the_line_ends_when_a_reindex_fails() -> None:
    terminal = Terminal()

    def fail_halfway() -> None:
        with terminal_progress(terminal) as progress:
            progress("encoding", 128, 300)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert terminal.getvalue().endswith("\n")


def test_nothing_is_drawn_when_nothing_was_done() -> None:
    assert drawn() == ""
