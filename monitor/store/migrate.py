"""Bringing the schema of a stored state to what this program knows: Alembic, run from the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, inspect

from alembic import command
from monitor.core.errors import StoreError
from monitor.store.backup import copy_to, free_name
from monitor.store.engine import create_private, is_sqlite, migration_engine, parse_url, place_of, sqlite_path
from monitor.store.errors import translated


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What an upgrade did: the revisions before (None: no state) and after, and the backup it made."""

    before: str | None
    after: str
    backup: Path | None = None


def scripts_folder() -> Path:
    """Return the folder of the migrations: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_alembic", package.parent / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("the migrations are missing", place=str(package), remedy="install the program again")


def head() -> str:
    """Return the newest revision that this program knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise StoreError(
            "there are no migrations", place=str(scripts_folder()), remedy="install the program again"
        )
    return revision


def current(url: str) -> str | None:
    """Return the revision of the stored state; None when there is none yet. Makes nothing."""
    parsed = parse_url(url)
    if is_sqlite(parsed) and not sqlite_path(parsed).exists():
        return None
    with translated(place_of(parsed)), migration_engine(parsed).begin() as connection:
        return _revision(connection, parsed)


def is_current(url: str) -> bool:
    """Tell whether the stored state is at the newest revision."""
    return current(url) == head()


def upgrade(url: str) -> Upgrade:
    """Bring the stored state to the newest revision; a SQLite file that holds data is copied first."""
    parsed = parse_url(url)
    place, newest = place_of(parsed), head()
    if is_sqlite(parsed):
        create_private(sqlite_path(parsed))
    before = current(url)
    if before == newest:
        return Upgrade(before=before, after=newest)
    _refuse_newer(before, place)
    backup = None
    if before is not None and is_sqlite(parsed):
        backup = free_name(sqlite_path(parsed), f"at-{before}.backup")
        copy_to(sqlite_path(parsed), backup)
    with translated(place), migration_engine(parsed).begin() as connection:
        command.upgrade(_config(connection), "head")
        _check_references(connection, place)
    return Upgrade(before=before, after=newest, backup=backup)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection, url: URL) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and is_sqlite(url) and inspect(connection).get_table_names():
        raise StoreError(
            "is a database of another program", place=place_of(url), remedy="give the state a file of its own"
        )
    return revision


def _refuse_newer(revision: str | None, place: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise newer_schema(revision, place)


def newer_schema(revision: str, place: str) -> StoreError:
    """Return the error for a state that a newer version of this program has moved on."""
    return StoreError(
        f"the state is at revision {revision}, which this version does not know",
        place=place,
        remedy="run the newer version that wrote it, or restore the backup from before its upgrade",
    )


def _check_references(connection: Connection, place: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise StoreError(
            f"the upgrade would leave {len(broken)} rows of {broken[0][0]} without their parent",
            place=place,
            remedy="nothing was changed; please report this",
        )
