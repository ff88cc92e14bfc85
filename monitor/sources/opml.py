"""Lists of feeds as OPML: reading what is out there (most of it not well-formed), writing it correctly."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from monitor.core.errors import ParseError
from monitor.core.model import SourceSpec
from monitor.sources.html import safe_link
from monitor.sources.text import decode

MAX_FEEDS = 10_000
# Of 118 real files 80 are not well-formed (bare "&", unclosed tags): outlines are read one by one.
_OUTLINE = re.compile(r"<outline\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([A-Za-z_:][\w:.-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of an OPML file."""

    url: str
    title: str


def read_opml(raw: bytes, *, place: str) -> tuple[Subscription, ...]:
    """Return the feeds of an OPML file, each address once, in order. Raises ParseError when it has none."""
    text = _COMMENT.sub("", decode(raw, place=place))
    found: dict[str, Subscription] = {}
    for outline in _OUTLINE.finditer(text):
        values = {
            m[1].lower(): html.unescape(m[2] if m[2] is not None else m[3]).strip()
            for m in _ATTRIBUTE.finditer(outline[1])
        }
        url = _feed_url(values.get("xmlurl", ""))
        if url and url not in found:
            title = " ".join((values.get("text") or values.get("title") or url).split())[:200]
            found[url] = Subscription(url=url, title=title)
        if len(found) >= MAX_FEEDS:
            break
    if not found:
        raise ParseError(
            "no feeds were found in it", place=place, remedy='an OPML file has <outline xmlUrl="…"> elements'
        )
    return tuple(found.values())


def _feed_url(value: str) -> str | None:
    """Return the address of an outline; `feed:` is an old way to write a feed's http address."""
    if value.lower().startswith("feed:"):
        value = value[5:]
        value = f"https:{value}" if value.startswith("//") else value
    return safe_link(value)


def write_opml(sources: Iterable[SourceSpec], *, title: str = "Feeds of the news event monitor") -> str:
    """Return an OPML 2.0 file of the sources that are feeds on the web."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines.append(f"  <head><title>{html.escape(title)}</title></head>\n  <body>")
    for source in sources:
        if source.type == "feed" and safe_link(source.location):
            name, url = quoteattr(source.publisher or source.id), quoteattr(source.location)
            lines.append(f'    <outline type="rss" text={name} title={name} xmlUrl={url}/>')
    return "\n".join([*lines, "  </body>", "</opml>", ""])
