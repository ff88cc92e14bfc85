"""The ticks. Each asks "what is due?" of the stored state and decides nothing; a restart forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from functools import partial
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.core.model import Fetched, SourceCursor, SourceSpec
from monitor.core.ports import LAST_TICK, Clock, SourceReader, Store
from monitor.ingest import Ingest, Ingested

POLL_S = 5
DELIVER_S = 1
DIGEST_S = 20
BEAT_S = 15
FETCHES = 50
"""How many sources are read at the same time; one request per host is the HTTP client's rule."""


class Teller(Protocol):
    """Delivers what is queued and queues what is scheduled."""

    async def deliver(self) -> None:
        """Deliver what is due, and wait for it."""
        ...

    def start_due(self) -> None:
        """Start to deliver what is due; what came of it is logged."""
        ...

    async def drain(self) -> None:
        """Let deliveries under way finish, and start no more."""
        ...

    def digest(self) -> int:
        """Render and queue the digests that are due; return how many."""
        ...


class Log(Protocol):
    """What is used of a structlog logger."""

    def info(self, event: str, **fields: Any) -> Any:
        """Log what happened."""
        ...

    def warning(self, event: str, **fields: Any) -> Any:
        """Log what went wrong and was survived."""
        ...


class Rounds:
    """Reads sources, digests and delivers: all once, or what is due on every tick until told to stop.

    Documents are extracted and stored on one writer thread, so that reading and delivery go on meanwhile.
    """

    def __init__(
        self,
        *,
        store: Store,
        sources: Sequence[SourceSpec],
        reader: SourceReader,
        ingest: Ingest,
        teller: Teller,
        clock: Clock,
        log: Log,
    ) -> None:
        self._store = store
        self._sources = {source.id: source for source in sources}
        self._reader = reader
        self._ingest = ingest
        self._teller = teller
        self._clock = clock
        self._log = log
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._fetches = asyncio.Semaphore(FETCHES)
        self._reading: dict[str, asyncio.Task[Ingested]] = {}
        self._fetching: set[str] = set()

    async def once(self) -> Ingested:
        """Read every source, in the order of the configuration, queue due digests and deliver what is due."""
        tasks = [asyncio.create_task(self._fetch(source)) for source in self._sources.values()]
        total = Ingested()
        for task in tasks:
            total += await self._take(await task)
        self._teller.digest()
        await self._teller.deliver()
        return total

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop` is set, then let what is being stored or sent finish."""
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        running: set[asyncio.Task[None]] = set()
        ticks = ((self.beat, BEAT_S), (self.poll, POLL_S), (self.digest, DIGEST_S), (self.deliver, DELIVER_S))
        for tick, every in ticks:
            job = partial(self._guarded, tick, running)
            scheduler.add_job(job, "interval", seconds=every, next_run_time=self._clock(), name=tick.__name__)
        scheduler.start()
        try:
            await stop.wait()
        finally:
            # APScheduler cancels what runs when it shuts down: pause it, and shut down when all is done.
            scheduler.pause()
            await self._drain(running)
            scheduler.shutdown(wait=False)

    async def beat(self) -> None:
        """Leave a sign of life for the health check."""
        with self._store.begin() as tx:
            tx.set_meta(LAST_TICK, self._clock().isoformat())

    async def poll(self) -> None:
        """Start reading the sources that are due and are not being read already."""
        with self._store.read() as view:
            due = (*view.unread(tuple(self._sources)), *view.due(self._clock()))
        for source_id in due:
            if source_id in self._reading or source_id not in self._sources:
                continue
            task = asyncio.create_task(self._read(self._sources[source_id]))
            self._reading[source_id] = task
            task.add_done_callback(partial(self._done, source_id))

    async def digest(self) -> None:
        """Queue the digests that are due, on the thread that writes: rendering takes its time."""
        loop = asyncio.get_running_loop()
        if count := await loop.run_in_executor(self._writer, self._teller.digest):
            self._log.info("digests queued", action="digest", count=count)

    async def deliver(self) -> None:
        """Start to deliver what is due; a receiver that hangs holds up neither the tick nor the others."""
        self._teller.start_due()

    def close(self) -> None:
        """End the writer thread; waits for a commit that runs."""
        self._writer.shutdown(wait=True)

    async def _guarded(self, tick: Any, running: set[asyncio.Task[None]]) -> None:
        """Run a tick; one that fails is logged, and the next one tries again."""
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await tick()
        except Exception as error:  # noqa: BLE001  a daemon that dies of one bad minute tells nobody anything
            self._log.warning(f"tick failed: {error}", action=tick.__name__, error=type(error).__name__)
        finally:
            running.discard(task)

    def _done(self, source_id: str, task: asyncio.Task[Ingested]) -> None:
        self._reading.pop(source_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.warning(f"not stored: {error}", action="ingest", source=source_id)

    async def _drain(self, running: set[asyncio.Task[None]]) -> None:
        """Give up fetches, of which nothing is stored yet; await everything else."""
        for source_id, task in self._reading.items():
            if source_id in self._fetching:
                task.cancel()
        await asyncio.gather(*self._reading.values(), *running, return_exceptions=True)
        await self._teller.drain()

    async def _read(self, source: SourceSpec) -> Ingested:
        done = await self._take(await self._fetch(source))
        if done.developments:
            self._teller.start_due()
        return done

    async def _fetch(self, source: SourceSpec) -> Fetched:
        self._fetching.add(source.id)
        try:
            async with self._fetches:
                with self._store.read() as view:
                    cursor = view.cursor(source.id) or SourceCursor(source_id=source.id)
                return await self._reader.fetch(source, cursor, now=self._clock())
        finally:
            self._fetching.discard(source.id)

    async def _take(self, fetched: Fetched) -> Ingested:
        source_id = fetched.cursor.source_id
        work = partial(self._ingest.ingest, fetched.documents, cursor=fetched.cursor, clock=self._clock)
        done = await asyncio.get_running_loop().run_in_executor(self._writer, work)
        for problem in (*fetched.problems, *done.problems):
            self._log.warning(
                problem.message, action="read", source=source_id, place=problem.place, remedy=problem.remedy
            )
        self._log.info(
            "read",
            action="ingest",
            source=source_id,
            documents=len(fetched.documents),
            stored=done.stored,
            copies=done.copies,
            developments=len(done.developments),
        )
        return done
