"""The tables of state.db, as numbered steps: step n brings a file of version n - 1 to version n.

A step that has been released is never edited: append a new one. `ON DELETE CASCADE` takes along
what belongs to a deleted row; steps run without it, so that a table can be made anew.
"""

_CONVERSATIONS = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    title_folded TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    newest_exchange INTEGER NOT NULL -- orders the list, whatever the clock says
);
CREATE INDEX conversations_of_owner ON conversations (owner, newest_exchange);
CREATE INDEX conversations_by_age ON conversations (updated_at);
CREATE TABLE exchanges (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of asking; never given out twice
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    answer_id TEXT NOT NULL UNIQUE,
    question TEXT NOT NULL,
    answer TEXT, -- NULL when the service abstained
    folded TEXT NOT NULL, -- both, as search compares them
    body_schema INTEGER NOT NULL,
    body TEXT NOT NULL -- the whole answer as it was given, in JSON
);
CREATE INDEX exchanges_of_conversation ON exchanges (conversation, number);
CREATE TABLE feedback (
    number INTEGER PRIMARY KEY,
    feedback_id TEXT NOT NULL UNIQUE,
    exchange INTEGER NOT NULL UNIQUE REFERENCES exchanges ON DELETE CASCADE,
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
    note TEXT,
    created_at TEXT NOT NULL
);
"""

_KEYS_AND_SESSIONS = """
CREATE TABLE api_keys (
    key_id TEXT NOT NULL PRIMARY KEY, -- the part of a key that is no secret
    account TEXT NOT NULL, -- whose key it is; the same word as in conversations.owner
    key_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    last_used_at TEXT,
    revoked_at TEXT
);
CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
);
CREATE INDEX sessions_of_key ON sessions (key_id);
CREATE INDEX sessions_by_age ON sessions (created_at);
"""

# An id is its owner's own: whoever chooses one learns nothing about other people's, and takes none away from them.
# SQLite cannot drop the old constraint, so that the table is made anew; https://sqlite.org/lang_altertable.html, 7.
_IDS_OF_OWNERS = """
CREATE TABLE conversations_of_owners (
    number INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    title_folded TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    newest_exchange INTEGER NOT NULL, -- orders the list, whatever the clock says
    UNIQUE (owner, conversation_id)
);
INSERT INTO conversations_of_owners
    SELECT number, conversation_id, owner, title, title_folded, created_at, updated_at, newest_exchange
    FROM conversations;
DROP TABLE conversations;
ALTER TABLE conversations_of_owners RENAME TO conversations;
CREATE INDEX conversations_of_owner ON conversations (owner, newest_exchange);
CREATE INDEX conversations_by_age ON conversations (updated_at);
"""

MIGRATIONS: tuple[str, ...] = (_CONVERSATIONS, _KEYS_AND_SESSIONS, _IDS_OF_OWNERS)
