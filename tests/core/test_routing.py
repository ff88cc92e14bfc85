"""Routing with Alertmanager's meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.core.errors import ConfigError
from monitor.core.matching import check_matcher, matches
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Development,
    Previous,
)
from monitor.core.outgoing import InhibitRule, Matcher, OutboxEntry, QuietHours, Route, Silence
from monitor.core.plover import Plover
from monitor.core.policy import KindSpec
from monitor.core.routing import Past, Rules, explain, recheck, route, unmatched

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


def told(tree: Route, *developments: Development, **more: Any) -> list[tuple[str, str]]:
    return [(e.receiver, e.recipient) for e in rows(tree, *developments, **more) if e.state != "dropped"]


def rules(tree: Route, **more: Any) -> Rules:
    return Rules(tree=tree, receivers=RECEIVERS, kinds=KINDS, **more)


def rows(tree: Route, *developments: Development, now: datetime = NOW, **past: Any) -> list[OutboxEntry]:
    more = {"inhibit": past.pop("inhibit")} if "inhibit" in past else {}
    return list(route(rules(tree, **more), developments, past=Past(**past), now=now))


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
    first = rows(tree, development())
    again = rows(replace(tree, group_by=("kind",)), development(confidence=0.5), now=NOW + timedelta(hours=1))
    assert [e.id for e in first] == [e.id for e in again]
    assert len({e.id for e in first}) == 2


def test_group_wait_gathers_and_group_interval_rests() -> None:
    tree = Route(receiver="ops", group_by=("event", "kind"), group_wait_s=30, group_interval_s=300)
    first = rows(tree, development())[0]
    assert first.not_before == NOW + timedelta(seconds=30)
    later = NOW + timedelta(seconds=10)
    second = rows(tree, development("d2"), now=later, rows=[first])[0]
    assert (second.group_key, second.not_before) == (first.group_key, first.not_before)
    other = rows(tree, development("d3", kind="release"), now=later, rows=[first])[0]
    assert other.group_key != first.group_key
    assert other.not_before == later + timedelta(seconds=30)
    sent = replace(first, state="sent", sent_at=NOW + timedelta(seconds=31))
    third = rows(tree, development("d4"), now=NOW + timedelta(seconds=60), rows=[sent])[0]
    assert third.not_before == NOW + timedelta(seconds=331)


def test_grouping_by_everything_puts_each_development_alone() -> None:
    tree = Route(receiver="ops", group_by=("...",))
    found = rows(tree, development("d1"), development("d2"))
    assert len({r.group_key for r in found}) == 2


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
    why = explain(rules(tree), development(), past=Past(silences=(silence,)), now=NOW)
    assert "silenced until 2024-08-23 10:00 UTC by s1: known already" in why[0].reason


def test_explain_names_the_path_and_what_is_missing() -> None:
    tree = Route(routes=(Route(receiver="nobody", matchers=(m("kind=arrest"),)),))
    why = explain(rules(tree), development(), past=Past(), now=NOW)[0]
    assert (why.path, why.told) == ('{}/{kind="arrest"}', ())
    assert 'receiver "nobody" has no recipients' in why.reason
    assert (
        explain(rules(Route()), development(), past=Past(), now=NOW)[0].reason
        == "the route names no receiver"
    )


def moved(name: str, earlier: str, **changes: Any) -> Development:
    """A development that moves an earlier one of the same fact."""
    before = Previous(
        id=earlier,
        kind="arrest",
        figure=None,
        stance=None,
        outcome=None,
        certainty=changes.pop("was", Certainty.ASSERTED),
        quote="",
        document="one.txt",
        sources=("wire",),
        published=None,
    )
    return development(name, **{"change": Change.CHANGED, "previous": before} | changes)


SURE = Route(receiver=None, routes=(Route(receiver="desk", matchers=(m("confidence>=0.8"),)),))


def test_a_correction_goes_to_exactly_those_who_were_told_and_are_still_there() -> None:
    first = rows(replace(SURE, routes=(replace(SURE.routes[0], to=("a@example.org",)),)), development("d1"))
    sent = [replace(r, state="sent", sent_at=NOW) for r in first]
    doubtful = moved("d2", "d1", confidence=0.3)
    assert rows(SURE, doubtful) == [], "nobody was told, and no route wants it"
    chains = {"d2": ("d1",)}
    assert told(SURE, doubtful, rows=sent, chains=chains) == [("desk", "a@example.org")]
    second = rows(SURE, doubtful, rows=sent, chains=chains)
    assert second[0].group_key == sent[0].group_key, "one conversation with what it corrects"
    dropped = [replace(r, state="dropped") for r in sent]
    assert told(SURE, doubtful, rows=dropped, chains=chains) == []
    gone = {("alerts:desk", "a@example.org")}
    assert told(SURE, doubtful, rows=sent, chains=chains, unsubscribed=gone) == []
    mere = replace(doubtful, change=Change.CONFIRMED)
    assert told(SURE, mere, rows=sent, chains=chains) == []
    sure = moved("d2", "d1")
    assert told(SURE, sure, rows=sent, chains=chains) == [
        ("desk", "a@example.org"),
        ("desk", "b@example.org"),
    ]


def test_who_was_told_the_first_of_a_chain_is_told_the_third() -> None:
    sent = [replace(r, state="sent", sent_at=NOW) for r in rows(SURE, development("d1"))]
    third = moved("d3", "d2", confidence=0.3)
    assert len(told(SURE, third, rows=sent, chains={"d3": ("d2", "d1")})) == 2


def test_a_mere_confirmation_is_not_repeated_within_the_interval() -> None:
    tree = Route(receiver="ops", repeat_interval_s=3600)
    sent = [replace(r, state="sent", sent_at=NOW) for r in rows(tree, development("d1"))]
    again = moved("d2", "d1", change=Change.CONFIRMED)
    known = {"rows": sent, "chains": {"d2": ("d1",)}}
    soon, late = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)
    (row,) = rows(tree, again, now=soon, **known)
    assert row.state == "dropped"
    assert "repeat_interval" in (row.last_error or "")
    assert told(tree, again, now=late, **known) == [("ops", "#ops")]
    surer = moved("d2", "d1", change=Change.CONFIRMED, was=Certainty.REPORTED)
    assert told(tree, surer, now=soon, **known) == [("ops", "#ops")], (
        "only reported, now stated: that is news"
    )
    assert told(tree, moved("d2", "d1"), now=soon, **known) == [("ops", "#ops")], "so is a change"
    assert told(replace(tree, receiver="all"), again, now=soon, **known) == [("all", "#all")]


def test_what_is_weighty_inhibits_what_is_light_of_the_same_event() -> None:
    rule = InhibitRule(
        source=(m("severity>=3"),), target=(m("severity<=2"),), equal=("event",), within_s=3600
    )
    tree = Route(receiver="ops")
    light = development("light", kind="protest")
    weighty = development("weighty", found_at=NOW - timedelta(minutes=10))
    (row,) = rows(tree, light, around=[weighty], inhibit=(rule,))
    assert row.state == "dropped"
    assert "inhibited by weighty" in (row.last_error or "")
    others = [replace(weighty, event_id="other"), replace(weighty, found_at=NOW - timedelta(hours=2))]
    for other in others:
        assert told(tree, light, around=[other], inhibit=(rule,)) == [("ops", "#ops")]
    assert told(tree, weighty, around=[light], inhibit=(rule,)) == [("ops", "#ops")]
    assert len(told(tree, light, replace(weighty, found_at=NOW), inhibit=(rule,))) == 1, "found together too"
    own = replace(rule, target=(m("kind=arrest"),))
    assert told(tree, weighty, inhibit=(own,)) == [("ops", "#ops")], "nothing inhibits itself"


NIGHT = QuietHours(start=time(22), end=time(7), zone="Europe/Madrid", unless=(m("severity>=3"),))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2024-08-23 19:59", "2024-08-23 19:59"),
        ("2024-08-23 20:00", "2024-08-24 05:00"),
        ("2024-08-24 02:30", "2024-08-24 05:00"),
        ("2024-08-24 05:00", "2024-08-24 05:00"),
        ("2024-10-26 23:30", "2024-10-27 06:00"),  # the night in which summer time ends
        ("2025-03-29 23:30", "2025-03-30 05:00"),
    ],
)
def test_quiet_hours_hold_until_their_end_through_daylight_saving(at: str, expected: str) -> None:
    tree = Route(receiver="ops", quiet_hours=(NIGHT,))
    now = datetime.fromisoformat(f"{at}+00:00")
    (row,) = rows(tree, development(kind="protest"), now=now)
    assert row.not_before == datetime.fromisoformat(f"{expected}+00:00")
    assert rows(tree, development(), now=now)[0].not_before == now, "what is grave is told all the same"


def test_quiet_days_and_the_group_of_something_urgent() -> None:
    weekend = replace(NIGHT, days=(5,))
    friday, saturday = datetime(2024, 8, 23, 21, tzinfo=UTC), datetime(2024, 8, 24, 21, tzinfo=UTC)
    tree = Route(receiver="ops", quiet_hours=(weekend,), group_wait_s=60)
    assert rows(tree, development(kind="protest"), now=friday)[0].not_before == friday + timedelta(minutes=1)
    urgent = rows(tree, development(), now=saturday)[0]
    held = rows(tree, development("d2", kind="protest"), now=saturday, rows=[urgent])[0]
    assert urgent.not_before == saturday + timedelta(minutes=1)
    assert held.not_before == datetime(2024, 8, 25, 5, tzinfo=UTC), "it does not join the urgent message"


def test_a_queued_alert_is_judged_again_before_it_goes() -> None:
    tree = Route(
        receiver="ops", routes=(Route(receiver="desk", matchers=(m("kind=protest"),), quiet_hours=(NIGHT,)),)
    )
    one = development(kind="protest")
    (row, _) = rows(tree, one)
    night = datetime(2024, 8, 23, 23, tzinfo=UTC)
    assert recheck(rules(tree), one, row, past=Past(), now=NOW) is None
    assert recheck(rules(tree), one, row, past=Past(), now=night) == (
        "quiet hours",
        datetime(2024, 8, 24, 5, tzinfo=UTC),
    )
    silence = Silence(id="s1", matchers=(), starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    assert recheck(rules(tree), one, row, past=Past(silences=[silence]), now=NOW) == (
        "silenced until 2024-08-23 10:00 UTC by s1",
        None,
    )
    gone = Past(unsubscribed={("alerts:desk", row.recipient)})
    assert recheck(rules(tree), one, row, past=gone, now=NOW) == ("unsubscribed", None)


def test_routes_that_do_not_take_it_say_why() -> None:
    tree = Route(
        receiver="all",
        routes=(
            Route(receiver="ops", matchers=(m("kind=protest"), m("confidence>=0.95"))),
            Route(receiver="desk", matchers=(m("kind=arrest"),)),
            Route(receiver="ops", matchers=(m("change=new"),)),
        ),
    )
    assert list(unmatched(tree, development(), KINDS)) == [
        (
            '{}/{kind="protest",confidence>="0.95"}',
            'kind="protest" does not hold: it is arrest; confidence>="0.95" does not hold: it is 0.9',
        ),
        ('{}/{change="new"}', "an earlier route took it and does not continue"),
    ]


def test_many_recipients_are_routed_without_looking_at_each_pair() -> None:
    people = tuple(f"p{i}@example.org" for i in range(3000))
    many = Rules(tree=Route(receiver="desk"), receivers={"desk": people}, kinds=KINDS)
    before = route(many, [development("d1")], past=Past(), now=NOW)
    after = route(many, [development("d2")], past=Past(rows=before), now=NOW)
    assert len(after) == 3000
    assert len({r.id for r in (*before, *after)}) == 6000
