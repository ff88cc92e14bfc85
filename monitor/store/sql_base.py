"""What all queries share: the connection, lists that fit into one statement, INSERT with ON CONFLICT."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
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


@lru_cache(maxsize=256)
def _spoken(query: str, *, sqlite_speaks: bool) -> str:
    """Return a plain query as the database's driver takes it: its placeholders, and its way to say "any of"."""
    if sqlite_speaks:
        return query.replace("= ANY(?)", "IN (SELECT value FROM json_each(?))")
    return query.replace("?", "%s")


class SqlBase:
    """One connection inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        self._driver: Any = connection.connection.driver_connection if self._sqlite else None

    def _ask(self, query: str, *parameters: Any) -> Any:
        """Run a plain query of the hot path and return its cursor: `fetchone`, `fetchall`, `rowcount`.

        It goes past SQLAlchemy's construction of statements (measured: 100 µs each), on SQLite past its cursors too.
        Placeholders are `?`; `= ANY(?)` takes a list, which stays one parameter, so that the text is the same
        for any number of values. Values must be what the drivers take: clean text, numbers, bytes.
        """
        spoken = _spoken(query, sqlite_speaks=self._sqlite)
        if not self._sqlite:
            return self._connection.exec_driver_sql(spoken, parameters)
        given = [json.dumps(value) if isinstance(value, list) else value for value in parameters]
        return self._driver.execute(spoken, given)

    def _rows(self, query: str, *parameters: Any) -> Sequence[Any]:
        """Return all rows of a plain query."""
        rows: Sequence[Any] = self._ask(query, *parameters).fetchall()
        return rows

    def _row(self, query: str, *parameters: Any) -> Any:
        """Return the only row that a plain query may find, or None."""
        return self._ask(query, *parameters).fetchone()

    def _put(self, query: str, rows: list[tuple[Any, ...]]) -> None:
        """Run a plain query once for each row."""
        if not rows:
            return
        spoken = _spoken(query, sqlite_speaks=self._sqlite)
        if self._sqlite:
            self._driver.executemany(spoken, rows)
        else:
            self._connection.exec_driver_sql(spoken, rows)

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT with ON CONFLICT: a caught IntegrityError spoils a PostgreSQL transaction."""
        if self._sqlite:
            return sqlite.insert(table)
        return postgresql.insert(table)

    def _add(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(self._insert(table).on_conflict_do_nothing(), rows)

    def _upsert(self, table: Table, rows: Sequence[dict[str, Any]], *, key: tuple[str, ...]) -> None:
        statement = self._insert(table)
        rest = {name: statement.excluded[name] for name in rows[0] if name not in key}
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=rest), rows)
