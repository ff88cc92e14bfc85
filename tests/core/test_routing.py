"""Routing with Alertmanager's meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import ConfigError
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Development,
    KindSpec,
    Matcher,
    Route,
    Silence,
)
from monitor.core.plover import Plover
from monitor.core.routing import check_matcher, explain, matches, route

NOW = datetime(2024, 8, 23, 9, 0, tzinfo=UTC)
KINDS = {"arrest": KindSpec(id="arrest", label="Arrest", plover=Plover(), severity=3)}
RECEIVERS = {"desk": ("a@example.org", "b@example.org"), "ops": ("#ops",), "all": ("#all",)}


def development(name: str = "d1", **changes: object) -> Development:
    base = Development(
        id=name,
        event_id="venezuela",
        fact_id="f1",
        claim_id="c1",
        document_id="doc1",
        document="one.txt",
        source="wire",
        url=None,
        change=Change.NEW,
        reason="no known fact has this key",
        kind="arrest",
        plover=Plover(),
        actors=(Actor(name="National Police", country="VEN"),),
        recipients=(Actor(name="Jane Roe", country="COL"),),
        certainty=Certainty.ASSERTED,
        quote="police arrested Jane Roe",
        start=0,
        end=24,
        sources=("wire",),
        confidence=0.9,
        found_at=NOW,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def told(tree: Route, *developments: Development, **more: object) -> list[tuple[str, str]]:
    arguments = {"receivers": RECEIVERS, "silences": (), "now": NOW, "kinds": KINDS} | more
    return [(e.receiver, e.recipient) for e in route(tree, developments, **arguments)]  # type: ignore[arg-type]


def m(text: str) -> Matcher:
    for op in ("!=", "!~", "=~", ">=", "<=", "="):
        if op in text:
            field, _, value = text.partition(op)
            return Matcher(field=field, op=op, value=value)
    raise AssertionError(text)


def test_the_first_matching_child_takes_it_and_the_parent_only_what_no_child_takes() -> None:
    tree = Route(
        receiver="all",
        routes=(
            Route(receiver="ops", matchers=(m("kind=arrest"),)),
            Route(receiver="desk", matchers=(m("event=venezuela"),)),
        ),
    )
    assert told(tree, development()) == [("ops", "#ops")]
    assert told(tree, development(kind="release")) == [("desk", "a@example.org"), ("desk", "b@example.org")]
    assert told(tree, development(kind="release", event_id="other")) == [("all", "#all")]


def test_continue_goes_on_to_the_siblings_and_a_child_inherits_the_receiver() -> None:
    tree = Route(
        receiver="all",
        routes=(
            Route(matchers=(m("kind=arrest"),), continue_=True),
            Route(receiver="ops", matchers=(m("change=new"),)),
        ),
    )
    assert told(tree, development()) == [("all", "#all"), ("ops", "#ops")]


def test_two_routes_to_one_receiver_tell_a_recipient_once() -> None:
    child = Route(receiver="ops", matchers=(m("change=new"),), continue_=True)
    assert told(Route(receiver="all", routes=(child, child)), development()) == [("ops", "#ops")]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("actor=National Police", True),
        ("actor=Police", False),
        ("actor=~.*Police", True),
        ("actor=~Police", False),
        ("actor!~.*Army", True),
        ("country=COL", True),
        ("country!=COL", False),
        ("country=PER", False),
        ("recipient=Jane Roe", True),
        ("stance=", True),
        ("stance!=rejects", True),
        ("stance=~.+", False),
        ("severity>=3", True),
        ("severity>=4", False),
        ("confidence<=0.9", True),
        ("independent_sources=1.0", True),
        ("certainty=asserted", True),
        ("source=wire", True),
        ("metric=deaths", False),
    ],
)
def test_matchers(text: str, holds: bool) -> None:
    check_matcher(m(text))
    assert matches([m(text)], development(), kinds=KINDS) is holds


@pytest.mark.parametrize("text", ["colour=red", "kind>=3", "severity>=high", "actor=~(", "confidence=much"])
def test_a_matcher_that_cannot_work_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_matcher(m(text))
    assert caught.value.remedy
    assert "matcher" in str(caught.value)


def test_ids_depend_on_development_receiver_and_recipient_only() -> None:
    tree = Route(receiver="desk", group_wait_s=30)
    first = route(tree, [development()], receivers=RECEIVERS, silences=(), now=NOW)
    again = route(
        replace(tree, group_by=("kind",)),
        [development(confidence=0.5)],
        receivers=RECEIVERS,
        silences=(),
        now=NOW + timedelta(hours=1),
    )
    assert [e.id for e in first] == [e.id for e in again]
    assert len({e.id for e in first}) == 2


def test_group_wait_gathers_and_group_interval_rests() -> None:
    tree = Route(receiver="ops", group_by=("event", "kind"), group_wait_s=30, group_interval_s=300)
    arguments = {"receivers": RECEIVERS, "silences": ()}
    first = route(tree, [development()], now=NOW, **arguments)[0]  # type: ignore[arg-type]
    assert first.not_before == NOW + timedelta(seconds=30)
    later = NOW + timedelta(seconds=10)
    second = route(tree, [development("d2")], now=later, recent=[first], **arguments)[0]  # type: ignore[arg-type]
    assert (second.group_key, second.not_before) == (first.group_key, first.not_before)
    other = route(tree, [development("d3", kind="release")], now=later, recent=[first], **arguments)[0]  # type: ignore[arg-type]
    assert other.group_key != first.group_key
    assert other.not_before == later + timedelta(seconds=30)
    sent = replace(first, state="sent", sent_at=NOW + timedelta(seconds=31))
    third = route(tree, [development("d4")], now=NOW + timedelta(seconds=60), recent=[sent], **arguments)[0]  # type: ignore[arg-type]
    assert third.not_before == NOW + timedelta(seconds=331)


def test_grouping_by_everything_puts_each_development_alone() -> None:
    tree = Route(receiver="ops", group_by=("...",))
    rows = route(tree, [development("d1"), development("d2")], receivers=RECEIVERS, silences=(), now=NOW)
    assert len({r.group_key for r in rows}) == 2


def test_a_silence_holds_between_its_times_only() -> None:
    silence = Silence(
        id="s1",
        matchers=(m("kind=arrest"),),
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        comment="known already",
    )
    tree = Route(receiver="ops")
    assert told(tree, development(), silences=(silence,)) == []
    assert told(tree, development(kind="release"), silences=(silence,)) == [("ops", "#ops")]
    assert told(tree, development(), silences=(silence,), now=NOW + timedelta(hours=1)) == [("ops", "#ops")]
    why = explain(tree, development(), receivers=RECEIVERS, silences=(silence,), now=NOW)
    assert "silenced until 2024-08-23 10:00 UTC by s1: known already" in why[0].reason


def test_explain_names_the_path_and_what_is_missing() -> None:
    tree = Route(routes=(Route(receiver="nobody", matchers=(m("kind=arrest"),)),))
    why = explain(tree, development(), receivers=RECEIVERS, silences=(), now=NOW)[0]
    assert (why.path, why.told) == ('{}/{kind="arrest"}', ())
    assert 'receiver "nobody" has no recipients' in why.reason
    assert (
        explain(Route(), development(), receivers={}, silences=(), now=NOW)[0].reason
        == "the route names no receiver"
    )
