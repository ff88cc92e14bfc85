"""Who does it: the subject of a verb group from what stands before it."""

from __future__ import annotations

from typing import Final

from monitor.extract.chunks import Chunk
from monitor.extract.language import Language
from monitor.extract.verbs import Item, Verb, group

_CAUSES: Final = frozenset({"have", "get", "order", "want", "see"})
_OPENS_CLAUSE: Final = frozenset({"after", "before", "since", "as", "until", "while", "when"})


def subject_of(items: list[Item], k: int, verb: Verb, language: Language) -> list[Chunk]:
    """Return the chunks that are the subject of the verb at item `k`; empty where none is found."""
    if verb.form == "inf" and verb.governor is not None:
        return (
            verb.governor.object or verb.governor.subject
            if not verb.governor.passive
            else verb.governor.subject
        )
    j = k - 1
    while j >= 0 and (
        items[j].type in {"T", "Q"} or (items[j].type == "P" and j + 1 < k and items[j + 1].type == "T")
    ):
        j -= 1
    if j < 0:
        return _inverted(verb, language)
    found = _left(items, j, verb, language)
    if not found and verb.base in language.cue("say"):
        return _inverted(verb, language)
    return found


def _left(items: list[Item], j: int, verb: Verb, language: Language) -> list[Chunk]:
    item = items[j]
    if item.type == "N" and item.chunk is not None:
        if item.chunk.kind == "pron" and item.word in language.closed["rel"]:
            return _antecedent(items, j, verb)
        return _climb(items, j)
    if item.type == "R" or (item.type == "S" and item.word == "that" and j and items[j - 1].type == "N"):
        return _antecedent(items, j, verb)
    if item.type == "," and verb.form == "ing":
        return _shared_subject(items, j, verb)
    if item.type in {",", "-", ")"}:
        return _over_insert(items, j, verb)
    if (
        item.type == "V"
        and item.verb is not None
        and item.verb.reduced
        and verb.form in {"past", "s", "modal"}
    ):
        item.verb.passive = item.verb.passive or not item.verb.object
        return list(item.verb.subject)
    if item.type in {"C", "P"} or (item.type == "V" and verb.form in {"ing", "inf"}):
        return _shared_subject(items, j, verb)
    return []


def _shared_subject(items: list[Item], j: int, verb: Verb) -> list[Chunk]:
    """Return the subject that a coordinated verb shares: of the nearest of its shape, else the nearest."""
    earlier = [items[m].verb for m in range(j, -1, -1) if items[m].verb is not None]
    alike = next(
        (
            v
            for v in earlier
            if v is not None and v.form == verb.form and v.passive == verb.passive and v.subject
        ),
        None,
    )
    nearest = earlier[0] if earlier else None
    if nearest is None:
        return []
    # "She urged the guards to leave and asked …": who urged, asks.
    other = (nearest.passive and not verb.passive) or nearest.form == "inf"
    if alike is not None and other and verb.form in {"past", "s"}:
        return list(alike.subject)
    causer = _causer(nearest, earlier) if verb.form == "ing" else None
    return list((causer or nearest).subject)


def _causer(done: Verb, earlier: list[Verb | None]) -> Verb | None:
    """Return who has something done: in "she had the bridge closed after blaming …" she blames, and no bridge."""
    if done.form not in {"past", "part"} or not done.subject:
        return None
    after = done.subject[0].start
    return next((v for v in earlier if v is not None and v.base in _CAUSES and v.end == after), None)


def _antecedent(items: list[Item], j: int, verb: Verb) -> list[Chunk]:
    m = j - 1
    while m >= 0 and items[m].type in {",", "P", "Q", "T"}:
        m -= 1
    if m >= 0 and items[m].type == "N":
        verb.antecedent = True
        verb.link = "rel"
        chunk = items[m].chunk
        assert chunk is not None
        if chunk.follower:
            return _climb(items, m)
        return [chunk] if not chunk.group or chunk is not chunk.group[-1] else _climb(items, m)
    return []


def _climb(items: list[Item], j: int) -> list[Chunk]:
    """Return the whole noun phrase that ends at item `j`: out of its prepositional tail, with its list."""
    start = j
    while j >= 2 and items[j - 1].type == "P" and items[j - 2].type == "N":
        j -= 2
    if j >= 1 and items[j - 1].type == "P" and not (j >= 2 and items[j - 2].type == "N"):
        j = start
    reduced = items[j - 2].verb if j >= 3 else None
    if (
        reduced is not None
        and items[j - 1].type == "P"
        and items[j - 1].word not in _OPENS_CLAUSE
        and reduced.reduced
        and not reduced.object
        and items[j - 3].type == "N"
    ):
        return list(reduced.subject)
    chunk = items[j].chunk
    assert chunk is not None
    if chunk.follower:
        m = j - 1
        while m >= 0 and items[m].type in {",", "(", "-"}:
            m -= 1
        named = items[m].chunk if m >= 0 and items[m].type == "N" else None
        if named is not None and named.apposed is chunk:
            return group(named)
    return group(chunk)


def _over_insert(items: list[Item], j: int, verb: Verb) -> list[Chunk]:
    """The verb follows a comma: step back over what the commas enclose, to the noun phrase before it."""
    depth = 0
    m = j - 1
    while m >= 0 and depth < 14:
        if items[m].type in {",", "-", "("} and m >= 1 and items[m - 1].type == "N":
            inside = items[m + 1 : j]
            if inside and (
                inside[0].type in {"R", "P", "N", "V", "T"}
                and not (
                    inside[0].type == "V"
                    and inside[0].verb is not None
                    and inside[0].verb.form in {"s", "past"}
                    and not inside[0].verb.reduced
                )
            ):
                return _climb(items, m - 1)
        m -= 1
        depth += 1
    before = j - 1
    while before >= 0 and items[before].type != "V":
        before -= 1
    earlier = items[before].verb if before >= 0 else None
    if earlier is not None and verb.form in {"past", "s", "part", "ing", "base"}:
        return list(earlier.subject)
    return []


def _inverted(verb: Verb, language: Language) -> list[Chunk]:
    """Return the subject after the verb: '"…", said the minister'."""
    if verb.base in language.cue("say") and verb.object and not verb.passive:
        subject, verb.object = verb.object, []
        return subject
    return []
