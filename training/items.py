"""Reads the training data: small documents of labelled sentences (GUIDELINE.md says what the labels mean)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from monitor.extract.learned.labels import ROLES, TYPES, WHYS

KINDS = tuple(dict.fromkeys(t.kind for t in TYPES))
# Kinds that need a finer word: statement.rejects, court_ruling.annuls, figure.deaths.
SUBS = {
    kind: tuple(t.sub for t in TYPES if t.kind == kind)
    for kind in KINDS
    if any(t.sub for t in TYPES if t.kind == kind)
}
PARTS = (*ROLES[1:], "t")


class DataError(ValueError):
    """A line of the training data that cannot be read: place and remedy in the message."""


@dataclass(frozen=True, slots=True)
class Span:
    """A role's text in its sentence: characters `start` to `end`."""

    role: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """One event that a sentence speaks of; `why` is empty where it is told as a fact."""

    kind: str
    sub: str
    why: str
    spans: tuple[Span, ...]


@dataclass(slots=True)
class Item:
    """A sentence with its labels."""

    text: str
    line: int
    labels: list[Label] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """A small document: its header and its sentences."""

    language: str
    genre: str
    country: str
    date: str
    place: str
    items: list[Item] = field(default_factory=list)


def read_folder(folder: Path) -> list[Story]:
    """Return the documents of all `.txt` files below `folder`, in the order of their paths."""
    return [story for path in sorted(folder.rglob("*.txt")) for story in read_file(path)]


def read_file(path: Path) -> Iterator[Story]:
    """Yield the documents of one file; raise `DataError` at the first line that is wrong."""
    return read_lines(path.read_text(encoding="utf-8").split("\n"), path.name)


def read_lines(lines: Iterable[str], name: str) -> Iterator[Story]:
    """Yield the documents that `lines` hold; `name` is for messages."""
    story: Story | None = None
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        place = f"{name}:{number}"
        if not line:
            if story is not None:
                yield story
            story = None
        elif line.startswith("@ "):
            if story is not None:
                yield story
            story = _header(line, place)
        elif story is None:
            raise DataError(f"{place}: a sentence before any '@' header")
        elif line.startswith("="):
            if not story.items:
                raise DataError(f"{place}: a label before any sentence")
            story.items[-1].labels.append(_label(line, story.items[-1].text, place))
        else:
            story.items.append(Item(line, number))
    if story is not None:
        yield story


def _header(line: str, place: str) -> Story:
    words = line.split()
    if len(words) != 5:
        raise DataError(f"{place}: a header is '@ LANGUAGE GENRE COUNTRY DATE', not {line!r}")
    return Story(words[1], words[2], words[3], words[4], place)


def _label(line: str, text: str, place: str) -> Label:
    head, *parts = [part.strip() for part in line[1:].split(" | ")]
    words = head.split()
    kind, _, sub = words[0].partition(".")
    if kind not in KINDS or (kind in SUBS) != bool(sub) or (sub and sub not in SUBS[kind]):
        raise DataError(f"{place}: no such kind: {words[0]!r}")
    why = words[1].removeprefix("!") if len(words) > 1 else ""
    if len(words) > 2 or (why and (why not in WHYS or not words[1].startswith("!"))):
        raise DataError(
            f"{place}: a kind is followed by one of {', '.join('!' + w for w in WHYS)} or nothing"
        )
    spans = tuple(_span(part, text, place) for part in parts)
    if sum(span.role == "t" for span in spans) != 1:
        raise DataError(f"{place}: a label needs exactly one trigger (t)")
    return Label(kind, sub, why, spans)


def _span(part: str, text: str, place: str) -> Span:
    role, _, words = part.partition(" ")
    words = words.strip()
    if role not in PARTS or not words:
        raise DataError(f"{place}: a role is one of {' '.join(PARTS)} and its text, not {part!r}")
    start = find_words(text, words)
    if start < 0:
        raise DataError(f"{place}: {words!r} is not in its sentence")
    return Span(role, start, start + len(words))


def find_words(text: str, words: str) -> int:
    """Return where `words` stands in `text` as whole words, else where it stands at all, else -1."""
    start = text.find(words)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(words) : start + len(words) + 1]
        if not (before.isalnum() and words[0].isalnum()) and not (after.isalnum() and words[-1].isalnum()):
            return start
        start = text.find(words, start + 1)
    return text.find(words)
