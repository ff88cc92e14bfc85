"""A light clause parse: verb groups with voice, tense, negation and modality, and who does what to whom.

It knows only word classes and neighbourhoods, so it is approximate; every argument it cannot find stays
empty rather than guessed. Linear in the sentence's length.
"""

from __future__ import annotations

from typing import Final

from monitor.extract import spanish
from monitor.extract.chunks import Chunk
from monitor.extract.governors import govern, link_speech
from monitor.extract.language import Language
from monitor.extract.subjects import subject_of
from monitor.extract.tokens import Token
from monitor.extract.verbs import Item, Verb, group, items_of, past_group

_AFTER_OBJECT: Final = frozenset({"up", "out", "off", "down", "in", "away", "back"})


def parse(tokens: list[Token], chunks: list[Chunk], language: Language) -> list[Verb]:
    """Return the verb groups of a tagged and chunked sentence, in order, with their arguments."""
    items = items_of(tokens, chunks, language)
    verbs = [item.verb for item in items if item.verb is not None]
    for k, item in enumerate(items):
        if item.verb is not None:
            item.verb.item = k
            _right(items, k, item.verb, language)
            if language.like == "es":
                spanish.objects(item.verb, tokens, Chunk)
    _shared_objects(items)
    for k, item in enumerate(items):
        if item.verb is not None:
            govern(items, k, item.verb, language)
            item.verb.subject = subject_of(items, k, item.verb, language)
            if language.like == "es":
                spanish.order(item.verb, tokens, language)
            item.verb.clause = _span(items, k)
    for verb in verbs:
        if verb.reduced and not verb.object and not verb.passive:
            verb.passive = _is_participle(items, verb, tokens)
    link_speech(items, verbs, tokens, language)
    return verbs


def _is_participle(items: list[Item], verb: Verb, tokens: list[Token]) -> bool:
    """Whether a bare past form without object is a participle: "those held in May", "X, jailed since …"."""
    if tokens[verb.main].form == "part" or any(prep == "by" for prep, _ in verb.preps):
        return True
    k = verb.item
    before = items[k - 1].type if k else ""
    if before == ",":
        return k >= 2 and items[k - 2].type == "N"
    if before != "N":
        return False
    chunk = items[k - 1].chunk
    held = k >= 2 and items[k - 2].type in {"V", "P"}
    counted = chunk is not None and chunk.number is not None and chunk.number > 1
    later = next((item.verb for item in items[k + 1 :] if item.verb is not None), None)
    finite_later = (
        later is not None
        and items[later.item - 1].type != "C"
        and later.form in {"past", "s", "modal"}
        and bool(later.subject)
        and chunk in later.subject
    )
    described = chunk is not None and chunk.follower
    return held or counted or finite_later or described


def _shared_objects(items: list[Item]) -> None:
    """ "arresting and jailing opponents": the first verb has the second one's object."""
    for left, link, right in zip(items, items[1:], items[2:], strict=False):
        if (
            left.verb is not None
            and right.verb is not None
            and link.type == "C"
            and not left.verb.object
            and not left.verb.passive
        ):
            main = right.verb.object
            if main and left.verb.end == link.start:
                left.verb.object = list(main)
                left.verb.reduced = False


def _right(items: list[Item], k: int, verb: Verb, language: Language) -> None:
    """Fill object and prepositional arguments from what follows the verb."""
    n = _first_object(items, k + 1, verb, language)
    last: list[Chunk] = verb.object
    while n < len(items):
        item = items[n]
        if item.type == "P" and n + 1 < len(items) and items[n + 1].type in {"N", "T"}:
            chunk = items[n + 1].chunk
            assert chunk is not None
            if item.word == "of" and last:
                if chunk not in last[-1].of:
                    last[-1].of.extend(c for c in group(chunk) if c not in last[-1].of)
            else:
                verb.preps.append((item.word, group(chunk)))
            last = group(chunk)
            n = past_group(items, n + 1)
        elif item.chunk is not None and _late_object(items, n, verb):
            verb.object = last = group(item.chunk)
            n = past_group(items, n)
        elif _steps_over(items, n):
            n += 1
        else:
            break


def _first_object(items: list[Item], n: int, verb: Verb, language: Language) -> int:
    """Take the object right after the verb, and a particle after it; return where to go on."""
    chunk = items[n].chunk if n < len(items) and items[n].type == "N" else None
    if chunk is None or _is_next_subject(items, n, verb, language):
        return n
    if not chunk.follower or chunk.names is not None:
        verb.object = group(chunk)
    n = past_group(items, n)
    if (
        n < len(items)
        and items[n].type == "P"
        and items[n].word in _AFTER_OBJECT
        and not (n + 1 < len(items) and items[n + 1].type in {"N", "T"})
    ):
        verb.lemma = f"{verb.lemma} {items[n].word}" if " " not in verb.lemma else verb.lemma
        n += 1
    return n


def _late_object(items: list[Item], n: int, verb: Verb) -> bool:
    """Whether the chunk is an object that stands after a prepositional phrase."""
    chunk = items[n].chunk
    return (
        items[n].type == "N"
        and not verb.object
        and not verb.passive
        and chunk is not None
        and chunk.kind != "pron"
        and not chunk.follower
        and not _verb_next(items, n)
    )


def _steps_over(items: list[Item], n: int) -> bool:
    """Whether the verb's arguments go on behind this item: a time, an apposition, a mark before one."""
    item = items[n]
    if item.type in {"T", "Q", "-", ")"} or (item.type == "N" and item.chunk and item.chunk.follower):
        return True
    if item.type not in {",", "("} or n + 1 >= len(items):
        return False
    after = items[n + 1]
    return after.type in {"T", "P"} or bool(after.chunk and after.chunk.follower)


def _verb_next(items: list[Item], n: int) -> bool:
    m = past_group(items, n)
    return m < len(items) and items[m].type == "V"


def _is_next_subject(items: list[Item], n: int, verb: Verb, language: Language) -> bool:
    """Whether the chunk after a say-verb is the subject of what is said ("he said police arrested …")."""
    base = verb.base
    if base not in language.cue("say") or verb.passive:
        return False
    m = past_group(items, n)
    while m < len(items) and items[m].type in {"P", "T"}:
        m += 2 if items[m].type == "P" else 1
    after = items[m].verb if m < len(items) else None
    return after is not None and after.form in {"past", "s", "modal", "base"}


def _span(items: list[Item], k: int) -> tuple[int, int]:
    """Return the token span of the clause around a verb: for quotes, dates and cue words."""
    start = k
    while start > 0 and items[start - 1].type not in {";", "S", "R", "V", "."}:
        start -= 1
    if start > 0 and items[start - 1].type == "V" and items[start].type in {"P", "T", ",", "C", "-"}:
        while start < k and items[start].type in {"P", "T", ",", "C", "-"}:
            start += 1
    end = k
    while end + 1 < len(items) and items[end + 1].type not in {";", "V", "R", "S", "."}:
        end += 1
    if end + 1 < len(items) and items[end + 1].type == "V":
        while end > k and items[end].type in {"C", ",", "P"}:
            end -= 1
    return items[start].start, items[end].end
