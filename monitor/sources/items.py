"""A feed's new items to documents: identity, believable dates, filters, and what is no news at all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from monitor.core.model import Document, Fetched, Problem, SourceCursor, SourceSpec, stable_id
from monitor.sources import skew
from monitor.sources.html import canonical_link
from monitor.sources.memory import Memory, Record, record_of
from monitor.sources.schedule import succeeded
from monitor.sources.text import content_hash, document_from_text
from monitor.sources.times import parse_time

_OLDEST = timedelta(days=30 * 365)
_AHEAD = timedelta(hours=1)
_BACKLOG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Item:
    """A new item: its document, its marks, and its own stamp, uncorrected."""

    document: Document
    record: Record
    stamp: datetime | None


def take_in(
    source: SourceSpec,
    cursor: SourceCursor,
    memory: Memory,
    feed: dict[str, Any],
    *,
    url: str,
    now: datetime,
    hints: tuple[float, ...] = (),
) -> Fetched:
    """Return what came of a feed (`delta.parse_new`) whose earlier items are in `memory`."""
    items = _items(source, cursor, feed, url=url, now=now)
    told = {record.document for record in memory.records}
    new = [item for item in items if item.record.document not in told]
    burst = memory.is_burst([item.record for item in items], len(feed["marks"]))
    news = _news(new, memory, cursor) if burst else new
    notes = list(feed["notes"])
    if len(news) < len(new):
        notes.append(
            f"{len(new) - len(news)} of {len(feed['marks'])} items came back under new identifiers; "
            "they are not told again"
        )
    known = memory.known() | {item.record.raw: item.record for item in items}
    after = memory.after(known[mark] for mark in feed["marks"] if mark in known)
    identities = {record.identity for record in memory.records}
    fresh = [] if burst else [item for item in new if item.record.identity not in identities]
    cursor = _learned(cursor, fresh, source, now)
    documents = tuple(item.document for item in news if wanted(source, item.document))
    return Fetched(
        cursor=succeeded(source, cursor, now=now, new=len(news), hints=hints, memory=after.dump()),
        documents=documents,
        problems=tuple(Problem(place=url, message=note) for note in notes),
        unchanged=not news,
    )


def _news(new: list[_Item], memory: Memory, cursor: SourceCursor) -> list[_Item]:
    """Return those items of a burst that are news: with a title and link of their own, and not long there."""
    faces = memory.faces()
    before = cursor.last_success_at
    return [
        item
        for item in new
        if not {item.record.title, item.record.link} & faces
        and not (before and item.stamp and item.stamp < before - _BACKLOG)
    ]


def _learned(cursor: SourceCursor, new: list[_Item], source: SourceSpec, now: datetime) -> SourceCursor:
    """Return the cursor with what the new items' stamps say about the source's clock.

    Only items that came since a reading of late count: a backlog has any age.
    """
    if cursor.last_success_at is None or now - cursor.last_success_at > 3 * timedelta(
        seconds=source.interval_s
    ):
        return cursor
    lags = skew.learn(cursor.lags_s, [int((now - i.stamp).total_seconds()) for i in new if i.stamp])
    return replace(cursor, lags_s=lags, skew_s=skew.estimate(lags))


def _items(
    source: SourceSpec, cursor: SourceCursor, feed: dict[str, Any], *, url: str, now: datetime
) -> list[_Item]:
    """Return the feed's new items, oldest first, each identity once."""
    counts = Counter(item["guid"] for item in feed["items"] if item["guid"])
    publisher = source.publisher or _site(feed["link"] or url) or feed["title"] or None
    found: dict[str, _Item] = {}
    for item in feed["items"]:
        if not (item["title"] or item["text"]):
            continue
        # A feed that gives all its items one guid has none.
        guid = item["guid"] if counts[item["guid"]] == 1 else None
        stamp = _stamp(item, now)
        document = _document(source, {**item, "guid": guid}, publisher, feed, now)
        document = _dated(document, stamp, cursor.skew_s, now)
        found.setdefault(document.identity, _Item(document, record_of(document, item["mark"]), stamp))
    newest_last = list(found.values())
    newest_last.reverse()  # feeds list the newest first; sorting keeps this order among equal times
    return sorted(newest_last, key=lambda item: item.document.published_at or now)


def _document(
    source: SourceSpec, item: dict[str, Any], publisher: str | None, feed: dict[str, Any], now: datetime
) -> Document:
    text = item["text"] or item["title"]
    return document_from_text(
        text,
        name=item["title"] or item["link"] or item["guid"] or source.id,
        source=source.id,
        now=now,
        identity=_identity(source, item, text),
        title=item["title"],
        url=item["link"],
        publisher=source.publisher or item["publisher"] or publisher,
        language=source.language or feed["language"],
    )


def _identity(source: SourceSpec, item: dict[str, Any], text: str) -> str:
    if item["guid"]:
        key = f"guid\x1f{item['guid']}"
    elif item["link"]:
        key = f"link\x1f{canonical_link(item['link'])}"
    else:
        key = f"text\x1f{item['title']}\x1f{content_hash(text)}"
    return stable_id("i", source.id, key)


def _stamp(item: dict[str, Any], now: datetime) -> datetime | None:
    """Return the item's own time, where it is one that a clock may show, be it off by half a day."""
    value = item["published"] or item["updated"]
    when = parse_time(value) if value else None
    return when if when and now - _OLDEST <= when <= now + timedelta(hours=15) else None


def _dated(document: Document, stamp: datetime | None, skew_s: int, now: datetime) -> Document:
    """Return the document with its stamp, corrected; without a believable one the time of reading stands in."""
    when = stamp + timedelta(seconds=skew_s) if stamp else None
    # An old item of an archive may bear a right stamp: only what would be in the future is taken back.
    if when and when > now + _AHEAD:
        when = stamp
    if when is None or when > now + _AHEAD:
        return replace(document, published_at=now, dated=False)
    return replace(document, published_at=when, dated=True)


def wanted(source: SourceSpec, document: Document) -> bool:
    """Return whether the source's filters let the document in."""
    text = f"{document.title}\n{document.text}"
    if any(_pattern(line).search(text) for line in source.exclude):
        return False
    return not source.include or any(_pattern(line).search(text) for line in source.include)


@lru_cache(maxsize=1024)
def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(line, re.IGNORECASE)


def _site(url: str) -> str:
    """Return the site behind a link, as the voice that two feeds of one publisher share."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
