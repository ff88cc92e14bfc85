"""The ticks. Each asks "what is due?" of the stored state and decides nothing; a restart forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from functools import partial
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.core.model import Fetched, SourceSpec
from monitor.core.ports import LAST_TICK, Clock, SourceReader, Store
from monitor.ingest import Ingest, Ingested
from monitor.polling import Log, Poller

POLL_S = 5
DELIVER_S = 1
DIGEST_S = 20
BEAT_S = 15
WATCH_S = 60
SUBSCRIBE_S = 60


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


async def _no_hubs(_: Sequence[SourceSpec]) -> None:
    """Subscribe nowhere."""


class Rounds:
    """Reads sources, digests and delivers: all once, or what is due on every tick until told to stop."""

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
        watch: Callable[[Sequence[SourceSpec]], int] = lambda _: 0,
        subscribe: Callable[[Sequence[SourceSpec]], Awaitable[None]] = _no_hubs,
    ) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock
        self._log = log
        self._watch = watch
        self._subscribe = subscribe
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._poller = Poller(
            store=store,
            sources=sources,
            reader=reader,
            ingest=ingest,
            clock=clock,
            log=log,
            writer=self._writer,
            found=teller.start_due,
        )

    async def once(self, seen: Callable[[SourceSpec, Fetched], None] | None = None) -> Ingested:
        """Read every source, in order, queue notices and due digests, and deliver what is due."""
        total = await self._poller.once(seen)
        await self.watch()
        self._teller.digest()
        await self._teller.deliver()
        return total

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop` is set, then let what is being stored or sent finish."""
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        running: set[asyncio.Task[None]] = set()
        ticks = (
            (self.beat, BEAT_S),
            (self.poll, POLL_S),
            (self.digest, DIGEST_S),
            (self.deliver, DELIVER_S),
            (self.watch, WATCH_S),
            (self.subscribe, SUBSCRIBE_S),
        )
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
        await self._poller.poll()

    async def watch(self) -> None:
        """Tell of sources that fail, fell silent or came back."""
        loop = asyncio.get_running_loop()
        if count := await loop.run_in_executor(self._writer, self._watch, self._poller.sources()):
            self._log.info("sources turned", action="watch", count=count)

    async def subscribe(self) -> None:
        """Keep the subscriptions at hubs; before the first poll nobody knows which sources there are."""
        if sources := self._poller.sources():
            await self._subscribe(sources)

    def read_soon(self, source_id: str) -> None:
        """Read a source at the next tick, because its hub says that it has changed."""
        self._poller.read_soon(source_id)

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

    async def _drain(self, running: set[asyncio.Task[None]]) -> None:
        """Give up fetches, of which nothing is stored yet; await everything else."""
        await self._poller.drain()
        await asyncio.gather(*running, return_exceptions=True)
        await self._teller.drain()
