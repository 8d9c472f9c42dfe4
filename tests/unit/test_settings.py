"""Settings are read once, from known names and values that fit."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.errors import InvalidSetting
from qa_service.settings import Settings, settings_table

RANGED = [f for f in fields(Settings) if f.metadata["low"] is not None]


def test_the_defaults_fit_and_every_setting_has_help() -> None:
    assert Settings.from_env({}) == Settings()
    for f in fields(Settings):
        assert f.metadata["help"].endswith(".")
        assert isinstance(f.default, f.type)  # type: ignore[arg-type]


def test_every_type_is_read() -> None:
    read = Settings.from_env(
        {
            "QA_DATA_DIR": "/var/lib/qa",
            "QA_HOST": "0.0.0.0",
            "QA_PORT": "0",
            "QA_REFRESH_S": "2.5",
            "QA_CHUNK_TITLE": "YES",
            "QA_ACCEPTED_ERROR": "1",
            "QA_LOG_LEVEL": "DEBUG",
            "PATH": "/bin",
            "qa_port": "is another name",
        }
    )
    assert read.data_dir == Path("/var/lib/qa")
    assert (read.host, read.port, read.refresh_s, read.chunk_title) == ("0.0.0.0", 0, 2.5, True)
    assert (read.accepted_error, read.log_level) == (1.0, "DEBUG")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", True),
        ("true", True),
        ("On", True),
        ("0", False),
        ("No", False),
        ("FALSE", False),
        ("off", False),
    ],
)
def test_a_switch_is_read_from_the_usual_words(text: str, value: bool) -> None:
    assert Settings.from_env({"QA_CHUNK_TITLE": text}).chunk_title is value


def test_what_is_given_wins_over_the_environment() -> None:
    environ = {"QA_PORT": "9000", "QA_HOST": "10.0.0.1"}
    read = Settings.from_env(environ, port=8080, host=None, data_dir="elsewhere")
    assert (read.port, read.host, read.data_dir) == (8080, "10.0.0.1", Path("elsewhere"))


@pytest.mark.parametrize("name", ["QA_COLOUR", "QA_", "QA_PORTS", "QA_port", "QA_DATA-DIR"])
def test_an_unknown_name_is_refused_and_the_known_are_listed(name: str) -> None:
    with pytest.raises(InvalidSetting, match=f"Unknown setting {name}.*QA_DATA_DIR.*QA_PORT"):
        Settings.from_env({name: "1"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("QA_PORT", "http"),
        ("QA_PORT", ""),
        ("QA_PORT", "80.5"),
        ("QA_REFRESH_S", "soon"),
        ("QA_REFRESH_S", "nan"),
        ("QA_REFRESH_S", "inf"),
        ("QA_ACCEPTED_ERROR", "-0.1"),
        ("QA_CHUNK_TITLE", "maybe"),
        ("QA_CHUNK_TITLE", ""),
        ("QA_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_name_and_itself(name: str, text: str) -> None:
    with pytest.raises(InvalidSetting, match=name) as caught:
        Settings.from_env({name: text})
    assert text in str(caught.value)


@pytest.mark.parametrize("f", RANGED, ids=lambda f: f.name)
def test_a_range_holds_at_both_ends(f) -> None:  # type: ignore[no-untyped-def]
    name, low, high = f"QA_{f.name.upper()}", f.metadata["low"], f.metadata["high"]
    for fits in (low, high):
        assert getattr(Settings.from_env({name: str(fits)}), f.name) == fits
    for off in (low - 1, high + 1):
        with pytest.raises(InvalidSetting, match=f"{name} is .* between"):
            Settings.from_env({name: str(off)})
        with pytest.raises(InvalidSetting, match=name):
            Settings.from_env({}, **{f.name: f.type(off)})


@given(st.integers())
def test_a_port_is_read_or_refused(port: int) -> None:
    if 0 <= port <= 65535:
        assert Settings.from_env({"QA_PORT": str(port)}).port == port
    else:
        with pytest.raises(InvalidSetting, match="QA_PORT"):
            Settings.from_env({"QA_PORT": str(port)})


def test_settings_cannot_change_after_they_are_read() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_the_table_has_a_row_for_every_setting_with_its_default_and_help() -> None:
    rows = settings_table().splitlines()[2:]
    assert rows == [
        f"| `QA_{f.name.upper()}` | {f'`{f.default}`' if f.default != '' else 'unset'} | {f.metadata['help']} |"
        for f in fields(Settings)
    ]
    assert "|" not in "".join(f.metadata["help"] for f in fields(Settings))
