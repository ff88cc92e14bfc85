"""Telling: rows are claimed, sent and marked, whatever a receiver does; digests are queued once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.core.errors import DeliveryError, UsageError
from monitor.core.model import (
    Certainty,
    Change,
    Development,
    EventSpec,
    Previous,
)
from monitor.core.outgoing import Matcher, OutboxEntry, QuietHours, Route, Silence, Subscription
from monitor.core.plover import Plover
from monitor.core.routing import Past, Rules, route
from monitor.notifier import (
    RETRY_AFTER_S,
    Deliverer,
    Operator,
    deliver_due,
    explain_development,
    make_digests,
    resend_digest,
)
from monitor.notifier.delivery import BATCH, LEASE_S
from monitor.store.memory import MemoryStore

NOW = datetime(2024, 8, 23, 8, 0, tzinfo=UTC)
EVENT = EventSpec(id="e", name="Event")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Recorder:
    """A receiver that keeps what it is sent, and fails as `script` says."""

    groups = True

    def __init__(self, *script: Exception | None) -> None:
        self.got: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        self.script = list(script)

    async def send(
        self,
        recipient: str,
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        if self.script and (error := self.script.pop(0)) is not None:
            raise error
        self.got.append((recipient, tuple(e.id for e in entries), tuple(d.id for d in developments)))


def development(name: str, found_at: datetime = NOW) -> Development:
    return Development(
        id=name,
        event_id="e",
        fact_id=name,
        claim_id=name,
        document_id="doc",
        document="doc.txt",
        source="s",
        url=None,
        change=Change.NEW,
        reason="",
        kind="arrest",
        plover=Plover(),
        certainty=Certainty.ASSERTED,
        quote="q",
        start=0,
        end=1,
        confidence=1.0,
        found_at=found_at,
    )


def row(name: str, **more: object) -> OutboxEntry:
    base = OutboxEntry(
        id=name,
        type="alert",
        receiver="r",
        recipient="a",
        group_key="g",
        not_before=NOW,
        created_at=NOW,
        development_id="d1",
        event_id="e",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def store_with(*rows: OutboxEntry, developments: Sequence[Development] = ()) -> MemoryStore:
    store = MemoryStore()
    with store.begin() as tx:
        tx.add_developments(developments or [development("d1"), development("d2")])
        tx.add_outbox(rows)
    return store


def states(store: MemoryStore) -> dict[str, str]:
    with store.read() as view:
        return {e.id: e.state for e in view.outbox()}


async def test_due_rows_of_a_group_are_one_message_per_recipient() -> None:
    store = store_with(
        row("o1"),
        row("o2", development_id="d2"),
        row("o3", recipient="b"),
        row("o4", group_key="h"),
        row("later", not_before=NOW + timedelta(minutes=1)),
    )
    receiver = Recorder()
    done = await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())
    assert sorted(receiver.got) == [
        ("a", ("o1", "o2"), ("d1", "d2")),
        ("a", ("o4",), ("d1",)),
        ("b", ("o3",), ("d1",)),
    ]
    assert done.sent == 4
    assert states(store) == {"o1": "sent", "o2": "sent", "o3": "sent", "o4": "sent", "later": "pending"}
    assert (await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())).sent == 0


async def test_one_failing_receiver_stops_no_other_not_even_by_a_defect() -> None:
    store = store_with(row("bad"), row("worse", receiver="q"), row("good", receiver="s"))
    good = Recorder()
    receivers = {
        "r": Recorder(DeliveryError("down", place="r", retry=True)),
        "q": Recorder(ZeroDivisionError("oops")),
        "s": good,
    }
    done = await deliver_due(store, receivers, [EVENT], clock=Clock())
    assert (done.sent, done.retried, done.dead) == (1, 2, 0)
    assert states(store) == {"bad": "pending", "worse": "pending", "good": "sent"}
    assert sorted(p.place for p in done.problems) == ["q", "r"]


async def test_a_message_is_tried_on_the_schedule_with_the_same_ids_and_then_given_up() -> None:
    tries = len(RETRY_AFTER_S) + 1
    receiver = Recorder(*[DeliveryError("down", retry=True)] * tries)
    store, clock = store_with(row("o1")), Clock()
    waits = []
    for _ in range(tries):
        await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
        with store.read() as view:
            (entry,) = view.outbox()
        if entry.state == "dead":
            break
        waits.append((entry.not_before - clock.now).total_seconds())
        clock.now = entry.not_before
    assert entry.state == "dead"
    assert len(waits) == len(RETRY_AFTER_S)
    assert all(least <= wait <= least * 1.2 for least, wait in zip(RETRY_AFTER_S, waits, strict=True))
    with store.begin() as tx:
        assert tx.replay(["o1"], clock.now) == 1
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert receiver.got == [("a", ("o1",), ("d1",))]


async def test_a_permanent_refusal_is_given_up_and_the_next_message_goes_on() -> None:
    store = store_with(row("o1"), row("o2", group_key="h"))
    receiver = Recorder(DeliveryError("no such user", retry=False))
    done = await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())
    assert (done.dead, done.sent) == (1, 1)
    assert states(store) == {"o1": "dead", "o2": "sent"}


async def test_what_must_be_tried_again_holds_back_what_follows_to_the_same_target() -> None:
    store, clock = store_with(row("o1"), row("o2", group_key="h")), Clock()
    receiver = Recorder(DeliveryError("down", retry=True))
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert receiver.got == []
    clock.now += timedelta(minutes=10)
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert [ids for _, ids, _ in receiver.got] == [("o1",), ("o2",)]


@pytest.mark.parametrize(
    ("retry", "rests_for"), [(True, timedelta(seconds=90)), (False, timedelta(days=3650))]
)
async def test_a_rest_that_is_asked_for_pauses_the_receiver(retry: bool, rests_for: timedelta) -> None:
    store, clock = (
        store_with(row("o1"), row("o2", recipient="b", not_before=NOW + timedelta(seconds=1))),
        Clock(),
    )
    receiver = Recorder(DeliveryError("slow down", retry=retry, retry_after=90.0, pause_target=True))
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    with store.read() as view:
        assert view.paused_until("r") == NOW + rests_for
    clock.now += timedelta(seconds=89)
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert receiver.got == []


async def test_a_crash_after_the_claim_repeats_the_message_when_the_lease_lapses() -> None:
    store, clock = store_with(row("o1")), Clock()
    with store.begin() as tx:
        tx.claim_due(NOW, lease_s=300.0, limit=10)
    receiver = Recorder()
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert receiver.got == []
    clock.now += timedelta(seconds=301)
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert receiver.got == [("a", ("o1",), ("d1",))]


async def test_a_receiver_that_is_configured_no_more_is_given_up_with_a_remedy() -> None:
    store = store_with(row("o1"))
    done = await deliver_due(store, {}, [EVENT], clock=Clock())
    assert done.dead == 1
    assert "replay" in done.problems[0].message


def subscription(**more: object) -> Subscription:
    base = Subscription(id="morning", receiver="r", recipients=("a", "b"), at="07:00")
    return replace(base, **more)  # type: ignore[arg-type]


def digests(store: MemoryStore, one: Subscription, now: datetime, render: Callable | None = None) -> int:
    plain = lambda content, zone: {"subject": zone, "text": str(len(content.sections)), "html": ""}  # noqa: E731
    return make_digests(store, [one], [EVENT], {}, render=render or plain, now=now)


async def test_a_digest_is_queued_once_per_day_and_recipient_with_what_was_found() -> None:
    store = store_with(developments=[development("d1", NOW - timedelta(hours=2)), development("late", NOW)])
    assert digests(store, subscription(), NOW) == 1
    assert digests(store, subscription(), NOW) == 0
    receiver = Recorder()
    await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())
    assert [(who, told) for who, _, told in sorted(receiver.got)] == [("a", ("d1",)), ("b", ("d1",))]
    assert digests(store, subscription(), NOW + timedelta(days=1)) == 1
    with store.read() as view:
        contents = [view.content(str(e.payload["content"])) for e in view.outbox(states=["pending"])]
    assert [c["developments"] for c in contents if c] == [["late"], ["late"]]


@pytest.mark.parametrize(("when_empty", "queued"), [("skip", 0), ("send", 1)])
def test_an_empty_digest_is_skipped_or_sent_as_one_wishes(when_empty: str, queued: int) -> None:
    store = MemoryStore()
    one = subscription(when_empty=when_empty)
    assert digests(store, one, NOW) == 0, "a first digest without news is no news"
    assert digests(store, one, NOW + timedelta(days=1)) == queued


def test_a_digest_that_cannot_be_rendered_is_not_recorded() -> None:
    store = store_with(developments=[development("d1", NOW - timedelta(hours=2))])

    def fails(content, zone):
        raise RuntimeError("template")

    with pytest.raises(RuntimeError):
        digests(store, subscription(), NOW, fails)
    assert digests(store, subscription(), NOW) == 1


def test_a_digest_keeps_to_its_events() -> None:
    store = store_with(developments=[development("d1", NOW - timedelta(hours=2))])
    assert digests(store, subscription(events=("other",)), NOW) == 0


def entries(store: MemoryStore) -> dict[str, OutboxEntry]:
    with store.read() as view:
        return {e.id: e for e in view.outbox(limit=1000)}


OPERATOR = Operator(receiver="mail", recipients=("ops@example.org",))
GONE = DeliveryError("answered 410", place="webhook r", retry=False, pause_target=True)


async def test_a_receiver_that_is_gone_is_disabled_and_told_through_another_one() -> None:
    store, clock, mail = store_with(row("o1"), row("o2", group_key="h")), Clock(), Recorder()
    receivers = {"r": Recorder(GONE), "mail": mail}
    await deliver_due(store, receivers, [EVENT], clock=clock, operator=OPERATOR)
    assert states(store)["o1"] == "dead"
    assert states(store)["o2"] == "pending", "what is behind it waits until somebody looks"
    await deliver_due(store, receivers, [EVENT], clock=clock, operator=OPERATOR)
    ((who, (notice,), _),) = mail.got
    assert who == "ops@example.org"
    payload = entries(store)[notice].payload
    assert payload["subject"] == "The receiver r is disabled"
    assert "answered 410" in str(payload["text"])
    assert "monitor notify resume r" in str(payload["text"])
    with store.begin() as tx:
        tx.pause("r", clock.now)
    await deliver_due(store, receivers, [EVENT], clock=clock, operator=OPERATOR)
    assert states(store)["o2"] == "sent"


async def test_what_is_given_up_is_told_once_a_day_and_never_in_a_circle() -> None:
    refused = [DeliveryError("no", retry=False) for _ in range(3)]
    store, mail = store_with(*(row(f"o{i}", group_key=f"g{i}") for i in range(3))), Recorder()
    await deliver_due(
        store, {"r": Recorder(*refused), "mail": mail}, [EVENT], clock=Clock(), operator=OPERATOR
    )
    notices = [e for e in entries(store).values() if e.type == "notice"]
    assert [n.payload["subject"] for n in notices] == ["The receiver r has given messages up"]
    broken = Recorder(*[DeliveryError("no", retry=False)] * 9)
    await deliver_due(store, {"mail": broken}, [EVENT], clock=Clock(), operator=OPERATOR)
    assert [e.state for e in entries(store).values() if e.type == "notice"] == ["dead"], (
        "no notice of a notice"
    )


class Hanging(Recorder):
    """A receiver that answers nobody until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def send(self, *arguments: Any) -> None:
        await self.go.wait()
        await super().send(*arguments)


async def test_a_target_that_hangs_delays_no_other_and_no_later_round() -> None:
    many = [row(f"slow{i}", recipient=f"p{i}") for i in range(BATCH + 50)]
    store, hanging, quick = store_with(*many, row("quick", receiver="s")), Hanging(), Recorder()
    deliverer = Deliverer(store, {"r": hanging, "s": quick}, [EVENT], clock=Clock())
    deliverer.start_due()
    while not quick.got:
        await asyncio.sleep(0)
    with store.begin() as tx:
        tx.add_outbox([row("later", receiver="s")])
    await asyncio.gather(*[t for t in deliverer.start_due() if t])
    assert [ids for _, ids, _ in quick.got] == [("quick",), ("later",)]
    assert sum(e.state == "leased" for e in entries(store).values()) == BATCH
    hanging.go.set()
    await deliverer.drain()


async def test_stopping_finishes_what_is_being_sent_and_puts_back_the_rest() -> None:
    store, hanging = store_with(row("o1"), row("o2", group_key="h")), Hanging()
    deliverer = Deliverer(store, {"r": hanging}, [EVENT], clock=Clock())
    deliverer.start_due()
    await asyncio.sleep(0.01)
    draining = asyncio.create_task(deliverer.drain())
    await asyncio.sleep(0)
    hanging.go.set()
    await draining
    assert {k: (e.state, e.attempts) for k, e in entries(store).items()} == {
        "o1": ("sent", 0),
        "o2": ("pending", 0),
    }
    assert deliverer.start_due() == ()


async def test_a_message_is_not_begun_when_its_lease_could_lapse_meanwhile() -> None:
    store, clock = store_with(row("o1"), row("o2", group_key="h")), Clock()

    class Slow(Recorder):
        async def send(self, *arguments: Any) -> None:
            clock.now += timedelta(seconds=LEASE_S - 60)
            await super().send(*arguments)

    receiver = Slow()
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert states(store) == {"o1": "sent", "o2": "pending"}
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock)
    assert [ids for _, ids, _ in receiver.got] == [("o1",), ("o2",)]


async def test_a_receiver_that_does_not_group_gets_and_commits_each_row_by_itself() -> None:
    store, receiver = store_with(row("o1"), row("o2", development_id="d2"), row("o3")), Recorder()
    receiver.groups = False
    receiver.script = [None, DeliveryError("down", retry=True)]
    await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())
    assert states(store) == {"o1": "sent", "o2": "pending", "o3": "pending"}
    assert entries(store)["o3"].attempts == 0


SILENCE = Silence(
    id="s1",
    matchers=(Matcher(field="kind", op="=", value="arrest"),),
    starts_at=NOW,
    ends_at=NOW + timedelta(hours=1),
)


async def test_a_silence_made_while_an_alert_waits_drops_it_and_says_so() -> None:
    store, receiver = store_with(row("o1")), Recorder()
    with store.begin() as tx:
        tx.add_silence(SILENCE)
    rules = Rules(tree=Route(receiver="r"), receivers={"r": ("a",)})
    done = await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock(), rules=rules)
    assert (done.dropped, done.sent, receiver.got) == (1, 0, [])
    assert entries(store)["o1"].state == "dropped"
    assert "silenced until" in (entries(store)["o1"].last_error or "")
    with store.begin() as tx:
        tx.add_silence(replace(SILENCE, ends_at=NOW))
        assert tx.replay(["o1"], NOW) == 1
    assert (await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock(), rules=rules)).sent == 1


async def test_a_retry_that_falls_into_quiet_hours_is_held_and_not_counted() -> None:
    night = QuietHours(start=time(8, 0), end=time(9, 0))
    rules = Rules(tree=Route(receiver="r", quiet_hours=(night,)), receivers={"r": ("a",)})
    store, clock, receiver = store_with(row("o1", attempts=2, group_key="{}:{}")), Clock(), Recorder()
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock, rules=rules)
    held = entries(store)["o1"]
    assert (held.state, held.attempts, held.not_before) == ("pending", 2, NOW + timedelta(hours=1))
    clock.now = held.not_before
    await deliver_due(store, {"r": receiver}, [EVENT], clock=clock, rules=rules)
    assert receiver.got == [("a", ("o1",), ("d1",))]


@pytest.mark.parametrize("kind", ["alert", "digest"])
async def test_who_left_the_list_gets_not_even_what_was_queued(kind: str) -> None:
    digest = {"type": "digest", "development_id": None, "group_key": "digest:morning:2024-08-23"}
    store, receiver = store_with(row("o1", **(digest if kind == "digest" else {}))), Recorder()
    with store.begin() as tx:
        tx.unsubscribe("digest:morning" if kind == "digest" else "alerts:r", "a", NOW)
    done = await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())
    assert (done.dropped, receiver.got) == (1, [])
    assert entries(store)["o1"].last_error == "unsubscribed"


def test_a_digest_goes_to_who_has_not_left_and_is_stored_once() -> None:
    store = store_with(developments=[development("d1", NOW - timedelta(hours=2))])
    with store.begin() as tx:
        tx.unsubscribe("digest:morning", "a", NOW)
    digests(store, subscription(recipients=("a", "b", "c")), NOW)
    rows = entries(store).values()
    assert sorted(e.recipient for e in rows) == ["b", "c"]
    assert {str(e.payload) for e in rows} == {"{'content': 'digest:morning:2024-08-23'}"}


def test_a_digest_with_conditions_tells_the_corrections_of_what_it_told() -> None:
    sure = subscription(matchers=(Matcher(field="confidence", op=">=", value="0.8"),))
    hours = [NOW - timedelta(hours=h) for h in (5, 4)]
    store = store_with(
        developments=[development("d1", hours[0]), replace(development("low", hours[1]), confidence=0.3)]
    )
    assert digests(store, sure, NOW) == 1
    tomorrow = NOW + timedelta(days=1)
    before = Previous(
        id="d1", kind="arrest", figure=None, stance=None, outcome=None, certainty=Certainty.ASSERTED,
        quote="", document="", sources=(), published=None,
    )  # fmt: skip
    moved = replace(
        development("d2", tomorrow - timedelta(hours=5)),
        confidence=0.3,
        change=Change.CHANGED,
        previous=before,
    )
    other = replace(moved, id="d3", previous=replace(before, id="low"))
    with store.begin() as tx:
        tx.add_developments([moved, other])
    assert digests(store, sure, tomorrow) == 1
    with store.read() as view:
        content = view.content("digest:morning:2024-08-24")
    assert content is not None
    assert content["developments"] == ["d2"], "d3 corrects what this digest never told"


async def test_a_digest_is_sent_again_as_it_was_under_new_ids() -> None:
    store, receiver, one = (
        store_with(developments=[development("d1", NOW - timedelta(hours=2))]),
        Recorder(),
        subscription(),
    )
    digests(store, one, NOW)
    with store.begin() as tx:
        assert resend_digest(tx, one, NOW.date(), recipients=["b"], now=NOW) == 1
        with pytest.raises(UsageError, match="was not sent"):
            resend_digest(tx, one, NOW.date() + timedelta(days=1), recipients=["b"], now=NOW)
    await deliver_due(store, {"r": receiver}, [EVENT], clock=Clock())
    assert sorted(who for who, _, _ in receiver.got) == ["a", "b", "b"]
    assert len({ids for _, ids, _ in receiver.got}) == 3


def test_an_ingest_that_commits_while_a_digest_is_made_is_told_in_one_of_them() -> None:
    """The cut reads what was found inside its own transaction: nothing can be committed behind its back."""
    store = store_with(developments=[development("d1", NOW - timedelta(hours=2))])
    tried: list[bool] = []

    def ingest() -> None:
        with store.begin() as tx:
            tx.add_developments([development("slipped", NOW - timedelta(hours=1))])

    def render(content, zone):
        thread = threading.Thread(target=ingest)
        thread.start()
        thread.join(0.2)
        tried.append(thread.is_alive())
        return {"subject": "", "text": "", "html": ""}

    assert digests(store, subscription(), NOW, render) == 1
    assert tried == [True], "the ingest had to wait for the cut"


def test_explain_says_who_was_told_when_and_why_others_were_not() -> None:
    tree = Route(
        receiver="r",
        routes=(Route(receiver="q", matchers=(Matcher(field="kind", op="=", value="protest"),)),),
    )
    rules = Rules(tree=tree, receivers={"r": ("a",), "q": ("b",)})
    one = development("d1", NOW - timedelta(hours=2))
    store = store_with(developments=[one])
    with store.begin() as tx:
        tx.add_outbox(route(rules, [one], past=Past(), now=NOW))
    wants = [subscription(), subscription(id="other", events=("elsewhere",))]
    with store.read() as view:
        found = explain_development(view, rules, wants, one, now=NOW)
    assert [(r.receiver, r.recipient, r.state) for r in found.rows] == [("r", "a", "pending")]
    assert [v.path for v in found.verdicts] == ["{}"]
    assert found.unmatched == (('{}/{kind="protest"}', 'kind="protest" does not hold: it is arrest'),)
    assert found.digests == (
        ("morning", "will be told in the next one"),
        ("other", "not told: its events and matchers do not want it"),
    )
    digests(store, wants[0], NOW)
    with store.read() as view:
        assert explain_development(view, None, wants, one, now=NOW).digests[0] == ("morning", "told")
