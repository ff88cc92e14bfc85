"""What is news of a feed: new identifiers, clocks that are off, filters, a server without conditions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Document, SourceCursor
from monitor.sources import Sources
from monitor.sources.memory import KEPT, Memory, Record, record_of
from monitor.sources.skew import WINDOW, estimate, learn

HOUR = timedelta(hours=1)


def item(guid: str, title: str, *, at: datetime, link: str | None = None) -> str:
    return (
        f'<item><guid isPermaLink="false">{guid}</guid><title>{title}</title><description>About {title}.'
        f"</description>{f'<link>{link}</link>' if link else ''}<pubDate>{format_datetime(at)}</pubDate></item>"
    )


def days_ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


async def test_a_burst_of_new_identifiers_is_noticed_and_is_no_news(
    sources: Sources, server: Any, now: datetime
) -> None:
    old = [
        item(f"p={n}", f"Title {n}", at=days_ago(now, n + 2), link=f"https://w.example/{n}")
        for n in range(20)
    ]
    server.gives("/rss", server.rss(*old))
    first = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    assert len(first.documents) == 20
    moved = [
        item(f"urn:{n}", f"Title {n}", at=days_ago(now, n + 2), link=f"https://new.example/a/{n}")
        for n in range(15)
    ]
    renamed = [item("urn:r", "Another title", at=days_ago(now, 4), link="https://w.example/19")]
    backlog = [item("urn:old", "Never listed", at=days_ago(now, 90), link="https://new.example/old")]
    news = [item("urn:n", "Court annuls the vote", at=now + HOUR, link="https://new.example/n")]
    server.gives("/rss", server.rss(*news, *moved, *renamed, *backlog))
    second = await sources.fetch(server.spec("/rss"), first.cursor, now=now + 2 * HOUR)
    assert [d.title for d in second.documents] == ["Court annuls the vote"]
    (problem,) = second.problems
    assert problem.message == "17 of 18 items came back under new identifiers; they are not told again"
    third = [item("urn:n2", "Second ruling", at=now + 2 * HOUR, link="https://new.example/n2")]
    server.gives("/rss", server.rss(*third, *news, *moved))
    later = await sources.fetch(server.spec("/rss"), second.cursor, now=now + 3 * HOUR)
    assert [d.title for d in later.documents] == ["Second ruling"]
    assert later.problems == ()


async def test_a_feed_that_was_not_read_for_long_is_no_burst(
    sources: Sources, server: Any, now: datetime
) -> None:
    def page(start: int, at: datetime) -> bytes:
        return server.rss(*(item(f"g{n}", f"Story {n}", at=at) for n in range(start, start + 20)))

    server.gives("/rss", page(0, now - HOUR))
    first = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    week = timedelta(days=7)
    server.gives("/rss", page(500, now + week - HOUR))
    second = await sources.fetch(server.spec("/rss"), first.cursor, now=now + week)
    assert len(second.documents) == 20
    assert second.problems == ()


async def test_the_same_body_without_conditions_is_not_parsed(
    sources: Sources, server: Any, now: datetime
) -> None:
    server.gives("/rss", server.rss(server.item("a")))
    first = await sources.fetch(server.spec("/rss"), server.cursor(), now=now)
    (child,) = sources._parser._idle
    second = await sources.fetch(server.spec("/rss"), first.cursor, now=now)
    assert child.served == 1
    assert second.unchanged
    assert second.cursor.memory is None  # as it is stored


async def test_items_come_and_go_and_are_not_new_again(sources: Sources, server: Any, now: datetime) -> None:
    cursor = server.cursor()
    told: list[str] = []
    for shown in (("a", "b"), ("b", "c"), ("c",), ("a", "c"), ("b", "d")):
        server.gives("/rss", server.rss(*(server.item(guid) for guid in shown)))
        fetched = await sources.fetch(server.spec("/rss"), cursor, now=now)
        told += sorted(d.title for d in fetched.documents)
        cursor = fetched.cursor
    assert told == ["Item a", "Item b", "Item c", "Item d"]


async def test_filters_choose_by_title_and_text(sources: Sources, server: Any, now: datetime) -> None:
    items = [
        server.item("a", "The COURT ruled."),
        server.item("b", "Football."),
        server.item("c", "Court of tennis."),
    ]
    server.gives("/rss", server.rss(*items))
    spec = server.spec("/rss", include=(r"\bcourt\b", "election"), exclude=("tennis",))
    fetched = await sources.fetch(spec, server.cursor(), now=now)
    assert [d.title for d in fetched.documents] == ["Item a"]
    server.gives("/rss", server.rss(*items, server.item("d", "Election.")))
    again = await sources.fetch(spec, fetched.cursor, now=now)
    assert [d.title for d in again.documents] == ["Item d"]


@pytest.mark.parametrize("hours", [5, -4, 0])
async def test_a_clock_that_is_hours_off_is_found_and_corrected(
    sources: Sources, server: Any, now: datetime, hours: int
) -> None:
    """The stamps are `hours` early; from the twelfth new item on they are put right."""
    cursor, items = server.cursor(), []
    for turn in range(16):
        at = now + turn * HOUR
        true = at - timedelta(minutes=3 + turn % 7)
        items = [item(f"g{turn}", f"Story {turn}", at=true - hours * HOUR), *items][:10]
        server.gives("/rss", server.rss(*items))
        fetched = await sources.fetch(server.spec("/rss"), cursor, now=at)
        cursor = fetched.cursor
    (last,) = fetched.documents
    assert cursor.skew_s == hours * 3600
    assert last.published_at == true
    assert last.dated


@given(st.integers(-14, 14), st.lists(st.integers(0, 1200), min_size=15, max_size=40))
def test_quick_items_show_the_skew_to_the_hour(hours: int, lags: list[int]) -> None:
    assert estimate([hours * 3600 + lag for lag in lags]) == hours * 3600


def test_slow_items_are_no_skew() -> None:
    scattered = [5 * 3600 + 1900 * n for n in range(20)]
    assert estimate(scattered) == 0
    assert estimate([5 * 3600 + 100] * 11) == 0  # too few
    assert estimate([-200] * 20) == 0
    assert estimate([5 * 3600 - 120] * 20) == 5 * 3600
    assert learn(range(WINDOW), [7]) == (*range(1, WINDOW), 7)


def document(name: str) -> Document:
    return Document(
        id=name,
        identity=name,
        name=name,
        source="s",
        text=name,
        title=name,
        retrieved_at=datetime(2024, 9, 1, tzinfo=UTC),
        content_hash=name,
    )


@given(st.lists(st.text(max_size=5), unique=True, max_size=20))
def test_what_was_remembered_comes_back(names: list[str]) -> None:
    records = tuple(record_of(document(name), n) for n, name in enumerate(names))
    assert Memory.load(Memory(records).dump()).records == records


def test_a_damaged_memory_is_none_and_a_long_one_is_cut() -> None:
    assert Memory.load(b"123").records == Memory.load(None).records == ()
    long = tuple(Record(n, n, n, 0, 0) for n in range(KEPT + 100))
    new = Record(10**6, 1, 1, 0, 0)
    assert len(Memory(long).after([new]).records) == KEPT
    assert len(Memory().after(long).records) == KEPT + 100  # what is there now is kept in any case
    assert Memory(long).after([new]).records[0] == new


def test_an_empty_cursor_has_no_memory() -> None:
    assert Memory.load(SourceCursor(source_id="a").memory).known() == {}
