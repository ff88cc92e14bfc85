"""Digests and alerts as HTML and text: Jinja2 templates on plain data, which users may override.

The data of `digest.html.j2` and `digest.txt.j2`; every string is one plain line:

- `title`, `preheader`, `range`, `counts` (each `change label n`), `sections`, `more` (what the cap left out),
  `unsubscribe` (an address, or empty)
- a section: `name`, `items` (what matters most, told at length), `brief` (the rest), `reported` and
  `reported_brief` (what is only reported, likewise), `figures`, `stands`, `sources` (each `name url n`: n
  documents and the address of the first)
- an item: `change badge headline old turn new word standing date quote source document url reason also`
- a row of `figures`: `metric about cells`, a cell being `voice value before url share` (a bar's length in
  percent, or none where there is nothing to compare)
- a row of `stands`: `stance topic who more`, each of `who` being `name before`
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import css_inline

from monitor.core.digests import DigestContent, FigureRow, Item, Section, StandRow, digest_content
from monitor.core.figures import UNCLEAR
from monitor.core.model import Change, Development, EventSpec
from monitor.core.outgoing import DigestPeriod
from monitor.core.policy import KindSpec
from monitor.receivers.environment import environment
from monitor.receivers.templates_of_users import UserTemplateError, render_users
from monitor.receivers.text import (
    BADGES,
    UNSUBSCRIBE_MARK,
    day_words,
    describe,
    figure_words,
    metric_words,
    names,
    plain,
    stance_words,
    web_url,
)

MAX_MAIL_BYTES = 96_000
"""Of both parts as they are encoded: larger mails are clipped by some, so that their end is not seen."""
MAX_LEADS = 6
"""How many happenings of a section are told at length when there are many."""
FEW = 9
"""Up to so many are all told at length."""
_CAPS = (60, 30, 15, 8, 4, 2, 1)
_STANCE_ORDER = ("recognises", "congratulates", "supports", "rejects", "condemns", "accuses", "demands")

Warn = Callable[[str], None]


class Renderer:
    """Renders digests and alerts. A template of the user's that fails is told to `warn`, and ours is used."""

    def __init__(
        self,
        *,
        kinds: Mapping[str, KindSpec],
        title: str = "News monitor",
        folder: Path | None = None,
        warn: Warn | None = None,
        unsubscribes: bool = False,
    ) -> None:
        self._kinds = kinds
        self._title = title
        self._warn = warn
        self._folder = folder
        self._unsubscribe = UNSUBSCRIBE_MARK if unsubscribes else ""
        self._ours = environment()
        self._inliner = css_inline.CSSInliner(
            keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
        )

    def digest(self, content: DigestContent, zone: str = "UTC") -> dict[str, str]:
        """Return subject, text and html; times are told in `zone`."""
        day = day_words(content.period.local_date)
        top = _top_line(content, self._kinds)
        subject = f"{self._title}, {day}: {top}" if top else f"{self._title}, {day}: nothing new"
        return self._mail(content, subject=subject, range_words=_range(content.period, zone))

    def alert(self, developments: Sequence[Development], events: Sequence[EventSpec]) -> dict[str, str]:
        """Return subject, text and html of an alert; an event's subject is constant (threading)."""
        until = max((d.found_at for d in developments), default=datetime(1970, 1, 1, tzinfo=UTC))
        period = DigestPeriod(subscription_id="", local_date=until.date(), after=None, until=until)
        content = digest_content(period, developments, events, self._kinds)
        subject = f"{self._title}: {', '.join(s.name for s in content.sections)}"
        return self._mail(
            content, subject=subject, range_words=f"{day_words(until.date())}, {until:%H:%M} UTC"
        )

    def _mail(self, content: DigestContent, *, subject: str, range_words: str) -> dict[str, str]:
        frame = {
            "title": self._title,
            "range": range_words,
            "preheader": _top_line(content, self._kinds),
            "unsubscribe": self._unsubscribe,
        }
        broken: set[str] = set()
        html = text = ""
        for cap in _CAPS:
            data = frame | digest_data(content, self._kinds, cap=cap)
            html = self._inliner.inline(self._render("digest.html.j2", data, broken))
            text = self._render("digest.txt.j2", data, broken)
            if _encoded(html) + _encoded(text) <= MAX_MAIL_BYTES:
                break
        return {"subject": plain(subject, 200), "text": text, "html": html}

    def _render(self, name: str, data: Mapping[str, Any], broken: set[str]) -> str:
        """Render the user's template, or ours where there is none or theirs is broken (told once)."""
        if self._folder is not None and name not in broken and (self._folder / name).is_file():
            try:
                return render_users(self._folder, name, data)
            except UserTemplateError as error:
                broken.add(name)
                if self._warn is not None:
                    self._warn(f"{plain(str(error), 250)} (the built-in template was used)")
        return self._ours.get_template(name).render(data)


def digest_data(content: DigestContent, kinds: Mapping[str, KindSpec], *, cap: int) -> dict[str, Any]:
    """Return the plain data of a digest's templates, with at most `cap` happenings a section."""
    sections = [_section(section, kinds, cap) for section in content.sections[: max(cap, 3)]]
    parts = ("items", "brief", "reported", "reported_brief")
    shown = sum(len(s[part]) for s in sections for part in parts) + sum(s["counted"] for s in sections)
    counts = [
        {"change": c.value, "label": c.value, "n": content.counts.get(c, 0)}
        for c in (Change.CONTRADICTED, Change.CHANGED, Change.NEW, Change.CONFIRMED)
        if content.counts.get(c)
    ]
    return {"sections": sections, "counts": counts, "more": sum(content.counts.values()) - shown}


def _section(section: Section, kinds: Mapping[str, KindSpec], cap: int) -> dict[str, Any]:
    figures = section.figures[: min(cap, 12)]
    leads = len(section.items) if len(section.items) <= FEW else MAX_LEADS
    brief = [item for item in section.items[leads:] if not _in_table(item, figures)]
    items = [_item(item, kinds) for item in [*section.items[:leads], *brief][:cap]]
    reported = [_item(item, kinds) for item in section.reported[: max(1, cap // 2)]]
    rumours = len(reported) if len(reported) <= FEW // 3 else MAX_LEADS // 3
    sources: dict[str, dict[str, Any]] = {}
    for d in section.documents:
        entry = sources.setdefault(plain(d.source, 80), {"url": web_url(d.url), "n": 0})
        entry["n"] += 1
    return {
        "name": plain(section.name, 120),
        "items": items[:leads],
        "brief": items[leads:],
        "reported": reported[:rumours],
        "reported_brief": reported[rumours:],
        "figures": [_figure(row) for row in figures],
        "counted": len(section.items[leads:]) - len(brief),
        "stands": [_stand(row) for row in sorted(section.stands, key=_stance_rank)[: min(cap, 12)]],
        "sources": [{"name": name, **entry} for name, entry in sources.items()][: cap * 2],
    }


def _in_table(item: Item, figures: Sequence[FigureRow]) -> bool:
    """Whether the table of figures tells a new count with all that a line would say."""
    told = item.development
    return item.change is Change.NEW and any(
        c.development.id == told.id for row in figures for c in row.cells
    )


def _item(item: Item, kinds: Mapping[str, KindSpec]) -> dict[str, Any]:
    also = [
        f"{BADGES[d.change].lower()}: {describe(d, kinds).headline} ({plain(d.source, 60)})"
        for d in item.also[:3]
    ]
    return asdict(describe(item.development, kinds)) | {"change": item.change.value, "also": also}


def _figure(row: FigureRow) -> dict[str, Any]:
    about = row.about or ", ".join(part for part in row.scope if part != UNCLEAR)
    shown = row.cells[:8]
    # A bar compares: without another value, or a whole, there is nothing to compare with.
    most = max((abs(cell.figure.value) for cell in shown), default=0.0)
    whole = 100.0 if shown and shown[0].figure.unit == "percent" else most if len(shown) > 1 else 0.0
    cells = [
        {
            "voice": plain(cell.voice, 80),
            "value": figure_words(cell.figure),
            "before": figure_words(cell.before) if cell.before else "",
            "url": web_url(cell.development.url),
            "share": max(1, min(100, round(abs(cell.figure.value) / whole * 100))) if whole else None,
        }
        for cell in shown
    ]
    return {"metric": metric_words(row.metric), "about": plain(about, 120), "cells": cells}


def _stand(row: StandRow) -> dict[str, Any]:
    who = [
        {"name": names([s.actor]), "before": stance_words(s.before) if s.before else ""}
        for s in row.stands[:15]
    ]
    topic = plain((row.topic or "").replace("_", " "), 120)
    return {
        "stance": stance_words(row.stance),
        "topic": topic,
        "who": who,
        "more": len(row.stands) - len(who),
    }


def _stance_rank(row: StandRow) -> tuple[int, int]:
    known = row.stance in _STANCE_ORDER
    return (_STANCE_ORDER.index(row.stance) if known else len(_STANCE_ORDER), -len(row.stands))


def _encoded(text: str) -> int:
    """Return the size of a text in a mail: quoted-printable, in which an accent takes six characters."""
    return len(b2a_qp(text.encode(), istext=True))


def _top_line(content: DigestContent, kinds: Mapping[str, KindSpec]) -> str:
    items = [item for s in content.sections for item in (*s.items, *s.reported)]
    if not items:
        return ""
    rest = len(items) - 1
    line = plain(describe(items[0].development, kinds).headline, 110)
    return f"{line} (and {rest} more)" if rest else line


def _range(period: DigestPeriod, zone: str) -> str:
    local = ZoneInfo(zone)
    until = period.until.astimezone(local)
    if period.after is None:
        return f"until {day_words(until.date())}, {until:%H:%M} ({zone})"
    after = period.after.astimezone(local)
    return f"{day_words(after.date())}, {after:%H:%M} to {day_words(until.date())}, {until:%H:%M} ({zone})"
