"""How well the readers read labelled streams: `python -m training.report STREAM …` prints a table, `--by kind` another.

For each stream and reader: precision, recall and F1 of what is told as new at the default confidence, the repeats told
as new, the traps fallen for, and of the repeats those of which an earlier development had said the same (the others were
missed when they were new). A development is right where it says what a label of its document says
(`training.streams.tells`); labels and developments are matched one to one, a joint statement telling as many labels as
it has actors.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.wiring import replay
from monitor.config import Config
from monitor.core.model import Certainty, Change, Development
from training.streams import Labelled, is_right, read_streams, tells

READERS: tuple[Literal["lexical", "learned", "both"], ...] = ("lexical", "learned", "both")


@dataclass(slots=True)
class Tally:
    """What was told, what there was to tell, and how much of both is the same."""

    told: int = 0
    there: int = 0
    right: int = 0
    again: int = 0
    known: int = 0
    repeats: int = 0
    trapped: int = 0
    traps: int = 0
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name in ("told", "there", "right", "again", "known", "repeats", "trapped", "traps"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, counts in other.kinds.items():
            self.kinds[kind] += counts

    def row(self) -> str:
        """Return precision, recall, F1, repeats and traps."""
        precision, recall = self.right / max(1, self.told), self.right / max(1, self.there)
        f1 = 2 * self.right / max(1, self.told + self.there)
        return (
            f"P {precision:.2f}  R {recall:.2f}  F1 {f1:.3f}  repeats {self.again}/{self.repeats}  "
            f"traps {self.trapped}/{self.traps}  had been told {self.known}/{self.again}"
        )


def main(argv: list[str] | None = None) -> int:
    """Read the streams with every reader and print how well each did."""
    parser = argparse.ArgumentParser(description="evaluate the readers on labelled streams")
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument("--reader", choices=READERS, action="append", help="only this one")
    parser.add_argument("--by", choices=["stream", "kind"], default="stream")
    options = parser.parse_args(argv)
    for reader in options.reader or READERS:
        total = Tally()
        for folder in options.streams:
            tally = judge(folder, reader)
            total.add(tally)
            if options.by == "stream":
                print(f"{reader:8} {folder.name:20} {tally.row()}")
        print(f"{reader:8} {'all':20} {total.row()}")
        if options.by == "kind":
            for kind, counts in sorted(total.kinds.items()):
                print(
                    f"{reader:8}   {kind:16} labels {counts['there']:4}  told {counts['told']:4}  "
                    f"right {counts['right']:4}"
                )
    return 0


def judge(folder: Path, reader: Literal["lexical", "learned", "both"]) -> Tally:
    """Replay a stream with one reader and count."""
    cases = {case.document.name: case for case in read_streams([folder])}
    meaning = plan(Config(reader=reader), lone_event="all")
    documents = [case.document for case in cases.values()]
    tally = Tally()
    before: list[Development] = []
    for done in replay(meaning, documents, clock=utc_now):
        for name, told in _by_document(done.developments):
            tally.add(_count(cases[name], told, before))
            before += told
    for case in cases.values():
        tally.there += len(case.news)
        tally.repeats += len(case.repeats)
        tally.traps += len(case.traps)
        for label in case.news:
            tally.kinds[label["kind"]]["there"] += 1
    return tally


def _by_document(developments: Sequence[Development]) -> Iterator[tuple[str, list[Development]]]:
    groups: dict[str, list[Development]] = defaultdict(list)
    for development in developments:
        groups[development.document].append(development)
    yield from groups.items()


def _count(case: Labelled, told: Sequence[Development], before: Sequence[Development]) -> Tally:
    text = case.document.text
    tally = Tally()
    open_labels = list(case.news)
    rest: list[Development] = []
    for development in told:
        room = max(1, len(development.actors)) if development.kind == "statement" else 1
        found = [label for label in open_labels if tells(development, label, text)][:room]
        for label in found:
            open_labels.remove(label)
            tally.kinds[label["kind"]]["right"] += 1
        tally.right += len(found)
        tally.told += max(1, len(found))
        tally.kinds[development.kind]["told"] += max(1, len(found))
        if not found:
            rest.append(development)
    for development in rest:
        known = [label for label in case.repeats if tells(development, label, text)]
        if known and development.change is Change.CONFIRMED:
            tally.told -= 1
        elif known and development.change is Change.NEW:
            tally.again += 1
            tally.known += any(d.kind == development.kind and is_right(d, known, "") for d in before)
    tally.trapped = sum(_falls(trap, rest, text) for trap in case.traps)
    return tally


def _falls(trap: dict[str, Any], told: Sequence[Development], text: str) -> bool:
    at = text.find(trap["evidence"])
    return any(
        d.kind == trap["kind"]
        and d.certainty is not Certainty.DENIED
        and d.start < at + len(trap["evidence"])
        and at < d.end
        for d in told
    )


if __name__ == "__main__":
    sys.exit(main())
