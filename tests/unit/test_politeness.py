"""Long work runs at a lower priority, which what it starts inherits and which is put back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa_service.politeness import NICE, lower_priority

SHOW = "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"


def session_at(folder: Path, nice: int) -> Path:
    path = folder / "autogroup"
    path.write_text(f"/autogroup-17 nice {nice}\n")
    return path


def in_a_process(code: str) -> list[str]:
    """Run code in a process of its own, for a priority may not be raised again."""
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return ran.stdout.split()


def test_the_process_and_what_it_starts_have_a_lower_priority() -> None:
    code = (
        "import subprocess, sys\nfrom pathlib import Path\nfrom qa_service.politeness import lower_priority\n"
        f"with lower_priority(Path('none')):\n    subprocess.run([sys.executable, '-c', {SHOW!r}])"
    )
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert in_a_process(code) == [str(max(own, NICE))]


def test_a_lower_one_stays() -> None:
    code = (
        "import os\nfrom pathlib import Path\nfrom qa_service.politeness import lower_priority\n"
        f"os.setpriority(os.PRIO_PROCESS, 0, 15)\nwith lower_priority(Path('none')):\n    {SHOW}"
    )
    assert in_a_process(code) == ["15"]


@pytest.mark.parametrize("before", [-5, 0, 9])
def test_the_session_is_lowered_and_put_back_when_the_work_fails(tmp_path: Path, before: int) -> None:
    session = session_at(tmp_path, before)

    def fail_within() -> None:
        with lower_priority(session):
            assert session.read_text() == str(NICE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_within()
    assert session.read_text() == str(before)


def test_a_session_that_is_lower_already_is_left_alone(tmp_path: Path) -> None:
    session = session_at(tmp_path, 15)
    with lower_priority(session):
        assert session.read_text() == "/autogroup-17 nice 15\n"
    assert session.read_text() == "/autogroup-17 nice 15\n"


@pytest.mark.parametrize("content", ["", "nonsense"])
def test_a_system_without_autogroups_is_all_right(tmp_path: Path, content: str) -> None:
    session = tmp_path / "autogroup"
    session.write_text(content)
    with lower_priority(session), lower_priority(tmp_path / "none"):
        pass
    assert session.read_text() == content
