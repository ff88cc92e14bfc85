"""What the README promises first: a report and a digest, then nothing new, then only what one document adds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.conftest import ROOT, Run, environment


def test_the_demo_tells_once_and_then_only_what_is_added(home: Path, monitor: Run) -> None:
    first = monitor("demo")
    assert first.returncode == 0, first.stderr
    assert "NEW" in first.stdout
    assert "CONFIRMED" in first.stdout
    page, text = home / "var" / "digest.html", home / "var" / "digest.txt"
    assert "<html" in page.read_text("utf-8")
    assert "VENEZUELA" in text.read_text("utf-8").upper()
    assert "var/digest.html" in first.stdout
    written = page.stat().st_mtime_ns

    second = monitor("demo")
    assert (second.returncode, second.stdout.strip()) == (0, "Nothing new.")
    assert page.stat().st_mtime_ns == written

    added = home / "seeds" / "2025-02-02_added.txt"
    added.write_text(
        " date 2025-02-02 \n\nPolice in Venezuela arrested the union leader Ramona Quintero in Caracas on Sunday.\n",
        "utf-8",
    )
    os.utime(added, (time.time() - 60, time.time() - 60))
    third = monitor("once", "--json")
    developments = [json.loads(line) for line in third.stdout.splitlines()]
    assert developments
    assert {d["document"] for d in developments} == {added.name}
    assert ("arrest", "new") in {(d["kind"], d["change"]) for d in developments}

    stored = monitor("developments", "--json")
    ids = [json.loads(line)["id"] for line in stored.stdout.splitlines()]
    assert len(ids) == len(set(ids))
    assert {d["id"] for d in developments} <= set(ids)


def test_replay_needs_no_configuration_and_agrees_with_itself(tmp_path: Path) -> None:
    def replay() -> list[dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "replay", str(ROOT / "seeds"), "--json"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        )
        assert done.stderr == ""
        return [json.loads(line) for line in done.stdout.splitlines()]

    first, second = replay(), replay()
    assert {d["event"] for d in first} == {"seeds"}
    assert {str(d["schema"]) for d in first} == {"1"}
    for one, other in zip(first, second, strict=True):
        assert {**one, "found_at": ""} == {**other, "found_at": ""}
    assert list(tmp_path.iterdir()) == []


def test_quotes_are_exact_and_claims_explain_themselves(home: Path, monitor: Run) -> None:
    done = monitor("extract", "seeds/2024-09-03_warrant.txt", "--json", "--explain")
    claims = [json.loads(line) for line in done.stdout.splitlines()]
    text = (home / "seeds" / "2024-09-03_warrant.txt").read_text("utf-8")
    assert any(c["kind"] == "arrest_order" for c in claims)
    for claim in claims:
        assert claim["quote"] == text[claim["start"] : claim["end"]]
        assert claim["notes"]


def test_extract_says_in_words_what_would_be_told_and_what_is_kept_back(tmp_path: Path, monitor: Run) -> None:
    text = tmp_path / "note.txt"
    text.write_text(
        "Police arrested the union leader Ada Munro on Monday. The minister may arrest Ben Okoro.",
        "utf-8",
    )
    done = monitor("extract", str(text), "--explain")
    head, *lines = done.stdout.splitlines()
    assert re.fullmatch(r"note\.txt: \d+ claims, \d+ fit to be told", head)
    arrests = [n for n, line in enumerate(lines) if " arrest: " in line]
    told, threatened = (lines[n : n + 4] for n in arrests)
    assert re.match(r"  \+ 0\.\d\d  arrest: Police -> Ada Munro \(asserted", told[0])
    assert told[1].strip().startswith("“Police arrested")
    assert "read so: frame arrest" in told[2]
    assert re.match(r"  - 0\.\d\d  arrest: .*Ben Okoro", threatened[0])
    assert threatened[2].strip() == "kept back: not told as a fact but as hypothetical"


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    command = f"{sys.executable} -m monitor replay seeds --json | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=home,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)["schema"] == 1
