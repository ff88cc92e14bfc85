"""Reading from a real server: nginx, where it is installed. What no honest server does is in `test_http.py`."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from monitor.core.model import Fetched, SourceCursor, SourceSpec
from monitor.sources import Sources
from monitor.sources.http import USER_AGENT, HttpClient
from monitor.sources.parser import ParserPool

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
CONFIG = """
daemon off; master_process off; worker_processes 1; error_log {home}/error.log; pid {home}/pid;
events {{ worker_connections 512; }}
http {{
  types {{ application/rss+xml rss; text/html html; }}
  default_type application/octet-stream;
  log_format asked escape=none '$request_uri|$status|$http_if_none_match|$http_if_modified_since|'
    '$http_cookie|$http_referer|$http_user_agent|$http_authorization';
  access_log {home}/asked.log asked;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {home}/server.pem; ssl_certificate_key {home}/server.pem;
    root {home}/files;
    add_header Set-Cookie "who=you; Path=/";
    location /packed/ {{ alias {home}/files/; gzip on; gzip_min_length 0; gzip_types application/rss+xml; }}
    location /moved {{ return 301 /feed.rss; }}
    location /moved-308 {{ return 308 /feed.rss; }}
    location /lent {{ return 302 /feed.rss; }}
    location /gone {{ return 410; }}
    location /busy {{ add_header Retry-After 7200 always; return 429; }}
    location /down {{ add_header Retry-After 5400 always; return 503; }}
    location /drip {{ alias {home}/files/long.rss; limit_rate 1000; }}
    location /fresh {{ alias {home}/files/feed.rss; expires 3h; }}
    location /members {{
      if ($http_authorization != "Bearer right") {{ return 401; }}
      alias {home}/files/feed.rss;
    }}
    location /behind/ {{ proxy_pass http://127.0.0.1:{behind}/; proxy_buffering off; }}
  }}
}}
"""


@dataclass
class Nginx:
    """A server of our own; `asked` are the requests it saw."""

    home: Path
    port: int
    tls_port: int
    behind: int
    trust: ssl.SSLContext

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def write(self, name: str, body: bytes, *, at: float) -> None:
        """Put a file there, last changed `at` (seconds since 1970): nginx makes its validators of it."""
        path = self.home / "files" / name
        path.write_bytes(body)
        os.utime(path, (at, at))

    def asked(self) -> list[list[str]]:
        """Return path, status, If-None-Match, If-Modified-Since, cookie, referrer, agent, authorization.

        nginx writes a line after its answer is sent: the log is read when it rests.
        """
        log, before = self.home / "asked.log", -1
        while (size := log.stat().st_size) != before:
            before = size
            time.sleep(0.1)
        return [line.split("|") for line in log.read_text().splitlines()]


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    if NGINX is None:
        pytest.skip("no nginx on this machine")
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    (tmp_path / "files").mkdir()
    pem = authority.issue_cert("localhost").private_key_and_cert_chain_pem
    pem.write_to_path(str(tmp_path / "server.pem"))
    port, tls_port, behind = free_ports(3)
    config = CONFIG.format(home=tmp_path, port=port, tls_port=tls_port, behind=behind)
    (tmp_path / "nginx.conf").write_text(config)
    process = subprocess.Popen(
        [NGINX, "-p", tmp_path, "-e", tmp_path / "error.log", "-c", tmp_path / "nginx.conf"],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process, tmp_path / "error.log")
        yield Nginx(tmp_path, port, tls_port, behind, trust)
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nginx did not start: {log.read_text() if log.exists() else ''}")


@pytest.fixture
async def reading(tmp_path: Path, nginx: Nginx) -> AsyncIterator[Sources]:
    http = HttpClient(timeout_s=3.0, tls=nginx.trust)
    async with Sources(base_dir=tmp_path, http=http, parser=ParserPool(size=1)) as running:
        yield running


async def read(
    reading: Sources, url: str, cursor: SourceCursor | None, now: datetime, **more: Any
) -> Fetched:
    """Read once; as in the stored state, what the source held stays where the reading says nothing of it."""
    spec = SourceSpec(id="wire", type="feed", location=url, allow_private=True, **more)
    before = cursor or SourceCursor(source_id="wire")
    fetched = await reading.fetch(spec, before, now=now)
    kept = before.memory if fetched.cursor.memory is None else fetched.cursor.memory
    return replace(fetched, cursor=replace(fetched.cursor, memory=kept))


async def test_its_validators_go_back_verbatim_until_the_feed_changes(
    reading: Sources, nginx: Nginx, server: Any, now: datetime
) -> None:
    nginx.write("feed.rss", server.rss(server.item("a")), at=1_724_000_000)
    first = await read(reading, nginx.url("/feed.rss"), None, now)
    assert [d.title for d in first.documents] == ["Item a"]
    second = await read(reading, nginx.url("/feed.rss"), first.cursor, now)
    assert second.unchanged
    nginx.write("feed.rss", server.rss(server.item("b"), server.item("a")), at=1_724_000_060)
    third = await read(reading, nginx.url("/feed.rss"), second.cursor, now)
    assert [d.title for d in third.documents] == ["Item b"]
    asked = nginx.asked()
    assert [line[1] for line in asked] == ["200", "304", "200"]
    assert asked[0][2:4] == ["", ""]
    assert asked[1][2:4] == [first.cursor.etag, "Sun, 18 Aug 2024 16:53:20 GMT"]
    assert asked[2][2:4] == asked[1][2:4]
    assert third.cursor.etag != first.cursor.etag
    assert all(line[4:7] == ["", "", USER_AGENT] for line in asked), "no cookies, no referrer"


async def test_a_weak_validator_of_a_compressed_feed_is_good_for_a_304(
    reading: Sources, nginx: Nginx, server: Any, now: datetime
) -> None:
    nginx.write("feed.rss", server.rss(server.item("a"), server.item("b")), at=1_724_000_000)
    first = await read(reading, nginx.url("/packed/feed.rss"), None, now)
    assert len(first.documents) == 2
    assert first.cursor.etag is not None
    assert first.cursor.etag.startswith('W/"'), "it was compressed"
    assert (await read(reading, nginx.url("/packed/feed.rss"), first.cursor, now)).unchanged
    assert [line[1:3] for line in nginx.asked()] == [["200", ""], ["304", first.cursor.etag]]


@pytest.mark.parametrize(("path", "moves"), [("/moved", True), ("/moved-308", True), ("/lent", False)])
async def test_permanent_moves_count_after_three_sightings(
    reading: Sources, nginx: Nginx, server: Any, now: datetime, path: str, *, moves: bool
) -> None:
    nginx.write("feed.rss", server.rss(server.item("a")), at=1_724_000_000)
    cursor = None
    for _ in range(4):
        fetched = await read(reading, nginx.url(path), cursor, now)
        cursor = fetched.cursor
        assert fetched.problems == ()
    target = nginx.url("/feed.rss") if moves else None
    assert cursor is not None
    assert cursor.url == target
    expected = [path, "/feed.rss"] * 3 + (["/feed.rss"] if moves else [path, "/feed.rss"])
    assert [line[0] for line in nginx.asked()] == expected
    assert [line[1] for line in nginx.asked() if line[0] == "/feed.rss"] == ["200", "304", "304", "304"]


async def test_gone_busy_and_down(reading: Sources, nginx: Nginx, server: Any, now: datetime) -> None:
    nginx.write("feed.rss", server.rss(server.item("a")), at=1_724_000_000)
    gone = await read(reading, nginx.url("/gone"), None, now)
    assert gone.cursor.gone
    for path, wait in (("/busy", timedelta(hours=2)), ("/down", timedelta(minutes=90))):
        refused = await read(reading, nginx.url(path), None, now)
        assert refused.cursor.next_poll_at is not None
        assert refused.cursor.next_poll_at >= now + wait
        other = await read(reading, nginx.url("/feed.rss"), None, now + timedelta(minutes=80))
        assert (other.unchanged, other.cursor.errors, other.documents) == (True, 0, ())
        now += timedelta(hours=3)
    assert (await read(reading, nginx.url("/feed.rss"), None, now)).documents
    assert [line[0] for line in nginx.asked()] == ["/gone", "/busy", "/down", "/feed.rss"]


async def test_what_the_site_says_of_freshness_is_believed(
    reading: Sources, nginx: Nginx, server: Any, now: datetime
) -> None:
    nginx.write("feed.rss", server.rss(server.item("a")), at=1_724_000_000)
    cursor = (await read(reading, nginx.url("/fresh"), None, now, interval_s=600)).cursor
    assert cursor.next_poll_at is not None
    assert timedelta(hours=3) <= cursor.next_poll_at - now <= timedelta(hours=3.3)


async def test_a_token_opens_what_is_closed(
    reading: Sources, nginx: Nginx, server: Any, now: datetime
) -> None:
    nginx.write("feed.rss", server.rss(server.item("a")), at=1_724_000_000)
    (problem,) = (await read(reading, nginx.url("/members"), None, now)).problems
    assert "wants a login (401)" in problem.message
    assert "headers" in (problem.remedy or "")
    right = (("Authorization", "Bearer right"),)
    assert len((await read(reading, nginx.url("/members"), None, now, headers=right)).documents) == 1


async def test_a_drip_ends_at_the_deadline_and_a_body_that_breaks_off_is_no_feed(
    reading: Sources, nginx: Nginx, server: Any, now: datetime
) -> None:
    nginx.write("long.rss", server.rss(*(server.item(str(n)) for n in range(200))), at=1_724_000_000)
    started = asyncio.get_running_loop().time()
    (problem,) = (await read(reading, nginx.url("/drip"), None, now)).problems
    assert problem.message == "no complete answer within 3 seconds"
    assert asyncio.get_running_loop().time() - started < 6

    async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        raw = server.rss(server.item("a"), server.item("b"))
        writer.write(server.head(200, Transfer_Encoding="chunked") + b"%x\r\n" % len(raw) + raw[:-200])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(breaks_off, "127.0.0.1", nginx.behind):
        (problem,) = (await read(reading, nginx.url("/behind/x"), None, now)).problems
    assert problem.message == "the answer was cut short"


async def test_tls_is_verified(
    reading: Sources, nginx: Nginx, server: Any, now: datetime, tmp_path: Path
) -> None:
    nginx.write("feed.rss", server.rss(server.item("a")), at=1_724_000_000)
    url = f"https://localhost:{nginx.tls_port}/feed.rss"
    assert len((await read(reading, url, None, now)).documents) == 1
    other_name = (await read(reading, url.replace("localhost", "127.0.0.1"), None, now)).problems[0].message
    assert "TLS certificate is not valid" in other_name
    async with Sources(base_dir=tmp_path, http=HttpClient(timeout_s=3.0)) as distrusting:
        (problem,) = (await read(distrusting, url, None, now)).problems
    assert "TLS certificate is not valid" in problem.message
    assert [line[1] for line in nginx.asked()] == ["200"]


async def test_many_feeds_of_one_server_one_at_a_time(
    reading: Sources, nginx: Nginx, server: Any, now: datetime
) -> None:
    for n in range(60):
        nginx.write(f"{n}.rss", server.rss(server.item(f"g{n}")), at=1_724_000_000 + n)
    urls = [nginx.url(f"/{n}.rss") for n in range(60)]
    fetched = await asyncio.gather(*(read(reading, url, None, now) for url in urls))
    again = await asyncio.gather(
        *(read(reading, url, one.cursor, now) for url, one in zip(urls, fetched, strict=True))
    )
    assert [len(one.documents) for one in fetched] == [1] * 60
    assert all(one.unchanged for one in again)
