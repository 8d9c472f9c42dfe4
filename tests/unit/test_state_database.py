"""The file state.db: made, migrated, shared, and left alone when something is wrong with it."""

import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from qa_service.errors import StateUnavailable
from qa_service.state.conversations import Conversations, StoredAnswer
from qa_service.state.database import Database, verify
from qa_service.state.feedback import Feedback
from qa_service.state.migrations import MIGRATIONS

STEPS = (
    "CREATE TABLE words (word TEXT NOT NULL); -- with a comment; and a semicolon\n",
    """
    ALTER TABLE words ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
    CREATE TRIGGER measure AFTER INSERT ON words BEGIN
        UPDATE words SET size = length(word) WHERE rowid = new.rowid;
    END;
    INSERT INTO words (word) VALUES ('a;b');
    """,
    "CREATE TABLE more (word TEXT NOT NULL);\n",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(path, busy_s=0.1)
    yield database
    database.close()


def schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def all_words(database: Database) -> list[str]:
    with database.reading() as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY rowid")]


def test_nothing_is_made_before_the_first_use(path: Path, database: Database) -> None:
    assert not path.parent.exists()
    assert database.check() == f"can be read and written, version {len(MIGRATIONS)}"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    for beside in path.parent.iterdir():  # the write-ahead log holds the same secrets
        assert beside.stat().st_mode & 0o077 == 0
    with database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
    assert verify(path).startswith("sound")


def test_a_folder_that_people_made_keeps_its_modes_and_what_is_in_it_is_private(
    path: Path, database: Database
) -> None:
    path.parent.mkdir(mode=0o755)
    with database.writing() as connection:  # the write-ahead log is there as long as somebody uses the file
        connection.execute("DELETE FROM sessions")
        assert path.parent.stat().st_mode & 0o777 == 0o755
        assert {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == dict.fromkeys(
            ("state.db", "state.db-wal", "state.db-shm"), 0o600
        )


def test_a_file_that_others_can_read_is_named_and_left_as_it_is(
    path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    path.chmod(0o644)
    for _ in range(2):
        database.check()
    assert [one.getMessage() for one in caplog.records] == [
        f"{path} can be read by others (mode 644): chmod 600 it and what is beside it."
    ]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_every_older_version_becomes_the_newest(tmp_path: Path, version: int) -> None:
    Database(tmp_path / "new.db").check()
    Database(tmp_path / "old.db", migrations=MIGRATIONS[:version]).check()
    assert Database(tmp_path / "old.db").check().endswith(f"version {len(MIGRATIONS)}")
    assert schema(tmp_path / "old.db") == schema(tmp_path / "new.db")


def test_a_file_from_before_ids_were_their_owners_keeps_everything(path: Path) -> None:
    old = Database(path, migrations=MIGRATIONS[:2])
    with old.writing() as connection:
        connection.executemany(
            "INSERT INTO conversations VALUES (?, ?, ?, 'Title', 'title', '2025-01-01', '2025-01-02', ?)",
            [(1, "a", "anna", 1), (2, "b", "bert", 2)],
        )
        connection.executemany(
            "INSERT INTO exchanges VALUES (?, ?, ?, 'Who?', 'Ada.', 'who? ada.', 1, '{}')",
            [(1, 1, "ans_1"), (2, 2, "ans_2")],
        )
        connection.execute("INSERT INTO feedback VALUES (1, 'fb_1', 2, 'up', NULL, '2025-01-02')")
    newer = Database(path)
    conversations, feedback = Conversations(newer), Feedback(newer)
    assert [one.answer_id for one in conversations.get("anna", "a").answers] == ["ans_1"]
    assert conversations.get("bert", "b").summary.created_at == "2025-01-01"
    assert [vote.answer_id for vote in feedback.of_conversation("bert", "b")] == ["ans_2"]
    conversations.keep("anna", "b", StoredAnswer("ans_3", "Where?", None, 1, "{}"))
    conversations.delete("bert", "b")  # what belongs to it goes along, as before
    with newer.reading() as connection:
        assert connection.execute("SELECT answer_id FROM exchanges").fetchall() == [("ans_1",), ("ans_3",)]
        assert connection.execute("SELECT * FROM feedback").fetchall() == []
    assert verify(path).startswith("sound")


def test_steps_keep_what_is_there(path: Path) -> None:
    with Database(path, migrations=STEPS[:1]).writing() as connection:
        connection.execute("INSERT INTO words VALUES ('ferry')")
    newer = Database(path, migrations=STEPS)
    assert all_words(newer) == ["ferry", "a;b"]
    with newer.reading() as connection:
        assert connection.execute("SELECT size FROM words").fetchall() == [(0,), (3,)]


def test_a_step_that_fails_leaves_the_version_before_it(path: Path) -> None:
    broken = (*STEPS[:1], "CREATE TABLE half (word TEXT);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(StateUnavailable, match="nowhere"):
        Database(path, migrations=broken).check()
    assert [name for _, name, _ in schema(path)] == ["words"]
    assert Database(path, migrations=STEPS).check().endswith("version 3")


def test_a_newer_version_is_refused_and_left_as_it_is(path: Path) -> None:
    Database(path, migrations=STEPS).check()
    before = schema(path)
    with pytest.raises(StateUnavailable, match=r"version 3, this release knows versions up to 1\. Install"):
        Database(path, migrations=STEPS[:1]).check()
    assert schema(path) == before


def test_a_database_of_another_program_is_left_as_it_is(path: Path, database: Database) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StateUnavailable, match="another program"):
        database.check()
    assert path.read_bytes() == before


def test_an_empty_file_is_filled(path: Path, database: Database) -> None:
    path.parent.mkdir()
    path.touch()
    assert database.check().startswith("can be read")


def test_threads_that_open_the_file_at_once_migrate_it_once(path: Path) -> None:
    failures: list[Exception] = []

    def use(database: Database) -> None:
        try:
            with database.writing() as connection:
                connection.execute("INSERT INTO words (word) VALUES ('x')")
        except Exception as error:
            failures.append(error)

    # Two databases over one file stand for two processes; each has four threads.
    databases = [Database(path, migrations=STEPS, busy_s=10) for _ in range(2)]
    threads = [threading.Thread(target=use, args=(databases[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all_words(databases[0]) == ["a;b", *"xxxxxxxx"]


def test_processes_that_open_the_file_at_once_migrate_it_once(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from qa_service.state.database import Database;"
        "print(Database(Path(sys.argv[1]), busy_s=20).check())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert said == {f"can be read and written, version {len(MIGRATIONS)}\n"}


def test_a_transaction_is_whole_or_not_at_all(path: Path) -> None:
    database = Database(path, migrations=STEPS[:1])

    def write(*words: str | None) -> None:
        with database.writing() as connection:
            for word in words:
                connection.execute("INSERT INTO words VALUES (?)", (word,))
            if "stop" in words:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write("half", "stop")
    with pytest.raises(sqlite3.IntegrityError):
        write("half", None)
    with database.reading() as connection:
        connection.execute("INSERT INTO words VALUES ('not kept')")
    assert all_words(database) == []
    write("whole")
    assert all_words(database) == ["whole"]


def test_a_reader_sees_one_moment_while_others_write(path: Path) -> None:
    database = Database(path, migrations=STEPS[:1])
    with database.reading() as reader:
        assert reader.execute("SELECT count(*) FROM words").fetchone() == (0,)
        with database.writing() as writer:
            writer.execute("INSERT INTO words VALUES ('later')")
        assert reader.execute("SELECT count(*) FROM words").fetchone() == (0,)
    assert all_words(database) == ["later"]


@pytest.mark.parametrize(
    "content",
    [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000, b"x"],
    ids=["text", "header", "x"],
)
def test_a_file_that_is_no_database_is_named_and_kept(path: Path, database: Database, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for look in (database.check, lambda: verify(path)):
        with pytest.raises(StateUnavailable, match=r"^state\.db is damaged .*kept as it is; put a backup"):
            look()
    assert path.read_bytes() == content


def test_damage_in_the_middle_is_named_and_kept(path: Path) -> None:
    database = Database(path, migrations=STEPS[:1])
    with database.writing() as connection:
        connection.executemany("INSERT INTO words VALUES (?)", [(f"word {n}" * 50,) for n in range(500)])
    database.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xa5" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with pytest.raises(StateUnavailable, match="damaged"):
        all_words(database)
    with pytest.raises(StateUnavailable, match="damaged"):
        verify(path)
    assert path.read_bytes() == content


def test_a_mended_file_serves_without_a_restart(path: Path, database: Database) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StateUnavailable):
        database.check()
    path.unlink()
    assert database.check().startswith("can be read")
    path.rename(path.with_name("backup.db"))  # moved away while connections are open
    assert database.check().startswith("can be read")
    assert path.exists()


def test_a_file_that_another_process_holds_is_said_to_be_locked(path: Path, database: Database) -> None:
    database.check()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateUnavailable, match=r"locked by another process\. Try again"):
            database.check()
        with database.reading() as connection:  # reading goes on
            assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
    assert database.check().startswith("can be read")


@pytest.mark.parametrize("hold", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_new_file_that_another_process_holds_is_said_to_be_locked(
    path: Path, database: Database, hold: str
) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(hold)
        with pytest.raises(StateUnavailable, match="locked by another process"):
            database.check()
    assert database.check().startswith("can be read")


def test_as_many_read_at_once_as_want_to(path: Path, database: Database) -> None:
    with ExitStack() as readers:
        for _ in range(20):
            connection = readers.enter_context(database.reading())
            assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)


def test_a_thread_that_holds_the_file_too_long_is_not_waited_for(path: Path, database: Database) -> None:
    with (
        database.writing(),
        pytest.raises(StateUnavailable, match="locked"),
        database.writing(),
    ):
        pass


# What SQLite says under these pragmas is what it says of a full and of a read-only disk.
@pytest.mark.parametrize(
    ("pragma", "mend"),
    [("max_page_count = 2", "free some space"), ("query_only = ON", "mend the permissions")],
    ids=["full", "read-only"],
)
def test_a_disk_that_takes_nothing_is_said(path: Path, pragma: str, mend: str) -> None:
    database = Database(path, migrations=STEPS[:1])

    def write() -> None:
        with database.writing() as connection:
            connection.execute(f"PRAGMA {pragma}")
            connection.executemany("INSERT INTO words VALUES (?)", [("x" * 5000,)] * 10)

    with pytest.raises(StateUnavailable, match=mend):
        write()
    assert all_words(database) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(StateUnavailable, match="mend the permissions"):
        Database(tmp_path / "locked" / "state.db").check()


@pytest.mark.parametrize("name", ["file/state.db", "folder"])
def test_what_stands_in_the_way_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateUnavailable, match=r"mend the permissions|damaged"):
        Database(tmp_path / name).check()
    assert (tmp_path / "folder").is_dir()


def test_verify_makes_and_changes_nothing(path: Path) -> None:
    with pytest.raises(StateUnavailable):
        verify(path)
    assert not path.parent.exists()
    Database(path, migrations=MIGRATIONS[:1]).check()
    before = path.read_bytes()
    assert verify(path) == "sound, version 1"
    assert path.read_bytes() == before


def test_verify_notices_rows_that_belong_to_nothing(path: Path) -> None:
    Database(path).check()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO feedback (feedback_id, exchange, rating, created_at) VALUES ('f', 7, 'up', '')"
        )
    with pytest.raises(StateUnavailable, match="rows lack what they belong to"):
        verify(path)


def test_trouble_is_logged_with_its_place_once_and_told_without(
    path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with pytest.raises(StateUnavailable) as caught:
                database.check()
            assert str(path.parent) not in str(caught.value)
    assert [record.getMessage().startswith(f"{path}: state.db is damaged") for record in caplog.records] == [
        True
    ]


def test_damage_beyond_the_first_page_shows_in_the_check(path: Path) -> None:
    database = Database(path, migrations=STEPS[:1])
    with database.writing() as connection:
        connection.executemany("INSERT INTO words VALUES (?)", [(f"word {n}" * 50,) for n in range(500)])
    assert "can be read and written" in database.check()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    with path.open("r+b") as file:  # the same file, as a failing disk leaves it
        file.seek(4096 * 3)
        file.write(b"\xa5" * (len(content) - 4096 * 3))
    with pytest.raises(StateUnavailable, match="damaged"):
        all_words(database)
    for again in (database, Database(path, migrations=STEPS[:1])):
        with pytest.raises(StateUnavailable, match="damaged"):
            again.check()
    backup = path.with_name("backup")
    backup.write_bytes(content)
    for beside in path.parent.glob("state.db-*"):
        beside.unlink()
    backup.replace(path)
    assert "can be read and written" in database.check()


def test_a_data_folder_that_vanished_is_said_and_not_made_anew(path: Path, database: Database) -> None:
    database.check()
    path.parent.rename(path.parent.with_name("elsewhere"))
    with pytest.raises(StateUnavailable, match="is gone; mount it again"):
        database.check()
    assert not path.parent.exists()
    path.parent.with_name("elsewhere").rename(path.parent)
    assert "can be read and written" in database.check()


def test_a_file_that_was_removed_is_begun_anew_and_said(
    path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.check()
    for beside in path.parent.iterdir():
        beside.unlink()
    assert "can be read and written" in database.check()
    assert "was removed while it was in use; an empty one is begun" in caplog.text
