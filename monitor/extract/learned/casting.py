"""Who plays in an event: from the stretches that the network casts to the people and bodies of the document."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.model import Actor
from monitor.extract.chunks import Chunk
from monitor.extract.coref import PRONOUNS, actors_of
from monitor.extract.drafts import Scene
from monitor.extract.hit_claims import ON_DEEDS
from monitor.extract.learned.mentions import Mention, Part
from monitor.extract.places import fold

_OF_PEOPLE = frozenset(
    {"arrest", "arrest_order", "release", "charge", "asylum", "resignation", "appointment"}
)
# Words before a name: "the sons of Ana Gray", "the head of the Council of Harbour Pilots, Piet Vos".
_LONGEST_TITLE = (6, 12)
_LONGEST_REST = 5  # words that a name goes on for after its first noun
_ANYBODY: frozenset[str] = frozenset()
_BETWEEN = frozenset({"PREP", "TO", "CONJ", "SUB"})


def who(scene: Scene, mention: Mention, role: str) -> list[Actor]:
    """Return who plays a role ("a": acts, "r": to whom, "s": on whose word), each once."""
    out: list[Actor] = []
    # "Guards led her away": a pronoun to whom something is done is not who does it.
    beside = _chunks_of(scene, mention, "a") if role == "r" else []
    deeds = role == "r" and mention.sub in ON_DEEDS
    for part in _cast_as(scene, mention, role):
        for actor in named(scene, part, beside, deeds=deeds):
            if all(fold(actor.name) != fold(a.name) for a in out):
                out.append(actor)
    # "The crews of nine ships" are not those ships as well.
    return [a for a in out if not any(b.name.endswith(f" of {a.name}") for b in out)]


def _cast_as(scene: Scene, mention: Mention, role: str) -> list[Part]:
    """Return the stretches of a role.

    Things are left out beside people where only people can be meant, and of a number's voices those that another
    number parts from it ("the agency counts 64, the radio 57").
    """
    parts = _once(scene, [p for p in mention.parts if p.role == role])
    if role == "s":
        heard = [p for p in parts if not _dumb(scene, p)] or parts
        if mention.kind != "figure":
            return heard
        return [p for p in heard if not other_number(scene, mention, p)] or heard
    if role != "r" or len(parts) < 2:
        return parts
    whom = [p for p in parts if not _taken_as(scene, p, parts[0])]
    if mention.kind not in _OF_PEOPLE:
        return whom
    return [p for p in whom if _class_of(scene, p) != "thing"] or whom


def _chunks_of(scene: Scene, mention: Mention, role: str) -> list[Chunk]:
    first = scene.tokens[0].start
    spans = (tokens_of(scene, p.start + first, p.end + first) for p in mention.parts if p.role == role)
    return [chunk for span in spans if (chunk := chunk_in(scene, *span)) is not None]


def tokens_of(scene: Scene, start: int, end: int) -> tuple[int, int]:
    """Return the tokens that the characters `start` to `end` of the document touch."""
    inside = [k for k, t in enumerate(scene.tokens) if t.start < end and t.end > start]
    return (inside[0], inside[-1] + 1) if inside else (0, 1)


def _class_of(scene: Scene, part: Part) -> str:
    """Return what the part's words name (`Chunk.cls`); empty where that is unknown or no chunk fits."""
    first = scene.tokens[0].start
    chunk = chunk_in(scene, *tokens_of(scene, part.start + first, part.end + first))
    return chunk.cls if chunk is not None else ""


def _dumb(scene: Scene, part: Part) -> bool:
    """Whether the words name what cannot speak: in "at a rally east of the capital, her team said" only the team does."""
    return _class_of(scene, part) in {"place", "thing", "time"}


def _taken_as(scene: Scene, part: Part, whom: Part) -> bool:
    """Whether the words say as what somebody is taken: "recognised Ada Gray as president-elect"."""
    first = scene.tokens[0].start
    _, low = tokens_of(scene, whom.start + first, whom.end + first)
    start, _ = tokens_of(scene, part.start + first, part.end + first)
    words = ["", *(t.low for t in scene.tokens[low : start + 1])]
    cue = scene.reading.pack.language.cue
    return any(
        word in cue("taken_as") and cue("lists_with_as").isdisjoint({before, after})
        for before, word, after in zip(words, words[1:], words[2:], strict=False)
    )


def _once(scene: Scene, parts: list[Part]) -> list[Part]:
    """Leave out what only says more of another part: "Ada Gray | , the harbour minister", "Chad | 's electoral board"."""
    if len(parts) < 2:
        return parts
    first = scene.tokens[0].start
    chunks = [chunk_in(scene, *tokens_of(scene, p.start + first, p.end + first)) for p in parts]
    told = {id(more) for c in chunks if c is not None for more in (c.apposed, c.owner) if more is not None}
    return [p for p, c in zip(parts, chunks, strict=True) if c is None or id(c) not in told]


def other_number(scene: Scene, mention: Mention, voice: Part) -> bool:
    """Whether another number stands between a mention and who is to have said it."""
    first = scene.tokens[0].start
    start, end = tokens_of(scene, voice.start + first, voice.end + first)
    low, high = tokens_of(scene, mention.trigger[0] + first, mention.trigger[1] + first)
    return any(t.tag == "NUM" for t in [*scene.tokens[end:low], *scene.tokens[high:start]])


def named(scene: Scene, part: Part, beside: Sequence[Chunk] = (), *, deeds: bool = False) -> list[Actor]:
    """Return who the stretch names: its leading noun chunk, or its words where no chunk fits."""
    low, high = tokens_of(scene, part.start + scene.tokens[0].start, part.end + scene.tokens[0].start)
    chunk = chunk_in(scene, low, high)
    found: list[Actor] = []
    if chunk is None and high - low == 1 and scene.tokens[low].low in PRONOUNS:
        # "La fiscal le abrió …": a pronoun that leans on its verb is no chunk of its own.
        chunk = Chunk(low, high, low, "pron")
    if chunk is not None:
        found = actors_of(scene, _listed(chunk, low, high), _ANYBODY, beside, deeds=deeds)
        if chunk.kind in {"pron", "date"} or (found and not _cut_off(scene, chunk, found, high)):
            return found
    # Where the network stops short of the noun, the name goes on to it: "a ruling by Kenya's top | court".
    high = next((c.end for c in scene.chunks if c.start < high <= c.head), high)
    words = [t for t in scene.tokens[low:high] if t.tag not in {"DET", "Q", ",", "POSS"}]
    # "of", left of a longer name, is nobody.
    while words and words[0].tag in _BETWEEN:
        words.pop(0)
    while words and words[-1].tag in _BETWEEN:
        words.pop()
    text = " ".join(t.text for t in words)
    return [Actor(name=text)] if any(c.isalpha() for c in text) else found


def _cut_off(scene: Scene, chunk: Chunk, found: list[Actor], high: int) -> bool:
    """Whether one unknown word is all that is found of a longer name: "slow" of "slow count"."""
    one = found[0]
    unknown = len(found) == 1 and not one.country and fold(one.name) not in scene.reading.entities.people
    rest = scene.tokens[chunk.end : high]
    return (
        unknown and " " not in one.name and 0 < len(rest) <= _LONGEST_REST and all(t.tag != "V" for t in rest)
    )


def _listed(chunk: Chunk, low: int, high: int) -> list[Chunk]:
    """Return the chunk and those that it is listed with among the tokens; what one of like ones does, all do."""
    members = [
        c
        for c in chunk.members()
        if low <= c.head < high or (c.cls == chunk.cls and c.cls in {"country", "person"})
    ]
    return members if chunk in members else [chunk]


def chunk_in(scene: Scene, low: int, high: int) -> Chunk | None:
    """Return the chunk that the tokens name: the first that is not a part of another one there; or whose head they miss."""
    inside = [c for c in scene.chunks if c.start < high and low < c.end and low <= c.head < high]
    parts = {id(p) for c in inside for p in (*c.of, c.owner, c.apposed) if p is not None}
    # "Ana Gray's lawyer", "the lawyers of Ana Gray" are not Ana Gray.
    theirs = {
        id(p) for c in inside if c.cls in {"person", "group"} for p in (*c.of, c.owner) if p is not None
    }
    named = [c for c in inside if _names_somebody(scene, c, low) and id(c) not in theirs]
    free = [c for c in inside if id(c) not in parts] or inside
    if named and named[0].start <= low + _LONGEST_TITLE[free[0].cls == "person"] and free[0].cls != "org":
        return named[0]
    return free[0] if free else next((c for c in scene.chunks if c.start <= low and high <= c.head), None)


def _names_somebody(scene: Scene, chunk: Chunk, first: int) -> bool:
    """Whether a chunk names the person whom the tokens from `first` on describe.

    In "the envoy for Maritime Affairs, Ana Gray", "the Secretary for the Islands, Piet Vos" only the last name does.
    """
    if chunk.kind != "name" or chunk.cls != "person":
        return False
    before = scene.tokens[chunk.start - 1].tag if chunk.start > first else ""
    words = scene.tokens[chunk.name[0] : chunk.name[1]] if chunk.name else []
    roles = scene.reading.pack.language.roles
    return before != "PREP" and not all(t.low in roles for t in words)
