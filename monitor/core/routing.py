"""Who is told what, and when: Alertmanager's routing tree, on developments. Only decides; sends nothing.

One row is made per recipient. Its id depends on development, receiver and recipient only, so that work that
is repeated after a crash queues nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.errors import ConfigError
from monitor.core.model import Development, KindSpec, Matcher, OutboxEntry, Route, Silence, stable_id

ALERT = "alert"
DIGEST = "digest"

TEXT_FIELDS = frozenset(
    {
        "event",
        "kind",
        "change",
        "actor",
        "recipient",
        "country",
        "stance",
        "outcome",
        "metric",
        "certainty",
        "source",
    }
)
NUMBER_FIELDS = frozenset({"confidence", "independent_sources", "severity"})
GROUP_FIELDS = TEXT_FIELDS | {"severity"}
OPERATORS = frozenset({"=", "!=", "=~", "!~", ">=", "<="})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one route decided on one development: the path of matchers that led there, and why."""

    path: str
    receiver: str | None
    told: tuple[OutboxEntry, ...]
    reason: str


def check_matcher(matcher: Matcher) -> None:
    """Raise ConfigError for a matcher that could never work: wrong field, operator, number or pattern."""
    place = f"matcher {matcher.field}{matcher.op}{matcher.value}"
    if matcher.field not in TEXT_FIELDS | NUMBER_FIELDS:
        known = ", ".join(sorted(TEXT_FIELDS | NUMBER_FIELDS))
        raise ConfigError(f'unknown field "{matcher.field}"', place=place, remedy=f"use one of {known}")
    if matcher.op not in OPERATORS:
        raise ConfigError(f'unknown operator "{matcher.op}"', place=place, remedy="use = != =~ !~ >= <=")
    if matcher.op in {">=", "<="} and matcher.field in TEXT_FIELDS:
        raise ConfigError(f'"{matcher.field}" is not a number', place=place, remedy="use = != =~ !~")
    numeric = matcher.field in NUMBER_FIELDS and matcher.op not in {"=~", "!~"}
    if numeric and _as_number(matcher.value) is None:
        raise ConfigError(f'"{matcher.value}" is not a number', place=place, remedy="write a number")
    if matcher.op in {"=~", "!~"}:
        try:
            re.compile(matcher.value)
        except re.error as error:
            remedy = "write a regular expression"
            raise ConfigError(f"bad pattern: {error}", place=place, remedy=remedy) from error


def matches(matchers: Iterable[Matcher], development: Development, *, kinds: Mapping[str, KindSpec]) -> bool:
    """Return whether all matchers hold. A field with several values matches by any; a missing one is ""."""
    return all(_holds(matcher, values_of(development, matcher.field, kinds=kinds)) for matcher in matchers)


def values_of(development: Development, field: str, *, kinds: Mapping[str, KindSpec]) -> tuple[str, ...]:
    """Return the values of a matcher's field, at least one; a field without value is the empty string.

    `actor` includes the body a speaker speaks for; `country` holds those of actors and of recipients.
    """
    d = development
    spec = kinds.get(d.kind)
    values: tuple[str | None, ...]
    match field:
        case "actor":
            values = tuple(name for a in d.actors for name in (a.name, a.speaks_for))
        case "recipient":
            values = tuple(a.name for a in d.recipients)
        case "country":
            values = tuple(a.country for a in (*d.actors, *d.recipients))
        case "metric":
            values = (d.figure.metric if d.figure else None,)
        case "source":
            values = (*d.sources, d.source)
        case "severity":
            values = (str(spec.severity if spec else 1),)
        case "event":
            values = (d.event_id,)
        case _:
            raw = getattr(d, field, None)
            values = (None if raw is None else str(raw),)
    return tuple(dict.fromkeys(v for v in values if v)) or ("",)


def route(
    tree: Route,
    developments: Sequence[Development],
    *,
    receivers: Mapping[str, tuple[str, ...]],
    silences: Sequence[Silence],
    now: datetime,
    kinds: Mapping[str, KindSpec] | None = None,
    recent: Sequence[OutboxEntry] = (),
) -> tuple[OutboxEntry, ...]:
    """Return the outbox rows of `developments`, each recipient of a receiver at most once per development.

    `receivers` maps a receiver's name to its recipients. `recent` are outbox rows of late: a new row joins
    the waiting message of its group, and rests `group_interval` after the group's last message.
    """
    rows: dict[str, OutboxEntry] = {}
    known = list(recent)
    for development in developments:
        verdicts = explain(
            tree, development, receivers=receivers, silences=silences, now=now, kinds=kinds, recent=known
        )
        for entry in (entry for verdict in verdicts for entry in verdict.told):
            if entry.id not in rows:
                rows[entry.id] = entry
                known.append(entry)
    return tuple(rows.values())


def explain(
    tree: Route,
    development: Development,
    *,
    receivers: Mapping[str, tuple[str, ...]],
    silences: Sequence[Silence],
    now: datetime,
    kinds: Mapping[str, KindSpec] | None = None,
    recent: Sequence[OutboxEntry] = (),
) -> tuple[Verdict, ...]:
    """Return what each route that takes the development decides, with the reason; never empty."""
    specs = kinds or {}
    in_force = (s for s in silences if s.starts_at <= now < s.ends_at)
    silence = next((s for s in in_force if matches(s.matchers, development, kinds=specs)), None)
    verdicts = []
    for node, path, receiver in _leaves(tree, development, "{}", tree.receiver, specs):
        told: tuple[OutboxEntry, ...] = ()
        recipients = receivers.get(receiver, ()) if receiver else ()
        if silence is not None:
            note = f": {silence.comment}" if silence.comment else ""
            reason = f"silenced until {silence.ends_at:%Y-%m-%d %H:%M} UTC by {silence.id}{note}"
        elif receiver is None:
            reason = "the route names no receiver"
        elif not recipients:
            reason = f'receiver "{receiver}" has no recipients'
        else:
            key = _group_key(node, path, development, specs)
            told = tuple(
                _entry(
                    development,
                    receiver,
                    who,
                    key,
                    now,
                    not_before=_when(node, (receiver, who, key), now, recent),
                )
                for who in recipients
            )
            reason = f"told to {', '.join(recipients)}, not before {told[0].not_before:%Y-%m-%d %H:%M:%S} UTC"
        verdicts.append(Verdict(path=path, receiver=receiver, told=told, reason=reason))
    return tuple(verdicts)


def _leaves(
    node: Route, development: Development, path: str, receiver: str | None, kinds: Mapping[str, KindSpec]
) -> Iterator[tuple[Route, str, str | None]]:
    """Yield the deepest routes that take the development; the root takes everything, as in Alertmanager."""
    taken = False
    for child in node.routes:
        if not matches(child.matchers, development, kinds=kinds):
            continue
        taken = True
        label = ",".join(f'{m.field}{m.op}"{m.value}"' for m in child.matchers)
        yield from _leaves(child, development, f"{path}/{{{label}}}", child.receiver or receiver, kinds)
        if not child.continue_:
            break
    if not taken:
        yield node, path, receiver


def _entry(
    development: Development,
    receiver: str,
    recipient: str,
    group_key: str,
    now: datetime,
    *,
    not_before: datetime,
) -> OutboxEntry:
    return OutboxEntry(
        id=stable_id("o", development.id, receiver, recipient),
        type=ALERT,
        receiver=receiver,
        recipient=recipient,
        group_key=group_key,
        not_before=not_before,
        created_at=now,
        development_id=development.id,
        event_id=development.event_id,
    )


def _when(
    node: Route, group_of: tuple[str, str, str], now: datetime, recent: Sequence[OutboxEntry]
) -> datetime:
    group = [e for e in recent if (e.receiver, e.recipient, e.group_key) == group_of]
    waiting = [e.not_before for e in group if e.state == "pending" and not e.attempts and e.not_before >= now]
    if waiting:
        return min(waiting)
    earliest = now + timedelta(seconds=node.group_wait_s)
    sent = [e.sent_at for e in group if e.sent_at is not None]
    return max(earliest, max(sent) + timedelta(seconds=node.group_interval_s)) if sent else earliest


def _group_key(node: Route, path: str, development: Development, kinds: Mapping[str, KindSpec]) -> str:
    if "..." in node.group_by:
        return f"{path}:{{development={development.id}}}"
    labels = (f'{name}="{"|".join(values_of(development, name, kinds=kinds))}"' for name in node.group_by)
    return f"{path}:{{{','.join(labels)}}}"


def _holds(matcher: Matcher, values: tuple[str, ...]) -> bool:
    match matcher.op:
        case "=" | "!=":
            same = any(_same(value, matcher) for value in values)
            return same if matcher.op == "=" else not same
        case "=~" | "!~":
            found = any(re.fullmatch(matcher.value, value) for value in values)
            return found if matcher.op == "=~" else not found
        case _:
            bound, value = _as_number(matcher.value), _as_number(values[0])
            if bound is None or value is None:
                return False
            return value >= bound if matcher.op == ">=" else value <= bound


def _same(value: str, matcher: Matcher) -> bool:
    if matcher.field in NUMBER_FIELDS:
        return _as_number(value) == _as_number(matcher.value)
    return value == matcher.value


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
