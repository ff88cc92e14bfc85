"""Noun chunks: who and what a sentence names, with possessors, "of" phrases, lists and appositions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from monitor.core.model import Actor
from monitor.extract import spanish
from monitor.extract.language import Language, Role
from monitor.extract.numbers import read_number
from monitor.extract.tokens import Token

_INSIDE: Final = frozenset({"NUM", "ADJ", "N", "PN", "SYM"})
_NAME_LINKS: Final = frozenset(
    "of de del la las los for da dos al el bin ibn van von der den di du and".split()
)
_SPANISH_LINKS: Final = frozenset("de del la las los da dos al el bin ibn van von der den di du".split())


_AFTER_COUNT: Final = frozenset({"other", "more", "such"})  # "two other leaders"
_MOMENTS: Final = frozenset("day hour moment minute night morning evening week month year".split())
_OPENS: Final = _INSIDE | {"PRON", "DATE", "DET"}


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


def find_chunks(tokens: list[Token], language: Language) -> list[Chunk]:
    """Return the noun chunks of a tagged sentence in order, linked by possession and "of"."""
    chunks: list[Chunk] = []
    i = 0
    while i < len(tokens):
        chunk = _chunk_at(tokens, i, language) if tokens[i].tag in _OPENS else None
        if chunk is None:
            i += 1
            continue
        chunks.append(chunk)
        i = chunk.end
    _link(chunks, tokens, language)
    return chunks


def _chunk_at(tokens: list[Token], i: int, language: Language) -> Chunk | None:
    tag = tokens[i].tag
    if tag == "PRON":
        return Chunk(i, i + 1, i, "pron")
    if tag == "DATE":
        return _date_chunk(tokens, i)
    j = i
    while j < len(tokens) and _continues(tokens, i, j, language):
        j += 1
    while j > i and tokens[j - 1].tag in {"DET", "ADV"}:
        j -= 1
    if j == i:
        return Chunk(i, i + 1, i, "pron") if tag == "DET" else None
    return _classify(tokens, i, j, language)


def _continues(tokens: list[Token], i: int, j: int, language: Language) -> bool:
    tag = tokens[j].tag
    if tag == "DET":
        after_count = j > i and tokens[j - 1].tag == "NUM" and tokens[j].low in _AFTER_COUNT
        return j == i or tokens[j - 1].tag == "DET" or after_count
    if tag == "ADV":
        return (
            j > i
            and j + 1 < len(tokens)
            and tokens[j + 1].tag in {"ADJ", "NUM"}
            and tokens[j - 1].tag in {"DET", "ADV"}
        )
    if tag in _INSIDE:
        if tag in {"N", "ADJ"} and _made(tokens, i, j, language):
            return False
        if tag == "PN" and j > i and tokens[j - 1].low in _MOMENTS:
            # "On the day Ana Gray sailed": the name begins a clause of its own.
            return False
        if tag == "PN" and j > i and tokens[j - 1].tag == "N" and language.like == "es":
            return True
        starts_count = (
            tag == "NUM"
            and j > i
            and tokens[j - 1].tag in {"N", "PN"}
            and j + 1 < len(tokens)
            and tokens[j + 1].tag in {"N", "ADJ"}
        )
        return not starts_count
    if tag in {"PREP", "CONJ", "DET"} or tokens[j].low in _NAME_LINKS:
        return _name_link(tokens, j, language)
    return False


_WHOLE_OFFICES: Final = frozenset({"president-elect", "prime", "interim", "acting", "caretaker", "winner"})


def _made(tokens: list[Token], i: int, j: int, language: Language) -> bool:
    """Whether the name before is somebody who is made what follows: "appointed Ada Munro | prime minister".

    One word alone may be a part of the office ("named Trade minister"), unless no office has such a part.
    """
    return (
        (j - i > 1 or tokens[j].low in _WHOLE_OFFICES)
        and i > 0
        and tokens[i - 1].low in language.cue("making")
        and all(t.tag == "PN" for t in tokens[i:j])
        and tokens[j].text.islower()
    )


def _name_link(tokens: list[Token], j: int, language: Language) -> bool:
    """Whether a small word joins two parts of one proper name ("University of Dhaka")."""
    if not j or j + 1 >= len(tokens) or tokens[j - 1].tag != "PN":
        return False
    low = tokens[j].low
    after = tokens[j + 1]
    if low in _SPANISH_LINKS and (
        after.tag == "PN"
        or (after.low in _SPANISH_LINKS and j + 2 < len(tokens) and tokens[j + 2].tag == "PN")
    ):
        return True
    if low not in _NAME_LINKS or after.tag != "PN" or low == "and":
        return False
    role = language.roles.get(tokens[j - 1].low)
    return low == "of" and role is not None and role.cls in {"org", "person"}


def _date_chunk(tokens: list[Token], i: int) -> Chunk:
    j = i + 1
    while j < len(tokens) and (
        tokens[j].tag == "DATE"
        or (tokens[j].tag == "NUM" and tokens[j].low[:1].isdigit())
        or tokens[j].low in {"morning", "evening", "night", "afternoon"}
    ):
        j += 1
    return Chunk(i, j, i, "date")


def _classify(tokens: list[Token], i: int, j: int, language: Language) -> Chunk:
    head = spanish.head(tokens, i, j) if language.like == "es" else j - 1
    while (
        language.like != "es"
        and head > i
        and tokens[head].tag in {"SYM", "ADJ"}
        and tokens[head - 1].tag in {"N", "PN"}
    ):
        head -= 1
    name = _name_span(tokens, i, j)
    kind = "name" if name and name[1] > head else "num" if tokens[head].tag == "NUM" else "common"
    chunk = Chunk(i, j, head, kind)
    chunk.name = name
    chunk.number = chunk_number(tokens, i, j)
    return chunk


def _name_span(tokens: list[Token], i: int, j: int) -> tuple[int, int] | None:
    end = j
    while end > i and tokens[end - 1].tag != "PN":
        end -= 1
    if end == i:
        return None
    start = end - 1
    while start > i and (
        tokens[start - 1].tag == "PN"
        or (
            tokens[start - 1].low in _NAME_LINKS
            and tokens[start - 1].tag in {"PREP", "DET", "CONJ", "N"}
            and start - 2 >= i
            and tokens[start - 2].tag == "PN"
        )
    ):
        start -= 1
    return start, end


def chunk_number(tokens: list[Token], start: int, end: int) -> float | None:
    """Return the count that the tokens from `start` to `end` carry ("some 200 people": 200), else None."""
    for k in range(start, end):
        if tokens[k].tag == "NUM":
            found = read_number(tokens[start:end], k - start)
            return found[0] if found else None
    return None


def _link(chunks: list[Chunk], tokens: list[Token], language: Language) -> None:
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
            and (chunk.name is None or len(role.noun.split()) >= chunk.name[1] - chunk.name[0] - 1)
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
        closes = tokens[right.end].tag if right.end < len(tokens) else "."
        if (
            left.kind == "name"
            and _describes(right, tokens, language)
            and not _describes(left, tokens, language)
        ):
            if _list_goes_on(chunks, k + 1, tokens) and not _alone(right, tokens):
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


def _alone(chunk: Chunk, tokens: list[Token]) -> bool:
    return tokens[chunk.start].low in {"a", "an"} or chunk.kind == "num"


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
    """Whether "…, and X is" begins a clause of its own rather than going on with a list."""
    right = chunks[n + 1]
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
