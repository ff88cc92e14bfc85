"""Copies of a state that are whole, also while it is written."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from monitor.core.errors import StoreError
from monitor.core.model import Intake
from monitor.store.backup import backup, free_name, verify
from tests.store.values import development, document


def test_a_copy_under_writing_is_whole(sqlite_url: str, opened: Any, tmp_path: Path) -> None:
    store, stop = opened(sqlite_url), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with store.begin() as tx:
                tx.add_documents(
                    [Intake(document=document(number), signature=(1,), bands=(number,), copy_of=None)]
                )
                tx.add_developments([development(f"d{number}")])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [backup(sqlite_url, tmp_path / "copies" / f"{n}.db") for n in range(5)]
    finally:
        stop.set()
        writer.join(30)
    assert all(one.documents == one.developments for one in found)
    copied = tmp_path / "copies" / "4.db"
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert sorted(one.name for one in copied.parent.iterdir()) == [f"{n}.db" for n in range(5)]
    with opened(f"sqlite:///{copied}").read() as view:
        assert len(list(view.documents())) == found[4].documents


def test_nothing_is_overwritten(sqlite_url: str, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        backup(sqlite_url, target)
    assert target.read_text() == "precious"


def test_a_copy_that_cannot_be_made_is_named(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no such state"):
        backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "a")
    with pytest.raises(StoreError, match="cannot be written"):
        backup(sqlite_url, tmp_path / "monitor.db" / "inside")
    with pytest.raises(StoreError, match="pg_dump"):
        backup("postgresql+psycopg://monitor@127.0.0.1/none", tmp_path / "a")


def test_damage_is_found(sqlite_url: str, opened: Any) -> None:
    store = opened(sqlite_url)
    with store.begin() as tx:
        for n in range(200):
            tx.add_documents([Intake(document=document(n), signature=(), bands=(n,), copy_of=None)])
    store.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert verify(path).documents == 200
    data = bytearray(path.read_bytes())
    data[-8192:-4096] = b"\x07" * 4096
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        verify(path)
    with pytest.raises(StoreError, match="no such state"):
        verify(path.with_name("none"))


def test_a_free_name_is_new(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    assert free_name(path, "at-1.backup").name == "monitor.db.at-1.backup"
    (tmp_path / "monitor.db.at-1.backup").touch()
    assert free_name(path, "at-1.backup").name == "monitor.db.2.at-1.backup"
