"""Where the sentences of a document lie; headers, datelines, bullets and boilerplate are set aside.

Nothing is altered: every block and sentence is a span of the document as read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sentencex

from monitor.extract.language import Language

_HEADER: Final = re.compile(r"\A\s*date \d{4}-\d\d-\d\d[ \t]*")
_CLOCK: Final = re.compile(
    r"^(?:[-•*·▪►]\s*)?(?:\d{1,2}[:.]\d{2}(?:\s*(?:GMT|UTC|CET|CEST|EET|local time|hrs?|h))?)\s*[-–—:.|]?\s*",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"^(?:[-•*·▪►–—]|\.\.\.|…|\d{1,2}[.)])\s*")
_DATELINE: Final = re.compile(
    r"^(?P<place>[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ'’./-]{2,}(?:[ ,/-]+[A-ZÁÉÍÓÚÑ][\wÁÉÍÓÚÑáéíóúñ.'’]*){0,4})"
    r"(?:,?\s*(?:\d{1,2}\s+)?[A-Z][a-z]+\.?\s*\d{0,2}(?:,?\s*\d{4})?)?\s*(?:\([^)]{2,24}\)\s*)?[-–—]{1,2}\s+"
)
_TITLED_DATELINE: Final = re.compile(
    r"^(?P<place>[A-Z][\w]+(?:[ ,]+[A-Z][\w.]+){0,3})(?:,?\s+\d{1,2}\s+\w+)?"
    r"(?:\s*\([^)]{2,20}\))?\s*\.?\s*[-–—]{1,2}\s+(?=[A-Z“\"])"
)
_LABEL: Final = re.compile(
    r"^(?P<label>[A-ZÁÉÍÓÚÑ][\w' ,&ÁÉÍÓÚÑáéíóúñ-]{2,40}(?:/[\w ]+)?"
    r"|[A-ZÁÉÍÓÚÑ0-9][A-ZÁÉÍÓÚÑ0-9' ,&/-]{2,60})(?P<mark>[.:!?])\s+(?=\S)"
)
_WORD: Final = re.compile(r"\w+")
_PIECE: Final = 8_000
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:Gen|Lt|Col|Maj|Sgt|Brig|Capt|Adm|Sen|Rep|Gov|Rev|Hon|St|Mt|vs|approx)|(?:^|\s)[A-WYZ]|(?:^|[^a-z]\s)X)\.$"
)
# The splitter takes "May." for a short form, and the network in "wrote on X." for an initial.
_FULL_STOP: Final = re.compile(r"(?:\bMay|(?<=[a-z] )X)\.(?=\s+[\"“‘]?[A-Z])")
_BREAKS: Final = frozenset(".!?:;”\"')]")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of running text.

    `kind`: text or headline. `label`: the topic it is headed with. `clock`: a live blog's time.
    """

    start: int
    end: int
    kind: str = "text"
    label: str = ""
    place: str = ""
    clock: str = ""


def find_blocks(text: str, language: Language) -> list[Block]:
    """Return the blocks to read, in order."""
    out: list[Block] = []
    seen: set[str] = set()
    boilerplate = tuple(language.cue("boilerplate"))
    for start, end in _paragraphs(text):
        body = text[start:end]
        key = " ".join(_WORD.findall(body.lower()))
        if not key or key in seen or key.startswith(boilerplate) or not any(c.isalpha() for c in body):
            continue
        if len(key) > 20:
            seen.add(key)
        out.append(_block(text, start, end))
    return out


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    header = _HEADER.match(text)
    if header:
        at = header.end()
    start: int | None = None
    for line in re.finditer(r"[^\n]*\n?", text[at:]):
        begin, finish = at + line.start(), at + line.end()
        if begin == finish:
            break
        body = text[begin:finish]
        if not body.strip():
            if start is not None:
                yield start, begin
                start = None
        elif start is None:
            start = begin
        elif not _wrapped(text[start:begin], body):
            yield start, begin
            start = begin
    if start is not None:
        yield start, len(text)


def _wrapped(above: str, line: str) -> bool:
    """Whether `line` continues a hard-wrapped paragraph."""
    last = above.rstrip("\n").rpartition("\n")[2]
    return len(last) > 50 and last[-1] not in _BREAKS and line.lstrip()[:1].islower()


def _block(text: str, start: int, end: int) -> Block:
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    clock = label = place = ""
    body = text[start:end]
    found = _CLOCK.match(body)
    if found and found.end():
        clock = body[: found.end()].strip(" -–—:.|")
        start += found.end()
    else:
        found = _BULLET.match(body)
        if found and found.end() < len(body):
            start += found.end()
    body = text[start:end]
    found = _DATELINE.match(body) or _TITLED_DATELINE.match(body)
    if found:
        place = found.group("place")
        start += found.end()
    else:
        found = _LABEL.match(body)
        if (
            found
            and (len(found.group("label").split()) <= 4 or found.group("label").isupper())
            and end - start > found.end() + 20
        ):
            label = found.group("label")
    body = text[start:end]
    headline = len(body) < 130 and body[-1:] not in ".!?”\"'’)" and "\n" not in body
    return Block(start, end, "headline" if headline else "text", label, place, clock)


def sentences(text: str, block: Block, language: Language) -> list[tuple[int, int]]:
    """Return the sentence spans of a block."""
    body = text[block.start : block.end]
    out: list[tuple[int, int]] = []
    for first, last in _boundaries(body, language):
        start, end = first, last
        while end > start and body[end - 1].isspace():
            end -= 1
        while start < end and body[start].isspace():
            start += 1
        if start == end:
            continue
        if out and _joins(body[max(0, out[-1][1] - block.start - 12) : out[-1][1] - block.start]):
            out[-1] = (out[-1][0], block.start + end)
        else:
            out.append((block.start + start, block.start + end))
    return out


def _boundaries(body: str, language: Language) -> Iterator[tuple[int, int]]:
    """Yield the spans that the splitter finds, a piece of a very long block at a time: it is quadratic in quotes."""
    at = 0
    while at < len(body):
        end = at + _PIECE
        if end < len(body):
            space = body.rfind(" ", at + _PIECE // 2, end)
            end = space + 1 if space > 0 else end
        for item in sentencex.get_sentence_boundaries(language.code, body[at:end]):
            first, last = at + item["start_index"], at + item["end_index"]
            for word in _FULL_STOP.finditer(body, first, last):
                yield first, word.end()
                first = word.end()
            yield first, last
        at = end


def _joins(before: str) -> bool:
    """Whether a sentence goes on after `before`, its last few characters: a title or an initial ends there."""
    return before.endswith(".") and _ABBREVIATED.search(before) is not None
