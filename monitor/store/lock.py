"""One daemon per state: two would tell everything twice.

SQLite: flock on `<file>.lock`, dropped by the kernel with the process (children that inherit it included).
PostgreSQL: a session's advisory lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from monitor.core.errors import StateLockedError, StoreError
from monitor.store.codec import key_of
from monitor.store.engine import is_sqlite, parse_url, place_of, sqlite_path
from monitor.store.errors import translated
from monitor.store.open import MEMORY

_NAME = "monitor daemon, process "

_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database() "
    "AND ((l.classid::bigint << 32) | l.objid::bigint) = :key"
)


@contextmanager
def hold(url: str) -> Iterator[None]:
    """Own the state at `url` while inside; StateLockedError names the process that owns it already."""
    if url == MEMORY:
        yield
        return
    parsed = parse_url(url)
    with _flock(sqlite_path(parsed)) if is_sqlite(parsed) else _advisory(parsed):
        yield


@contextmanager
def _flock(database: Path) -> Iterator[None]:
    path = database.with_name(f"{database.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot be made: {error.strerror}",
            place=str(path),
            remedy="check the folder and its permissions",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _locked(
                os.pread(descriptor, 32, 0).decode("ascii", "replace").strip(), str(database)
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # The file stays: whoever removed it could remove the one that a third process has just locked.
        os.close(descriptor)


@contextmanager
def _advisory(url: URL) -> Iterator[None]:
    place = place_of(url)
    named = {"application_name": f"{_NAME}{os.getpid()}"}
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=named)
    with translated(place):
        connection = engine.connect()
    try:
        with translated(place):
            schema = connection.scalar(text("SELECT current_schema()"))
            key = key_of("monitor", "daemon", str(schema))
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                holder = connection.scalar(_HOLDER, {"key": key}) or ""
                raise _locked(holder.removeprefix(_NAME), place)
        yield
    finally:
        connection.close()


def _locked(holder: str, place: str) -> StateLockedError:
    return StateLockedError(
        f"process {holder or 'unknown'} is already running on this state",
        place=place,
        remedy="stop it first, or give this one a state of its own",
    )
