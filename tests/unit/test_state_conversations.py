"""Stored conversations: order, paging, search, ownership, age."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.domain import Turn
from qa_service.errors import AnswerNotFound, ConversationNotFound
from qa_service.state.conversations import (
    MAX_REMEMBERED,
    MAX_TITLE,
    Conversations,
    StoredAnswer,
    title_of,
)
from qa_service.state.database import Database
from qa_service.state.feedback import Feedback
from qa_service.state.folding import folded

ME, YOU = "me", "you"
STRANGE = [
    "🛟 ‮gnol‬ question?",
    "a'b\"c; DROP TABLE conversations; --",
    "100% _sure_ \\ [x]",
    "سؤال؟",
    "İstanbul ﬁx",
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.db")
    yield database
    database.close()


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


def answer(number: int | str, question: str = "Who?", text: str | None = "Ada.") -> StoredAnswer:
    return StoredAnswer(f"ans_{number}", question, text, 1, f'{{"n":"{number}"}}')


def ids(conversations: Conversations, limit: int = 100, words: str = "", owner: str = ME) -> list[str]:
    page = conversations.page(owner, limit=limit, words=words)
    return [found.conversation_id for found in page.conversations]


def test_a_conversation_comes_back_as_it_was_kept(conversations: Conversations) -> None:
    kept = [answer(1, "Who is\nAda?"), answer(2, "Where?", None), *(answer(text, text) for text in STRANGE)]
    for one in kept:
        conversations.keep(ME, "c", one)
    found = conversations.get(ME, "c")
    assert list(found.answers) == kept
    assert (found.summary.title, found.summary.question_count) == ("Who is Ada?", len(kept))
    assert found.summary.created_at <= found.summary.updated_at
    assert datetime.fromisoformat(found.summary.created_at).utcoffset() == timedelta(0)


def test_the_newest_question_comes_first_whatever_the_clock_says(database: Database) -> None:
    days = iter([3, 2, 1, 0])
    conversations = Conversations(
        database, now=lambda: datetime(2021, 9, 10, tzinfo=UTC) + timedelta(days=next(days))
    )
    for number, name in enumerate(["a", "b", "c", "a"]):
        conversations.keep(ME, name, answer(number))
    assert ids(Conversations(database)) == ["a", "c", "b"]


def test_renaming_keeps_the_place_and_is_found_by_search(conversations: Conversations) -> None:
    conversations.keep(ME, "a", answer(1))
    conversations.keep(ME, "b", answer(2))
    renamed = conversations.rename(ME, "a", "Ferry “Halden”")
    assert (renamed.title, renamed.question_count) == ("Ferry “Halden”", 1)
    assert conversations.get(ME, "a").summary == renamed
    assert ids(conversations) == ["b", "a"]
    assert ids(conversations, words='ferry "halden"') == ["a"]
    conversations.keep(ME, "a", answer(3, "Another question?"))
    assert conversations.get(ME, "a").summary.title == "Ferry “Halden”"


def test_what_was_said_comes_back_as_turns(conversations: Conversations) -> None:
    assert conversations.turns(ME, "c") == ()
    conversations.keep(ME, "c", answer(1, "Who is Ada?", "A captain."))
    conversations.keep(ME, "c", answer(2, "Where?", None))
    assert conversations.turns(ME, "c") == (
        Turn("user", "Who is Ada?"),
        Turn("assistant", "A captain."),
        Turn("user", "Where?"),
    )
    for number in range(3, MAX_REMEMBERED + 5):
        conversations.keep(ME, "c", answer(number, f"Question {number}?", None))
    turns = conversations.turns(ME, "c")
    assert len(turns) == MAX_REMEMBERED
    assert turns[-1].content == f"Question {MAX_REMEMBERED + 4}?"


def test_deleting_takes_answers_and_votes_along(conversations: Conversations, database: Database) -> None:
    feedback = Feedback(database)
    for name in ("a", "b"):
        conversations.keep(ME, name, answer(name))
        feedback.vote(ME, f"ans_{name}", "up", "secret note")
    conversations.delete(ME, "a")
    assert ids(conversations) == ["b"]
    with pytest.raises(ConversationNotFound):
        conversations.get(ME, "a")
    with pytest.raises(ConversationNotFound):
        conversations.delete(ME, "a")
    with database.reading() as connection:
        left = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("conversations", "exchanges", "feedback")
        ]
    assert left == [1, 1, 1]


def test_what_was_deleted_is_gone_from_the_disk(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    conversations = Conversations(database)
    conversations.keep(ME, "c", answer(1, "Where is the zanzibarquay?"))
    database.close()
    assert b"zanzibarquay" in (tmp_path / "state.db").read_bytes()
    conversations.delete(ME, "c")
    database.close()
    assert all(b"zanzibarquay" not in path.read_bytes() for path in tmp_path.iterdir())


def test_nobody_sees_or_touches_what_is_another_s(conversations: Conversations, database: Database) -> None:
    feedback = Feedback(database)
    conversations.keep(ME, "c", answer(1, "My question?"))
    feedback.vote(ME, "ans_1", "up", None)
    before = conversations.get(ME, "c")
    for refused in (
        lambda: conversations.get(YOU, "c"),
        lambda: conversations.rename(YOU, "c", "Yours"),
        lambda: conversations.delete(YOU, "c"),
    ):
        with pytest.raises(ConversationNotFound, match="No conversation has the id 'c'"):
            refused()
    assert conversations.turns(YOU, "c") == ()
    with pytest.raises(AnswerNotFound):
        feedback.vote(YOU, "ans_1", "down", "yours")
    assert ids(conversations, owner=YOU) == ids(conversations, owner=YOU, words="question") == []
    assert feedback.of_conversation(YOU, "c") == ()
    assert conversations.get(ME, "c") == before
    assert [vote.rating for vote in feedback.of_conversation(ME, "c")] == ["up"]


def test_two_owners_may_use_one_id(conversations: Conversations, database: Database) -> None:
    feedback = Feedback(database)
    conversations.keep(ME, "c", answer(1, "My question?"))
    before = conversations.get(ME, "c")
    conversations.keep(YOU, "c", answer(2, "Your question?"))
    feedback.vote(YOU, "ans_2", "down", None)
    assert [turn.content for turn in conversations.turns(YOU, "c")] == ["Your question?", "Ada."]
    assert conversations.rename(YOU, "c", "Yours").title == "Yours"
    assert (ids(conversations), ids(conversations, owner=YOU)) == (["c"], ["c"])
    assert conversations.get(ME, "c") == before
    assert feedback.of_conversation(ME, "c") == ()
    conversations.delete(YOU, "c")
    assert conversations.get(ME, "c") == before


SEARCHES = [
    ("ADA", {"a"}),
    ("ada captain", {"a"}),  # in question and answer
    ("captain ada ferries", {"a"}),  # and in another exchange
    ("ada strasse", set()),
    ("STRASSE", {"b"}),
    ("%", {"c"}),
    ("_", {"c"}),
    ("' OR 1=1 --", set()),
    ("don't", {"c"}),
    ("", {"a", "b", "c"}),
    ("ﬁrst", {"b"}),
    ("cafe\N{COMBINING ACUTE ACCENT}", {"b"}),
    ('"]', set()),
]


@pytest.mark.parametrize(("words", "expected"), SEARCHES, ids=[words or "nothing" for words, _ in SEARCHES])
def test_search_finds_conversations_that_hold_every_word(
    conversations: Conversations, words: str, expected: set[str]
) -> None:
    conversations.keep(ME, "a", answer(1, "Who is Ada?", "The captain."))
    conversations.keep(ME, "a", answer(2, "What ferries are there?", None))
    conversations.keep(ME, "b", answer(3, "The first Straße?", "A café."))
    conversations.keep(ME, "c", answer(4, "100% of _all_ who don’t?", None))
    assert set(ids(conversations, words=words)) == expected


@given(st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5))
def test_each_word_of_a_text_is_found_in_it(words: list[str]) -> None:
    text = " ".join(words)
    for word in text.split():
        assert folded(word) in folded(text)


@settings(max_examples=25, deadline=None)
@given(
    asked=st.lists(st.integers(0, 9), max_size=30),
    limit=st.integers(1, 7),
    changes=st.lists(st.sampled_from(["new", "delete"]), max_size=5),
)
def test_paging_shows_each_conversation_once_while_others_come_and_go(
    tmp_path_factory: pytest.TempPathFactory, asked: list[int], limit: int, changes: list[str]
) -> None:
    database = Database(tmp_path_factory.mktemp("paging") / "state.db")
    conversations = Conversations(database)
    for number, name in enumerate(asked):
        conversations.keep(ME, f"c{name}", answer(number))
        conversations.keep(YOU, f"yours{name}", answer(f"your{number}"))
    expected = list(dict.fromkeys(f"c{name}" for name in reversed(asked)))
    seen: list[str] = []
    gone: set[str] = set()
    before: int | None = 0
    while before is not None:
        page = conversations.page(ME, limit=limit, before=before)
        assert len(page.conversations) <= limit
        seen += [found.conversation_id for found in page.conversations]
        before = page.next_before
        change = changes.pop() if changes else None
        if change == "new":
            conversations.keep(ME, f"new{len(changes)}", answer(f"new{len(changes)}"))
        elif change == "delete" and (left := [name for name in expected if name not in {*seen, *gone}]):
            gone.add(left[0])
            conversations.delete(ME, left[0])
    database.close()
    assert seen == [name for name in expected if name not in gone]


def test_threads_that_ask_in_one_conversation_lose_nothing(conversations: Conversations) -> None:
    def ask(tab: int) -> None:
        for number in range(10):
            conversations.keep(ME, "c", answer(f"{tab}-{number}"))

    tabs = [threading.Thread(target=ask, args=(tab,)) for tab in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    found = [one.answer_id for one in conversations.get(ME, "c").answers]
    assert len(set(found)) == 80
    for tab in range(8):  # each tab's own in the order in which it asked
        mine = [name for name in found if name.startswith(f"ans_{tab}-")]
        assert mine == [f"ans_{tab}-{number}" for number in range(10)]


def test_old_conversations_are_not_shown_and_deleted_by_the_next_question(database: Database) -> None:
    today = datetime(2021, 9, 10, 12, tzinfo=UTC)

    def on(days: int, keep_days: int) -> Conversations:
        return Conversations(database, keep_days=keep_days, now=lambda: today + timedelta(days=days))

    on(0, 0).keep(ME, "old", answer(1))
    on(5, 0).keep(ME, "new", answer(2))
    assert ids(on(10, 0)) == ["new", "old"]
    assert ids(on(10, 10)) == ["new", "old"]
    late = on(11, 10)
    assert ids(late) == ["new"]
    assert late.turns(ME, "old") == ()
    for refused in (late.get, late.delete):
        with pytest.raises(ConversationNotFound):
            refused(ME, "old")
    with pytest.raises(ConversationNotFound):
        late.rename(ME, "old", "Kept?")
    assert ids(on(10, 0)) == ["new", "old"]
    late.keep(YOU, "another", answer(3))
    assert ids(on(10, 0)) == ["new"]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Who?", "Who?"),
        ("  Who\n is\tit? ", "Who is it?"),
        ("word " * 40, ("word " * 15).strip() + " word…"),
        ("a" * 79 + " b", "a" * 79 + "…"),
        ("x" * 10_000, "x" * 79 + "…"),
        ("🛟" * 90, "🛟" * 79 + "…"),
    ],
)
def test_titles_are_made_of_questions(question: str, title: str) -> None:
    assert title_of(question) == title


@given(st.text(min_size=1, max_size=300).filter(str.strip))
def test_no_title_is_long_or_empty_or_broken_into_lines(question: str) -> None:
    title = title_of(question)
    assert 0 < len(title) <= MAX_TITLE
    assert len(title.splitlines()) == 1


def test_a_second_vote_takes_the_place_of_the_first(database: Database, conversations: Conversations) -> None:
    feedback = Feedback(database)
    conversations.keep(ME, "c", answer(1))
    conversations.keep(ME, "c", answer(2))
    first = feedback.vote(ME, "ans_2", "up", "good 🛟")
    second = feedback.vote(ME, "ans_2", "down", None)
    other = feedback.vote(ME, "ans_1", "up", None)
    assert (first.rating, first.note, first.answer_id) == ("up", "good 🛟", "ans_2")
    assert (second.rating, second.note, second.feedback_id) == ("down", None, first.feedback_id)
    assert feedback.of_conversation(ME, "c") == (other, second)
    with pytest.raises(AnswerNotFound, match="ans_3"):
        feedback.vote(ME, "ans_3", "up", None)


def test_the_same_vote_again_keeps_its_note(database: Database, conversations: Conversations) -> None:
    feedback = Feedback(database)
    conversations.keep(ME, "c", answer(1))
    feedback.vote(ME, "ans_1", "down", "Yesterday’s number.")
    assert feedback.vote(ME, "ans_1", "down", None).note == "Yesterday’s number."
    assert feedback.vote(ME, "ans_1", "down", "Last week’s.").note == "Last week’s."
    assert feedback.vote(ME, "ans_1", "down", "").note == ""
    feedback.vote(ME, "ans_1", "down", "Wrong ship.")
    assert feedback.vote(ME, "ans_1", "up", None).note is None  # it was a word on the other opinion
