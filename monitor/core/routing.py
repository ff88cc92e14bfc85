"""Who is told what, and when: Alertmanager's routing tree, on developments. Only decides; sends nothing.

One row is made per recipient. Its id depends on development, receiver and recipient only, so that work that
is repeated after a crash queues nothing twice. What a silence or an inhibition keeps back becomes a row as
well, in state "dropped", so that it can be explained and replayed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.core.matching import label_of, matches, misses, values_of
from monitor.core.model import (
    Change,
    Development,
    stable_id,
)
from monitor.core.outgoing import InhibitRule, OutboxEntry, QuietHours, Route, Silence
from monitor.core.policy import KindSpec
from monitor.core.times import span_end, zone_named

ALERT = "alert"
DIGEST = "digest"
NOTICE = "notice"
DROPPED = "dropped"
_TOLD = frozenset({"sent", "pending", "leased"})
_CORRECTIONS = frozenset({Change.CHANGED, Change.CONTRADICTED})


def alert_list(receiver: str) -> str:
    """Return the list from which a recipient unsubscribes who wants no more alerts of a receiver."""
    return f"alerts:{receiver}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the user configured: the tree, a receiver's recipients by its name, inhibitions, kinds."""

    tree: Route
    receivers: Mapping[str, tuple[str, ...]]
    inhibit: tuple[InhibitRule, ...] = ()
    kinds: Mapping[str, KindSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What routing looks back on.

    `rows` are the waiting and latest rows of the groups in question, and all rows of the developments in
    `chains`, which maps a development's id to the earlier ones of its fact. `around` are developments of late,
    for inhibition; `unsubscribed` holds (list, recipient).
    """

    silences: Sequence[Silence] = ()
    rows: Sequence[OutboxEntry] = ()
    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    around: Sequence[Development] = ()
    unsubscribed: Collection[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one route decided on one development: the path of matchers that led there, and why."""

    path: str
    receiver: str | None
    told: tuple[OutboxEntry, ...]
    reason: str


def route(
    rules: Rules, developments: Sequence[Development], *, past: Past, now: datetime
) -> tuple[OutboxEntry, ...]:
    """Return the outbox rows of `developments`, each recipient of a receiver at most once per development.

    A new row joins the waiting message of its group, and rests `group_interval` after the group's last one.
    """
    rows: dict[str, OutboxEntry] = {}
    known = replace(past, rows=list(past.rows), around=(*past.around, *developments))
    for development in developments:
        for verdict in explain(rules, development, past=known, now=now):
            for entry in verdict.told:
                if entry.id not in rows or _sooner(entry, rows[entry.id]):
                    rows[entry.id] = entry
        known = replace(
            known, rows=[*known.rows, *(r for r in rows.values() if r.development_id == development.id)]
        )
    return tuple(rows.values())


def explain(rules: Rules, development: Development, *, past: Past, now: datetime) -> tuple[Verdict, ...]:
    """Return what each route that takes the development decides, with the reason; never empty.

    Besides the routes, whoever was told what this one corrects is told the correction.
    """
    kept_back = _kept_back(rules, development, past, now)
    looking_back = _Lookup(past)
    verdicts = [
        _verdict(rules, leaf, development, kept_back=kept_back, past=looking_back, now=now)
        for leaf in leaves(rules.tree, development, rules.kinds)
    ]
    done = {(e.receiver, e.recipient) for v in verdicts for e in v.told}
    correction = _correction(rules, development, kept_back=kept_back, past=looking_back, done=done, now=now)
    return (*verdicts, correction) if correction else tuple(verdicts)


def groups_of(rules: Rules, development: Development) -> tuple[str, ...]:
    """Return the keys of the groups that a development joins."""
    return tuple(
        leaf.group_key(development, rules.kinds) for leaf in leaves(rules.tree, development, rules.kinds)
    )


def unmatched(
    tree: Route, development: Development, kinds: Mapping[str, KindSpec], path: str = "{}"
) -> Iterator[tuple[str, str]]:
    """Yield (path, why not) of the routes that do not take a development, as far as it gets to them."""
    stopped = False
    for child in tree.routes:
        here = f"{path}/{_label(child)}"
        if stopped:
            yield here, "an earlier route took it and does not continue"
        elif not matches(child.matchers, development, kinds=kinds):
            yield here, misses(child.matchers, development, kinds=kinds)
        else:
            yield from unmatched(child, development, kinds, here)
            stopped = not child.continue_


def recheck(
    rules: Rules | None, development: Development, entry: OutboxEntry, *, past: Past, now: datetime
) -> tuple[str, datetime | None] | None:
    """Return (reason, until when to hold or None to drop) when a queued alert must not go out now."""
    if (alert_list(entry.receiver), entry.recipient) in past.unsubscribed:
        return "unsubscribed", None
    if rules is None:
        return None
    silence = _silence(past.silences, development, rules.kinds, now)
    if silence:
        return silence, None
    node = _node_at(rules.tree, entry.group_key)
    until = _after_quiet(node.quiet_hours, development, rules.kinds, now)
    return ("quiet hours", until) if until > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A route that takes a development, with the path of matchers to it."""

    node: Route
    path: str

    def group_key(self, development: Development, kinds: Mapping[str, KindSpec]) -> str:
        """Return the key under which developments are told together."""
        by = self.node.group_by
        if "..." in by:
            return f"{self.path}:{{development={development.id}}}"
        labels = (f'{name}="{"|".join(values_of(development, name, kinds=kinds))}"' for name in by)
        return f"{self.path}:{{{','.join(labels)}}}"


def leaves(
    node: Route, development: Development, kinds: Mapping[str, KindSpec], path: str = "{}"
) -> Iterator[Leaf]:
    """Yield the deepest routes that take the development; the root takes everything, as in Alertmanager."""
    taken = False
    for child in node.routes:
        if not matches(child.matchers, development, kinds=kinds):
            continue
        taken = True
        child = replace(child, receiver=child.receiver or node.receiver)  # noqa: PLW2901
        yield from leaves(child, development, kinds, f"{path}/{_label(child)}")
        if not child.continue_:
            break
    if not taken:
        yield Leaf(node=node, path=path)


class _Lookup:
    """The rows of the past, found by what is asked of them."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self._groups: dict[tuple[str, str, str], list[OutboxEntry]] = {}
        self._developments: dict[str, list[OutboxEntry]] = {}
        for row in past.rows:
            self._groups.setdefault((row.receiver, row.recipient, row.group_key), []).append(row)
            if row.development_id and row.state in _TOLD:
                self._developments.setdefault(row.development_id, []).append(row)

    def group(self, receiver: str, recipient: str, key: str) -> Sequence[OutboxEntry]:
        return self._groups.get((receiver, recipient, key), ())

    def told(self, development: Development) -> Iterator[OutboxEntry]:
        """Yield the rows that told earlier developments of the same fact, the latest development first."""
        for earlier in self.past.chains.get(development.id, ()):
            yield from self._developments.get(earlier, ())

    def unsubscribed(self, receiver: str, recipient: str) -> bool:
        return (alert_list(receiver), recipient) in self.past.unsubscribed


def _verdict(
    rules: Rules, leaf: Leaf, development: Development, *, kept_back: str, past: _Lookup, now: datetime
) -> Verdict:
    node, receiver = leaf.node, leaf.node.receiver
    if receiver is None:
        return Verdict(path=leaf.path, receiver=None, told=(), reason="the route names no receiver")
    known = rules.receivers.get(receiver, ())
    chosen = [who for who in known if not node.to or who in node.to]
    people = [who for who in chosen if not past.unsubscribed(receiver, who)]
    if not people:
        reason = f'receiver "{receiver}" has no recipients' if not chosen else "all recipients unsubscribed"
        return Verdict(path=leaf.path, receiver=receiver, told=(), reason=reason)
    key = leaf.group_key(development, rules.kinds)
    rows = []
    for who in people:
        when = _when(node, past.group(receiver, who, key), development, rules.kinds, now)
        row = _entry(development, receiver, who, key, now, not_before=when)
        why = kept_back or _repeats(node, development, receiver=receiver, recipient=who, past=past, now=now)
        rows.append(replace(row, state=DROPPED, last_error=why) if why else row)
    told = [r for r in rows if r.state != DROPPED]
    reason = rows[0].last_error or ""
    if told:
        names = ", ".join(r.recipient for r in told)
        reason = f"told to {names}, not before {told[0].not_before:%Y-%m-%d %H:%M:%S} UTC"
    return Verdict(path=leaf.path, receiver=receiver, told=tuple(rows), reason=reason)


def _correction(
    rules: Rules,
    development: Development,
    *,
    kept_back: str,
    past: _Lookup,
    done: Collection[tuple[str, str]],
    now: datetime,
) -> Verdict | None:
    """Return what is told besides the routes: to each who was told an earlier state of this very fact."""
    if development.change not in _CORRECTIONS:
        return None
    rows: dict[tuple[str, str], OutboxEntry] = {}
    for earlier in past.told(development):
        who = (earlier.receiver, earlier.recipient)
        gone = earlier.recipient not in rules.receivers.get(earlier.receiver, ())
        if who in done or who in rows or gone or past.unsubscribed(*who):
            continue
        node = _node_at(rules.tree, earlier.group_key)
        group = past.group(*who, earlier.group_key)
        when = _when(node, group, development, rules.kinds, now)
        row = _entry(development, *who, earlier.group_key, now, not_before=when)
        rows[who] = replace(row, state=DROPPED, last_error=kept_back) if kept_back else row
    if not rows:
        return None
    names = ", ".join(recipient for _, recipient in rows)
    return Verdict(
        path="correction",
        receiver=next(iter(rows))[0],
        told=tuple(rows.values()),
        reason=kept_back or f"told to {names}, who were told what this corrects",
    )


def _kept_back(rules: Rules, development: Development, past: Past, now: datetime) -> str:
    """Return why a development is told to nobody; empty when nothing keeps it back."""
    silence = _silence(past.silences, development, rules.kinds, now)
    if silence:
        return silence
    for rule in rules.inhibit:
        if not matches(rule.target, development, kinds=rules.kinds):
            continue
        since = now - timedelta(seconds=rule.within_s)
        for other in past.around:
            if (
                other.id != development.id
                and other.found_at >= since
                and _inhibits(rule, other, development, rules)
            ):
                return f"inhibited by {other.id} ({other.kind}, found {other.found_at:%Y-%m-%d %H:%M} UTC)"
    return ""


def _inhibits(rule: InhibitRule, source: Development, target: Development, rules: Rules) -> bool:
    return matches(rule.source, source, kinds=rules.kinds) and all(
        set(values_of(source, name, kinds=rules.kinds)) == set(values_of(target, name, kinds=rules.kinds))
        for name in rule.equal
    )


def _silence(
    silences: Sequence[Silence], development: Development, kinds: Mapping[str, KindSpec], now: datetime
) -> str:
    for one in silences:
        if one.starts_at <= now < one.ends_at and matches(one.matchers, development, kinds=kinds):
            note = f": {one.comment}" if one.comment else ""
            return f"silenced until {one.ends_at:%Y-%m-%d %H:%M} UTC by {one.id}{note}"
    return ""


def _repeats(
    node: Route, development: Development, *, receiver: str, recipient: str, past: _Lookup, now: datetime
) -> str:
    """Return why a mere confirmation is not told to somebody who was told the fact a short while ago."""
    before = development.previous
    mere = development.change is Change.CONFIRMED and before and before.certainty is development.certainty
    if not mere or not node.repeat_interval_s:
        return ""
    since = now - timedelta(seconds=node.repeat_interval_s)
    for row in past.told(development):
        at = row.sent_at or row.created_at
        if (row.receiver, row.recipient) == (receiver, recipient) and at > since:
            return f"told already at {at:%Y-%m-%d %H:%M} UTC, repeat_interval has not passed"
    return ""


def _sooner(new: OutboxEntry, old: OutboxEntry) -> bool:
    return (new.state == DROPPED, new.not_before) < (old.state == DROPPED, old.not_before)


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
    node: Route,
    group: Sequence[OutboxEntry],
    development: Development,
    kinds: Mapping[str, KindSpec],
    now: datetime,
) -> datetime:
    own = now + timedelta(seconds=node.group_wait_s)
    sent = [e.sent_at for e in group if e.sent_at is not None]
    if sent:
        own = max(own, max(sent) + timedelta(seconds=node.group_interval_s))
    own = _after_quiet(node.quiet_hours, development, kinds, own)
    waiting = [e.not_before for e in group if e.state == "pending" and not e.attempts and e.not_before >= now]
    # Something urgent may wait in quiet hours: what is not urgent does not join it.
    return min([own, *(w for w in waiting if _after_quiet(node.quiet_hours, development, kinds, w) == w)])


def _after_quiet(
    hours: Sequence[QuietHours], development: Development, kinds: Mapping[str, KindSpec], moment: datetime
) -> datetime:
    """Return the first time from `moment` on that lies in none of the quiet hours."""
    held = [h for h in hours if not (h.unless and matches(h.unless, development, kinds=kinds))]
    for _ in range(2 * len(held)):
        for one in held:
            zone = zone_named(one.zone, place="quiet_hours")
            moment = span_end(moment, start=one.start, end=one.end, zone=zone, days=one.days)
    return moment


def _node_at(tree: Route, group_key: str) -> Route:
    """Return the route that made a group; the root when the configuration has it no more."""
    return _find(tree, group_key, "{}") or tree


def _find(node: Route, group_key: str, path: str) -> Route | None:
    for child in node.routes:
        found = _find(child, group_key, f"{path}/{_label(child)}")
        if found is not None:
            return found
    return node if group_key.startswith(f"{path}:") else None


def _label(node: Route) -> str:
    return f"{{{','.join(label_of(m) for m in node.matchers)}}}"
