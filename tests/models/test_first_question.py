"""What the first question waits for: a reindex leaves nothing to prepare, and models load side by side."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from embeddings.exported_models import ensure_exported
from embeddings.onnx_model import obstacle
from qa_service.settings import Settings


@pytest.mark.skipif(obstacle() is not None, reason=f"{obstacle()}")
def test_after_a_reindex_the_first_question_needs_no_pytorch(sample_settings: Settings) -> None:
    program = (
        "import sys; from pathlib import Path; from qa_service import bootstrap;"
        "from qa_service.domain import Question; from qa_service.settings import Settings;"
        f"settings = Settings(data_dir=Path({str(sample_settings.data_dir)!r}));"
        "encoder, answerer = bootstrap.load_answerer(settings);"
        "answerer.ask(bootstrap.open_archive(settings, encoder), Question('What is closed?'));"
        "print([m for m in ('torch', 'transformers', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_two_models_are_never_exported_at_once(tmp_path: Path) -> None:
    running, most = 0, []

    def make(path: Path) -> None:
        nonlocal running
        running += 1
        most.append(running)
        time.sleep(0.05)
        running -= 1
        path.write_bytes(b"a model")

    threads = [threading.Thread(target=ensure_exported, args=(tmp_path, key, make)) for key in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]
