"""What a document's claims do to the known facts, one rule a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from monitor.core.differ import blocks_of
from monitor.core.keys import fact_blocks
from monitor.core.model import Actor, Certainty, Change, Claim, Document, EventState, Modality
from tests.core.helpers import NOW, POLICY, actor, changes, claim, doc, tell


def test_a_happening_is_new_once() -> None:
    first, again = tell(
        (doc("1"), [claim("arrest", recipients=["Jane Roe"], event_date=date(2024, 8, 4))]),
        (doc("2"), [claim("arrest", recipients=["Roe"])]),
    )
    assert changes(first) == ["new"]
    assert changes(again) == []
    assert again.dispositions[0].reason.startswith("known")
    assert again.dispositions[0].fact_id == first.developments[0].fact_id


def test_what_is_no_fact_or_too_uncertain_is_disposed_of_with_a_reason() -> None:
    claims = [
        claim("arrest", recipients=["Jane Roe"], modality=Modality.THREAT),
        claim("arrest", recipients=["Jane Roe"], confidence=0.2),
        claim("eclipse", recipients=["Jane Roe"]),
        claim("arrest", recipients=["Jane Roe"], modality=Modality.DENIAL),
    ]
    (result,) = tell((doc("1"), claims))
    assert result.developments == ()
    assert result.state == EventState(event_id="e")
    assert [d.claim_id for d in result.dispositions] == [c.id for c in claims]
    assert ["threat" in result.dispositions[0].reason, "0.20" in result.dispositions[1].reason] == [
        True,
        True,
    ]


def test_a_kind_may_ask_for_more_confidence_than_the_rest() -> None:
    unsure = [claim(kind, recipients=["Jane Roe"], confidence=0.65) for kind in ("arrest", "release")]
    (result,) = tell((doc("1"), unsure))
    assert [d.kind for d in result.developments] == ["release"]
    assert "0.65 is below 0.75" in result.dispositions[0].reason


def test_reported_then_asserted_by_another_publisher_is_confirmed_once() -> None:
    reported = claim(
        "arrest_order", recipients=["Jane Roe"], claimed_by=["insiders"], certainty=Certainty.REPORTED
    )
    results = tell(
        (doc("1"), [reported]),
        (doc("2", publisher="herald"), [claim("arrest_order", recipients=["Jane Roe"])]),
        (doc("3", publisher="courier"), [claim("arrest_order", recipients=["Jane Roe"])]),
    )
    assert [changes(r) for r in results] == [["new"], ["confirmed"], []]
    confirmed = results[1].developments[0]
    assert confirmed.previous is not None
    assert confirmed.previous.id == results[0].developments[0].id
    assert confirmed.independent_sources == 2


def test_each_power_that_sanctions_somebody_is_news_and_each_only_once() -> None:
    day = date(2024, 8, 5)
    results = tell(
        (doc("1"), [claim("sanction", actors=["Canada"], recipients=["Jane Roe"], event_date=day)]),
        (doc("2"), [claim("sanction", actors=["Norway"], recipients=["Jane Roe"], event_date=day)]),
        (doc("3"), [claim("sanction", actors=["Canada"], recipients=["Roe"])]),
        (doc("4"), [claim("sanction", recipients=["Jane Roe"])]),
    )
    assert [changes(r) for r in results] == [["new"], ["new"], [], []]


@pytest.mark.parametrize(("land", "code", "told"), [("Chad", "TCD", []), ("Mali", "MLI", ["new"])])
def test_a_sanction_on_a_state_is_the_one_on_its_officials(land: str, code: str, told: list[str]) -> None:
    officials = Actor(name="Chadian officials", country="TCD")
    state = Actor(name=land, country=code, sector="GOV")
    first = claim("sanction", actors=["Canada"], recipients=[officials], event_date=date(2024, 8, 5))
    again = claim("sanction", actors=["Canada"], recipients=[state], event_date=date(2024, 8, 6))
    assert set(blocks_of([again], now=NOW, policy=POLICY)) & set(fact_blocks(first, NOW))
    assert [changes(r) for r in tell((doc("1"), [first]), (doc("2"), [again]))] == [["new"], told]


def test_two_outlets_of_one_publisher_are_one_source() -> None:
    policy = replace(POLICY, families={"gazette": "house", "gazette-online": "house"})
    results = tell(
        (doc("1"), [claim("arrest", recipients=["Jane Roe"])]),
        (doc("2", publisher="gazette-online"), [claim("arrest", recipients=["Jane Roe"])]),
        policy=policy,
    )
    assert changes(results[1]) == []


def test_a_denial_contradicts_and_a_further_voice_confirms() -> None:
    results = tell(
        (doc("1"), [claim("resignation", actors=["Ada Pol"], event_date=date(2024, 8, 5))]),
        (
            doc("2"),
            [claim("resignation", actors=["Ada Pol"], certainty=Certainty.DENIED, claimed_by=["her son"])],
        ),
        (
            doc("3"),
            [claim("resignation", actors=["Ada Pol"], certainty=Certainty.DENIED, claimed_by=["her son"])],
        ),
        (
            doc("4"),
            [
                claim(
                    "resignation", actors=["Ada Pol"], certainty=Certainty.REPORTED, claimed_by=["the Palace"]
                )
            ],
        ),
    )
    assert [changes(r) for r in results] == [["new"], ["contradicted"], [], ["confirmed"]]


def test_a_joint_statement_is_one_development() -> None:
    said = claim("statement", actors=["Peru", "Chile"], recipients=["High Court"], stance="rejects")
    twin = claim(
        "statement", actors=["Panama"], recipients=["High Court"], stance="rejects", start=said.start
    )
    twin = replace(twin, end=said.end)
    (result,) = tell((doc("1"), [said, twin]))
    assert len(result.developments) == 1
    assert {a.name for a in result.developments[0].actors} == {"Peru", "Chile", "Panama"}
    assert len(result.state.facts) == 3


def test_a_reversed_stance_is_changed_but_not_by_a_late_document() -> None:
    def said(stance: str) -> Claim:
        return claim("statement", actors=["Brazil"], recipients=["Ada Pol"], stance=stance)

    results = tell(
        (doc("1", "2024-08-05"), [said("rejects")]),
        (doc("2", "2024-08-09"), [said("recognises")]),
        (doc("3", "2024-08-06"), [said("rejects")]),
    )
    assert [changes(r) for r in results] == [["new"], ["changed"], []]
    assert results[1].developments[0].previous is not None
    assert results[1].developments[0].previous.stance == "rejects"


def test_blocks_load_what_the_diff_needs() -> None:
    (first,) = tell((doc("1"), [claim("arrest", recipients=["Edmundo González Urrutia"])]))
    fact = next(iter(first.state.facts.values()))
    retelling = claim("arrest", recipients=["Gonzales"])
    assert set(blocks_of([retelling], now=NOW, policy=POLICY)) & set(fact.blocks)
    other = claim("arrest", recipients=["Jane Roe"], actors=["police"])
    assert not set(blocks_of([other], now=NOW, policy=POLICY)) & set(fact.blocks)


def test_an_earlier_step_of_the_lifecycle_is_named() -> None:
    results = tell(
        (doc("1"), [claim("arrest_order", recipients=["Jane Roe"])]),
        (doc("2"), [claim("arrest", recipients=["Jane Roe"])]),
    )
    arrested = results[1].developments[0]
    assert arrested.change is Change.NEW
    assert "arrest ordered" in arrested.reason
    assert arrested.previous is not None
    assert arrested.previous.id == results[0].developments[0].id


def test_two_happenings_apart_in_time_are_two() -> None:
    results = tell(
        (doc("1", "2024-08-16"), [claim("protest", actors=["students"], event_date=date(2024, 8, 15))]),
        (doc("2", "2024-08-19"), [claim("protest", actors=["students"], event_date=date(2024, 8, 18))]),
        (doc("3", "2024-08-20"), [claim("protest", actors=["students"])]),
    )
    assert [changes(r) for r in results] == [["new"], ["new"], []]


def test_what_happened_after_the_first_telling_is_another() -> None:
    results = tell(
        (doc("1", "2024-08-05"), [claim("arrest", recipients=["Jane Roe"])]),
        (doc("2", "2024-08-20"), [claim("arrest", recipients=["Jane Roe"], event_date=date(2024, 8, 19))]),
    )
    assert [changes(r) for r in results] == [["new"], ["new"]]


def test_only_those_not_known_to_be_arrested_are_new() -> None:
    results = tell(
        (doc("1"), [claim("arrest", recipients=["Jane Roe", "Ada Pol"])]),
        (doc("2"), [claim("arrest", recipients=["Jane Roe", "Max Low"])]),
    )
    assert changes(results[1]) == ["new"]
    assert [a.name for a in results[1].developments[0].recipients] == ["Max Low"]


def test_a_measure_moves_with_its_date() -> None:
    def curfew(day: int) -> Claim:
        return claim("decree", actors=["cabinet"], topic="curfew", event_date=date(2024, 8, day))

    results = tell(
        (doc("1", "2024-08-05"), [curfew(5)]),
        (doc("2", "2024-08-09"), [curfew(9)]),
        (doc("3", "2024-08-10"), [curfew(5)]),
    )
    assert [changes(r) for r in results] == [["new"], ["changed"], []]


def test_a_person_who_says_it_on_another_occasion_confirms() -> None:
    def said(name: str, body: str | None) -> Claim:
        person = Actor(name=name, speaks_for=body)
        return claim("statement", actors=[person], recipients=["Ada Pol"], stance="recognises")

    results = tell(
        (doc("1", "2024-08-05"), [said("Antony Blinken", "United States")]),
        (doc("2", "2024-08-09"), [said("Matthew Miller", "United States")]),
        (doc("3", "2024-08-12"), [said("United States", None)]),
    )
    assert [changes(r) for r in results] == [["new"], ["confirmed"], []]


@pytest.mark.parametrize(
    ("stance", "whom", "day", "change"),
    [
        pytest.param("demands", (), "2024-08-12", None, id="the same demand within weeks"),
        pytest.param("demands", (), "2024-11-12", "new", id="months later it is another demand"),
        pytest.param("demands", ("cabinet",), "2024-11-12", None, id="of the same body it is the same"),
        pytest.param("rejects", ("cabinet",), "2024-11-12", None, id="a position stands"),
        pytest.param("rejects", (), "2024-11-12", "new", id="of nobody in particular it is another one"),
    ],
)
def test_how_long_a_stance_is_remembered(
    stance: str, whom: tuple[str, ...], day: str, change: str | None
) -> None:
    def said(quote: str) -> Claim:
        return claim("statement", stance=stance, actors=["Ada Pol"], recipients=whom, quote=quote)

    results = tell(
        (doc("1", "2024-08-05"), [said("she asked for talks")]),
        (doc("2", day), [said("wants an international tribunal")]),
        (doc("3", day), [said("asked once more for talks")]),
    )
    assert [changes(r) for r in results] == [["new"], [change] if change else [], []]


@pytest.mark.parametrize(
    ("quote", "change"),
    [("she will sign no treaty of fishing", None), ("she turned the post down", "new")],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_whom_only_one_text_says_the_words_must_agree(
    quote: str, change: str | None, *, first: bool
) -> None:
    def said(words: str, *, whole: bool) -> Claim:
        whom = ("treaty",) if whole else ()
        return claim("statement", stance="rejects", actors=["Ada Pol"], recipients=whom, quote=words)

    _, last = tell(
        (doc("1", "2024-08-05"), [said("Pol will not sign the fishing treaty", whole=first)]),
        (doc("2", "2024-08-06"), [said(quote, whole=not first)]),
    )
    assert changes(last) == ([change] if change else [])


@pytest.mark.parametrize(
    ("told", "change"),
    [
        pytest.param({"recipients": ["Rosa Lind"]}, "new", id="somebody named, and nobody there"),
        pytest.param({"recipients": ["Rosa Lind"], "event_date": date(2024, 8, 4)}, None, id="on that day"),
        pytest.param({"recipients": ["dockers"]}, None, id="such as were there"),
        pytest.param({"actors": ["guards"], "recipients": ["Rosa Lind"]}, None, id="by the same"),
    ],
)
def test_who_is_named_is_no_part_of_a_happening_of_which_nothing_agrees(
    told: dict[str, object], change: str | None
) -> None:
    clash = claim("violence", actors=["guards"], event_date=date(2024, 8, 4), event_date_precision="day")
    again = claim("violence", event_date_precision="day" if "event_date" in told else None, **told)
    _, last = tell((doc("1", "2024-08-05"), [clash]), (doc("2", "2024-08-06"), [again]))
    assert changes(last) == ([change] if change else [])


COURT = Actor(name="Constitutional Court", sector="JUD")


@pytest.mark.parametrize(
    ("again", "change"),
    [
        pytest.param(
            {"actors": [Actor(name="judges", sector="JUD")], "recipients": ["vote"]}, None, id="judges"
        ),
        pytest.param({"recipients": ["first round"]}, None, id="a ruling in passing names no court"),
        pytest.param(
            {"recipients": ["contest"], "event_date": None}, None, id="in passing and without a day"
        ),
        pytest.param({"actors": [COURT], "recipients": ["ballot"]}, None, id="another word for it"),
        pytest.param({"actors": [COURT], "recipients": ["Jane Roe"]}, None, id="whose election it was"),
        pytest.param(
            {"actors": [COURT], "recipients": ["Fisheries Act"], "event_date": None},
            "new",
            id="a law, undated",
        ),
        pytest.param({"actors": [COURT], "recipients": ["vote"], "outcome": "upholds"}, "new", id="reversed"),
        pytest.param(
            {"actors": [COURT], "recipients": ["vote"], "event_date": date(2024, 9, 6)},
            "new",
            id="a month later",
        ),
        pytest.param({"actors": ["cabinet"], "recipients": ["vote"]}, "new", id="no court"),
        pytest.param(
            {"actors": [COURT], "recipients": ["vote"], "outcome": "suspends"}, "new", id="no annulment"
        ),
    ],
)
def test_a_ruling_in_other_words(again: dict[str, Any], change: str | None) -> None:
    first = claim(
        "court_ruling",
        actors=[COURT],
        recipients=["presidential election"],
        outcome="annuls",
        event_date=date(2024, 8, 6),
    )
    told = {"outcome": "annuls", "event_date": date(2024, 8, 6)} | again
    results = tell(
        (doc("1", "2024-08-06"), [first]), (doc("2", "2024-09-20"), [claim("court_ruling", **told)])
    )
    assert changes(results[1]) == ([change] if change else [])


@pytest.mark.parametrize(
    ("known", "told", "change"),
    [
        pytest.param(("2024-08-06", 5), ("2024-09-20", 1), None, id="an old day in passing"),
        pytest.param(("2024-08-28", 1), ("2024-09-02", 27), None, id="the known day was of something else"),
        pytest.param(("2024-08-06", 5), ("2024-08-12", 11), "new", id="a fresh day is another happening"),
        pytest.param(
            ("2024-08-06", 5), ("2024-09-30", 15), "new", id="after the first telling it is another"
        ),
    ],
)
def test_a_day_long_before_its_document_proves_no_other_happening(
    known: tuple[str, int], told: tuple[str, int], change: str | None
) -> None:
    def arrest(published: str, day: int) -> tuple[Document, list[Claim]]:
        one = claim("arrest", recipients=["Jane Roe"], event_date=date(2024, 8, day))
        return doc(published, published), [one]

    results = tell(arrest(*known), arrest(*told))
    assert changes(results[1]) == ([change] if change else [])


def test_a_busy_event_is_not_searched_for_what_many_facts_share() -> None:
    """A statement looks for its two sides together; a crowd is looked for in its own month."""

    def found(claim_: Claim, others: list[Claim], days: int = 0) -> int:
        now = NOW + timedelta(days=days)
        keys = set(blocks_of([claim_], now=now, policy=POLICY))
        return sum(not keys.isdisjoint(fact_blocks(other, NOW)) for other in others)

    said = [
        claim("statement", stance="rejects", actors=(f"Speaker{n} Name{n}",), recipients=("Jane Roe",))
        for n in range(50)
    ]
    assert found(said[0], said) == 1
    crowds = [claim("arrest", recipients=("protesters",), actors=("police",)) for _ in range(50)]
    assert found(crowds[0], crowds) == 50
    assert found(crowds[0], crowds, days=90) == 0
    named = [claim("arrest", recipients=("Jane Roe",))]
    assert found(claim("arrest", recipients=("Roe",)), named, days=900) == 1
    namesakes = [claim("arrest", recipients=(f"Jane Name{n}",)) for n in range(50)]
    assert found(namesakes[0], namesakes) == 1


@pytest.mark.parametrize(
    ("known", "told", "change"),
    [
        pytest.param(("Imra Sol", 4), ("Imra", 4), None, id="a given name on the same day is its bearer"),
        pytest.param(("Imra Sol", 4), ("Imra", 9), "new", id="on another day it names nobody"),
        pytest.param(("Imra Sol", 4), ("Imra Kan", 4), "new", id="two surnames are two people"),
    ],
)
def test_a_given_name_alone(known: tuple[str, int], told: tuple[str, int], change: str | None) -> None:
    def arrest(who: str, day: int, by: str) -> Claim:
        return claim(
            "arrest",
            actors=[by],
            recipients=[who],
            event_date=date(2024, 8, day),
            event_date_precision="day",
        )

    results = tell(
        (doc("1", "2024-08-05"), [arrest(*known, "rangers")]),
        (doc("2", "2024-08-10"), [arrest(*told, "a court")]),
    )
    assert changes(results[1]) == ([change] if change else [])


def test_troops_are_the_army_and_not_the_police() -> None:
    def sent(who: str, sector: str) -> Claim:
        return claim("mobilization", recipients=[Actor(name=who, sector=sector)])

    results = tell(
        (doc("1"), [sent("army", "MIL")]),
        (doc("2"), [sent("troops", "MIL")]),
        (doc("3"), [sent("police", "COP")]),
    )
    assert [changes(r) for r in results] == [["new"], [], ["new"]]


@pytest.mark.parametrize(
    ("who", "whom", "change"),
    [
        ("Bo Lind", ["harbour police"], "new"),  # another speaker, of somebody in particular
        ("Bo Lind", [], "confirmed"),
        ("Ada Gray", ["harbour police"], None),  # the same speaker only says of whom
    ],
)
def test_a_body_demands_the_same_only_of_the_same(who: str, whom: list[str], change: str | None) -> None:
    def demand(name: str, recipients: list[str]) -> Claim:
        return claim("statement", stance="demands", actors=[actor(name, "Chad")], recipients=recipients)

    known, told = demand("Ada Gray", []), demand(who, whom)
    _, result = tell((doc("1", "2024-08-05"), [known]), (doc("2", "2024-08-06"), [told]))
    assert changes(result) == ([change] if change else [])


@pytest.mark.parametrize(
    ("day", "change"), [(date(2023, 3, 14), "new"), (date(2023, 6, 20), None), (None, None)]
)
def test_what_is_told_without_a_day_is_no_happening_of_months_before(
    day: date | None, change: str | None
) -> None:
    def sanction(when: date | None) -> Claim:
        precision = "day" if when else None
        return claim(
            "sanction", actors=["Chad"], recipients=["Mali"], event_date=when, event_date_precision=precision
        )

    rounds = (doc("1", "2023-07-05"), [sanction(None)]), (doc("2", "2023-07-06"), [sanction(day)])
    _, result = tell(*rounds)
    assert changes(result) == ([change] if change else [])


@pytest.mark.parametrize(
    ("whom", "published", "change"),
    [
        pytest.param("Chadian officials", "2024-12-10", "new", id="of such people, months later: others"),
        pytest.param("Chadian officials", "2024-09-20", "confirmed", id="of late: the same"),
        pytest.param("Ada Gray", "2024-12-10", "confirmed", id="of somebody named: background"),
    ],
)
def test_what_is_done_to_such_people_months_later_is_done_to_others(
    whom: str, published: str, change: str
) -> None:
    people = Actor(name=whom, sector="GOV")
    day = date(2024, 9, 12)
    known = claim(
        "sanction", actors=["Ghana"], recipients=[people], event_date=day, event_date_precision="day"
    )
    again = claim("sanction", actors=["Ghana"], recipients=[people])
    _, result = tell((doc("1", "2024-09-13"), [known]), (doc("2", published, "radio"), [again]))
    assert changes(result) == [change]
