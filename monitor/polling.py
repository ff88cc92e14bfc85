"""Reading what is due: who is read next, at most how many at once, and what is stored of it.

Sources that are known to be slow or failing wait in a lane of their own, so that they cannot hold up the others.
A poll that brought no document is stored together with others; documents are stored source by source.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from monitor.core.model import Fetched, SourceCursor, SourceRecord, SourceSpec
from monitor.core.ports import SOURCES_CHANGED, Clock, SourceReader, Store, View
from monitor.ingest import Ingest, Ingested

QUICK = 100
"""How many sources are read at the same time; one request per host is the HTTP client's rule."""

SLOW = 40
"""How many more of those that failed or took long the last time."""

SLOW_S = 5.0
SETTLE_S = 0.3
SETTLE_MOST = 200
_GATHER_S = 0.02


class Log(Protocol):
    """What is used of a structlog logger."""

    def info(self, event: str, **fields: Any) -> Any:
        """Log what happened."""
        ...

    def warning(self, event: str, **fields: Any) -> Any:
        """Log what went wrong and was survived."""
        ...


class _Lane:
    """Sources that wait for a free place, and how many are being read."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.running = 0
        self.queue: deque[str] = deque()

    def take(self) -> list[str]:
        """Return the next sources, as many as there are free places, and occupy these."""
        names = [self.queue.popleft() for _ in range(min(self.room - self.running, len(self.queue)))]
        self.running += len(names)
        return names


def read_sources(configured: Sequence[SourceSpec], records: Sequence[SourceRecord]) -> tuple[SourceSpec, ...]:
    """Return the sources that are read: the configured, then those added by command, none that is paused."""
    paused = {record.source_id for record in records if record.paused_at}
    known = {source.id: source for source in configured}
    for record in records:
        if record.spec is not None:
            known.setdefault(record.source_id, record.spec)
    return tuple(source for source in known.values() if source.id not in paused)


class Poller:
    """Reads sources and stores what they bring, on the one thread that writes."""

    def __init__(
        self,
        *,
        store: Store,
        sources: Sequence[SourceSpec],
        reader: SourceReader,
        ingest: Ingest,
        clock: Clock,
        log: Log,
        writer: ThreadPoolExecutor,
        found: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._configured = tuple(sources)
        self._reader = reader
        self._ingest = ingest
        self._clock = clock
        self._log = log
        self._found = found
        self._writer = writer
        self._sources: dict[str, SourceSpec] = {}
        self._changed: str | None = None
        self._unread: dict[str, None] = {}
        self._told: dict[str, None] = {}
        self._lanes = (_Lane(QUICK), _Lane(SLOW))
        self._slow: set[str] = set()
        self._busy: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._fetching: set[str] = set()
        self._settled: list[SourceCursor] = []
        self._settling: set[asyncio.Future[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def sources(self) -> tuple[SourceSpec, ...]:
        """Return what is read now, as of the last tick."""
        return tuple(self._sources.values())

    def read_soon(self, source_id: str) -> None:
        """Read a source at the next tick, or at the one after its reading that is under way."""
        self._told[source_id] = None

    async def once(self, seen: Callable[[SourceSpec, Fetched], None] | None = None) -> Ingested:
        """Read every source, in order; `seen` is told of each as it is stored."""
        with self._store.read() as view:
            self._reload(view)
            cursors = view.cursors_of(tuple(self._sources))
        places = asyncio.Semaphore(QUICK)

        async def fetch(source: SourceSpec) -> Fetched:
            async with places:
                return await self._fetch(source, cursors.get(source.id))

        tasks = [asyncio.create_task(fetch(source)) for source in self._sources.values()]
        total = Ingested()
        for source, task in zip(tuple(self._sources.values()), tasks, strict=True):
            fetched = await task
            total += await self._take(fetched)
            if seen:
                seen(source, fetched)
        await self.drain()
        return total

    async def poll(self) -> None:
        """Queue the sources that are due and are not being read, and start as many as there are places."""
        with self._store.read() as view:
            self._reload(view)
            due = view.due(self._clock())
        for source_id in (*self._unread, *self._told, *due):
            if source_id in self._sources and source_id not in self._busy:
                self._told.pop(source_id, None)
                self._busy.add(source_id)
                self._lanes[source_id in self._slow].queue.append(source_id)
        self._unread.clear()
        self._told = {name: None for name in self._told if name in self._sources}
        self._start()

    async def drain(self) -> None:
        """Give up fetches, of which nothing is stored yet; await everything else."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for lane in self._lanes:
            self._busy.difference_update(lane.queue)
            lane.queue.clear()
        for source_id in self._fetching & self._tasks.keys():
            self._tasks[source_id].cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._flush()
        await asyncio.gather(*self._settling, return_exceptions=True)

    def _reload(self, view: View) -> None:
        """Follow what was added, removed, paused or resumed by command since the last tick."""
        changed = view.meta(SOURCES_CHANGED)
        if self._sources and changed == self._changed:
            return
        self._changed = changed
        self._sources = {s.id: s for s in read_sources(self._configured, view.source_records())}
        self._unread = dict.fromkeys(view.unread(tuple(self._sources)))

    def _start(self) -> None:
        """Fill the free places; the cursors of all who start are asked for together."""
        self._timers.pop("start", None)
        chosen = [(lane, name) for lane in self._lanes for name in lane.take()]
        if not chosen:
            return
        with self._store.read() as view:
            cursors = view.cursors_of([name for _, name in chosen])
        for lane, name in chosen:
            task = asyncio.create_task(self._read(name, cursors.get(name)))
            self._tasks[name] = task
            task.add_done_callback(partial(self._done, lane, name))

    def _done(self, lane: _Lane, source_id: str, task: asyncio.Task[None]) -> None:
        lane.running -= 1
        del self._tasks[source_id]
        if task.cancelled():
            self._busy.discard(source_id)
        elif (error := task.exception()) is not None:
            self._busy.discard(source_id)
            self._log.warning(f"not stored: {error}", action="ingest", source=source_id)
        if lane.queue:
            self._later("start", _GATHER_S, self._start)

    async def _read(self, source_id: str, cursor: SourceCursor | None) -> None:
        source = self._sources.get(source_id)
        if source is None:  # removed or paused while it waited
            self._busy.discard(source_id)
            return
        started = asyncio.get_running_loop().time()
        fetched = await self._fetch(source, cursor)
        slow = asyncio.get_running_loop().time() - started > SLOW_S
        (self._slow.add if slow or fetched.cursor.errors else self._slow.discard)(source_id)
        done = await self._take(fetched)
        if fetched.documents:
            self._busy.discard(source_id)
        if done.developments:
            self._found()

    async def _fetch(self, source: SourceSpec, cursor: SourceCursor | None) -> Fetched:
        self._fetching.add(source.id)
        try:
            return await self._reader.fetch(
                source, cursor or SourceCursor(source_id=source.id), now=self._clock()
            )
        finally:
            self._fetching.discard(source.id)

    async def _take(self, fetched: Fetched) -> Ingested:
        """Store what was read; without documents that happens a moment later, together with others."""
        source_id = fetched.cursor.source_id
        done = Ingested()
        if fetched.documents:
            work = partial(self._ingest.ingest, fetched.documents, cursor=fetched.cursor, clock=self._clock)
            done = await asyncio.get_running_loop().run_in_executor(self._writer, work)
            self._log.info(
                "read",
                action="ingest",
                source=source_id,
                documents=len(fetched.documents),
                stored=done.stored,
                copies=done.copies,
                developments=len(done.developments),
            )
        else:
            self._settled.append(fetched.cursor)
            if len(self._settled) >= SETTLE_MOST:
                self._flush()
            else:
                self._later("flush", SETTLE_S, self._flush)
        for problem in (*fetched.problems, *done.problems):
            self._log.warning(
                problem.message, action="read", source=source_id, place=problem.place, remedy=problem.remedy
            )
        return done

    def _flush(self) -> None:
        """Store the polls that brought no document."""
        self._timers.pop("flush", None)
        cursors, self._settled = self._settled, []
        if cursors:
            future = asyncio.get_running_loop().run_in_executor(self._writer, self._save, cursors)
            self._settling.add(future)
            future.add_done_callback(partial(self._stored, cursors))

    def _save(self, cursors: Sequence[SourceCursor]) -> None:
        with self._store.begin() as tx:
            tx.save_cursors(cursors)

    def _stored(self, cursors: Sequence[SourceCursor], future: asyncio.Future[None]) -> None:
        self._settling.discard(future)
        self._busy.difference_update(cursor.source_id for cursor in cursors)
        if not future.cancelled() and (error := future.exception()) is not None:
            self._log.warning(f"not stored: {error}", action="poll", count=len(cursors))
        else:
            self._log.info("polled", action="poll", count=len(cursors))

    def _later(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Do something in a moment, once for all who ask for it until then."""
        if name not in self._timers:
            self._timers[name] = asyncio.get_running_loop().call_later(seconds, act)
