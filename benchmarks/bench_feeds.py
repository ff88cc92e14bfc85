"""Measures reading: unchanged polls a second against bare aiohttp, CPU of a changed feed, and mutated feeds.

    python benchmarks/bench_feeds.py [--polls 2000] [--mutants 2000]

One machine, a server in a process of its own on loopback, no database. Prints one line a measure.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import socket
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.core.errors import ParseError
from monitor.core.model import SourceCursor, SourceSpec
from monitor.sources import Sources
from monitor.sources.feedparse import parse_feed
from monitor.sources.http import HttpClient

NOW = datetime(2024, 9, 1, tzinfo=UTC)
CORPUS = Path(__file__).parent.parent / "tests" / "sources" / "corpus"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nConnection: close\r\n\r\n')
    await writer.drain()
    writer.close()


def _serve(pipe: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=4096)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


class Loopback(AbstractResolver):
    """Every name is this machine, so that each feed has a host of its own (one request a host at a time)."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp names it
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


async def bare(urls: list[str]) -> float:
    """Return polls a second of aiohttp alone."""
    gate = asyncio.Semaphore(100)
    connector = aiohttp.TCPConnector(force_close=True, resolver=Loopback(), use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(url: str) -> None:
            async with gate, session.get(url, headers={"If-None-Match": '"x"'}) as answer:
                assert answer.status == 304

        started = time.perf_counter()
        await asyncio.gather(*(one(url) for url in urls))
        return len(urls) / (time.perf_counter() - started)


async def ours(urls: list[str]) -> float:
    """Return polls a second through `Sources.fetch`."""
    gate = asyncio.Semaphore(100)
    async with Sources(base_dir=Path(), http=HttpClient(resolver=Loopback())) as sources:

        async def one(url: str) -> None:
            spec = SourceSpec(id=url, type="feed", location=url, allow_private=True)
            async with gate:
                fetched = await sources.fetch(spec, SourceCursor(source_id=url, etag='"x"'), now=NOW)
            assert fetched.unchanged, fetched.problems

        started = time.perf_counter()
        await asyncio.gather(*(one(url) for url in urls))
        return len(urls) / (time.perf_counter() - started)


def polls(count: int) -> None:
    """Print the speed of unchanged polls."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    try:
        port = here.recv()
        urls = [f"http://feed{n}.test:{port}/feed" for n in range(count)]
        alone, with_us = asyncio.run(bare(urls)), asyncio.run(ours(urls))
    finally:
        server.terminate()
        server.join()
    print(f"unchanged polls: {with_us:,.0f}/s; bare aiohttp {alone:,.0f}/s; ratio {with_us / alone:.2f}")


def changed(rounds: int = 20) -> None:
    """Print the CPU time of parsing a feed of 100 items (about 95 kB)."""
    text = "The council published its count again. " * 20
    items = "".join(
        f"<item><guid>g{n}</guid><title>Item {n}</title><link>https://wire.example/{n}</link>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;</description>"
        "<pubDate>Thu, 22 Aug 2024 10:00:00 GMT</pubDate></item>"
        for n in range(100)
    )
    raw = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    parse_feed(raw, url="https://wire.example/")
    started = time.process_time()
    for _ in range(rounds):
        parse_feed(raw, url="https://wire.example/")
    spent = (time.process_time() - started) / rounds
    print(f"changed feed of 100 items, {len(raw):,} bytes: {spent * 1000:.1f} ms of CPU")


def mutants(count: int) -> None:
    """Print how many mutated feeds were read and refused; anything but a ParseError stops the run."""
    chance = random.Random(7)
    seeds = [path.read_bytes() for path in sorted(CORPUS.glob("*.feed"))]
    read = 0
    slowest = 0.0
    for _ in range(count):
        raw = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 8)):
            start = chance.randrange(len(raw) + 1)
            raw[start : start + chance.choice([0, 1, 5, 40])] = chance.choice(
                [b"", b"<", b"&", b"\0", b"\xff", b"]]>"]
            )
        started = time.perf_counter()
        try:
            parse_feed(bytes(raw), url="https://wire.example/")
            read += 1
        except ParseError:
            pass
        slowest = max(slowest, time.perf_counter() - started)
    print(f"mutants: {count:,}, read {read:,}, refused {count - read:,}, slowest {slowest * 1000:.0f} ms")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--polls", type=int, default=2000)
    arguments.add_argument("--mutants", type=int, default=2000)
    options = arguments.parse_args()
    polls(options.polls)
    changed()
    mutants(options.mutants)


if __name__ == "__main__":
    main()
