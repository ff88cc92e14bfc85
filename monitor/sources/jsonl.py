"""Documents from a JSONL stream: one a line, in the order given."""

from __future__ import annotations

import html
import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.core.errors import MonitorError, ParseError, SourceError
from monitor.core.model import Document, Problem, SourceSpec
from monitor.sources.delta import mark_of
from monitor.sources.folder import Reading, as_problem
from monitor.sources.html import clean_controls, html_to_text, looks_like_html, safe_link, title_text
from monitor.sources.text import MAX_TEXT_BYTES, document_from_text
from monitor.sources.times import parse_time

_FIELDS = ("id", "title", "text", "url", "source", "published", "language")
_REMEDY = 'one JSON object a line with "id" and "text" or "title"'


def read_jsonl(
    path: Path,
    source: SourceSpec,
    *,
    now: datetime,
    mark: str | None = None,
    known: Collection[int] = frozenset(),
) -> Reading:
    """Read a stream; a bad line is a problem with file and line, and the rest goes on.

    When `mark` is that of the last reading and the file is the same, it is not read again; lines whose own mark is
    `known` are passed over. Raises SourceError when the file cannot be opened.
    """
    documents: list[Document] = []
    seen: list[int] = []
    problems: list[Problem] = []
    try:
        info = path.stat()
        current = f"{info.st_size}-{info.st_mtime_ns}"
        if mark == current:
            return Reading(mark=current)
        with path.open("rb") as handle:
            for number, raw in enumerate(iter(lambda: handle.readline(MAX_TEXT_BYTES), b""), 1):
                line = mark_of(raw.strip())
                if not raw.strip():
                    continue
                try:
                    if line not in known:
                        documents.append(_document(raw, f"{path}:{number}", source, now))
                    seen.append(line)
                except MonitorError as error:
                    problems.append(_unfinished(path, number) if raw[-1:] != b"\n" else as_problem(error))
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}",
            place=str(path),
            remedy="check that it exists and may be read",
        ) from error
    if not seen and not problems:
        problems.append(Problem(place=str(path), message="the file is empty", remedy=_REMEDY))
    return Reading(documents=tuple(documents), problems=tuple(problems), mark=current, seen=tuple(seen))


def _unfinished(path: Path, number: int) -> Problem:
    return Problem(
        place=f"{path}:{number}",
        message="the last line is not complete",
        remedy="it is read when it is; one JSON object a line",
    )


def _document(raw: bytes, place: str, source: SourceSpec, now: datetime) -> Document:
    item = _item(raw, place)
    identifier, title, text = item.get("id"), item.get("title") or "", item.get("text") or ""
    if not identifier or not (title.strip() or text.strip()):
        missing = '"id"' if not identifier else '"text" and "title"'
        raise ParseError(f"the line has no {missing}", place=place, remedy=_REMEDY)
    published = item.get("published")
    when = parse_time(published) if published else None
    if published and when is None:
        raise ParseError(
            f'"published" is {published[:40]!r}',
            place=place,
            remedy="write a date (2024-08-22) or an RFC 3339 time",
        )
    return document_from_text(
        clean_text(text) if text.strip() else title_text(title),
        name=identifier,
        source=item.get("source") or source.id,
        now=now,
        identity=f"{source.id}\x1f{identifier}",
        title=title_text(title),
        url=safe_link(item.get("url")),
        publisher=source.publisher or item.get("source"),
        language=item.get("language") or source.language,
        published_at=when,
    )


def _item(raw: bytes, place: str) -> dict[str, str]:
    try:
        value: Any = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the line is not JSON in UTF-8: {error}", place=place, remedy=_REMEDY) from error
    if not isinstance(value, dict):
        raise ParseError("the line is no JSON object", place=place, remedy=_REMEDY)
    fields: dict[str, str] = {}
    for key in _FIELDS:
        content = value.get(key)
        if isinstance(content, int) and not isinstance(content, bool) and key == "id":
            content = str(content)
        if content is not None and not isinstance(content, str):
            raise ParseError(f'"{key}" is no text', place=place, remedy=_REMEDY)
        if content is not None:
            fields[key] = clean_controls(content)
    return fields


def clean_text(text: str) -> str:
    """Return HTML as plain text, and plain text as it is."""
    if looks_like_html(text):
        return html_to_text(text)
    return html.unescape(text) if "&" in text else text
