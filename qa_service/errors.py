"""What can go wrong, as one tree.

QAError                      what happened, the value seen, what to do next
├── InputError               the caller's words do not fit
│   ├── InvalidQuestion      empty, blank, too long, or holding characters that no text has
│   ├── InvalidFilter        a filter or date that cannot be understood
│   ├── InvalidSetting       a setting with a value that does not fit, or an unknown QA_ name
│   ├── InvalidGold          a gold file for `eval` that cannot be read
│   ├── InvalidAccount       a name that no account can have
│   └── StaleCursor          a cursor of a generation that is gone, or a broken one
├── SourceError              nothing can be indexed from what was named
├── TooMuchDeleted           a reindex would drop more of the archive than it may
├── ArticleNotFound          no article of this id
├── ConversationNotFound     no conversation of this id that the asking person may see
├── AnswerNotFound           no stored answer of this id that the asking person may see
├── KeyNotFound              no API key of this id
├── ModelMissing             a model is not installed or its weights are not the expected ones
├── IndexMissing             there is no generation yet
├── Overloaded               more questions at once than can be answered
├── StateUnavailable         what people created cannot be read or written just now
└── GenerationError          trouble with generations on disk
    ├── GenerationDamaged    a file is missing or its checksum differs
    ├── GenerationMismatch   written by another encoder or schema version
    └── WriterBusy           another reindex holds the lock
"""


class QAError(Exception):
    """Something that a person can act on; `code` is stable and goes into the API's problem objects."""

    code = "error"


class InputError(QAError):
    """The caller's words do not fit."""

    code = "invalid_input"


class InvalidQuestion(InputError):
    """A question that is empty, blank, too long or no text."""

    code = "invalid_question"


class InvalidFilter(InputError):
    """A filter or date that cannot be understood."""

    code = "invalid_filter"


class InvalidSetting(InputError):
    """A setting whose value does not fit, or an unknown QA_ name."""

    code = "invalid_setting"


class InvalidGold(InputError):
    """A gold file that cannot be read."""

    code = "invalid_gold"


class InvalidAccount(InputError):
    """A name that no account can have."""

    code = "invalid_account"


class StaleCursor(InputError):
    """A cursor that is broken, or whose generation is no longer served (`gone`)."""

    code = "stale_cursor"

    def __init__(self, message: str, *, gone: bool) -> None:
        super().__init__(message)
        self.gone = gone


class SourceError(QAError):
    """Nothing can be indexed from what was named."""

    code = "source_unusable"


class TooMuchDeleted(QAError):
    """A reindex that would drop more of the archive than it may, unless somebody says that this is meant."""

    code = "too_much_deleted"


class ArticleNotFound(QAError):
    """No article has this id."""

    code = "article_not_found"


class ConversationNotFound(QAError):
    """No conversation has this id, or it is another person's."""

    code = "conversation_not_found"


class AnswerNotFound(QAError):
    """No stored answer has this id, or it is another person's."""

    code = "answer_not_found"


class KeyNotFound(QAError):
    """No API key has this id; said on the command line alone, never to a client of the server."""

    code = "key_not_found"


class ModelMissing(QAError):
    """A model is not installed or its weights are not the expected ones."""

    code = "model_missing"


class IndexMissing(QAError):
    """There is no generation to answer from."""

    code = "index_missing"


class StateUnavailable(QAError):
    """The file of what people create cannot be read or written; it is never deleted nor replaced."""

    code = "state_unavailable"


class Overloaded(QAError):
    """More questions at once than can be answered; another try in a few seconds may do."""

    code = "overloaded"


class GenerationError(QAError):
    """Trouble with the generations on disk."""

    code = "generation_error"


class GenerationDamaged(GenerationError):
    """A file of a generation is missing or its checksum differs."""

    code = "generation_damaged"


class GenerationMismatch(GenerationError):
    """A generation written by another encoder or schema version."""

    code = "generation_mismatch"


class WriterBusy(GenerationError):
    """Another reindex holds the lock."""

    code = "writer_busy"
