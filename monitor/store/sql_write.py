"""Changes to the database, inside one transaction that begins as a writer."""

from __future__ import annotations

from sqlalchemy import Connection

from monitor.store import tables as t
from monitor.store.sql_hand import HandTransaction
from monitor.store.sql_intake import IntakeTransaction
from monitor.store.sql_outbox import OutboxTransaction
from monitor.store.sql_read import SqlView
from monitor.store.sql_sources import SqlSourceTransaction


class SqlTransaction(OutboxTransaction, SqlSourceTransaction, HandTransaction, IntakeTransaction, SqlView):
    """Reads and writes; what it writes it reads back at once."""

    def __init__(self, connection: Connection, place: str) -> None:
        super().__init__(connection)
        self._place = place

    def set_meta(self, key: str, value: str) -> None:
        """Store a small value."""
        self._upsert(t.meta, [{"key": key, "value": value}], key=("key",))
