"""Countries by any of their names: CLDR territory names, demonyms, capitals."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.core import get_global

from monitor.extract.layers import Folders, read_layers

_FORMAL = {"USA": "United States", "GBR": "United Kingdom"}
_SKIP_NAMES = {"jersey", "chad", "georgia"} - {"chad", "georgia"}


@dataclass(frozen=True, slots=True)
class Place:
    """A country as some word names it; `how` is name, demonym or capital."""

    iso: str
    country: str
    how: str


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return lower case without diacritics."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@cache
def country_names() -> dict[str, str]:
    """Return ISO alpha-3 -> English name."""
    english = Locale("en").territories
    aliases = get_global("territory_aliases")
    out = {}
    for alpha3, targets in aliases.items():
        if len(alpha3) == 3 and alpha3.isalpha() and len(targets) == 1 and targets[0] in english:
            out[alpha3] = english[targets[0]].replace(" & ", " and ").split(" (")[0]
    out["XKX"] = "Kosovo"
    return out | _FORMAL


def gazetteer(codes: tuple[str, ...], folders: Folders = ()) -> dict[str, Place]:
    """Return lower-case name -> Place for the languages `codes` ("en", "es") over the lexicon's layers."""
    return _gazetteer(codes, folders) if folders else _built_in(codes)


@cache
def _built_in(codes: tuple[str, ...]) -> dict[str, Place]:
    return _gazetteer(codes, ())


def _gazetteer(codes: tuple[str, ...], folders: Folders) -> dict[str, Place]:
    out: dict[str, Place] = {}
    names = country_names()
    data = read_layers("places.toml", folders)
    for iso, entry in data.items():
        if iso in names:
            _add_words(out, entry, iso, names[iso], codes)
    for iso, name in names.items():
        forms = {name, *data.get(iso, {}).get("also", ()), *_localised(iso, codes)}
        for form in forms:
            out[form.lower()] = Place(iso, name, "name")
            out.setdefault(fold(form), Place(iso, name, "name"))
    for form in ("us", "u.s.", "usa", "u.s.a.", "ee.uu.", "eeuu", "estados unidos"):
        out[form] = Place("USA", names["USA"], "name")
    for form in ("uk", "u.k."):
        out[form] = Place("GBR", names["GBR"], "name")
    return out


def _add_words(
    out: dict[str, Place], entry: Mapping[str, Any], iso: str, country: str, codes: tuple[str, ...]
) -> None:
    """Add a country's demonyms, in both numbers, and its capital in the languages `codes`."""
    for word in (*entry.get("demonyms", ()), *entry.get("gentilicios", ())):
        for form in {word, word + "s"} if not word.endswith(("s", "h", ".")) else {word}:
            out.setdefault(form.lower(), Place(iso, country, "demonym"))
    capital = entry.get("capital", "")
    for form in {capital, *(_cities(code).get(capital, "") for code in codes)} - {""}:
        out.setdefault(form.lower(), Place(iso, country, "capital"))
        if not entry.get("accented"):  # "Male students" are from anywhere
            out.setdefault(fold(form), Place(iso, country, "capital"))


@cache
def _cities(code: str) -> dict[str, str]:
    """Return English name -> name in the language `code` of the cities that CLDR names time zones by."""
    zones = Locale(code).time_zones
    return {zone.rpartition("/")[2].replace("_", " "): z["city"] for zone, z in zones.items() if "city" in z}


def _localised(iso: str, codes: tuple[str, ...]) -> set[str]:
    """Return the country's names in the languages `codes`, with and without their additions."""
    out: set[str] = set()
    for code in codes:
        for alpha2 in get_global("territory_aliases").get(iso, ()):
            name = Locale(code).territories.get(alpha2)
            if name:
                out |= {name, name.split(" (")[0], name.replace(" & ", " and ")}
    return out
