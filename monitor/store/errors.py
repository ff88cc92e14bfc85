"""What a database says when it fails, as the errors of this program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from monitor.core.errors import StoreError, TemporaryStoreError

# Primary result codes, https://www.sqlite.org/rescode.html
_PASSING = {
    sqlite3.SQLITE_BUSY: ("is busy: another process is writing to it", "it is tried again later"),
    sqlite3.SQLITE_LOCKED: ("is busy: another connection is writing to it", "it is tried again later"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "free some space; nothing is lost"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: input/output error", "check the disk"),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: it is read-only",
        "check the owner and permissions of the file and its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check the path and its permissions"),
}
_LASTING = {
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore the latest backup"),
    sqlite3.SQLITE_NOTADB: ("is not a database", "check the path, or restore the latest backup"),
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn database errors into StoreError, or TemporaryStoreError where trying again later can work."""
    try:
        yield
    except PoolTimeoutError as error:
        raise TemporaryStoreError(
            "another write has not ended", place=place, remedy="it is tried again later"
        ) from error
    except DBAPIError as error:
        raise store_error(error.orig, place) from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise store_error(error, place) from error


def store_error(error: BaseException | None, place: str) -> StoreError:
    """Return the error of this program for one of a database driver."""
    said = " ".join(str(error).split())
    if isinstance(error, sqlite3.Error):
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code in _PASSING:
            message, remedy = _PASSING[code]
            return TemporaryStoreError(message, place=place, remedy=remedy)
        if code in _LASTING:
            message, remedy = _LASTING[code]
            return StoreError(message, place=place, remedy=remedy)
        return StoreError(said, place=place)
    if type(error).__module__.startswith("psycopg") and _is_operational(error):
        return TemporaryStoreError(
            said, place=place, remedy="check that the server is up; it is tried again later"
        )
    return StoreError(said, place=place)


def _is_operational(error: BaseException | None) -> bool:
    """Tell whether PostgreSQL's driver blames the surroundings (PEP 249), whatever the exact subclass."""
    return any(kind.__name__ == "OperationalError" for kind in type(error).__mro__)
