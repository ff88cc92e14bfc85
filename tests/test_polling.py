"""Who is read next: 200 feeds of which 20 are hostile, over real connections; and the lanes."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.bootstrap.feeds import check_sources
from monitor.core.errors import TemporaryStoreError
from monitor.core.model import Document, EventSpec, Fetched, SourceCursor, SourceRecord, SourceSpec
from monitor.core.policy import Policy
from monitor.core.ports import SOURCES_CHANGED
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.ingest import Ingest
from monitor.polling import SLOW, Poller, read_sources
from monitor.sources import Sources
from monitor.sources.http import HttpClient
from monitor.sources.parser import ParserPool
from monitor.store.memory import MemoryStore

NOW = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)
BOMB = gzip.compress(b"<rss>" + b" " * 30_000_000)
HOSTILE = ("drip", "silence", "bomb", "private", "tls", "busy", "gone", "short", "loop", "garbage")


class Loopback(AbstractResolver):
    """Every name is this machine, so that each feed has a host of its own."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


class Nothing:
    def read(self, document: Document) -> tuple[()]:
        return ()


class Lines:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append((event, fields))

    warning = info


class Bad:
    """A server that does what the path says."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: Counter[str] = Counter()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            if first == b"\x16":  # a TLS client, which is answered in plain text
                writer.write(b"HTTP/1.1 400 X\r\n\r\n")
                return
            head = first + await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            self.asked[path] += 1
            await self.answer(path, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, IndexError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, out: asyncio.StreamWriter) -> None:
        kind = path.strip("/").split("-")[0]
        if kind == "drip":
            out.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                out.write(b" ")
                await out.drain()
                await asyncio.sleep(0.05)
        if kind == "silence":
            await asyncio.sleep(280)
        body = self.feed(path)
        status, headers = "200 OK", f"Content-Length: {len(body)}"
        if kind == "bomb":
            body = BOMB
            headers = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}"
        elif kind == "busy":
            status, headers, body = "429 X", "Retry-After: 86400\r\nContent-Length: 0", b""
        elif kind == "gone":
            status, headers, body = "410 X", "Content-Length: 0", b""
        elif kind == "short":
            headers = "Content-Length: 9999"
        elif kind == "loop":
            status, headers, body = "302 X", f"Location: {path}\r\nContent-Length: 0", b""
        elif kind == "garbage":
            body, headers = b"\x00\xff<<<&&&" * 50, "Content-Length: 400"
        out.write(f"HTTP/1.1 {status}\r\n{headers}\r\nConnection: close\r\n\r\n".encode() + body)

    def feed(self, path: str) -> bytes:
        number = self.asked[path]
        item = f"<item><guid>{path}-{number}</guid><title>{path} {number}</title></item>"
        return f"<rss version='2.0'><channel><title>T</title>{item}</channel></rss>".encode()

    def specs(self, count: int, hostile: int) -> list[SourceSpec]:
        kinds = [HOSTILE[n % len(HOSTILE)] for n in range(hostile)]
        specs = []
        for n in range(count):
            kind = kinds[n] if n < hostile else "good"
            scheme = "https" if kind == "tls" else "http"
            url = f"{scheme}://h{n}.test:{self.port}/{kind}-{n}"
            specs.append(
                SourceSpec(
                    id=f"{kind}-{n}",
                    type="feed",
                    location=url,
                    interval_s=600,
                    allow_private=kind != "private",
                )
            )
        return specs


@pytest.fixture
async def bad() -> AsyncIterator[Bad]:
    server = Bad()
    running = await asyncio.start_server(server.handle, "127.0.0.1", 0, backlog=500)
    server.port = running.sockets[0].getsockname()[1]
    yield server
    running.close()


class World:
    def __init__(self, specs: list[SourceSpec], reader: Any) -> None:
        self.store = MemoryStore()
        self.now = NOW
        self.log = Lines()
        self.poller = Poller(
            store=self.store,
            sources=specs,
            reader=reader,
            ingest=Ingest(
                store=self.store,
                reader=Nothing(),
                fingerprinter=MinHashFingerprinter(),
                events=(EventSpec(id="all", name="All"),),
                policy=Policy(kinds={}),
                router=lambda *_: (),
            ),
            clock=lambda: self.now,
            log=self.log,
            writer=ThreadPoolExecutor(1),
        )

    def breaks(self) -> Broken:
        """Return what now stands between the poller and the store."""
        broken = Broken(self.store)
        self.poller._store = broken  # type: ignore[assignment]
        self.poller._ingest._store = broken  # type: ignore[assignment]
        return broken

    def cursors(self) -> dict[str, SourceCursor]:
        with self.store.read() as view:
            return {c.source_id: c for c in view.cursors()}

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(120):
            while not condition():
                await asyncio.sleep(0.02)


@pytest.mark.timeout(300)
async def test_hostile_feeds_make_no_honest_one_late(bad: Bad) -> None:
    """In each of two rounds all honest feeds are read while those that drip and are silent still hang."""
    specs = bad.specs(200, 20)
    honest = {s.id for s in specs if s.id.startswith("good")}
    http = HttpClient(timeout_s=280, max_bytes=1_000_000, resolver=Loopback(), connections=300)
    async with Sources(base_dir=Path("/"), http=http, parser=ParserPool(size=2)) as sources:
        world = World(specs, sources)
        for turn in (1, 2):
            await world.poller.poll()
            await world.until(lambda: not honest & world.poller._busy)
            assert {c for c in world.cursors() if world.cursors()[c].last_success_at == world.now} == honest
            hanging = {name.split("-")[0] for name in world.poller._fetching}
            assert hanging == {"drip", "silence"}
            with world.store.read() as view:
                assert sum(1 for _ in view.documents()) == 180 * turn
            world.now += timedelta(minutes=11)
        await world.poller.drain()
    cursors = world.cursors()
    assert all(cursors[name].errors == 0 for name in honest)
    said = {s.id.split("-")[0]: cursors[s.id].last_error or "" for s in specs if s.id in cursors}
    for kind, words in {
        "bomb": "larger than",
        "private": "must not be dialled",
        "tls": "TLS",
        "busy": "fewer requests",
        "gone": "gone for good",
        "short": "cut short",
        "loop": "redirects",
        "garbage": "not a feed",
    }.items():
        assert words in said[kind], kind
    assert {c.split("-")[0] for c in cursors if cursors[c].gone} == {"gone"}
    busy = next(c for name, c in cursors.items() if name.startswith("busy"))
    assert busy.next_poll_at is not None
    assert busy.next_poll_at >= NOW + timedelta(days=1)
    assert all(bad.asked[f"/{s.id}"] == 1 for s in specs if s.id.startswith(("busy", "gone", "drip")))


async def test_a_check_of_many_ends_in_time_and_says_who_did_not_answer(bad: Bad) -> None:
    specs = bad.specs(8, 2)
    found: dict[str, Fetched] = {}
    http = HttpClient(timeout_s=50, resolver=Loopback())
    async for spec, fetched in check_sources(specs, now=NOW, http=http, within_s=12):
        found[spec.id] = fetched
    assert found.keys() == {s.id for s in specs}
    assert {name.split("-")[0] for name, f in found.items() if f.cursor.errors} == {"drip", "silence"}
    assert "no answer within the 12 seconds" in found["drip-0"].problems[0].message


async def test_a_check_asks_all_hosts_also_where_the_file_begins_with_a_crowd_of_one(bad: Bad) -> None:
    crowd = [
        SourceSpec(
            id=f"c{n}", type="feed", location=f"http://crowd.test:{bad.port}/silence-{n}", allow_private=True
        )
        for n in range(150)
    ]
    http = HttpClient(timeout_s=50, resolver=Loopback())
    worked, said = set(), Counter[str]()
    async for spec, fetched in check_sources([*crowd, *bad.specs(20, 0)], now=NOW, http=http, within_s=8):
        if fetched.cursor.last_success_at:
            worked.add(spec.id)
        said.update(problem.message for problem in fetched.problems)
        assert fetched.cursor.errors == (spec.id == "c0")
    assert worked == {f"good-{n}" for n in range(20)}
    assert said == {
        "no answer within the 8 seconds of this check": 1,
        "it was not asked within the 8 seconds of this check: one feed of a host at a time": 149,
    }


class Scripted:
    """A reader whose sources fail or hang as told."""

    def __init__(self) -> None:
        self.bad: set[str] = set()
        self.hang: set[str] = set()
        self.reads: list[str] = []
        self.release = asyncio.Event()

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        self.reads.append(source.id)
        if source.id in self.hang:
            await self.release.wait()
        errors = cursor.errors + 1 if source.id in self.bad else 0
        after = replace(cursor, next_poll_at=now + timedelta(seconds=source.interval_s), errors=errors)
        return Fetched(cursor=after, unchanged=True)


def specs(*names: str) -> list[SourceSpec]:
    return [SourceSpec(id=n, type="feed", location=f"https://{n}.test/", interval_s=60) for n in names]


async def test_sources_that_failed_wait_in_a_lane_of_their_own() -> None:
    reader = Scripted()
    failing = [f"bad{n}" for n in range(SLOW + 30)]
    reader.bad = set(failing)
    world = World(specs(*failing, "good"), reader)
    await world.poller.poll()
    await world.until(lambda: not world.poller._busy)
    reader.hang = set(failing)
    reader.reads.clear()
    world.now += timedelta(hours=1)
    await world.poller.poll()
    await world.until(lambda: world.cursors()["good"].next_poll_at > world.now)
    assert len(reader.reads) == SLOW + 1  # as many of the failing as have a place, and the good one
    reader.release.set()
    await world.until(lambda: len(reader.reads) == SLOW + 31)
    await world.poller.drain()


async def test_a_crowd_of_one_slow_host_takes_no_place_from_others() -> None:
    crowd = [
        SourceSpec(id=f"crowd{n}", type="feed", location=f"https://me:x@crowded.test/{n}") for n in range(300)
    ]
    reader = Scripted()
    reader.hang = {source.id for source in crowd}
    world = World([*crowd, *specs("good")], reader)
    await world.poller.poll()
    await world.until(lambda: "good" in world.cursors())
    assert reader.reads == ["crowd0", "good"]
    reader.release.set()
    await world.until(lambda: not world.poller._busy)
    assert sorted(reader.reads) == sorted([*reader.hang, "good"])
    await world.poller.drain()


class Broken:
    """A store that fails to write, or to read, as told."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.writes = self.reads = True

    def begin(self) -> Any:
        if not self.writes:
            raise TemporaryStoreError("the disk is full", remedy="make room")
        return self._store.begin()

    def read(self) -> Any:
        if not self.reads:
            raise TemporaryStoreError("busy")
        return self._store.read()


class Papers(Scripted):
    """Brings a document at each reading."""

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        fetched = await super().fetch(source, cursor, now=now)
        text = f"{source.id} {len(self.reads)}"
        document = Document(
            id=text,
            identity=text,
            name=text,
            source=source.id,
            text=text,
            retrieved_at=now,
            content_hash=text,
        )
        return replace(fetched, documents=(document,), unchanged=False)


@pytest.mark.parametrize("kind", [Scripted, Papers])
async def test_while_nothing_can_be_stored_nobody_is_asked_and_nobody_is_forgotten(kind: Any) -> None:
    names = [f"s{n}" for n in range(150)]
    reader = kind()
    world = World(specs(*names), reader)
    broken = world.breaks()
    broken.writes = False
    for _ in range(60):  # ticks of five minutes
        await world.poller.poll()
        await asyncio.sleep(0.01)
        await world.poller.drain()
        world.now += timedelta(seconds=5)
    assert len(reader.reads) == len(set(reader.reads)) > 0
    assert any("the disk is full" in event for event, _ in world.log.lines)
    broken.writes = True
    reader.reads.clear()
    world.now += timedelta(minutes=1)
    await world.poller.poll()
    await world.until(lambda: not world.poller._busy)
    # Whom nobody could store a first reading of has no row that could be due, and is read all the same.
    assert sorted(reader.reads) == sorted(names)
    assert world.cursors().keys() == set(names)
    await world.poller.drain()


async def test_a_state_that_cannot_be_read_for_a_moment_costs_no_place() -> None:
    reader = Scripted()
    world = World(specs("one", "two"), reader)
    broken = world.breaks()
    start = world.poller._start

    def fails() -> None:
        broken.reads = False
        start()
        broken.reads = True

    world.poller._start = fails  # type: ignore[method-assign]
    await world.poller.poll()
    assert world.poller._busy == set()
    world.poller._start = start  # type: ignore[method-assign]
    world.now += timedelta(minutes=2)
    await world.poller.poll()
    await world.until(lambda: not world.poller._busy)
    assert sorted(reader.reads) == ["one", "two"]


async def test_documents_that_break_the_program_are_a_failure_of_their_source_alone() -> None:
    reader = Papers()
    world = World(specs("poison", "good"), reader)
    ingest = world.poller._ingest.ingest

    def breaks(documents: Any, **more: Any) -> Any:
        if documents[0].source == "poison":
            raise KeyError("a bug")
        return ingest(documents, **more)

    world.poller._ingest.ingest = breaks  # type: ignore[method-assign]
    await world.poller.poll()
    await world.until(lambda: not world.poller._busy)
    await world.poller.drain()
    cursors = world.cursors()
    assert cursors["good"].errors == 0
    assert cursors["poison"].errors == 1
    assert "could not be taken in (KeyError: 'a bug')" in (cursors["poison"].last_error or "")
    assert cursors["poison"].next_poll_at >= world.now + timedelta(seconds=60)  # not at every tick
    assert cursors["poison"].etag is None  # so that the documents come again


async def test_polls_without_documents_are_stored_together() -> None:
    world = World(specs(*(f"s{n}" for n in range(50))), Scripted())
    await world.poller.poll()
    await world.until(lambda: not world.poller._busy)
    polled = [fields["count"] for event, fields in world.log.lines if event == "polled"]
    assert sum(polled) == 50
    assert len(polled) < 10


async def test_what_is_added_paused_and_removed_is_followed_at_the_next_tick() -> None:
    reader = Scripted()
    world = World(specs("one"), reader)

    async def tick(*records: SourceRecord, gone: str | None = None) -> list[str]:
        with world.store.begin() as tx:
            for record in records:
                tx.save_source_record(record)
            if gone:
                tx.remove_source(gone)
            tx.set_meta(SOURCES_CHANGED, world.now.isoformat())
        reader.reads.clear()
        await world.poller.poll()
        await asyncio.sleep(0.05)
        await world.poller.drain()
        world.now += timedelta(hours=1)
        return sorted(reader.reads)

    two = SourceRecord(source_id="two", spec=specs("two")[0])
    assert await tick() == ["one"]
    assert await tick(two) == ["one", "two"]
    assert await tick(SourceRecord(source_id="one", paused_at=NOW)) == ["two"]
    assert await tick(SourceRecord(source_id="one")) == ["one", "two"]
    assert await tick(gone="two") == ["one"]


def test_a_configured_source_wins_over_an_added_one_of_its_name() -> None:
    added = SourceRecord(source_id="one", spec=replace(specs("one")[0], location="https://other.test/"))
    assert read_sources(specs("one"), [added]) == tuple(specs("one"))
