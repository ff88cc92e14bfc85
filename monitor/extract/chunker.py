"""Noun chunks found in a tagged sentence: where each begins and ends, its head, the name and the count in it."""

from __future__ import annotations

from typing import Final

from monitor.extract import spanish
from monitor.extract.chunks import Chunk, link
from monitor.extract.dates import is_month
from monitor.extract.language import Language
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
    link(chunks, tokens, language)
    return chunks


def _chunk_at(tokens: list[Token], i: int, language: Language) -> Chunk | None:
    tag = tokens[i].tag
    if tag == "PRON":
        return Chunk(i, i + 1, i, "pron")
    day = i + 1 if tag == "DET" else i
    if tag == "DATE" or (tag in {"NUM", "DET"} and _day_of_month(tokens, day)):
        return _date_chunk(tokens, i, day + 1)
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
    if low == "of" and tokens[j - 1].low in language.cue("realms"):
        return True
    role = language.roles.get(tokens[j - 1].low)
    return low == "of" and role is not None and role.cls in {"org", "person"}


def _day_of_month(tokens: list[Token], i: int) -> bool:
    """Whether the number at `i` opens a date: "12 August", "12 de agosto"."""
    if i + 2 >= len(tokens) or len(tokens[i].low) > 2 or not tokens[i].low.isdecimal():
        return False
    if tokens[i + 1].tag in {"CONJ", ","} and tokens[i + 2].tag == "NUM":
        return _day_of_month(tokens, i + 2)  # "12 and 14 August"
    month = tokens[i + 2 if tokens[i + 1].low == "de" else i + 1]
    return month.tag == "DATE" and is_month(month.low)


def _date_chunk(tokens: list[Token], i: int, j: int) -> Chunk:
    while j < len(tokens) and (
        tokens[j].tag == "DATE"
        or (tokens[j].low == "de" and j + 1 < len(tokens) and tokens[j + 1].tag in {"DATE", "NUM"})
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
    chunk.number = _number(tokens, i, j, spanish=language.like == "es")
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


def _number(tokens: list[Token], start: int, end: int, *, spanish: bool) -> float | None:
    """Return the count that the tokens from `start` to `end` carry ("some 200 people": 200), else None."""
    for k in range(start, end):
        if tokens[k].tag == "NUM":
            found = read_number(tokens[start:end], k - start, spanish=spanish)
            return found[0] if found else None
    return None
