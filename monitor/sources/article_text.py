"""A web page to the text of its article, through trafilatura. Runs inside the killable parser process only."""

from __future__ import annotations

import importlib
from typing import Any

from monitor.core.errors import ParseError
from monitor.sources.html import clean_controls, page_date

MAX_PAGE_BYTES = 3 * 1024 * 1024


def read_article(raw: bytes, *, url: str, content_type: str | None = None) -> dict[str, Any]:
    """Return {"text", "published"}; the text's paragraphs are apart by an empty line. Raises ParseError."""
    if content_type and "html" not in content_type.lower():
        raise ParseError("the link leads to no web page", place=url, remedy="the feed's own text is used")
    try:
        trafilatura = importlib.import_module("trafilatura")
    except ImportError:
        raise ParseError(
            "full_text needs an extra",
            place=url,
            remedy="install it: pip install 'news-event-monitor[articles]'",
        ) from None
    page = raw[:MAX_PAGE_BYTES]
    try:
        text = trafilatura.extract(
            page, url=url, include_comments=False, include_tables=False, favor_precision=True
        )
    except MemoryError:
        raise
    except Exception as error:
        raise ParseError(
            "the page breaks its reader", place=url, remedy="the feed's own text is used"
        ) from error
    lines = (line.strip() for line in clean_controls(text or "").splitlines())
    published = page_date(page.decode("utf-8", "replace"))
    return {
        "text": "\n\n".join(line for line in lines if line),
        "published": published.isoformat() if published else None,
    }
