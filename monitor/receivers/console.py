"""The report on the terminal: developments by event, readable in 80 columns, plain when nobody watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from monitor.core.model import Change, Development, EventSpec
from monitor.core.policy import KindSpec
from monitor.receivers.text import Told, describe, was_line

_STYLES = {
    Change.NEW: "bold white on blue",
    Change.CHANGED: "bold black on yellow",
    Change.CONFIRMED: "bold white on green",
    Change.CONTRADICTED: "bold white on red",
}
_BADGE_WIDTH = 14
_WIDEST = 100


def print_report(
    developments: Sequence[Development],
    events: Sequence[EventSpec],
    *,
    file: TextIO,
    kinds: Mapping[str, KindSpec] | None = None,
    width: int | None = None,
) -> None:
    """Print the developments, grouped by event in the order given; "Nothing new." when there are none.

    `width` in columns; by default that of the terminal (80 when `file` is none), at most 100.
    """
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if width is None:
        console.width = min(console.width if console.is_terminal else 80, _WIDEST)
    if not developments:
        console.print("Nothing new.")
        return
    names = {event.id: event.name for event in events}
    groups: dict[str, list[Development]] = {}
    for development in developments:
        groups.setdefault(development.event_id, []).append(development)
    for event_id, group in groups.items():
        console.print(Rule(Text(names.get(event_id, event_id), style="bold"), align="left", style="dim"))
        console.print()
        for development in group:
            _print_development(console, development, kinds)
    console.print(_summary(developments))


def _print_development(
    console: Console, development: Development, kinds: Mapping[str, KindSpec] | None
) -> None:
    told = describe(development, kinds)
    badge = f" {told.badge} ".center(_BADGE_WIDTH) if console.is_terminal else told.badge.ljust(_BADGE_WIDTH)
    line = Text.assemble((badge, _STYLES[development.change]), "  ", (told.headline, "bold"))
    line.no_wrap = False
    console.print(_hanging(console, line, badge, told))
    for text in _details(development, told):
        console.print(Padding(text, (0, 0, 0, _BADGE_WIDTH + 2), expand=False))
    console.print()


def _hanging(console: Console, line: Text, badge: str, told: Told) -> Text:
    """Wrap the headline under itself, not under its badge."""
    indent = len(badge) + 2
    rows = Text(told.headline, style="bold").wrap(console, max(20, console.width - indent))
    out = line[:indent]
    for number, row in enumerate(rows):
        if number:
            out.append("\n" + " " * indent)
        row.rstrip()
        out.append_text(row)
    return out


def _details(development: Development, told: Told) -> list[Text]:
    lines = []
    if told.old:
        lines.append(Text.assemble((told.old, "dim"), f"  {told.turn}  ", (told.new, "bold yellow")))
    about = "  ·  ".join(p for p in (told.date, told.standing) if p)
    if told.word:
        lines.append(Text.assemble(("according to ", "dim"), told.word))
    if about:
        lines.append(Text(about, style="dim"))
    if told.quote:
        lines.append(Text(f"“{told.quote}”", style="italic"))
    where = told.source if told.document in {"", told.source} else f"{told.source}, {told.document}"
    lines.append(Text.assemble(("— ", "dim"), (where, "cyan")))
    if told.url:
        lines.append(Text(told.url, style="dim", no_wrap=True, overflow="ellipsis"))
    if development.previous is not None and development.change is not Change.NEW:
        lines.append(Text(f"before: {was_line(development.previous)}", style="dim"))
    return lines


def _summary(developments: Sequence[Development]) -> Text:
    counts = [(c, sum(d.change is c for d in developments)) for c in Change]
    said = ", ".join(f"{n} {c.value}" for c, n in counts if n)
    noun = "development" if len(developments) == 1 else "developments"
    return Text(f"{len(developments)} {noun}: {said}", style="bold")
