"""Opening a stored state by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.store.memory import MemoryStore

if TYPE_CHECKING:
    from monitor.store.sql import SqlStore

MEMORY = "memory:"


def open_store(url: str) -> MemoryStore | SqlStore:
    """Open the state at `url`: "sqlite:///var/monitor.db", "postgresql+psycopg://user@host/db", "memory:".

    StoreError when there is none, or when its schema is not the one of this version (see `migrate.upgrade`).
    """
    if url == MEMORY:
        return MemoryStore()
    # Loading SQLAlchemy takes longer than a whole small replay, which needs none.
    from monitor.store.sql import open_sql  # noqa: PLC0415

    return open_sql(url)
