"""Labelled streams as lessons: what the network should have seen in each sentence of whole documents.

A stream's labels say what a document tells (kind, who, whom, number, and the stretch that tells it), once for each event.
They name no trigger words and do not say where else the document speaks of the same. So a teacher, the network as it was
before, is asked first: where it sees a labelled event, however faintly, there is its trigger; what is not labelled stays
as the teacher sees it, and less so where the whole document tells nothing of that kind.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from monitor.extract.learned.decode import SHARE
from monitor.extract.learned.labels import ROLES, TYPE_INDEX, TYPES
from monitor.extract.learned.windows import Pieces, Window, cut, marks, pack
from monitor.extract.reader import LexicalReader
from training.streams import NEAR_KINDS, Labelled, read_streams

Marks = NDArray[np.float32]

SURE = 0.95  # the chance that is wanted of what is labelled
FAINT = 0.1  # from which chance on the teacher counts as seeing an event in its evidence
ANYWHERE = 0.25  # the same, elsewhere in the sentence
OTHERWISE = 0.15  # the same, for another stance of it, or for no fact
UNTOLD = 0.4  # how much of its chance is left to a kind that the document does not tell
TRAP = 0.1  # the same, in a stretch that is labelled as no event
TWIN = 0.2  # the same, to a labelled event as no fact
OTHER_TYPE = 0.3  # the same, to the stance that the teacher saw in the place of the labelled one
OTHERS = 0.3  # how much of a role stays with words that the label does not name, where it names some
NAMED = 0.9  # how much of a word's role is the label's
BELIEVED = 0.3  # from which chance on the teacher's choice among several mentions of a name counts
LONGEST_TRIGGER = 6  # pieces, of an event that the teacher does not see


@dataclass(frozen=True, slots=True)
class Told:
    """A label in its sentence: number of the type, the characters of its evidence, and the forms of names by role."""

    type: int
    start: int
    end: int
    names: dict[str, list[str]]


@dataclass(slots=True)
class Lesson:
    """A document: its sentences as text and as pieces, what they tell and what only looks so, by sentence."""

    sentences: list[str]
    pieces: list[Pieces]
    kinds: set[str] = field(default_factory=set)
    told: dict[int, list[Told]] = field(default_factory=lambda: defaultdict(list))
    traps: dict[int, list[tuple[str, int, int]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Played:
    """An event whose roles are learnt: its output, the pieces of its trigger in the sentence, its label."""

    output: int
    trigger: list[int]
    label: Told


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sentence should have shown: chances (T, OUTPUTS), which of them count, those of the whole sentence, events.

    Of an event that the teacher does not see at all, no word of the evidence is asked; only the sentence must tell it.
    """

    words: Marks
    counted: Marks
    said: Marks
    events: list[Played]


def lessons(folders: Sequence[Path], cutter: Tokenizer) -> list[Lesson]:
    """Return the documents of labelled streams as lessons."""
    ear = _Ear()
    reader = LexicalReader.load(voice=ear)
    forms = {folder.name: _aliases(folder) for folder in folders}
    out = []
    for case in read_streams(list(folders)):
        reader.draft(case.document)
        out.append(_lesson(case, ear.sentences, cutter, forms[case.stream]))
    return out


class _Ear:
    """Hears how the reader cuts a document into sentences."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def look(self, sentences: Sequence[str], language: str) -> Sequence[None]:
        """Keep the sentences; say nothing of them."""
        del language
        self.sentences = list(sentences)
        return [None] * len(sentences)

    def join(self, scene: Any, lexical: list[Any], seen: None, *, old: bool) -> list[Any]:
        """Return the lexicon's drafts as they are."""
        del scene, seen, old
        return lexical

    def weigh(self, drafts: list[Any], reading: Any) -> None:
        """Weigh nothing."""


def _aliases(folder: Path) -> dict[str, list[str]]:
    table = json.loads((folder / "aliases.json").read_text(encoding="utf-8"))
    return {name: forms for name, forms in table.items() if isinstance(forms, list)}


def _lesson(case: Labelled, sentences: list[str], cutter: Tokenizer, forms: dict[str, list[str]]) -> Lesson:
    lesson = Lesson(sentences, cut(cutter, sentences))
    for label in case.told:
        lesson.kinds |= {label["kind"]}.union(*(g for g in NEAR_KINDS if label["kind"] in g))
        type_, place = _type(label), _place(label["evidence"], sentences)
        if type_ is None or place is None:
            continue
        sources = label.get("claimed_by") or ()
        sources = [sources] if isinstance(sources, str) else sources
        names = {
            "a": list(label.get("actor") or ()),
            "r": list(label.get("target") or ()),
            "s": [form for name in sources for form in (name, *forms.get(name, ()))],
        }
        lesson.told[place[0]].append(Told(type_, *place[1:], names))
    for trap in case.traps:
        place = _place(trap["evidence"], sentences)
        if place is not None:
            lesson.traps[place[0]].append((trap["kind"], *place[1:]))
    return lesson


def _type(label: dict[str, Any]) -> int | None:
    kind = label["kind"]
    if kind == "figure":
        metric = label.get("metric") or ""
        return TYPE_INDEX.get((kind, metric), TYPE_INDEX[kind, "other"])
    sub = {"statement": "stance", "court_ruling": "outcome"}.get(kind)
    return TYPE_INDEX.get((kind, (label.get(sub) or "other") if sub else ""))


def _place(evidence: str, sentences: Sequence[str]) -> tuple[int, int, int] | None:
    """Return the sentence that holds the evidence, or its beginning, and the characters there."""
    for length in (len(evidence), 60, 40, 25, 15):
        for number, sentence in enumerate(sentences):
            at = sentence.find(evidence[:length])
            if at >= 0 and length <= len(evidence):
                end = at + length if length == len(evidence) else len(sentence)
                return number, at, end
    return None


def windows(
    found: Sequence[Lesson], cutter: Tokenizer, rng: random.Random, size: int
) -> Iterator[list[tuple[Lesson, int, Window]]]:
    """Yield groups of windows of like length, each with its document and the number of its stretch's first sentence.

    Documents are read whole or cut at random, so that sentences are seen with ever other neighbours.
    """
    first, last = marks(cutter)
    out: list[tuple[Lesson, int, Window]] = []
    for lesson in found:
        count, start = len(lesson.sentences), 0
        while start < count:
            whole = rng.random() >= 0.6
            end = count if whole else min(count, start + rng.choice((2, 3, 5, 8, 12)))
            out += [(lesson, start, window) for window in pack(lesson.pieces[start:end], first, last)]
            start = end
    rng.shuffle(out)
    out.sort(key=lambda one: len(one[2].ids) // 16)
    groups = [out[n : n + size] for n in range(0, len(out), size)]
    rng.shuffle(groups)
    yield from groups


def wanted(lesson: Lesson, number: int, chances: Marks) -> Wanted:
    """Return what sentence `number` should show, given the teacher's chances (T, OUTPUTS) of its pieces."""
    words, counted = chances.copy(), np.ones_like(chances)
    offsets = lesson.pieces[number].offsets[: len(chances)]
    told = lesson.told.get(number, [])
    here = {TYPES[label.type].kind for label in told}
    open_ = lesson.kinds | here.union(*(group for group in NEAR_KINDS if group & here))
    for type_, name in enumerate(TYPES):
        if name.kind not in open_ and words[:, 2 * type_].max() > OTHERS:
            words[:, 2 * type_] *= UNTOLD
    for kind, start, end in lesson.traps.get(number, []):
        if kind not in here:
            facts = [2 * n for n, name in enumerate(TYPES) if name.kind == kind]
            words[np.ix_(_inside(offsets, start, end), facts)] *= TRAP
    unseen: list[int] = []
    events: list[Played] = []
    for label in told:
        region = _inside(offsets, label.start, label.end)
        if not region:
            continue
        output = 2 * label.type
        trigger, instead = _trigger(chances, region, label.type)
        if instead is not None and instead // 2 not in {other.type for other in told}:
            words[trigger, instead] *= OTHER_TYPE
        if trigger:
            words[trigger, output] = np.maximum(words[trigger, output], SURE)
            words[trigger, output + 1] *= TWIN
        else:
            counted[np.ix_(region, [output])] = 0
            unseen.append(output)
        events.append(Played(output, trigger or region[:LONGEST_TRIGGER], label))
    said = words.max(axis=0)
    said[unseen] = np.maximum(said[unseen], SURE)
    return Wanted(words, counted, said, events)


def _trigger(chances: Marks, region: list[int], type_: int) -> tuple[list[int], int | None]:
    """Return the pieces at which the teacher sees an event, none where it does not, and the stance it takes it for."""
    fact = chances[:, 2 * type_]
    if fact[region].max() >= FAINT:
        return _around(fact, region), None
    if fact.max() >= ANYWHERE:
        return _around(fact, range(len(fact))), None
    others = [2 * n for n, name in enumerate(TYPES) if name.kind == TYPES[type_].kind and n != type_]
    best = max(others, key=lambda output: float(chances[region, output].max()), default=None)
    if best is not None and chances[region, best].max() >= OTHERWISE:
        return _around(chances[:, best], region), best
    spoken = chances[:, 2 * type_ + 1]
    return (_around(spoken, region) if spoken[region].max() >= OTHERWISE else []), None


def _around(column: Marks, region: Sequence[int]) -> list[int]:
    """Return the pieces around the strongest one of the region that reach a share of its chance."""
    top = max(region, key=lambda place: float(column[place]))
    least = SHARE * column[top]
    start = end = top
    while start > 0 and column[start - 1] > least:
        start -= 1
    while end + 1 < len(column) and column[end + 1] > least:
        end += 1
    return list(range(start, end + 1))


def _inside(offsets: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    return [n for n, (left, right) in enumerate(offsets) if left < end and right > start and right > left]


def wanted_roles(lesson: Lesson, number: int, event: Played, chances: Marks) -> Marks:
    """Return the roles (T, ROLES) that the pieces of a sentence should have in an event, given the teacher's.

    Who is named in the label has the role, and others whom the teacher gives it lose most of it.
    """
    roles = chances.copy()
    sentence, offsets = lesson.sentences[number], lesson.pieces[number].offsets[: len(chances)]
    for name, forms in event.label.names.items():
        mentions = [m for span in _mentions(sentence, forms) if (m := _inside(offsets, *span))]
        if not mentions:
            continue
        role = ROLES.index(name)
        named = {piece for mention in mentions for piece in mention}
        for stretch in _stretches(chances.argmax(axis=1) == role):
            if not named & set(stretch):
                taken = roles[stretch, role] * (1 - OTHERS)
                roles[stretch, role] -= taken
                roles[stretch, 0] += taken
        for mention in _chosen(mentions, chances[:, role], event.trigger[0]):
            roles[mention] *= 1 - NAMED
            roles[mention, role] += NAMED
    return roles


def _mentions(sentence: str, forms: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a sentence names somebody by one of the forms, the longest first, none within another."""
    found: list[tuple[int, int]] = []
    for form in sorted(set(forms), key=lambda form: (-len(form), form)):
        if len(form) > 1:
            for match in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", sentence):
                if not any(start < match.end() and end > match.start() for start, end in found):
                    found.append(match.span())
    return found


def _chosen(mentions: Sequence[list[int]], chance: Marks, trigger: int) -> list[list[int]]:
    """Return the mentions that the teacher gives the role too, or else the likeliest, or else the nearest."""
    believed = [m for m in mentions if chance[m].max() >= BELIEVED]
    if believed:
        return believed
    best = max(float(chance[m].max()) for m in mentions)
    if best > FAINT / 2:
        return [max(mentions, key=lambda m: float(chance[m].max()))]
    return [min(mentions, key=lambda m: min(abs(piece - trigger) for piece in m))]


def _stretches(marked: NDArray[np.bool_]) -> list[list[int]]:
    out: list[list[int]] = []
    for place in np.flatnonzero(marked):
        if out and place - out[-1][-1] <= 1:
            out[-1].append(int(place))
        else:
            out.append([int(place)])
    return out
