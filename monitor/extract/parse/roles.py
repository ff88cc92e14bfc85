"""Who does it and to whom, read off a dependency parse: spaCy's English labels and Universal Dependencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Word = Any
"""A token of spaCy: idx, text, dep_, pos_, head, children, subtree."""

_SUBJECT = frozenset({"nsubj", "csubj"})
_PASSIVE_SUBJECT = frozenset({"nsubjpass", "nsubj:pass", "csubjpass"})
_OBJECT = frozenset({"dobj", "obj", "iobj"})
_RELATIVE = frozenset({"relcl", "acl:relcl"})
_SHARED = frozenset({"conj", "xcomp"})
_BY = frozenset({"by", "por"})
_OF = frozenset({"of", "de"})
_OUTSIDE = frozenset({"relcl", "acl", "acl:relcl", "appos", "punct", "advcl"})
_CLIMB = 4


@dataclass(frozen=True, slots=True)
class Roles:
    """The words of a trigger's arguments; empty where the parse has none or only a pronoun."""

    actor: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()


def roles_at(parsed: Any, start: int, end: int) -> Roles | None:
    """Return the roles around the trigger at characters `start` to `end` of the parsed text, or None."""
    inside = [word for word in parsed if word.idx < end and start < word.idx + len(word.text)]
    head = next((w for w in inside if w.pos_ == "VERB"), None) or next(
        (w for w in inside if w.pos_ == "NOUN"), None
    )
    if head is None:
        return None
    return _of_verb(head) if head.pos_ == "VERB" else _of_noun(head)


def _of_verb(verb: Word) -> Roles:
    subject, passive = _subject(verb)
    by, to = _after(verb, _BY), _children(verb, _OBJECT)
    if not passive and verb.dep_ == "acl" and not to and by:
        subject, passive = [verb.head], True
    if passive:
        return Roles(_words(by), _words(subject))
    return Roles(_words(subject), _words(to))


def _subject(verb: Word) -> tuple[list[Word], bool]:
    """Return the subject, shared ones included, and whether it is that of a passive."""
    at = verb
    for _ in range(_CLIMB):
        for labels, passive in ((_PASSIVE_SUBJECT, True), (_SUBJECT, False)):
            found = _children(at, labels)
            if found:
                if found[0].pos_ == "PRON" and at.dep_ in _RELATIVE:
                    found = [at.head]
                return found, passive and at is verb
        if at.dep_ not in _SHARED or at.head is at:
            break
        at = at.head
    return [], False


def _of_noun(noun: Word) -> Roles:
    owner = _children(noun, frozenset({"poss", "nmod:poss"}))
    return Roles(_words(_after(noun, _BY) or owner), _words(_after(noun, _OF)))


def _children(word: Word, labels: frozenset[str]) -> list[Word]:
    return [child for child in word.children if child.dep_ in labels]


def _after(word: Word, prepositions: frozenset[str]) -> list[Word]:
    """Return what hangs on a preposition: below it (English labels), or with it as case (UD)."""
    found: list[Word] = []
    for child in word.children:
        if child.dep_ in {"prep", "agent"} and child.text.lower() in prepositions:
            found += _children(child, frozenset({"pobj"}))
        elif child.dep_ in {"obl", "obl:agent", "obl:arg", "nmod"} and any(
            c.dep_ == "case" and c.text.lower() in prepositions for c in child.children
        ):
            found.append(child)
    return found


def _words(heads: list[Word]) -> tuple[str, ...]:
    return tuple(w.text.lower() for head in heads for w in _phrase(head) if head.pos_ != "PRON")


def _phrase(head: Word) -> Iterator[Word]:
    """Yield the words of a noun phrase with its list, without clauses and appositions that hang on it."""
    for child in head.children:
        if child.dep_ not in _OUTSIDE and child.i < head.i:
            yield from _phrase(child)
    yield head
    for child in head.children:
        if child.dep_ not in _OUTSIDE and child.i > head.i:
            yield from _phrase(child)
