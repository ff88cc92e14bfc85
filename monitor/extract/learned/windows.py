"""Sentences to windows of word pieces: neighbours are read together, so that each is seen in its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenizers import Tokenizer

MAX_WINDOW = 160
MAX_SENTENCE = 110


@dataclass(slots=True)
class Pieces:
    """A sentence's word pieces: ids, and the characters (from, to) in the sentence that each stands for."""

    ids: list[int]
    offsets: list[tuple[int, int]]


@dataclass(slots=True)
class Window:
    """Sentences read in one go: `ids` with marks, and for each sentence its number and first piece in `ids`."""

    ids: list[int]
    places: list[tuple[int, int]] = field(default_factory=list)


def cut(tokenizer: Tokenizer, sentences: Sequence[str]) -> list[Pieces]:
    """Return the word pieces of each sentence, without marks, at most `MAX_SENTENCE` of them."""
    coded = tokenizer.encode_batch(list(sentences), add_special_tokens=False)
    return [
        Pieces(one.ids[:MAX_SENTENCE], [_bare(sentence, *at) for at in one.offsets[:MAX_SENTENCE]])
        for one, sentence in zip(coded, sentences, strict=True)
    ]


def _bare(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return a piece's place without the space before it, which such pieces hold too."""
    while start < end and sentence[start].isspace():
        start += 1
    return start, end


def pack(pieces: Sequence[Pieces], first: int, last: int, *, most: int = MAX_WINDOW) -> list[Window]:
    """Pack neighbours into windows: `[first] s1 [last] s2 [last] …`, none longer than `most` pieces."""
    windows: list[Window] = []
    for number, piece in enumerate(pieces):
        if not piece.ids:
            continue
        if not windows or len(windows[-1].ids) + len(piece.ids) + 1 > most:
            windows.append(Window([first]))
        window = windows[-1]
        window.places.append((number, len(window.ids)))
        window.ids += [*piece.ids, last]
    return windows


def marks(tokenizer: Tokenizer) -> tuple[int, int]:
    """Return the ids of the marks that begin a window and that end a sentence."""
    for first, last in (("<s>", "</s>"), ("[CLS]", "[SEP]")):
        begin, end = tokenizer.token_to_id(first), tokenizer.token_to_id(last)
        if begin is not None and end is not None:
            return begin, end
    raise ValueError("the tokenizer has no marks for the beginning and end of a text")
