"""Measures reading: unchanged polls with their database, a changed feed, scheduling, memory, and mutated feeds.

    python benchmarks/bench_feeds.py [--polls 2000] [--feeds 10000] [--mutants 100000]

One machine, a server in a process of its own on loopback. Speeds are of one core: work divided by the CPU time of
this process. Each figure stands beside a floor or a peer of the same run; polls are measured in pairs with bare
aiohttp, the best of three of each, because other work on the machine only ever slows. Prints one line a measure.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import resource
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.bootstrap.loop import run
from monitor.core.errors import ParseError
from monitor.core.model import EventSpec, SourceCursor, SourceSpec
from monitor.core.policy import Policy
from monitor.core.ports import Store
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.ingest import Ingest
from monitor.polling import Poller
from monitor.sources import Sources
from monitor.sources.delta import parse_new
from monitor.sources.feedparse import parse_feed
from monitor.sources.http import HttpClient
from monitor.store import migrate, open_store

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.sources.mutants import mutant

NOW = datetime(2024, 9, 1, tzinfo=UTC)
CORPUS = Path(__file__).parent.parent / "tests" / "sources" / "corpus"
SLOW_S = 2.0
PAIRS = 3


class Answers(asyncio.Protocol):
    """Answers 304; 5 % of the feeds after two seconds, 2 % with an error, where the path says so."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.head = b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        if not self.head.endswith(b"\r\n\r\n"):
            return
        path = self.head.split(b" ", 2)[1]
        if path.startswith(b"/slow"):
            asyncio.get_running_loop().call_later(SLOW_S, self.answer, b"304 Not Modified")
        else:
            self.answer(b"500 Broken" if path.startswith(b"/broken") else b"304 Not Modified")

    def answer(self, status: bytes) -> None:
        self.transport.write(
            b'HTTP/1.1 %s\r\nETag: "x"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' % status
        )
        self.transport.close()


def _serve(pipe: Connection, certificate: tuple[bytes, bytes] | None) -> None:
    async def main() -> None:
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"".join(certificate))
                file.flush()
                context.load_cert_chain(file.name)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Answers, "127.0.0.1", 0, backlog=4096, ssl=context)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    run(main())


@contextmanager
def server(certificate: tuple[bytes, bytes] | None = None) -> Iterator[int]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(there, certificate), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


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


class Silent:
    """A log that nobody reads."""

    def info(self, event: str, **fields: Any) -> None:
        pass

    warning = info


class Nothing:
    def read(self, document: Any) -> tuple[()]:  # noqa: ARG002
        return ()


def poller(store: Store, specs: list[SourceSpec], sources: Sources) -> Poller:
    ingest = Ingest(
        store=store,
        reader=Nothing(),
        fingerprinter=MinHashFingerprinter(),
        events=(EventSpec(id="all", name="All"),),
        policy=Policy(kinds={}),
        router=lambda *_: (),
    )
    return Poller(
        store=store,
        sources=specs,
        reader=sources,
        ingest=ingest,
        clock=lambda: NOW,
        log=Silent(),
        writer=ThreadPoolExecutor(1),
    )


async def bare(urls: list[str], tls: ssl.SSLContext | None) -> float:
    """Return the CPU seconds of aiohttp alone."""
    gate = asyncio.Semaphore(100)
    connector = aiohttp.TCPConnector(
        force_close=True, resolver=Loopback(), use_dns_cache=False, ssl=tls or True
    )
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(url: str) -> None:
            async with gate, session.get(url, headers={"If-None-Match": '"x"'}) as answer:
                await answer.read()

        started = time.process_time()
        await asyncio.gather(*(one(url) for url in urls))
        return time.process_time() - started


async def ours(urls: list[str], tls: ssl.SSLContext | None, folder: Path) -> float:
    """Return the CPU seconds of polling with all that belongs to it, from the tick to the stored cursors."""
    store = open_store(state(Path(tempfile.mkdtemp(dir=folder)) / "polls.db"))
    specs = [
        SourceSpec(id=f"s{n}", type="feed", location=url, allow_private=True) for n, url in enumerate(urls)
    ]
    fill(store, specs)
    async with Sources(base_dir=Path(), http=HttpClient(resolver=Loopback(), tls=tls)) as sources:
        reading = poller(store, specs, sources)
        started = time.process_time()
        await reading.poll()
        while reading._busy:  # noqa: ASYNC110 - a source is busy until its cursor is stored
            await asyncio.sleep(0.1)
        await reading.drain()
        spent = time.process_time() - started
    with store.read() as view:
        assert sum(c.last_success_at == NOW for c in view.cursors()) >= len(urls) * 0.9
    store.close()
    return spent


def state(path: Path) -> str:
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    return url


def fill(store: Store, specs: list[SourceSpec]) -> None:
    """Store that all were read before, held 100 items, and are due."""
    with store.begin() as tx:
        tx.save_cursors(
            [
                SourceCursor(source_id=s.id, etag='"x"', next_poll_at=NOW, memory=random.randbytes(4000))
                for s in specs
            ]
        )


def polls(count: int, folder: Path) -> None:
    """Print the speed of unchanged polls on new connections, plain and with TLS."""
    authority = trustme.CA()
    own = authority.issue_cert("*.wire.test")
    pair = (own.private_key_pem.bytes(), b"".join(c.bytes() for c in own.cert_chain_pems))
    client = ssl.create_default_context()
    authority.configure_trust(client)
    for name, certificate, tls, goal in (("plain", None, None, 2500), ("TLS", pair, client, 700)):
        with server(certificate) as port:
            kinds = ["slow"] * (count // 20) + ["broken"] * (count // 50)
            kinds += ["feed"] * (count - len(kinds))
            random.Random(3).shuffle(kinds)
            scheme = "https" if tls else "http"
            urls = [f"{scheme}://feed{n}.wire.test:{port}/{kind}" for n, kind in enumerate(kinds)]
            run(ours(urls[:100], tls, folder))  # what is loaded and compiled once is no cost of a poll
            pairs = [(run(bare(urls, tls)), run(ours(urls, tls, folder))) for _ in range(PAIRS)]
        alone, with_us = (min(column) for column in zip(*pairs, strict=True))
        print(
            f"unchanged polls, {name}, new connections, with the database: {count / with_us:,.0f}/s and core"
            f" (goal {goal:,}); bare aiohttp {count / alone:,.0f}; ratio {alone / with_us:.2f}"
        )


def scheduling(feeds: int, folder: Path) -> None:
    """Print what choosing and storing cost a due feed, without the network."""
    store = open_store(state(folder / "schedule.db"))
    specs = [SourceSpec(id=f"s{n}", type="feed", location=f"https://h{n}.test/") for n in range(feeds)]
    fill(store, specs)

    async def main() -> float:
        async with Sources(base_dir=Path()) as sources:
            reading = poller(store, specs, sources)
            reading._start = lambda: None  # type: ignore[method-assign]
            await reading.poll()
            reading._send_away()
            started = time.process_time()
            await reading.poll()
            spent = time.process_time() - started
            assert len(list(reading._lanes)) == feeds
            return spent

    spent = run(main())
    with store.read() as view:
        started = time.process_time()
        cursors = list(view.cursors_of([s.id for s in specs]).values())
        reading_s = time.process_time() - started
    started = time.process_time()
    with store.begin() as tx:
        tx.save_cursors(cursors)
    storing_s = time.process_time() - started
    store.close()
    print(
        f"scheduling: {spent / feeds * 1e6:.1f} µs a due feed (goal 15); its cursor is read in "
        f"{reading_s / feeds * 1e6:.0f} µs and stored in {storing_s / feeds * 1e6:.0f} µs"
    )


def memory(feeds: int, folder: str) -> None:
    """Print the memory of a process that holds and polls many feeds. Runs in a process of its own."""
    with server() as port:
        store = open_store(state(Path(folder) / "memory.db"))
        specs = [
            SourceSpec(id=f"s{n}", type="feed", location=f"http://h{n}.test:{port}/feed", allow_private=True)
            for n in range(feeds)
        ]
        for at in range(0, feeds, 500):
            fill(store, specs[at : at + 500])

        async def main() -> None:
            async with Sources(base_dir=Path(), http=HttpClient(resolver=Loopback())) as sources:
                reading = poller(store, specs, sources)
                await reading.poll()
                while reading._busy:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
                await reading.drain()

        run(main())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory: {feeds:,} feeds polled, at most {peak:,.0f} MiB (goal 300)")


def changed(rounds: int = 20) -> None:
    """Print the CPU time of a feed of 100 items (about 95 kB) of which five are new."""
    text = "The council published its count again. " * 20
    items = "".join(
        f"<item><guid>g{n}</guid><title>Item {n}</title><link>https://wire.example/{n}</link>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;</description>"
        "<pubDate>Thu, 22 Aug 2024 10:00:00 GMT</pubDate></item>"
        for n in range(100)
    )
    raw = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    known = set(parse_new(raw, url="https://wire.example/")["marks"][5:])
    took = {}
    for name, work in (
        ("ours", lambda: parse_new(raw, url="https://wire.example/", known=known)),
        ("whole", lambda: parse_feed(raw, url="https://wire.example/")),
    ):
        work()
        started = time.process_time()
        for _ in range(rounds):
            work()
        took[name] = (time.process_time() - started) / rounds * 1000
    print(
        f"changed feed of 100 items, 5 new, {len(raw):,} bytes: {took['ours']:.1f} ms of CPU (goal 10); "
        f"feedparser on all {took['whole']:.1f} ms; ratio {took['whole'] / took['ours']:.1f}"
    )


def mutants(count: int) -> None:
    """Print how many mutated feeds were read and refused; anything but a ParseError stops the run."""
    chance = random.Random(7)
    seeds = [path.read_bytes() for path in sorted(CORPUS.glob("*.feed"))]
    read, slowest = 0, 0.0
    for _ in range(count):
        raw = mutant(chance.choice(seeds), chance)
        started = time.perf_counter()
        try:
            feed = parse_new(raw, url="https://wire.example/")
            known = set(feed["marks"][::2])
            parse_new(raw, url="https://wire.example/", known=known)
            read += 1
        except ParseError:
            pass
        slowest = max(slowest, time.perf_counter() - started)
    print(f"mutants: {count:,}, read {read:,}, refused {count - read:,}, slowest {slowest * 1000:.0f} ms")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--polls", type=int, default=2000)
    arguments.add_argument("--feeds", type=int, default=10_000)
    arguments.add_argument("--mutants", type=int, default=100_000)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        changed()
        polls(options.polls, Path(folder))
        scheduling(options.feeds, Path(folder))
        process = multiprocessing.get_context("spawn").Process(target=memory, args=(options.feeds, folder))
        process.start()
        process.join()
        mutants(options.mutants)


if __name__ == "__main__":
    main()
