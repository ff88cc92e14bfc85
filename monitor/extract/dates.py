"""When it happened: date words resolved against the document's own date, never into the future.

A small resolver of our own: general date parsers read "we" as Wednesday and "80%" as 1980 (measured).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from monitor.extract.tokens import Token

_MONTHS: Final = {
    name: k
    for k, names in enumerate(
        [
            (),
            ("january", "jan", "enero"),
            ("february", "feb", "febrero"),
            ("march", "mar", "marzo"),
            ("april", "apr", "abril"),
            ("may", "mayo"),
            ("june", "jun", "junio"),
            ("july", "jul", "julio"),
            ("august", "aug", "agosto"),
            ("september", "sep", "sept", "septiembre", "setiembre"),
            ("october", "oct", "octubre"),
            ("november", "nov", "noviembre"),
            ("december", "dec", "diciembre"),
        ]
    )
    for name in names
}
_DAYS: Final = {
    name: k
    for k, names in enumerate(
        [
            ("monday", "lunes"),
            ("tuesday", "martes"),
            ("wednesday", "miércoles"),
            ("thursday", "jueves"),
            ("friday", "viernes"),
            ("saturday", "sábado"),
            ("sunday", "domingo"),
        ]
    )
    for name in names
}
_TODAY: Final = {"today", "tonight", "hoy", "esta noche"}
_YESTERDAY: Final = {"yesterday", "ayer", "anoche", "overnight"}
_SPANISH_MONTHS: Final = frozenset(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
)
_YEAR: Final = re.compile(r"^(1[6-9]|20)\d\d$")
_RELATIVE: Final = frozenset({"last", "this", "past", "pasado", "pasada", "previous"})
_AGO: Final = frozenset({"ago", "earlier", "atrás", "hace"})
_OPENS: Final = frozenset({*_MONTHS, *_DAYS, *_TODAY, *_YESTERDAY, *_RELATIVE, *_AGO})
_ORDINAL: Final = re.compile(r"^(\d{1,2})(st|nd|rd|th)$")


def is_month(word: str) -> bool:
    """Whether a lower-case word names a month."""
    return word in _MONTHS


@dataclass(frozen=True, slots=True)
class When:
    """A resolved date expression: the day (or first of the month or year), its precision, its tokens."""

    day: date
    precision: str
    start: int
    end: int
    future: bool = False


def dated(at: int, dates: Sequence[When]) -> bool:
    """Whether the token `at` is a part of a date: the number of a day is no count."""
    return any(when.start <= at < when.end for when in dates)


def find_dates(tokens: Sequence[Token], base: date | None, since: date | None = None) -> list[When]:
    """Return the dates of a sentence in order; `base` is the document's date.

    Without that there are only full dates, and days of months that follow one in the same year: "on 3 May 2021 …, and
    on 9 June"; `since` is the last one that the sentences before named.
    """
    out: list[When] = []
    i = 0
    while i < len(tokens):
        low = tokens[i].low
        found = _at(tokens, i, base, since) if low in _OPENS or low[0].isdecimal() else None
        if found is not None:
            out.append(found)
            since = found.day if found.precision in {"day", "month"} else since
            i = max(found.end, i + 1)
        else:
            i += 1
    return out


def _at(tokens: Sequence[Token], i: int, base: date | None, since: date | None) -> When | None:
    low = tokens[i].low
    if low in _MONTHS and (tokens[i].capital or low in _SPANISH_MONTHS):
        if tokens[i].tag == "PN" and not _numbered(tokens, i):
            return None
        return _month(tokens, i, base, since)
    if low in _DAYS:
        return _weekday(tokens, i, base)
    if low in _TODAY and base:
        return When(base, "day", i, i + 1)
    if low in _YESTERDAY and base:
        return When(base - timedelta(days=0 if low == "overnight" else 1), "day", i, i + 1)
    if low in _RELATIVE and base and i + 1 < len(tokens):
        return _relative(tokens, i, base)
    if (
        _YEAR.match(low)
        and i
        and tokens[i - 1].low
        in {"in", "since", "of", "en", "de", "from", "until", "early", "late", "during", "by", "the", "desde"}
    ):
        return When(date(int(low), 1, 1), "year", i, i + 1)
    if low in _AGO:
        return _ago(tokens, i, base)
    return _bare_day(tokens, i, base) if base and i else None


def _numbered(tokens: Sequence[Token], i: int) -> bool:
    """Whether a number stands beside the token: then it is a month, though it is written like a name."""
    return any(t.low[0].isdecimal() for t in (*tokens[max(0, i - 1) : i], *tokens[i + 1 : i + 2]))


def _bare_day(tokens: Sequence[Token], i: int, base: date) -> When | None:
    """Return the day that "the 27th", "llegó el 17;" or "el 18 cerraron" means."""
    low, before = tokens[i].low, tokens[i - 1].low
    ordinal = _ORDINAL.match(low)
    if ordinal:
        return _day_of_month(int(ordinal.group(1)), base, i) if before == "the" else None
    if before not in {"el", "del", "al"} or not re.fullmatch(r"[1-9]|[12]\d|3[01]", low):
        return None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    ends = after is None or after.tag in {",", ";", ".", ":", ")", "V", "AUX", "CONJ"}
    if ends or (after is not None and after.tag == "PREP" and after.low not in {"por", "de"}):
        return _day_of_month(int(low), base, i)
    return None


def _month(tokens: Sequence[Token], i: int, base: date | None, since: date | None) -> When | None:
    month, day, start, end = _MONTHS[tokens[i].low], None, i, i + 1
    after = tokens[i + 1].low if i + 1 < len(tokens) else ""
    before = tokens[i - 1].low if i else ""
    skip = 2 if before in {"de", "of"} else 1
    numeral = tokens[i - skip].low if i >= skip else ""
    if re.fullmatch(r"\d{1,2}(st|nd|rd|th)?", after):
        day, end = int(re.sub(r"\D", "", after)), i + 2
    elif re.fullmatch(r"\d{1,2}(st|nd|rd|th)?", numeral):
        day, start = int(re.sub(r"\D", "", numeral)), i - skip
    elif tokens[i].low in {"may", "march", "mar"} and not (
        before in {"in", "since", "last", "early", "late", "of", "mid", "until"} or _YEAR.match(after)
    ):
        return None
    year = None
    for k in (end, end + 1):
        if (
            k < len(tokens)
            and _YEAR.match(tokens[k].low)
            and (k == end or tokens[end].low in {",", "de", "of", "del"})
        ):
            year, end = int(tokens[k].low), k + 1
            break
    if year is None and base is None:
        if since is None or month < since.month:
            return None
        year = since.year
    return _resolve(year, month, day, base, (start, end))


def _resolve(
    year: int | None, month: int, day: int | None, base: date | None, span: tuple[int, int]
) -> When | None:
    try:
        if year is not None:
            found = date(year, month, day or 1)
        else:
            assert base is not None
            found = date(base.year, month, day or 1)
            if found > base + timedelta(days=120):
                found = date(base.year - 1, month, day or 1)
    except ValueError:
        return None
    return When(found, "day" if day else "month", *span, future=bool(base and found > base))


def _weekday(tokens: Sequence[Token], i: int, base: date | None) -> When | None:
    if base is None:
        return None
    before = tokens[i - 1].low if i else ""
    back = (base.weekday() - _DAYS[tokens[i].low]) % 7
    following = before in {"next", "próximo"} or (before in {"for", "until", "by", "till"} and back != 0)
    if following:
        return When(base + timedelta(days=(7 - back) or 7), "day", i, i + 1, future=True)
    return When(base - timedelta(days=back), "day", i, i + 1)


def _relative(tokens: Sequence[Token], i: int, base: date) -> When | None:
    after = tokens[i + 1].low
    previous = tokens[i].low != "this"
    if after in _DAYS:
        back = (base.weekday() - _DAYS[after]) % 7
        return When(base - timedelta(days=back or (7 if previous else 0)), "day", i, i + 2)
    if after in {"week", "semana"}:
        return When(base - timedelta(days=7 if previous else 0), "week", i, i + 2)
    if after in {"month", "mes"} and previous:
        first = base.replace(day=1) - timedelta(days=1)
        return When(first.replace(day=1), "month", i, i + 2)
    if after in {"year", "año"} and previous:
        return When(date(base.year - 1, 1, 1), "year", i, i + 2)
    if after in _MONTHS:
        return _resolve(None, _MONTHS[after], None, base, (i, i + 2))
    return None


_WORD_NUMBER: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "fortnight": 14,
    "un": 1,
    "una": 1,
    "dos": 2,
    "tres": 3,
    "cuatro": 4,
    "cinco": 5,
    "twenty": 20,
    "few": 3,
    "several": 4,
}
_UNIT_DAYS: Final = {
    "day": 1,
    "week": 7,
    "fortnight": 14,
    "month": 30,
    "year": 365,
    "decade": 3650,
    "día": 1,
    "semana": 7,
    "mes": 30,
    "año": 365,
    "década": 3650,
    "hour": 0,
    "hora": 0,
}


def _ago(tokens: Sequence[Token], i: int, base: date | None) -> When | None:
    if base is None:
        return None
    spanish = tokens[i].low == "hace"
    words = [t.low for t in (tokens[i + 1 : i + 3] if spanish else tokens[max(0, i - 2) : i])]
    if len(words) < 2:
        return None
    amount = int(words[0]) if words[0].isdigit() and len(words[0]) < 4 else _WORD_NUMBER.get(words[0])
    unit = next((u for u in _UNIT_DAYS if words[1] == u or words[1] == u + "s" or words[1] == u + "es"), None)
    if amount is None or unit is None:
        return None
    start, end = (i, i + 3) if spanish else (i - 2, i + 1)
    days = amount * _UNIT_DAYS[unit]
    precision = "day" if _UNIT_DAYS[unit] <= 7 else "month" if _UNIT_DAYS[unit] <= 30 else "year"
    return When(base - timedelta(days=min(days, 300_000)), precision, start, end)


def _day_of_month(day: int, base: date, i: int) -> When | None:
    try:
        found = base.replace(day=day)
        if found > base:
            found = (base.replace(day=1) - timedelta(days=1)).replace(day=day)
    except ValueError:
        return None
    return When(found, "day", i, i + 1)
