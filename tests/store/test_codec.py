"""Values survive being written and read, whatever text they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Development, Fact
from monitor.store.codec import clean, dumps, from_micros, key_of, loads, pack, to_micros, unpack
from tests.store.values import claim, cursor, development, document, fact, record, silence


@pytest.mark.parametrize(
    "value", [claim(), cursor(), development(), document(), fact(), record(), silence()], ids=repr
)
def test_every_kind_comes_back_equal(value: Any) -> None:
    found = loads(type(value), dumps(value))
    assert found == value
    assert repr(found) == repr(value)


def test_a_field_that_an_older_version_did_not_write_takes_its_default() -> None:
    text = dumps(fact()).replace('"topic":"the result",', "").replace('"version":3', '"later":1')
    assert loads(Fact, text) == fact(topic=None, version=1)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_can_be_stored_and_keeps_its_length(text: str) -> None:
    found = loads(Development, dumps(replace(development(), quote=text, sources=(text,))))
    assert found.quote == clean(text) == found.sources[0]
    assert len(found.quote) == len(text)
    assert "\x00" not in found.quote
    found.quote.encode("utf-8")


def test_a_backslash_before_u0000_is_no_nul() -> None:
    text = "\\u0000 and \\\\u0000"
    assert loads(Development, dumps(replace(development(), quote=text))).quote == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_exact(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_micros(datetime(2024, 1, 1))


@given(st.lists(st.integers(0, 2**64 - 1), max_size=9))
def test_signatures_are_exact(numbers: list[int]) -> None:
    assert unpack(pack(numbers)) == tuple(numbers)


def test_keys_tell_their_parts_apart() -> None:
    keys = {key_of("a", "bc"), key_of("ab", "c"), key_of("a", "b", "c"), key_of("abc")}
    assert len(keys) == 4
    assert all(-(2**63) <= key < 2**63 for key in keys)
