"""The documentation's own kind, from a text through the differ to a webhook and a digest, without code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Run

FILE = re.compile(r"^`([\w./]+)` [^\n]*\n```\w+\n(.*?)```", re.MULTILINE | re.DOTALL)
FIRST = " date 2024-09-03 \n\nThe National Dockers Federation called a strike at the carmaker Volta Motors on Monday.\n"
AGAIN = " date 2024-09-04 \n\nOn Monday the National Dockers Federation called a strike at Volta Motors, a radio said.\n"


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web server on this machine that takes every message: its address, and what it was sent."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", told
    server.shutdown()
    server.server_close()


@pytest.fixture
def own(home: Path, monkeypatch: pytest.MonkeyPatch, hook: tuple[str, list[dict[str, Any]]]) -> Path:
    for name, text in FILE.findall((ROOT / "docs" / "lexicon.md").read_text("utf-8")):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (home / "texts").mkdir()
    (home / "texts" / "first.txt").write_text(FIRST, "utf-8")
    monkeypatch.setenv("HOOK_URL", hook[0])
    monkeypatch.setenv("HOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    return home


def test_a_kind_of_the_user_reaches_webhook_and_digest(
    own: Path, command: Run, hook: tuple[str, list[dict[str, Any]]]
) -> None:
    assert command("lexicon", "check").stdout.startswith("2 entries, 5 examples, 0 failed")
    assert command("db", "migrate").returncode == 0
    assert command("once").returncode == 0
    found = [item for body in hook[1] for item in _developments(body) if item["kind"] == "strike_call"]
    assert [(d["change"], d["actors"][0]["name"]) for d in found] == [("new", "National Dockers Federation")]
    assert "called a strike" in command("digest", "preview", "daily").stdout
    (own / "texts" / "again.txt").write_text(AGAIN, "utf-8")
    command("once")
    lines = command("developments", "--json").stdout.splitlines()
    changes = [d["change"] for line in lines if (d := json.loads(line))["kind"] == "strike_call"]
    assert changes.count("new") == 1


def test_an_example_that_fails_ends_the_check_with_1(own: Path, command: Run) -> None:
    path = own / "lexicon/en/frames/strike_call.toml"
    path.write_text(path.read_text("utf-8").replace("downed tools on Tuesday", "sang on Tuesday"), "utf-8")
    done = command("lexicon", "check", "lexicon")
    assert done.returncode == 1
    assert re.search(r"strike_call\.toml:\d+: strike_call\.down-tools: “Nurses sang", done.stdout)


def _developments(body: dict[str, object]) -> list[dict[str, object]]:
    data = body["data"]
    assert isinstance(data, dict)
    found = data.get("developments", [data])
    assert isinstance(found, list)
    return found
