"""Digests and alerts as HTML and text: Jinja2 templates on plain data, which users may override.

The data of `digest.html.j2` and `digest.txt.j2`; every string is one plain line:

- `title`, `preheader`, `range`, `counts` (each `change label n`), `sections`, `more` (what the cap left out)
- a section: `name`, `items`, `reported`, `figures`, `stands`, `sources` (each `name url n`: n documents and
  the address of the first)
- an item: `change badge headline old turn new word standing date quote source document url reason also`
- a row of `figures`: `metric about cells`, a cell being `voice value before url`
- a row of `stands`: `stance topic who`, each of `who` being `name before`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from monitor.core.digests import DigestContent, FigureRow, Item, Section, StandRow, digest_content
from monitor.core.model import Change, Development, DigestPeriod, EventSpec, KindSpec
from monitor.receivers.text import (
    BADGES,
    day_words,
    describe,
    figure_words,
    metric_words,
    names,
    plain,
    stance_words,
    web_url,
)

MAX_HTML_BYTES = 100_000
_CAPS = (60, 30, 15, 8, 4, 2, 1)

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
    ) -> None:
        self._kinds = kinds
        self._title = title
        self._warn = warn
        built_in = PackageLoader("monitor.receivers", "templates")
        self._ours = _environment(built_in)
        self._theirs = _environment(ChoiceLoader([FileSystemLoader(folder), built_in])) if folder else None
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
        frame = {"title": self._title, "range": range_words, "preheader": _top_line(content, self._kinds)}
        html = ""
        for cap in _CAPS:
            data = frame | digest_data(content, self._kinds, cap=cap)
            html = self._render("digest.html.j2", data)
            if len(html.encode()) <= MAX_HTML_BYTES:
                break
        text = self._render("digest.txt.j2", frame | digest_data(content, self._kinds, cap=500))
        return {"subject": plain(subject, 200), "text": text, "html": html}

    def _render(self, name: str, data: Mapping[str, Any]) -> str:
        if self._theirs is not None:
            try:
                return self._finish(name, self._theirs.get_template(name).render(data))
            except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
                if self._warn is not None:
                    self._warn(f"template {name}: {plain(str(error), 200)} (the built-in one was used)")
        return self._finish(name, self._ours.get_template(name).render(data))

    def _finish(self, name: str, rendered: str) -> str:
        return self._inliner.inline(rendered) if name.endswith(".html.j2") else rendered


def digest_data(content: DigestContent, kinds: Mapping[str, KindSpec], *, cap: int) -> dict[str, Any]:
    """Return the plain data of a digest's templates, with at most `cap` happenings a section."""
    sections = [_section(section, kinds, cap) for section in content.sections[: max(cap, 3)]]
    shown = sum(len(s["items"]) + len(s["reported"]) for s in sections)
    counts = [
        {"change": c.value, "label": c.value, "n": content.counts.get(c, 0)}
        for c in (Change.CONTRADICTED, Change.CHANGED, Change.NEW, Change.CONFIRMED)
        if content.counts.get(c)
    ]
    return {"sections": sections, "counts": counts, "more": sum(content.counts.values()) - shown}


def _section(section: Section, kinds: Mapping[str, KindSpec], cap: int) -> dict[str, Any]:
    items = [_item(item, kinds) for item in section.items[:cap]]
    reported = [_item(item, kinds) for item in section.reported[: max(1, cap // 2)]]
    sources: dict[str, dict[str, Any]] = {}
    for d in section.documents:
        entry = sources.setdefault(plain(d.source, 80), {"url": web_url(d.url), "n": 0})
        entry["n"] += 1
    return {
        "name": plain(section.name, 120),
        "items": items,
        "reported": reported,
        "figures": [_figure(row) for row in section.figures[:cap]],
        "stands": [_stand(row) for row in section.stands[:cap]],
        "sources": [{"name": name, **entry} for name, entry in sources.items()][: cap * 2],
    }


def _item(item: Item, kinds: Mapping[str, KindSpec]) -> dict[str, Any]:
    also = [
        f"{BADGES[d.change].lower()}: {describe(d, kinds).headline} ({plain(d.source, 60)})"
        for d in item.also[:3]
    ]
    return asdict(describe(item.development, kinds)) | {"change": item.change.value, "also": also}


def _figure(row: FigureRow) -> dict[str, Any]:
    about = ", ".join(p for p in (row.about, *row.scope) if p)
    cells = [
        {
            "voice": plain(cell.voice, 80),
            "value": figure_words(cell.figure),
            "before": figure_words(cell.before) if cell.before else "",
            "url": web_url(cell.development.url),
        }
        for cell in row.cells[:8]
    ]
    return {"metric": metric_words(row.metric), "about": plain(about, 120), "cells": cells}


def _stand(row: StandRow) -> dict[str, Any]:
    who = [
        {"name": names([s.actor]), "before": stance_words(s.before) if s.before else ""}
        for s in row.stands[:40]
    ]
    return {"stance": stance_words(row.stance), "topic": plain(row.topic or "", 120), "who": who}


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


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=lambda name: name is None or name.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    return environment
