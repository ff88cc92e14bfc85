"""What the commands share: the session, printing, points in time, and the log."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from monitor.config import Config, load_config
from monitor.config.values import seconds
from monitor.core.errors import UsageError
from monitor.core.model import Development, EventSpec, Problem, SourceCursor
from monitor.core.policy import KindSpec
from monitor.receivers.console import print_report

DEFAULT_CONFIG = Path("config.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the user said before the command's name."""

    path: Path | None
    debug: bool

    def config(self) -> Config:
        """Return the configuration; raise ConfigError when it is wrong or not there."""
        return load_config(self.config_path(), os.environ)

    def config_path(self) -> Path:
        """Return the path of the configuration file."""
        return self.path or DEFAULT_CONFIG


def complain(message: str) -> None:
    """Tell an error on standard error."""
    click.echo(f"monitor: {message}", err=True)


def warn(problems: Iterable[Problem]) -> None:
    """Tell problems that did not stop the rest, a line each, on standard error."""
    for problem in problems:
        click.echo(f"warning: {describe(problem)}", err=True)


def describe(problem: Problem) -> str:
    """Return a problem as one line."""
    remedy = f" ({problem.remedy})" if problem.remedy else ""
    return " ".join(f"{problem.place}: {problem.message}{remedy}".split())


def note(message: str) -> None:
    """Tell something that is no data, on standard error."""
    click.echo(message, err=True)


def emit(value: Any) -> None:
    """Print one JSON value on a line of its own."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as a table; text that comes from feeds is shown as it is, never as markup."""
    grid = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        grid.add_row(*(Console().render_str(str(cell), markup=False, emoji=False) for cell in row))
    console().print(grid)


def console() -> Console:
    """Return the console of standard output; piped output is not cut at 80 columns."""
    return Console(
        width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=not sys.stdout.isatty()
    )


def report(
    developments: Sequence[Development], events: Sequence[EventSpec], kinds: Mapping[str, KindSpec]
) -> None:
    """Print the report for people."""
    print_report(developments, events, file=sys.stdout, kinds=kinds)


def moment(text: str, now: datetime) -> datetime:
    """Return the time that `text` names: 2024-08-22, an RFC 3339 time, or how long ago ("24h")."""
    try:
        return now - timedelta(seconds=seconds(text))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f'"{text}" is no time',
            remedy="write 2024-08-22, 2024-08-22T07:00:00Z, or how long ago, such as 24h",
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def ahead(text: str, now: datetime) -> datetime:
    """Return the future time that `text` names: 2024-08-22, an RFC 3339 time, or how far ahead ("2h")."""
    try:
        found = now + timedelta(seconds=seconds(text))
    except ValueError:
        found = moment(text, now)
    if found <= now:
        raise UsageError(f'"{text}" has passed', remedy="write 2h, 2024-08-22 or 2024-08-22T07:00:00Z")
    return found


class PlainLog:
    """A log for commands that people watch: only what went wrong, as a plain line."""

    def info(self, event: str, **fields: Any) -> None:
        """Say nothing: the command prints its own result."""

    def warning(self, event: str, **fields: Any) -> None:
        """Print what went wrong."""
        place = fields.get("place") or fields.get("source") or fields.get("action") or ""
        warn([Problem(place=str(place), message=event, remedy=fields.get("remedy"))])


def source_state(cursor: SourceCursor) -> str:
    """Return a source's state in words."""
    if cursor.gone:
        return "gone"
    if cursor.errors:
        return f"{cursor.errors} errors: {cursor.last_error}"
    return "ok" if cursor.last_success_at else "not read yet"
