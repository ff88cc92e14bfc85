"""The daemon: one per state, drained by SIGTERM, alive to its health check, telling at once."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from monitor.core.tokens import make_token
from tests.e2e.conftest import Run, start

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Hook(ThreadingHTTPServer):
    """Takes webhooks and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, object]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        value = Webhook(SECRET).verify(body.decode(), dict(self.headers.items()))
        self.server.taken.append((self.headers["webhook-id"], value))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def daemon(home: Path):
    process = start(home, "run", "--migrate")
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stderr.readline, "")))
    reader.start()
    try:
        wait(lambda: any("action=start" in line for line in lines) or process.poll() is not None)
        assert process.poll() is None, lines
        yield process, lines
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()
        process.stderr.close()
        process.stdout.close()


def wait(condition, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def configure(home: Path, port: int, hook: Hook) -> None:
    more = f"""
web: {{port: {port}}}
receivers:
  - name: hook
    webhook: {{url: "http://127.0.0.1:{hook.server_port}/", secret: {SECRET}, allow_private: true}}
route: {{receiver: hook, group_interval: 0s}}
"""
    path = home / "config.yaml"
    path.write_text(path.read_text("utf-8").replace("every: 1m", "every: 1s") + more, "utf-8")


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.timeout(300)
def test_the_daemon_from_start_to_end(home: Path, monitor: Run, hook: Hook) -> None:
    port = free_port()
    configure(home, port, hook)
    with daemon(home) as (process, lines):
        wait(lambda: sum("action=ingest" in line for line in lines) >= 3)
        wait(lambda: any("delivered" in line for line in lines))

        assert get(port, "/healthz") == (200, "ok\n")
        assert get(port, "/readyz") == (200, "ok\n")
        assert "monitor_sources 3\n" in get(port, "/metrics")[1]
        assert get(port, "/")[0] == 404
        health = monitor("doctor", "--health")
        assert (health.returncode, health.stdout.strip()) == (0, "healthy")

        second = monitor("run")
        assert second.returncode == 75
        assert str(process.pid) in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
        assert monitor("once").returncode == 75

        (home / "seeds" / "later.txt").write_text(
            " date 2025-02-02 \n\nPolice in Venezuela arrested the union leader Ramona Quintero on Sunday.\n",
            "utf-8",
        )
        wait(lambda: any("Quintero" in json.dumps(value) for _, value in hook.taken))

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert any("action=stop" in line for line in lines)
    assert not any("Traceback" in line for line in lines)
    told = [value["data"]["id"] for _, value in hook.taken]
    stored = [json.loads(line)["id"] for line in monitor("developments", "--json").stdout.splitlines()]
    assert sorted(told) == sorted(stored)
    unwell = monitor("doctor", "--health")
    assert unwell.returncode in {0, 1}


def test_a_reader_leaves_a_list_by_one_click_while_it_runs(home: Path, monitor: Run, hook: Hook) -> None:
    port, secret = free_port(), "a secret of some length"
    configure(home, port, hook)
    path = home / "config.yaml"
    web = f"web: {{port: {port}, public_url: 'https://news.example.org/', secret: {secret}}}"
    path.write_text(path.read_text("utf-8").replace(f"web: {{port: {port}}}", web), "utf-8")
    link = f"/unsubscribe/{make_token(secret, 'digest:morning', 'reader@example.org')}"
    with daemon(home) as (process, _):
        assert get(port, link)[0] == 200
        assert monitor("notify", "unsubscribed", "--json").stdout == ""
        data = b"List-Unsubscribe=One-Click"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{link}", data=data, timeout=5) as answer:
            assert answer.status == 200
        assert "reader@example.org" in monitor("notify", "unsubscribed", "--json").stdout
        assert get(port, "/silences")[0] == 404, "without a password there is no page"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_sigint_ends_it_too(home: Path) -> None:
    with daemon(home) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_the_service_manager_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        address = home / "notify"
        manager.bind(str(address))
        manager.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        with daemon(home) as (process, _):
            assert manager.recv(100) == b"READY=1"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
        assert manager.recv(100) == b"STOPPING=1"
