"""The commands about sources, as their user meets them, against a server of the test's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from monitor.core.model import HubSubscription
from monitor.sources.opml import read_opml
from monitor.store import open_store
from monitor.web import Health
from tests.e2e.conftest import Run
from tests.e2e.test_daemon import daemon, wait

CONFIG = "database: sqlite:///var/monitor.db\nsources: [{id: desk, folder: good}]\n"
ITEM = (
    "<item><guid>{n}</guid><title>Arrest {n}</title><link>https://wire.example/{n}</link>"
    "<description>Police in Caracas arrested the union leader "
    "Ramona Quintero on Tuesday.</description><pubDate>Tue, 03 Sep 2024 10:00:00 GMT</pubDate></item>"
)


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 404 if "broken" in self.path else 429 if "busy" in self.path else 200
        items = "".join(ITEM.format(n=f"{self.path}-{n}") for n in range(0 if "empty" in self.path else 3))
        if "fresh" in self.path:
            items = items.replace("Tue, 03 Sep 2024 10:00:00 GMT", formatdate(time.time()))
        if "undated" in self.path:
            items = items.replace("pubDate", "other")
        body = f"<rss version='2.0'><channel><title>{self.path}</title>{items}</channel></rss>".encode()
        if "page" in self.path:
            body = b"<!doctype html><html><link rel=alternate type=application/rss+xml href=/feed/1></html>"
        if "bare" in self.path:
            body = b"<!doctype html><html><p>Just a moment</p></html>"
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7200")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.asked.append(self.path)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.request_queue_size = 500
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def state(home: Path, command: Run) -> Path:
    (home / "good").mkdir()
    (home / "config.yaml").write_text(CONFIG, "utf-8")
    assert command("db", "migrate").returncode == 0
    return home


def url(site: ThreadingHTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{site.server_port}{path}"


def listed(command: Run, *options: str) -> dict[str, dict[str, object]]:
    out = command("feeds", "list", "--json", *options).stdout
    return {row["source"]: row for row in map(json.loads, out.splitlines())}


def test_a_feed_is_tried_added_read_paused_resumed_and_removed(
    state: Path, command: Run, site: ThreadingHTTPServer
) -> None:
    tried = command("feeds", "test", url(site, "/feed/1"))
    assert "set allow_private: true" in tried.stderr  # the guard holds for commands too
    allowed = command("feeds", "test", url(site, "/feed/1"), "--allow-private")
    assert "3 documents, 3 claims." in allowed.stdout
    added = command(
        *("feeds", "add", url(site, "/feed/1"), "--id", "one", "--allow-private"),
        *("--every", "30m", "--publisher", "Wire", "--exclude", "football"),
    )
    assert added.returncode == 0
    assert "3 documents are there." in added.stdout
    assert "there already" in command("feeds", "add", url(site, "/feed/1"), "--allow-private").stdout
    assert listed(command)["one"]["state"] == "not read yet"
    assert listed(command)["one"]["added"] is True
    shown = command("feeds", "test", "one").stdout
    assert "arrest" in shown
    assert "Ramona Quintero" in shown
    assert "3 documents, 3 claims." in shown
    assert command("once").returncode == 0
    row = listed(command)["one"]
    assert (row["state"], row["errors"]) == ("ok", 0)
    site.asked.clear()  # type: ignore[attr-defined]
    assert command("feeds", "pause", "one", "desk").returncode == 0
    command("once")
    assert site.asked == []  # type: ignore[attr-defined]
    assert {name: r["state"] for name, r in listed(command).items()} == {"one": "paused", "desk": "paused"}
    assert command("feeds", "resume", "one").returncode == 0
    command("once")
    assert site.asked == ["/feed/1"]  # type: ignore[attr-defined]
    assert command("feeds", "remove", "one").returncode == 0
    assert list(listed(command)) == ["desk"]
    assert "one" not in command("feeds", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("remove", "desk"), "stands in the configuration"),
        (("remove", "nobody"), 'there is no source "nobody"'),
        (("pause", "nobody"), 'there is no source "nobody"'),
        (("test", "htp://w.example/"), "this kind of address is not read"),
        (("test", "www.w.example/feed"), "a web address is written https://www.w.example/feed"),
        (("add", "no/such/file", "--no-check"), "there is no such source, file or folder"),
        (("add", "https://w.example/", "--no-check", "--id", "desk"), 'the name "desk" is taken'),
        (("add", "https://w.example/", "--no-check", "--id", "a b"), '"a b" is no name'),
        (("add", "https://w.example/", "--no-check", "--exclude", "("), "not a regular expression"),
        (("add", "https://w.example/", "--no-check", "--every", "soon"), "not a duration"),
    ],
)
def test_what_cannot_be_is_one_line(
    state: Path, command: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = command("feeds", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(listed(command)) == ["desk"]


def test_what_does_not_work_is_not_added_and_names_the_way_out(
    state: Path, command: Run, site: ThreadingHTTPServer
) -> None:
    done = command("feeds", "add", url(site, "/page"), "--allow-private")
    assert done.returncode == 1
    assert f"its feed may be at {url(site, '/feed/1')}" in done.stderr
    assert list(listed(command)) == ["desk"]
    command("feeds", "add", url(site, "/broken"), "--allow-private", "--no-check", "--id", "b")
    for _ in range(3):
        command("once")
    assert [name for name, row in listed(command, "--troubled").items() if row["state"] == "failing"] == ["b"]


def test_500_feeds_of_a_broken_opml_file_are_checked_and_added(
    state: Path, command: Run, site: ThreadingHTTPServer
) -> None:
    paths = [f"/{'feed' if n % 10 else 'broken'}/{n}" for n in range(500)]
    outlines = "".join(
        f'<outline text="Feed & Co {n % 490}" xmlUrl="{url(site, path)}">\n' for n, path in enumerate(paths)
    )
    file = state / "feeds.opml"
    file.write_text(f"<opml><body>{outlines}", "utf-8")  # bare "&", nothing is closed
    done = command("feeds", "import", str(file), "--allow-private", "--working")
    assert "450 of 500 feeds work." in done.stdout
    assert "450 added; 0 were there already." in done.stdout
    assert "50 feeds: there is nothing at this address (404) (look on the site" in done.stdout
    assert done.stdout.count("/broken/") == 50
    rows = listed(command)
    assert len(rows) == 451
    assert "feed-co-1-2" in rows  # a second feed of one title
    out = state / "out.opml"
    assert command("feeds", "export", str(out)).returncode == 0
    assert {s.url for s in read_opml(out.read_bytes(), place="out")} == {
        r["location"] for r in rows.values() if r["type"] == "feed"
    }
    assert command("feeds", "export").stdout == out.read_text("utf-8")
    again = command("feeds", "import", str(out), "--no-check")
    assert "0 added; 450 were there already." in again.stdout
    dry = command("feeds", "import", str(file), "--dry-run", "--no-check").stdout
    assert dry == "Nothing was added; 450 were there already.\n"
    assert len(listed(command)) == 451


def test_an_import_names_by_their_trouble_those_that_do_not_work_and_lists_them_at_once(
    state: Path, command: Run, site: ThreadingHTTPServer
) -> None:
    paths = ["/fresh", "/feed/empty", "/feed/old", "/page/1", "/page/bare", "/broken/1", "/broken/2"]
    paths += ["/busy/1", "/busy/2"]  # the last, because then the whole host is left alone
    outlines = "".join(f'<outline text="F {path}" xmlUrl="{url(site, path)}"/>' for path in paths)
    (state / "feeds.opml").write_text(f"<opml><body>{outlines}</body></opml>", "utf-8")
    done = command("feeds", "import", "feeds.opml", "--allow-private")
    assert done.stdout.splitlines() == [
        "2 feeds: this is a web page, not a feed",
        f"  f-page-1     {url(site, '/page/1')}  (its feed may be at {url(site, '/feed/1')})",
        f"  f-page-bare  {url(site, '/page/bare')}  (look for an RSS or Atom link on that page)",
        "",
        "2 feeds: there is nothing at this address (404) (look on the site for the feed's new address)",
        f"  f-broken-1  {url(site, '/broken/1')}",
        f"  f-broken-2  {url(site, '/broken/2')}",
        "",
        "1 feed: the server asks for fewer requests (429) (its whole host is left alone for 2 h)",
        f"  f-busy-1  {url(site, '/busy/1')}",
        "",
        "1 feed: it was not asked, because another feed of its host was told to wait (the daemon asks it later)",
        f"  f-busy-2  {url(site, '/busy/2')}",
        "",
        "These work, but:",
        "  f-feed-empty  it holds nothing now",
        "  f-feed-old    nothing new since 2024-09-03; it may be abandoned",
        "",
        "3 of 9 feeds work.",
        "9 added; 0 were there already.",
        (
            "Those that do not work were added too, and are tried again, ever less often. `monitor feeds list "
            "--troubled` shows them, `monitor feeds remove NAME…` takes them out; --working adds only the others."
        ),
        "`monitor run` reads them; `monitor feeds list` shows how that goes.",
    ]
    states = {name: row["state"] for name, row in listed(command, "--troubled").items()}
    assert states == dict.fromkeys(
        ("f-broken-1", "f-broken-2", "f-busy-1", "f-page-1", "f-page-bare"), "trying again"
    )
    shown = command("feeds", "list", "--troubled").stdout.splitlines()
    assert shown[0].split() == "source state last read last new a day next location".split()
    assert [line.split()[0] for line in shown[1:6]] == list(states)
    assert shown[3].split()[1:] == ["trying", "again", "-", "-", "0.0", "in", "2", "h", url(site, "/busy/1")]
    assert shown[7].startswith("f-broken-1: failed at 20")
    assert shown[7].endswith("(404) (look on the site for the feed's new address)")
    assert shown[-1] == "5 sources: 5 trying again."
    assert command("feeds", "list").stdout.splitlines()[-1] == "10 sources: 5 not read yet, 5 trying again."


def test_without_a_state_an_import_ends_before_it_reads(
    home: Path, command: Run, site: ThreadingHTTPServer
) -> None:
    (home / "config.yaml").write_text(CONFIG, "utf-8")
    (home / "feeds.opml").write_text(
        f"<opml><body><outline xmlUrl='{url(site, '/feed/1')}'/></body></opml>", "utf-8"
    )
    done = command("feeds", "import", "feeds.opml", "--allow-private")
    assert done.returncode == 1
    assert "there is no state yet (run `monitor db migrate`)" in done.stderr
    assert site.asked == []  # type: ignore[attr-defined]
    dry = command("feeds", "import", "feeds.opml", "--allow-private", "--dry-run").stdout
    assert "1 of 1 feeds work.\nNothing was added; 0 were there already.\n" in dry


def test_a_trial_says_what_to_know_of_a_source(state: Path, command: Run, site: ThreadingHTTPServer) -> None:
    def tried(path: str) -> tuple[int, str, str]:
        spec = f"sources: [{{id: one, feed: '{url(site, path)}', allow_private: true}}]\n"
        (state / "config.yaml").write_text(f"database: sqlite:///var/monitor.db\n{spec}", "utf-8")
        done = command("feeds", "test", "one")
        return done.returncode, done.stdout, done.stderr

    code, out, _ = tried("/feed/1")
    assert (code, out.splitlines()[0].split()[:2]) == (0, ["published", "(UTC)"])
    assert out.splitlines()[-4:] == [
        "3 documents, 3 claims.",
        "It works, but nothing new since 2024-09-03; it may be abandoned.",
        "Its items are short (at most 71 letters): full_text (by command --full-text) reads the articles behind them.",
        "The site sends no ETag and no Last-Modified: every reading fetches all of it.",
    ]
    code, out, _ = tried("/feed/empty")
    assert (code, out.splitlines()[:2]) == (
        0,
        ["0 documents, 0 claims.", "It works, but it holds nothing now."],
    )
    assert "Nothing in it bears a date" in tried("/feed/undated")[1]
    code, out, err = tried("/broken/1")
    assert (code, out) == (1, "")
    assert err == (
        f"warning: {url(site, '/broken/1')}: there is nothing at this address (404) "
        "(look on the site for the feed's new address)\n"
    )


def test_a_running_daemon_follows_what_is_added(state: Path, command: Run, site: ThreadingHTTPServer) -> None:
    with daemon(state) as (process, lines):
        add = ("feeds", "add", url(site, "/feed/9"), "--allow-private", "--id", "late", "--no-check")
        assert command(*add).returncode == 0
        wait(lambda: any("source=late" in line for line in lines))
        process.terminate()
        assert process.wait(30) == 0
    assert listed(command)["late"]["state"] == "ok"


def test_what_a_hub_said_is_listed_and_a_feed_added_by_command_is_counted(
    state: Path, command: Run, site: ThreadingHTTPServer
) -> None:
    command("feeds", "add", url(site, "/feed/1"), "--id", "one", "--allow-private", "--no-check")
    until = datetime(2999, 1, 1, tzinfo=UTC)
    hub = "https://hub.example/"
    push = HubSubscription(hub=hub, topic="t", token="x", callback="c", lease_until=until)
    for held, said in (
        (push, f"its hub {hub} tells of changes until 2999-01-01 00:00"),
        (replace(push, lease_until=None), f"its hub {hub} has not confirmed yet"),
        (replace(push, error="denied: no"), f"its hub {hub} does not serve us: denied: no"),
    ):
        store = open_store(f"sqlite:///{state}/var/monitor.db")
        with store.begin() as tx:
            record = tx.source_record("one")
            assert record is not None
            tx.save_source_record(replace(record, push=held))
        metrics = Health(store=store, sources=(), clock=lambda: until).metrics()
        store.close()
        row = listed(command)["one"]
        assert (row["remarks"], row["hub_until"]) == (
            [said],
            held.lease_until.isoformat() if held.lease_until else None,
        )
        assert "monitor_sources 1\n" in metrics
