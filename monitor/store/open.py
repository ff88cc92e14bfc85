"""Opening a stored state by its address."""

from __future__ import annotations

from sqlalchemy import URL, inspect, text

from monitor.core.errors import StoreError
from monitor.core.ports import Store
from monitor.store.engine import is_sqlite, parse_url, place_of, reader_engine, sqlite_path
from monitor.store.errors import translated
from monitor.store.memory import MemoryStore
from monitor.store.sql import SqlStore
from monitor.store.tables import HEAD

MEMORY = "memory:"


def open_store(url: str) -> Store:
    """Open the state at `url`: "sqlite:///var/monitor.db", "postgresql+psycopg://user@host/db", "memory:".

    StoreError when there is none, or when its schema is not the one of this version (see `migrate.upgrade`).
    """
    if url == MEMORY:
        return MemoryStore()
    parsed = parse_url(url)
    revision = _revision(parsed)
    if revision != HEAD:
        message = (
            "there is no state yet"
            if revision is None
            else f"the state is at revision {revision}, not {HEAD}"
        )
        raise StoreError(message, place=place_of(parsed), remedy="run `monitor db upgrade`")
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
