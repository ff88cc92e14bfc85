"""What all queries share: the connection, lists that fit into one statement, INSERT with ON CONFLICT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

CHUNK = 500


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Cut `items`, each once, into lists that fit into one statement."""
    unique = list(dict.fromkeys(items))
    for start in range(0, len(unique), CHUNK):
        yield unique[start : start + CHUNK]


class SqlBase:
    """One connection inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT with ON CONFLICT: a caught IntegrityError spoils a PostgreSQL transaction."""
        if self._connection.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    def _add(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(self._insert(table).on_conflict_do_nothing(), rows)

    def _upsert(self, table: Table, rows: Sequence[dict[str, Any]], *, key: tuple[str, ...]) -> None:
        statement = self._insert(table)
        rest = {name: statement.excluded[name] for name in rows[0] if name not in key}
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=rest), rows)
