"""What only a database can do wrong: plans, snapshots, lost updates, damage, a full disk, a replaced file."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from monitor.core.errors import StoreError, TemporaryStoreError
from monitor.core.model import Disposition, EventState, Intake
from monitor.store import open_store
from monitor.store.tables import metadata
from tests.store.values import (
    NOW,
    claim,
    cursor,
    development,
    document,
    edit,
    entry,
    fact,
    minutes,
    record,
    silence,
    stray,
)


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def fill(store: Any, count: int = 300) -> None:
    with store.begin() as tx:
        for n in range(count):
            tx.add_documents([Intake(document=document(n), signature=(n,), bands=(n, -1), copy_of=None)])
            tx.add_claims(
                [claim(f"c{n}", document_id=f"doc{n}")], [Disposition(claim_id=f"c{n}", reason="known")]
            )
            tx.save_cursor(cursor(f"s{n}"))
        before = tx.state("venezuela", [])
        facts = {f"f{n}": fact(f"f{n}", blocks=(f"b{n}", "all")) for n in range(count)}
        tx.save_state("venezuela", before, EventState(event_id="venezuela", version=1, facts=facts))
        tx.add_developments([development(f"d{n}", found_at=minutes(n)) for n in range(count)])
        tx.add_outbox([entry(f"o{n}", recipient=str(n)) for n in range(count)])
        done = [one.id for one in tx.claim_due(NOW, lease_s=1, limit=count)]
        tx.mark_sent(done, NOW)


def walk_the_hot_path(store: Any) -> None:
    """Do what every document and every tick of the daemon does."""
    with store.begin() as tx:
        tx.known_identities([document(1).identity, "new"])
        tx.known_hashes(["hash1", "new"])
        tx.band_holders([1, 2, 3])
        tx.signatures(["doc1", "doc2"])
        tx.add_documents([Intake(document=document(9_999), signature=(1,), bands=(1, 2), copy_of="doc1")])
        before = tx.state("venezuela", ["b1", "b2"])
        moved = fact("f1", blocks=("b2", "b3"), version=9)
        after = EventState(event_id="venezuela", version=before.version + 1, facts={"f1": moved})
        tx.save_state("venezuela", before, after)
        tx.add_strays([stray(9_999)])
        tx.add_edit(edit("new"))
        tx.edits("venezuela")
        tx.revisions(document(1).identity)
        tx.last_document()
        tx.fact("venezuela", "f1")
        tx.strays(NOW, limit=10)
        tx.add_claims([claim("new")], [Disposition(claim_id="new", reason="known")])
        tx.add_developments([development("new")])
        tx.add_outbox([entry("new"), entry("newer")])
        tx.save_cursors([cursor("s1", memory=b"x")])
        tx.save_source_record(record("s1"))
        tx.remove_source("s2")
        tx.silences(NOW)
        ids = [one.id for one in tx.claim_due(NOW, lease_s=60, limit=5)]
        tx.claim_due(NOW, lease_s=60, limit=5, receiver="slack")
        tx.release(ids[:1], NOW)
        tx.mark_sent(ids[:1], NOW)
        tx.mark_dropped(ids[1:], "silenced")
        tx.mark_retry(ids[1:], NOW, "later")
        tx.mark_dead(ids[1:], "never")
        tx.replay(ids[1:], NOW)
        tx.pause("slack", NOW)
        tx.paused_until("slack")
        tx.add_silence(silence())
        tx.set_meta("tick", "1")
        tx.meta("tick")
    with store.read() as view:
        view.due(NOW)
        view.unread(["s1", "s2"])
        view.cursor("s1")
        view.document("doc1")
        view.copy_of("doc1")
        view.development("d1")
        view.developments(event_ids=["venezuela"], after=minutes(5), until=minutes(6))
        view.developments(after=minutes(5), until=minutes(6))
        view.developments(ids=["d1", "d2"])
        next(iter(view.facts("venezuela")))
        view.claims("doc1")
        view.find_claim("c1")
        view.outbox(states=["dead"])
        view.outbox_of(ids=["o1"], development_ids=["d1"], group_keys=["g"])
        view.due_receivers(NOW)
        view.content("digest:a:1")
        view.told_in_digests(["d1"])


def statements_of_the_hot_path(store: Any) -> dict[str, Any]:
    """Each statement as the driver got it, with parameters of one call (SQLite: as it ran, with them in place)."""
    seen: dict[str, Any] = {}
    for engine in (store._reader, store._writer):
        if engine.dialect.name == "sqlite":
            event.listen(
                engine,
                "checkout",
                lambda driver, *_: driver.set_trace_callback(
                    lambda statement: seen.setdefault(statement, ())
                ),
            )
            continue
        event.listen(
            engine,
            "before_cursor_execute",
            lambda _c, _cur, statement, parameters, _ctx, many: seen.setdefault(
                statement, parameters[0] if many else parameters
            ),
        )
    walk_the_hot_path(store)
    assert len(seen) > 30
    frame = ("BEGIN", "COMMIT")
    return {statement: given for statement, given in seen.items() if not statement.startswith(frame)}


def test_no_hot_query_scans_a_table_of_sqlite(sqlite_url: str, opened: Any) -> None:
    store = opened(sqlite_url)
    fill(store)
    scans = {}
    with sqlite3.connect(path_of(sqlite_url)) as connection:
        for statement, parameters in statements_of_the_hot_path(store).items():
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            tables = "|".join(metadata.tables)
            if found := [step for step in plan if re.match(rf"SCAN ({tables})\b", step)]:
                scans[statement] = found
    assert scans == {}


def test_a_documents_facts_are_found_one_by_one(sqlite_url: str, opened: Any) -> None:
    """A search by the event alone is no scan by name, but walks all its facts."""
    store = opened(sqlite_url)
    fill(store)
    (asked,) = [
        (s, p)
        for s, p in statements_of_the_hot_path(store).items()
        if "FROM fact_blocks" in s and "data" in s
    ]
    with sqlite3.connect(path_of(sqlite_url)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])]
    assert [step for step in plan if step.startswith("SEARCH facts")] == [
        "SEARCH facts USING INDEX sqlite_autoindex_facts_1 (event_id=? AND id=?)"
    ]


@pytest.mark.postgres
def test_no_hot_query_scans_a_table_of_postgresql(postgres_url: str, opened: Any) -> None:
    """With scans forbidden the planner still makes one where no index can answer."""
    store = opened(postgres_url)
    fill(store)
    seen = statements_of_the_hot_path(store)
    scans = {}
    with store._writer.begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in seen.items():
            plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
            if found := [step for step in plan if "Seq Scan on" in step]:
                scans[statement] = found
    assert scans == {}


def test_a_reader_sees_one_snapshot_while_others_write(sql_url: str, opened: Any) -> None:
    store = opened(sql_url)
    with store.read() as view:
        assert view.meta("k") is None
        with store.begin() as tx:
            tx.set_meta("k", "v")
        assert view.meta("k") is None
    with store.read() as view:
        assert view.meta("k") == "v"


def test_a_view_cannot_write(sql_url: str, opened: Any) -> None:
    store = opened(sql_url)
    with pytest.raises(StoreError), store.read() as view:
        view._connection.exec_driver_sql("DELETE FROM meta")


def test_no_update_is_lost_between_two_writers(sql_url: str, opened: Any) -> None:
    """Two processes in one: each store has its own writer connection."""
    stores = [opened(sql_url), opened(sql_url)]
    refused = []

    def count_up(store: Any) -> None:
        done = 0
        while done < 25:
            try:
                with store.begin() as tx:
                    before = tx.state("venezuela", ["a"])
                    number = before.facts["f"].version + 1 if before.facts else 1
                    after = {"f": fact("f", blocks=("a",), version=number)}
                    tx.save_state(
                        "venezuela",
                        before,
                        EventState(event_id="venezuela", version=before.version + 1, facts=after),
                    )
                done += 1
            except TemporaryStoreError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=count_up, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with stores[0].read() as view:
        state = view.state("venezuela", ["a"])
    assert (state.version, state.facts["f"].version) == (50, 50)


def test_two_claimers_never_take_the_same_row(sql_url: str, opened: Any) -> None:
    stores = [opened(sql_url), opened(sql_url)]
    with stores[0].begin() as tx:
        tx.add_outbox([entry(f"o{n}", recipient=str(n)) for n in range(60)])
    taken: list[str] = []

    def take(store: Any) -> None:
        for _ in range(10):
            with store.begin() as tx:
                taken.extend(one.id for one in tx.claim_due(NOW, lease_s=60, limit=3))

    threads = [threading.Thread(target=take, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == sorted(f"o{n}" for n in range(60))


def test_sqlite_is_durable_and_private(sqlite_url: str, opened: Any) -> None:
    store = opened(sqlite_url)
    with store._writer.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_killed_writer_leaves_all_or_nothing(sqlite_url: str, opened: Any) -> None:
    program = (
        "import os, sys; from monitor.store import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "with store.begin() as tx: tx.set_meta('kept', '1')\n"
        "with store.begin() as tx:\n"
        "    tx.set_meta('lost', '1')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, sqlite_url], check=False, timeout=60)
    assert done.returncode == -9
    with opened(sqlite_url).read() as view:
        assert (view.meta("kept"), view.meta("lost")) == ("1", None)


def test_a_busy_file_is_to_be_tried_again(
    sqlite_url: str, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.engine.BUSY_TIMEOUT_S", 0)
    store = opened(sqlite_url)
    other = sqlite3.connect(path_of(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TemporaryStoreError, match="busy"), store.begin():
        pass
    other.execute("ROLLBACK")
    other.close()
    with store.begin() as tx:
        tx.set_meta("k", "v")


def test_a_full_disk_is_to_be_tried_again_and_resumes(sqlite_url: str, opened: Any) -> None:
    store = opened(sqlite_url)
    with store._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(TemporaryStoreError, match="the disk is full"), store.begin() as tx:
        tx.set_meta("k", "x" * 100_000)
    with store._writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    with store.begin() as tx:
        tx.set_meta("k", "x" * 100_000)


def test_a_damaged_file_is_fatal(sqlite_url: str, opened: Any) -> None:
    store = opened(sqlite_url)
    fill(store, 50)
    store.close()
    path = path_of(sqlite_url)
    data = bytearray(path.read_bytes())
    for start in range(8192, len(data), 4096):
        data[start : start + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged") as caught, opened(sqlite_url).read() as view:
        list(view.documents())
    assert not isinstance(caught.value, TemporaryStoreError)


def test_a_file_that_is_no_database_is_fatal(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.write_text("these are notes, not a database " * 40)
    with pytest.raises(StoreError, match="is not a database"):
        open_store(f"sqlite:///{path}")


def test_a_replaced_file_is_refused(sqlite_url: str, opened: Any) -> None:
    store, path = opened(sqlite_url), path_of(sqlite_url)
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)
    with pytest.raises(StoreError, match="replaced"), store.begin():
        pass
    path.unlink()
    with pytest.raises(StoreError, match="replaced"), store.read():
        pass


def test_a_server_that_is_down_is_to_be_tried_again() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(TemporaryStoreError) as caught:
        open_store("postgresql+psycopg://monitor:hidden@127.0.0.1:1/none")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x", ""]
)
def test_an_address_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(StoreError, match="use sqlite:///path"):
        open_store(url)


def test_files_are_private(migrated_file: Path) -> None:
    store = open_store(f"sqlite:///{migrated_file}")
    with store.begin() as tx:
        tx.set_meta("k", "v")
        modes = {stat.S_IMODE(one.stat().st_mode) for one in migrated_file.parent.iterdir()}
    store.close()
    assert modes == {0o600}
