"""Every row in its quick form; `make faults` runs them in full."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.rows import Row, all_rows


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in all_rows()])
def test_the_promise_holds(row: Row) -> None:
    # In a thread: Playwright's event loop may still run in this one, and a thread runs only one.
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(row.try_it, True).result()
    assert result.held, f"{row.promise}: {result.seen}"


def test_rows_have_names_of_their_own() -> None:
    names = [row.name for row in all_rows()]
    assert len(names) == len(set(names))
