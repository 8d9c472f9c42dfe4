"""docs/SECURITY.md names settings, files and codes that there are, with the defaults that they have."""

import re
from dataclasses import fields

from qa_service.settings import Settings
from tests.docs.readme import ROOT
from web.accounts import PUBLIC
from web.rate_limits import MAX_BUCKETS

TEXT = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
SETTINGS = {f"QA_{f.name.upper()}": f.default for f in fields(Settings)}
OF_ACCESS = re.compile("QA_(OPEN|ALLOWED|TRUSTED|SSO|SESSION|RATE)_")


def test_every_setting_that_is_named_exists_and_those_of_access_are_all_named() -> None:
    named = set(re.findall(r"QA_[A-Z_]+", TEXT))
    assert named <= set(SETTINGS)
    assert {name for name in SETTINGS if OF_ACCESS.match(name)} <= named


def test_the_defaults_are_those_of_the_settings() -> None:
    rows = re.findall(r"^\| (`QA_[^|]*) \| ([^|]*) \|", TEXT, re.MULTILINE)
    assert rows
    for names, defaults in rows:
        for name, default in zip(re.findall(r"QA_\w+", names), defaults.split(", "), strict=True):
            value = SETTINGS[name]
            shown = "unset" if value == "" else f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
            assert default == shown, name


def test_every_code_and_file_that_is_named_exists() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "web").glob("*.py")}
    for row in re.findall(r"^\| [^|]+ \| ([^|]*) \| `?[^|]+\|$", TEXT, re.MULTILINE):
        for code in re.findall(r"`([a-z]+_[a-z_]+)`", row):
            assert any(f'"{code}"' in source for source in sources.values()), code
    for path in re.findall(r"`((?:web|tests|qa_service)/[\w/.]+)`", TEXT):
        assert (ROOT / path).exists(), path


def test_the_addresses_without_a_key_are_all_named() -> None:
    for rule in PUBLIC:
        assert f"`{rule.replace('<path:filename>', '…')}`" in TEXT


def test_the_number_of_buckets_is_the_code_s() -> None:
    assert f"At most {MAX_BUCKETS:,} buckets" in TEXT
