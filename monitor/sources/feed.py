"""One reading of a feed: ask, parse, and turn its items into documents."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from monitor.core.errors import MonitorError, SourceError
from monitor.core.model import Document, Fetched, Problem, SourceCursor, SourceSpec, stable_id
from monitor.sources.html import canonical_link
from monitor.sources.http import HostRestsError, HttpClient, HttpError, Response
from monitor.sources.parser import MAX_FEED_BYTES, ParserPool
from monitor.sources.schedule import failed, rest, succeeded
from monitor.sources.text import content_hash, document_from_text
from monitor.sources.times import parse_time

MOVES_AFTER = 3
_OLDEST = timedelta(days=30 * 365)
_AHEAD = timedelta(hours=1)
_MAX_SEEN = 2000
_ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>", b"}", b":rdf>", b":feed>", b":rss>")


class FeedReader:
    """Reads feeds from the web, and from files under the configuration's folder."""

    def __init__(self, *, http: HttpClient, parser: ParserPool, base_dir: Path) -> None:
        self._http = http
        self._parser = parser
        self._base_dir = base_dir
        self._moves: dict[str, tuple[str, int]] = {}

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        """Return the items that were not there at the last reading. Raises MonitorError when it fails."""
        if not _is_web(source.location):
            return await self._fetch_file(source, cursor, now)
        try:
            return await self._fetch_web(source, cursor, cursor.url or source.location, now)
        except HostRestsError as error:
            return Fetched(cursor=rest(cursor, until=error.until), unchanged=True)
        except MonitorError as error:
            if cursor.url and cursor.url != source.location:
                # The address it moved to fails: next time the configured one is asked again.
                cursor = replace(cursor, url=None, etag=None, last_modified=None)
            return _failure(source, cursor, error, now)

    async def _fetch_web(self, source: SourceSpec, cursor: SourceCursor, url: str, now: datetime) -> Fetched:
        response = await self._http.get(
            url,
            now=now,
            headers=source.headers,
            etag=cursor.etag,
            last_modified=cursor.last_modified,
            allow_private=source.allow_private,
        )
        if response.status == 304:
            after = succeeded(source, cursor, now=now, changed=False, hints=(response.max_age_s,))
            return Fetched(cursor=after, unchanged=True)
        if not response.whole and not response.body[-512:].rstrip().lower().endswith(_ENDS):
            raise SourceError("the answer was cut short", place=url, remedy="it is tried again later")
        feed = await self._parser.parse(response.body, url=response.url, content_type=response.content_type)
        cursor = replace(
            cursor,
            etag=response.etag,
            last_modified=response.last_modified,
            url=self._moved(source, cursor, response),
        )
        return _fetched(
            source, cursor, feed, url=response.url, now=now, hints=(response.max_age_s, feed["ttl_s"])
        )

    def _moved(self, source: SourceSpec, cursor: SourceCursor, response: Response) -> str | None:
        """Return the address to ask from now on: a permanent redirect counts after three equal sightings."""
        if response.moved_to is None:
            self._moves.pop(source.id, None)
            return cursor.url
        target, sightings = self._moves.get(source.id, ("", 0))
        sightings = sightings + 1 if target == response.moved_to else 1
        self._moves[source.id] = (response.moved_to, sightings)
        return response.moved_to if sightings >= MOVES_AFTER else cursor.url

    async def _fetch_file(self, source: SourceSpec, cursor: SourceCursor, now: datetime) -> Fetched:
        path = local_path(source.location, self._base_dir)
        try:
            info = path.stat()
            if info.st_size > MAX_FEED_BYTES:
                raise SourceError(f"the feed has more than {MAX_FEED_BYTES // 2**20} MiB", place=str(path))
            mark = f"{info.st_size}-{info.st_mtime_ns}"
            if mark == cursor.etag:
                return Fetched(cursor=succeeded(source, cursor, now=now, changed=False), unchanged=True)
            raw = path.read_bytes()
        except OSError as error:
            raise SourceError(
                f"cannot be read: {error.strerror}", place=str(path), remedy="check the source's location"
            ) from error
        feed = await self._parser.parse(raw, url=path.as_uri())
        return _fetched(source, replace(cursor, etag=mark), feed, url=path.as_uri(), now=now, hints=())


def _is_web(location: str) -> bool:
    return location.lower().startswith(("http://", "https://"))


def local_path(location: str, base_dir: Path) -> Path:
    """Return the file of a `file://` URL or a path; raises SourceError when it is not under `base_dir`."""
    if location.lower().startswith("file:"):
        location = unquote(urlsplit(location).path)
    elif "://" in location:
        raise SourceError(
            "this kind of address is not read",
            place=location[:200],
            remedy="give an http, https or file address",
        )
    root = base_dir.resolve()
    path = (root / location).resolve()
    if not path.is_relative_to(root):
        raise SourceError(
            "a feed file must lie under the configuration's folder",
            place=str(path),
            remedy=f"move it into {root}",
        )
    return path


def _failure(source: SourceSpec, cursor: SourceCursor, error: MonitorError, now: datetime) -> Fetched:
    status = error.status if isinstance(error, HttpError) else 0
    wait = error.retry_after_s if isinstance(error, HttpError) else 0.0
    after = failed(source, cursor, now=now, error=str(error), retry_after=wait, gone=status == 410)
    problem = Problem(place=error.place or source.id, message=error.message, remedy=error.remedy)
    return Fetched(cursor=after, problems=(problem,))


def _fetched(
    source: SourceSpec,
    cursor: SourceCursor,
    feed: dict[str, Any],
    *,
    url: str,
    now: datetime,
    hints: tuple[float, ...],
) -> Fetched:
    documents = _documents(source, feed, url=url, now=now)
    known = frozenset(cursor.seen)
    fresh = tuple(d for d in documents if d.id not in known)
    here = [d.id for d in documents]
    seen = tuple(dict.fromkeys([*here, *cursor.seen]))[: max(_MAX_SEEN, len(here))]
    cursor = replace(cursor, seen=seen)
    return Fetched(
        cursor=succeeded(source, cursor, now=now, changed=bool(fresh), hints=hints),
        documents=fresh,
        problems=tuple(Problem(place=url, message=note) for note in feed["notes"]),
        unchanged=not fresh,
    )


def _documents(source: SourceSpec, feed: dict[str, Any], *, url: str, now: datetime) -> list[Document]:
    """Return the feed's items as documents, oldest first, each identity once."""
    repeated = {
        guid for guid, count in Counter(i["guid"] for i in feed["items"] if i["guid"]).items() if count > 1
    }
    publisher = source.publisher or _site(feed["link"] or url) or feed["title"] or None
    found: dict[str, Document] = {}
    for item in feed["items"]:
        if not (item["title"] or item["text"]):
            continue
        # A feed that gives all its items one guid has none.
        document = _document(
            source, {**item, "guid": None} if item["guid"] in repeated else item, publisher, feed, now
        )
        found.setdefault(document.identity, document)
    newest_last = list(found.values())
    newest_last.reverse()  # feeds list the newest first; sorting keeps this order among equal times
    return sorted(newest_last, key=lambda d: d.published_at or now)


def _document(
    source: SourceSpec, item: dict[str, Any], publisher: str | None, feed: dict[str, Any], now: datetime
) -> Document:
    text = item["text"] or item["title"]
    published, dated = _clamped(item["published"] or item["updated"], now)
    document = document_from_text(
        text,
        name=item["title"] or item["link"] or item["guid"] or source.id,
        source=source.id,
        now=now,
        identity=_identity(source, item, text),
        title=item["title"],
        url=item["link"],
        publisher=source.publisher or item["publisher"] or publisher,
        language=source.language or feed["language"],
        published_at=published,
    )
    return replace(document, dated=dated)


def _identity(source: SourceSpec, item: dict[str, Any], text: str) -> str:
    if item["guid"]:
        key = f"guid\x1f{item['guid']}"
    elif item["link"]:
        key = f"link\x1f{canonical_link(item['link'])}"
    else:
        key = f"text\x1f{item['title']}\x1f{content_hash(text)}"
    return stable_id("i", source.id, key)


def _clamped(value: str | None, now: datetime) -> tuple[datetime, bool]:
    """Return a believable publication time, else the time of reading, and whether the item gave it."""
    when = parse_time(value) if value else None
    if when is None or not now - _OLDEST <= when <= now + _AHEAD:
        return now, False
    return when, True


def _site(url: str) -> str:
    """Return the site behind a link, as the voice that two feeds of one publisher share."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
