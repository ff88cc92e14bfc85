"""What is found becomes outbox rows: the past that routing looks back on is read here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core.model import Development
from monitor.core.outgoing import OutboxEntry
from monitor.core.ports import View
from monitor.core.routing import Past, Rules, groups_of, route

STEPS_BACK = 20
"""How many earlier states of a fact are looked at to find who was told what is now corrected."""


def alert_rows(
    view: View, rules: Rules, developments: Sequence[Development], now: datetime
) -> tuple[OutboxEntry, ...]:
    """Return the rows that tell `developments`, which the view must hold already."""
    return route(rules, developments, past=look_back(view, rules, developments, now), now=now)


def look_back(view: View, rules: Rules, developments: Sequence[Development], now: datetime) -> Past:
    """Return the past that matters to where `developments` go."""
    chains = {d.id: _chain(view, d) for d in developments if d.previous is not None}
    groups = dict.fromkeys(key for d in developments for key in groups_of(rules, d))
    earlier = [one for chain in chains.values() for one in chain]
    within = max((rule.within_s for rule in rules.inhibit), default=None)
    around = () if within is None else view.developments(after=now - timedelta(seconds=within))
    return Past(
        silences=view.silences(now),
        rows=view.outbox_of(development_ids=earlier, group_keys=list(groups)),
        chains=chains,
        around=around,
        unsubscribed=view.unsubscribed(),
    )


def _chain(view: View, development: Development) -> tuple[str, ...]:
    """Return the ids of what a development moves, the latest first."""
    ids: list[str] = []
    previous = development.previous
    while previous is not None and previous.id not in ids and len(ids) < STEPS_BACK:
        ids.append(previous.id)
        earlier = view.development(previous.id)
        previous = earlier.previous if earlier else None
    return tuple(ids)
