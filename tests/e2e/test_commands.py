"""The commands that ask and look after things, on the state that a round has left."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.conftest import Run

ARREST = " date 2024-09-03 \n\nPolice in Caracas arrested the union leader Ramona Quintero on Tuesday.\n"
CONFIG = """
database: sqlite:///var/monitor.db
languages: [en]
title: Morning
events: [{id: ven, name: Venezuela, countries: [VEN], words: [Caracas]}]
sources: [{id: desk, folder: good}, {id: gone, folder: gone}]
receivers:
  - {name: hook, webhook: {url: "http://127.0.0.1:9/", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}
route: {receiver: hook}
digests: [{id: morning, receiver: hook, zone: Europe/Madrid, at: "07:00"}]
"""


@pytest.fixture
def state(home: Path, command: Run) -> Path:
    """One document was read, told in vain to an address that is refused, and one source is missing."""
    (home / "good").mkdir()
    (home / "good" / "arrest.txt").write_text(ARREST, "utf-8")
    (home / "config.yaml").write_text(CONFIG, "utf-8")
    assert command("db", "migrate").returncode == 0
    assert command("once").returncode == 0
    return home


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_developments(state: Path, command: Run) -> None:
    found = lines(command("developments", "--json").stdout)
    assert {(d["event"], d["change"], d["document"]) for d in found} == {("ven", "new", "arrest.txt")}
    assert command("developments", "--event", "ven", "--since", "1h", "--json").stdout.count("\n") == len(
        found
    )
    assert command("developments", "--until", "2020-01-01", "--json").stdout == ""
    assert command("developments", "--until", "2020-01-01").stdout.strip() == "Nothing new."
    assert "Ramona Quintero" in command("developments").stdout


def test_state(state: Path, command: Run) -> None:
    shown = command("state").stdout
    assert "Ramona Quintero" in shown
    assert "arrested" in shown
    (picture,) = lines(command("state", "ven", "--json").stdout)
    assert picture["persons"][0]["status"] == "arrest"  # type: ignore[index]
    (before,) = lines(command("state", "--as-of", "2020-01-01", "--json").stdout)
    assert (before["facts"], before["persons"]) == (0, [])
    assert "Nothing is known yet." in command("state", "--as-of", "2020-01-01").stdout
    assert command("state", "peru").returncode == 2
    assert command("developments", "--as-of", "2020-01-01", "--json").stdout == ""


SECOND = " date 2024-09-05 \n\nThe authorities released the union leader Ramona Quintero on Thursday.\n"


def test_facts_are_corrected_by_hand_and_a_replay_brings_the_same(state: Path, command: Run) -> None:
    (fact,) = lines(command("facts", "list", "--json").stdout)
    name = str(fact["fact"])
    done = command("facts", "reject", name, "--by", "ana", "--why", "a hoax")
    assert done.returncode == 0, done.stderr
    assert command("facts", "reject", name).returncode == 2
    assert command("state", "--json").stdout.count('"persons": []') == 1
    assert "a replay" in command("db", "verify").stdout
    (edit,) = lines(command("facts", "edits", "--json").stdout)
    assert (edit["who"], edit["why"], edit["action"]) == ("ana", "a hoax", "reject")
    assert "ana" in command("facts", "edits").stdout
    assert "rejected" in command("facts", "list").stdout
    assert "a hoax" in command("explain", name).stdout
    assert command("facts", "undo", str(edit["edit"])).returncode == 0
    assert command("facts", "undo", str(edit["edit"])).returncode == 2
    assert command("facts", "undo", "e0").returncode == 2
    assert (
        command(
            "facts", "correct", "ven", "Ramona Quintero", "Ramona Quintana", "--country", "VEN"
        ).returncode
        == 0
    )
    (state / "good" / "later.txt").write_text(SECOND, "utf-8")
    assert command("once").returncode == 0
    (picture,) = lines(command("state", "--json").stdout)
    assert [p["name"] for p in picture["persons"]] == ["Ramona Quintana"]  # type: ignore[index]
    assert command("facts", "merge", name, name).returncode == 2
    assert command("facts", "split", name, "arrest.txt").returncode == 2
    assert command("facts", "correct", "ven", "Nobody Known", "Somebody").returncode == 2
    assert command("facts", "correct", "peru", "Nobody Known", "Somebody").returncode == 2
    assert command("facts", "list", "--event", "peru").returncode == 2
    assert "a replay" in command("db", "verify").stdout


def test_explain_tells_the_story_of_every_id(state: Path, command: Run) -> None:
    (told,) = lines(command("developments", "--json").stdout)
    for name, what in ((told["fact"], "fact"), (told["id"], "development")):
        story = command("explain", str(name)).stdout
        assert "arrested the union leader Ramona Quintero" in story
        assert "not told before" in story
        (value,) = lines(command("explain", str(name), "--json").stdout)
        assert value["what"] == what
    with closing(sqlite3.connect(state / "var" / "monitor.db")) as connection:
        claims = [row[0] for row in connection.execute("SELECT id FROM claims")]
        (document,) = connection.execute("SELECT id FROM documents").fetchone()
    for claim in claims:
        assert "told" in command("explain", claim).stdout
    assert "arrest.txt" in command("explain", document).stdout
    missing = command("explain", "f0")
    assert missing.returncode == 2
    assert "no fact, development, claim, document or edit" in missing.stderr


def test_a_story_that_no_event_takes_is_suggested(state: Path, command: Run) -> None:
    for n, city in enumerate(("Lima", "Cusco", "Arequipa")):
        text = f" date 2024-09-0{n + 1} \n\nPolice in Peru arrested the mayor Ana Ruiz Prado in {city} on day {n}.\n"
        (state / "good" / f"peru{n}.txt").write_text(text, "utf-8")
    assert command("once").returncode == 0
    (found,) = lines(command("suggestions", "--json").stdout)
    assert "Ana Ruiz Prado" in found["actors"]  # type: ignore[operator]
    assert len(found["documents"]) == 3  # type: ignore[arg-type]
    shown = command("suggestions").stdout
    assert "3 documents, 1 sources, not monitored: " in shown
    assert command("suggestions", "--least", "4").stdout == ""


def test_feeds(state: Path, command: Run) -> None:
    listed = {row["source"]: row for row in lines(command("feeds", "list", "--json").stdout)}
    assert listed["desk"]["state"] == "ok"
    assert listed["gone"]["state"] == "trying again"
    assert "there is no such folder" in str(listed["gone"]["remarks"])
    assert listed["gone"]["errors"] == 1
    assert "desk" in command("feeds", "list").stdout
    tried = command("feeds", "test", "desk")
    assert "1 document, 1 claim.\n" in tried.stdout
    by_path = lines(command("feeds", "test", "seeds/feeds/atlantic-desk.rss.xml", "--json").stdout)
    assert len(by_path) >= 3
    assert all(row["title"] for row in by_path)
    assert sum(int(str(row["claims"])) for row in by_path) > 3
    failed = command("feeds", "test", "gone")
    assert failed.returncode == 1
    assert "there is no such folder" in failed.stderr


def test_digest(state: Path, command: Run) -> None:
    (listed,) = lines(command("digest", "list", "--json").stdout)
    assert (listed["digest"], listed["zone"], listed["when"]) == ("morning", "Europe/Madrid", "07:00")
    text = command("digest", "preview").stdout
    assert "Morning" in text
    assert "Ramona Quintero" in text
    assert "<html" in command("digest", "preview", "morning", "--html").stdout
    assert "Ramona Quintero" not in command("digest", "preview", "--at", "2020-01-01").stdout
    done = command("digest", "preview", "--out", "here")
    assert [Path(line).name for line in done.stdout.splitlines()] == ["digest.html", "digest.txt"]
    assert "Ramona Quintero" in (state / "here" / "digest.html").read_text("utf-8")
    assert command("digest", "preview", "evening").returncode == 2


def test_deliveries(state: Path, command: Run) -> None:
    rows = lines(command("deliveries", "list", "--json").stdout)
    assert {row["state"] for row in rows} == {"dead"}
    assert "allow_private" in str(rows[0]["error"])
    assert command("deliveries", "list", "--state", "sent", "--json").stdout == ""
    assert str(rows[0]["id"]) in command("deliveries", "list").stdout
    again = command("deliveries", "replay", str(rows[0]["id"]))
    assert again.stdout == "1 messages are due again\n"
    states = {row["id"]: row["state"] for row in lines(command("deliveries", "list", "--json").stdout)}
    assert states[rows[0]["id"]] == "pending"
    assert command("deliveries", "replay", "nobody").returncode == 2


def test_notify(state: Path, command: Run) -> None:
    refused = command("notify", "test", "hook")
    assert refused.returncode == 1
    assert "127.0.0.1" in refused.stderr
    assert "whsec" not in refused.stderr


def test_db(state: Path, command: Run) -> None:
    assert "up to date" in command("db", "migrate").stdout
    assert "1 documents" in command("db", "check").stdout
    assert "brings the same" in command("db", "verify").stdout
    assert "1 documents" in command("db", "backup", "copy.db").stdout
    assert "exists already" in command("db", "backup", "copy.db").stderr
    with closing(sqlite3.connect(state / "copy.db")) as connection:
        assert connection.execute("SELECT count(*) FROM documents").fetchone() == (1,)


def test_db_verify_sees_a_state_that_was_changed_by_hand(state: Path, command: Run) -> None:
    with closing(sqlite3.connect(state / "var" / "monitor.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM developments")
    done = command("db", "verify")
    assert done.returncode == 1
    assert "a replay brings other developments" in done.stderr


def test_check_config(state: Path, command: Run) -> None:
    assert "ok: 1 events, 2 sources, 1 receivers, 1 digests" in command("check-config").stdout
    schema = json.loads(command("check-config", "--schema").stdout)
    assert schema["additionalProperties"] is False


def test_what_only_the_rooms_know_is_checked_too(state: Path, command: Run) -> None:
    for old, new, words in (
        ("words: [Caracas]", "kinds: [arest]", 'the kind "arest"'),
        (
            "route: {receiver: hook}",
            'route: {receiver: hook, routes: [{matchers: ["colour = red"]}]}',
            "colour",
        ),
    ):
        (state / "config.yaml").write_text(CONFIG.replace(old, new), "utf-8")
        done = command("check-config")
        assert done.returncode == 78, done.stderr
        assert words in done.stderr


def test_doctor(state: Path, command: Run) -> None:
    done = command("doctor")
    assert done.returncode == 1
    assert "wrong source gone" in done.stdout
    assert "ok    state" in done.stdout
    unwell = command("doctor", "--health")
    assert unwell.returncode == 1
    assert "never" in unwell.stderr


def test_findings_of_a_round_that_was_cut_off_are_shown_by_the_next(state: Path, command: Run) -> None:
    (state / "good" / "second.txt").write_text(ARREST.replace("Ramona Quintero", "Pedro Almagro"), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.cli.running.report", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert command("once").returncode == 130
    assert "Pedro Almagro" in command("once").stdout
    assert command("once").stdout.strip() == "Nothing new."
