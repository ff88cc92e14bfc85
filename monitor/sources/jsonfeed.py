"""JSON Feed 1.0 and 1.1 (jsonfeed.org) to the same plain values as XML feeds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.core.errors import ParseError
from monitor.sources.html import clean_controls, field_text, safe_link, title_text
from monitor.sources.times import parse_time


def is_json(raw: bytes) -> bool:
    """Return whether the bytes begin like a JSON object."""
    return raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def parse_json_feed(raw: bytes, *, url: str, limit: int) -> dict[str, Any]:
    """Return the feed's values, see `feedparse.parse_feed`. Raises ParseError when it is no JSON Feed."""
    try:
        feed: Any = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ParseError(
            "this is broken JSON, not a feed", place=url, remedy="check the source's address"
        ) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(feed.get("version", "")):
        raise ParseError("this is JSON, but not a JSON Feed", place=url, remedy="check the source's address")
    home = safe_link(_text(feed, "home_page_url"), url)
    return {
        "title": title_text(_text(feed, "title")),
        "link": home,
        "language": _text(feed, "language")[:2].lower() or None,
        "ttl_s": 0.0,
        "hub": _hub(feed, url),
        "self": safe_link(_text(feed, "feed_url"), url),
        "items": [_item(item, home or url) for item in items[:limit] if isinstance(item, dict)],
        "notes": [f"it has more than {limit:,} items; only the first are read"] if len(items) > limit else [],
    }


def _item(item: Mapping[str, Any], base: str) -> dict[str, Any]:
    identifier = item.get("id")
    published, updated = parse_time(_text(item, "date_published")), parse_time(_text(item, "date_modified"))
    content = _text(item, "content_html") or _text(item, "content_text") or _text(item, "summary")
    return {
        "guid": clean_controls(str(identifier))[:2048] if isinstance(identifier, str | int | float) else None,
        "link": safe_link(_text(item, "url") or _text(item, "external_url"), base),
        "title": title_text(_text(item, "title")),
        "text": field_text(content),
        "published": published.isoformat() if published else None,
        "updated": updated.isoformat() if updated else None,
        "publisher": None,
    }


def _hub(feed: Mapping[str, Any], url: str) -> str | None:
    """Return the first WebSub hub; other kinds of hubs are not spoken to."""
    hubs = feed.get("hubs")
    found = (hub for hub in hubs if isinstance(hub, dict)) if isinstance(hubs, list) else ()
    return next(
        (safe_link(_text(h, "url"), url) for h in found if _text(h, "type").lower() == "websub"), None
    )


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""
