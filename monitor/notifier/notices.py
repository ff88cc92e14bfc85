"""Notices about this program itself, to whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.model import stable_id
from monitor.core.outgoing import OutboxEntry
from monitor.core.routing import NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who is told when a receiver is disabled or gives messages up: the recipients of another receiver."""

    receiver: str
    recipients: tuple[str, ...]


def notice_rows(
    operator: Operator | None, *, topic: str, subject: str, text: str, now: datetime
) -> list[OutboxEntry]:
    """Return the rows that tell the operator, at most one a day for each `topic`; none without operator."""
    if operator is None:
        return []
    return [
        OutboxEntry(
            id=stable_id("o", NOTICE, topic, now.date(), who),
            type=NOTICE,
            receiver=operator.receiver,
            recipient=who,
            group_key=f"notice:{topic}",
            not_before=now,
            created_at=now,
            payload={"subject": subject, "text": text},
        )
        for who in operator.recipients
    ]
