"""The HTTP client and the feed reader against a server that does what servers in the wild do."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.core.errors import BlockedAddressError, SourceError
from monitor.sources import Sources
from monitor.sources.http import HttpClient, HttpError
from monitor.sources.inflate import read_body


class Names(AbstractResolver):
    """A twin of DNS: each look-up of any name gives the next address."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        address = self.addresses[min(self.asked, len(self.addresses) - 1)]
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


async def only_problem(sources: Sources, spec: Any, server: Any, now: datetime) -> str:
    fetched = await sources.fetch(spec, server.cursor(), now=now)
    assert fetched.documents == ()
    assert fetched.cursor.errors == 1
    assert fetched.cursor.etag is None
    (problem,) = fetched.problems
    return problem.message


async def test_a_slow_drip_ends_at_the_deadline(sources: Sources, server: Any, now: datetime) -> None:
    async def drip(asked: Any, out: asyncio.StreamWriter) -> None:
        out.write(server.head(200))
        for _ in range(200):
            out.write(b" ")
            await out.drain()
            await asyncio.sleep(0.05)

    server.paths["/drip"] = drip
    started = asyncio.get_running_loop().time()
    message = await only_problem(sources, server.spec("/drip"), server, now)
    assert message == "no complete answer within 2 seconds"
    assert asyncio.get_running_loop().time() - started < 4


async def test_silence_ends_at_the_deadline(sources: Sources, server: Any, now: datetime) -> None:
    async def silent(asked: Any, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    server.paths["/silent"] = silent
    assert "no complete answer" in await only_problem(sources, server.spec("/silent"), server, now)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate", "identity"])
async def test_compressed_bodies_are_inflated(
    sources: Sources, server: Any, now: datetime, coding: str
) -> None:
    raw = server.rss(server.item("a"))
    body = {"gzip": gzip.compress, "deflate": zlib.compress, "raw deflate": _raw_deflate}.get(coding, bytes)(
        raw
    )
    server.gives("/rss", body, Content_Encoding=coding.rsplit(maxsplit=1)[-1])
    fetched = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    assert [d.title for d in fetched.documents] == ["Item a"]


def _raw_deflate(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush()


async def test_a_bomb_is_stopped_while_inflating() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    taken = 0

    async def chunks() -> Any:
        nonlocal taken
        for start in range(0, len(bomb), 4096):
            taken += 1
            yield bomb[start : start + 4096]

    with pytest.raises(SourceError, match="larger than 1 MiB"):
        await read_body(chunks(), coding="gzip", cap=2**20, place="x")
    assert taken < 4  # it did not inflate the rest


async def test_bombs_and_endless_bodies_over_the_wire(sources: Sources, server: Any, now: datetime) -> None:
    async def endless(asked: Any, out: asyncio.StreamWriter) -> None:
        out.write(server.head(200))
        while True:
            out.write(b"x" * 65536)
            await out.drain()

    server.gives("/bomb", gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")
    server.paths["/endless"] = endless
    for path in ("/bomb", "/endless"):
        assert "larger than" in await only_problem(sources, server.spec(path), server, now)


async def test_a_short_body_is_never_taken_as_complete(sources: Sources, server: Any, now: datetime) -> None:
    raw = server.rss(server.item("a"), server.item("b"))
    half, packed = raw[: len(raw) // 2], gzip.compress(raw)
    shorts = {
        "/length": server.head(200, Content_Length=str(len(raw))) + half,
        "/chunked": server.head(200, Transfer_Encoding="chunked") + b"%x\r\n%s\r\n" % (len(half), half),
        "/closed": server.head(200) + half,
        "/gzip": server.head(200, Content_Encoding="gzip") + packed[:-20],
    }
    for path, answer in shorts.items():

        async def short(asked: Any, out: asyncio.StreamWriter, answer: bytes = answer) -> None:
            out.write(answer)

        server.paths[path] = short
        assert await only_problem(sources, server.spec(path), server, now) == "the answer was cut short", path


@pytest.mark.parametrize(
    "answer", [b"", b"\0\1\2\3", b"HTTP/1.1 200\r\nContent-Length: x\r\n\r\nx", b"SSH-2.0-x\r\n"]
)
async def test_what_is_not_http_is_one_clear_problem(
    sources: Sources, server: Any, now: datetime, answer: bytes
) -> None:
    async def talk(asked: Any, out: asyncio.StreamWriter) -> None:
        out.write(answer)

    server.paths["/odd"] = talk
    assert await only_problem(sources, server.spec("/odd"), server, now)


async def test_refused_connections_unknown_hosts_and_odd_addresses(
    sources: Sources, server: Any, now: datetime
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert "cannot be reached" in await only_problem(
            sources, server.spec("", location=closed), server, now
        )
    for location in ("http://", "http://[::1", "http://a b/", "https://:99999/", "http://0x7f.1/"):
        assert await only_problem(sources, server.spec("", location=location), server, now)


async def test_private_addresses_are_refused_directly_and_behind_a_redirect(
    server: Any, now: datetime, tmp_path: Path
) -> None:
    server.gives("/secret", b"the secret")
    async with Sources(base_dir=tmp_path) as guarded:
        for host in ("127.0.0.1", "localhost"):
            spec = server.spec("", location=server.url("/secret", host), allow_private=False)
            message = await only_problem(guarded, spec, server, now)
            assert "127.0.0.1 is a loopback address" in message
    assert server.asked == []


async def test_a_public_site_may_not_redirect_into_the_private_network(server: Any, now: datetime) -> None:
    # The first look-up is answered by the test's own server, which stands for a public site.
    http = HttpClient(timeout_s=2)
    server.gives("/secret", b"the secret")
    server.gives("/go", b"", status=302, Location=server.url("/secret"))
    original = http._one

    async def first_hop_is_public(url: Any, headers: Any, *, now: datetime, allow_private: bool) -> Any:
        return await original(url, headers, now=now, allow_private=url.path == "/go")

    http._one = first_hop_is_public  # type: ignore[method-assign]
    async with http:
        with pytest.raises(BlockedAddressError, match="loopback"):
            await http.get(server.url("/go"), now=now)
    assert [a.path for a in server.asked] == ["/go"]


async def test_a_name_that_resolves_anew_cannot_slip_by(server: Any, now: datetime) -> None:
    names = Names("93.184.216.34", "127.0.0.1")
    await names.resolve("rebind.example")  # what a check before the request would have seen
    async with HttpClient(timeout_s=2, resolver=names) as http:
        with pytest.raises(BlockedAddressError, match=r"127\.0\.0\.1 is a loopback address"):
            await http.get(server.url("/", "rebind.example"), now=now)
    assert names.asked == 2
    assert server.asked == []


async def test_redirects_to_no_web_address_and_in_circles(
    sources: Sources, server: Any, now: datetime
) -> None:
    for number, target in enumerate(("file:///etc/passwd", "javascript:x", "", "ftp://x/")):
        server.gives(f"/{number}", b"", status=302, Location=target)
        message = await only_problem(sources, server.spec(f"/{number}"), server, now)
        assert message == "it redirects to no web address"
    server.gives("/circle", b"", status=302, Location="/circle")
    assert "more than 5 redirects" in await only_problem(sources, server.spec("/circle"), server, now)


async def test_a_token_does_not_follow_a_redirect_to_another_origin(
    sources: Sources, server: Any, now: datetime
) -> None:
    server.gives("/rss", server.rss(server.item("a")))
    server.gives("/here", b"", status=302, Location="/rss")
    server.gives("/there", b"", status=302, Location=server.url("/rss", "localhost"))
    headers = (("Authorization", "Bearer x"),)
    for path in ("/here", "/there"):
        fetched = await sources.fetch(server.spec(path, headers=headers), server.cursor(), now=now)
        assert fetched.problems == ()
    assert [a.headers.get("authorization") for a in server.asked] == [
        "Bearer x",
        "Bearer x",
        "Bearer x",
        None,
    ]


async def test_a_permanent_move_counts_after_three_sightings_and_falls_back(
    sources: Sources, server: Any, now: datetime
) -> None:
    server.gives("/new", server.rss(server.item("a")))
    server.gives("/old", b"", status=301, Location="/new")
    cursor, spec = server.cursor(), server.spec("/old")
    for _ in range(3):
        assert cursor.url is None
        cursor = (await sources.fetch(spec, cursor, now=now)).cursor
    assert cursor.url == server.url("/new")
    server.asked.clear()
    cursor = (await sources.fetch(spec, cursor, now=now)).cursor
    assert [a.path for a in server.asked] == ["/new"]
    del server.paths["/new"]
    cursor = (await sources.fetch(spec, cursor, now=now)).cursor
    assert cursor.url is None  # next time the configured address is asked again


async def test_a_move_counts_also_where_the_new_place_has_nothing_new(
    sources: Sources, server: Any, now: datetime
) -> None:
    server.gives("/new", server.rss(server.item("a")), ETag='"1"')
    server.gives("/old", b"", status=308, Location="/new")
    cursor = (await sources.fetch(server.spec("/old"), server.cursor(), now=now)).cursor
    server.gives("/new", b"", status=304)
    for _ in range(2):
        assert cursor.url is None
        cursor = (await sources.fetch(server.spec("/old"), cursor, now=now)).cursor
    assert cursor.url == server.url("/new")


async def test_redirects_to_ever_other_places_never_rewrite(
    sources: Sources, server: Any, now: datetime
) -> None:
    cursor = server.cursor()
    for n in range(6):
        server.gives(f"/new{n % 2}", server.rss(server.item("a")))
        server.gives("/old", b"", status=301, Location=f"/new{n % 2}")
        cursor = (await sources.fetch(server.spec("/old"), cursor, now=now)).cursor
    assert cursor.url is None


async def test_a_temporary_redirect_never_rewrites(sources: Sources, server: Any, now: datetime) -> None:
    server.gives("/new", server.rss(server.item("a")))
    server.gives("/old", b"", status=302, Location="/new")
    cursor = server.cursor()
    for _ in range(5):
        cursor = (await sources.fetch(server.spec("/old"), cursor, now=now)).cursor
    assert cursor.url is None


async def test_gone_is_told_and_looked_at_once_a_month(sources: Sources, server: Any, now: datetime) -> None:
    server.gives("/rss", b"", status=410)
    fetched = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    assert fetched.cursor.gone
    assert fetched.cursor.next_poll_at >= now + timedelta(days=30)
    assert "gone for good" in fetched.problems[0].message
    server.gives("/rss", server.rss(server.item("a")))
    assert not (await sources.fetch(server.spec("/rss"), fetched.cursor, now=now)).cursor.gone


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_lets_the_whole_host_rest(
    sources: Sources, server: Any, now: datetime, status: int
) -> None:
    server.gives("/one", b"", status=status, Retry_After="7200")
    server.gives("/two", server.rss(server.item("a")))
    one = await sources.fetch(server.spec("/one"), server.cursor(), now=now)
    assert one.cursor.next_poll_at >= now + timedelta(hours=2)
    two = await sources.fetch(server.spec("/two"), server.cursor(), now=now + timedelta(minutes=5))
    assert [a.path for a in server.asked] == ["/one"]
    assert two.cursor.next_poll_at >= now + timedelta(hours=2)
    assert two.cursor.errors == 0
    later = await sources.fetch(server.spec("/two"), two.cursor, now=now + timedelta(hours=2, minutes=1))
    assert len(later.documents) == 1


async def test_errors_back_off_and_recover(sources: Sources, server: Any, now: datetime) -> None:
    cursor, waits = server.cursor(), []
    for _ in range(12):
        cursor = (await sources.fetch(server.spec("/none"), cursor, now=now)).cursor
        waits.append(cursor.next_poll_at - now)
    assert waits == sorted(waits)
    assert timedelta(days=7) <= waits[-1] <= timedelta(days=7.7)
    server.gives("/none", server.rss(server.item("a")))
    cursor = (await sources.fetch(server.spec("/none"), cursor, now=now)).cursor
    assert (cursor.errors, cursor.last_error) == (0, None)


async def test_one_request_a_host_at_a_time(sources: Sources, server: Any, now: datetime) -> None:
    running = most = 0

    async def slow(asked: Any, out: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        body = server.rss(server.item("a"))
        out.write(server.head(200, Content_Length=str(len(body))) + body)

    for number in range(4):
        server.paths[f"/{number}"] = slow
    fetches = (sources.fetch(server.spec(f"/{n}"), server.cursor(), now=now) for n in range(4))
    assert all(f.documents for f in await asyncio.gather(*fetches))
    assert most == 1
    assert sources._http._locks == {}


async def test_the_environments_proxy_is_not_used(
    sources: Sources, server: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    server.gives("/rss", server.rss(server.item("a")))
    assert (await sources.fetch(server.spec("/rss"), server.cursor(), now=now)).problems == ()


async def test_an_untrusted_certificate_is_refused_and_a_trusted_one_taken(now: datetime) -> None:
    authority = trustme.CA()
    certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=certificate)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with server:
        async with HttpClient(timeout_s=5) as http:
            with pytest.raises(SourceError, match="certificate is not valid"):
                await http.get(url, now=now, allow_private=True)
        async with HttpClient(timeout_s=5, tls=trusting) as http:
            assert (await http.get(url, now=now, allow_private=True)).body == b"ok"


async def test_other_statuses_say_what_to_do(sources: Sources, server: Any, now: datetime) -> None:
    async with HttpClient(timeout_s=2) as http:
        for status in (400, 401, 403, 404, 500, 204, 206):
            server.gives("/x", b"", status=status)
            with pytest.raises(HttpError, match=r".+ \(.+\)") as caught:
                await http.get(server.url("/x"), now=now, allow_private=True)
            assert caught.value.status == status
            assert caught.value.remedy
