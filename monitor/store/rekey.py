"""Renewing the keys by which facts are found, when a version makes other ones: done by a migration."""

from __future__ import annotations

from monitor.core.facts import rekeyed
from monitor.core.model import Fact
from monitor.store.codec import dumps, key_of, loads
from monitor.store.sql_base import SqlBase

_CHUNK = 1_000


class FactKeys(SqlBase):
    """The keys of all stored facts, inside the caller's transaction."""

    def renew(self) -> None:
        """Give all facts their present keys, chunk by chunk."""
        self._ask("DELETE FROM fact_blocks")
        last = 0
        while rows := self._rows(
            "SELECT seq, data FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", last, _CHUNK
        ):
            facts = [rekeyed(loads(Fact, data)) for _, data in rows]
            self._put(
                "UPDATE facts SET data = ? WHERE event_id = ? AND id = ?",
                [(dumps(fact), fact.event_id, fact.id) for fact in facts],
            )
            self._put(
                "INSERT INTO fact_blocks (block_hash, event_id, fact_id) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [
                    (key_of(fact.event_id, block), fact.event_id, fact.id)
                    for fact in facts
                    for block in dict.fromkeys(fact.blocks)
                ],
            )
            last = rows[-1][0]
