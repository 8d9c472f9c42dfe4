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
