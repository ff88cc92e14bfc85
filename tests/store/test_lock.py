"""One daemon per state."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.core.errors import StateLockedError
from monitor.store import MEMORY
from monitor.store.lock import hold

HOLDER = (
    "import sys; from monitor.store.lock import hold\n"
    "with hold(sys.argv[1]):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_a_second_daemon_is_refused_and_told_who_holds_it(sql_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, sql_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(StateLockedError, match=f"process {other.pid} is already running") as caught,
            hold(sql_url),
        ):
            pass
        assert caught.value.exit_code == 75
        other.kill()
        other.wait(10)
    for _ in range(50):
        try:
            with hold(sql_url):
                break
        except StateLockedError:  # PostgreSQL needs a moment to see that its client is gone
            continue
    else:
        pytest.fail("a killed holder keeps the lock")


def test_the_lock_is_free_again_and_per_state(sqlite_url: str, tmp_path: Path) -> None:
    with hold(sqlite_url), hold(f"sqlite:///{tmp_path}/other.db"):
        with pytest.raises(StateLockedError, match=f"process {os.getpid()} "), hold(sqlite_url):
            pass
        assert (tmp_path / "monitor.db.lock").read_text() == f"{os.getpid()}\n"
    with hold(sqlite_url):
        pass


def test_memory_needs_no_lock() -> None:
    with hold(MEMORY), hold(MEMORY):
        pass
