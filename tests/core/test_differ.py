"""What a document's claims do to the known facts, one rule a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from monitor.core.differ import blocks_of, diff
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Claim,
    DiffResult,
    Document,
    EventState,
    Modality,
    Policy,
)
from monitor.extract.kinds import load_kinds, plover_of

NOW = datetime(2024, 9, 1, tzinfo=UTC)
POLICY = Policy(kinds=load_kinds())


def actor(name: str, body: str | None = None) -> Actor:
    return Actor(name=name, speaks_for=body)


def doc(name: str, day: str | None = "2024-08-05", publisher: str = "gazette") -> Document:
    published = datetime.fromisoformat(f"{day}T00:00:00+00:00") if day else None
    return Document(
        id=name,
        identity=name,
        name=name,
        source=publisher,
        publisher=publisher,
        text="",
        retrieved_at=NOW,
        content_hash=name,
        published_at=published,
        dated=day is not None,
    )


_count = iter(range(10**6))


def claim(kind: str, **fields: Any) -> Claim:
    n = next(_count)
    fields.setdefault("quote", f"words {n}")
    for key in ("actors", "recipients", "claimed_by"):
        fields[key] = tuple(actor(a) if isinstance(a, str) else a for a in fields.get(key, ()))
    start = fields.pop("start", n)
    defaults: dict[str, Any] = {
        "id": f"c{n}",
        "document_id": "",
        "plover": plover_of(kind),
        "start": start,
        "end": start + 5,
        "confidence": 0.9,
    }
    return Claim(kind=kind, **(defaults | fields))


def tell(*rounds: tuple[Document, list[Claim]], policy: Policy = POLICY) -> list[DiffResult]:
    state, out = EventState(event_id="e"), []
    for document, claims in rounds:
        result = diff(state, claims, document=document, now=NOW, policy=policy)
        state = result.state
        out.append(result)
    return out


def changes(result: DiffResult) -> list[str]:
    return [str(d.change) for d in result.developments]


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
