"""Kinds as data: what the differ and the digests must know of each, read from TOML; users overlay theirs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from monitor.core.errors import ConfigError
from monitor.core.names import fold
from monitor.core.plover import CONTEXTS, EVENT_TYPES, Plover
from monitor.core.policy import Bodies, KindSpec, Measures
from monitor.extract.layers import Folders
from monitor.extract.places import country_names

_FIELDS = {
    "label": str,
    "event_type": str,
    "mode": str,
    "contexts": list,
    "subject": str,
    "window_days": int,
    "lifecycle": str,
    "step": int,
    "severity": int,
    "moves": bool,
    "min_confidence": float,
    "min_confidence_of": dict,
    "refuses": list,
    "by_courts": str,
    "of_itself": bool,
}
_SUBJECTS = frozenset({"recipient", "actor", "both"})
_CLASSES = frozenset({"country", "body"})


def kinds_in(folders: Folders) -> tuple[Path, ...]:
    """Return the files with kinds in the user's lexicon folders."""
    return tuple(path for folder in folders if (path := folder / "kinds.toml").is_file())


def load_kinds(*overlays: Path) -> dict[str, KindSpec]:
    """Return the built-in kinds by id, with the tables of `overlays` laid over them in turn.

    An overlay's table needs only the keys that differ; an unknown id is a kind of the user's own.
    Raises ConfigError with the file and table for what it does not understand.
    """
    tables: dict[str, dict[str, Any]] = {kind: dict(table) for kind, table in _built_in()["kind"].items()}
    places = dict.fromkeys(tables, "built-in kinds")
    for path in overlays:
        for kind, table in _read(path).items():
            tables[kind] = {**tables.get(kind, {}), **table}
            places[kind] = str(path)
    return {kind: _spec(kind, table, f"{places[kind]}: kind.{kind}") for kind, table in tables.items()}


def plover_of(kind: str, *, stance: str | None = None, outcome: str | None = None) -> Plover:
    """Return the PLOVER coding of a kind; a statement's is its stance's, a ruling's its outcome's."""
    data = _built_in()
    table = data["kind"].get(kind, {})
    finer = data["stance"].get(stance) if kind == "statement" else data["outcome"].get(outcome)
    return _plover({**table, **(finer or {})}, f"kind.{kind}")


@cache
def load_bodies() -> Bodies:
    """Return how states and institutions are told from people by their names."""
    table = _built_in()["bodies"]
    return Bodies(
        countries=frozenset(fold(name) for name in country_names().values()),
        last=frozenset(fold(word) for word in table["last"]),
        first=frozenset(fold(word) for word in table["first"]),
        courts=frozenset(fold(word) for word in table["courts"]),
    )


@cache
def load_measures() -> Measures:
    """Return how standing measures are known in any language."""
    matters, phases = (
        {fold(word): one for one, words in _built_in()[name].items() for word in words}
        for name in ("matters", "phases")
    )
    return Measures(matters=matters, phases=phases)


@cache
def _built_in() -> Mapping[str, Any]:
    text = files("monitor.extract").joinpath("lexicon/kinds.toml").read_text("utf8")
    return tomllib.loads(text)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = tomllib.loads(path.read_text("utf8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read the kinds: {error.strerror}",
            place=str(path),
            remedy="check the path and its permissions",
        ) from error
    except ValueError as error:
        raise ConfigError(f"not valid TOML: {error}", place=str(path), remedy="correct the file") from error
    kinds = data.get("kind", {})
    extra = sorted(set(data) - {"kind"})
    if extra or not isinstance(kinds, dict) or not all(isinstance(t, dict) for t in kinds.values()):
        raise ConfigError(
            f"unexpected {', '.join(extra) or 'kind'}",
            place=str(path),
            remedy="write one table [kind.ID] for a kind",
        )
    return kinds


def _spec(kind: str, table: Mapping[str, Any], place: str) -> KindSpec:
    for key, value in table.items():
        wanted = _FIELDS.get(key)
        if wanted is None:
            raise ConfigError(
                f"unknown key {key!r}", place=place, remedy=f"known keys: {', '.join(sorted(_FIELDS))}"
            )
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise ConfigError(
                f"{key} must be {wanted.__name__}, not {value!r}", place=place, remedy="correct the value"
            )
    if table.get("subject", "both") not in _SUBJECTS:
        raise ConfigError(
            f"unknown subject {table['subject']!r}", place=place, remedy="recipient, actor or both"
        )
    if not 1 <= table.get("severity", 1) <= 5:
        raise ConfigError("severity must be 1 to 5", place=place, remedy="1 is least, 5 is most important")
    if not _CLASSES.issuperset(table.get("refuses", ())):
        raise ConfigError("unknown class in refuses", place=place, remedy="country and body can be refused")
    window = table.get("window_days", 7)
    return KindSpec(
        id=kind,
        label=table.get("label", kind.replace("_", " ")),
        plover=_plover(table, place),
        subject=table.get("subject", "both"),
        window_days=None if window < 0 else window,
        lifecycle=table.get("lifecycle"),
        step=table.get("step", 0),
        severity=table.get("severity", 1),
        moves=table.get("moves", False),
        min_confidence=table.get("min_confidence", 0.0),
        min_confidence_of=_confidences(table.get("min_confidence_of", {}), place),
        refuses=frozenset(table.get("refuses", ())),
        by_courts=table.get("by_courts"),
        of_itself=table.get("of_itself", False),
    )


def _confidences(table: Mapping[str, Any], place: str) -> dict[str, float]:
    for name, value in table.items():
        if not isinstance(value, float) or not 0 <= value <= 1:
            raise ConfigError(
                f"min_confidence_of.{name} must be a number from 0.0 to 1.0, not {value!r}",
                place=place,
                remedy="correct the value",
            )
    return dict(table)


def _plover(table: Mapping[str, Any], place: str) -> Plover:
    event_type, mode, contexts = table.get("event_type"), table.get("mode"), tuple(table.get("contexts", ()))
    if event_type is not None and event_type not in EVENT_TYPES:
        raise ConfigError(
            f"{event_type!r} is no PLOVER event type", place=place, remedy=", ".join(EVENT_TYPES)
        )
    if mode is not None and mode not in EVENT_TYPES.get(event_type or "", ()):
        raise ConfigError(f"{mode!r} is no mode of {event_type}", place=place, remedy="see the PLOVER manual")
    unknown = sorted(set(contexts) - CONTEXTS)
    if unknown:
        raise ConfigError(f"{unknown[0]!r} is no PLOVER context", place=place, remedy="see the PLOVER manual")
    return Plover(event_type=event_type, mode=mode, contexts=contexts)
