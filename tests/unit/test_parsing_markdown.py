"""Markdown: front matter, blocks and inline marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.parsing import markdown
from qa_service.parsing.markdown_blocks import plain_words, read_blocks
from tests.unit.parsing_checks import read

HEAD = "---\ntitle: The Last Ferry\n---\n"


def write(folder, text, name="a.md"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def article_of(folder, text):
    articles, skipped = read(write(folder, text))
    assert skipped == []
    (article,) = articles
    return article


def kinds_of(article):
    return [(paragraph.kind.value, paragraph.text) for paragraph in article.paragraphs]


def test_front_matter(tmp_path):
    article = article_of(
        tmp_path,
        "---\ntitle: 'The Last Ferry'\ndate: 2025-03-03\nupdated: 2025-03-04 08:30:00 +01:00\n"
        "author: [Jane Doe, Tom Roe]\nsource: Courier\nurl: https://e.org/x\nid: ferry-1\ntags: [a]\n---\nText.\n",
    )
    assert (article.article_id, article.title, article.source) == ("ferry-1", "The Last Ferry", "Courier")
    assert (article.published_at, article.updated_at) == ("2025-03-03", "2025-03-04T08:30:00+01:00")
    assert (article.authors, article.url) == (("Jane Doe", "Tom Roe"), "https://e.org/x")
    assert kinds_of(article) == [("headline", "The Last Ferry"), ("body", "Text.")]


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("title: 1984", "1984"),
        ("title: Yes", "Yes"),
        ("title: 2025-03-03", "2025-03-03"),
        ("title: a: b", None),
    ],
)
def test_a_title_stays_what_was_written(tmp_path, front, title):
    articles, skipped = read(write(tmp_path, f"---\n{front}\n---\nText.\n"))
    assert [article.title for article in articles] == ([title] if title else [])
    assert len(skipped) == (title is None)


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: [a", "no valid YAML"),
        ("- a\n- b", "no mapping"),
        ("title: {a: b}", '"title" is an object'),
        ("title: x\ndate: 2025-13-01", '"date" is "2025-13-01"'),
        ("title: x\ndate: soon", '"date" is "soon"'),
        ("a: &a [*a]", "no valid YAML"),
        ("title: " + "[" * 5_000, "YAML"),
        ("title: " + "x" * 70_000, "larger than 64 KiB"),
    ],
)
def test_broken_front_matter_is_skipped_with_its_reason(tmp_path, front, reason):
    articles, (skipped,) = read(write(tmp_path, f"---\n{front}\n---\nText.\n"))
    assert articles == []
    assert skipped.origin == "a.md"
    assert reason in skipped.reason or "nested too deep" in skipped.reason
    assert len(skipped.reason) < 300


def test_yaml_makes_no_objects_and_no_bombs(tmp_path):
    bomb = "a0: &a0 {x: y}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
    )
    article = article_of(tmp_path, f"---\n{bomb}title: !!python/object/apply:os.getcwd x\n---\nText.\n")
    assert article.title == "x"


@pytest.mark.parametrize("text", ["---\nText without an end.\n", "---\nWords\n---\nMore words.\n"])
def test_a_rule_at_the_start_is_no_front_matter(tmp_path, text):
    assert "ords" in article_of(tmp_path, text).text or "Text" in article_of(tmp_path, text).text


def test_the_first_heading_is_the_title(tmp_path):
    article = article_of(
        tmp_path, "Note above.\n\n# The *Last* Ferry\n\nText.\n\n## What next?\n\nMore.\n\n# Other\n\nEnd.\n"
    )
    assert article.title == "The Last Ferry"
    assert kinds_of(article) == [
        ("headline", "The Last Ferry"), ("body", "Note above."), ("body", "Text."), ("subhead", "What next?"),
        ("body", "More."), ("subhead", "Other"), ("body", "End."),
    ]  # fmt: skip


def test_the_heading_that_repeats_the_title_stands_once(tmp_path):
    assert kinds_of(article_of(tmp_path, HEAD + "# The last ferry\n\nText.\n")) == [
        ("headline", "The Last Ferry"),
        ("body", "Text."),
    ]


def test_without_any_title_the_file_gives_its_name(tmp_path):
    path = write(tmp_path, "Just a paragraph.\n", "my_notes.md")
    (article,), _ = read(path)
    assert (article.title, kinds_of(article)) == ("my notes", [("body", "Just a paragraph.")])


def test_kinds(tmp_path):
    text = (
        "![The ferry at dusk](x.jpg)\n*The ferry on March 2, 2025.*\n\n![](y.jpg)\n\n*Nobody waved.*\n\n"
        "*A man waves on March 1, 2025. Ida MOORCROFT / NPA*\n\nFirst\nline.\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n"
        "```python\nx = 1\n\ny = *2*\n```\n\n- one\n- two\n  lines\n\n3. three\n4. four\n\n> Quoted.\n\n"
        "Correction: It was **two**.\n\nShare this\n\n<!-- hidden -->\n"
        "<div>Hello <b>world</b>\n<script>alert(1)</script></div>\n"
    )
    article = article_of(tmp_path, HEAD + text)
    assert kinds_of(article)[1:] == [
        ("caption", "The ferry at dusk"),
        ("caption", "The ferry on March 2, 2025."),
        ("caption", "Nobody waved."),
        ("caption", "A man waves on March 1, 2025. Ida MOORCROFT / NPA"),
        ("body", "First line."),
        ("table", "| a | b |\n|---|---|\n| 1 | **2** |"),
        ("body", "x = 1\n\ny = *2*"),
        ("body", "one"),
        ("body", "two lines"),
        ("body", "3. three"),
        ("body", "4. four"),
        ("body", "Quoted."),
        ("correction", "Correction: It was two."),
        ("body", "Hello world"),
    ]
    assert article.furniture == ("Share this",)
    assert (article.published_at, article.published_at_inferred) == ("2025-03-02", True)


def test_lines_under_the_title_state_what_front_matter_does_not(tmp_path):
    article = article_of(
        tmp_path, "# The Last Ferry\n\n*By Jane Doe*\n\nPublished: 3 March 2025\n\nText.\n\nBy Tom Roe\n"
    )
    assert (article.authors, article.published_at) == (("Jane Doe",), "2025-03-03")
    assert kinds_of(article)[1:] == [("body", "Text."), ("body", "By Tom Roe")]


def test_a_dateline_dates(tmp_path):
    article = article_of(tmp_path, "# The Last Ferry\n\nTOLLVIK, March 3, 2025 (NPA) — It **sailed**.\n")
    assert (article.published_at, article.published_at_inferred) == ("2025-03-03", False)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("**Two** [dogs](https://e.org \"t\") and `x*y*`", "Two dogs and x*y*"),
        ("snake_case and 3 * 4 * 5", "snake_case and 3 * 4 * 5"),
        ("AT&amp;T, 1 &lt; 2, \\*star\\*", "AT&T, 1 < 2, *star*"),
        ("<https://e.org> and <b>bold</b><br>break", "https://e.org and bold break"),
        ("~~gone~~ and ***both***", "~~gone~~ and both"),
        ("[label][missing] ![alt](x.png)", "[label][missing] "),
        ("one\ntwo  \nthree", "one two\nthree"),
    ],
)  # fmt: skip
def test_inline_marks_become_plain_words(source, words):
    assert plain_words(source) == words


@pytest.mark.parametrize("text", [HEAD, "# Title only\n", HEAD + "<script>x</script>\n", HEAD + "---\n***\n"])
def test_nothing_beside_the_title_is_no_article(tmp_path, text):
    articles, (skipped,) = read(write(tmp_path, text))
    assert articles == []
    assert "no article text" in skipped.reason


def test_a_file_that_is_too_large_is_skipped(tmp_path, monkeypatch):
    monkeypatch.setattr(markdown, "LARGEST_FILE", 1 << 20)
    _, (skipped,) = read(write(tmp_path, "a" * ((1 << 20) + 1)))
    assert "larger than 1 MiB" in skipped.reason


@pytest.mark.parametrize(
    "mark", ["> ", "- ", "[", "![", "*a **b ", "`", "<", "|", "  - a\n", "# ", "[a](", "\\", "&"]
)
def test_deep_and_broken_markup_ends(mark):
    assert sum(1 for _ in read_blocks(mark * 5_000)) >= 0
    assert list(read_blocks(mark * 500 + "\n\nLast words."))[-1].text.endswith("words.")


MARKUP = st.sampled_from(
    ["# ", "## ", "- ", "1. ", "> ", "*", "**", "_", "`", "```\n", "[a](b)", "![c](d)", "\n", "\n\n", "|", "---\n",
     "<b>", "&amp;", "\\", "    ", "A line of words.", "Ida MOORCROFT / NPA", "=====\n", "|a|b|\n|-|-|\n|1|2|\n"]
)  # fmt: skip


@given(st.lists(st.one_of(MARKUP, st.text(max_size=12)), max_size=25).map("".join))
def test_any_markdown_gives_sound_articles_or_a_reason(tmp_path_factory, text):
    articles, skipped = read(write(tmp_path_factory.mktemp("markdown"), text))
    assert len(articles) + len(skipped) == 1
