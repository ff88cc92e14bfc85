"""HTML to plain text, and strangers' links to links that may be kept."""

from __future__ import annotations

import html
import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.sources.times import parse_time

# Longer fields are cut before anything parses them: tree builders are quadratic on deep nesting.
MAX_FIELD_CHARS = 64 * 1024
MAX_PAGE_CHARS = 1024 * 1024
_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
    }
    | {"dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"header", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody"}
    | {"tfoot", "thead", "tr", "ul"}
)
_DROPPED = "script,style,noscript,template,iframe,object,embed,svg,math,head,select,textarea,button"
_LOOKS_HTML = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|h[1-6]|ul|ol|li|html|body|img|table|article|script|style|blockquote)\b[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def looks_like_html(text: str) -> bool:
    """Return whether `text` holds at least one ordinary HTML tag."""
    return _LOOKS_HTML.search(text) is not None


def clean_controls(text: str) -> str:
    """Return `text` with a space for each NUL, control character or lone surrogate: databases refuse them."""
    return _CONTROL.sub(" ", text)


def html_to_text(markup: str) -> str:
    """Return the readable text of `markup`: scripts and styles gone, one empty line between blocks."""
    tree = LexborHTMLParser(markup[:MAX_PAGE_CHARS])
    tree.strip_tags(_DROPPED.split(","), recursive=True)
    root = tree.body or tree.root
    if root is None:
        return ""
    parts: list[str] = []
    for node in root.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            parts.append(_SPACES.sub(" ", (node.text_content or "").replace("\n", " ")))
            if node.next is None and _ends_block(node):
                parts.append("\n\n")
        elif tag == "br":
            parts.append("\n")
        elif tag in _BLOCKS:
            parts.append("\n\n")
        elif tag in {"td", "th"}:
            parts.append(" ")
    return _tidy("".join(parts))


def _ends_block(node: LexborNode) -> bool:
    """Return whether the last text of a block was reached, so that what follows starts a new paragraph."""
    current = node
    for _ in range(16):
        parent = current.parent
        if parent is None:
            return False
        if parent.tag in _BLOCKS:
            return True
        if parent.next is not None:
            return False
        current = parent
    return False


def _tidy(text: str) -> str:
    lines = [_SPACES.sub(" ", line).strip() for line in clean_controls(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def field_text(value: str) -> str:
    """Return a feed's or stream's text field as plain text, whether it came as HTML or as plain text."""
    value = value[:MAX_FIELD_CHARS]
    if not looks_like_html(value) and _ENTITY.search(value):
        value = html.unescape(value)  # many feeds escape twice, so tags may appear only now
    return html_to_text(value) if looks_like_html(value) else _tidy(value)


def title_text(value: str) -> str:
    """Return a title as one line of plain text of at most 500 characters."""
    return " ".join(field_text(value[:4096]).split())[:500]


def safe_link(url: str | None, base: str | None = None) -> str | None:
    """Return `url` (made absolute against `base`) when it is a usable http or https link, else None."""
    if not url:
        return None
    text = "".join(clean_controls(url).split())
    if not text or len(text) > 4096:
        return None
    try:
        if base:
            text = urljoin(base, text)
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return text if usable else None


_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|mc_[ce]id|ref_src|cmpid|smid)$", re.IGNORECASE)


def canonical_link(url: str) -> str:
    """Return `url` in the form under which it is the same article: no fragment, tracking or default port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    try:
        port = parts.port
    except ValueError:
        port = None
    if port and (parts.scheme, port) not in {("http", 80), ("https", 443)}:
        host = f"{host}:{port}"
    query = "&".join(p for p in parts.query.split("&") if p and not _TRACKING.match(p.split("=", 1)[0]))
    path = parts.path.rstrip("/") or "/"
    return f"{host}{path}" + (f"?{query}" if query else "")


def page_title(markup: str) -> str:
    """Return a page's title as plain text, "" without one."""
    node = LexborHTMLParser(markup).css_first("title")
    return title_text(node.text()) if node else ""


def page_date(markup: str) -> datetime | None:
    """Return the publication time that a page states in its metadata, None without one."""
    tree = LexborHTMLParser(markup)
    for selector in (
        'meta[property="article:published_time"]',
        'meta[itemprop="datePublished"]',
        'meta[name="date"]',
    ):
        node = tree.css_first(selector)
        found = parse_time(node.attributes.get("content") or "") if node else None
        if found:
            return found
    return None


def feed_links(markup: str, base: str | None) -> tuple[str, ...]:
    """Return the feeds that a page announces (`link rel=alternate`), at most five."""
    found: list[str] = []
    for node in LexborHTMLParser(markup[:MAX_PAGE_CHARS]).css('link[rel~="alternate"]'):
        kind = (node.attributes.get("type") or "").lower().split(";")[0].strip()
        link = safe_link(node.attributes.get("href"), base)
        if kind in _FEED_TYPES and link and link not in found:
            found.append(link)
    return tuple(found[:5])
