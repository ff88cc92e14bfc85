"""/healthz (the process answers), /readyz (state and ticks are well), /metrics (Prometheus)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from monitor.core.errors import MonitorError
from monitor.core.model import SourceSpec
from monitor.core.ports import LAST_TICK, Clock, Store

TICK_AGE = timedelta(seconds=90)
"""A daemon leaves a sign of life every 15 s; after six missed ones it is not well."""

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Answers what the pages ask, from the stored state."""

    store: Store
    sources: tuple[SourceSpec, ...]
    clock: Clock

    def unwell(self) -> str | None:
        """Return why this process cannot do its work; None when it can."""
        try:
            with self.store.read() as view:
                tick = view.meta(LAST_TICK)
        except MonitorError as error:
            return str(error)
        if tick is None or self.clock() - datetime.fromisoformat(tick) > TICK_AGE:
            return f"the last tick was {tick or 'never'}"
        return None

    def metrics(self) -> str:
        """Return the metrics in Prometheus' text format."""
        with self.store.read() as view:
            cursors = view.cursors()
            waiting = len(view.outbox(states=("pending", "leased"), limit=10_000))
            dead = len(view.outbox(states=("dead",), limit=10_000))
            tick = view.meta(LAST_TICK)
        values: Mapping[str, tuple[str, float]] = {
            "monitor_sources": ("Configured sources.", len(self.sources)),
            "monitor_sources_failing": (
                "Sources whose last reading failed.",
                sum(c.errors > 0 for c in cursors),
            ),
            "monitor_outbox_waiting": ("Messages that still must be delivered.", waiting),
            "monitor_outbox_dead": ("Messages that were given up.", dead),
            "monitor_last_tick_timestamp_seconds": (
                "Time of the last sign of life.",
                datetime.fromisoformat(tick).timestamp() if tick else 0,
            ),
        }
        lines = [
            line
            for name, (text, value) in values.items()
            for line in (f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {value:g}")
        ]
        return "\n".join(lines) + "\n"


@asynccontextmanager
async def serve(health: Health, *, host: str, port: int) -> AsyncIterator[int]:
    """Answer on `host` and `port` while inside; yields the port (a free one where `port` is 0)."""

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers=_HEADERS)

    async def readyz(_: web.Request) -> web.Response:
        reason = health.unwell()
        return web.Response(text=f"{reason or 'ok'}\n", status=503 if reason else 200, headers=_HEADERS)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=health.metrics(), headers=_HEADERS)

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        address: tuple[str, int] = runner.addresses[0]
        yield address[1]
    finally:
        await runner.cleanup()
