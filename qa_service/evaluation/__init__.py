"""How good retrieval, answers and confidence are on a gold file, as figures, plots and a list of failures."""

from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.gold import GoldQuestion, read_gold
from qa_service.evaluation.outcome import Failure, Outcome
from qa_service.evaluation.report import check_writable
from qa_service.evaluation.running import evaluate
from qa_service.evaluation.text import text_report

__all__ = [
    "Evaluation",
    "Failure",
    "GoldQuestion",
    "Outcome",
    "check_writable",
    "evaluate",
    "read_gold",
    "text_report",
]
