"""Whoever looks after the program is told of a source's trouble once, and of its end once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.core.model import SourceCursor, SourceRecord, SourceSpec
from monitor.notifier import Operator
from monitor.store.memory import MemoryStore
from monitor.watch import watch_sources

NOW = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)
SPECS = [SourceSpec(id=n, type="feed", location=f"https://{n}.example/") for n in ("a", "b", "c")]
DESK = Operator(receiver="mail", recipients=("one@example.org", "two@example.org"))


class World:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.now = NOW

    def reads(self, name: str, errors: int) -> None:
        cursor = SourceCursor(source_id=name, errors=errors, last_error="down" if errors else None)
        with self.store.begin() as tx:
            tx.save_cursor(cursor)

    def look(self, operator: Operator | None = DESK) -> int:
        self.now += timedelta(minutes=1)
        return watch_sources(self.store, SPECS, operator, clock=lambda: self.now)

    def told(self) -> list[tuple[str, str]]:
        with self.store.read() as view:
            rows = view.outbox(limit=99)
        assert {row.type for row in rows} <= {"notice"}
        return [(row.recipient[:3], str(row.payload["subject"])) for row in reversed(rows)]


def test_a_failing_source_is_told_once_with_others_and_its_recovery_too() -> None:
    world = World()
    for name, errors in (("a", 3), ("b", 4), ("c", 0)):
        world.reads(name, errors)
    assert [world.look(), world.look()] == [2, 0]
    assert world.told() == [("one", "2 sources need a look"), ("two", "2 sources need a look")]
    world.reads("a", 4)
    assert world.look() == 0
    world.reads("a", 0)
    assert [world.look(), world.look()] == [1, 0]
    assert world.told()[2:] == [("one", "1 source works again"), ("two", "1 source works again")]
    world.reads("b", 0)
    world.reads("a", 3)
    assert world.look() == 2
    assert world.told()[4:] == [
        ("one", "1 source needs a look; 1 source works again"),
        ("two", "1 source needs a look; 1 source works again"),
    ]


def test_what_was_noted_of_a_source_stays() -> None:
    world = World()
    with world.store.begin() as tx:
        tx.save_source_record(SourceRecord(source_id="a", spec=SPECS[0], added_at=NOW))
    world.reads("a", 9)
    world.look()
    with world.store.read() as view:
        (record,) = view.source_records()
    assert record == SourceRecord(source_id="a", spec=SPECS[0], added_at=NOW, told="failing")


def test_without_anybody_to_tell_nothing_is_noted() -> None:
    world = World()
    world.reads("a", 9)
    assert world.look(None) == 0
    assert world.look() == 1
