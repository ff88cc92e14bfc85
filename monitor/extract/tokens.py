"""Words with their places: the tokens of a sentence, offsets into the document as read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# First a name with an apostrophe inside it (O'Brien, N'Djamena, Sana'a). "52-year-old" and "27-nation" are one word.
# No group and no flag for case: both cost a third of the time. İ, ı, ſ and K are cases of I, i, s and k.
_TOKEN: Final = re.compile(
    r"""[A-ZÀ-ÖØ-Þ][^\W\d_]*['’](?!(?:[sSſdDmMtT]|[rRvV][eE]|[lL][lL])\b)[^\W\d_]+(?:[-‐‑][^\W_]+)*
      | [^\W\d_][^\W_]+(?:[-‐‑][^\W_]+)*
      | \d+(?:[-‐‑][a-z]+)+
      | \d+(?:[.,]\d+)*(?=[a-zß-öø-ÿ]{4})
      | \d+(?:[.,]\d+)*(?:[sSſ][tT]|[nN][dD]|[rR][dD]|[tT][hH])?(?![^\W\d_])
      | (?:[^\W\d_]\.){2,} | [A-Za-zİıſK]\.(?=\s[A-Za-zİıſK][^\W\d_])
      | [^\W_]+(?:[-‐‑][^\W_]+)*
      | ['’](?:[sSſdDmM]|[rRvV][eE]|[lL][lL])?\b | ['’](?=\s)
      | \.{2,}|…
      | \S""",
    re.VERBOSE,
)
QUOTES: Final = frozenset('"“”«»„‟')
DASHES: Final = frozenset("-–—―")


@dataclass(slots=True, init=False)
class Token:
    """One token: its text, lower form, offsets, and the tag and lemma that the tagger gives it.

    `tag`: DET PRON PREP CONJ SUB REL AUX MOD NEG TO V ADV ADJ NUM N PN DATE POSS "," ";" ":" Q ( ) . DASH X.
    `form`: of a verb, one of base s past part ing. `quoted`: inside quotation marks. `capital`: begins with one.
    """

    text: str
    low: str
    start: int
    end: int
    tag: str
    lemma: str
    form: str
    quoted: bool
    capital: bool

    def __init__(self, text: str, low: str, start: int, end: int) -> None:
        # Written out, as in other objects made by the thousand: compiled, a generated one stays slow Python.
        self.text = text
        self.low = low
        self.start = start
        self.end = end
        self.tag = self.lemma = self.form = ""
        self.quoted = False
        self.capital = text[0].isupper()


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """Return the tokens of `text[start:end]`; offsets are into `text`."""
    out: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        low = word.lower()
        at, after = match.span()
        if low[-1] == "n" and len(low) > 2 and text[after : after + 2] in {"'t", "’t"}:
            out += (
                Token(word[:-1], low[:-1], at, after - 1),
                Token(text[after - 1 : after + 2], "n't", after - 1, after + 2),
            )
        elif low == "t":
            if not _ends_not(text, at):
                out.append(Token(word, low, at, after))
        elif low[0] in "'’":
            if len(low) > 1:
                out.append(Token(word, low.replace("’", "'"), at, after))
            elif text[after : after + 1] not in {"t", "T"} or text[at - 1 : at] not in {"n", "N"}:
                out.append(Token(word, "'", at, after))
        else:
            # Looked up in tables that know one apostrophe.
            out.append(Token(word, low.replace("’", "'") if "’" in low else low, at, after))
    return out


def _ends_not(text: str, at: int) -> bool:
    """Whether the "t" at `at` is the end of "n't", which is a token with its "n"."""
    return at > 0 and text[at - 1] in "'’" and text[at - 2 : at - 1] in {"n", "N"}
