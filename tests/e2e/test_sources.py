"""What a source's options do from the configuration to the wire, and who is told when one fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor.bootstrap.clock import utc_now
from monitor.store import open_store
from tests.e2e.conftest import Run
from tests.e2e.test_daemon import SECRET, Hook

ITEM = (
    "<item><guid>{n}</guid><title>{title}</title><link>https://wire.example/{n}</link>"
    "<description>La policía detuvo a la dirigente Ramona Quintero en Caracas ({n}).</description>"
    "<pubDate>{date}</pubDate></item>"
)


class Site(ThreadingHTTPServer):
    """A feed that answers as its `status` says, and keeps the headers it was asked with."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()})
        titles = ("Detenida una dirigente", "Fútbol: gana Caracas", "El tiempo en Lima")
        items = "".join(ITEM.format(n=n, title=t, date=formatdate()) for n, t in enumerate(titles))
        body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    yield from served(Site())


@pytest.fixture
def hook() -> Iterator[Hook]:
    yield from served(Hook())


def served(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def configure(home: Path, command: Run, text: str) -> None:
    (home / "config.yaml").write_text(f"database: sqlite:///var/monitor.db\n{text}", "utf-8")
    assert command("db", "migrate").returncode == 0


def test_the_options_of_a_source_reach_the_site_and_its_documents(
    home: Path, command: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_KEY", "from the environment")
    (home / "token").write_text("from a file\n", "utf-8")
    configure(
        home,
        command,
        f"""
sources:
  - id: wire
    feed: http://127.0.0.1:{site.server_port}/rss
    allow_private: true
    every: 3h
    publisher: Wire Group
    language: es
    headers: {{X-Key: "${{WIRE_KEY}}"}}
    token_file: token
    include: [dirigente, tiempo]
    exclude: [lima]
""",
    )
    assert command("once").returncode == 0
    (asked,) = site.asked
    assert (asked["x-key"], asked["authorization"]) == ("from the environment", "Bearer from a file")
    assert not {"cookie", "referer"} & asked.keys()
    store = open_store(f"sqlite:///{home}/var/monitor.db")
    with store.read() as view:
        kept = [(d.title, d.publisher, d.language) for d in view.documents()]
    store.close()
    assert sorted(kept) == [
        ("Detenida una dirigente", "Wire Group", "es"),
        ("Fútbol: gana Caracas", "Wire Group", "es"),
    ]
    (row,) = map(json.loads, command("feeds", "list", "--json").stdout.splitlines())
    wait = datetime.fromisoformat(row["next_poll"]) - utc_now()
    assert timedelta(hours=2.9) < wait < timedelta(hours=3.4)


def test_a_failing_source_is_told_to_its_keeper_once_and_its_recovery_too(
    home: Path, command: Run, site: Site, hook: Hook
) -> None:
    configure(
        home,
        command,
        f"""
sources: [{{id: wire, feed: "http://127.0.0.1:{site.server_port}/rss", allow_private: true}}]
receivers:
  - name: hook
    webhook: {{url: "http://127.0.0.1:{hook.server_port}/", secret: {SECRET}, allow_private: true}}
operator: hook
""",
    )

    def told(status: int, rounds: int) -> list[str]:
        site.status = status
        hook.taken.clear()
        for _ in range(rounds):
            command("once")
        return [json.dumps(value) for _, value in hook.taken]

    assert told(200, 1) == []
    assert told(404, 2) == [], "sites have bad hours"
    (failing,) = told(404, 4)
    assert "wire: cannot be read since" in failing
    assert "there is nothing at this address (404)" in failing
    (again,) = told(200, 3)
    assert "can be read again" in again


def test_a_configured_proxy_is_asked_by_the_daemon_and_by_commands(
    home: Path, command: Run, site: Site
) -> None:
    """The test's site stands for the proxy: it is asked for an address that is not its own."""
    proxy = f"proxy: http://127.0.0.1:{site.server_port}\n"
    configure(home, command, f"{proxy}sources: [{{id: wire, feed: 'http://wire.example/rss'}}]\n")
    assert "3 documents" in command("feeds", "test", "wire").stdout
    assert command("once").returncode == 0
    (home / "one.opml").write_text(
        "<opml><body><outline xmlUrl='http://other.example/'/></body></opml>", "utf-8"
    )
    assert "1 of 1 feeds work." in command("feeds", "import", "one.opml").stdout
    assert [asked["host"] for asked in site.asked] == ["wire.example", "wire.example", "other.example"]
    (home / "config.yaml").write_text("proxy: socks5://127.0.0.1:1\n", "utf-8")
    assert "write http://NAME:PORT" in command("check-config").stderr
