"""kill -9 at any moment, then a restart: no development is lost or told twice, and no message is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from monitor.cli import main
from tests.e2e.conftest import ROOT

KILLS = 50
PER_STATE = 10

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["monitor.cli.running", "monitor.cli.keeping"])

CONFIG = """
database: sqlite:///var/monitor.db
languages: [en]
reader: lexical  # what is stored is at stake, not what is read, and the network takes most of a round
events: [{id: all, name: All}]
sources:
SOURCES
receivers:
  - name: hook
    webhook: {url: "http://127.0.0.1:9/", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, allow_private: true}
route: {receiver: hook}
"""


def make_home(folder: Path) -> Path:
    """Every document is a source of its own, so that a round has many commits to be killed between."""
    folder.mkdir(parents=True)
    lines = []
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        (folder / path.stem).mkdir()
        shutil.copy(path, folder / path.stem)
        lines.append(f"  - {{id: s{len(lines)}, folder: {path.stem}}}")
    (folder / "config.yaml").write_text(CONFIG.replace("SOURCES", "\n".join(lines)), "utf-8")
    run(folder, "db", "migrate")
    return folder


def program(folder: str, arguments: tuple[str, ...]) -> None:
    """What a process of its own does: the real command, in `folder`."""
    os.chdir(folder)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    main(list(arguments))


def start(folder: Path, *arguments: str) -> BaseProcess:
    """Start the program from a server that has loaded it already: most of a round would be loading."""
    process = SERVER.Process(target=program, args=(str(folder), arguments))
    process.start()
    return process


def run(folder: Path, *arguments: str) -> str:
    process = start(folder, *arguments)
    process.join(90)
    assert process.exitcode == 0, (folder / "err").read_text("utf-8")
    return (folder / "out").read_text("utf-8")


def stored(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What must be the same, however often the work was cut off."""
    with closing(sqlite3.connect(folder / "var" / "monitor.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {
            "documents": connection.execute("SELECT id FROM documents ORDER BY seq").fetchall(),
            "developments": connection.execute("SELECT id FROM developments ORDER BY seq").fetchall(),
            "facts": connection.execute("SELECT id FROM facts ORDER BY id").fetchall(),
            "outbox": connection.execute("SELECT id FROM outbox ORDER BY id").fetchall(),
        }


def kill_during(folder: Path, seconds: float, *arguments: str) -> bool:
    """Kill the program after so many seconds; say whether it was still at work."""
    process = start(folder, *arguments)
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def kill_often(folder: Path, moments: random.Random, length: float, *arguments: str) -> int:
    return sum(kill_during(folder, moments.uniform(0.1, 1.0) * length, *arguments) for _ in range(PER_STATE))


@pytest.mark.timeout(600)
def test_no_moment_loses_or_repeats_anything(tmp_path: Path) -> None:
    whole = make_home(tmp_path / "whole")
    run(whole, "check-config")
    begun = time.monotonic()
    run(whole, "once")
    length = time.monotonic() - begun
    expected = stored(whole)
    assert expected["developments"]
    assert len(expected["outbox"]) == len(expected["developments"])

    moments = random.Random(20240728)
    kills = states = 0
    while kills < KILLS:
        states += 1
        folder = make_home(tmp_path / f"state{states}")
        daemon = states % 2 == 0
        kills += kill_often(folder, moments, length, "run" if daemon else "once")
        run(folder, "once")
        found = stored(folder)
        if daemon:
            # The daemon stores what arrives first, and with the order the labels may differ, but nothing else:
            # each document is there once, and a replay in that order brings just what is stored.
            assert sorted(found["documents"]) == sorted(expected["documents"])
            assert len(found["outbox"]) == len(found["developments"]) == len(set(found["developments"]))
        else:
            assert found == expected
        assert "brings the same" in run(folder, "db", "verify")
        assert run(folder, "once").strip() == "Nothing new."
