"""Feeds over a real local HTTP server, through the real client and the real parser process."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core.model import SourceSpec
from monitor.sources import Sources


async def test_a_feed_becomes_documents(sources: Sources, server: Any, now: datetime) -> None:
    server.gives("/rss", server.rss(server.item("b"), server.item("a")), ETag='W/"x1"')
    fetched = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    assert fetched.problems == ()
    first, second = fetched.documents
    assert (first.title, second.title) == ("Item a", "Item b")  # the oldest first
    assert first.text == "The court upheld the result. a"
    assert first.url == "https://wire.example/a"
    assert first.publisher == "wire.example"
    assert first.published_at == datetime(2024, 8, 22, 10, tzinfo=UTC)
    assert first.dated
    assert fetched.cursor.last_success_at == now


async def test_validators_go_back_verbatim_and_304_ends_the_trip(
    sources: Sources, server: Any, now: datetime
) -> None:
    modified = "Thu, 22 Aug 2024 10:00:00 GMT"
    server.gives("/rss", server.rss(server.item("a")), ETag='W/"odd "x"', Last_Modified=modified)
    first = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    server.gives("/rss", b"", status=304)
    second = await sources.fetch(server.spec("/rss"), first.cursor, now=now)
    assert not {"if-none-match", "if-modified-since", "cookie", "referer"} & set(server.asked[0].headers)
    assert server.asked[1].headers["if-none-match"] == 'W/"odd "x"'
    assert server.asked[1].headers["if-modified-since"] == modified
    assert "+http" in server.asked[0].headers["user-agent"]
    assert second.unchanged
    assert second.documents == ()
    assert second.cursor.etag == 'W/"odd "x"'
    assert now + timedelta(hours=1) <= second.cursor.next_poll_at <= now + timedelta(hours=1.1)


async def test_only_new_and_edited_items_are_returned_the_next_time(
    sources: Sources, server: Any, now: datetime
) -> None:
    server.gives("/rss", server.rss(server.item("b"), server.item("a")))
    first = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    server.gives("/rss", server.rss(server.item("c"), server.item("b", "Edited."), server.item("a")))
    second = await sources.fetch(server.spec("/rss"), first.cursor, now=now)
    assert [d.title for d in second.documents] == ["Item b", "Item c"]
    assert second.documents[0].identity == first.documents[1].identity
    assert second.documents[0].id != first.documents[1].id
    third = await sources.fetch(server.spec("/rss"), second.cursor, now=now)
    assert third.unchanged


async def test_a_web_page_names_its_feed(sources: Sources, server: Any, now: datetime) -> None:
    page = b"<!doctype html><html><head><link rel=alternate type=application/rss+xml href=/feed.xml></head>"
    server.gives("/", page, Content_Type="text/html")
    fetched = await sources.fetch(server.spec("/"), server.cursor(), now=now)
    (problem,) = fetched.problems
    assert problem.place == server.url("/")
    assert problem.message == "this is a web page, not a feed"
    assert problem.remedy == f"its feed may be at {server.url('/feed.xml')}"
    assert fetched.cursor.errors == 1
    assert fetched.cursor.next_poll_at > now


async def test_feed_files_are_read_under_the_base_folder_only(
    sources: Sources, server: Any, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "local.xml").write_bytes(server.rss(server.item("a")))
    for location in ("local.xml", (tmp_path / "local.xml").as_uri()):
        fetched = await sources.fetch(server.spec("", location=location), server.cursor(), now=now)
        assert [d.title for d in fetched.documents] == ["Item a"]
        again = await sources.fetch(server.spec("", location=location), fetched.cursor, now=now)
        assert again.unchanged
    for location in ("/etc/hostname", "../local.xml", "file:///etc/hostname", "ftp://x/y", "gone.xml"):
        fetched = await sources.fetch(server.spec("", location=location), server.cursor(), now=now)
        assert fetched.documents == ()
        assert fetched.problems[0].remedy
        assert fetched.cursor.errors == 1


async def test_unknown_types_and_missing_folders_do_not_raise(
    sources: Sources, server: Any, now: datetime
) -> None:
    for kind in ("folder", "jsonl", "pigeon"):
        spec = SourceSpec(id="wire", type=kind, location="nowhere")
        fetched = await sources.fetch(spec, server.cursor(), now=now)
        assert fetched.problems[0].remedy
        assert fetched.cursor.last_error


async def test_a_folder_source_keeps_its_mark_in_the_cursor(
    sources: Sources, server: Any, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("One.")
    spec = SourceSpec(id="wire", type="folder", location="notes", publisher="Desk", language="en")
    first = await sources.fetch(spec, server.cursor(), now=now)
    assert [(d.name, d.publisher, d.language) for d in first.documents] == [("a.txt", "Desk", "en")]
    second = await sources.fetch(spec, first.cursor, now=now)
    assert second.unchanged
    assert second.cursor.memory is None  # as it is stored


@pytest.mark.parametrize("kind", ["folder", "jsonl"])
async def test_filters_and_rates_are_for_folders_and_streams_too(
    sources: Sources, server: Any, now: datetime, tmp_path: Path, kind: str
) -> None:
    def put(*texts: str) -> None:
        if kind == "jsonl":
            lines = (json.dumps({"id": text, "text": text}) for text in texts)
            (tmp_path / "in").write_text("".join(f"{line}\n" for line in lines))
        else:
            (tmp_path / "in").mkdir(exist_ok=True)
            for text in texts:
                if not (tmp_path / "in" / f"{text}.txt").exists():
                    (tmp_path / "in" / f"{text}.txt").write_text(text)

    spec = SourceSpec(id="wire", type=kind, location="in", include=("court",), exclude=("tennis",))
    put("Court one", "Football", "Tennis court")
    first = await sources.fetch(spec, server.cursor(), now=now)
    assert [d.text for d in first.documents] == ["Court one"]
    put("Court one", "Football", "Tennis court", "Court two")
    second = await sources.fetch(spec, first.cursor, now=now + timedelta(days=1))
    assert [d.text for d in second.documents] == ["Court two"]
    assert second.cursor.items_a_day == pytest.approx(1 / 7)  # one came, not four
    put("Court three")
    damaged = replace(second.cursor, memory=b"odd")
    third = await sources.fetch(spec, damaged, now=now + timedelta(days=2))
    assert "Court three" in [d.text for d in third.documents]


async def test_the_hub_of_a_feed_is_found_in_its_links_and_the_header_goes_first(
    sources: Sources, server: Any, now: datetime
) -> None:
    links = (
        '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/a"/>'
        '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="https://wire.example/rss"/>'
    )
    both = "<https://hub.example/b>; rel=hub, <https://wire.example/b>; rel=self"
    json_feed = (
        '{"version": "https://jsonfeed.org/version/1.1", "items": [], "feed_url": "https://wire.example/j",'
        ' "hubs": [7, {"type": "rssCloud", "url": "https://no"}, {"type": "WebSub", "url": "https://hub.example/j"}]}'
    )
    bad = links.replace("https://hub.example/a", "javascript:alert(1)")
    for body, header, found in (
        (server.rss(extra=links), "", ("https://hub.example/a", "https://wire.example/rss")),
        (server.rss(extra=links), both, ("https://hub.example/b", "https://wire.example/b")),
        (server.rss(), "<https://hub.example/c>; rel=hub", ("https://hub.example/c", server.url("/rss"))),
        (server.rss(), "", (None, None)),
        (server.rss(extra=bad), "hub; rel=hub, <; %", (None, None)),
        (server.rss(), "<http://[/>; rel=hub", (None, None)),
        (json_feed.encode(), "", ("https://hub.example/j", "https://wire.example/j")),
    ):
        server.gives("/rss", body, **({"Link": header} if header else {}))
        fetched = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
        assert fetched.problems == ()
        assert (fetched.cursor.hub, fetched.cursor.topic) == found
