"""One writer at a time, and none for ever."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa_service import generations
from qa_service.errors import WriterBusy
from qa_service.writer_lock import writer_lock

HOLD = """
import sys, pathlib
from qa_service.writer_lock import writer_lock
with writer_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_folders_are_made_for_their_owner_alone_and_others_keep_their_modes(tmp_path: Path) -> None:
    new, given = tmp_path / "above" / "new", tmp_path / "given"
    given.mkdir()
    given.chmod(0o755)
    for data_dir in (new, given):
        with writer_lock(data_dir):
            assert (data_dir / "generations").stat().st_mode & 0o777 == 0o700
    assert new.stat().st_mode & 0o777 == 0o700
    assert given.stat().st_mode & 0o777 == 0o755


def test_a_second_writer_is_refused_and_a_killed_ones_lock_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WriterBusy, match="Another reindex"), writer_lock(tmp_path):
            pass
        with pytest.raises(WriterBusy):
            generations.rollback(tmp_path)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with writer_lock(tmp_path):
        pass
