"""What must hold of `diff` over any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.differ import blocks_of, diff
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Claim,
    Development,
    DiffResult,
    Document,
    EventState,
    Figure,
    Modality,
    Operator,
)
from monitor.extract.kinds import plover_of
from tests.core.helpers import POLICY as SHIPPED

NOW = datetime(2024, 9, 1, tzinfo=UTC)
DAY = date(2024, 8, 1)
POLICY = replace(SHIPPED, confirm_again_at=(3,))
ACTORS = [
    Actor(name="Jane Roe"),
    Actor(name="Roe"),
    Actor(name="Ada Pol", speaks_for="Freedonia"),
    Actor(name="Freedonia", country="FRD"),
    Actor(name="police"),
    Actor(name="six students"),
    Actor(name="High Court"),
]
STANCES = ["recognises", "rejects", "supports", "condemns", "demands", "other", "denies"]
KINDS = ["arrest", "arrest_order", "release", "protest", "violence", "resignation", "decree", "court_ruling"]

few = st.lists(st.sampled_from(ACTORS), max_size=2, unique=True).map(tuple)
days = st.none() | st.integers(0, 20).map(lambda n: DAY + timedelta(days=n))
topics = st.sampled_from([None, "curfew", "internet", "election result"])
figures = st.builds(
    Figure,
    metric=st.sampled_from(["deaths", "vote_share"]),
    operator=st.sampled_from(list(Operator)),
    value=st.sampled_from([5.0, 11.0, 20.0, 21.0, 52.0]),
    unit=st.sampled_from(["count", "percent"]),
    scope=st.sampled_from([(), ("children",), ("Roe",), ("Jane Roe",)]),
)


@st.composite
def claims_of(draw: st.DrawFn, document: str) -> list[Claim]:
    out = []
    for n in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["figure", "statement", *KINDS]))
        start = draw(st.integers(0, 30))
        out.append(
            Claim(
                id=f"{document}-{n}",
                document_id=document,
                kind=kind,
                plover=plover_of(kind),
                actors=() if kind == "figure" else draw(few),
                recipients=() if kind == "figure" else draw(few),
                stance=draw(st.sampled_from(STANCES)) if kind == "statement" else None,
                outcome=draw(st.sampled_from([None, "upholds", "annuls"]))
                if kind == "court_ruling"
                else None,
                figure=draw(figures) if kind == "figure" else None,
                claimed_by=draw(few),
                certainty=draw(st.sampled_from(list(Certainty))),
                modality=draw(
                    st.sampled_from([Modality.FACT, Modality.FACT, Modality.DENIAL, Modality.THREAT])
                ),
                event_date=None if kind == "figure" else draw(days),
                topic=draw(topics),
                quote=draw(
                    st.sampled_from(
                        [
                            "they said so",
                            "a curfew was announced",
                            "it was lifted",
                            "others disagree entirely",
                        ]
                    )
                ),
                start=start,
                end=start + 4,
                confidence=draw(st.sampled_from([0.9, 0.9, 0.2])),
            )
        )
    return out


@st.composite
def histories(draw: st.DrawFn, *, dated: bool = False) -> list[tuple[Document, list[Claim]]]:
    out = []
    for n in range(draw(st.integers(1, 5))):
        day = draw(st.integers(0, 20) if dated else st.none() | st.integers(0, 20))
        moment = None if day is None else datetime(2024, 8, 1, tzinfo=UTC) + timedelta(days=day)
        source = draw(st.sampled_from(["gazette", "herald"]))
        document = Document(
            id=f"doc{n}",
            identity=f"doc{n}",
            name=f"{n}.txt",
            source=source,
            text="",
            retrieved_at=NOW,
            content_hash=str(n),
            published_at=moment,
            dated=moment is not None,
        )
        out.append((document, draw(claims_of(document.id))))
    return out


def run(history: list[tuple[Document, list[Claim]]]) -> tuple[EventState, list[DiffResult]]:
    state, results = EventState(event_id="e"), []
    for n, (document, claims) in enumerate(history):
        result = diff(state, claims, document=document, now=NOW + timedelta(minutes=n), policy=POLICY)
        state = result.state
        results.append(result)
    return state, results


def told(results: list[DiffResult]) -> list[Development]:
    return [d for r in results for d in r.developments]


@given(histories())
@settings(max_examples=150, deadline=None)
def test_claims_already_known_bring_nothing(history: list[tuple[Document, list[Claim]]]) -> None:
    state, _ = run(history)
    document, claims = history[-1]
    anew = [replace(claim, id=f"anew-{claim.id}") for claim in claims]
    again = diff(state, anew, document=document, now=NOW + timedelta(days=1), policy=POLICY)
    assert [d.reason for d in again.developments] == []
    assert set(again.state.facts) == set(state.facts)


@given(histories())
@settings(max_examples=150, deadline=None)
def test_an_article_served_again_under_another_name_is_no_news(history) -> None:
    state, _ = run(history)
    document, claims = history[-1]
    copy = replace(document, id="copy", identity="copy", name="copy.txt")
    anew = [replace(claim, id=f"anew-{claim.id}", document_id="copy") for claim in claims]
    again = diff(state, anew, document=copy, now=NOW + timedelta(days=1), policy=POLICY)
    assert [d.reason for d in again.developments if d.change is not Change.CONFIRMED] == []


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_within_a_document_does_not_matter(history, random) -> None:
    shuffled = [(document, random.sample(claims, len(claims))) for document, claims in history]
    one, two = run(history), run(shuffled)
    assert one[0] == two[0]
    assert told(one[1]) == told(two[1])


@given(histories())
@settings(max_examples=150, deadline=None)
def test_ids_are_unique_minted_at_birth_and_each_fact_is_announced_once(history) -> None:
    state, results = run(history)
    developments = told(results)
    assert len({d.id for d in developments}) == len(developments)
    for fact in state.facts.values():
        assert sum(d.id == fact.development_id for d in developments) == 1
    births = [d for d in developments if d.change is Change.NEW]
    assert len({d.fact_id for d in births}) == len(births)
    for before, after in pairwise(results):
        for fact_id, fact in before.state.facts.items():
            assert after.state.facts[fact_id].development_id == fact.development_id
            assert after.state.facts[fact_id].version >= fact.version


@given(histories(dated=True))
@settings(max_examples=200, deadline=None)
def test_a_late_document_changes_nothing(history) -> None:
    *earlier, (document, claims) = history
    past = replace(document, published_at=datetime(2024, 7, 1, tzinfo=UTC))
    _, results = run([*earlier, (past, claims)])
    known = {f for r in results[:-1] for f in r.state.facts}
    late = [d for d in results[-1].developments if d.change is Change.CHANGED]
    assert [d.reason for d in late if d.fact_id in known or not earlier] == []
    assert [d.reason for d in late if d.previous and d.previous.document != past.name] == []


@given(histories())
@settings(max_examples=100, deadline=None)
def test_replaying_reproduces_the_state(history) -> None:
    assert run(history) == run(history)


@given(histories())
@settings(max_examples=200, deadline=None)
def test_the_blocks_load_all_that_matters(history) -> None:
    state, _ = run(history[:-1])
    document, claims = history[-1]
    now = NOW + timedelta(hours=1)
    keys = set(blocks_of(claims, now=now, policy=POLICY))
    part = replace(state, facts={i: f for i, f in state.facts.items() if keys & set(f.blocks)})
    whole = diff(state, claims, document=document, now=now, policy=POLICY)
    some = diff(part, claims, document=document, now=now, policy=POLICY)
    assert some.developments == whole.developments
    assert some.dispositions == whole.dispositions
    assert {**state.facts, **some.state.facts} == dict(whole.state.facts)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_every_claim_ends_once(history) -> None:
    _, results = run(history)
    for (_, claims), result in zip(history, results, strict=True):
        assert [d.claim_id for d in result.dispositions] == [c.id for c in claims]
        made = {d.id for d in result.developments}
        assert {d.development_id for d in result.dispositions if d.development_id} <= made
        assert all(d.reason for d in result.dispositions)
        assert all(d.previous for d in result.developments if d.change is not Change.NEW)


@given(histories(), st.lists(st.integers(0, 3), min_size=5, max_size=5))
@settings(max_examples=150, deadline=None)
def test_when_it_was_read_decides_nothing(history, minutes) -> None:
    """Documents of one batch share their time; labels and ids are those of one by one."""
    state, results, now = EventState(event_id="e"), [], NOW
    for (document, claims), step in zip(history, minutes, strict=False):
        now += timedelta(minutes=step)
        results.append(diff(state, claims, document=document, now=now, policy=POLICY))
        state = results[-1].state
    _, apart = run(history)
    assert [replace(d, found_at=NOW) for d in told(results)] == [
        replace(d, found_at=NOW) for d in told(apart)
    ]


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_like_of_a_rejected_fact_stays_suppressed(history, random) -> None:
    state, _ = run(history[:-1])
    false = set(random.sample(sorted(state.facts), len(state.facts) // 2))
    facts = {i: replace(f, rejected=i in false) for i, f in state.facts.items()}
    document, claims = history[-1]
    result = diff(
        replace(state, facts=facts), claims, document=document, now=NOW + timedelta(hours=1), policy=POLICY
    )
    assert not {d.fact_id for d in result.developments} & false
    assert {i: result.state.facts[i] for i in false} == {i: facts[i] for i in false}
