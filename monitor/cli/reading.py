"""The commands that read documents and keep nothing: replay and extract."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.readers import make_reader
from monitor.bootstrap.wiring import read_documents
from monitor.bootstrap.wiring import replay as replay_documents
from monitor.cli.common import Session, emit, note, report, warn
from monitor.config import Config
from monitor.core.errors import SourceError
from monitor.core.model import Claim, Development, Document
from monitor.core.wire import claim_json, development_json

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command()
@_PATHS
@_JSON
@click.pass_obj
def replay(session: Session, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Tell what is new in PATHS (folders, documents, .jsonl streams), from a fresh state.

    Needs no configuration: one event, named after the first path, then takes every document. With --config,
    the events, kinds and settings of that file count. Nothing is stored.
    """
    name = paths[0].resolve().stem if paths[0].suffix else paths[0].resolve().name
    meaning = plan(session.config() if session.path else Config(), lone_event=name or "all")
    documents = _read(paths)
    found: list[Development] = []
    for done in replay_documents(meaning, documents, clock=utc_now):
        warn(done.problems)
        found += done.developments
        if as_json:
            for development in done.developments:
                emit(development_json(development))
    if not as_json:
        report(found, meaning.events, meaning.kinds)


@click.command()
@_PATHS
@_JSON
@click.option("--explain", is_flag=True, help="Also say why each claim was read so.")
@click.pass_obj
def extract(session: Session, paths: tuple[Path, ...], *, as_json: bool, explain: bool) -> None:
    """Print the claims that PATHS make (folders, documents, .jsonl streams); keeps no state."""
    reader = make_reader(plan(session.config() if session.path else Config()))
    for document in _read(paths):
        claims = reader.read(document)
        if as_json:
            _emit(document, claims, explain=explain)
        else:
            _show(document, claims, explain=explain)


def _read(paths: Sequence[Path]) -> tuple[Document, ...]:
    """Return the documents; problems are told, and that nothing could be read is an error."""
    documents, problems = read_documents(paths, utc_now)
    if not documents and problems:
        first, *rest = problems
        warn(rest)
        raise SourceError(first.message, place=first.place, remedy=first.remedy)
    warn(problems)
    return documents


def _emit(document: Document, claims: Sequence[Claim], *, explain: bool) -> None:
    published = document.published_at.date() if document.published_at and document.dated else None
    for claim in claims:
        value = claim_json(claim, document=document.name, published=published)
        if not explain:
            del value["notes"]
        emit(value)


def _show(document: Document, claims: Sequence[Claim], *, explain: bool) -> None:
    click.echo(f"{document.name}: {len(claims)} claims")
    for claim in claims:
        who = ", ".join(a.name for a in claim.actors) or "-"
        whom = ", ".join(a.name for a in claim.recipients) or "-"
        value = (
            f" {claim.figure.metric} {claim.figure.operator} {claim.figure.value:g}" if claim.figure else ""
        )
        detail = claim.stance or claim.outcome or ""
        modality = "" if claim.modality == "fact" else f" [{claim.modality}]"
        click.echo(f"  {claim.kind} {detail}{value}: {who} -> {whom} ({claim.certainty}){modality}")
        click.echo(f"      “{' '.join(claim.quote.split())}”")
        if explain:
            for line in claim.notes:
                note(f"      because {line}")
