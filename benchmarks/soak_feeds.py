"""Watches the memory of `monitor run` on many local feeds, each of a host of its own, read every minute.

    python benchmarks/soak_feeds.py [--feeds 2000] [--minutes 10]

The server is this process, on loopback addresses (127.0.0.0/8). Most polls are answered 304; one in fifty brings a
new item, which is read (by the lexicon) and stored. Prints the resident memory of the daemon and of its parser
processes every half minute; ends with 1 where the last third of the time needs over 5 % more than the third before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import signal
import socket
import sys
import tempfile
import time
from email.utils import formatdate
from pathlib import Path
from typing import ClassVar

SAMPLE_S = 30
ALLOWED_GROWTH = 1.05
CHANGES = 0.02
ITEM = (
    "<item><guid>{host}-{n}</guid><title>Arrest {n} in the town of {host}</title>"
    "<description>Police in Caracas arrested the union leader {name} on Tuesday. The government said that {count} "
    "people were detained during protests against the result.</description><pubDate>{date}</pubDate></item>"
)
NAMES = ("Ramona", "Luis", "Elena", "Pedro", "Carmen", "Julio", "Marta", "Diego", "Rosa", "Iván")
SURNAMES = ("Quintero", "Salas", "Mora", "Ferrer", "Luna", "Pardo", "Rivas", "Soto", "Vega", "Zamora")


class Feeds(asyncio.Protocol):
    """Answers each host's feed: its newest ten items, or 304."""

    items: ClassVar[dict[str, int]] = {}
    served: ClassVar[dict[str, int]] = {"304": 0, "200": 0}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.head = b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        if not self.head.endswith(b"\r\n\r\n"):
            return
        host = self.transport.get_extra_info("sockname")[0]
        chance = random.random()
        if host not in self.items or chance < CHANGES:
            self.items[host] = self.items.get(host, 1) + 1
        tag = f'"{self.items[host]}"'
        if f"If-None-Match: {tag}".encode() in self.head:
            self.served["304"] += 1
            answer = (
                f"HTTP/1.1 304 X\r\nETag: {tag}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
        else:
            self.served["200"] += 1
            body = feed(host, self.items[host])
            answer = (
                f"HTTP/1.1 200 X\r\nETag: {tag}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            ).encode() + body
        self.transport.write(answer)
        self.transport.close()


def feed(host: str, count: int) -> bytes:
    items = []
    for n in range(count, max(0, count - 10), -1):
        chance = random.Random(f"{host} {n}")
        items.append(
            ITEM.format(
                host=host,
                n=n,
                name=f"{chance.choice(NAMES)} {chance.choice(SURNAMES)}",
                count=chance.randint(3, 900),
                date=formatdate(time.time() - 60 * (count - n)),
            )
        )
    return f"<rss version='2.0'><channel><title>{host}</title>{''.join(items)}</channel></rss>".encode()


def configure(folder: Path, hosts: list[str], port: int) -> None:
    """Write a configuration; JSON is YAML, too."""
    sources = [
        {"id": f"s{n}", "feed": f"http://{host}:{port}/rss", "every": "1m", "allow_private": True}
        for n, host in enumerate(hosts)
    ]
    values = {
        "database": "sqlite:///monitor.db",
        "reader": "lexical",
        "events": [{"id": "venezuela", "name": "Venezuela", "countries": ["VEN"]}],
        "sources": sources,
    }
    (folder / "config.yaml").write_text(json.dumps(values), "utf-8")


def resident(pid: int) -> dict[str, float]:
    """Return MiB of a process and of its children together."""
    own, children = 0.0, 0.0
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            status = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        size = int(status.get("VmRSS", "0").split()[0]) / 1024
        if int(status["Pid"]) == pid:
            own = size
        elif int(status["PPid"]) == pid:
            children += size
    return {"daemon": own, "parsers": children}


async def watch(folder: Path, hosts: list[str], minutes: float) -> int:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Feeds, hosts, 0 if len(hosts) == 1 else free_port(), backlog=64)
    configure(folder, hosts, server.sockets[0].getsockname()[1])
    log = (folder / "log").open("w")
    daemon = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "run", "--migrate"), cwd=folder, stderr=log, stdout=log
    )
    samples: list[float] = []
    try:
        for at in range(int(minutes * 60 / SAMPLE_S)):
            await asyncio.sleep(SAMPLE_S)
            if daemon.returncode is not None:
                print((folder / "log").read_text()[-2000:])
                return 1
            now = resident(daemon.pid)
            samples.append(now["daemon"])
            print(
                f"{(at + 1) * SAMPLE_S / 60:4.1f} min: daemon {now['daemon']:.0f} MiB, parsers {now['parsers']:.0f} MiB; "
                f"{Feeds.served['304']:,} polls unchanged, {Feeds.served['200']:,} changed",
                flush=True,
            )
    finally:
        if daemon.returncode is None:
            daemon.send_signal(signal.SIGTERM)
        await daemon.wait()
        server.close()
    return judge(samples)


def judge(samples: list[float]) -> int:
    """Print by how much memory grew over the last third, and return the exit code."""
    third = len(samples) // 3
    before, last = max(samples[third : 2 * third]), max(samples[2 * third :])
    print(f"memory: at most {before:.0f} MiB in the second third of the time, {last:.0f} MiB in the last")
    return int(last > ALLOWED_GROWTH * before)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=2000)
    arguments.add_argument("--minutes", type=float, default=10)
    options = arguments.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    hosts = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(options.feeds)]
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(asyncio.run(watch(Path(folder), hosts, options.minutes)))


if __name__ == "__main__":
    main()
