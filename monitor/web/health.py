"""/healthz (the process answers), /readyz (state and ticks are well), /metrics (Prometheus)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from monitor.core.errors import MonitorError
from monitor.core.model import SourceSpec
from monitor.core.ports import LAST_TICK, Clock, Store

TICK_AGE = timedelta(seconds=90)
"""A daemon leaves a sign of life every 15 s; after six missed ones it is not well."""


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
            records = view.source_records()
            counts = view.outbox_counts()
            tick = view.meta(LAST_TICK)
        names = {s.id for s in self.sources} | {r.source_id for r in records if r.spec is not None}
        waiting = sum(n for (_, state), n in counts.items() if state in {"pending", "leased"})
        dead = sum(n for (_, state), n in counts.items() if state == "dead")
        values: Mapping[str, tuple[str, float]] = {
            "monitor_sources": ("Sources, configured and added by command.", len(names)),
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
        name = "monitor_outbox_messages"
        lines += [f"# HELP {name} Messages by receiver and state.", f"# TYPE {name} gauge"]
        lines += [
            f'{name}{{receiver="{receiver}",state="{state}"}} {count}'
            for (receiver, state), count in sorted(counts.items())
        ]
        return "\n".join(lines) + "\n"

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        reason = self.unwell()
        return web.Response(text=f"{reason or 'ok'}\n", status=503 if reason else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(text=self.metrics())
