"""A few invented articles for the web tests: a story over three days, captions, subheads, a correction, odd ids."""

# ruff: noqa: E501 - a paragraph is one line here

from qa_service.domain import Article, ArticleSummary, Paragraph, ParagraphKind

_KINDS = {
    "#": ParagraphKind.HEADLINE,
    ">": ParagraphKind.SUBHEAD,
    "@": ParagraphKind.CAPTION,
    "!": ParagraphKind.CORRECTION,
    "|": ParagraphKind.TABLE,
}


def make_article(
    article_id: str,
    lines: str,
    *,
    published_at: str | None = None,
    inferred: bool = False,
    source: str | None = None,
    authors: tuple[str, ...] = (),
    url: str | None = None,
    updated_at: str | None = None,
) -> Article:
    """Build an article from `lines`, one paragraph each; a first character of `#>@!|` says its kind."""
    paragraphs: list[Paragraph] = []
    text, index = "", 0
    for ordinal, line in enumerate(filter(None, (line.strip() for line in lines.splitlines()))):
        kind = _KINDS.get(line[0], ParagraphKind.BODY)
        words = line if kind is ParagraphKind.BODY else line[1:].strip()
        text += "\n\n" if text else ""
        number = None if kind is ParagraphKind.HEADLINE else index
        index += number is not None
        paragraphs.append(Paragraph(ordinal, number, kind, len(text), len(text) + len(words), words))
        text += words
    return Article(
        article_id,
        paragraphs[0].text,
        text,
        tuple(paragraphs),
        url=url,
        source=source,
        authors=authors,
        published_at=published_at,
        published_at_inferred=inferred,
        updated_at=updated_at,
    )


def summary(article: Article) -> ArticleSummary:
    """Return `article` as lists show it."""
    return ArticleSummary(
        article.article_id,
        article.title,
        article.url,
        article.source,
        article.authors,
        article.published_at,
        article.published_at_inferred,
        article.updated_at,
        sum(paragraph.index is not None for paragraph in article.paragraphs),
    )


ARTICLES = (
    make_article(
        "ferry-3",
        """
        # Number of missing from Vestra ferry falls to four
        @ Rescue boats off the island of Vestra on September 9, 2021. (Photo by Mira LANDQUIST)
        Four people were still missing on Thursday after the ferry Halden struck a reef off the island of Vestra, the coast guard said, down from eleven the day before.
        Seven of those counted as missing had been taken aboard a fishing boat and had spent the night on the uninhabited islet of Store Kalv, without a telephone.
        > ‘We burned the nets’
        “We burned the nets to keep warm,” said Ingrid Solheim, 71, a retired teacher who was among the seven.
        The coast guard has searched 340 square kilometres of sea and will go on until Saturday evening.
        ! An earlier version of this article said that the ferry carried 84 passengers. It carried 88.
        """,
        published_at="2021-09-09",
        source="Northern Wire",
        authors=("Jonas Ekeland", "Mira Landquist"),
        url="https://news.example/ferry-3",
        updated_at="2021-09-10T07:15:00Z",
    ),
    make_article(
        "ferry-2",
        """
        # Eleven missing after ferry strikes reef off Vestra
        @ The ferry Halden on the reef, September 8, 2021. (Photo by Mira LANDQUIST)
        Eleven people were missing on Wednesday after the ferry Halden ran onto a reef in fog on its way from Osthavn to the island of Vestra.
        The captain of the Halden, Aslak Moe, had sailed the route of the ferry for nineteen years.
        The transport minister, Liv Brandt, promised an inquiry and said that the reef had been marked on every chart since 1911.
        """,
        published_at="2021-09-08",
        inferred=True,
        source="Northern Wire",
    ),
    make_article(
        "2021/library opens #2",
        """
        # Osthavn opens library in former fish hall
        The town of Osthavn opened its new library on Monday in a fish hall that had stood empty since 1998.
        > 40,000 books, one crane
        The crane that once lifted crates of cod now lifts readers’ prams to the upper floor, said the librarian, Petra Aune.
        The conversion cost 62 million crowns, nine million less than had been planned.
        | Floor   Use                 Square metres
        """,
        published_at="2021-08-30",
        source="Osthavn Gazette",
        authors=("Petra Lind",),
    ),
    make_article(
        "glacier",
        """
        # Glacier hut moved for the third time
        The Skarvatn hut was moved 120 metres uphill last week, the third time since 1987, as the glacier beside it goes on shrinking.
        Ninety volunteers carried the hut’s 1,400 numbered boards in four days.
        """,
    ),
)
