"""Due rows are claimed, sent and marked: claim, commit, send, commit. One dead target delays no other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.errors import DeliveryError
from monitor.core.model import Development, EventSpec, Problem, stable_id
from monitor.core.outgoing import OutboxEntry
from monitor.core.ports import Clock, Receiver, Store, View
from monitor.core.routing import ALERT, DIGEST, NOTICE, Past, Rules, recheck
from monitor.notifier.notices import Operator, notice_rows

# Standard Webhooks' schedule: the wait in seconds after each failed try; then a message is given up.
RETRY_AFTER_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
LEASE_S = 300.0
SEND_LIMIT_S = 120.0
"""How long one message may take; a message is not begun when its lease could lapse meanwhile."""
BATCH = 200
"""Rows of one receiver that are under way at the same time."""
SIDE_BY_SIDE = 8
_FOR_GOOD = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was delivered, in outbox rows, and what went wrong."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    dropped: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(
            sent=self.sent + other.sent,
            retried=self.retried + other.retried,
            dead=self.dead + other.dead,
            dropped=self.dropped + other.dropped,
            problems=self.problems + other.problems,
        )


class Deliverer:
    """Sends what is due, each target (a recipient of a receiver) in a task of its own, in its order.

    Each receiver has its own allowance of rows under way, and works on at most `SIDE_BY_SIDE` targets at once:
    one that hangs holds up nobody else. `report` gets what came of each target.
    """

    def __init__(
        self,
        store: Store,
        receivers: Mapping[str, Receiver],
        events: Sequence[EventSpec],
        *,
        clock: Clock,
        rules: Rules | None = None,
        operator: Operator | None = None,
        report: Callable[[Delivered], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.receivers = receivers
        self.events = events
        self.clock = clock
        self.rules = rules
        self.operator = operator
        self._report = report
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Delivered]] = set()
        self.stopping = False

    def start_due(self) -> tuple[asyncio.Task[Delivered], ...]:
        """Claim what is due and start sending it; return the tasks."""
        started = []
        for (name, recipient), rows in self._claim().items():
            task = asyncio.get_running_loop().create_task(self._deliver(name, recipient, rows))
            self._under_way[name] += len(rows)
            self._tasks.add(task)
            started.append(task)
        return tuple(started)

    async def drain(self) -> None:
        """Let messages that are being sent finish, put the others back, and start no more."""
        self.stopping = True
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _claim(self) -> dict[tuple[str, str], list[OutboxEntry]]:
        if self.stopping:
            return {}
        with self.store.read() as view:
            names = [n for n in view.due_receivers(self.clock()) if self._under_way[n] < BATCH]
        targets: dict[tuple[str, str], list[OutboxEntry]] = {}
        if not names:
            return targets
        with self.store.begin() as tx:
            now = self.clock()
            for name in names:
                room = BATCH - self._under_way[name]
                for row in tx.claim_due(now, lease_s=LEASE_S, limit=room, receiver=name):
                    targets.setdefault((row.receiver, row.recipient), []).append(row)
        return targets

    async def _deliver(self, name: str, recipient: str, rows: Sequence[OutboxEntry]) -> Delivered:
        done = Delivered()
        try:
            async with self._gates.setdefault(name, asyncio.Semaphore(SIDE_BY_SIDE)):
                done = await _Target(self, self.receivers.get(name)).deliver(recipient, rows)
        finally:
            self._under_way[name] -= len(rows)
            task = asyncio.current_task()
            if task is not None:
                self._tasks.discard(task)
        self._report(done)
        return done


async def deliver_due(
    store: Store,
    receivers: Mapping[str, Receiver],
    events: Sequence[EventSpec],
    *,
    clock: Clock,
    rules: Rules | None = None,
    operator: Operator | None = None,
) -> Delivered:
    """Send what is due and wait for all of it.

    A row's receiver that is configured no more is given up with a clear error; it can be replayed.
    """
    deliverer = Deliverer(store, receivers, events, clock=clock, rules=rules, operator=operator)
    return sum(await asyncio.gather(*deliverer.start_due()), Delivered())


class _Target:
    """One recipient of one receiver, whose messages keep their order."""

    def __init__(self, owner: Deliverer, receiver: Receiver | None) -> None:
        self._owner = owner
        self._store = owner.store
        self._clock = owner.clock
        self._receiver = receiver

    async def deliver(self, recipient: str, queue: Sequence[OutboxEntry]) -> Delivered:
        """Send the messages; the first that must be tried again holds back those behind it."""
        total = Delivered()
        messages = _messages(queue, groups=self._receiver is None or self._receiver.groups)
        for number, rows in enumerate(messages):
            if self._owner.stopping or self._too_late(rows):
                self._put_back([row for later in messages[number:] for row in later])
                break
            done, go_on = await self._message(recipient, rows)
            total += done
            if not go_on:
                self._put_back([row for later in messages[number + 1 :] for row in later])
                break
        return total

    async def _message(self, recipient: str, rows: Sequence[OutboxEntry]) -> tuple[Delivered, bool]:
        """Send one message; return what came of it, and whether those behind it may go."""
        with self._store.read() as view:
            developments = _developments(view, rows)
            kept_back = self._kept_back(view, rows, developments)
            whole = [_filled(view, row) for row in rows if row.id not in kept_back]
        dropped = self._keep_back(kept_back)
        if not whole:
            return Delivered(dropped=dropped), True
        error = await self._try(recipient, whole, developments)
        if error is None:
            return Delivered(sent=len(whole), dropped=dropped), True
        over = self._settle(whole, error)
        done = Delivered(
            dead=len(whole) if over else 0,
            retried=0 if over else len(whole),
            dropped=dropped,
            problems=(Problem(place=rows[0].receiver, message=str(error)),),
        )
        return done, over and not error.pause_target

    async def _try(
        self, recipient: str, rows: Sequence[OutboxEntry], developments: Mapping[str, Development]
    ) -> DeliveryError | None:
        place = rows[0].receiver
        if self._receiver is None:
            remedy = "configure it again and replay, or leave it"
            return DeliveryError("there is no such receiver", place=place, remedy=remedy, retry=False)
        told = [developments[i] for row in rows for i in _told_by(row) if i in developments]
        events = {d.event_id for d in told}
        known = [e for e in self._owner.events if e.id in events]
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self._receiver.send(recipient, rows, told, known)
        except DeliveryError as error:
            return error
        except TimeoutError:
            return DeliveryError("took too long", place=place, retry=True, ambiguous=True)
        except Exception as error:  # noqa: BLE001  a receiver's defect must not stop the others
            return DeliveryError(f"defect: {type(error).__name__}: {error}", place=place, retry=True)
        with self._store.begin() as tx:
            tx.mark_sent([r.id for r in rows], self._clock())
        return None

    def _kept_back(
        self, view: View, rows: Sequence[OutboxEntry], developments: Mapping[str, Development]
    ) -> dict[str, tuple[str, datetime | None]]:
        """Return which rows must not go out now after all, why, and until when they are held (None: dropped)."""
        now = self._clock()
        past = Past(silences=view.silences(now), unsubscribed=view.unsubscribed())
        found: dict[str, tuple[str, datetime | None]] = {}
        for row in rows:
            if row.type == DIGEST:
                if (row.group_key.rpartition(":")[0], row.recipient) in past.unsubscribed:
                    found[row.id] = ("unsubscribed", None)
            elif row.type == ALERT and (told := developments.get(row.development_id or "")) is not None:
                verdict = recheck(self._owner.rules, told, row, past=past, now=now)
                if verdict is not None:
                    found[row.id] = verdict
        return found

    def _keep_back(self, found: Mapping[str, tuple[str, datetime | None]]) -> int:
        """Drop or hold rows; return how many were dropped."""
        if not found:
            return 0
        with self._store.begin() as tx:
            for name, (reason, until) in found.items():
                if until is None:
                    tx.mark_dropped([name], reason)
                else:
                    tx.release([name], until)
        return sum(until is None for _, until in found.values())

    def _too_late(self, rows: Sequence[OutboxEntry]) -> bool:
        """Say whether somebody else could claim the rows before they are sent."""
        lease = min((r.lease_until for r in rows if r.lease_until is not None), default=None)
        return lease is not None and self._clock() + timedelta(seconds=SEND_LIMIT_S) > lease

    def _put_back(self, rows: Sequence[OutboxEntry]) -> None:
        if rows:
            with self._store.begin() as tx:
                for row in rows:
                    tx.release([row.id], row.not_before)

    def _settle(self, rows: Sequence[OutboxEntry], error: DeliveryError) -> bool:
        """Put rows back or give them up, and tell the operator; return whether they were given up."""
        now, tries = self._clock(), max(r.attempts for r in rows)
        over = not error.retry or tries >= len(RETRY_AFTER_S)
        wait = 0.0 if over else max(_jittered(rows[0].id, RETRY_AFTER_S[tries]), error.retry_after or 0.0)
        notices = self._notices(rows, error, now) if over else []
        with self._store.begin() as tx:
            if over:
                tx.mark_dead([r.id for r in rows], str(error))
            else:
                tx.mark_retry([r.id for r in rows], now + timedelta(seconds=wait), _said(error))
            if error.pause_target:
                rest = timedelta(seconds=error.retry_after or wait) if error.retry else _FOR_GOOD
                tx.pause(rows[0].receiver, now + rest)
            tx.add_outbox(notices)
        return over

    def _notices(self, rows: Sequence[OutboxEntry], error: DeliveryError, now: datetime) -> list[OutboxEntry]:
        """Return what tells the operator, who must have another receiver, that messages are given up."""
        operator, name = self._owner.operator, rows[0].receiver
        if operator is None or operator.receiver == name or rows[0].type == NOTICE:
            return []
        disabled = error.pause_target and not error.retry
        subject = f"The receiver {name} {'is disabled' if disabled else 'has given messages up'}"
        resume = f"monitor notify resume {name}"
        replay = f"monitor deliveries replay --dead --receiver {name}"
        text = (
            f"{subject}.\n\n{error}\n\nWhat was given up: monitor deliveries list --state dead --receiver {name}"
            f"\nWhen it is mended: {f'{resume}, then {replay}' if disabled else replay}\n"
        )
        return notice_rows(operator, topic=f"{name}:{disabled}", subject=subject, text=text, now=now)


def _told_by(row: OutboxEntry) -> tuple[str, ...]:
    """Return the ids of the developments that a row tells."""
    if row.development_id:
        return (row.development_id,)
    carried = row.payload.get("developments")
    return tuple(str(i) for i in carried) if isinstance(carried, list | tuple) else ()


def _developments(view: View, rows: Sequence[OutboxEntry]) -> dict[str, Development]:
    ids = [i for row in rows for i in _told_by(_filled(view, row))]
    return {d.id: d for d in view.developments(ids=ids)} if ids else {}


def _filled(view: View, row: OutboxEntry) -> OutboxEntry:
    """Return the row with what it shares with others in its payload."""
    shared = row.payload.get("content")
    content = view.content(str(shared)) if shared else None
    return replace(row, payload={**content, **row.payload}) if content else row


def _messages(queue: Sequence[OutboxEntry], *, groups: bool) -> list[list[OutboxEntry]]:
    """Put alerts of one group into one message where the receiver likes that; those tried together together.

    What is not an alert stays alone.
    """
    messages: dict[tuple[object, ...], list[OutboxEntry]] = {}
    for row in queue:
        tried = (row.attempts, row.not_before) if row.attempts else ()
        key = (row.group_key, *tried) if row.type == ALERT and groups else (row.id,)
        messages.setdefault(key, []).append(row)
    return list(messages.values())


def _said(error: DeliveryError) -> str:
    return f"{error}; it may have arrived" if error.ambiguous else str(error)


def _jittered(key: str, seconds: float) -> float:
    """Spread retries over a fifth of their wait, by id, so that targets do not all come back at once."""
    return seconds * (1 + int(stable_id("", key), 16) % 1000 / 5000)
