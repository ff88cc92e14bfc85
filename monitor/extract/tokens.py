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
_NOT = re.compile(r"(?i)^(.*)(n)$")
QUOTES = frozenset('"“”«»„‟')
DASHES = frozenset("-–—―")


@dataclass(slots=True)
class Token:
    """One token: its text, lower form, offsets, and the tag and lemma that the tagger gives it.

    `tag`: DET PRON PREP CONJ SUB REL AUX MOD NEG TO V ADV ADJ NUM N PN DATE POSS "," ";" ":" Q ( ) . DASH X.
    `form`: of a verb, one of base s past part ing. `quoted`: inside quotation marks.
    """

    text: str
    low: str
    start: int
    end: int
    tag: str = ""
    lemma: str = ""
    form: str = ""
    quoted: bool = False

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """Return the tokens of `text[start:end]`; offsets are into `text`."""
    return list(_tokens(text, start, end))


def _tokens(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        word, low = match.group(), match.group().lower()
        at = match.start()
        negated = _NOT.match(low) if text[match.end() : match.end() + 2] in {"'t", "’t"} else None
        if negated and len(low) > 2:
            yield Token(word[:-1], low[:-1], at, match.end() - 1)
            yield Token(text[match.end() - 1 : match.end() + 2], "n't", match.end() - 1, match.end() + 2)
            continue
        if low == "t" and at and text[at - 1] in "'’" and text[at - 2 : at - 1] in {"n", "N"}:
            continue
        if (
            low in {"'", "’"}
            and text[match.end() : match.end() + 1] in {"t", "T"}
            and text[at - 1 : at] in {"n", "N"}
        ):
            continue
        yield Token(word, low.replace("’", "'"), at, match.end())
