"""The statements of the hot path, built once: building one anew costs more than SQLite takes to run it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Table, TextClause, Update, bindparam, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store import tables as t

SIMILAR_LIMIT = 20


@cache
def insert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can have ON CONFLICT: a caught IntegrityError spoils a PostgreSQL transaction."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def add(table: Table, dialect: str) -> Insert:
    """Return the statement that adds rows and leaves those that are there as they are."""
    return insert(table, dialect).on_conflict_do_nothing()


@cache
def add_document(dialect: str) -> Insert:
    """Return the statement that adds a document and tells its `seq`, or nothing when it is there."""
    return add(t.documents, dialect).returning(t.documents.c.seq)


@cache
def upsert(table: Table, dialect: str, key: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    """Return the statement that adds rows with columns `names`, or replaces those with the same `key`."""
    statement = insert(table, dialect)
    rest = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=rest)


@cache
def version() -> Select[tuple[int]]:
    """Return the question for the version of `:event`."""
    return select(t.events.c.version).where(t.events.c.id == bindparam("event"))


@cache
def move_version() -> Update:
    """Return the statement that steps `:event` from version `:old` to `:new`."""
    same = t.events.c.id == bindparam("event"), t.events.c.version == bindparam("old")
    return update(t.events).where(*same).values(version=bindparam("new"))


@cache
def facts_in_blocks() -> Select[Any]:
    """Return the question for the facts of `:event` in any of `:keys`."""
    blocks, facts = t.fact_blocks.c, t.facts.c
    ids = select(blocks.fact_id).where(blocks.block_hash.in_(bindparam("keys", expanding=True)))
    return select(facts.seq, facts.data).where(facts.event_id == bindparam("event"), facts.id.in_(ids))


@cache
def similar(count: int) -> TextClause:
    """Return the question for the oldest documents of `count` bands; a band shared by many stays cheap."""
    one = (
        "SELECT document_seq FROM (SELECT document_seq FROM document_bands"
        " WHERE band = :b{n} ORDER BY document_seq LIMIT {limit}) AS q{n}"
    )
    each = " UNION ALL ".join(one.format(n=n, limit=SIMILAR_LIMIT) for n in range(count))
    query = (
        "SELECT id, signature FROM documents WHERE seq IN"
        " (SELECT DISTINCT document_seq FROM ({each}) AS found ORDER BY document_seq LIMIT {limit})"
        " ORDER BY seq"
    )
    return text(query.format(each=each, limit=SIMILAR_LIMIT))
