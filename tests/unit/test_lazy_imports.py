"""What the commands load: no model library before a model is needed."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "sentence_transformers", "onnxruntime", "onnx")


@pytest.mark.parametrize(
    "module", ["qa_service.cli", "qa_service.doctor", "qa_service.bootstrap", "web.wsgi"]
)
def test_importing_loads_no_model_library(module: str) -> None:
    program = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
