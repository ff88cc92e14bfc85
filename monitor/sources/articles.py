"""The articles behind a feed's links: asked for politely, as robots.txt allows, under the guards of every request."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.core.errors import BlockedAddressError, MonitorError, SourceError
from monitor.core.model import Document, Problem, SourceSpec, stable_id
from monitor.sources.http import HttpClient, HttpError
from monitor.sources.parser import ParserPool
from monitor.sources.text import content_hash
from monitor.sources.times import parse_time

MOST = 30
"""Articles that are asked for at one reading, the newest; the others keep the feed's text."""

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_AGENT = "news-event-monitor"
_ROBOTS_STAY = timedelta(hours=24)
_ROBOTS_BYTES = 500 * 1024  # as much as RFC 9309 asks a reader to take
_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 10.0
_MUCH_LONGER = 1.2


@dataclass(frozen=True, slots=True)
class _Rules:
    """A site's robots.txt; `parsed` is None where nothing may be read for now."""

    parsed: Any
    until: datetime


class Articles:
    """Reads articles; keeps each site's rules for a day."""

    def __init__(self, *, http: HttpClient, parser: ParserPool, pause_s: float = _PAUSE_S) -> None:
        self._http = http
        self._parser = parser
        self._pause_s = pause_s
        self._rules: dict[str, _Rules] = {}

    async def complete(
        self, source: SourceSpec, documents: Sequence[Document], *, now: datetime
    ) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """Return the documents with their articles' text where that is longer, and at most one problem."""
        out = list(documents)
        failed: list[MonitorError] = []
        for index in range(max(0, len(out) - MOST), len(out)):
            if not out[index].url:
                continue
            try:
                out[index] = await self._complete(source, out[index], now)
            except MonitorError as error:
                failed.append(error)
        return tuple(out), _summary(failed, min(len(out), MOST))

    async def _complete(self, source: SourceSpec, document: Document, now: datetime) -> Document:
        url = document.url or ""
        await self._ask_robots(source, url, now)
        answer = await self._http.get(url, now=now, accept=_ACCEPT, allow_private=source.allow_private)
        article = await self._parser.article(answer.body, url=answer.url, content_type=answer.content_type)
        text = article["text"]
        if len(text) < _MUCH_LONGER * len(document.text):
            return document
        digest = content_hash(text)
        found = parse_time(article["published"] or "")
        dated = found is not None and not document.dated and found <= now
        return replace(
            document,
            id=stable_id("d", document.identity, digest),
            text=text,
            content_hash=digest,
            published_at=found if dated else document.published_at,
            dated=document.dated or dated,
        )

    async def _ask_robots(self, source: SourceSpec, url: str, now: datetime) -> None:
        """Wait as long as the site asks for. Raises SourceError where it does not want this article read."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        rules = self._rules.get(site)
        if rules is None or rules.until <= now:
            rules = self._rules[site] = await self._read_robots(source, site, now)
        if rules.parsed is None or not rules.parsed.can_fetch(url, _AGENT):
            raise SourceError(
                "the site's robots.txt does not allow it", place=url, remedy="the feed's own text is used"
            )
        asked = float(rules.parsed.crawl_delay(_AGENT) or 0.0)
        await asyncio.sleep(max(self._pause_s, min(asked, _LONGEST_PAUSE_S)))

    async def _read_robots(self, source: SourceSpec, site: str, now: datetime) -> _Rules:
        """Read the rules as RFC 9309 says: 4xx means that all is allowed, an unreachable file that nothing is."""
        parse = _protego().parse
        until = now + _ROBOTS_STAY
        try:
            answer = await self._http.get(
                f"{site}/robots.txt", now=now, accept="text/plain", allow_private=source.allow_private
            )
        except HttpError as error:
            if 400 <= error.status < 500 and error.status != 429:
                return _Rules(parse(""), until)
            return _Rules(None, now + timedelta(hours=1))
        except BlockedAddressError:
            raise
        except SourceError:
            return _Rules(None, now + timedelta(hours=1))
        return _Rules(parse(answer.body[:_ROBOTS_BYTES].decode("utf-8", "replace")), until)


def _protego() -> Any:
    try:
        return importlib.import_module("protego").Protego
    except ImportError:
        raise SourceError(
            "full_text needs an extra",
            place="full_text",
            remedy="install it: pip install 'news-event-monitor[articles]'",
        ) from None


def _summary(failed: Sequence[MonitorError], count: int) -> tuple[Problem, ...]:
    if not failed:
        return ()
    first = failed[0]
    message = f"{len(failed)} of {count} articles could not be read; the first: {first.message}"
    return (Problem(place=first.place or "", message=message, remedy=first.remedy),)
