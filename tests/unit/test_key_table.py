"""A table of keys says what a dictionary would, in a tenth of its memory."""

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa_service.key_table import KEY_BYTES, KeyTable

# Few distinct bytes, so that keys come twice and share one half.
keys = st.lists(
    st.tuples(st.sampled_from(b"\x00\x7f\x80\xff"), st.sampled_from(b"\x00\x7f\x80\xff")).map(
        lambda pair: bytes([pair[0]]) * 8 + bytes([pair[1]]) * 8
    )
)


def first_places(added: list[bytes]) -> dict[bytes, int]:
    return {key: number for number, key in reversed(list(enumerate(added)))}


@given(keys, keys)
def test_it_finds_what_a_dictionary_finds(added: list[bytes], asked: list[bytes]) -> None:
    table, expected = KeyTable(added), first_places(added)
    assert [table.find(key) for key in asked + added] == [expected.get(key) for key in asked + added]
    assert len(table) == len(added)


def test_many_keys_are_found_after_they_were_sorted_in() -> None:
    added = [hashlib.sha256(bytes([n % 251, n // 251])).digest()[:KEY_BYTES] for n in range(12_000)]
    added += added[:3]
    table, expected = KeyTable(added), first_places(added)

    assert [table.find(key) for key in added] == [expected[key] for key in added]
    assert table.find(b"\0" * KEY_BYTES) is None
    assert len(table) == 12_003


def test_a_key_takes_little_memory() -> None:
    drawn = np.random.default_rng(1).bytes(KEY_BYTES * 20_000)
    table = KeyTable(drawn[n : n + KEY_BYTES] for n in range(0, len(drawn), KEY_BYTES))
    held = sum(part.nbytes for part in (table._high, table._low, table._numbers))
    assert held <= 24 * 20_000
    assert len(table._recent) <= 4096 + 20_000 // 16
