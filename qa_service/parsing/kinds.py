"""Kinds of paragraphs that are told by their words and their neighbours alone."""

from collections.abc import Sequence

from qa_service.domain import ParagraphKind
from qa_service.parsing.captions import is_caption
from qa_service.parsing.headings import is_inner_heading
from qa_service.parsing.notices import is_correction


def kinds_of_blocks(texts: Sequence[str]) -> list[ParagraphKind]:
    """Return the kind of each block; every block gets one, so none is merged or dropped.

    A heading stands directly before a block that is none.
    """
    kinds = [_kind_alone(text) for text in texts]
    for position in range(len(texts) - 2, -1, -1):
        before_body = kinds[position] is kinds[position + 1] is ParagraphKind.BODY
        if before_body and is_inner_heading(texts[position]):
            kinds[position] = ParagraphKind.SUBHEAD
    return kinds


def _kind_alone(text: str) -> ParagraphKind:
    if is_correction(text):
        return ParagraphKind.CORRECTION
    return ParagraphKind.CAPTION if is_caption(text) else ParagraphKind.BODY
