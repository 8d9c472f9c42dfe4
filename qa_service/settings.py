"""Settings: each with its name, default and help in one place; read from QA_… variables once and never changed."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from qa_service.errors import InvalidSetting

PREFIX = "QA_"
INFERENCES = ("auto", "onnx", "torch")
READERS = ("cross-encoder", "sentence-overlap")


def _setting(default: Any, text: str, low: float | None = None, high: float | None = None) -> Any:
    return field(default=default, metadata={"help": text, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. The field `data_dir` is read from `QA_DATA_DIR`, and so on."""

    data_dir: Path = _setting(Path(".data"), "Folder of the index generations and of what people create.")
    host: str = _setting("127.0.0.1", "Address that the server listens on.")
    port: int = _setting(8000, "Port that the server listens on; 0 takes a free one.", 0, 65535)
    threads: int = _setting(
        32,
        "Requests that are worked on at the same time; questions take three quarters of them at most.",
        2,
        256,
    )
    connections: int = _setting(1000, "Connections that are held open at the same time.", 10, 100_000)
    drain_s: float = _setting(
        30.0, "Seconds that running requests are given to finish when the server stops.", 0.0, 3600.0
    )
    asks_at_once: int = _setting(
        0, "Questions that are answered at the same time, the rest waits; 0 takes one for each core.", 0, 256
    )
    ask_wait_s: float = _setting(
        10.0, "Seconds that a question waits for its turn before it is refused with 503.", 0.0, 600.0
    )
    encoder: str = _setting(
        "all-MiniLM-L6-v2",
        "Sentence-transformers model: the default comes with the install, any other name or path is loaded as given.",
    )
    inference: str = _setting(
        "auto",
        "What runs the models that come with the install: onnx for ONNX Runtime with 8-bit products, torch, or auto for"
        " onnx where the CPU is fit for it; any other encoder runs on torch (docs/SPEED.md).",
    )
    encoder_threads: int = _setting(0, "CPU threads of the models; 0 takes one for each core.", 0, 256)
    encoder_batch: int = _setting(16, "Passages that are encoded together.", 1, 1024)
    chunk_title: bool = _setting(False, "Put the article's title in front of a passage when it is encoded.")
    retrieval_depth: int = _setting(
        200, "Passages that each of the two rankings puts up for fusion.", 10, 10_000
    )
    accepted_error: float = _setting(
        0.55,
        "Share of wrong answers that you accept where half of the questions are written to mislead, in [0, 1];"
        " the lower, the more often the service abstains (docs/ANSWERS.md).",
        0.0,
        1.0,
    )
    reader: str = _setting(
        "cross-encoder",
        "What reads: cross-encoder marks the words that answer (English);"
        " sentence-overlap quotes sentences in any language.",
    )
    keep_generations: int = _setting(
        2, "Generations that stay on disk for rollback, the current one counted.", 1, 100
    )
    max_deleted: str = _setting(
        "20%", "Share of the articles that a reindex may drop; one that would drop more is refused."
    )
    watch_s: float = _setting(
        2.0, "Seconds between two looks of `reindex --watch` at its sources.", 0.05, 86_400.0
    )
    keep_conversations: bool = _setting(
        True, "Keep questions and answers as conversations that people can come back to."
    )
    keep_conversations_days: int = _setting(
        0, "Days after its last question that a conversation is deleted; 0 keeps it for ever.", 0, 36_500
    )
    refresh_s: float = _setting(1.0, "Seconds between looks for a newly published generation.", 0.05, 3600.0)
    open_access: bool = _setting(
        False,
        "Serve beyond loopback without any API key: whoever reaches the port may ask, all as one person;"
        " without effect once there is a key (docs/SECURITY.md).",
    )
    allowed_hosts: str = _setting(
        "",
        "Names under which people reach the server, comma-separated, beside localhost and IP addresses; * for all.",
    )
    trusted_proxies: str = _setting(
        "",
        "Addresses or networks of reverse proxies, comma-separated, whose X-Forwarded-For and -Proto are believed.",
    )
    sso_header: str = _setting(
        "", "Header in which a trusted proxy names the person who signed in with it, such as X-Remote-User."
    )
    session_idle_h: float = _setting(
        24.0, "Hours without use after which a login on the page ends.", 0.01, 8760.0
    )
    session_longest_h: float = _setting(
        720.0, "Hours after which a login on the page ends, however much it is used.", 0.01, 8760.0
    )
    rate_per_key: int = _setting(
        600, "Requests a minute with one API key or by one signed-in person; 0 for no limit.", 0, 1_000_000
    )
    rate_per_address: int = _setting(
        1200, "Requests a minute from one address beyond loopback; 0 for no limit.", 0, 1_000_000
    )
    rate_failed_logins: int = _setting(
        20,
        "Wrong keys and failed logins a minute from one address, loopback too; 0 for no limit.",
        0,
        1_000_000,
    )
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.")
    log_format: str = _setting("text", "Log lines as text for people or as json, an object a line.")
    log_questions: bool = _setting(False, "Let the log of requests hold what people ask.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **given: Any) -> "Settings":
        """Read QA_… variables; `given` values that are not None win over them.

        Raises:
            InvalidSetting: an unknown QA_… name, or a value that does not fit.
        """
        environ = os.environ if environ is None else environ
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise InvalidSetting(f"Unknown setting {unknown[0]}. Known are: {', '.join(sorted(known))}.")
        values = {f.name: _parse(name, f, environ[name]) for name, f in known.items() if name in environ}
        values.update({name: value for name, value in given.items() if value is not None})
        return cls(**values).checked()

    def checked(self) -> "Settings":
        """Return these settings when every value lies in its range, else raise InvalidSetting."""
        for f in fields(self):
            value, low, high = getattr(self, f.name), f.metadata["low"], f.metadata["high"]
            if low is not None and not (low <= value <= high):
                raise InvalidSetting(
                    f"{PREFIX}{f.name.upper()} is {value!r}; it has to lie between {low:g} and {high:g}."
                )
        if self.reader not in READERS:
            raise InvalidSetting(f"QA_READER is {self.reader!r}; use {' or '.join(READERS)}.")
        if self.inference not in INFERENCES:
            raise InvalidSetting(f"QA_INFERENCE is {self.inference!r}; use {', '.join(INFERENCES)}.")
        parse_share(self.max_deleted)
        if self.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise InvalidSetting(f"QA_LOG_LEVEL is {self.log_level!r}; use DEBUG, INFO, WARNING or ERROR.")
        if self.log_format not in ("text", "json"):
            raise InvalidSetting(f"QA_LOG_FORMAT is {self.log_format!r}; use text or json.")
        return replace(self, data_dir=Path(self.data_dir))


def _parse(name: str, f: Any, text: str) -> Any:
    if not text.strip():
        raise InvalidSetting(f"{name} is empty; give a value or leave it unset.")
    if f.type is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise InvalidSetting(f"{name} is {text!r}; use 1 or 0.")
    try:
        return f.type(text)
    except ValueError:
        raise InvalidSetting(f"{name} is {text!r}; it has to be of type {f.type.__name__}.") from None


def parse_share(text: str) -> float:
    """Return a percentage as a share in [0, 1].

    >>> parse_share("20%"), parse_share("100")
    (0.2, 1.0)

    Raises:
        InvalidSetting: it is no percentage from 0 to 100.
    """
    try:
        percent = float(text.strip().removesuffix("%"))
    except ValueError:
        percent = math.nan
    if not 0 <= percent <= 100:
        raise InvalidSetting(
            f"QA_MAX_DELETED (--max-deleted) is {text!r}; give a percentage from 0% to 100%."
        )
    return percent / 100


def _shown(default: Any) -> str:
    return f"`{default}`" if default != "" else "unset"


def settings_table() -> str:
    """Return the settings as a Markdown table, one row each: variable, default, help."""
    rows = [
        f"| `{PREFIX}{f.name.upper()}` | {_shown(f.default)} | {f.metadata['help']} |"
        for f in fields(Settings)
    ]
    return "\n".join(["| variable | default | what it does |", "|---|---|---|", *rows])
