"""Reading what is due: who is read next, at most how many at once, and what is stored of it.

Sources that are known to be slow or failing wait in a lane of their own, so that they cannot hold up the others.
A poll that brought no document is stored together with others; documents are stored source by source. While nothing
can be stored nobody is asked: sites are not to be read again and again for a disk that is full.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from monitor.core.errors import MonitorError, StoreError
from monitor.core.model import Fetched, Problem, SourceCursor, SourceRecord, SourceSpec
from monitor.core.ports import LAST_TICK, SOURCES_CHANGED, Clock, SourceReader, Store, View
from monitor.ingest import Ingest, Ingested
from monitor.lanes import Lanes, Turn, host_of
from monitor.sources.schedule import failed

QUICK = 100
"""How many sources are read at the same time; of one host only one is."""

SLOW = 40
"""How many more of those that failed or took long the last time."""

SLOW_S = 5.0
SETTLE_S = 1.0
SETTLE_MOST = 200
AHEAD = 100
"""Of how many the cursors are asked for together: a question to the database costs as much as thirty cursors."""

REST = timedelta(minutes=1)
"""How long nobody is asked after something could not be stored, until it is tried again with a row of our own."""


class Log(Protocol):
    """What is used of a structlog logger."""

    def info(self, event: str, **fields: Any) -> Any:
        """Log what happened."""
        ...

    def warning(self, event: str, **fields: Any) -> Any:
        """Log what went wrong and was survived."""
        ...


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
        self._lanes = Lanes(QUICK, SLOW)
        self._hosts: dict[str, str] = {}
        self._ahead: dict[str, SourceCursor | None] = {}
        self._slow: set[str] = set()
        self._busy: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._fetching: set[str] = set()
        self._settled: list[SourceCursor] = []
        self._settling: set[asyncio.Future[None]] = set()
        self._flushes: asyncio.TimerHandle | None = None
        self._rests_until: datetime | None = None

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
            total += await self._take(source, cursors.get(source.id), fetched)
            if seen:
                seen(source, fetched)
        await self.drain()
        return total

    async def poll(self) -> None:
        """Queue the sources that are due and are not being read, and start as many as there are places."""
        now = self._clock()
        if self._rests_until is not None and not await self._storable(now):
            return
        with self._store.read() as view:
            self._reload(view)
            due = view.due(now)
        for source_id in (*self._unread, *self._told, *due):
            if source_id in self._sources and source_id not in self._busy:
                self._told.pop(source_id, None)
                self._busy.add(source_id)
                self._lanes.join(Turn(source_id, int(source_id in self._slow), self._hosts[source_id]))
        self._unread.clear()
        self._told = {name: None for name in self._told if name in self._sources}
        self._start()

    async def _storable(self, now: datetime) -> bool:
        """Return whether the rest is over and something can be stored again; else it goes on."""
        if self._rests_until is not None and now < self._rests_until:
            return False
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._leave_sign, now)
        except StoreError:
            self._rests_until = now + REST
            return False
        self._rests_until = None
        return True

    def _leave_sign(self, now: datetime) -> None:
        with self._store.begin() as tx:
            tx.set_meta(LAST_TICK, now.isoformat())

    async def drain(self) -> None:
        """Give up fetches, of which nothing is stored yet; await everything else."""
        self._send_away()
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
        self._hosts = {s.id: host_of(s) for s in self._sources.values()}
        self._unread = dict.fromkeys(view.unread(tuple(self._sources)))

    def _start(self) -> None:
        """Fill the free places."""
        for turn in self._lanes.take():
            try:
                cursor = self._cursor(turn.source_id)
            except MonitorError as error:
                self._lanes.done(turn)
                self._busy.discard(turn.source_id)
                self._rest([turn.source_id], error)
                return
            task = asyncio.create_task(self._read(turn.source_id, cursor))
            self._tasks[turn.source_id] = task
            task.add_done_callback(partial(self._done, turn))

    def _cursor(self, source_id: str) -> SourceCursor | None:
        """Return a source's cursor; those of the next ones are fetched with it."""
        if source_id not in self._ahead:
            names = [source_id, *self._lanes.next(AHEAD)]
            with self._store.read() as view:
                cursors = view.cursors_of(names)
            self._ahead = {name: cursors.get(name) for name in names}
        return self._ahead.pop(source_id)

    def _done(self, turn: Turn, task: asyncio.Task[None]) -> None:
        self._lanes.done(turn)
        del self._tasks[turn.source_id]
        if task.cancelled():
            self._busy.discard(turn.source_id)
        elif (error := task.exception()) is not None:
            self._busy.discard(turn.source_id)
            self._rest([turn.source_id], error)
        self._start()

    def _rest(self, source_ids: Sequence[str], error: BaseException) -> None:
        """Ask nobody for a while: what these sources brought could not be stored, and will be asked for again."""
        self._told |= dict.fromkeys(source_ids)
        self._rests_until = self._clock() + REST
        self._send_away()
        self._log.warning(
            f"not stored: {error}", action="ingest", count=len(source_ids), source=source_ids[0]
        )

    def _send_away(self) -> None:
        """Forget those who wait; they are due at a later tick as they are now."""
        waiting = [turn.source_id for turn in self._lanes]
        self._told |= dict.fromkeys(waiting)
        self._busy.difference_update(waiting)
        self._lanes.clear()
        self._ahead.clear()

    async def _read(self, source_id: str, cursor: SourceCursor | None) -> None:
        source = self._sources.get(source_id)
        if source is None:  # removed or paused while it waited
            self._busy.discard(source_id)
            return
        started = asyncio.get_running_loop().time()
        fetched = await self._fetch(source, cursor)
        slow = asyncio.get_running_loop().time() - started > SLOW_S
        (self._slow.add if slow or fetched.cursor.errors else self._slow.discard)(source_id)
        done = await self._take(source, cursor, fetched)
        if done.developments:
            self._found()

    async def _fetch(self, source: SourceSpec, cursor: SourceCursor | None) -> Fetched:
        before = cursor or SourceCursor(source_id=source.id)
        self._fetching.add(source.id)
        try:
            return await self._reader.fetch(source, before, now=self._clock())
        except Exception as error:  # noqa: BLE001 - one source's bug is not the others'
            return self._broken(source, before, error)
        finally:
            self._fetching.discard(source.id)

    async def _take(self, source: SourceSpec, cursor: SourceCursor | None, fetched: Fetched) -> Ingested:
        """Store what was read; without documents that happens a moment later, together with others.

        Raises StoreError. What else goes wrong with its documents is a failure of this source, so that it is asked
        for them again, but not at every tick.
        """
        done = Ingested()
        if fetched.documents:
            try:
                done = await self._store_documents(fetched)
                self._busy.discard(source.id)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - one source's documents hold up no other
                fetched = self._broken(source, cursor or SourceCursor(source_id=source.id), error)
        if not fetched.documents:
            self._settle(fetched.cursor)
        for problem in (*fetched.problems, *done.problems):
            self._log.warning(
                problem.message, action="read", source=source.id, place=problem.place, remedy=problem.remedy
            )
        return done

    async def _store_documents(self, fetched: Fetched) -> Ingested:
        work = partial(self._ingest.ingest, fetched.documents, cursor=fetched.cursor, clock=self._clock)
        done = await asyncio.get_running_loop().run_in_executor(self._writer, work)
        self._log.info(
            "read",
            action="ingest",
            source=fetched.cursor.source_id,
            documents=len(fetched.documents),
            stored=done.stored,
            copies=done.copies,
            developments=len(done.developments),
        )
        return done

    def _broken(self, source: SourceSpec, before: SourceCursor, error: Exception) -> Fetched:
        """Return the outcome of a reading that met a mistake of this program; the next one is as after any failure."""
        message = f"what it brought could not be taken in ({type(error).__name__}: {error})"
        problem = Problem(place=source.id, message=message, remedy="please report this as a bug")
        after = failed(source, before, now=self._clock(), error=f"{message} ({problem.remedy})")
        return Fetched(cursor=after, problems=(problem,))

    def _settle(self, cursor: SourceCursor) -> None:
        """Store a poll that brought no document together with others, in a moment."""
        self._settled.append(cursor)
        if len(self._settled) >= SETTLE_MOST:
            self._flush()
        elif self._flushes is None:
            self._flushes = asyncio.get_running_loop().call_later(SETTLE_S, self._flush)

    def _flush(self) -> None:
        """Store the polls that brought no document."""
        if self._flushes is not None:
            self._flushes.cancel()
            self._flushes = None
        cursors, self._settled = self._settled, []
        if cursors:
            future = asyncio.get_running_loop().run_in_executor(self._writer, self._save, cursors)
            self._settling.add(future)
            future.add_done_callback(partial(self._stored, cursors))

    def _save(self, cursors: Sequence[SourceCursor]) -> None:
        with self._store.begin() as tx:
            tx.save_cursors(cursors)

    def _stored(self, cursors: Sequence[SourceCursor], future: asyncio.Future[None]) -> None:
        names = [cursor.source_id for cursor in cursors]
        self._settling.discard(future)
        self._busy.difference_update(names)
        if not future.cancelled() and (error := future.exception()) is not None:
            self._rest(names, error)
        else:
            self._log.info("polled", action="poll", count=len(cursors))
