"""Host names to addresses, on threads of our own.

The loop's own look-up has four threads where it is uvloop's and six on a small machine, and a name whose servers are
dead holds one for half a minute: a few such feeds would let all the others wait for theirs. The threads are no
obstacle to the end of the program either, as those of an executor would be.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, NamedTuple

from aiohttp.abc import AbstractResolver, ResolveResult

SIDE_BY_SIDE = 160
"""As many as sources are read at once, and some; a thread is started when none is free."""


class _Asked(NamedTuple):
    """A name to look up, and who waits for its addresses."""

    host: str
    port: int
    family: int
    answer: asyncio.Future[list[ResolveResult]]

    def work(self) -> None:
        try:
            found = _look_up(self.host, self.port, self.family)
        except Exception as error:  # noqa: BLE001 - whoever waits is to hear of it
            self._tell(self.answer.set_exception, error)
        else:
            self._tell(self.answer.set_result, found)

    def _tell(self, tell: Callable[[Any], None], value: Any) -> None:
        def say() -> None:
            if not self.answer.done():  # who waited may have given up
                tell(value)

        with contextlib.suppress(RuntimeError):  # the loop may have ended
            self.answer.get_loop().call_soon_threadsafe(say)


class Names(AbstractResolver):
    """Asks the system, as many names at a time as there are requests."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._free = threading.Semaphore(0)
        self._threads = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises OSError."""
        answer = asyncio.get_running_loop().create_future()
        self._asked.put(_Asked(host, port, family, answer))
        if not self._free.acquire(blocking=False) and self._threads < SIDE_BY_SIDE:
            self._threads += 1
            threading.Thread(target=self._serve, name="names", daemon=True).start()
        addresses: list[ResolveResult] = await answer
        return addresses

    async def close(self) -> None:
        """End the threads that are free; await no look-up that still runs."""
        for _ in range(self._threads):
            self._asked.put(None)
        self._threads = 0

    def _serve(self) -> None:
        while (asked := self._asked.get()) is not None:
            asked.work()
            self._free.release()


def _look_up(host: str, port: int, family: int) -> list[ResolveResult]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
    return [
        ResolveResult(
            hostname=host,
            host=_written(address),
            port=port,
            family=kind,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for kind, _, protocol, _, address in found
    ]


def _written(address: Sequence[Any]) -> str:
    """Return a numeric address; a link-local one keeps its zone, so that what is judged is what is dialled."""
    if len(address) == 4 and address[3]:
        return socket.getnameinfo(tuple(address), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
    return str(address[0])
