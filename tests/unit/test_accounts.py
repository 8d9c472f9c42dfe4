"""Keys are made once, kept as hashes, recognised only while they are good, and never seen again."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.errors import InvalidAccount, KeyNotFound, StateUnavailable
from qa_service.state.accounts import PREFIX, Accounts, account_name
from qa_service.state.database import Database
from qa_service.state.sessions import Sessions
from tests.unit.moving_clock import MovingClock


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "state.db")


@pytest.fixture
def accounts(database: Database, tmp_path: Path, clock: MovingClock) -> Accounts:
    return Accounts(database, tmp_path, clock=clock)


@pytest.fixture
def sessions(database: Database, clock: MovingClock) -> Sessions:
    return Sessions(database, idle=timedelta(hours=2), longest=timedelta(hours=10), clock=clock)


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_key_is_long_random_and_told_by_its_beginning(accounts: Accounts) -> None:
    first, second = accounts.create("anna"), accounts.create("anna")
    for made in (first, second):
        assert made.text.startswith(f"{PREFIX}{made.key.key_id}_")
        assert len(made.text.rpartition("_")[2]) == 64  # 256 bits in hex
    assert first.text != second.text
    assert first.key.account == second.key.account == "anna"


def test_a_key_is_kept_as_a_hash_alone_and_printed_by_nothing(accounts: Accounts, tmp_path: Path) -> None:
    made = accounts.create("anna")
    secret = made.text.rpartition("_")[2]
    stored = everything_on_disk(tmp_path)
    assert made.key.key_id.encode() in stored
    assert secret.encode() not in stored
    assert bytes.fromhex(secret) not in stored
    assert secret not in repr(made) + repr(made.key) + repr(accounts) + str(accounts.all_keys())


def test_a_key_is_recognised_as_its_account_s(accounts: Accounts) -> None:
    made = accounts.create("anna")
    accounts.create("bert")
    found = accounts.recognise(made.text)
    assert found is not None
    assert (found.account, found.key_id) == ("anna", made.key.key_id)


def test_what_is_not_the_key_is_not_recognised(accounts: Accounts) -> None:
    made, other = accounts.create("anna"), accounts.create("bert")
    head, _, secret = made.text.rpartition("_")
    for wrong in (
        "",
        "x",
        head,
        secret,
        made.text + "0",
        made.text[:-1],
        made.text.upper(),
        f"{made.text}\n",
        f" {made.text}",
        f"{head}_{'0' * 64}",
        f"{head}_{other.text.rpartition('_')[2]}",
        f"{PREFIX}000000000000_{secret}",
        made.text.replace("_", "\u0661"),
        "\ud800",
    ):
        assert accounts.recognise(wrong) is None, wrong


@given(st.text())
def test_no_text_breaks_recognition(text: str) -> None:
    assert Accounts(Database(Path("/nowhere/state.db")), Path("/nowhere")).recognise(text) is None


def test_a_revoked_key_is_useless_at_once_and_stays_revoked(accounts: Accounts, clock: MovingClock) -> None:
    made, other = accounts.create("anna"), accounts.create("anna")
    revoked = accounts.revoke(made.key.key_id)
    assert revoked.revoked_at == "2026-03-01T12:00:00Z"
    clock.advance(days=1)
    assert accounts.revoke(made.key.key_id).revoked_at == revoked.revoked_at
    assert accounts.recognise(made.text) is None
    assert accounts.recognise(other.text) is not None


def test_a_key_expires_on_time(accounts: Accounts, clock: MovingClock) -> None:
    made = accounts.create("anna", lifetime=timedelta(days=30))
    assert made.key.expires_at == "2026-03-31T12:00:00Z"
    clock.advance(days=30, seconds=-1)
    assert accounts.recognise(made.text) is not None
    clock.advance(seconds=1)
    assert accounts.recognise(made.text) is None
    assert [key.state("2026-03-31T12:00:00Z") for key in accounts.all_keys()] == ["expired"]


def test_a_lifetime_beyond_the_calendar_ends_with_it(accounts: Accounts) -> None:
    assert accounts.create("anna", lifetime=timedelta.max).key.expires_at == "9999-12-31T23:59:59Z"


def test_the_last_use_is_written_once_a_minute_at_most(
    accounts: Accounts, database: Database, clock: MovingClock
) -> None:
    made = accounts.create("anna")
    seen = []
    for seconds in (0, 30, 29, 1, 59, 1):
        clock.advance(seconds=seconds)
        accounts.recognise(made.text)
        seen.append((accounts.all_keys()[0].last_used_at or "")[11:])
    assert seen == ["12:00:00Z", "12:00:00Z", "12:00:00Z", "12:01:00Z", "12:01:00Z", "12:02:00Z"]


def test_a_note_that_cannot_be_written_keeps_nobody_out(
    accounts: Accounts, database: Database, tmp_path: Path
) -> None:
    made = accounts.create("anna")
    blocked = Accounts(Database(tmp_path / "state.db", busy_s=0.01), tmp_path)
    assert blocked.all_keys() == [made.key]
    with database.writing():
        assert blocked.recognise(made.text) is not None


def test_keys_are_required_from_the_first_on_whatever_becomes_of_it(
    accounts: Accounts, database: Database, tmp_path: Path
) -> None:
    assert not accounts.required()
    assert not accounts.any_usable()
    assert list(tmp_path.iterdir()) == []  # looking makes no file
    made = accounts.create("anna")
    assert Accounts(database, tmp_path).required()
    assert accounts.any_usable()
    accounts.revoke(made.key.key_id)
    assert accounts.required()
    assert not accounts.any_usable()


def test_forgetting_the_last_key_takes_the_requirement_back(accounts: Accounts) -> None:
    first, second = accounts.create("anna"), accounts.create("bert")
    assert accounts.forget(first.key.key_id)
    assert accounts.required()
    assert accounts.recognise(first.text) is None
    assert not accounts.forget(second.key.key_id)
    assert not accounts.required()


def test_a_damaged_file_does_not_open_the_door(accounts: Accounts, tmp_path: Path) -> None:
    made = accounts.create("anna")
    for path in tmp_path.glob("state.db*"):
        path.write_bytes(b"x" * 5000)
    again = Accounts(Database(tmp_path / "state.db"), tmp_path)
    again.restore_marker()
    assert again.required()
    with pytest.raises(StateUnavailable):
        again.recognise(made.text)


def test_the_requirement_outlives_a_restore_of_the_database_alone(
    accounts: Accounts, database: Database, tmp_path: Path
) -> None:
    accounts.create("anna")
    (tmp_path / "keys-required").unlink()
    again = Accounts(database, tmp_path)
    again.restore_marker()
    assert again.required()
    assert (tmp_path / "keys-required").exists()


def test_nothing_is_required_where_nothing_was_made(tmp_path: Path) -> None:
    accounts = Accounts(Database(tmp_path / "none" / "state.db"), tmp_path / "none")
    accounts.restore_marker()
    assert not accounts.required()
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_cannot_be_marked_is_not_made(accounts: Accounts, tmp_path: Path) -> None:
    (tmp_path / "keys-required").symlink_to(tmp_path / "missing" / "file")
    with pytest.raises(StateUnavailable, match="no key was made"):
        accounts.create("anna")
    assert accounts.all_keys() == []


@pytest.mark.parametrize("key_id", ["000000000000", "", "x", "qas_", "qas_000000000000_" + "5" * 64])
def test_an_unknown_id_is_said_without_repeating_a_secret(accounts: Accounts, key_id: str) -> None:
    for made in (False, True):
        if made:
            accounts.create("anna")
        for act in (accounts.revoke, accounts.forget):
            with pytest.raises(KeyNotFound) as caught:
                act(key_id)
            assert "5555" not in str(caught.value)


def test_a_whole_key_can_be_revoked(accounts: Accounts) -> None:
    made = accounts.create("anna")
    assert accounts.revoke(f" {made.text}\n").key_id == made.key.key_id
    assert accounts.recognise(made.text) is None


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a,b", "a\nb", "a\x00b", "a\u202eb", "\ud800"])
def test_names_that_no_account_has(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidAccount):
        accounts.create(name)
    assert accounts.all_keys() == []


@given(st.text(max_size=120))
def test_a_name_has_one_form(text: str) -> None:
    try:
        name = account_name(text)
    except InvalidAccount:
        return
    assert account_name(name) == name
    assert account_name(f" {name} ") == name


def test_a_session_is_its_key_s_account_s(accounts: Accounts, sessions: Sessions) -> None:
    made = accounts.create("anna")
    token = sessions.begin(made.key.key_id)
    found = sessions.find(token)
    assert found is not None
    assert (found.account, found.key_id) == ("anna", made.key.key_id)
    assert len(token) == 43  # 256 bits
    assert sessions.begin(made.key.key_id) != token
    for wrong in ("", token[:-1], token + "x", "\ud800"):
        assert sessions.find(wrong) is None


def test_a_session_s_token_is_nowhere_on_the_disk(
    accounts: Accounts, sessions: Sessions, tmp_path: Path
) -> None:
    token = sessions.begin(accounts.create("anna").key.key_id)
    assert sessions.find(token)
    assert token.encode() not in everything_on_disk(tmp_path)


def test_a_session_ends_by_hand(accounts: Accounts, sessions: Sessions) -> None:
    token = sessions.begin(accounts.create("anna").key.key_id)
    sessions.end(token)
    sessions.end("never begun")
    assert sessions.find(token) is None


def test_a_session_ends_when_it_is_not_used(
    accounts: Accounts, sessions: Sessions, clock: MovingClock
) -> None:
    token = sessions.begin(accounts.create("anna").key.key_id)
    for _ in range(4):
        clock.advance(hours=2, seconds=-1)
        assert sessions.find(token)
    clock.advance(hours=2)
    assert sessions.find(token) is None


def test_no_session_outlives_its_longest(accounts: Accounts, sessions: Sessions, clock: MovingClock) -> None:
    token = sessions.begin(accounts.create("anna").key.key_id)
    for _ in range(9):
        clock.advance(hours=1)
        assert sessions.find(token)
    clock.advance(hours=1)
    assert sessions.find(token) is None


def test_a_session_ends_with_its_key(accounts: Accounts, sessions: Sessions, clock: MovingClock) -> None:
    revoked, forgotten = accounts.create("anna"), accounts.create("anna")
    expiring = accounts.create("anna", lifetime=timedelta(minutes=5))
    tokens = [sessions.begin(made.key.key_id) for made in (revoked, forgotten, expiring)]
    accounts.revoke(revoked.key.key_id)
    accounts.forget(forgotten.key.key_id)
    clock.advance(minutes=5)
    assert [sessions.find(token) for token in tokens] == [None, None, None]


def test_notes_of_use_stay_few(
    accounts: Accounts, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_service.state.sessions.MAX_NOTED", 2)
    made = accounts.create("anna")
    for token in [sessions.begin(made.key.key_id) for _ in range(5)]:
        assert sessions.find(token)
        assert sessions.noted() <= 2


def test_old_sessions_are_swept_when_one_begins(
    accounts: Accounts, sessions: Sessions, clock: MovingClock, tmp_path: Path
) -> None:
    made = accounts.create("anna")
    for _ in range(3):
        sessions.begin(made.key.key_id)
    clock.advance(hours=3)
    token = sessions.begin(made.key.key_id)
    with sqlite3.connect(tmp_path / "state.db") as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    connection.close()
    assert sessions.find(token)


def test_a_folder_that_vanishes_opens_no_door(accounts: Accounts, tmp_path: Path) -> None:
    accounts.create("anna")
    assert accounts.required()
    (tmp_path / "keys-required").unlink()
    assert accounts.required()
    for path in tmp_path.iterdir():
        path.unlink()
    assert accounts.required()


def test_forgetting_the_last_key_elsewhere_is_noticed_and_a_new_key_counts_again(
    database: Database, accounts: Accounts, tmp_path: Path
) -> None:
    made = accounts.create("anna")
    assert accounts.required()
    beside = Accounts(database, tmp_path)
    assert not beside.forget(made.key.key_id)
    assert not accounts.required()
    beside.create("ben")
    assert accounts.required()


def test_lost_keys_are_told_apart_from_a_wrong_one(
    database: Database, accounts: Accounts, tmp_path: Path
) -> None:
    made = accounts.create("anna")
    assert accounts.recognise(made.text[:-1] + ("0" if made.text[-1] != "0" else "1")) is None
    with database.writing() as connection:
        connection.execute("DELETE FROM api_keys")
    with pytest.raises(StateUnavailable, match="holds none: it was lost or replaced"):
        accounts.recognise(made.text)
