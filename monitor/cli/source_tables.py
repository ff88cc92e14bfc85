"""How sources, a reading of one, and a check of many are shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import click

from monitor.bootstrap.feeds import Listed
from monitor.cli.common import table
from monitor.core.health import remarks, span
from monitor.core.model import Claim, Document, Fetched, Problem, SourceSpec

SHOWN_CLAIMS = 20
TEASER = 300
"""Letters; where no item has more, the feed holds teasers only."""

QUIET = timedelta(days=90)
"""A feed whose newest item is older may be abandoned."""


@dataclass(slots=True)
class Checked:
    """What came of reading many sources: those that failed, and what is odd about others."""

    broken: dict[str, tuple[SourceSpec, Fetched]] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)


def minute(value: datetime | None) -> str:
    """Return a time for people, in UTC."""
    return f"{value:%Y-%m-%d %H:%M}" if value else "-"


def show_list(rows: Sequence[tuple[Listed, str]], now: datetime) -> None:
    """Print sources with their state in words, then what is to be said of each, then how many are how."""
    table(
        ("source", "state", "last read", "last new", "a day", "next", "location"),
        [
            (
                listed.source.id,
                state,
                _ago(listed.cursor.last_success_at, now),
                _ago(listed.cursor.last_change_at, now),
                f"{listed.cursor.items_a_day:.1f}",
                "-" if state == "paused" else _ahead(listed.cursor.next_poll_at, now),
                listed.source.location,
            )
            for listed, state in rows
        ],
    )
    said = [(listed.source.id, words) for listed, _ in rows for words in all_remarks(listed, now)]
    if said:
        click.echo()
    for name, words in said:
        click.echo(f"{name}: {words}")
    counts = Counter(state for _, state in rows)
    click.echo(f"\n{_count(len(rows), 'source')}: {_list(counts.most_common())}.")


def all_remarks(listed: Listed, now: datetime) -> tuple[str, ...]:
    """Return what is to be said of a source, its hub included."""
    push = listed.record.push
    found = remarks(listed.cursor, now)
    if push is None:
        return found
    if push.error:
        return (*found, f"its hub {push.hub} does not serve us: {push.error}")
    if push.lease_until and push.lease_until > now:
        return (*found, f"its hub {push.hub} tells of changes until {minute(push.lease_until)}")
    return (*found, f"its hub {push.hub} has not confirmed yet")


def show_reading(
    source: SourceSpec, fetched: Fetched, rows: Sequence[tuple[Document, tuple[Claim, ...]]], now: datetime
) -> None:
    """Print what a reading of a source brought, what is found in it, and what to know before it is added."""
    if not worked(fetched):
        return
    if rows:
        _show_documents(rows)
    claims = [claim for _, found in rows for claim in found]
    if claims:
        click.echo()
        _show_claims(claims)
    click.echo(f"{_count(len(rows), 'document')}, {_count(len(claims), 'claim')}.")
    for advice in _advice(source, fetched, [document for document, _ in rows], now):
        click.echo(advice)


def worked(fetched: Fetched) -> bool:
    """Return whether a first reading was one; a source whose host rests was not asked, and is no failure either."""
    return fetched.cursor.last_success_at is not None


def oddity(source: SourceSpec, fetched: Fetched, now: datetime) -> str | None:
    """Return what is odd about a reading that worked: it holds nothing, or is a feed with nothing of late."""
    if not fetched.documents:
        return "it holds nothing now"
    newest = _newest(fetched.documents)
    if source.type == "feed" and newest and now - newest > QUIET:
        return f"nothing new since {newest:%Y-%m-%d}; it may be abandoned"
    return None


def show_check(count: int, checked: Checked) -> None:
    """Print which of `count` sources do not work, by what is wrong with them, and what is odd about others."""
    groups: defaultdict[str, list[tuple[SourceSpec, Problem]]] = defaultdict(list)
    for source, fetched in checked.broken.values():
        problem = first_problem(fetched)
        groups[problem.message].append((source, problem))
    for message, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        _show_group(message, members)
    if checked.odd:
        click.echo("These work, but:")
        _indented(checked.odd.items())
    click.echo(f"{count - len(checked.broken)} of {count} feeds work.")


def _show_group(message: str, members: Sequence[tuple[SourceSpec, Problem]]) -> None:
    remedies = {problem.remedy for _, problem in members}
    common = remedies.pop() if len(remedies) == 1 else None
    click.echo(f"{_count(len(members), 'feed')}: {message}{f' ({common})' if common else ''}")
    _indented(
        (
            source.id,
            source.location if common else f"{source.location}  ({problem.remedy or 'no remedy known'})",
        )
        for source, problem in members
    )


def _indented(rows: Iterable[tuple[str, str]]) -> None:
    """Print names and words in two columns without heads, and an empty line."""
    pairs = list(rows)
    width = max(len(name) for name, _ in pairs)
    for name, words in pairs:
        click.echo(f"  {name:<{width}}  {words}")
    click.echo()


def first_problem(fetched: Fetched) -> Problem:
    """Return why a reading failed."""
    if fetched.problems:
        return fetched.problems[0]
    rests = "it was not asked, because another feed of its host was told to wait"
    message = fetched.cursor.last_error or rests
    return Problem(place=fetched.cursor.source_id, message=message, remedy="the daemon asks it later")


def _show_documents(rows: Sequence[tuple[Document, tuple[Claim, ...]]]) -> None:
    table(
        ("published (UTC)", "language", "letters", "found", "title"),
        [
            (
                minute(d.published_at) if d.dated else "not dated",
                d.language or "-",
                len(d.text),
                _kinds(claims) or "-",
                d.title or d.name,
            )
            for d, claims in rows
        ],
    )


def _show_claims(claims: Sequence[Claim]) -> None:
    table(
        ("kind", "who", "whom", "words"),
        [
            (c.kind, _names(c.actors), _names(c.recipients), " ".join(c.quote.split())[:160])
            for c in claims[:SHOWN_CLAIMS]
        ],
    )
    if len(claims) > SHOWN_CLAIMS:
        click.echo(f"… and {len(claims) - SHOWN_CLAIMS} more.")


def _advice(source: SourceSpec, fetched: Fetched, documents: Sequence[Document], now: datetime) -> list[str]:
    """Return what a person should know of a source that works, and what to do about it."""
    said = []
    if odd := oddity(source, fetched, now):
        said.append(f"It works, but {odd}.")
    if documents and not any(document.dated for document in documents):
        said.append("Nothing in it bears a date: the time of the first reading stands in for all of it.")
    if source.type == "feed" and documents and not source.full_text:
        longest = max(len(document.text) for document in documents)
        if longest < TEASER and any(document.url for document in documents):
            said.append(
                f"Its items are short (at most {longest} letters): full_text (by command --full-text) reads the "
                "articles behind them."
            )
    if _is_web(source) and not (fetched.cursor.etag or fetched.cursor.last_modified):
        said.append("The site sends no ETag and no Last-Modified: every reading fetches all of it.")
    if fetched.cursor.hub:
        said.append(f"Its WebSub hub is {fetched.cursor.hub}.")
    return said


def _newest(documents: Sequence[Document]) -> datetime | None:
    return max((d.published_at for d in documents if d.dated and d.published_at), default=None)


def _is_web(source: SourceSpec) -> bool:
    return source.type == "feed" and source.location.lower().startswith(("http://", "https://"))


def _kinds(claims: Sequence[Claim]) -> str:
    counts = Counter(claim.kind for claim in claims)
    return ", ".join(kind if n == 1 else f"{n} × {kind}" for kind, n in counts.most_common(4))


def _names(actors: Sequence[Any]) -> str:
    return ", ".join(actor.name for actor in actors) or "-"


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{span(max(now - when, timedelta()))} ago" if when else "-"


def _ahead(when: datetime | None, now: datetime) -> str:
    return "now" if when is None or when <= now else f"in {span(when - now)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _list(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {words}" for words, number in counts)
