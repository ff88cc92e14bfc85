"""Bad input: one clear line with place and remedy, the rest goes on, nothing is lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Run

ARREST = " date 2024-09-03 \n\nPolice in Caracas arrested the union leader Ramona Quintero on Tuesday.\n"
HEAD = "database: sqlite:///var/monitor.db\nlanguages: [en]\n"
GOOD = "  - {id: good, folder: good}\n"


def nothing(home: Path) -> str:
    return "  - {id: bad, folder: nowhere}\n"


def empty(home: Path) -> str:
    (home / "bad").mkdir()
    (home / "bad" / "empty.txt").write_bytes(b"")
    return "  - {id: bad, folder: bad}\n"


def binary(home: Path) -> str:
    (home / "bad").mkdir()
    (home / "bad" / "picture.txt").write_bytes(bytes(range(256)) * 40)
    return "  - {id: bad, folder: bad}\n"


def page(home: Path) -> str:
    (home / "feed.xml").write_text("<!doctype html><html><body><p>Please log in</p></body></html>", "utf-8")
    return "  - {id: bad, feed: feed.xml}\n"


def absent_feed(home: Path) -> str:
    return "  - {id: bad, feed: nowhere.xml}\n"


def encoding(home: Path) -> str:
    (home / "bad").mkdir()
    (home / "bad" / "mixed.txt").write_bytes("El país — ".encode("utf-16-le") + b"\xff\xfe\x81\x8d")
    return "  - {id: bad, folder: bad}\n"


def unreachable(home: Path) -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    return f"  - {{id: bad, feed: 'http://127.0.0.1:{port}/feed', allow_private: true}}\n"


def private(home: Path) -> str:
    return "  - {id: bad, feed: 'http://127.0.0.1:9/feed'}\n"


def broken_line(home: Path) -> str:
    (home / "stream.jsonl").write_text('{"id": "1", "text": \n', "utf-8")
    return "  - {id: bad, jsonl: stream.jsonl}\n"


@pytest.fixture
def folder(home: Path) -> Path:
    (home / "good").mkdir()
    (home / "good" / "arrest.txt").write_text(ARREST, "utf-8")
    return home


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (nothing, "nowhere"),
        (empty, "empty.txt"),
        (binary, "picture.txt"),
        (page, "feed.xml"),
        (absent_feed, "nowhere.xml"),
        (encoding, "mixed.txt"),
        (unreachable, "127.0.0.1"),
        (private, "127.0.0.1"),
        (broken_line, "stream.jsonl:1"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_bad_source_is_told_and_the_good_one_is_read(
    folder: Path, command: Run, make: Callable[[Path], str], place: str
) -> None:
    (folder / "config.yaml").write_text(HEAD + "sources:\n" + make(folder) + GOOD, "utf-8")
    assert command("db", "migrate").returncode == 0
    done = command("once", "--json")
    assert done.returncode == 0
    developments = [json.loads(line) for line in done.stdout.splitlines()]
    assert "arrest" in {d["kind"] for d in developments}
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("warning: ")
    assert place in lines[0]
    assert lines[0].endswith(")"), "there is no remedy"
    assert "Traceback" not in done.stderr


def test_a_mail_server_that_is_away_loses_nothing(folder: Path, command: Run) -> None:
    mail = (
        "receivers:\n  - {name: mail, email: {host: 127.0.0.1, port: 9, security: none, sender: a@example.org, "
        "to: [b@example.org, c@example.org]}}\nroute: {receiver: mail}\n"
    )
    (folder / "config.yaml").write_text(HEAD + "sources:\n" + GOOD + mail, "utf-8")
    command("db", "migrate")
    done = command("once", "--json")
    assert done.returncode == 0
    found = len(done.stdout.splitlines())
    assert found
    lines = done.stderr.strip().splitlines()
    assert all("127.0.0.1:9" in line and line.endswith(")") for line in lines)
    assert 1 <= len(lines) <= 2
    rows = [json.loads(line) for line in command("deliveries", "list", "--json").stdout.splitlines()]
    assert len(rows) == found * 2
    assert {row["state"] for row in rows} == {"pending"}
    assert {row["attempts"] for row in rows} <= {0, 1}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("replay", "nowhere"), 1, "nowhere"),
        (("extract", "nowhere.txt"), 1, "nowhere.txt"),
        (("replay",), 2, "Missing argument"),
        (("launch",), 2, "No such command"),
        (("once", "--loud"), 2, "--loud"),
        (("developments", "--since", "yesterdayish"), 2, "yesterdayish"),
        (("developments", "--event", "moon"), 2, "moon"),
        (("once",), 1, "db migrate"),
        (("developments",), 1, "db migrate"),
        (("notify", "test", "desk"), 2, "desk"),
        (("digest", "preview", "evening"), 1, "db migrate"),
        (("--config", "nowhere.yaml", "once"), 78, "nowhere.yaml"),
        (("--config", "wrong.yaml", "once"), 78, "wrong.yaml:3:5 sources.0.fodler"),
        (("--config", "wrong.yaml", "check-config"), 78, 'did you mean "folder"?'),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    home: Path, command: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (home / "wrong.yaml").write_text("sources:\n  - id: a\n    fodler: x\n    folder: y\n", "utf-8")
    done = command(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    if code not in {2, 78}:
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_is_none_is_told(home: Path, command: Run) -> None:
    (home / "var").mkdir()
    (home / "var" / "monitor.db").write_text("this is a letter, not a database " * 100, "utf-8")
    done = command("once")
    assert done.returncode == 1
    assert "is not a database" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_debug_shows_where_it_happened(home: Path, monitor: Run) -> None:
    done = monitor("--debug", "replay", "nowhere")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
