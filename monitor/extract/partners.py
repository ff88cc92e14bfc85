"""Numbers that only the number before explains: the other side of a vote, a part of a toll, other counts of it.

"By 88 votes to 31" counts two sides, "72 were treated, nine of them pilots" the whole and a part, "the agency counts 64
dead, the radio 57" one toll on two words, "from 40 to 52" one toll twice, of which the last is the news.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.core.figures import UNCLEAR
from monitor.core.model import Actor, Certainty, Figure, Operator
from monitor.extract.drafts import Draft, Scene, trim
from monitor.extract.numbers import read_number

_LOSS = 0.05  # how much less sure a partner is than the number that explains it
_NEAR = 4  # tokens between the two sides of a vote: "votes in favour to"
_LONGEST_PART = 7  # tokens that say which part it is
_LISTING = frozenset({",", ";", "CONJ"})
_NAMING = frozenset({"N", "PN", "ADJ", "ADV", "DET", "PRON", "PREP"})
_PLACES = frozenset({"place", "country", "thing", "date"})
_PARTS = frozenset({"deaths", "injured", "detained", "displaced"})


@dataclass(frozen=True, slots=True)
class _Found:
    """A number in the sentence: its tokens and what it says."""

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class _Told:
    """A draft that tells one of the sentence's numbers, and the numbers behind it."""

    scene: Scene
    draft: Draft
    figure: Figure
    number: _Found
    rest: Sequence[_Found]


def with_partners(scene: Scene, found: list[Draft]) -> list[Draft]:
    """Return the sentence's drafts with those of numbers that another number explains."""
    if all(d.figure is None for d in found):
        return found
    numbers = list(_numbers(scene))
    found = [d for d in found if not _risen(_told(scene, d, numbers), found)]
    out = list(found)
    for draft in found:
        told = _told(scene, draft, numbers)
        if told is None:
            continue
        _as_part(told)
        for partner in (*_other_side(told), *_parts(told)):
            out += [partner] if _is_new(partner, out) else []
        for partner in _other_counts(told):
            out = [d for d in out if not _less_told(d, partner)]
            out += [partner] if _is_new(partner, out) else []
    return out


def _numbers(scene: Scene) -> Iterator[_Found]:
    spanish = scene.reading.pack.language.code == "es"
    k = 0
    while k < len(scene.tokens):
        read = read_number(scene.tokens, k, spanish=spanish) if scene.tokens[k].tag == "NUM" else None
        if read is not None:
            yield _Found(k, k + read[1], read[0])
        k += read[1] if read is not None else 1


def _told(scene: Scene, draft: Draft, numbers: Sequence[_Found]) -> _Told | None:
    """Return which of the sentence's numbers the draft tells: the nearest to its trigger of that value."""
    figure = draft.figure
    if figure is None:
        return None
    fitting = [k for k, n in enumerate(numbers) if n.value == figure.value]
    at = min(fitting, key=lambda k: abs(numbers[k].start - draft.trigger[0]), default=None)
    return _Told(scene, draft, figure, numbers[at], numbers[at + 1 :]) if at is not None else None


def _is_new(partner: Draft, drafts: Sequence[Draft]) -> bool:
    return all(d.figure is None or d.figure.value != _value(partner) for d in drafts)


def _value(draft: Draft) -> float | None:
    return draft.figure.value if draft.figure is not None else None


def _less_told(draft: Draft, partner: Draft) -> bool:
    """Whether a draft tells the partner's number on nobody's word, or as another count."""
    if draft.figure is None or partner.figure is None or draft.figure.value != partner.figure.value:
        return False
    return not draft.claimed_by or draft.figure.metric != partner.figure.metric


def _other_side(told: _Told) -> Iterator[Draft]:
    """Yield the votes against: "by 88 votes to 31"."""
    if told.figure.metric != "votes" or not told.rest:
        return
    one, other = told.number, told.rest[0]
    between = [t.low for t in told.scene.tokens[one.end : other.start]]
    links = told.scene.reading.pack.language.cue("votes_against")
    if between and len(between) <= _NEAR and between[-1] in links:
        figure = replace(_counted(told, other), about="against")
        yield _made(told, other, (one.start, other.end), figure)


def _parts(told: _Told) -> Iterator[Draft]:
    """Yield the parts of a toll that are told with it: "nine of them pilots"."""
    if told.figure.metric not in _PARTS:
        return
    for part in told.rest:
        if 1 < part.value < told.figure.value and _of_them(told.scene, part):
            figure = replace(_counted(told, part), scope=(UNCLEAR,))
            yield _made(told, part, (part.start, _clause_end(told.scene, part)), figure)


def _other_counts(told: _Told) -> Iterator[Draft]:
    """Yield what others count, in a list of who says how many: "…, the radio 57, a gazette 66"."""
    tokens = told.scene.tokens
    for other in told.rest if told.figure.metric in _PARTS else ():
        named = next((c for c in told.scene.chunks if c.start < other.start and other.end == c.end), None)
        if named is None or named.cls in _PLACES:
            return
        start = named.start
        while start and tokens[start - 1].tag in _NAMING:
            start -= 1
        words = [t for t in tokens[start : other.start] if t.tag not in {"DET", "PRON"}]
        if not words or tokens[start - 1].tag not in _LISTING or any(t.tag not in _NAMING for t in words):
            return
        voice = Actor(name=" ".join(t.text for t in words))
        partner = _made(told, other, (start, other.end), _counted(told, other))
        yield replace(partner, claimed_by=[voice], certainty=Certainty.REPORTED)


def _as_part(told: _Told) -> None:
    """Tell "40 of them women" and "six of the twenty" as a part of what is counted."""
    if told.figure.metric not in _PARTS or told.figure.scope:
        return
    if _of_them(told.scene, told.number) or _of_the_others(told):
        told.draft.figure = replace(told.figure, scope=(UNCLEAR,))


def _of_the_others(told: _Told) -> bool:
    if not told.rest or told.rest[0].value <= told.number.value:
        return False
    between = told.scene.tokens[told.number.end : told.rest[0].start]
    return [t.tag for t in between] == ["PREP", "DET"]


def _of_them(scene: Scene, number: _Found) -> bool:
    words = " ".join(t.low for t in scene.tokens[number.end : number.end + 3])
    return any(f"{words} ".startswith(f"{phrase} ") for phrase in scene.reading.pack.language.cue("of_them"))


def _clause_end(scene: Scene, number: _Found) -> int:
    last = min(len(scene.tokens), number.end + _LONGEST_PART)
    return next((k for k in range(number.end, last) if scene.tokens[k].tag in {";", "."}), last)


def _counted(told: _Told, number: _Found) -> Figure:
    """Return what the draft counts, with another number."""
    return replace(told.figure, value=number.value, operator=Operator.EQ, high=None, about="")


def _made(told: _Told, number: _Found, quoted: tuple[int, int], figure: Figure) -> Draft:
    start, end = trim(told.scene.tokens, *quoted)
    return replace(
        told.draft,
        start=start,
        end=end,
        figure=figure,
        trigger=(number.start, number.end),
        confidence=max(0.05, told.draft.confidence - _LOSS),
        notes=[*told.draft.notes, "told beside another number"],
    )


def _risen(told: _Told | None, drafts: Sequence[Draft]) -> bool:
    """Tell of "from 40 to 52" the second number; True where that is told already, and the first is to be left out."""
    if told is None or not told.rest or told.figure.metric not in _PARTS:
        return False
    one, other, tokens = told.number, told.rest[0], told.scene.tokens
    cue = told.scene.reading.pack.language.cue
    before = tokens[one.start - 1].low if one.start else ""
    between = [t.low for t in tokens[one.end : other.start]]
    if before not in cue("counted_from") or len(between) != 1 or between[0] not in cue("counted_to"):
        return False
    if any(_value(d) == other.value for d in drafts):
        return True
    told.draft.figure = replace(told.figure, value=other.value, operator=Operator.EQ, high=None)
    told.draft.notes.append(f"from {one.value:g} to {other.value:g}")
    return False
