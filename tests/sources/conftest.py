from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.core.model import SourceCursor, SourceSpec
from monitor.sources import Sources
from monitor.sources.http import HttpClient
from monitor.sources.parser import ParserPool

NOW = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A raw HTTP/1.1 server on loopback: each path has a function that writes whatever it likes."""

    port: int = 0
    paths: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def spec(self, path: str, **more: Any) -> SourceSpec:
        values = {"location": self.url(path), "allow_private": True, **more}
        return SourceSpec(id="wire", type="feed", **values)

    @staticmethod
    def cursor() -> SourceCursor:
        return SourceCursor(source_id="wire")

    @staticmethod
    def head(status: int, **headers: str) -> bytes:
        lines = [f"HTTP/1.1 {status} X", *(f"{k}: {v}" for k, v in named(headers).items())]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")

    @staticmethod
    def item(guid: str, text: str = "The court upheld the result.", link: str | None = None) -> str:
        return (
            f'<item><guid isPermaLink="false">{guid}</guid><title>Item {guid}</title>'
            f"<link>{link or f'https://wire.example/{guid}'}</link><description>{text} {guid}</description>"
            "<pubDate>Thu, 22 Aug 2024 10:00:00 GMT</pubDate></item>"
        )

    @staticmethod
    def rss(*items: str, extra: str = "") -> bytes:
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>The Wire</title>'
            f"<link>https://www.wire.example/</link>{extra}{''.join(items)}</channel></rss>"
        ).encode()

    def gives(self, path: str, body: bytes, *, status: int = 200, **headers: str) -> None:
        async def answer(asked: Asked, out: asyncio.StreamWriter) -> None:
            out.write(self.head(status, **{"Content-Length": str(len(body)), **headers}) + body)

        self.paths[path] = answer

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
            asked = Asked(lines[0].split()[1], {k.strip().lower(): v.strip() for k, v in pairs})
            self.asked.append(asked)
            answer = self.paths.get(asked.path)
            if answer is None:
                writer.write(self.head(404, Content_Length="0"))
            else:
                await answer(asked, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def named(headers: dict[str, str]) -> dict[str, str]:
    return {k.replace("_", "-"): v for k, v in headers.items()}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    running = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = running.sockets[0].getsockname()[1]
    yield server
    running.close()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    http, parser = HttpClient(timeout_s=2.0, max_bytes=1_000_000), ParserPool(size=1, timeout_s=3.0)
    async with Sources(base_dir=tmp_path, http=http, parser=parser) as running:
        yield running
