"""Look-ups of names: a dead one holds nobody up, and the program ends without it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from monitor.sources import names
from monitor.sources.http import HttpClient
from monitor.sources.names import SIDE_BY_SIDE, Names


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Names that begin with "dead" are not answered before the event is set; the others are this machine."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", answers(over))
    yield over
    over.set()


def answers(over: threading.Event) -> Any:
    def getaddrinfo(host: str, port: int, **_: Any) -> Any:
        if host.startswith("dead"):
            over.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    return getaddrinfo


async def test_dead_names_hold_up_nobody_also_when_those_who_asked_gave_up(
    dead: threading.Event, server: Any, now: datetime
) -> None:
    server.gives("/rss", b"ok")
    async with HttpClient(timeout_s=0.3) as http:
        for turn in (1, 2):  # after the deadline the threads of the first are still not back
            gone = [http.get(f"http://dead{turn}-{n}.test/", now=now) for n in range(30)]
            good = [
                http.get(server.url("/rss", f"good{turn}-{n}.test"), now=now, allow_private=True)
                for n in range(30)
            ]
            outcomes = await asyncio.gather(*gone, *good, return_exceptions=True)
            assert [str(e).count("no complete answer") for e in outcomes[:30]] == [1] * 30
            assert [getattr(answer, "body", answer) for answer in outcomes[30:]] == [b"ok"] * 30


async def test_threads_are_bounded_and_used_again(dead: threading.Event) -> None:
    asked = Names()
    before = threading.active_count()
    for _ in range(40):
        await asked.resolve("good.test", 80)
    # On a busy machine the next question may come before the last thread is free again.
    assert threading.active_count() - before <= 10
    waiting = [asyncio.create_task(asked.resolve(f"dead{n}.test", 80)) for n in range(SIDE_BY_SIDE + 20)]
    await asyncio.sleep(0.1)
    assert threading.active_count() - before <= SIDE_BY_SIDE
    dead.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, OSError) for outcome in outcomes)
    await asked.close()


async def test_a_real_name_is_found_and_an_impossible_one_is_an_oserror() -> None:
    asked = Names()
    found = await asked.resolve("localhost", 80, socket.AF_INET)
    assert [(one["host"], one["port"], one["hostname"]) for one in found] == [("127.0.0.1", 80, "localhost")]
    with pytest.raises(OSError, match=r".+"):
        await asked.resolve("no-such-name.invalid", 80)
    await asked.close()


def test_the_program_ends_while_a_look_up_hangs() -> None:
    program = f"""
import asyncio, socket, time
from {names.__name__} import Names
socket.getaddrinfo = lambda *_, **__: time.sleep(600)
async def main():
    asked = Names()
    try:
        await asyncio.wait_for(asked.resolve("dead.test", 80), 0.1)
    except TimeoutError:
        await asked.close()
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
