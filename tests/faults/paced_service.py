"""The fake service with the time that a real answer takes."""

import os
import time
import uuid
from dataclasses import replace

from qa_service.domain import Answer, Question
from tests.web.fake_service import FakeService

ASK_S = "PACED_ASK_S"
"""Environment variable that holds the time of an answer in seconds."""


class PacedService(FakeService):
    """Takes a while for each question, without using the processor; keeps no questions."""

    def __init__(self, ask_s: float | None = None) -> None:
        super().__init__()
        self._ask_s = float(os.environ.get(ASK_S, "0")) if ask_s is None else ask_s

    def ask(self, question: Question) -> Answer:
        """Answer after the set time."""
        time.sleep(self._ask_s)
        answer = super().ask(question)
        self.questions.clear()
        return replace(answer, answer_id=f"ans_{uuid.uuid4().hex}")
