"""Who held which office when: the user's own list (`offices.toml`), for texts that name the office alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.core.errors import ConfigError
from monitor.extract.layers import Folders, read_layers
from monitor.extract.places import country_names, fold

FILE = "offices.toml"
_KEYS = frozenset({"name", "titles", "country", "sector", "from", "until"})


@dataclass(frozen=True, slots=True)
class Office:
    """A person in an office: from `since` to `until`, both included; None where that end is open."""

    name: str
    titles: frozenset[str]
    country: str | None
    sector: str
    since: date | None
    until: date | None

    def held_on(self, day: date | None) -> bool:
        """Whether the office was held on a day; for an undated text (None) whether it is held still."""
        if day is None:
            return self.until is None
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Offices:
    """Looks up who holds an office on a day."""

    def __init__(self, offices: Sequence[Office] = ()) -> None:
        self._by_title: dict[str, list[Office]] = {}
        for office in offices:
            for title in office.titles:
                self._by_title.setdefault(title, []).append(office)

    def holder(self, title: str, country: str | None, day: date | None) -> Office | None:
        """Return who held the office called `title` in `country` on `day`; None where nobody or several did."""
        found = [
            o
            for o in self._by_title.get(fold(title), ())
            if o.held_on(day) and (o.country is None or o.country == country)
        ]
        return found[0] if len({o.name for o in found}) == 1 else None


def load_offices(folders: Folders = ()) -> Offices:
    """Read the offices of all layers of the lexicon; raise ConfigError for an entry that cannot be understood."""
    entries = read_layers(FILE, folders).get("office", [])
    return Offices([_office(entry, number) for number, entry in enumerate(entries, start=1)])


def _office(entry: Mapping[str, Any], number: int) -> Office:
    place = f"{FILE}: office {number}"
    extra = sorted(set(entry) - _KEYS)
    if extra:
        raise ConfigError(
            f"unknown key {extra[0]!r}", place=place, remedy=f"one of {', '.join(sorted(_KEYS))}"
        )
    titles = entry.get("titles")
    if not entry.get("name") or not isinstance(titles, list) or not titles:
        raise ConfigError("an office needs `name` and `titles`", place=place, remedy='titles = ["president"]')
    country = entry.get("country")
    if country is not None and country not in country_names():
        raise ConfigError(
            f"no such country: {country!r}", place=place, remedy="an ISO 3166 alpha-3 code, such as FRA"
        )
    for key in ("from", "until"):
        if not isinstance(entry.get(key), date | None):
            raise ConfigError(f"`{key}` is no date", place=place, remedy="write 2024-05-31, without quotes")
    return Office(
        name=entry["name"],
        titles=frozenset(fold(title) for title in titles),
        country=country,
        sector=entry.get("sector", "GOV"),
        since=entry.get("from"),
        until=entry.get("until"),
    )
