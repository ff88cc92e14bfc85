"""Words with their places: the tokens of a sentence, offsets into the document as read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<num>\d+(?:[.,]\d+)*(?:st|nd|rd|th)?(?![^\W\d_]))
      | (?P<abbr>(?:[^\W\d_]\.){2,}|[A-Z]\.(?=\s[A-Z][^\W\d_]))
      | (?P<word>[^\W_]+(?:[-‐‑][^\W_]+)*)
      | (?P<poss>['’](?:s|re|ve|ll|d|m)?\b|['’](?=\s))
      | (?P<dots>\.{2,}|…)
      | (?P<punct>\S)""",
    re.VERBOSE | re.IGNORECASE,
)
QUOTES = frozenset('"“”«»„‟')
DASHES = frozenset("-–—―")


@dataclass(slots=True)
class Token:
    """One token: its text, lower form, offsets, and the tag and lemma that the tagger gives it.

    `tag`: DET PRON PREP CONJ SUB REL AUX MOD NEG TO V ADV ADJ NUM N PN DATE POSS "," ";" ":" Q ( ) . DASH X.
    `form`: of a verb, one of base s past part ing. `quoted`: inside quotation marks. `capital`: begins with one.
    """

    text: str
    low: str
    start: int
    end: int
    tag: str = ""
    lemma: str = ""
    form: str = ""
    quoted: bool = False
    capital: bool = False


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """Return the tokens of `text[start:end]`; offsets are into `text`."""
    return list(_tokens(text, start, end))


def _tokens(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        low = word.lower()
        at, after = match.span()
        if low[-1] == "n" and len(low) > 2 and text[after : after + 2] in {"'t", "’t"}:
            yield Token(word[:-1], low[:-1], at, after - 1, capital=word[0].isupper())
            yield Token(
                text[after - 1 : after + 2], "n't", after - 1, after + 2, capital=text[after - 1].isupper()
            )
            continue
        if low == "t" and at and text[at - 1] in "'’" and text[at - 2 : at - 1] in {"n", "N"}:
            continue
        if low in {"'", "’"}:
            if text[after : after + 1] in {"t", "T"} and text[at - 1 : at] in {"n", "N"}:
                continue
            low = "'"
        elif "’" in low:
            low = low.replace("’", "'")
        yield Token(word, low, at, after, "", "", "", False, word[0].isupper())
