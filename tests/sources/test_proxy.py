"""Reading through a proxy, which is used where it is configured and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from monitor.core.errors import BlockedAddressError, SourceError
from monitor.sources.guard import RefusedAddress, refuse_literal
from monitor.sources.http import HttpClient


@pytest.fixture
async def proxy(server: Any) -> AsyncIterator[tuple[str, list[str]]]:
    """A forward proxy that sends every name to the test's server; gives its address and the lines it was sent."""
    lines: list[str] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines.append(head.split(b"\r\n", 1)[0].decode())
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        else:
            there, back = await asyncio.open_connection("127.0.0.1", server.port)
            path = head.split()[1].split(b"/", 3)[3]
            back.write(head.replace(head.split()[1], b"/" + path, 1))
            writer.write(await there.read())
            back.close()
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(forward, "127.0.0.1", 0) as running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}", lines


async def test_all_goes_through_it_also_what_it_redirects_to(
    server: Any, proxy: tuple[str, list[str]], now: datetime
) -> None:
    address, lines = proxy
    server.gives("/rss", b"ok")
    server.gives("/old", b"", status=301, Location="http://other.example/rss")
    async with HttpClient(timeout_s=3, proxy=address) as http:
        assert (await http.get("http://wire.example/old", now=now)).body == b"ok"
    assert lines == ["GET http://wire.example/old HTTP/1.1", "GET http://other.example/rss HTTP/1.1"]


async def test_what_is_written_as_a_private_address_is_refused_all_the_same(
    server: Any, proxy: tuple[str, list[str]], now: datetime
) -> None:
    address, lines = proxy
    server.gives("/go", b"", status=302, Location="http://169.254.169.254/latest/meta-data")
    async with HttpClient(timeout_s=3, proxy=address) as http:
        with pytest.raises(BlockedAddressError, match="link-local"):
            await http.get("http://wire.example/go", now=now)
        with pytest.raises(BlockedAddressError, match="loopback"):
            await http.get(server.url("/secret"), now=now)
        server.gives("/own", b"ok")
        own = await http.get(server.url("/own"), now=now, allow_private=True)
    assert own.body == b"ok"
    assert len(lines) == 2


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "::1", "[::1]", "10.1.2.3", "127.1", "2130706433", "0x7f.1", "localhost", "a.localhost."],
)
def test_an_address_in_any_writing(host: str) -> None:
    with pytest.raises(RefusedAddress):
        refuse_literal(host)


@pytest.mark.parametrize("host", ["wire.example", "93.184.216.34", "2606:4700::1111", "10.example", "cafe"])
def test_public_addresses_and_names_pass(host: str) -> None:
    refuse_literal(host)


async def test_a_proxy_that_is_not_there_or_refuses_is_told_as_such(
    proxy: tuple[str, list[str]], now: datetime
) -> None:
    for address, url in (("http://127.0.0.1:1", "http://wire.example/"), (proxy[0], "https://wire.example/")):
        async with HttpClient(timeout_s=3, proxy=address) as http:
            with pytest.raises(SourceError, match=r"the proxy cannot be reached or refuses \(check `proxy`"):
                await http.get(url, now=now)
