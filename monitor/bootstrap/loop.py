"""The event loop of a program that runs for long."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_COLLECT_AFTER = 20_000


def _factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        from uvloop import new_event_loop  # noqa: PLC0415  an extra
    except ImportError:
        return asyncio.new_event_loop
    return new_event_loop


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end; on uvloop where the extra `fast` is installed."""
    # What is loaded by now stays: the collector need not look through it again and again (a fifth of a poll's
    # CPU time, measured).
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(main)
