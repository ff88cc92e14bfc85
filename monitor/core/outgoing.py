"""The values of telling: what is queued for whom, and by which routes, silences and subscriptions that is decided.

Apart from `model`, which holds what is known: a fact knows nothing of its receivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One message part that must still reach one recipient of a receiver.

    An alert carries one development; due alerts of one `group_key` are sent as one message. A digest names its
    rendered period by `payload["content"]`; a notice about this program carries subject, text and html itself.
    `id` is fixed at birth and is the same on every try. `type` is alert, digest or notice, `state` is pending,
    leased, sent, dead (given up) or dropped (not told: silenced, inhibited, unsubscribed; `last_error` says why).
    """

    id: str
    type: str
    receiver: str
    recipient: str
    group_key: str
    not_before: datetime
    created_at: datetime
    development_id: str | None = None
    event_id: str | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    attempts: int = 0
    state: str = "pending"
    lease_until: datetime | None = None
    last_error: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One condition of a route: `field` of a development, `op` one of = != =~ !~ >= <=, `value`."""

    field: str
    op: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `start` to `end` (local times in `zone`, over midnight too) messages are held, not dropped.

    `days` are the weekdays on which it starts (Monday is 0). What matches all of `unless` is told all the same.
    """

    start: time
    end: time
    zone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    unless: tuple[Matcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A node of the routing tree, with Alertmanager's words and meaning; durations in seconds.

    `to` are the receiver's recipients that this route tells, empty for all. Within `repeat_interval_s` a
    recipient who knows a fact is not told that one more source tells the same.
    """

    receiver: str | None = None
    to: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] = ("event",)
    group_wait_s: float = 0.0
    group_interval_s: float = 300.0
    repeat_interval_s: float = 0.0
    quiet_hours: tuple[QuietHours, ...] = ()
    continue_: bool = False
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InhibitRule:
    """What matches `target` is not told while something that matches `source` was found `within_s` before it.

    Both must have the same values in the fields `equal`.
    """

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ("event",)
    within_s: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Developments that match all `matchers` are not told between `starts_at` and `ends_at`."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    comment: str = ""
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A digest that somebody gets: a local time of day (or cron line) in a zone, to one receiver's recipients.

    `events` and `matchers` say what it tells; empty means all.
    """

    id: str
    receiver: str
    recipients: tuple[str, ...]
    zone: str = "UTC"
    at: str = "07:00"
    cron: str | None = None
    events: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()
    when_empty: str = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPeriod:
    """(after, until] of one subscription; `local_date` in its zone keys it, once a local day."""

    subscription_id: str
    local_date: date
    after: datetime | None
    until: datetime
