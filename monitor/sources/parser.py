"""A small pool of parser processes that can be killed without harm to the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from array import array
from collections.abc import Collection
from pathlib import Path
from typing import Any, Self

from monitor.core.errors import ParseError

MAX_FEED_BYTES = 10 * 1024 * 1024
MAX_ANSWER_BYTES = 96 * 1024 * 1024
_REQUESTS_A_CHILD = 1000
_ROOT = str(Path(__file__).resolve().parents[2])


class _Child:
    """One parser process and how much it has done."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.served = 0

    @classmethod
    async def start(cls) -> Self:
        # Nothing of the daemon's environment (secrets) goes to a process that eats hostile input.
        environment = {
            "PYTHONPATH": _ROOT,
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "monitor.sources.parse_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
        return cls(process)

    async def ask(self, request: dict[str, Any], *parts: bytes) -> dict[str, Any]:
        """Return the answer; raises OSError or EOFError when the process has died."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise EOFError
        head = json.dumps(request | {"lengths": [len(part) for part in parts]}).encode() + b"\n"
        stdin.write(b"".join((head, *parts)))
        await stdin.drain()
        length = int.from_bytes(await stdout.readexactly(4), "big")
        if length > MAX_ANSWER_BYTES:
            raise EOFError
        self.served += 1
        answer: dict[str, Any] = json.loads(await stdout.readexactly(length))
        return answer

    async def kill(self) -> None:
        """End the process at once and reap it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()


class ParserPool:
    """Parses feeds in `size` processes, each under limits of bytes, wall time, CPU and memory."""

    def __init__(self, *, size: int = 2, timeout_s: float = 10.0, memory: int = 1024 * 1024 * 1024) -> None:
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._timeout_s = timeout_s
        self._memory = memory

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all processes."""
        while self._idle:
            await self._idle.pop().kill()

    async def parse(
        self, raw: bytes, *, url: str, content_type: str | None = None, known: Collection[int] = ()
    ) -> dict[str, Any]:
        """Return the feed's values (`delta.parse_new`), without the items whose mark is known.

        Raises ParseError, also when a limit was hit.
        """
        if len(raw) > MAX_FEED_BYTES:
            raise ParseError(f"the feed has more than {MAX_FEED_BYTES // 2**20} MiB", place=url)
        return await self._ask("feed", url, content_type, raw, array("Q", known).tobytes())

    async def article(self, raw: bytes, *, url: str, content_type: str | None = None) -> dict[str, Any]:
        """Return what `article_text.read_article` finds in a page. Raises ParseError, also for a limit."""
        return await self._ask("article", url, content_type, raw, b"")

    async def _ask(self, what: str, url: str, content_type: str | None, *parts: bytes) -> dict[str, Any]:
        request = {
            "what": what,
            "url": url,
            "content_type": content_type,
            "cpu_s": max(1, int(self._timeout_s) + 1),
            "memory": self._memory,
        }
        async with self._slots:
            answer = await self._serve(request, parts, url)
        if "error" in answer:
            raise ParseError(answer["error"], place=url, remedy=answer["remedy"])
        value: dict[str, Any] = answer["value"]
        return value

    async def _serve(self, request: dict[str, Any], parts: tuple[bytes, ...], url: str) -> dict[str, Any]:
        # A process that earlier feeds have worn out may die on an innocent one: that gets a fresh process.
        while True:
            child = self._idle.pop() if self._idle else await _Child.start()
            worn = child.served > 0
            finished = False
            try:
                async with asyncio.timeout(self._timeout_s + (0 if worn else 5)):
                    answer = await child.ask(request, *parts)
                finished = True
            except TimeoutError as error:
                raise ParseError(
                    f"parsing took longer than {self._timeout_s:g} seconds and was stopped",
                    place=url,
                    remedy="the feed may be damaged or hostile; look at it, or remove the source",
                ) from error
            except (OSError, EOFError, ValueError) as error:
                if worn:
                    continue
                raise ParseError(
                    "the feed brought the parser down",
                    place=url,
                    remedy="the feed may be damaged or hostile; look at it, or remove the source",
                ) from error
            finally:
                if finished and child.served < _REQUESTS_A_CHILD:
                    self._idle.append(child)
                else:
                    await asyncio.shield(child.kill())
            return answer
