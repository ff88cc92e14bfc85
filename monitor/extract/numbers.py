"""Numbers in words and digits, English and Spanish, with the words that bound them ("at least", "around")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from monitor.core.model import Operator
from monitor.extract.tokens import Token

_UNITS: Final = {
    word: value
    for value, words in enumerate(
        [
            "zero/cero",
            "one/uno/una/un",
            "two/dos",
            "three/tres",
            "four/cuatro",
            "five/cinco",
            "six/seis",
            "seven/siete",
            "eight/ocho",
            "nine/nueve",
            "ten/diez",
            "eleven/once",
            "twelve/doce",
            "thirteen/trece",
            "fourteen/catorce",
            "fifteen/quince",
            "sixteen/dieciséis",
            "seventeen/diecisiete",
            "eighteen/dieciocho",
            "nineteen/diecinueve",
        ]
    )
    for word in words.split("/")
}
_TENS: Final = {
    word: value * 10
    for value, words in enumerate(
        [
            "-",
            "-",
            "twenty/veinte",
            "thirty/treinta",
            "forty/cuarenta",
            "fifty/cincuenta",
            "sixty/sesenta",
            "seventy/setenta",
            "eighty/ochenta",
            "ninety/noventa",
        ]
    )
    for word in words.split("/")
    if word != "-"
}
_SCALES: Final = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "mil": 1000,
    "millón": 10**6,
    "millones": 10**6,
}
_FIXED: Final = {
    "cien": 100,
    "ciento": 100,
    "doscientos": 200,
    "trescientos": 300,
    "quinientos": 500,
    "dozen": 12,
    "docena": 12,
    "veintiuno": 21,
    "veintidós": 22,
    "veintitrés": 23,
    "veinticuatro": 24,
    "veinticinco": 25,
    "veintiún": 21,
    "veintiséis": 26,
    "veintisiete": 27,
    "veintiocho": 28,
    "veintinueve": 29,
    "doscientas": 200,
    "trescientas": 300,
    "cuatrocientos": 400,
    "cuatrocientas": 400,
    "quinientas": 500,
    "seiscientos": 600,
    "setecientos": 700,
    "ochocientos": 800,
    "novecientos": 900,
    "half": None,
}
VAGUE: Final = {
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2000,
    "decenas": 20,
    "cientos": 200,
    "miles": 2000,
    "docenas": 24,
}

_BEFORE: Final[tuple[tuple[str, Operator], ...]] = (
    ("no fewer than", Operator.GE),
    ("not fewer than", Operator.GE),
    ("no less than", Operator.GE),
    ("at least", Operator.GE),
    ("a minimum of", Operator.GE),
    ("al menos", Operator.GE),
    ("por lo menos", Operator.GE),
    ("no menos de", Operator.GE),
    ("more than", Operator.GT),
    ("over", Operator.GT),
    ("upwards of", Operator.GT),
    ("above", Operator.GT),
    ("exceeding", Operator.GT),
    ("in excess of", Operator.GT),
    ("well over", Operator.GT),
    ("más de", Operator.GT),
    ("beyond", Operator.GT),
    ("topped", Operator.GT),
    ("fewer than", Operator.LT),
    ("less than", Operator.LT),
    ("under", Operator.LT),
    ("menos de", Operator.LT),
    ("below", Operator.LT),
    ("nearly", Operator.LT),
    ("almost", Operator.LT),
    ("close to", Operator.ABOUT),
    ("casi", Operator.LT),
    ("up to", Operator.LE),
    ("as many as", Operator.LE),
    ("at most", Operator.LE),
    ("no more than", Operator.LE),
    ("hasta", Operator.LE),
    ("about", Operator.ABOUT),
    ("around", Operator.ABOUT),
    ("some", Operator.ABOUT),
    ("roughly", Operator.ABOUT),
    ("approximately", Operator.ABOUT),
    ("an estimated", Operator.ABOUT),
    ("estimated", Operator.ABOUT),
    ("circa", Operator.ABOUT),
    ("unos", Operator.ABOUT),
    ("unas", Operator.ABOUT),
    ("cerca de", Operator.ABOUT),
    ("alrededor de", Operator.ABOUT),
    ("aproximadamente", Operator.ABOUT),
)
_BOUNDS: Final[dict[str, list[tuple[tuple[str, ...], Operator]]]] = {}
for _phrase, _operator in _BEFORE:
    _BOUNDS.setdefault(_phrase.split()[-1], []).append((tuple(_phrase.split()), _operator))
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)$")
_GROUPED: Final = re.compile(r"^\d{1,3}([,.])\d{3}(?:\1\d{3})*$")
_HYPHEN: Final = re.compile(r"[-‐‑]")
_DIGITS: Final = re.compile(r"^\d{1,3}(?:[,.]\d{3})+$|^\d+(?:[.,]\d+)?$")


def digits_value(text: str, *, spanish: bool = False) -> float | None:
    """Return the value of digits with separators: "2,000", "51.2", in Spanish "2.000" and "51,2"."""
    if text.isdecimal():
        return float(text)
    text = _ORDINAL.sub("", text.lower())
    if not _DIGITS.match(text):
        return None
    grouped = _GROUPED.match(text)
    if grouped and (grouped.group(1) == "," or spanish or text.count(".") > 1):
        return float(re.sub(r"[,.]", "", text))
    return (
        float(text.replace(",", "."))
        if text.count(",") <= 1 and "." not in text
        else float(text.replace(",", ""))
    )


def read_number(
    tokens: Sequence[Token], i: int, *, spanish: bool = False
) -> tuple[float, int, Operator] | None:
    """Return (value, tokens used, own operator) of the number at `i`, or None.

    "2,000" is (2000, 1, =); "three million" (3e6, 2, =); "dozens" (24, 1, >=).
    """
    low = tokens[i].low
    if low in VAGUE:
        return float(VAGUE[low]), 1, Operator.GE
    if low[:1].isdigit():
        value = digits_value(low, spanish=spanish)
        if value is None:
            return None
        used = 1
        while i + used < len(tokens) and tokens[i + used].low in _SCALES:
            value *= _SCALES[tokens[i + used].low]
            used += 1
        return value, used, Operator.EQ
    if low == "ciento" and i and tokens[i - 1].low == "por":
        return None  # a percentage's unit
    return _words(tokens, i)


def _words(tokens: Sequence[Token], i: int) -> tuple[float, int, Operator] | None:
    total, current, used = 0.0, 0.0, 0
    while i + used < len(tokens):
        parts = _HYPHEN.split(tokens[i + used].low)
        if not all(p in _UNITS or p in _TENS for p in parts):
            step = _scale(tokens[i + used].low, current)
            if step is None:
                if (
                    used
                    and tokens[i + used].low in {"and", "y"}
                    and current
                    and i + used + 1 < len(tokens)
                    and _small(tokens[i + used + 1].low)
                ):
                    used += 1
                    continue
                break
            total, current = (
                (total + step, 0.0)
                if tokens[i + used].low not in {"hundred", "cien", "ciento", "dozen", "docena"}
                and tokens[i + used].low in _SCALES
                else (total, step)
            )
        else:
            current += sum(_UNITS.get(p, _TENS.get(p, 0)) for p in parts)
        used += 1
    return (total + current, used, Operator.EQ) if used else None


def _small(word: str) -> bool:
    return word in _UNITS or word in _TENS


def _scale(word: str, current: float) -> float | None:
    if word in _SCALES:
        return (current or 1) * _SCALES[word]
    fixed = _FIXED.get(word)
    if fixed is None:
        return None
    return (current or 1) * fixed if word in {"dozen", "docena"} else current + fixed


def bound_before(tokens: Sequence[Token], i: int) -> tuple[Operator, int] | None:
    """Return (operator, index where its words begin) for the words right before a number, or None."""
    for parts, operator in _BOUNDS.get(tokens[i - 1].low, ()) if i else ():
        start = i - len(parts)
        if start >= 0 and all(tokens[start + k].low == part for k, part in enumerate(parts)):
            return operator, start
    return None


# Words around a number that counts nobody.
_ONE: Final = frozenset({"one", "uno", "una"})
_AGED: Final = frozenset(
    "boy girl man woman youth youngster teenager child lad student niño niña chico chica hombre mujer joven "
    "muchacho muchacha adolescente estudiante".split()
)
_YEARS: Final = frozenset({"year", "years", "año", "años"})
_ALONE: Final = frozenset({"a", "an", "the", "one", "un", "una", "el", "la"})
_OF: Final = frozenset({"of", "de"})
_OLDEST: Final = 120  # years


def no_count(tokens: Sequence[Token], start: int, end: int, value: float) -> bool:
    """Whether a number counts nobody: years, an age ("a girl of twelve"), or one of several ("one of nine victims")."""
    after = tokens[end].low if end < len(tokens) else ""
    if after in _YEARS or (tokens[start].low in _ONE and after in _OF):
        return True
    if start < 2 or tokens[start - 1].low not in _OF or value > _OLDEST:
        return False
    # Of people that are counted there are several: "a crowd of sixty", "the loss of four".
    person = tokens[start - 2]
    alone = end >= len(tokens) or tokens[end].tag not in {"N", "ADJ"}
    return (
        alone and person.low in _AGED and any(t.low in _ALONE for t in tokens[max(0, start - 4) : start - 2])
    )
