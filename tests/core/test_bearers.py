"""Whom a kind can happen to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from monitor.core.bearers import borne, class_of
from monitor.core.model import Actor
from monitor.extract.kinds import load_bodies
from tests.core.helpers import POLICY, changes, claim, doc, tell
from tests.core.test_differ_properties import claims_of

BODIES = load_bodies()
NAMES = {
    "Norway": "country",
    "United Kingdom": "country",
    "Côte d’Ivoire": "country",
    "Ministry of Fisheries": "body",
    "Consejo Supremo de Aguas": "body",
    "ruling party": "body",
    "YPT": "body",
    "Jane Roe": None,
    "six members of the council": None,
    "opposition leaders": None,
    "jefe del partido": None,
    "police officers": None,
    "Georgia Meloni": None,
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_states_and_bodies_are_told_from_people(name: str, expected: str | None) -> None:
    assert class_of(Actor(name=name), BODIES) == expected


@pytest.mark.parametrize("kind", ["arrest", "arrest_order", "release", "charge", "appointment", "asylum"])
def test_what_cannot_be_is_disposed_of_with_a_reason(kind: str) -> None:
    (result,) = tell((doc("1"), [claim(kind, recipients=["Norway"])]))
    assert result.developments == ()
    assert result.dispositions[0].reason == f"cannot be: {kind} of Norway"


@pytest.mark.parametrize("kind", ["sanction", "decree", "investigation"])
def test_a_body_can_be_investigated_banned_and_sanctioned(kind: str) -> None:
    (result,) = tell((doc("1"), [claim(kind, recipients=["ruling party"])]))
    assert [d.kind for d in result.developments] == [kind]


def test_a_state_among_those_released_is_who_released_them() -> None:
    (result,) = tell((doc("1"), [claim("release", recipients=["Norway", "nine sailors"])]))
    (found,) = result.developments
    assert [a.name for a in found.actors] == ["Norway"]
    assert [a.name for a in found.recipients] == ["nine sailors"]


def test_a_body_that_removes_somebody_is_no_reason_to_refuse() -> None:
    removal = claim("resignation", actors=["High Court"], recipients=["Jane Roe"])
    assert borne(removal, POLICY) == removal
    assert borne(claim("resignation", actors=["Norway"]), POLICY) is None


@given(claims_of("d"))
@settings(max_examples=100, deadline=None)
def test_whoever_is_left_was_named_and_can_bear_it(claims) -> None:
    for one in claims:
        fit = borne(one, POLICY)
        if fit is None or fit == one:
            continue
        refused = POLICY.kinds[one.kind].refuses
        assert fit.recipients
        assert {*fit.recipients, *fit.actors} <= {*one.recipients, *one.actors}
        assert not any(class_of(a, BODIES) in refused for a in fit.recipients)


def test_a_courts_decree_is_a_ruling() -> None:
    results = tell(
        (
            doc("1"),
            [claim("court_ruling", actors=["Supreme Court"], outcome="annuls", recipients=["quota law"])],
        ),
        (doc("2"), [claim("decree", actors=["Supreme Court"])]),
        (doc("3"), [claim("decree", actors=["cabinet"])]),
    )
    assert [[(d.kind, str(d.change)) for d in r.developments] for r in results] == [
        [("court_ruling", "new")],
        [],
        [("decree", "new")],
    ]


def test_nobody_says_it_to_himself() -> None:
    forces, cabinet = Actor(name="security forces"), Actor(name="cabinet")
    alone = claim("statement", stance="demands", actors=[forces], recipients=[forces])
    assert borne(alone, POLICY) is None
    both = borne(replace(alone, actors=(cabinet, forces)), POLICY)
    assert both is not None
    assert both.actors == (cabinet,)


SIDES = [
    {"actors": ["Ada Pol"]},
    {"recipients": ["Ada Pol"]},
    {"actors": ["Ada Pol"], "recipients": ["Ada Pol"]},
    {"actors": ["Ada Pol"], "recipients": ["ruling party"]},
    {"actors": ["High Court"], "recipients": ["Pol"]},
]


@pytest.mark.parametrize("kind", ["resignation", "asylum"])
@pytest.mark.parametrize("first", SIDES)
@pytest.mark.parametrize("again", SIDES)
def test_on_whichever_side_a_text_puts_who_left_it_is_told_once(kind: str, first, again) -> None:
    results = tell(
        (doc("1"), [claim(kind, **first)]),
        (doc("2"), [claim(kind, **again)]),
        (doc("3"), [claim(kind, actors=["Max Low"])]),
    )
    assert [changes(r) for r in results] == [["new"], [], ["new"]]
