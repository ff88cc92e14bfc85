"""kill -9 at named points between claim, send and commit: nothing is lost, at most one duplicate per crash.

Run as a script it does 500 kills on SQLite, and 500 on PostgreSQL where its programs are found; the tests do a
sample. A process of its own sends to a real HTTP server and is killed at a point that is drawn beforehand.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from monitor.core.model import Certainty, Change, Development, EventSpec
from monitor.core.outgoing import OutboxEntry
from monitor.core.plover import Plover
from monitor.core.ports import Store, Transaction
from monitor.notifier import deliver_due
from monitor.receivers.webhook import WebhookReceiver
from monitor.store import open_store
from monitor.store.migrate import upgrade

POINTS = (
    "before the claim's commit",
    "after the claim's commit",
    "before the send",
    "after the send",
    "before the mark's commit",
    "after the mark's commit",
)
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
START = datetime(2024, 8, 23, 8, 0, tzinfo=UTC)
STEP = timedelta(hours=1)
"""Between two lives of the process: more than a lease, so that what the dead one held is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run: kills that happened, messages queued, lost ones, and duplicates by id."""

    kills: int
    queued: int
    lost: int
    duplicates: int
    most_of_one_crash: int


class Fuse:
    """Kills this very process when a point is passed for the n-th time."""

    def __init__(self, point: str, times: int) -> None:
        self._point = point
        self._left = times

    def passed(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FusedStore:
    """A store whose commits pass points: a transaction that claimed, and one that marked."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse
        self.read = store.read
        self.close = store.close

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        kind = ""
        with self._store.begin() as tx:
            before = _states(tx)
            yield tx
            after = _states(tx)
            if after["leased"] > before["leased"]:
                kind = "claim"
            elif after["sent"] > before["sent"]:
                kind = "mark"
            self._fuse.passed(f"before the {kind}'s commit")
        self._fuse.passed(f"after the {kind}'s commit")


def _states(tx: Transaction) -> Counter[str]:
    return Counter({state: count for (_, state), count in tx.outbox_counts().items()})


class FusedReceiver:
    """A webhook receiver that passes a point before and after each send."""

    groups = False

    def __init__(self, url: str, fuse: Fuse, now: datetime) -> None:
        self._inner = WebhookReceiver("hook", url, [SECRET], clock=lambda: now, allow_private=True)
        self._fuse = fuse

    async def send(
        self,
        recipient: str,
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        self._fuse.passed("before the send")
        await self._inner.send(recipient, entries, developments, events)
        self._fuse.passed("after the send")


def live(url: str, hook: str, now: datetime, point: str, times: int) -> None:
    """One life of the process that delivers."""
    fuse = Fuse(point, times)
    store = FusedStore(open_store(url), fuse)
    receiver = FusedReceiver(hook, fuse, now)
    asyncio.run(deliver_due(store, {"hook": receiver}, [], clock=lambda: now))
    store.close()


class Hook(ThreadingHTTPServer):
    """A receiver that keeps the id of each message it takes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(self.headers["webhook-id"])  # type: ignore[attr-defined]
        # The sender may be dead by now; that is what this is about.
        with suppress(OSError):
            self.send_response(204)
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def run(url: str, *, kills: int, seed: int = 1) -> Outcome:
    """Queue messages, kill the deliverer `kills` times, deliver the rest, and count what arrived."""
    draw = random.Random(seed)
    hook = Hook()
    queued, done, lives, most = 0, 0, 0, 0
    now = START
    try:
        while done < kills:
            queued += _queue(url, now, first=queued, count=3)
            now += STEP
            before = Counter(hook.taken)
            killed = _live(url, hook.url, now, POINTS[lives % len(POINTS)], draw.randint(1, 3))
            again = sum(1 for name, n in Counter(hook.taken).items() if before[name] and n > before[name])
            most = max(most, again)
            done += killed
            lives += 1
        for _ in range(queued):
            now += STEP
            _live(url, hook.url, now, "never", 1)
            if not _waiting(url):
                break
        taken = Counter(hook.taken)
    finally:
        hook.shutdown()
        hook.server_close()
    return Outcome(
        kills=done,
        queued=queued,
        lost=queued - len(taken),
        duplicates=sum(n - 1 for n in taken.values()),
        most_of_one_crash=most,
    )


def _live(url: str, hook: str, now: datetime, point: str, times: int) -> bool:
    """Let a process deliver; return whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            live(url, hook, now, point, times)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in {0, -signal.SIGKILL}:
        raise RuntimeError(f"the process ended with {code}")
    return code == -signal.SIGKILL


def _queue(url: str, now: datetime, *, first: int, count: int) -> int:
    names = [f"m{first + i}" for i in range(count)]
    store = open_store(url)
    with store.begin() as tx:
        tx.add_developments([_development(name, now) for name in names])
        tx.add_outbox([_row(name, now) for name in names])
    store.close()
    return count


def _waiting(url: str) -> int:
    store = open_store(url)
    with store.read() as view:
        counts = view.outbox_counts()
    store.close()
    return sum(count for (_, state), count in counts.items() if state in {"pending", "leased"})


def _row(name: str, now: datetime) -> OutboxEntry:
    return OutboxEntry(
        id=name,
        type="alert",
        receiver="hook",
        recipient="hook",
        group_key="g",
        not_before=now,
        created_at=now,
        development_id=name,
        event_id="e",
    )


def _development(name: str, now: datetime) -> Development:
    return Development(
        id=name,
        event_id="e",
        fact_id=name,
        claim_id=name,
        document_id="doc",
        document="doc.txt",
        source="s",
        url=None,
        change=Change.NEW,
        reason="",
        kind="arrest",
        plover=Plover(),
        certainty=Certainty.ASSERTED,
        quote="q",
        start=0,
        end=1,
        confidence=1.0,
        found_at=now,
    )


def main() -> None:
    """Do 500 kills per database and end non-zero when a promise is broken."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    broken = False
    with tempfile.TemporaryDirectory() as folder:
        addresses = {"SQLite": f"sqlite:///{Path(folder) / 'monitor.db'}"}
        if "MONITOR_BENCH_POSTGRES" in os.environ:
            addresses["PostgreSQL"] = os.environ["MONITOR_BENCH_POSTGRES"]
        else:
            print("PostgreSQL: give an empty database in MONITOR_BENCH_POSTGRES")
        for name, url in addresses.items():
            upgrade(url)
            begun = time.monotonic()
            found = run(url, kills=kills)
            print(
                f"{name}: {found.kills} kills, {found.queued} messages, {found.lost} lost, "
                f"{found.duplicates} duplicates, at most {found.most_of_one_crash} by one crash, "
                f"0 after dropping known ids ({time.monotonic() - begun:.0f} s)"
            )
            broken |= found.lost > 0 or found.most_of_one_crash > 1 or found.duplicates > found.kills
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
