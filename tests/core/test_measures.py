"""Standing measures: one matter, whatever the words, and what becomes of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.measures import on_its_matter, phase_of
from monitor.core.model import Claim
from monitor.extract.kinds import load_measures
from tests.core.helpers import POLICY, changes, claim, doc, tell

MEASURES = load_measures()
ONE, TWO, LATER = "2024-08-05", "2024-08-06", "2024-08-20"


def decree(quote: str, *recipients: str, day: int | None = None, actor: str | None = None) -> Claim:
    return claim(
        "decree",
        quote=quote,
        recipients=recipients,
        actors=[actor] if actor else [],
        event_date=date(2024, 8, day) if day else None,
        event_date_precision="day" if day else None,
    )


@pytest.mark.parametrize(
    ("told", "topic"),
    [
        (decree("Toque de queda en todo el país"), "curfew"),
        (decree("The night curfew begins at eight", "army"), "curfew"),
        (decree("the commander of martial law outlawed them", "rallies", "strikes"), "gatherings"),
        (decree("a law on fishing was passed"), None),
        (claim("arrest", quote="arrested during the curfew"), None),
    ],
)
def test_the_matter_of_a_measure_is_the_same_in_every_language(told: Claim, topic: str | None) -> None:
    assert on_its_matter(told, POLICY).topic == topic


def test_a_measure_is_known_by_its_matter_whoever_and_whatever_is_named() -> None:
    results = tell(
        (doc("1", ONE), [decree("CURFEW from midnight, and the army is out", "army")]),
        (doc("2", TWO), [decree("Rige el toque de queda", "país", actor="gobierno")]),
        (doc("3", LATER), [decree("The curfew was extended on Monday", "curfew", day=19)]),
        (doc("4", LATER), [decree("The schools are closed", "schools", actor="ministry")]),
    )
    assert [changes(r) for r in results] == [["new"], [], ["changed"], ["new"]]


def test_that_it_was_lifted_is_news_without_a_day_and_once() -> None:
    results = tell(
        (doc("1", ONE), [decree("The curfew was imposed at once", "curfew")]),
        (doc("2", LATER), [decree("The curfew was lifted at dawn", "curfew")]),
        (doc("3", LATER), [decree("Se levantó el toque de queda", "toque de queda")]),
        (doc("4", TWO), [decree("The curfew was extended", "curfew")]),
    )
    assert [changes(r) for r in results] == [["new"], ["changed"], [], []]
    assert results[1].developments[0].reason == "decree: lifted"


def test_two_matters_of_one_government_on_one_day_are_two() -> None:
    (result,) = tell(
        (
            doc("1"),
            [
                decree("A curfew was ordered", day=5, actor="cabinet"),
                decree("Mobile data was cut", day=5, actor="cabinet"),
            ],
        )
    )
    assert changes(result) == ["new", "new"]


def test_two_named_parties_are_not_banned_by_one_decree() -> None:
    results = tell(
        (doc("1", ONE), [decree("The rallies of it were banned", "Green Front")]),
        (doc("2", TWO), [decree("The rallies of it were banned as well", "Blue Front")]),
    )
    assert [changes(r) for r in results] == [["new"], ["new"]]


WORDS = st.sampled_from(sorted(MEASURES.matters))


@given(WORDS, WORDS, st.sampled_from(["", " was imposed", " begins"]))
@settings(max_examples=150, deadline=None)
def test_words_of_one_matter_never_make_two_measures(one: str, other: str, rest: str) -> None:
    results = tell(
        (doc("1", ONE), [decree(f"the {one}{rest}")]), (doc("2", TWO), [decree(f"now the {other}{rest}")])
    )
    same = MEASURES.matters[one] == MEASURES.matters[other]
    assert changes(results[1]) == ([] if same else ["new"])


@given(st.sampled_from(sorted(MEASURES.phases)))
def test_every_word_of_a_phase_is_found_in_a_sentence(word: str) -> None:
    assert phase_of(f"At last it {word}, they said", POLICY) == MEASURES.phases[word]
