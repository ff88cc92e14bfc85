"""Runs the examples of lexicon entries: is each read as its entry says, and no counterexample so?

An example marks who acts and who suffers: "{A:Officers} rounded up {R:three union members}".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.core.model import Actor, Claim, Document, Modality
from monitor.core.ports import Reader
from monitor.extract.layers import Folders, own_entries
from monitor.extract.places import Place, fold
from monitor.extract.triggers import Frame

MARK = re.compile(r"\{([AR]):([^}]*)\}")
_TOLD = frozenset({Modality.FACT, Modality.DENIAL})
_COUNTED = frozenset({"arrest", "release", "violence"})
_SMALL = frozenset("the a an of and in on at for to his her its their by s el la los las de".split())
_LEAST = 0.5
_DAY = datetime(2024, 8, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that is not read as its entry says; `place` is file:line."""

    place: str
    frame: str
    text: str
    problem: str


class Examples:
    """Reads examples in one language with a reader."""

    def __init__(self, reader: Reader, language: str, places: Mapping[str, Place]) -> None:
        self._reader = reader
        self._language = language
        self._places = places

    def kind_failure(self, frame: Frame, text: str) -> str | None:
        """Return why the example does not tell the kind, or None."""
        claims = self._read(text)
        return None if _fitting(frame, claims) else f"is read as {_told(claims)}, not as {_wanted(frame)}"

    def role_failure(self, frame: Frame, text: str) -> str | None:
        """Return why not one claim of the kind names who acts and who suffers, or None."""
        acts, suffers = ([name for role, name in MARK.findall(text) if role == wanted] for wanted in "AR")
        claims = _fitting(frame, self._read(text))
        for claim in claims:
            actors, recipients = claim.actors, claim.recipients
            if claim.kind == "election_result":  # the winner acts; who declares it is the claim's voice
                actors, recipients = actors + claim.claimed_by, actors
            if claim.kind == "figure" or (self._names(acts, actors) and self._names(suffers, recipients)):
                return None
        return f"names others: {_told(claims)}" if claims else None

    def negative_failure(self, frame: Frame, text: str) -> str | None:
        """Return why the counterexample is taken for a fact, or None."""
        told = [
            c
            for c in self._read(text)
            if c.kind == frame.kind
            and c.modality is Modality.FACT
            and c.confidence >= _LEAST
            and frame.stance in {None, c.stance}
        ]
        return f"is a counterexample and read as {_told(told)}" if told else None

    def failures(self, frame: Frame) -> Iterator[Failure]:
        """Yield what is wrong with the examples and counterexamples of an entry."""
        for text in frame.examples:
            problem = self.kind_failure(frame, text) or self.role_failure(frame, text)
            if problem:
                yield _failure(frame, text, problem)
        for text in frame.negative:
            problem = self.negative_failure(frame, text)
            if problem:
                yield _failure(frame, text, problem)

    def _read(self, text: str) -> tuple[Claim, ...]:
        plain = MARK.sub(r"\2", text)
        return self._reader.read(
            Document(
                id="example",
                identity="example",
                name="example",
                source="lexicon",
                text=plain,
                retrieved_at=_DAY,
                content_hash="",
                published_at=_DAY,
                language=self._language,
            )
        )

    def _names(self, marked: Sequence[str], actors: Sequence[Actor]) -> bool:
        found = {word for actor in actors for word in _words(f"{actor.name} {actor.country_name or ''}")}
        wanted = {word for text in marked for word in _words(text)}
        wanted |= {
            w for text in marked if (place := self._places.get(text.lower())) for w in _words(place.country)
        }
        return not marked or bool(found & wanted)


def own_ids(code: str, folders: Folders) -> set[str]:
    """Return the ids of the entries that stand in the user's own folders."""
    return {str(entry.values.get("id")) for entry in own_entries(code, folders)}


def _fitting(frame: Frame, claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims that tell what the frame tells; many people hit or held may come as their number."""
    told = [c for c in claims if c.modality in _TOLD]
    fit = [
        c
        for c in told
        if c.kind == frame.kind and frame.stance in {None, c.stance} and frame.outcome in {None, c.outcome}
    ]
    return fit or [c for c in told if c.kind == "figure" and frame.kind in _COUNTED]


def _words(text: str) -> set[str]:
    """Return the words that can tell a name, folded and cut to their stems."""
    clean = "".join(c if c.isalnum() else " " for c in fold(text))
    return {w[:5] for w in clean.split() if w not in _SMALL}


def _wanted(frame: Frame) -> str:
    return " ".join(filter(None, (frame.kind, frame.stance, frame.outcome)))


def _told(claims: Sequence[Claim]) -> str:
    """Return what was read, in words: "arrest: Police -> Ana Ruiz"."""
    shown = []
    for claim in claims:
        who, whom = (", ".join(a.name for a in actors) or "-" for actors in (claim.actors, claim.recipients))
        what = " ".join(filter(None, (claim.kind, claim.stance, claim.outcome)))
        how = "" if claim.modality is Modality.FACT else f" [{claim.modality}]"
        shown.append(f"{what}{how}: {who} -> {whom}")
    return "; ".join(shown) or "nothing"


def _failure(frame: Frame, text: str, problem: str) -> Failure:
    path, _, line = frame.place.rpartition(":")
    place = f"{path}:{_line_of(text, Path(path), int(line))}" if line.isdigit() else frame.place
    return Failure(place, frame.id, MARK.sub(r"\2", text), problem)


def _line_of(text: str, path: Path, first: int) -> int:
    """Return the line of an example, searched from its entry's line on; the entry's where it is not found."""
    lines = path.read_text("utf8").splitlines()
    found = (n for n, line in enumerate(lines[first - 1 :], first) if text[:40] in line)
    return next(found, first)
