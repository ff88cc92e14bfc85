"""Documents from text: decoding, the date header, identity and content hash."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime

from monitor.core.errors import ParseError
from monitor.core.model import Document, stable_id
from monitor.sources.html import clean_controls
from monitor.sources.times import parse_day

MAX_TEXT_BYTES = 10 * 1024 * 1024
_HEADER = re.compile(r"\ufeff?[^\S\n]*(?:\n[^\S\n]*)*date[^\S\n]+(\d{4}-\d{2}-\d{2})(?!\d)", re.IGNORECASE)
_HEAD_BYTES = 8192


def decode(raw: bytes, *, place: str) -> str:
    """Return the text of a file: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252.

    Raises ParseError for an empty or binary file, with what to do.
    """
    if not raw.strip():
        raise ParseError("the file is empty", place=place, remedy="remove it or fill it")
    if len(raw) > MAX_TEXT_BYTES:
        raise ParseError(
            f"the file has {len(raw):,} bytes, more than the {MAX_TEXT_BYTES:,} allowed",
            place=place,
            remedy="split it into single documents",
        )
    text = _decode_marked(raw)
    if text is None or _is_binary(text):
        raise ParseError(
            "this is not a text file",
            place=place,
            remedy="convert it to UTF-8 text, or leave it out of the source's patterns",
        )
    return clean_controls(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def _decode_marked(raw: bytes) -> str | None:
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16")
        if b"\x00" in raw[:_HEAD_BYTES]:
            return None
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            return None
    return raw.decode("cp1252", errors="replace")


def _is_binary(text: str) -> bool:
    """Return whether too many characters are none that people write."""
    head = text[:_HEAD_BYTES]
    odd = sum(1 for c in head if (c < " " and c not in "\t\n\r\f\v") or c in "\x7f\ufffd")
    return "\x00" in text or odd * 20 > len(head)


def header_date(text: str) -> datetime | None:
    """Return the date of a first line ` date YYYY-MM-DD `, at midnight UTC; None where there is none."""
    match = _HEADER.match(text)
    return parse_day(match.group(1)) if match else None


def content_hash(text: str) -> str:
    """Return the SHA-256 of the text's letters: compatibility-normalised, folded, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return hashlib.sha256(" ".join(folded.split()).encode("utf-8", "surrogatepass")).hexdigest()


def document_from_text(
    text: str,
    *,
    name: str,
    source: str,
    now: datetime,
    identity: str | None = None,
    title: str = "",
    url: str | None = None,
    publisher: str | None = None,
    language: str | None = None,
    published_at: datetime | None = None,
) -> Document:
    """Return the document of `text`, which is kept exactly as given: quotes are offsets into it.

    Without `published_at` the date header counts; without both the document is undated (`published_at` None,
    `dated` False). `identity` defaults to the source and the name.
    """
    digest = content_hash(text)
    identity = identity or f"{source}\x1f{name}"
    published = published_at or header_date(text)
    return Document(
        id=stable_id("d", identity, digest),
        identity=identity,
        name=name,
        source=source,
        text=text,
        retrieved_at=now,
        content_hash=digest,
        title=title,
        url=url,
        publisher=publisher,
        language=language,
        published_at=published,
        dated=published is not None,
    )
