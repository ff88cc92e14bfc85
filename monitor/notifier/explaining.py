"""Who was told a development, when, through which route, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core.digests import belongs
from monitor.core.model import Development
from monitor.core.outgoing import OutboxEntry, Subscription
from monitor.core.ports import View
from monitor.core.routing import Rules, Verdict, explain, unmatched
from monitor.notifier.alerts import look_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`rows` are what was queued; `verdicts` what the routes would decide now; `unmatched` (path, why not).

    `digests` are (subscription id, in words whether and when it tells the development).
    """

    development: Development
    rows: tuple[OutboxEntry, ...]
    verdicts: tuple[Verdict, ...]
    unmatched: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]


def explain_development(
    view: View,
    rules: Rules | None,
    subscriptions: Sequence[Subscription],
    development: Development,
    *,
    now: datetime,
) -> Explanation:
    """Return why a stored development was told or not, by what was queued and by the present rules."""
    rows = view.outbox_of(development_ids=[development.id])
    verdicts: tuple[Verdict, ...] = ()
    missed: tuple[tuple[str, str], ...] = ()
    if rules is not None:
        past = look_back(view, rules, [development], now)
        verdicts = explain(rules, development, past=past, now=now)
        missed = tuple(unmatched(rules.tree, development, rules.kinds))
    return Explanation(
        development=development,
        rows=rows,
        verdicts=verdicts,
        unmatched=missed,
        digests=tuple((s.id, _digest(view, rules, s, development)) for s in subscriptions),
    )


def _digest(view: View, rules: Rules | None, subscription: Subscription, development: Development) -> str:
    before = [development.previous.id] if development.previous else []
    told = view.told_in_digests([development.id, *before])
    if (subscription.id, development.id) in told:
        return "told"
    if not belongs(subscription, development, rules.kinds if rules else {}, told):
        return "not told: its events and matchers do not want it"
    last = view.last_digests().get(subscription.id)
    if last is not None and development.found_at <= last.until:
        return "not told: it was found before this digest told it, or the configuration has changed since"
    return "will be told in the next one"
