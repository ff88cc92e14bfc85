"""The text of PDF files, read by PDFium in a process of its own that may be killed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.core.errors import ParseError
from monitor.sources.html import clean_controls, title_text

TIMEOUT_S = 30.0
_ROOT = str(Path(__file__).resolve().parents[2])
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?)?")
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’»)]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a PDF holds, all pages together."""

    title: str
    text: str
    published_at: datetime | None


def read_pdf(raw: bytes, *, place: str, timeout_s: float = TIMEOUT_S) -> Page:
    """Return the text of a PDF. Raises ParseError: damaged, locked, without text, too slow, extra not installed."""
    environment = {"PYTHONPATH": _ROOT, "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "monitor.sources.pdf_child"],
            input=raw,
            capture_output=True,
            timeout=timeout_s,
            env=environment,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise ParseError(
            f"reading took longer than {timeout_s:g} seconds and was stopped",
            place=place,
            remedy="save its text as .txt",
        ) from error
    except ValueError as error:
        raise ParseError(
            "the PDF brought its reader down", place=place, remedy="save its text as .txt"
        ) from error
    if "error" in answer:
        raise ParseError(answer["error"], place=place, remedy=answer["remedy"])
    text = flowing(answer["text"])
    if not text:
        raise ParseError(
            "the PDF holds no text, only pictures of it",
            place=place,
            remedy="run text recognition over it first",
        )
    return Page(title=title_text(answer["title"]), text=text, published_at=_date(answer["date"]))


def flowing(text: str) -> str:
    """Return a page's lines as paragraphs: PDF knows only lines. A line that ends no sentence goes on in the next."""
    out: list[str] = []
    for line in clean_controls(text.replace("\x02", "").replace("\ufffe", "")).splitlines():
        stripped = " ".join(line.split())
        if out and out[-1] and stripped and not _SENTENCE_END.search(out[-1]):
            joined = out[-1].endswith("-") and stripped[:1].islower()
            out[-1] = out[-1][:-1] + stripped if joined else f"{out[-1]} {stripped}"
        elif stripped or (out and out[-1]):
            out.append(stripped)
    return "\n\n".join(line for line in out if line)


def _date(value: str) -> datetime | None:
    """Return the time of a PDF date (ISO 32000-1 section 7.9.4)."""
    match = _DATE.match(value)
    if match is None:
        return None
    year, *rest = (int(part) if part else None for part in match.groups()[:6])
    month, day, hour, minute, second = (*rest,)
    try:
        when = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
    ahead = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    return when - ahead if match[7] == "+" else when + ahead
