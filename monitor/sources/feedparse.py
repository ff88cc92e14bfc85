"""Bytes of a feed to plain values. Runs inside the killable parser process, never in the daemon itself."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser

from monitor.core.errors import ParseError
from monitor.sources.html import (
    MAX_FIELD_CHARS,
    clean_controls,
    feed_links,
    field_text,
    safe_link,
    title_text,
)
from monitor.sources.jsonfeed import is_json, parse_json_feed
from monitor.sources.times import parse_time

MAX_ITEMS = 1000
_ITEM = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w{1,20}:)?(rss|feed|RDF)[\s>]", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_BAD_BYTE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BAD_REFERENCE = re.compile(
    rb"&#(?:x0*d[89a-f][0-9a-f]{2}|0*(?:5[5-7]\d{3})|x?0*[0-8]|\d{8,}|x[0-9a-f]{7,});", re.IGNORECASE
)
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_CLOSERS = {b"rss": b"</channel></rss>", b"feed": b"</feed>", b"rdf": b"</rdf:RDF>"}
_UPDATES_S = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}


def parse_feed(raw: bytes, *, url: str, content_type: str | None = None) -> dict[str, Any]:
    """Return {"title", "link", "language", "ttl_s", "hub", "self", "items", "notes"} of RSS, RDF, Atom or JSON Feed bytes.

    Each item has "guid", "link", "title", "text", "published", "updated" (RFC 3339 or None), "publisher".
    Raises ParseError when it is none of these.
    """
    if is_json(raw):
        return parse_json_feed(raw, url=url, limit=MAX_ITEMS)
    notes: list[str] = []
    raw = _bounded(raw, notes)
    # No content-location: feedparser would make guids absolute with it, and a moved feed would change them.
    headers = {"content-type": content_type} if content_type else {}
    parsed = _parsed(raw, headers, url)
    entries, feed, version = parsed.entries, parsed.feed, parsed.get("version", "")
    if not entries and (not version or _PAGE.search(raw[:2048])):
        raise _no_feed(raw, url)
    base = safe_link(_text(feed.get("link")), url)
    return {
        "title": title_text(_text(feed.get("title"))),
        "link": base,
        "language": _language(feed.get("language")),
        "ttl_s": _asked_wait(feed),
        "hub": _related(feed, "hub", url),
        "self": _related(feed, "self", url),
        "items": [_item(entry, base or url) for entry in entries[:MAX_ITEMS]],
        "notes": notes,
    }


def _parsed(raw: bytes, headers: dict[str, str], url: str) -> Any:
    """Return feedparser's reading; mutated feeds raise from over fifteen places of it (measured)."""
    error: Exception | None = None
    for attempt in (raw, _scrubbed(raw)):
        try:
            # Never bytes, a str or a URL: feedparser opens files and fetches by itself (measured).
            return feedparser.parse(
                BytesIO(attempt), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
        except MemoryError:
            raise
        except Exception as caught:  # noqa: BLE001 - what it raises is not to be foreseen
            error = caught
    raise ParseError(
        f"the feed breaks the parser ({type(error).__name__})",
        place=url,
        remedy="tell the site that it is damaged",
    ) from error


def _scrubbed(raw: bytes) -> bytes:
    """Return the bytes without control characters and impossible character references."""
    return _BAD_REFERENCE.sub(b" ", _BAD_BYTE.sub(b" ", raw))


def _no_feed(raw: bytes, url: str) -> ParseError:
    if not raw.strip():
        return ParseError("the answer is empty", place=url, remedy="look at the address in a browser")
    if not _PAGE.search(raw[:4096]):
        return ParseError(
            "this is not a feed (no RSS, Atom, RDF or JSON Feed)",
            place=url,
            remedy="check the source's address",
        )
    links = feed_links(raw.decode("utf-8", "replace"), url)
    remedy = (
        f"its feed may be at {' or '.join(links)}" if links else "look for an RSS or Atom link on that page"
    )
    return ParseError("this is a web page, not a feed", place=url, remedy=remedy)


def _bounded(raw: bytes, notes: list[str]) -> bytes:
    """Return the feed cut after its first items: feedparser needs 39 s for 100,000 (measured)."""
    for count, match in enumerate(_ITEM.finditer(raw), 1):
        if count > MAX_ITEMS:
            root = _ROOT.search(raw[:65536])
            notes.append(f"it has more than {MAX_ITEMS:,} items; only the first are read")
            return raw[: match.start()] + _CLOSERS.get(root.group(1).lower() if root else b"", b"")
    return raw


def _item(entry: Mapping[str, Any], base: str) -> dict[str, Any]:
    link = _link(entry, base)
    source = entry.get("source")
    source = source if isinstance(source, Mapping) else {}
    return {
        "guid": clean_controls(_text(entry.get("id"))).strip()[:2048] or None,
        "link": link,
        "title": title_text(_text(entry.get("title"))),
        "text": _content(entry),
        "published": _time(entry, "published") or _time(entry, "created"),
        "updated": _time(entry, "updated"),
        "publisher": title_text(_text(source.get("title"))) or None,
    }


def _link(entry: Mapping[str, Any], base: str) -> str | None:
    link = _text(entry.get("link"))
    # feedparser takes a guid that is not said to be none for a link, but many are plain numbers.
    is_guid = entry.get("guidislink") and link == entry.get("id") and not _WEB.match(link)
    found = None if is_guid else safe_link(link, base)
    if found:
        return found
    links = entry.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and link.get("rel") in {None, "alternate"} and not is_guid:
            found = safe_link(_text(link.get("href")), base)
            if found:
                return found
    return None


def _content(entry: Mapping[str, Any]) -> str:
    """Return the longest text that the item carries: full content where given, else the summary."""
    contents = entry.get("content")
    candidates = [
        _text(c.get("value"))
        for c in (contents if isinstance(contents, list) else [])[:4]
        if isinstance(c, Mapping)
    ]
    candidates.append(_text(entry.get("summary")))
    return max((field_text(c) for c in candidates if c), key=len, default="")


def _time(entry: Mapping[str, Any], key: str) -> str | None:
    if key not in entry:  # feedparser's get() would warn and give another field's time instead
        return None
    raw = _text(entry.get(key)).strip()
    # feedparser turns month 13 into a date of the next year; what is ISO-like must be ISO.
    if re.match(r"\d{4}-\d\d-\d\d(?:$|[T ])", raw) and parse_time(raw[:10]) is None:
        return None
    parsed = entry.get(f"{key}_parsed")
    if not parsed:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat()
    except (ValueError, OverflowError, TypeError, OSError):
        return None


def _related(feed: Mapping[str, Any], rel: str, url: str) -> str | None:
    """Return the first link of the feed itself with that relation."""
    links = feed.get("links")
    found = (link for link in links if isinstance(link, Mapping)) if isinstance(links, list) else ()
    return next((safe_link(_text(link.get("href")), url) for link in found if link.get("rel") == rel), None)


def _asked_wait(feed: Mapping[str, Any]) -> float:
    """Return the seconds between readings that the feed asks for (ttl, sy:updatePeriod), 0 without."""
    ttl = _number(feed.get("ttl")) * 60
    period = _UPDATES_S.get(_text(feed.get("sy_updateperiod")).strip().lower(), 0)
    frequency = max(_number(feed.get("sy_updatefrequency")), 1.0)
    return max(ttl, period / frequency)


def _number(value: object) -> float:
    try:
        return max(0.0, min(float(_text(value)), 1e6))
    except ValueError:
        return 0.0


def _language(value: object) -> str | None:
    match = re.match(r"\s*([A-Za-z]{2,3})(?:[-_]|\s*$)", _text(value))
    return match.group(1).lower() if match else None


def _text(value: object) -> str:
    """Return a string field as it is (cut to a bound), and "" for whatever else a broken feed puts there."""
    return value[: 2 * MAX_FIELD_CHARS] if isinstance(value, str) else ""
