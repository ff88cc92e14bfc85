"""The commands about sources: feeds list, test, add, remove, pause, resume, import, export."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.bootstrap import loop
from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.feeds import (
    Listed,
    add_sources,
    check_sources,
    known_sources,
    list_sources,
    name_for,
    pause_sources,
    remove_sources,
    subscriptions_to_specs,
)
from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.readers import make_reader
from monitor.bootstrap.wiring import try_source
from monitor.cli.common import Session, emit, note, warn
from monitor.cli.source_tables import (
    Checked,
    all_remarks,
    oddity,
    show_check,
    show_list,
    show_reading,
    worked,
)
from monitor.config import Config
from monitor.config.values import pattern, seconds
from monitor.core.errors import UsageError
from monitor.core.health import state_words
from monitor.core.model import SourceSpec
from monitor.sources.opml import read_opml, write_opml

WELL = frozenset({"ok", "paused", "not read yet"})


@click.group()
def feeds() -> None:
    """See what is read and how it goes; try, add, pause and remove sources."""


@feeds.command("list")
@click.option("--troubled", is_flag=True, help="Only sources that are not well.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_feeds(session: Session, *, troubled: bool, as_json: bool) -> None:
    """List the sources with how their reading goes."""
    now = utc_now()
    rows = [
        (listed, state_words(listed.cursor, listed.record, now))
        for listed in list_sources(plan(session.config()))
    ]
    shown = [row for row in rows if not (troubled and row[1] in WELL)]
    if as_json:
        for listed, state in shown:
            emit(_json(listed, state, now))
    elif shown:
        show_list(shown, now)
    elif rows:
        click.echo(f"All is well: none of {len(rows)} sources is in trouble.")
    else:
        click.echo(
            "There are no sources. Add one with `monitor feeds add`, or describe it in the configuration."
        )


@feeds.command("test")
@click.argument("source")
@click.option("--allow-private", is_flag=True, help="Allow addresses of your own network.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def test_feed(session: Session, source: str, *, allow_private: bool, as_json: bool) -> None:
    """Read SOURCE (a configured source, an address or a path) and show what is found; nothing is stored."""
    meaning, now = _plan(session), utc_now()
    spec = _spec(meaning, source)
    if allow_private:
        spec = replace(spec, allow_private=True)
    fetched = loop.run(try_source(spec, now=now, proxy=meaning.config.proxy))
    warn(fetched.problems)
    if fetched.documents:
        reader = make_reader(meaning)
        rows = [(document, reader.read(document)) for document in fetched.documents]
    else:
        rows = []
    if as_json:
        for document, claims in rows:
            published = document.published_at.isoformat() if document.published_at else None
            emit(
                {
                    "document": document.name,
                    "title": document.title,
                    "published": published,
                    "claims": len(claims),
                }
            )
    else:
        show_reading(spec, fetched, rows, now)
    if not rows and fetched.problems:
        click.get_current_context().exit(1)


@feeds.command("add")
@click.argument("address")
@click.option("--id", "name", help="Short name; made from the address otherwise.")
@click.option("--every", default="1h", show_default=True, help="Time between two readings.")
@click.option("--publisher", help="Whose voice it is.")
@click.option("--language", help="ISO 639 code, where the documents do not say it.")
@click.option("--include", multiple=True, help="Regular expression: take only items in which one is found.")
@click.option("--exclude", multiple=True, help="Regular expression: leave out items in which one is found.")
@click.option("--full-text", is_flag=True, help="Read the articles behind the feed's links.")
@click.option("--allow-private", is_flag=True, help="Allow addresses of your own network.")
@click.option("--no-check", is_flag=True, help="Add it without reading it first.")
@click.pass_obj
def add_feed(session: Session, /, address: str, *, name: str | None, no_check: bool, **options: Any) -> None:
    """Add the feed (or folder) at ADDRESS; a running daemon reads it within seconds."""
    meaning = _plan(session)
    taken = [listed.source.id for listed in list_sources(meaning)]
    spec = _described(address, name or name_for(address, taken), options)
    if not no_check:
        fetched = loop.run(try_source(spec, now=utc_now(), proxy=meaning.config.proxy))
        warn(fetched.problems)
        if fetched.cursor.errors:
            note("It was not added; --no-check adds it all the same.")
            click.get_current_context().exit(1)
        click.echo(f"{len(fetched.documents)} documents are there.")
    added = add_sources(meaning, [spec], now=utc_now())
    click.echo(f"Added as {spec.id}." if added else "It was there already.")


@feeds.command("remove")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def remove_feeds(session: Session, names: Sequence[str]) -> None:
    """Remove sources that were added by command; what was read of them stays."""
    remove_sources(plan(session.config()), names, now=utc_now())
    click.echo(f"Removed {', '.join(names)}.")


@feeds.command("pause")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def pause_feeds(session: Session, names: Sequence[str]) -> None:
    """Read these sources no more until they are resumed."""
    pause_sources(plan(session.config()), names, now=utc_now(), paused=True)
    click.echo(f"Paused {', '.join(names)}.")


@feeds.command("resume")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def resume_feeds(session: Session, names: Sequence[str]) -> None:
    """Read these sources again."""
    pause_sources(plan(session.config()), names, now=utc_now(), paused=False)
    click.echo(f"Resumed {', '.join(names)}.")


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default="1h", show_default=True, help="Time between two readings.")
@click.option("--language", help="ISO 639 code, where the documents do not say it.")
@click.option("--allow-private", is_flag=True, help="Allow addresses of your own network.")
@click.option("--dry-run", is_flag=True, help="Say which of them work, and add none.")
@click.option("--no-check", is_flag=True, help="Add them without reading them first.")
@click.option("--working", is_flag=True, help="Add only those that work.")
@click.pass_obj
def import_feeds(
    session: Session, /, file: Path, *, dry_run: bool, no_check: bool, working: bool, **options: Any
) -> None:
    """Add the feeds of an OPML FILE, and say which of them work."""
    meaning, now = _plan(session), utc_now()
    if not dry_run:
        list_sources(meaning)  # where there is no state yet, that is said before a minute of reading
    found = read_opml(file.read_bytes(), place=str(file))
    specs = subscriptions_to_specs(meaning, found, **_options(options))
    checked = Checked() if no_check else loop.run(_check(specs, now, meaning.config.proxy))
    if not no_check:
        show_check(len(specs), checked)
    chosen = [spec for spec in specs if not (working and spec.id in checked.broken)]
    if dry_run:
        click.echo(f"Nothing was added; {len(found) - len(specs)} were there already.")
    else:
        failed = [fetched.cursor for _, fetched in checked.broken.values()]
        added = add_sources(meaning, chosen, now=now, failed=failed)
        _say_added(len(added), len(found) - len(specs), failing=bool(failed) and not working)


@feeds.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.pass_obj
def export_feeds(session: Session, file: Path | None) -> None:
    """Write the feeds as OPML into FILE, or to standard output."""
    text = write_opml(known_sources(plan(session.config())))
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", place=str(file), remedy="name another file"
        ) from error
    note(f"{file}: written")


def _plan(session: Session) -> Plan:
    """Return the plan; trying a feed needs no configuration, and what is changed then is what lies here."""
    configured = session.path is not None or session.config_path().exists()
    return plan(session.config() if configured else Config())


def _say_added(added: int, before: int, *, failing: bool) -> None:
    click.echo(f"{added} added; {before} were there already.")
    if failing:
        click.echo(
            "Those that do not work were added too, and are tried again, ever less often. `monitor feeds list "
            "--troubled` shows them, `monitor feeds remove NAME…` takes them out; --working adds only the others."
        )
    if added:
        click.echo("`monitor run` reads them; `monitor feeds list` shows how that goes.")


async def _check(specs: Sequence[SourceSpec], now: datetime, proxy: str | None) -> Checked:
    """Read all, with a bar on a terminal; return what is wrong and what is odd, in their order."""
    checked = Checked()
    bar = Progress(
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("reading", total=len(specs))
        async for spec, fetched in check_sources(specs, now=now, proxy=proxy):
            bar.advance(task)
            if not worked(fetched):
                checked.broken[spec.id] = (spec, fetched)
            elif odd := oddity(spec, fetched, now):
                checked.odd[spec.id] = odd
    order = [spec.id for spec in specs]
    return Checked(
        broken={name: checked.broken[name] for name in order if name in checked.broken},
        odd={name: checked.odd[name] for name in order if name in checked.odd},
    )


def _described(address: str, name: str, options: dict[str, Any]) -> SourceSpec:
    kind, location = _place(address)
    if not name[:1].isalnum() or not all(c.isalnum() or c in "._-" for c in name) or len(name) > 64:
        raise UsageError(f'"{name}" is no name', remedy="use letters, digits, dots, dashes and underscores")
    return SourceSpec(id=name, type=kind, location=location, **_options(options))


def _options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the command line as values of a SourceSpec; raise UsageError for a bad one."""
    values = {key: value for key, value in options.items() if key != "every"}
    try:
        values["interval_s"] = max(1, int(seconds(options["every"])))
        for key in ("include", "exclude"):
            if key in values:
                values[key] = tuple(map(pattern, values[key]))
    except ValueError as error:
        raise UsageError(str(error)) from None
    return values


def _spec(meaning: Plan, source: str) -> SourceSpec:
    found = next((s for s in known_sources(meaning) if s.id == source), None)
    if found is not None:
        return found
    kind, location = _place(source)
    return SourceSpec(id="test", type=kind, location=location)


def _place(address: str) -> tuple[str, str]:
    """Return type and location of what a person typed; raise UsageError where there is no such thing."""
    if address.lower().startswith(("http://", "https://")):
        return "feed", address
    if "://" in address:
        raise UsageError(
            "this kind of address is not read",
            place=address,
            remedy="give an http or https address, a file or a folder",
        )
    path = Path(address).absolute()
    if not path.exists():
        raise UsageError(
            "there is no such source, file or folder",
            place=address,
            remedy=f"see `monitor feeds list`; a web address is written https://{address}",
        )
    return "folder" if path.is_dir() else "jsonl" if path.suffix == ".jsonl" else "feed", str(path)


def _json(listed: Listed, state: str, now: datetime) -> dict[str, object]:
    source, cursor, push = listed.source, listed.cursor, listed.record.push
    return {
        "source": source.id,
        "type": source.type,
        "location": source.location,
        "state": state,
        "errors": cursor.errors,
        "last_error": cursor.last_error,
        "last_success": cursor.last_success_at.isoformat() if cursor.last_success_at else None,
        "last_change": cursor.last_change_at.isoformat() if cursor.last_change_at else None,
        "next_poll": cursor.next_poll_at.isoformat() if cursor.next_poll_at else None,
        "items_a_day": round(cursor.items_a_day, 2),
        "skew_hours": cursor.skew_s // 3600,
        "remarks": list(all_remarks(listed, now)),
        "hub": cursor.hub,
        "hub_until": push.lease_until.isoformat() if push and push.lease_until else None,
        "added": listed.added,
    }
