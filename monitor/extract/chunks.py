"""Noun chunks, and what hangs on each: possessors, "of" phrases, lists and appositions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from monitor.core.model import Actor
from monitor.extract import spanish
from monitor.extract.language import Language, Role
from monitor.extract.tokens import Token

_COMPLETING: Final = frozenset({"of", "for"})
_OFFICE_OPENS: Final = frozenset({"the", "el", "la"})


@dataclass(slots=True, eq=False, init=False)
class Chunk:
    """A noun chunk: tokens `start` to `end` (exclusive), its head, and what hangs on it.

    `kind`: name, common, pron, num or date. `cls`: person group org country place thing time (set by the
    entity table). `number`: its count where it has one. `owner`: the possessor. `of`: what follows "of".
    `group`: all members of the list it stands in, itself included. `apposed`: the chunk that says what it is.
    `role`: of its head, once it was `sought`; `bare`: how many words its name has without titles, once counted;
    `actor`: who it names, as of the change of the document's entities that is numbered `known`.
    """

    start: int
    end: int
    head: int
    kind: str
    name: tuple[int, int] | None
    number: float | None
    cls: str
    sector: str | None
    owner: Chunk | None
    of: list[Chunk]
    group: list[Chunk]
    apposed: Chunk | None
    follower: bool
    names: Chunk | None
    role: Role | None
    sought: bool
    bare: int
    actor: Actor | None
    known: int

    def __init__(self, start: int, end: int, head: int, kind: str) -> None:
        self.start = start
        self.end = end
        self.head = head
        self.kind = kind
        self.name = self.number = self.sector = self.owner = self.apposed = self.names = None
        self.role = self.actor = None
        self.cls = "time" if kind == "date" else ""
        self.of = []
        self.group = []
        self.follower = self.sought = False
        self.bare = self.known = -1

    def words(self, tokens: list[Token]) -> list[str]:
        """Return the lower-case words."""
        return [t.low for t in tokens[self.start : self.end]]

    def text(self, tokens: list[Token]) -> str:
        """Return the words as written."""
        return " ".join(t.text for t in tokens[self.start : self.end])

    def members(self) -> list[Chunk]:
        """Return the list it belongs to, or itself alone."""
        return self.group or [self]


def link(chunks: list[Chunk], tokens: list[Token], language: Language) -> None:
    """Link the chunks of a sentence: by possession, "of", apposition and lists."""
    for left, right in pairwise(chunks):
        gap = right.start - left.end
        if not 1 <= gap <= 2:
            continue
        link = tokens[left.end]
        if gap == 1 and link.tag == "POSS":
            right.owner = left
        elif (gap == 1 and link.low in {"of", "de", "del"} and link.tag == "PREP") or (
            gap == 2 and link.low == "de" and tokens[left.end + 1].tag == "DET"
        ):
            left.of.append(right)
    _appositions(chunks, tokens, language)
    _lists(chunks, tokens)
    for chunk in chunks:
        if chunk.of and chunk.of[0].group:
            chunk.of = chunk.of[0].group[:]


def _describes(chunk: Chunk, tokens: list[Token], language: Language) -> bool:
    """Whether a chunk says what somebody is: "a senior leader", "the Interior Minister"."""
    first = tokens[chunk.start]
    if chunk.kind == "num" and chunk.end - chunk.start == 1:
        return True
    role = role_of(chunk, tokens, language)
    if chunk.kind == "name" and chunk.name and chunk.head < chunk.name[0]:
        return False
    if chunk.kind == "name":
        return (
            role is not None
            and role.cls == "person"
            and (
                chunk.name is None
                or first.low in _OFFICE_OPENS
                or len(role.noun.split()) >= chunk.name[1] - chunk.name[0] - 1
            )
        )
    if chunk.kind != "common":
        return False
    if role is not None and role.cls == "person":
        return True
    return first.low in {"a", "an", "un", "una"} or (
        role is not None and first.low in {"the", "its", "his", "her", "their", "el", "la", "su"}
    )


def role_of(chunk: Chunk, tokens: Sequence[Token], language: Language) -> Role | None:
    """Return the role of the chunk's head noun (longest form first), or None."""
    if not chunk.sought:
        chunk.sought = True
        spanish_like = language.like == "es"
        chunk.role = (spanish.role_of if spanish_like else _english_role)(chunk, tokens, language)
    return chunk.role


def _english_role(chunk: Chunk, tokens: Sequence[Token], language: Language) -> Role | None:
    head = chunk.head
    if tokens[head].low not in language.role_ends:
        return None
    for width in (4, 3, 2, 1):
        start = head - width + 1
        if start < chunk.start:
            continue
        found = language.roles.get(" ".join(t.low for t in tokens[start : head + 1]))
        if found:
            return found
    return None


def _appositions(chunks: list[Chunk], tokens: list[Token], language: Language) -> None:
    for k, (left, right) in enumerate(pairwise(chunks)):
        if right.start - left.end != 1 or tokens[left.end].tag not in {",", "(", "DASH"} or left.follower:
            continue
        if language.like == "es" and right.kind == "name" and not _describes(right, tokens, language):
            outer = chunks[spanish.root(chunks, k)]
            left = outer if _describes(outer, tokens, language) else left  # noqa: PLW2901  the phrase's own head
        elif language.like == "en" and _full_name(right) and not _describes(right, tokens, language):
            left = _office_before(chunks, k, tokens, language)  # noqa: PLW2901
        closes = tokens[right.end].tag if right.end < len(tokens) else "."
        if (
            left.kind == "name"
            and _describes(right, tokens, language)
            and not _describes(left, tokens, language)
        ):
            goes_on = _list_goes_on(chunks, k + 1, tokens)
            if goes_on and not (_alone(right, tokens) or _office_of(left, right, tokens)):
                continue
            left.apposed, right.follower = right, True
        elif (
            left.kind == "name"
            and k + 2 < len(chunks)
            and chunks[k + 2].owner is right
            and _describes(chunks[k + 2], tokens, language)
        ):
            left.apposed, right.follower, chunks[k + 2].follower = chunks[k + 2], True, True
        elif (
            right.kind == "name"
            and not _describes(right, tokens, language)
            and _describes(left, tokens, language)
            and left.kind != "num"
            and closes in {",", ".", "DASH", ")", "V", "AUX"}
            and not _list_goes_on(chunks, k + 1, tokens)
        ):
            right.apposed, right.follower = left, False
            left.follower, left.names = True, right


def _office_before(chunks: list[Chunk], k: int, tokens: list[Token], language: Language) -> Chunk:
    """Return the office that the chunk only completes, before a name: "[the mayor] of Lund, Ada Gray,"; else the chunk."""
    left = chunks[k]
    outer = chunks[k - 1] if k else None
    completes = outer is not None and left.start - outer.end == 1 and tokens[outer.end].low in _COMPLETING
    if outer is None or not completes or _describes(left, tokens, language):
        return left
    role = role_of(outer, tokens, language)
    return outer if role is not None and role.cls == "person" and tokens[outer.start].tag == "DET" else left


def _alone(chunk: Chunk, tokens: list[Token]) -> bool:
    return tokens[chunk.start].low in {"a", "an"} or chunk.kind == "num"


def _office_of(left: Chunk, right: Chunk, tokens: list[Token]) -> bool:
    """Whether a full name's office stands between commas: "Ada Gray, the harbour minister, and Bo Lind"."""
    return _full_name(left) and tokens[right.start].low in _OFFICE_OPENS and tokens[right.end].tag == ","


def _full_name(chunk: Chunk) -> bool:
    """Whether a chunk is a name of several words and nothing else before it."""
    return chunk.name is not None and chunk.name[1] - chunk.name[0] > 1 and chunk.name[0] == chunk.start


def _list_goes_on(chunks: list[Chunk], k: int, tokens: list[Token]) -> bool:
    if k + 1 >= len(chunks):
        return False
    between = tokens[chunks[k].end : chunks[k + 1].start]
    words = [t for t in between if t.tag != "Q"]
    return bool(words) and words[-1].tag == "CONJ" and len(words) <= 2


def _lists(chunks: list[Chunk], tokens: list[Token]) -> None:
    k = 0
    while k < len(chunks):
        group = [chunks[k]]
        n = k
        pending: list[Chunk] = []
        while n + 1 < len(chunks):
            link = _list_link(chunks, n, tokens)
            if link == "and":
                if len(group) == 1 and not pending and _opens_clause(chunks, n, tokens):
                    break
                pending.append(chunks[n + 1])
                group += pending
                pending = []
            elif link == ",":
                pending.append(chunks[n + 1])
            elif link == "skip":
                pass
            else:
                break
            n += 1
        if len(group) > 1:
            for chunk in group:
                if not chunk.group:
                    chunk.group = group
        k += max(1, len(group))


def _opens_clause(chunks: list[Chunk], n: int, tokens: list[Token]) -> bool:
    """Whether "…, and X is" begins a clause of its own, after another with a verb, rather than going on with a list."""
    right = chunks[n + 1]
    if all(t.tag not in {"AUX", "V", "MOD"} for t in tokens[: right.start]):
        return False
    between = tokens[chunks[n].end : right.start]
    after = tokens[right.end].tag if right.end < len(tokens) else "."
    return bool(between) and between[0].tag == "," and after in {"AUX", "V", "MOD"}


def _list_link(chunks: list[Chunk], n: int, tokens: list[Token]) -> str:
    left, right = chunks[n], chunks[n + 1]
    if right.kind in {"pron", "date"} or left.kind == "date":
        return ""
    between = [t for t in tokens[left.end : right.start] if t.tag not in {"Q", "ADV"}]
    if left.follower and len(between) <= 2 and between and between[0].tag == ",":
        between = between[1:] or between
    count = len(between)
    first = between[0].tag if between else ""
    if right in left.of or right.owner is left or (right.follower and count == 1 and first in {",", "("}):
        return "skip"
    if (count == 1 and first == "CONJ") or (count == 2 and first == "," and between[1].tag == "CONJ"):
        return "and" if between[-1].low in {"and", "or", "y", "e", "o", "u", "&"} else ""
    return "," if count == 1 and first == "," else ""
