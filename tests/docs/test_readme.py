"""The README says what is so."""

import re

import pytest

from tests.docs.readme import README, ROOT, file_map, generated

TEXT = README.read_text(encoding="utf-8")


def test_settings_and_file_map_are_those_of_the_code() -> None:
    assert generated(TEXT) == TEXT, "run `python -m tests.docs.readme`"


def test_every_module_says_what_it_is_for() -> None:
    assert [line for line in file_map().splitlines() if line.endswith("|  |")] == []


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:web|qa_service|embeddings|tests)/[\w/.]+)`", TEXT))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", TEXT)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make (\w+)|`make (\w+)`", TEXT, re.MULTILINE))))
def test_every_make_target_exists(target: tuple[str, str]) -> None:
    assert re.search(rf"^{''.join(target)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
