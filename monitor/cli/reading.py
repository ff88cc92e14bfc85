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
from monitor.cli.common import Session, emit, report, warn
from monitor.config import Config
from monitor.core.differ import refusal
from monitor.core.errors import SourceError
from monitor.core.model import Claim, Development, Document
from monitor.core.policy import Policy
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
    meaning = plan(session.config() if session.path else Config())
    reader = make_reader(meaning)
    for document in _read(paths):
        claims = reader.read(document)
        if as_json:
            _emit(document, claims, explain=explain)
        else:
            _show(document, claims, meaning.policy, explain=explain)


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


def _show(document: Document, claims: Sequence[Claim], policy: Policy, *, explain: bool) -> None:
    """Print the claims: a mark and the confidence, who did what to whom, the words, and why (not)."""
    reasons = [refusal(claim, policy) for claim in claims]
    click.echo(f"{document.name}: {len(claims)} claims, {reasons.count(None)} fit to be told")
    for claim, reason in zip(claims, reasons, strict=True):
        click.echo(f"  {'-' if reason else '+'} {claim.confidence:.2f}  {_in_words(claim)}")
        click.echo(f"            “{' '.join(claim.quote.split())}”")
        if reason:
            click.echo(f"            kept back: {reason}")
        if explain:
            click.echo(f"            read so: {'; '.join(claim.notes)}")


def _in_words(claim: Claim) -> str:
    figure = claim.figure
    what = " ".join(
        part
        for part in (
            claim.kind,
            claim.stance or claim.outcome,
            f"{figure.metric} {figure.operator} {figure.value:g}" if figure else None,
            f"({figure.about})" if figure and figure.about else None,
        )
        if part
    )
    who, whom = ", ".join(a.name for a in claim.actors), ", ".join(a.name for a in claim.recipients)
    sides = f": {who or '?'} -> {whom}" if whom else f": {who}" if who else ""
    voice = f", on the word of {', '.join(a.name for a in claim.claimed_by)}" if claim.claimed_by else ""
    day = f", {claim.event_date}" if claim.event_date else ""
    return f"{what}{sides} ({claim.certainty}{voice}{day})"
