"""Whose name it is, however a document spells it."""

from __future__ import annotations

import pytest

from monitor.core.model import Actor
from monitor.core.names import same_name, same_person, same_voice, sound


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Edmundo González Urrutia", "Gonzalez"),
        ("Edmundo González Urrutia", "Edmundo Gonzales"),
        ("Edmundo González Urrutia", "Urritia"),
        ("María Corina Machado", "Maria Machado"),
        ("Muhammad Yunus", "Mohamad Yunus"),
        ("President Nicolás Maduro", "Nicolas Maduro Moros"),
        ("A. Blinken", "Antony Blinken"),
        ("National Electoral Council", "Electoral Council"),
        ("Chile's government", "government of Chile"),
        ("Москва", "москва"),
        ("Abu Khan (grocer)", "Abu Khan"),
        ("Xi Jinping", "Xi"),
        ("President Nguyen Van Thieu", "Nguyen"),
    ],
)
def test_one_name(left: str, right: str) -> None:
    assert same_name(left, right)
    assert same_name(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Pedro Sánchez", "María Sánchez"),
        ("Khaleda", "Khaleda Zia"),
        ("Jinping", "Wang Yi"),
        ("North Korea", "South Korea"),
        ("Iran", "Iraq"),
        ("Niger", "Nigeria"),
        ("Austria", "Australia"),
        ("United States", "United Nations"),
        ("Venezuelan government", "Venezuelan opposition"),
        ("High Court", "Supreme Court"),
        ("Abu Khan (grocer)", "Abu Khan (student)"),
        ("", "Jane Roe"),
        ("Москва", "Киев"),
    ],
)
def test_two_names(left: str, right: str) -> None:
    assert not same_name(left, right)
    assert not same_name(right, left)


def test_identifiers_and_countries_decide() -> None:
    one = Actor(name="Guinea", country="GIN")
    assert not same_person(one, Actor(name="Equatorial Guinea", country="GNQ"))
    assert same_person(Actor(name="PM", wikidata="Q1"), Actor(name="J. Roe", wikidata="Q1"))
    assert not same_person(Actor(name="John Roe", wikidata="Q1"), Actor(name="J. Roe", wikidata="Q2"))


def test_a_speaker_speaks_for_a_body_but_is_not_it() -> None:
    minister = Actor(name="Antony Blinken", speaks_for="United States")
    spokesman = Actor(name="Matthew Miller", speaks_for="United States")
    body = Actor(name="United States")
    assert same_voice(minister, body)
    assert same_voice(minister, spokesman)
    assert not same_person(minister, spokesman)
    assert not same_voice(minister, Actor(name="Jane Roe", speaks_for="United Nations"))


@pytest.mark.parametrize(
    ("one", "other"), [("gonzalez", "gonzales"), ("sayed", "said"), ("machado", "machada")]
)
def test_misspellings_share_a_sound(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Consejo Nacional Electoral", "National Electoral Council", True),
        ("autoridades", "authorities", True),
        ("Ministerio de Salud", "Health Ministry", True),
        ("Consejo Nacional Electoral", "council", True),
        ("Fiscal Rosa Lind", "Lind", True),
        ("Justice Rosa Lind", "Lind", True),
        ("Tribunal Supremo de Justicia", "Supreme Tribunal of Justice", True),
        ("Tribunal Supremo de Justicia", "Supreme Electoral Tribunal", False),
        ("Ministerio de Salud", "Defence Ministry", False),
    ],
)
def test_a_body_is_the_same_in_another_language(one: str, other: str, *, same: bool) -> None:
    assert same_name(one, other) is same


def test_a_bodys_country_is_no_part_of_its_name() -> None:
    council = Actor(name="Chad electoral council", country="TCD", country_name="Chad")
    assert same_person(council, Actor(name="Consejo Nacional Electoral"))
    assert not same_person(council, Actor(name="Mali electoral council", country="MLI", country_name="Mali"))
    assert same_person(Actor(name="Chad", country_name="Chad"), Actor(name="Chad"))
