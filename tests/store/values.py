"""Full values of every stored kind: each optional field is set, so that a lost one shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.core.edits import Edit, EditAction
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Claim,
    Development,
    Document,
    Fact,
    Figure,
    Modality,
    Operator,
    Previous,
    SourceCursor,
    SourceRecord,
    SourceSpec,
    Telling,
)
from monitor.core.outgoing import Matcher, OutboxEntry, Silence
from monitor.core.plover import Plover
from monitor.core.suggestions import Stray

NOW = datetime(2024, 8, 23, 10, 30, 15, 123457, tzinfo=UTC)

COUNCIL = Actor(
    name="National Council “Ñandú”",
    country="VEN",
    sector="GOV",
    wikidata="Q1",
    speaks_for="the state",
    country_name="Venezuela",
)
FIGURE = Figure(
    metric="vote_share",
    operator=Operator.GE,
    value=51.2,
    high=52,
    unit="percent",
    about="a candidate",
    scope=("children", "dhaka"),
)
PLOVER = Plover(event_type="ACCUSE", mode="allege", contexts=("election", "legal"))


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def document(number: int = 1, **changes: Any) -> Document:
    full = Document(
        id=f"doc{number}",
        identity=f"https://example.org/{number}",
        name=f"{number:03}_a.txt",
        source="wire",
        text=f"Text {number}: “año”\n\tand \\u0000 so on.",
        retrieved_at=minutes(number),
        content_hash=f"hash{number}",
        title="A title",
        url=f"https://example.org/{number}?a=b",
        publisher="The Wire",
        language="en",
        published_at=NOW,
        dated=False,
        revision=1,
    )
    return replace(full, **changes)


def claim(name: str = "c1", **changes: Any) -> Claim:
    full = Claim(
        id=name,
        document_id="doc1",
        kind="figure",
        plover=PLOVER,
        actors=(COUNCIL,),
        recipients=(COUNCIL, Actor(name="civilians")),
        stance="rejects",
        outcome="upholds",
        figure=FIGURE,
        claimed_by=(COUNCIL,),
        certainty=Certainty.REPORTED,
        modality=Modality.DENIAL,
        event_date=date(2024, 7, 28),
        event_date_precision="day",
        topic="the result",
        quote="at “least” 51.2 %",
        start=3,
        end=20,
        confidence=0.8125,
        notes=("trigger: said", "role: subject"),
    )
    return replace(full, **changes)


def telling(number: int = 1) -> Telling:
    return Telling(
        claim_id=f"c{number}",
        document_id=f"doc{number}",
        document="001_a.txt",
        source="wire",
        publisher="The Wire",
        certainty=Certainty.DENIED,
        figure=FIGURE,
        stance="denies",
        outcome="annuls",
        quote="“no”",
        told_at=minutes(number),
        published_at=NOW,
        development_id="d1",
    )


def fact(
    name: str = "f1", *, event: str = "venezuela", blocks: tuple[str, ...] = ("a", "b"), **changes: Any
) -> Fact:
    full = Fact(
        id=name,
        event_id=event,
        kind="figure",
        blocks=blocks,
        actors=(COUNCIL,),
        recipients=(COUNCIL,),
        stance="rejects",
        outcome="upholds",
        figure=FIGURE,
        claimed_by=(COUNCIL,),
        certainty=Certainty.ASSERTED,
        event_date=date(2024, 7, 28),
        event_date_precision="day",
        topic="the result",
        first_told_at=NOW,
        last_told_at=minutes(1),
        as_of=minutes(-5),
        tellings=(telling(1), telling(2)),
        voices=("The Wire", "The Times"),
        development_id="d1",
        version=3,
        turn=4,
        rejected=True,
        withdrawn=True,
    )
    return replace(full, **changes)


def development(name: str = "d1", **changes: Any) -> Development:
    full = Development(
        id=name,
        event_id="venezuela",
        fact_id="f1",
        claim_id="c1",
        document_id="doc1",
        document="001_a.txt",
        source="wire",
        url="https://example.org/1",
        change=Change.CHANGED,
        reason="a new value of the same source",
        kind="figure",
        plover=PLOVER,
        actors=(COUNCIL,),
        recipients=(COUNCIL,),
        stance="rejects",
        outcome="upholds",
        figure=FIGURE,
        claimed_by=(COUNCIL,),
        certainty=Certainty.REPORTED,
        event_date=date(2024, 7, 28),
        event_date_precision="day",
        topic="the result",
        published=date(2024, 8, 23),
        quote="“so”",
        start=1,
        end=5,
        previous=Previous(
            id="d0",
            kind="figure",
            figure=replace(FIGURE, value=50.0, high=None),
            stance="supports",
            outcome="orders",
            certainty=Certainty.ASSERTED,
            quote="before",
            document="000_a.txt",
            sources=("wire", "times"),
            published=date(2024, 8, 1),
        ),
        sources=("wire",),
        independent_sources=2,
        confidence=0.9,
        found_at=NOW,
        withdrawn=True,
    )
    return replace(full, **changes)


def entry(name: str = "o1", **changes: Any) -> OutboxEntry:
    full = OutboxEntry(
        id=name,
        type="alert",
        receiver="slack",
        recipient="#news",
        group_key="venezuela",
        not_before=NOW,
        created_at=NOW,
        development_id="d1",
        event_id="venezuela",
        payload={"subject": "¡Hola!", "numbers": [1, 2.5], "nested": {"a": None}},
    )
    return replace(full, **changes)


def cursor(name: str = "feed", **changes: Any) -> SourceCursor:
    full = SourceCursor(
        source_id=name,
        next_poll_at=NOW,
        etag='W/"a"',
        last_modified="Fri, 23 Aug 2024 10:00:00 GMT",
        url="https://example.org/feed",
        last_success_at=minutes(-60),
        last_change_at=minutes(-90),
        errors=2,
        last_error="timed out",
        gone=False,
        failing_since=minutes(-30),
        gaps_s=(3600, 1800),
        lags_s=(60,),
        skew_s=18000,
        items_a_day=2.5,
    )
    return replace(full, **changes)


def record(name: str = "feed", **changes: Any) -> SourceRecord:
    spec = SourceSpec(id=name, type="feed", location="https://example.org/feed", headers=(("A", "b"),))
    full = SourceRecord(source_id=name, spec=spec, added_at=NOW, paused_at=minutes(1), told="silent")
    return replace(full, **changes)


def silence(name: str = "s1", **changes: Any) -> Silence:
    full = Silence(
        id=name,
        matchers=(Matcher(field="kind", op="=~", value="fig.*"),),
        starts_at=NOW,
        ends_at=minutes(60),
        comment="quiet, please",
    )
    return replace(full, **changes)


def edit(name: str = "e1", **changes: Any) -> Edit:
    full = Edit(
        id=name,
        event_id="venezuela",
        action=EditAction.CORRECT,
        who="ana",
        made_at=NOW,
        why="a “slip”",
        facts=("f1", "f2"),
        claims=("c1",),
        name="Gonzales",
        actor=COUNCIL,
        undoes="e0",
        after_document="doc1",
        before=(fact("f1"), fact("f2")),
        after=(fact("f1", version=4),),
    )
    return replace(full, **changes)


def stray(number: int = 1, **changes: Any) -> Stray:
    full = Stray(
        document_id=f"doc{number}",
        document=f"{number:03}_a.txt",
        title="A title",
        source="wire",
        publisher="The Wire",
        url="https://example.org/1",
        seen_at=minutes(number),
        actors=("Ana Ruiz", "Luis Vega"),
        countries=("PER",),
    )
    return replace(full, **changes)
