"""One reading of a feed: ask, parse, and turn its items into documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from monitor.core.errors import MonitorError, SourceError
from monitor.core.model import Fetched, Problem, SourceCursor, SourceSpec
from monitor.sources.articles import Articles
from monitor.sources.delta import mark_of
from monitor.sources.http import HostRestsError, HttpClient, HttpError, Response
from monitor.sources.items import take_in
from monitor.sources.memory import Memory
from monitor.sources.parser import MAX_FEED_BYTES, ParserPool
from monitor.sources.schedule import failed, rest, succeeded
from monitor.sources.wire_errors import LATER

MOVES_AFTER = 3
_ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>", b"}", b":rdf>", b":feed>", b":rss>")


class FeedReader:
    """Reads feeds from the web, and from files under the configuration's folder."""

    def __init__(
        self, *, http: HttpClient, parser: ParserPool, base_dir: Path, articles: Articles | None = None
    ) -> None:
        self._http = http
        self._parser = parser
        self._articles = articles or Articles(http=http, parser=parser)
        self._base_dir = base_dir
        self._moves: dict[str, tuple[str, int]] = {}

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        """Return the items that were not there at the last reading. Raises MonitorError when it fails."""
        fetched = await self._fetch(source, cursor, now)
        if not (source.full_text and fetched.documents):
            return fetched
        documents, problems = await self._articles.complete(source, fetched.documents, now=now)
        return replace(fetched, documents=documents, problems=(*fetched.problems, *problems))

    async def _fetch(self, source: SourceSpec, cursor: SourceCursor, now: datetime) -> Fetched:
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
        moved = self._moved(source, cursor, response)
        if response.status == 304:
            after = replace(cursor, url=moved) if moved != cursor.url else cursor
            return _unchanged(source, after, now, response.max_age_s)
        if not response.whole and not response.body[-512:].rstrip().lower().endswith(_ENDS):
            raise SourceError("the answer was cut short", place=url, remedy=LATER)
        # Many servers know no conditions: the same body again is as good as a 304, and is not parsed.
        mark = f"{mark_of(response.body):016x}"
        after = replace(
            cursor,
            etag=response.etag,
            last_modified=response.last_modified,
            url=moved,
            body_mark=mark,
        )
        if mark == cursor.body_mark:
            return _unchanged(source, after, now, response.max_age_s)
        memory = Memory.load(cursor.memory)
        feed = await self._parser.parse(
            response.body,
            url=response.url,
            content_type=response.content_type,
            known=[record.raw for record in memory.records],
        )
        after = _with_hub(after, response, feed)
        hints = (response.max_age_s, feed["ttl_s"])
        return take_in(source, after, memory, feed, url=response.url, now=now, hints=hints)

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
                return _unchanged(source, cursor, now)
            raw = path.read_bytes()
        except OSError as error:
            raise SourceError(
                f"cannot be read: {error.strerror}", place=str(path), remedy="check the source's location"
            ) from error
        memory = Memory.load(cursor.memory)
        known = [record.raw for record in memory.records]
        feed = await self._parser.parse(raw, url=path.as_uri(), known=known)
        after = replace(cursor, etag=mark)
        return take_in(source, after, memory, feed, url=path.as_uri(), now=now)


def _with_hub(cursor: SourceCursor, response: Response, feed: Mapping[str, Any]) -> SourceCursor:
    """Note the feed's WebSub hub; what the answer's header says goes before what the feed says."""
    hub = response.hub or feed["hub"]
    topic = (response.topic or feed["self"] or response.url) if hub else None
    return replace(cursor, hub=hub, topic=topic)


def _unchanged(source: SourceSpec, cursor: SourceCursor, now: datetime, *hints: float) -> Fetched:
    """Return the outcome of a reading that found nothing new; what the source held stays as it is stored."""
    after = succeeded(source, cursor, now=now, new=0, hints=hints)
    return Fetched(cursor=after, unchanged=True)


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
    # The address stands beside it wherever it is shown, unless the trouble is elsewhere: behind a redirect.
    said = str(error) if error.place not in {None, source.location} else _words(error)
    after = failed(source, cursor, now=now, error=said, retry_after=wait, gone=status == 410)
    problem = Problem(place=error.place or source.id, message=error.message, remedy=error.remedy)
    return Fetched(cursor=after, problems=(problem,))


def _words(error: MonitorError) -> str:
    return f"{error.message} ({error.remedy})" if error.remedy else error.message
