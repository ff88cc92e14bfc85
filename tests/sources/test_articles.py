"""The articles behind a feed's links, from a real local server, through the real client and parser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.sources import Sources
from monitor.sources.articles import MOST, Articles
from monitor.sources.http import HttpClient
from monitor.sources.parser import ParserPool

PARAGRAPHS = [
    f"Paragraph {n}: police in Caracas arrested the union leader Ramona Quintero on Tuesday, said the office."
    for n in range(6)
]


def page(*paragraphs: str) -> bytes:
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        "<!doctype html><html><head><title>T</title><meta property='article:published_time' "
        "content='2024-08-21T10:00:00Z'></head><body><nav><a href='/'>Home</a></nav><article><h1>Arrest</h1>"
        f"{body}<script>alert(1)</script></article><footer>Copyright of the site</footer></body></html>"
    ).encode()


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    http, parser = HttpClient(timeout_s=5, max_bytes=1_000_000), ParserPool(size=1, timeout_s=10)
    articles = Articles(http=http, parser=parser, pause_s=0)
    async with Sources(base_dir=tmp_path, http=http, parser=parser, articles=articles) as running:
        yield running


def feed(server: Any, *paths: str) -> None:
    server.gives("/rss", server.rss(*(server.item(p.strip("/"), link=server.url(p)) for p in paths)))


async def read(sources: Sources, server: Any, now: datetime, **options: Any) -> Any:
    spec = server.spec("/rss", **{"full_text": True, **options})
    return await sources.fetch(spec, server.cursor(), now=now)


async def test_the_article_replaces_the_teaser(sources: Sources, server: Any, now: datetime) -> None:
    feed(server, "/a", "/short")
    server.gives("/a", page(*PARAGRAPHS), Content_Type="text/html")
    server.gives("/short", page("Brief."), Content_Type="text/html")
    fetched = await read(sources, server, now)
    texts = {d.title: d.text for d in fetched.documents}
    assert texts["Item a"].endswith("\n\n".join(PARAGRAPHS))
    assert "alert" not in texts["Item a"]
    assert "Copyright" not in texts["Item a"]
    assert texts["Item short"] == "The court upheld the result. short"
    assert fetched.problems == ()
    assert fetched.documents[0].published_at == datetime(2024, 8, 22, 10, tzinfo=UTC)  # the feed's own stamp
    assert [a.path for a in server.asked].count("/robots.txt") == 1
    plain = await read(sources, server, now, full_text=False)
    assert {d.identity for d in plain.documents} == {d.identity for d in fetched.documents}


async def test_an_undated_item_takes_the_page_s_date(sources: Sources, server: Any, now: datetime) -> None:
    item = f"<item><guid>a</guid><title>Arrest</title><link>{server.url('/a')}</link></item>"
    server.gives("/rss", server.rss(item))
    server.gives("/a", page(*PARAGRAPHS), Content_Type="text/html")
    (document,) = (await read(sources, server, now)).documents
    assert (document.published_at, document.dated) == (datetime(2024, 8, 21, 10, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("status", "robots", "allowed"),
    [
        (200, b"User-agent: *\nDisallow: /private/*.html", True),
        (200, b"User-agent: *\nDisallow: /*\nAllow: /rss", False),
        (200, b"User-agent: news-event-monitor\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        (404, b"", True),
        (403, b"", True),
        (503, b"", False),
        (429, b"", False),
    ],
)
async def test_robots_txt_is_obeyed(
    sources: Sources, server: Any, now: datetime, status: int, robots: bytes, *, allowed: bool
) -> None:
    feed(server, "/a")
    server.gives("/robots.txt", robots, status=status)
    server.gives("/a", page(*PARAGRAPHS), Content_Type="text/html")
    fetched = await read(sources, server, now)
    (document,) = fetched.documents
    assert ("/a" in [a.path for a in server.asked]) is allowed
    assert ("Paragraph 5" in document.text) is allowed
    if not allowed:
        (problem,) = fetched.problems
        assert "1 of 1 articles could not be read" in problem.message
    assert fetched.cursor.errors == 0  # the feed itself is well


async def test_one_bad_article_harms_no_other(sources: Sources, server: Any, now: datetime) -> None:
    feed(server, "/gone", "/pdf", "/a")
    server.gives("/a", page(*PARAGRAPHS), Content_Type="text/html")
    server.gives("/pdf", b"%PDF", Content_Type="application/pdf")
    fetched = await read(sources, server, now)
    assert [("Paragraph" in d.text) for d in fetched.documents].count(True) == 1
    assert len(fetched.documents) == 3
    assert "2 of 3 articles could not be read" in fetched.problems[0].message


async def test_the_guard_holds_for_articles(server: Any, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "feed.xml").write_bytes(server.rss(server.item("a", link=server.url("/a"))))
    feed(server, "/a")
    async with Sources(base_dir=tmp_path) as sources:
        spec = server.spec("", location="feed.xml", full_text=True, allow_private=False)
        fetched = await sources.fetch(spec, server.cursor(), now=now)
    assert server.asked == []
    assert len(fetched.documents) == 1
    assert "its address must not be dialled" in fetched.problems[0].message


async def test_a_backlog_is_not_asked_for_whole(sources: Sources, server: Any, now: datetime) -> None:
    feed(server, *(f"/{n}" for n in range(MOST + 8)))
    for n in range(MOST + 8):
        server.gives(f"/{n}", page(*PARAGRAPHS), Content_Type="text/html")
    fetched = await read(sources, server, now)
    assert len(fetched.documents) == MOST + 8
    assert sum("Paragraph" in d.text for d in fetched.documents) == MOST
    later = await sources.fetch(
        server.spec("/rss", full_text=True), fetched.cursor, now=now + timedelta(hours=1)
    )
    assert later.unchanged
