"""Small values of the configuration: durations, conditions, zones, names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*")
_CONDITION = re.compile(r"\s*([a-z_]+)\s*(=~|!~|!=|>=|<=|=)\s*(.*?)\s*", re.DOTALL)


def seconds(value: object) -> float:
    """Return the seconds of "90s", "5m", "1h30m" or of a plain number; raise ValueError otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value)
    total, end = 0.0, 0
    while end < len(text):
        match = _DURATION.match(text, end)
        if match is None:
            raise ValueError('not a duration; write for example "30s", "5m" or "1h"')
        total += float(match[1]) * _UNITS[match[2]]
        end = match.end()
    if not text.strip():
        raise ValueError('not a duration; write for example "30s", "5m" or "1h"')
    return total


def condition(text: str) -> str:
    """Check that `text` has the form of a condition, such as `kind = arrest` or `confidence >= 0.8`."""
    split_condition(text)
    return text


def split_condition(text: str) -> tuple[str, str, str]:
    """Return the field, operator and value of a condition; raise ValueError where it has not that form."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError('not a condition; write for example "kind = arrest" or "country =~ VEN|COL"')
    name, operator, value = match.groups()
    if operator in {"=~", "!~"}:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return name, operator, value[1:-1] if quoted else value


def pattern(text: str) -> str:
    """Check that `text` is a regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def proxy(text: str) -> str:
    """Check that `text` is the address of an HTTP proxy."""
    parts = urlsplit(text)
    if parts.scheme != "http" or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError("not the address of a proxy; write http://NAME:PORT")
    return text


def zone(name: str) -> str:
    """Check that `name` is in the tz database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f'unknown time zone "{name}"; write for example "Europe/Madrid"') from None
    return name


def time_of_day(text: str) -> str:
    """Check that `text` is HH:MM."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('not a time of day; write for example "07:00"')
    return text


def cron(text: str) -> str:
    """Check that `text` is a cron line of five fields."""
    try:
        CronSim(text, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"not a cron line: {error}") from None
    return text


def lines(value: object) -> object:
    """Return the lines of a text (a file of addresses) as a list; a line that begins with # is a comment."""
    if not isinstance(value, str):
        return value
    stripped = (line.strip() for line in value.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def web_address(text: str) -> str:
    """Check that `text` is an https address, or an http one of this machine, without a slash at its end."""
    if not re.match(r"https://[^/\s]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$)", text):
        raise ValueError('not an https address; write for example "https://news.example.org"')
    return text.rstrip("/")


Seconds = Annotated[float, BeforeValidator(seconds), Field(ge=0)]
Condition = Annotated[str, AfterValidator(condition)]
Pattern = Annotated[str, AfterValidator(pattern)]
Proxy = Annotated[str, AfterValidator(proxy)]
Zone = Annotated[str, AfterValidator(zone)]
TimeOfDay = Annotated[str, AfterValidator(time_of_day)]
Cron = Annotated[str, AfterValidator(cron)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Addresses = Annotated[tuple[str, ...], BeforeValidator(lines)]
WebAddress = Annotated[str, AfterValidator(web_address)]
