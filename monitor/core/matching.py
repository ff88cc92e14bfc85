"""Conditions on developments: which fields they may ask, and whether they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from monitor.core.errors import ConfigError
from monitor.core.model import Development
from monitor.core.outgoing import Matcher
from monitor.core.policy import KindSpec

TEXT_FIELDS = frozenset(
    {
        "event",
        "kind",
        "change",
        "actor",
        "recipient",
        "country",
        "stance",
        "outcome",
        "metric",
        "certainty",
        "source",
    }
)
NUMBER_FIELDS = frozenset({"confidence", "independent_sources", "severity"})
GROUP_FIELDS = TEXT_FIELDS | {"severity"}
OPERATORS = frozenset({"=", "!=", "=~", "!~", ">=", "<="})


def check_matcher(matcher: Matcher) -> None:
    """Raise ConfigError for a matcher that could never work: wrong field, operator, number or pattern."""
    place = f"matcher {matcher.field}{matcher.op}{matcher.value}"
    if matcher.field not in TEXT_FIELDS | NUMBER_FIELDS:
        known = ", ".join(sorted(TEXT_FIELDS | NUMBER_FIELDS))
        raise ConfigError(f'unknown field "{matcher.field}"', place=place, remedy=f"use one of {known}")
    if matcher.op not in OPERATORS:
        raise ConfigError(f'unknown operator "{matcher.op}"', place=place, remedy="use = != =~ !~ >= <=")
    if matcher.op in {">=", "<="} and matcher.field in TEXT_FIELDS:
        raise ConfigError(f'"{matcher.field}" is not a number', place=place, remedy="use = != =~ !~")
    numeric = matcher.field in NUMBER_FIELDS and matcher.op not in {"=~", "!~"}
    if numeric and _as_number(matcher.value) is None:
        raise ConfigError(f'"{matcher.value}" is not a number', place=place, remedy="write a number")
    if matcher.op in {"=~", "!~"}:
        try:
            re.compile(matcher.value)
        except re.error as error:
            remedy = "write a regular expression"
            raise ConfigError(f"bad pattern: {error}", place=place, remedy=remedy) from error


def check_field(name: str, *, place: str) -> None:
    """Raise ConfigError for a field by which developments cannot be grouped or compared."""
    if name not in GROUP_FIELDS:
        known = ", ".join(sorted(GROUP_FIELDS))
        raise ConfigError(f'unknown field "{name}"', place=place, remedy=f"use one of {known}")


def matches(matchers: Iterable[Matcher], development: Development, *, kinds: Mapping[str, KindSpec]) -> bool:
    """Return whether all matchers hold. A field with several values matches by any; a missing one is ""."""
    return all(_holds(matcher, values_of(development, matcher.field, kinds=kinds)) for matcher in matchers)


def misses(matchers: Iterable[Matcher], development: Development, *, kinds: Mapping[str, KindSpec]) -> str:
    """Return which conditions do not hold, and what is there instead."""
    wrong = []
    for matcher in matchers:
        values = values_of(development, matcher.field, kinds=kinds)
        if not _holds(matcher, values):
            wrong.append(
                f"{label_of(matcher)} does not hold: it is {', '.join(v for v in values if v) or 'empty'}"
            )
    return "; ".join(wrong)


def label_of(matcher: Matcher) -> str:
    """Return a condition as it is written."""
    return f'{matcher.field}{matcher.op}"{matcher.value}"'


def values_of(development: Development, field: str, *, kinds: Mapping[str, KindSpec]) -> tuple[str, ...]:
    """Return the values of a matcher's field, at least one; a field without value is the empty string.

    `actor` includes the body a speaker speaks for; `country` holds those of actors and of recipients.
    """
    d = development
    spec = kinds.get(d.kind)
    values: tuple[str | None, ...]
    match field:
        case "actor":
            values = tuple(name for a in d.actors for name in (a.name, a.speaks_for))
        case "recipient":
            values = tuple(a.name for a in d.recipients)
        case "country":
            values = tuple(a.country for a in (*d.actors, *d.recipients))
        case "metric":
            values = (d.figure.metric if d.figure else None,)
        case "source":
            values = (*d.sources, d.source)
        case "severity":
            values = (str(spec.severity if spec else 1),)
        case "event":
            values = (d.event_id,)
        case _:
            raw = getattr(d, field, None)
            values = (None if raw is None else str(raw),)
    return tuple(dict.fromkeys(v for v in values if v)) or ("",)


def _holds(matcher: Matcher, values: tuple[str, ...]) -> bool:
    match matcher.op:
        case "=" | "!=":
            same = any(_same(value, matcher) for value in values)
            return same if matcher.op == "=" else not same
        case "=~" | "!~":
            found = any(re.fullmatch(matcher.value, value) for value in values)
            return found if matcher.op == "=~" else not found
        case _:
            bound, value = _as_number(matcher.value), _as_number(values[0])
            if bound is None or value is None:
                return False
            return value >= bound if matcher.op == ">=" else value <= bound


def _same(value: str, matcher: Matcher) -> bool:
    if matcher.field in NUMBER_FIELDS:
        return _as_number(value) == _as_number(matcher.value)
    return value == matcher.value


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
