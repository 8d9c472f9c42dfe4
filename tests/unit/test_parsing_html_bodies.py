"""Bodies of ninety news pages against the true ones; needs the shared folder."""

import gzip
import json
import re
from collections import Counter

from qa_service.parsing.decoding import decode_markup
from qa_service.parsing.html import read_page
from tests.unit.parsing_checks import assert_sound
from tests.unit.shared_folder import needs_shared, shared_folder

LEAST_MEAN_F1 = 0.95
_TOKEN = re.compile(r"\w+")


def token_f1(found: str, true: str) -> float:
    ours, theirs = Counter(_TOKEN.findall(found)), Counter(_TOKEN.findall(true))
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


@needs_shared
def test_whole_articles_hold_the_true_bodies_and_little_else():
    """The article's whole text is compared: its headline and captions, too, count against it."""
    pages = shared_folder() / "data" / "html_articles"
    truth = json.loads((pages / "ground_truth.json").read_text("utf-8"))
    scores = []
    for name, one in truth.items():
        source = decode_markup(gzip.decompress((pages / "html" / f"{name}.html.gz").read_bytes()), name)
        draft = read_page(source, name, name)
        assert_sound(draft)
        scores.append(token_f1(draft.text, one["articleBody"]))
    assert len(scores) == 90
    assert sum(scores) / len(scores) >= LEAST_MEAN_F1
