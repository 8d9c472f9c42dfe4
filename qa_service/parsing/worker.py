"""The process that parses files one after another within limits: `python -m qa_service.parsing.worker`.

It is told a file on standard input and answers on standard output, see `frames`. It knows no models.
"""

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from qa_service.parsing.draft import Skipped, Unreadable
from qa_service.parsing.formats import load_reader
from qa_service.parsing.frames import HEAD, packed, plain_draft, unpacked
from qa_service.parsing.limits import limit_process

OUT_OF_MEMORY = 77
"""Exit status of a process that found no memory for a file: what it holds is not to be trusted."""


def main() -> int:
    """Serve until standard input ends."""
    limit_process(memory_mib=int(sys.argv[1]))
    # What a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    notes = logging.getLogger("qa_service.parsing")
    notes.addHandler(_NoteSender(answers))
    notes.propagate = False
    requests = sys.stdin.buffer
    try:
        while head := requests.read(HEAD.size):
            _serve(unpacked(requests.read(*HEAD.unpack(head))), answers)
    except MemoryError:
        return OUT_OF_MEMORY
    except BrokenPipeError:  # nobody wants the answer any more
        with contextlib.suppress(OSError):
            os.close(answers.fileno())
    return 0


class _NoteSender(logging.Handler):
    """Sends on what a format logs about a file, which it names first."""

    def __init__(self, answers: BinaryIO) -> None:
        super().__init__(logging.WARNING)
        self._answers = answers

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record as a note."""
        origin, _, remark = record.getMessage().partition(": ")
        _send(self._answers, "note", [origin, remark])


def _serve(request: dict[str, Any], answers: BinaryIO) -> None:
    origin = request["origin"]
    try:
        reader = load_reader(request["suffix"])
        _send(answers, "ready", None)
        for item in reader(Path(request["path"]), origin):
            if isinstance(item, Skipped):
                _send(answers, "skipped", [item.origin, item.reason])
            else:
                _send(answers, "draft", plain_draft(item))
    except Unreadable as reason:
        _send(answers, "skipped", [origin, str(reason)])
    except (MemoryError, BrokenPipeError):
        raise
    except OSError as error:
        _send(answers, "skipped", [origin, f"cannot be read: {error.strerror or type(error).__name__}"])
    except RecursionError:
        _send(answers, "skipped", [origin, "nested too deep"])
    except Exception as error:  # whatever a format stumbles over, the others are read
        _send(answers, "skipped", [origin, f"the parser failed on it: {type(error).__name__}: {error}"[:200]])
    _send(answers, "done", None)


def _send(answers: BinaryIO, kind: str, value: Any) -> None:
    answers.write(packed({"kind": kind, "value": value}))
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
