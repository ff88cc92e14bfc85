"""How fast telling is: 10,000 recipients of one digest, and the way of a development to a local webhook.

Prints each time against its limit, and beside the first what the database alone needs for as many rows.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from monitor.bootstrap.plan import plan
from monitor.bootstrap.state import opened
from monitor.bootstrap.telling import queue_digests
from monitor.bootstrap.wiring import running
from monitor.config import Config
from monitor.core.model import Certainty, Change, Development
from monitor.core.outgoing import OutboxEntry
from monitor.core.plover import Plover
from monitor.store import open_store
from monitor.store.migrate import upgrade

RECIPIENTS = 10_000
DEVELOPMENTS = 60
DIGEST_LIMIT_S = 10.0
WAY_LIMIT_S = 1.0
WAYS = 20
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


def development(number: int, found_at: datetime) -> Development:
    quote = f"these are the words of number {number}, which say what happened, where and to whom"
    return Development(
        id=f"d{number}",
        event_id="all",
        fact_id=f"f{number}",
        claim_id=f"c{number}",
        document_id="doc",
        document="doc.txt",
        source="Harbour Herald",
        url=f"https://herald.example/{number}",
        change=Change.NEW,
        reason="no known fact has this key",
        kind="statement",
        plover=Plover(),
        stance="rejects",
        topic=f"ruling {number}",
        certainty=Certainty.ASSERTED,
        quote=quote,
        start=0,
        end=len(quote),
        confidence=0.9,
        found_at=found_at,
    )


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def digest_to_many(folder: Path) -> float:
    """Render one digest and queue it for all recipients; return the seconds."""
    address = f"sqlite:///{folder}/digest.db"
    upgrade(address)
    people = [f"reader{n}@example.org" for n in range(RECIPIENTS)]
    email = {"host": "localhost", "sender": "monitor@example.org", "to": people}
    config = Config.model_validate(
        {
            "database": address,
            "receivers": [{"name": "mail", "email": email}],
            "digests": [{"id": "morning", "receiver": "mail"}],
        }
    )
    meaning = plan(config)
    now = datetime(2024, 8, 23, 8, tzinfo=UTC)
    with opened(config) as store:
        with store.begin() as tx:
            tx.add_developments([development(n, now - timedelta(hours=3)) for n in range(DEVELOPMENTS)])
        spent = timed(lambda: queue_digests(meaning, store, now))
        with store.read() as view:
            queued = view.outbox_counts()[("mail", "pending")]
    if queued != RECIPIENTS:
        raise SystemExit(f"{queued} messages were queued")
    return spent


def rows_alone(folder: Path) -> float:
    """Insert as many rows and nothing else; return the seconds."""
    address = f"sqlite:///{folder}/rows.db"
    upgrade(address)
    store = open_store(address)
    now = datetime(2024, 8, 23, 8, tzinfo=UTC)
    row = OutboxEntry(
        id="", type="digest", receiver="mail", recipient="", group_key="g", not_before=now, created_at=now
    )
    rows = [replace(row, id=f"o{n}", recipient=f"reader{n}@example.org") for n in range(RECIPIENTS)]

    def insert() -> None:
        with store.begin() as tx:
            tx.add_outbox(rows)

    spent = timed(insert)
    store.close()
    return spent


class Quiet:
    def info(self, event: str, **fields: object) -> None:
        pass

    def warning(self, event: str, **fields: object) -> None:
        raise SystemExit(f"{event} {fields}")


async def ways_to_a_webhook(folder: Path) -> list[float]:
    """Run the daemon's rounds; return the seconds from each commit of a development to its webhook."""
    taken: asyncio.Queue[tuple[float, datetime]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        data = json.loads(await request.read())["data"]
        taken.put_nowait((time.time(), datetime.fromisoformat(data["found_at"])))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    inbox = folder / "inbox"
    inbox.mkdir()
    hook = {"url": f"http://127.0.0.1:{port}/", "secret": SECRET, "allow_private": True}
    config = Config.model_validate(
        {
            "database": f"sqlite:///{folder}/way.db",
            "languages": ["en"],
            "sources": [{"id": "inbox", "folder": str(inbox), "every": 1}],
            "receivers": [{"name": "hook", "webhook": hook}],
            "route": {"receiver": "hook", "group_interval": "0s"},
        }
    )
    upgrade(config.database)
    found: list[float] = []
    async with running(plan(config), log=Quiet()) as made:
        stop = asyncio.Event()
        rounds = asyncio.create_task(made.rounds.run(stop))
        for number in range(WAYS):
            name = "Ana Bea Caro Dora Eva Flor Gina Hilda Ines Juana".split()[number % 10]
            text = f" date 2024-08-{number + 1:02} \n\nPolice arrested the union leader {name} Quintero{number} on Sunday.\n"
            (inbox / f"{number}.txt").write_text(text, "utf-8")
            at, committed = await asyncio.wait_for(taken.get(), 60)
            found.append(at - committed.timestamp())
            while not taken.empty():
                taken.get_nowait()
        stop.set()
        await rounds
    await runner.cleanup()
    return found


def main() -> None:
    """Measure; end non-zero when a limit is broken."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, digest = rows_alone(folder), digest_to_many(folder)
        ways = sorted(asyncio.run(ways_to_a_webhook(folder)))
    print(
        f"one digest of {DEVELOPMENTS} developments rendered and queued for {RECIPIENTS:,} recipients: "
        f"{digest:.2f} s, limit {DIGEST_LIMIT_S:g} s; the rows alone {rows:.2f} s (ratio {digest / rows:.1f})"
    )
    print(
        f"commit to local webhook, {WAYS} times: median {ways[WAYS // 2]:.3f} s, slowest {ways[-1]:.3f} s, "
        f"limit {WAY_LIMIT_S:g} s"
    )
    sys.exit(1 if digest > DIGEST_LIMIT_S or ways[-1] > WAY_LIMIT_S else 0)


if __name__ == "__main__":
    main()
