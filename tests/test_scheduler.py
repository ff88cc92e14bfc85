"""The ticks ask what is due, survive what fails, and stop without cutting anything off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.bootstrap.clock import utc_now
from monitor.core.model import (
    Document,
    EventSpec,
    Fetched,
    Problem,
    SourceCursor,
    SourceSpec,
    stable_id,
)
from monitor.core.policy import Policy
from monitor.core.ports import LAST_TICK
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.ingest import Ingest
from monitor.scheduler import Rounds
from monitor.store.memory import MemoryStore


class Nothing:
    def read(self, document: Document) -> tuple[()]:
        return ()


class Paper:
    """A source reader with one document a source; `delays` in seconds, `broken` raise."""

    def __init__(self, delays: Mapping[str, float] | None = None, broken: tuple[str, ...] = ()) -> None:
        self.delays = delays or {}
        self.broken = broken
        self.reads: list[str] = []
        self.finished: list[str] = []

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        self.reads.append(source.id)
        await asyncio.sleep(self.delays.get(source.id, 0))
        if source.id in self.broken:
            raise RuntimeError("a bug")
        self.finished.append(source.id)
        text = f"text of {source.id} number {self.reads.count(source.id)}"
        document = Document(
            id=stable_id("doc", text),
            identity=text,
            name=text,
            source=source.id,
            text=text,
            retrieved_at=now,
            content_hash=stable_id("h", text),
        )
        after = replace(cursor, next_poll_at=now + timedelta(seconds=source.interval_s))
        problem = Problem(place=source.id, message="one line is bad", remedy="mend it")
        return Fetched(cursor=after, documents=(document,), problems=(problem,))


class Told:
    def __init__(self, error: Exception | None = None) -> None:
        self.deliveries = self.digests = 0
        self.error = error

    async def deliver(self) -> None:
        self.start_due()

    def start_due(self) -> None:
        self.deliveries += 1
        if self.error is not None:
            raise self.error

    async def drain(self) -> None:
        self.drained = True

    def digest(self) -> int:
        self.digests += 1
        return 0


class Lines:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))

    warning = info

    def actions(self) -> list[object]:
        return [fields["action"] for _, fields in self.lines]


class World:
    """Rounds with twins of everything around them."""

    def __init__(
        self, *names: str, paper: Paper | None = None, told: Told | None = None, every: int = 3600
    ) -> None:
        self.store = MemoryStore()
        self.paper = paper or Paper()
        self.told = told or Told()
        self.log = Lines()
        ingest = Ingest(
            store=self.store,
            reader=Nothing(),
            fingerprinter=MinHashFingerprinter(),
            events=(EventSpec(id="all", name="All"),),
            policy=Policy(kinds={}),
            router=lambda *_: (),
        )
        self.rounds = Rounds(
            store=self.store,
            sources=[SourceSpec(id=n, type="folder", location=n, interval_s=every) for n in names],
            reader=self.paper,
            ingest=ingest,
            teller=self.told,
            clock=utc_now,
            log=self.log,
        )

    def documents(self) -> list[str]:
        with self.store.read() as view:
            return [d.source for d in view.documents()]

    async def run(self, seconds: float) -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(self.rounds.run(stop))
        await asyncio.sleep(seconds)
        stop.set()
        await asyncio.wait_for(task, 10)


async def test_once_reads_all_side_by_side_and_stores_in_the_configured_order() -> None:
    world = World("slow", "quick", paper=Paper({"slow": 0.2}))
    done = await world.rounds.once()
    assert world.paper.finished == ["quick", "slow"]
    assert world.documents() == ["slow", "quick"]
    assert done.stored == 2
    assert (world.told.digests, world.told.deliveries) == (1, 1)


async def test_once_reads_also_what_is_not_due() -> None:
    world = World("one")
    await world.rounds.once()
    await world.rounds.once()
    assert world.paper.reads == ["one", "one"]


async def test_ticks_read_what_is_due_once_and_leave_signs_of_life() -> None:
    world = World("one", "two")
    await world.run(0.6)
    assert sorted(world.paper.reads) == ["one", "two"]
    assert sorted(world.documents()) == ["one", "two"]
    assert world.told.deliveries >= 1
    assert world.told.digests >= 1
    with world.store.read() as view:
        tick = view.meta(LAST_TICK)
    assert tick is not None
    assert utc_now() - datetime.fromisoformat(tick) < timedelta(seconds=30)


async def test_what_was_read_a_moment_ago_is_not_read_after_a_restart() -> None:
    world = World("one")
    await world.run(0.4)
    await world.run(0.4)
    assert world.paper.reads == ["one"]


async def test_a_slow_source_holds_nobody_up_and_is_not_started_twice() -> None:
    world = World("slow", "quick", paper=Paper({"slow": 60}))
    await world.rounds.poll()
    await asyncio.sleep(0.1)
    await world.rounds.poll()
    await asyncio.sleep(0.1)
    assert world.paper.reads.count("slow") == 1
    assert world.documents() == ["quick"]
    await world.run(0)


async def test_stopping_gives_up_fetches_and_stores_what_was_fetched() -> None:
    world = World("slow", "quick", paper=Paper({"slow": 60}))
    await world.run(0.5)
    assert world.paper.finished == ["quick"]
    assert world.documents() == ["quick"]


async def test_a_source_that_breaks_is_logged_and_the_others_go_on() -> None:
    world = World("bad", "good", paper=Paper(broken=("bad",)))
    await world.run(0.5)
    assert world.documents() == ["good"]
    assert any(fields.get("source") == "bad" and "a bug" in text for text, fields in world.log.lines)


async def test_a_tick_that_fails_is_logged_and_comes_again() -> None:
    world = World("one", told=Told(RuntimeError("no")))
    await world.run(1.6)
    assert world.told.deliveries >= 2
    assert "deliver" in world.log.actions()
    assert world.documents() == ["one"]


async def test_problems_of_reading_are_told_with_place_and_remedy() -> None:
    world = World("one")
    await world.rounds.once()
    text, fields = next(line for line in world.log.lines if line[1]["action"] == "read")
    assert (text, fields["place"], fields["remedy"]) == ("one line is bad", "one", "mend it")


@pytest.mark.parametrize("seconds", [0.0, 0.05])
async def test_it_stops_at_once_when_told_early(seconds: float) -> None:
    world = World("one")
    await asyncio.wait_for(world.run(seconds), 5)


async def test_the_watch_looks_at_what_is_read_in_a_round_and_at_the_ticks() -> None:
    world = World("one", "two")
    looked: list[list[str]] = []
    world.rounds._watch = lambda sources: looked.append([s.id for s in sources]) or len(looked)
    await world.rounds.once()
    assert looked == [["one", "two"]]
    await world.run(0.4)
    assert len(looked) == 2
    assert world.log.actions().count("watch") == 2
