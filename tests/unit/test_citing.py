"""Which evidence is cited beside the best."""

import re

from embeddings.protocols import Span
from qa_service.citing import MAX_CITED, CitationPolicy, differ, same_answer, select
from qa_service.domain import ArticleSummary, Hit, Paragraph, ParagraphKind, Passage
from qa_service.reading import Evidence

POLICY = CitationPolicy(margin=0.5, gain=0.2, reach=3.0, agreeing=0.4, differing=0.6)


def evidence(article: str, short: str, score: float, confidence: float = 0.5, **held: float) -> Evidence:
    text = f"It was {short}."
    summary = ArticleSummary(article, article, None, None, (), None, False, None, 1)
    paragraph = Paragraph(0, 0, ParagraphKind.BODY, 0, len(text), text)
    hit = Hit(1, score, 0.8, 3.0, 0, summary, paragraph, Passage(article, 0, 0, 0, 0, len(text), text))
    span = re.search(re.escape(short), text)
    assert span is not None
    return Evidence(hit, Span(0, len(text)), Span(*span.span()), score, held, confidence)


def cited(*pieces: Evidence) -> list[str]:
    return [piece.hit.article.article_id for piece in select(pieces, POLICY)]


def test_the_best_is_always_cited_and_nothing_without_evidence() -> None:
    assert cited() == []
    assert cited(evidence("a", "40", 1.0, 0.01)) == ["a"]


def test_an_article_that_gives_the_same_answer_is_cited_though_it_lies_behind() -> None:
    best = evidence("a", "around 40 members", 9.0, 0.8)
    assert cited(best, evidence("b", "40", 1.0, 0.4)) == ["a", "b"]
    assert cited(best, evidence("b", "40", 1.0, 0.2)) == ["a"]
    assert cited(best, evidence("b", "20", 1.0, 0.4)) == ["a"]


def test_another_article_s_other_figure_or_name_is_cited_when_nearly_as_sure() -> None:
    best = evidence("a", "around 40 members", 9.0, 0.8)
    assert cited(best, evidence("b", "some 20", 1.0, 0.5)) == ["a", "b"]
    assert cited(best, evidence("b", "some 20", 1.0, 0.4)) == ["a"]
    assert cited(best, evidence("a", "some 20", 1.0, 0.5)) == ["a"]
    assert cited(best, evidence("b", "the list", 1.0, 0.5)) == ["a"]


def test_a_rival_close_behind_is_cited_whatever_it_says() -> None:
    assert cited(evidence("a", "40", 9.0), evidence("b", "some 20", 8.6)) == ["a", "b"]


def test_what_adds_to_the_question_is_cited_within_reach() -> None:
    best = evidence("a", "8 percent", 9.0, wanted=0.4)
    assert cited(best, evidence("a2", "4.5 percent", 7.0, 0.1, offered=0.3)) == ["a", "a2"]
    assert cited(best, evidence("a2", "4.5 percent", 5.0, 0.1, offered=0.3)) == ["a"]
    assert cited(best, evidence("a2", "4.5 percent", 7.0, 0.1, wanted=0.4)) == ["a"]


def test_no_more_than_three_are_cited() -> None:
    assert len(cited(*(evidence(f"a{n}", "40", 9.0) for n in range(6)))) == MAX_CITED


def test_same_answers_and_different_ones() -> None:
    assert same_answer("“Sparkly March”", "the Sparkly March")
    assert not same_answer("the", "a")
    assert differ("7,000 people", "250 people")
    assert differ("4.5 percent", "8 percent")
    assert not differ("in Minsk", "the flag")
    assert not differ("March 2020", "Minsk")
