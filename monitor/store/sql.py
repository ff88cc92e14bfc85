"""The store on SQLite and PostgreSQL: who may write, what a reader sees, when a commit happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, inspect, text

from monitor.core.errors import StoreError
from monitor.core.ports import Transaction, View
from monitor.store.engine import is_sqlite, parse_url, place_of, reader_engine, sqlite_path, writer_engine
from monitor.store.errors import translated
from monitor.store.sql_read import SqlView
from monitor.store.sql_write import SqlTransaction
from monitor.store.tables import HEAD


class SqlStore:
    """A state in a database. One writing transaction at a time, any number of readers."""

    def __init__(self, url: URL) -> None:
        self._place = place_of(url)
        self._path = sqlite_path(url) if is_sqlite(url) else None
        self._writer = writer_engine(url)
        self._reader = reader_engine(url)
        self._file = self._file_number()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Open the write transaction; commits on leaving, rolls back on an exception."""
        self._check_file()
        with translated(self._place), self._writer.begin() as connection:
            yield SqlTransaction(connection, self._place)

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a reading snapshot."""
        self._check_file()
        with translated(self._place), self._reader.begin() as connection:
            yield SqlView(connection)

    def close(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()

    def _file_number(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _check_file(self) -> None:
        """Refuse a file that was replaced under us: what is written to the old one would be lost silently."""
        if self._file_number() != self._file:
            raise StoreError(
                "the file was replaced or removed while in use",
                place=self._place,
                remedy="restart the program",
            )


def open_sql(url: str) -> SqlStore:
    """Open the state at `url`; StoreError when there is none or its schema is not the one of this version."""
    parsed = parse_url(url)
    revision = _revision(parsed)
    if revision != HEAD:
        message = "there is no state yet" if revision is None else f"is at revision {revision}, not {HEAD}"
        raise StoreError(message, place=place_of(parsed), remedy="run `monitor db migrate`")
    return SqlStore(parsed)


def _revision(url: URL) -> str | None:
    """Return the schema's revision without loading Alembic, which takes longer than a whole small run."""
    if is_sqlite(url) and not sqlite_path(url).exists():
        return None
    engine = reader_engine(url)
    try:
        with translated(place_of(url)), engine.begin() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
    finally:
        engine.dispose()
