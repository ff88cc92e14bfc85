"""Where a document reports on several countries: which part is set in which, and which stand alone.

A bulletin's items are headed by country or capital ("BRITAIN.", "Lima:"). A part that is headed so and names nothing
of the document's main part is another story; a reaction ("BERLIN: …") names what it reacts to and is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.extract.blocks import Block
from monitor.extract.entities import Entities, Sentence
from monitor.extract.places import Place, fold

_WORDS = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_LONGEST = 3  # words of a country's name
_UNION = "QUU"  # where the European Union speaks; it speaks of others, and no story is set there


@dataclass(frozen=True, slots=True)
class Sections:
    """For each block the country that its part is set in, where that part stands alone; and the main part's."""

    settings: tuple[str | None, ...] = ()
    main: str | None = None
    voices: tuple[bool, ...] = ()

    def setting(self, block: int) -> str | None:
        """Return the country (ISO alpha-3) of a block's part, None where the document tells one story."""
        return self.settings[block]

    def elsewhere(self, block: int) -> bool:
        """Whether a block belongs to another story than the document's main part."""
        return self.settings[block] not in {None, self.main}

    def reacts(self, block: int) -> bool:
        """Whether a block is headed by a capital, as the words of governments are where many of them react."""
        return bool(self.voices) and self.voices[block]


def find_sections(
    blocks: Sequence[Block], sentences: Sequence[Sentence], entities: Entities, places: Mapping[str, Place]
) -> Sections:
    """Return the parts of a document by the countries in its blocks' labels."""
    heads = _heads(blocks, places)
    headed = [head.iso if head else None for head in heads]
    if not any(headed):
        return Sections((None,) * len(blocks))
    main = _longest(blocks, headed) or entities.focus
    names = _names(sentences, headed, entities)
    # Where capitals react, the longest part may be one of theirs: the country that all speak of is the story's.
    own = {main, entities.focus}
    alone = {h for h in headed if h and h not in own and not _shares(names[h], names.get(main, set()), main)}
    if not alone:
        return Sections((None,) * len(blocks), main)
    kept = {*alone, main}
    voices = tuple(head is not None and head.how == "capital" for head in heads)
    return Sections(tuple(h if h in kept else None for h in headed), main, voices)


def _heads(blocks: Sequence[Block], places: Mapping[str, Place]) -> list[Place | None]:
    """Return the country that each block's part is headed with: by its own label, or going on under the last one."""
    out: list[Place | None] = []
    for block in blocks:
        out.append(_country(block.label, places) or (out[-1] if out else None))
    return out


def _country(label: str, places: Mapping[str, Place]) -> Place | None:
    words = [w.lower() for w in _WORDS.findall(label)]
    for width in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - width + 1):
            place = places.get(" ".join(words[start : start + width]))
            if place is not None and place.iso != _UNION:
                return place
    return None


def _longest(blocks: Sequence[Block], headed: Sequence[str | None]) -> str | None:
    length: Counter[str | None] = Counter()
    for block, country in zip(blocks, headed, strict=True):
        length[country] += block.end - block.start
    return max(length, key=lambda country: length[country])


def _names(
    sentences: Sequence[Sentence], headed: Sequence[str | None], entities: Entities
) -> dict[str | None, set[str]]:
    """Return for each part the countries, people and acronyms that it names."""
    out: dict[str | None, set[str]] = {country: set() for country in headed}
    for sentence in sentences:
        found = out[headed[sentence.block]]
        for token in sentence.tokens:
            if token.capital:
                place = entities.places.get(token.low)
                word = fold(token.low)
                if place is not None:
                    found.add(place.iso)
                elif word in entities.surnames or word in entities.acronyms:
                    found.add(word)
    return out


def _shares(names: set[str], of_main: set[str], main: str | None) -> bool:
    """Whether a part names the main part's country, or one of its people or bodies (in lower case here)."""
    return main in names or any(name in of_main for name in names if name.islower())
