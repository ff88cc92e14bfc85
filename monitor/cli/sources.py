"""The commands about sources: feeds list, feeds test."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.bootstrap import loop
from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.readers import make_reader
from monitor.bootstrap.state import reading
from monitor.bootstrap.wiring import try_source
from monitor.cli.common import Session, emit, source_state, table, warn
from monitor.config import Config
from monitor.core.model import SourceCursor, SourceSpec


@click.group()
def feeds() -> None:
    """See what is read, and try a feed or folder before you add it."""


@feeds.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_feeds(session: Session, *, as_json: bool) -> None:
    """List the sources with how their reading goes."""
    meaning = plan(session.config())
    with reading(meaning.config) as view:
        cursors = {cursor.source_id: cursor for cursor in view.cursors()}
    rows = [(s, cursors.get(s.id) or SourceCursor(source_id=s.id)) for s in meaning.sources]
    if as_json:
        for source, cursor in rows:
            emit(_json(source, cursor))
        return
    table(
        ("source", "type", "state", "last success", "next", "location"),
        [
            (s.id, s.type, source_state(c), _short(c.last_success_at), _short(c.next_poll_at), s.location)
            for s, c in rows
        ],
    )


@feeds.command("test")
@click.argument("source")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def test_feed(session: Session, source: str, *, as_json: bool) -> None:
    """Read SOURCE (a configured source, an address or a path) and show it; nothing is stored."""
    configured = session.path is not None or session.config_path().exists()
    meaning = plan(session.config() if configured else Config())
    spec = _spec(meaning, source)
    fetched = loop.run(try_source(spec, now=utc_now()))
    reader = make_reader(meaning)
    rows = [(document, len(reader.read(document))) for document in fetched.documents]
    warn(fetched.problems)
    if as_json:
        for document, claims in rows:
            published = document.published_at.isoformat() if document.published_at else None
            emit(
                {"document": document.name, "title": document.title, "published": published, "claims": claims}
            )
    else:
        table(
            ("published", "claims", "title"),
            [(_short(d.published_at), n, d.title or d.name) for d, n in rows],
        )
        click.echo(f"{len(rows)} documents, {sum(n for _, n in rows)} claims.")
    if not rows and fetched.problems:
        click.get_current_context().exit(1)


def _spec(meaning: Plan, source: str) -> SourceSpec:
    found = next((s for s in meaning.sources if s.id == source), None)
    if found is not None:
        return found
    if source.startswith(("http://", "https://")):
        return SourceSpec(id="test", type="feed", location=source)
    path = Path(source).absolute()
    kind = "folder" if path.is_dir() else "jsonl" if path.suffix == ".jsonl" else "feed"
    return SourceSpec(id="test", type=kind, location=str(path))


def _json(source: SourceSpec, cursor: SourceCursor) -> dict[str, object]:
    return {
        "source": source.id,
        "type": source.type,
        "location": source.location,
        "state": source_state(cursor),
        "errors": cursor.errors,
        "last_success": cursor.last_success_at.isoformat() if cursor.last_success_at else None,
        "next_poll": cursor.next_poll_at.isoformat() if cursor.next_poll_at else None,
    }


def _short(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else "-"
