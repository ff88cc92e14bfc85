"""Frames: the lexicon's triggers matched against a parsed sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from monitor.extract.chunks import Chunk
from monitor.extract.language import Language
from monitor.extract.tokens import Token
from monitor.extract.triggers import CHANGES_MEANING, Frame, Lexicon
from monitor.extract.verbs import Verb

_OBJECT_PREPS: Final = frozenset({"for", "of", "on", "to", "with"})
_GAP: Final = 5
_LONG_GAP: Final = 12


@dataclass(slots=True, eq=False, init=False)
class Hit:
    """A frame that fits a place in a sentence: by verb, by noun or by phrase; tokens `start` to `end`."""

    frame: Frame
    start: int
    end: int
    verb: Verb | None
    noun: Chunk | None
    actors: list[Chunk]
    recipients: list[Chunk]

    def __init__(
        self, frame: Frame, start: int, end: int, verb: Verb | None, noun: Chunk | None = None
    ) -> None:
        self.frame = frame
        self.start = start
        self.end = end
        self.verb = verb
        self.noun = noun
        self.actors = []
        self.recipients = []


def match(
    lexicon: Lexicon,
    tokens: Sequence[Token],
    chunks: Sequence[Chunk],
    verbs: Sequence[Verb],
    language: Language,
) -> list[Hit]:
    """Return all frames that fit the sentence, with their arguments."""
    hits: list[Hit] = []
    for verb in verbs:
        hits += _verb_hits(lexicon, tokens, verb, language)
    hits += _noun_hits(lexicon, tokens, chunks, verbs, language)
    hits += _phrase_hits(lexicon, tokens, verbs)
    return [hit for hit in hits if _fits(hit, tokens)]


def _verb_hits(lexicon: Lexicon, tokens: Sequence[Token], verb: Verb, language: Language) -> list[Hit]:
    base, by_verb = verb.base, lexicon.by_verb
    frames = by_verb.get(verb.lemma, [])
    particle = verb.lemma[len(base) + 1 :]
    split: list[Frame] = []
    if not particle:
        for prep, _ in verb.preps:
            if prep not in CHANGES_MEANING:
                split += by_verb.get(f"{base} {prep}", ())
    elif not frames and particle not in CHANGES_MEANING:
        frames = by_verb.get(base, [])
    hits: list[Hit] = []
    objects: set[str] | None = None
    for frame in [*frames, *split]:
        if frame.object:
            if objects is None:
                objects = _object_words(verb, tokens, language)
            if frame.object.isdisjoint(objects):
                continue
        hit = Hit(frame, verb.main, verb.end, verb)
        hit.actors = _slots(frame.actor, verb)
        hit.recipients = _slots(frame.recipient, verb)
        if not hit.recipients and frame.recipient == ("object",) and frame in split:
            hit.recipients = _after_preposition(frame, verb)
        hits.append(hit)
    return hits


def _after_preposition(frame: Frame, verb: Verb) -> list[Chunk]:
    """Return what follows the preposition with which the frame names the verb ("call for")."""
    named = (v.split() for v in frame.verbs)
    preposition = next((words[1] for words in named if len(words) > 1 and words[0] == verb.base), None)
    return verb.slot(preposition) if preposition else []


def _object_words(verb: Verb, tokens: Sequence[Token], language: Language) -> set[str]:
    """Return the ends, of up to five words and as singulars too, of what can be the verb's object."""
    turned = verb.passive
    chunks = list(verb.subject if turned else verb.object)
    if not turned and not verb.object:
        chunks += [c for p, cs in verb.preps if p in _OBJECT_PREPS for c in cs[:1]]
    out: set[str] = set()
    for chunk in chunks:
        words = [t.low for t in tokens[chunk.start : chunk.head + 1]]
        single = language.singular(words[-1])
        for width in range(1, min(5, len(words)) + 1):
            before = "".join([f"{word} " for word in words[-width:-1]])
            out.add(before + words[-1])
            out.add(before + single)
    return out


def _slots(names: Sequence[str], verb: Verb) -> list[Chunk]:
    turned = verb.passive
    out: list[Chunk] = []
    for name in names:
        found: list[Chunk] = []
        if name == "subject":
            found = [] if turned else verb.subject
        elif name == "object":
            found = verb.subject if turned else verb.object
        elif name in {"of", "poss"}:
            carriers = verb.subject if verb.passive else verb.object
            found = [
                c
                for chunk in carriers
                for c in (chunk.of if name == "of" else [chunk.owner] if chunk.owner else [])
            ]
            found = found or (verb.slot("of") if name == "of" else [])
        elif name == "that-subject":
            continue
        else:
            found = verb.slot(name)
        out += [c for c in found if c not in out]
        if out:
            break
    return out


def _noun_hits(
    lexicon: Lexicon,
    tokens: Sequence[Token],
    chunks: Sequence[Chunk],
    verbs: Sequence[Verb],
    language: Language,
) -> list[Hit]:
    hits: list[Hit] = []
    by_noun = lexicon.by_noun
    for chunk in chunks:
        if chunk.kind not in {"common", "name"}:
            continue
        low = tokens[chunk.head].low
        single = language.singular(low)
        for word in (low, single) if single != low else (low,):
            for words, frame in by_noun.get(word, ()):
                span = _noun_words(words, word, chunk, tokens, language)
                if span is None:
                    continue
                verb = next((v for v in verbs if _argument(chunk, v)), None)
                hit = Hit(frame, span[0], span[1], verb, chunk)
                hit.actors = _noun_slots(frame.actor, chunk, verb)
                hit.recipients = _noun_slots(frame.recipient, chunk, verb)
                hits.append(hit)
    return hits


def _argument(chunk: Chunk, verb: Verb) -> bool:
    return chunk in verb.object or chunk in verb.subject or any(chunk in cs for _, cs in verb.preps)


def _noun_words(
    words: tuple[str, ...], word: str, chunk: Chunk, tokens: Sequence[Token], language: Language
) -> tuple[int, int] | None:
    head = chunk.head
    if language.like == "es":
        have = [t.low for t in tokens[head : head + len(words)]]
        return (head, head + len(words)) if (word, *have[1:]) == words else None
    start = head - len(words) + 1
    if start < chunk.start:
        return None
    have = [t.low for t in tokens[start:head]]
    return (start, head + 1) if tuple(have) == words[:-1] else None


def _noun_slots(names: Sequence[str], chunk: Chunk, verb: Verb | None) -> list[Chunk]:
    for name in names:
        if name == "of":
            found = chunk.of
        elif name == "poss":
            found = [chunk.owner] if chunk.owner else []
        elif verb is None:
            found = []
        elif name in {"subject", "object"}:
            found = [c for c in verb.slot(name) if c is not chunk]
        else:
            found = verb.slot(name)
        if found:
            return list(found)
    return []


def _phrase_hits(lexicon: Lexicon, tokens: Sequence[Token], verbs: Sequence[Verb]) -> list[Hit]:
    hits: list[Hit] = []
    there = {token.low for token in tokens}
    there.add("")
    by_phrase = lexicon.by_phrase
    for i, token in enumerate(tokens):
        low = token.low
        keys = sorted({low, token.lemma}) if token.tag in {"V", "AUX"} and token.lemma != low else (low,)
        for key in keys:
            if key not in by_phrase:
                continue
            for phrase in lexicon.phrases(key, there):
                end = _phrase_end(phrase.words, tokens, i)
                if end is not None:
                    hits.append(_phrase_hit(phrase.frame, i, end, verbs))
    return hits


def _phrase_hit(frame: Frame, start: int, end: int, verbs: Sequence[Verb]) -> Hit:
    verb = next((v for v in verbs if v.main == start), None) or next(
        (v for v in verbs if v.clause[0] <= start < v.clause[1]), None
    )
    hit = Hit(frame, start, end, verb)
    if verb is not None:
        hit.actors = _slots(frame.actor, verb)
        hit.recipients = _slots(frame.recipient, verb)
    return hit


def _phrase_end(words: tuple[str, ...], tokens: Sequence[Token], i: int) -> int | None:
    """Return where the phrase that begins at `i` ends, or None where it does not fit."""
    k = i
    gap = False
    for word in words:
        if word == "*":
            gap = True
            continue
        at = (
            _reach(tokens, k + (word == "to"), word)
            if gap
            else (k if k < len(tokens) and _is(tokens[k], word) else None)
        )
        if at is None:
            return None
        k, gap = at + 1, False
    return k


def _reach(tokens: Sequence[Token], k: int, word: str) -> int | None:
    """Return where `word` follows within a gap: a few tokens, or one long noun phrase without a verb."""
    for n in range(k, min(k + _LONG_GAP + 1, len(tokens))):
        if _is(tokens[n], word):
            return n
        if tokens[n].tag in {"V", "AUX", "MOD", ".", ";"} or (n - k >= _GAP and tokens[n].tag == ","):
            return None
    return None


def _is(token: Token, word: str) -> bool:
    return (
        token.lemma == word[1:] and token.tag in {"V", "AUX"} if word.startswith("~") else token.low == word
    )


def _fits(hit: Hit, tokens: Sequence[Token]) -> bool:
    frame = hit.frame
    if not (frame.without or frame.with_):
        return True
    start, end = hit.verb.clause if hit.verb is not None else (0, len(tokens))
    near = _spaced(tokens[min(start, hit.start) : max(end, hit.end)])
    if any(words in near for words in frame.without):
        return False
    if not frame.with_:
        return True
    after = _spaced(tokens[hit.end : hit.end + 12])
    return any(words in after or words in near for words in frame.with_)


def _spaced(tokens: Sequence[Token]) -> str:
    """Return the words with a space around each: a phrase is found in it at C speed."""
    return f" {' '.join([t.low for t in tokens])} "
