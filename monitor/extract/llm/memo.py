"""What was answered and what it cost: a small SQLite file, so that neither is forgotten at a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

_KEPT = timedelta(days=90)
_SCHEMA = """
create table if not exists answer (key text primary key, content text not null, day text not null);
create table if not exists spent (day text primary key, tokens integer not null);
"""


class Memo:
    """Answers by key and tokens by day. An unusable file raises sqlite3.Error or OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def answer(self, key: str) -> str | None:
        """Return the answer kept under `key`."""
        with self._open() as db:
            row = db.execute("select content from answer where key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, key: str, content: str, day: date) -> None:
        """Keep an answer; those older than 90 days are dropped."""
        with self._open() as db:
            db.execute("insert or replace into answer values (?, ?, ?)", (key, content, day.isoformat()))
            db.execute("delete from answer where day < ?", ((day - _KEPT).isoformat(),))

    def spent(self, day: date) -> int:
        """Return the tokens spent on `day`."""
        with self._open() as db:
            row = db.execute("select tokens from spent where day = ?", (day.isoformat(),)).fetchone()
        return 0 if row is None else int(row[0])

    def spend(self, day: date, tokens: int) -> None:
        """Add to the tokens of `day`."""
        with self._open() as db:
            db.execute(
                "insert into spent values (?, ?) on conflict (day) do update set tokens = tokens + excluded.tokens",
                (day.isoformat(), tokens),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open anew each time: the reader is called from whatever thread, a few times a minute at most."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=5.0)
        try:
            with db:
                db.executescript(_SCHEMA)
                yield db
        finally:
            db.close()
