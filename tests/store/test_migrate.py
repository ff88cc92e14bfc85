"""Migrations: what they make is what the queries expect; what must be refused is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from alembic import command
from monitor.core.errors import StoreError, TemporaryStoreError
from monitor.core.figures import figure_blocks
from monitor.core.model import Intake
from monitor.store import migrate, open_store
from monitor.store.backup import verify
from monitor.store.codec import dumps, key_of
from monitor.store.engine import create_private, migration_engine, parse_url
from monitor.store.tables import HEAD, metadata
from tests.store.values import FIGURE, document, fact

SECOND = """
from alembic import op
revision = "9002"
down_revision = "{head}"
def upgrade():
    with op.batch_alter_table("documents", recreate="always") as batch:
        batch.alter_column("title", new_column_name="headline")
"""
BROKEN = """
from alembic import op
revision = "9002"
down_revision = "{head}"
def upgrade():
    op.execute("UPDATE meta SET value = 'half done'")
    op.execute("DELETE FROM documents")
"""


def test_the_migrated_schema_is_the_one_the_queries_expect(sql_url: str) -> None:
    engine = create_engine(sql_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_tables_name_the_newest_migration() -> None:
    assert migrate.head() == HEAD


def test_a_fresh_state_is_made_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/monitor.db"
    assert (migrate.current(url), migrate.is_current(url)) == (None, False)
    assert not (tmp_path / "var").exists()
    with pytest.raises(StoreError, match="there is no state yet"):
        open_store(url)
    assert migrate.upgrade(url) == migrate.Upgrade(before=None, after=HEAD)
    assert migrate.upgrade(url) == migrate.Upgrade(before=HEAD, after=HEAD)
    assert migrate.is_current(url)


def test_postgresql_is_current_after_the_upgrade(sql_url: str) -> None:
    assert migrate.is_current(sql_url)
    assert migrate.upgrade(sql_url).backup is None


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations of a later version: a copy of ours, to which a test adds one."""
    folder = tmp_path / "later"
    shutil.copytree(migrate.scripts_folder(), folder)
    monkeypatch.setattr(migrate, "scripts_folder", lambda: folder)
    return folder / "versions" / "9002.py"


def fill(url: str) -> None:
    store = open_store(url)
    with store.begin() as tx:
        tx.add_documents([Intake(document=document(1), signature=(1,), bands=(5, 6), copy_of=None)])
        tx.set_meta("k", "v")
    store.close()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_populated_state_is_copied_first_and_keeps_its_rows(sqlite_url: str, later: Path) -> None:
    fill(sqlite_url)
    later.write_text(SECOND.format(head=HEAD))
    done = migrate.upgrade(sqlite_url)
    assert (done.before, done.after) == (HEAD, "9002")
    assert done.backup is not None
    checked = verify(done.backup)
    assert (checked.revision, checked.documents, checked.developments) == (HEAD, 1, 0)
    assert rows(sqlite_url, "SELECT headline FROM documents") == [("A title",)]
    assert rows(sqlite_url, "SELECT band FROM document_bands ORDER BY 1") == [(5,), (6,)]


def test_an_upgrade_that_orphans_rows_changes_nothing(sqlite_url: str, later: Path) -> None:
    fill(sqlite_url)
    later.write_text(BROKEN.format(head=HEAD))
    with pytest.raises(StoreError, match="without their parent"):
        migrate.upgrade(sqlite_url)
    assert rows(sqlite_url, "SELECT value FROM meta") == [("v",)]
    assert migrate.current(sqlite_url) == HEAD


def test_a_newer_state_is_refused(sqlite_url: str) -> None:
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for act in (migrate.upgrade, open_store):
        with pytest.raises(StoreError, match="9999") as caught:
            act(sqlite_url)
        assert not isinstance(caught.value, TemporaryStoreError)


def test_what_is_not_a_state_is_refused(tmp_path: Path) -> None:
    notes = tmp_path / "notes.db"
    notes.write_text("these are notes " * 100)
    with pytest.raises(StoreError, match="not a database"):
        migrate.upgrade(f"sqlite:///{notes}")
    assert notes.read_text().startswith("these are notes")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        migrate.upgrade(f"sqlite:///{other}")
    with pytest.raises(StoreError, match="folder"):
        migrate.upgrade(f"sqlite:///{notes}/inside/monitor.db")


def test_a_state_of_the_first_schema_is_brought_up_with_all_it_holds(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    upgrade_to(url, "0001")
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    with connection:
        connection.execute("INSERT INTO events VALUES ('venezuela', 3)")
        connection.execute(
            "INSERT INTO facts (seq, event_id, id, data) VALUES (1, 'venezuela', 'f1', ?)", (old_fact(),)
        )
        connection.execute(
            "INSERT INTO fact_blocks VALUES (?, 'venezuela', 'f1')", (key_of("venezuela", "a"),)
        )
    connection.close()
    done = migrate.upgrade(url)
    assert (done.before, done.after) == ("0001", HEAD)
    store = open_store(url)
    with store.read() as view:
        told = fact("f1")
        months = dict.fromkeys(f"{day:%Y-%m}" for day in (told.first_told_at, told.last_told_at))
        keys = tuple(dict.fromkeys(key for month in months for key in figure_blocks(FIGURE, month)))
        found = view.state("venezuela", keys)
        assert (found.version, found.facts["f1"]) == (
            3,
            fact("f1", blocks=keys, turn=0, rejected=False, withdrawn=False),
        )
        assert view.state("venezuela", ["a"]).facts == {}
        assert view.edits() == ()
    store.close()


def upgrade_to(url: str, revision: str) -> None:
    create_private(Path(url.removeprefix("sqlite:///")))
    with migration_engine(parse_url(url)).begin() as connection:
        command.upgrade(migrate._config(connection), revision)


def old_fact() -> str:
    """A fact as the first version wrote it."""
    data = json.loads(dumps(fact("f1")))
    return json.dumps({k: v for k, v in data.items() if k not in {"turn", "rejected", "withdrawn"}})
