"""Telling: rows are claimed, sent and marked, whatever a receiver does; digests are queued once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import DeliveryError
from monitor.core.model import (
    Certainty,
    Change,
    Development,
    EventSpec,
    OutboxEntry,
    Subscription,
)
from monitor.core.plover import Plover
from monitor.notifier import RETRY_AFTER_S, deliver_due, make_digests
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
