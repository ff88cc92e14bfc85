"""The commands about telling, on the state that a round leaves; nothing is listening at the other end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Run

CONFIG = """
database: sqlite:///var/monitor.db
languages: [en]
events: [{id: ven, name: Venezuela, countries: [VEN]}]
sources: [{id: good, folder: good, publisher: Harbour Herald}]
receivers:
  - name: hook
    webhook: {url: "http://127.0.0.1:9/", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, allow_private: true}
  - name: mail
    email: {host: 127.0.0.1, port: 9, security: none, sender: m@example.org, to_file: people.txt}
route:
  receiver: hook
  routes:
    - {receiver: mail, to: [b@example.org], matchers: ["kind = protest"]}
digests:
  - {id: early, receiver: mail, cron: "* * * * *", to: [a@example.org]}
  - {id: protests, receiver: mail, at: "00:00", matchers: ["kind = protest"]}
"""
PEOPLE = "# two readers\na@example.org\n\nb@example.org\n"
TEXT = " date 2024-09-04 \n\nPolice in Venezuela arrested the union leader Ramona Quintero on Wednesday.\n"


@pytest.fixture
def told(home: Path, command: Run) -> dict[str, str]:
    """A round was done; returns the development and its message."""
    (home / "good").mkdir()
    (home / "good" / "arrest.txt").write_text(TEXT, "utf-8")
    (home / "people.txt").write_text(PEOPLE, "utf-8")
    (home / "config.yaml").write_text(CONFIG, "utf-8")
    assert command("db", "migrate").returncode == 0
    assert command("once").returncode == 0
    (development,) = lines(command("developments", "--json").stdout)
    (message,) = lines(command("deliveries", "list", "--json", "--receiver", "hook").stdout)
    return {"development": str(development["id"]), "message": str(message["id"])}


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_explain_says_what_became_of_it_and_why_other_routes_did_not_take_it(told, command: Run) -> None:
    said = command("notify", "explain", told["development"]).stdout
    assert "Ramona Quintero" in said
    assert "hook hook: waits until" in said
    assert "cannot connect" in said
    assert 'kind="protest" does not hold: it is arrest' in said
    assert "digest early: will be told in the next one" in said
    assert "digest protests: not told: its events and matchers do not want it" in said
    (value,) = lines(command("notify", "explain", told["development"], "--json").stdout)
    assert value["messages"][0]["state"] == "pending"  # type: ignore[index]
    missing = command("notify", "explain", "d0")
    assert (missing.returncode, "no development" in missing.stderr) == (2, True)


def test_one_message_can_be_seen_and_sent_again(told, command: Run) -> None:
    shown = command("deliveries", "show", told["message"]).stdout
    assert '"schema": 1' in shown
    assert "hook" in shown
    (value,) = lines(command("deliveries", "show", told["message"], "--json").stdout)
    assert value["data"]["id"] == told["development"]  # type: ignore[index]
    assert command("deliveries", "show", "o0").returncode == 2
    assert command("deliveries", "replay").returncode == 2
    assert command("deliveries", "replay", told["message"], "--dead").returncode == 2
    assert command("deliveries", "replay", "--dead").returncode == 2, "nothing was given up"


def test_receivers_rest_and_are_resumed(told, command: Run) -> None:
    rows = {str(r["receiver"]): r for r in lines(command("notify", "list", "--json").stdout)}
    assert (rows["hook"]["waiting"], rows["hook"]["recipients"], rows["mail"]["recipients"]) == (1, 1, 2)
    assert "hook" in command("notify", "list").stdout
    assert command("notify", "resume", "hook").returncode == 0
    assert command("notify", "resume", "nobody").returncode == 2


def test_silences_are_made_listed_and_ended(told, command: Run) -> None:
    made = command(
        "silence", "add", "kind = arrest", "event=ven", "--until", "2h", "--comment", "known", "--by", "ana"
    )
    assert made.returncode == 0, made.stderr
    (one,) = lines(command("silence", "list", "--json").stdout)
    assert (one["matchers"], one["comment"], one["created_by"]) == (
        'kind="arrest", event="ven"',
        "known",
        "ana",
    )
    assert "known" in command("silence", "list").stdout
    why = command("notify", "explain", told["development"]).stdout
    assert "silenced until" in why
    assert command("silence", "expire", str(one["id"])).returncode == 0
    assert command("silence", "expire", str(one["id"])).returncode == 2
    assert command("silence", "list", "--json").stdout == ""
    for wrong in (["colour = red"], ["nonsense"]):
        done = command("silence", "add", *wrong, "--until", "2h", "--comment", "c")
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    past = command("silence", "add", "kind = arrest", "--until", "2020-01-01", "--comment", "c")
    assert (past.returncode, "has passed" in past.stderr) == (2, True)


def test_digests_are_due_queued_shown_and_sent_again(told, home: Path, command: Run) -> None:
    assert command("digest", "run", "--dry-run").stdout == "No digest is due.\n", "the round cut them"
    fresh = '  - {id: fresh, receiver: mail, at: "00:00", zone: Pacific/Kiritimati}\n'
    (home / "config.yaml").write_text(CONFIG + fresh, "utf-8")
    due = command("digest", "run", "--dry-run").stdout
    assert due.startswith("fresh of ")
    assert "nothing, so it is not sent, to a@example.org, b@example.org" in due
    assert command("digest", "run", "--dry-run").stdout == due, "a dry run changes nothing"
    assert command("digest", "run").stdout == "0 digests are queued\n"
    assert command("digest", "run", "--dry-run").stdout == "No digest is due.\n"
    again = command("digest", "resend", "fresh", "--to", "a@example.org")
    assert (again.returncode, "was not sent" in again.stderr) == (2, True), "it was silent"
    assert command("digest", "resend", "nobody").returncode == 2
    assert command("digest", "resend", "early", "--to", "x@example.org").returncode == 2
    assert command("digest", "resend", "protests", "--date", "2020-01-01").returncode == 2
    preview = command("digest", "preview", "early")
    assert "Ramona Quintero" in preview.stdout


def test_preview_opens_the_browser(told, home: Path, command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", lambda address: opened.append(address) or 0)
    assert command("digest", "preview", "early", "--open", "--out", "page").returncode == 0
    assert opened == [(home / "page" / "digest.html").as_uri()]
    monkeypatch.setattr("click.launch", lambda address: 1)
    assert command("digest", "preview", "early", "--open").returncode == 2


def test_who_left_a_list_is_listed_and_can_come_back(told, home: Path, command: Run) -> None:
    assert command("notify", "unsubscribed", "--json").stdout == ""
    assert command("notify", "resubscribe", "digest:early", "a@example.org").returncode == 2
    from monitor.bootstrap.clock import utc_now
    from monitor.store import open_store

    store = open_store(f"sqlite:///{home}/var/monitor.db")
    with store.begin() as tx:
        tx.unsubscribe("digest:early", "a@example.org", utc_now())
    store.close()
    (row,) = lines(command("notify", "unsubscribed", "--json").stdout)
    assert (row["list"], row["recipient"]) == ("digest:early", "a@example.org")
    assert "a@example.org" in command("notify", "unsubscribed").stdout
    assert command("notify", "resubscribe", "digest:early", "a@example.org").returncode == 0
    assert command("notify", "unsubscribed", "--json").stdout == ""


@pytest.mark.parametrize("name", ["development", "claim", "webhook"])
def test_the_schema_is_printed(command: Run, name: str) -> None:
    assert json.loads(command("schema", name).stdout)["$schema"].startswith("https://json-schema.org")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("to: [b@example.org]", "to: [c@example.org]", 'there is no recipient "c@example.org"'),
        ("to: [a@example.org]", "to: [zz]", 'there is no recipient "zz"'),
        ("route:\n", "operator: nobody\nroute:\n", 'there is no receiver "nobody"'),
        (
            'matchers: ["kind = protest"]}\ndigests',
            'matchers: ["hue = red"]}\ndigests',
            'unknown field "hue"',
        ),
        (
            "receiver: hook\n",
            "receiver: hook\n  quiet_hours: [{from: '22', until: '07:00'}]\n",
            "not a time of day",
        ),
        ("receiver: hook\n", "receiver: hook\n  group_by: [colour]\n", 'unknown field "colour"'),
        ("route:\n", "web: {public_url: 'https://n.example.org'}\nroute:\n", "needs secret"),
        (
            "route:\n",
            "web: {public_url: 'http://n.example.org', secret: 0123456789abcdef}\nroute:\n",
            "not an https",
        ),
        (
            "route:\n",
            "inhibit_rules: [{source_matchers: ['kind = x'], target_matchers: ['kind = y'], equal: [hue]}]\nroute:\n",
            'unknown field "hue"',
        ),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(
    told, home: Path, command: Run, old: str, new: str, said: str
) -> None:
    assert CONFIG.count(old) >= 1
    (home / "config.yaml").write_text(CONFIG.replace(old, new, 1), "utf-8")
    done = command("check-config")
    assert done.returncode == 78
    assert said in done.stderr
    assert "Traceback" not in done.stderr
