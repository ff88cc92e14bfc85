"""What numbers count, by which words: the metrics of a language, as `lexicon/LANGUAGE/metrics.toml` lists them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from monitor.extract.layers import Folders, read_layers
from monitor.extract.triggers import Lexicon


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of a language: what is counted, by which words.

    `scopes` leads the words for a part of the people to an id that all languages share, "" for everybody.
    """

    people: frozenset[str]
    reporting_verbs: frozenset[str]
    reporting_nouns: frozenset[str]
    table: dict[str, dict[str, frozenset[str]]]
    scopes: dict[str, str] = field(default_factory=dict)

    def scope(self, metric: str, word: str) -> str:
        """Return the part of the people that `word` means, "" where it only says what is counted."""
        entry = self.table.get(metric, {})
        said = any(word in entry.get(key, ()) for key in ("heads", "after", "near"))
        return "" if said or word in self.reporting_nouns else self.scopes.get(word, word)


def load_metrics(code: str, folders: Folders = ()) -> Metrics:
    """Load the metrics of a language."""
    data: dict[str, Any] = read_layers(f"{code}/metrics.toml", folders)
    people = frozenset(data.pop("people", {}).get("nouns", ()))
    reporting = data.pop("reporting", {})
    scopes = data.pop("scopes", {})
    table = {
        metric: {name: frozenset(words) for name, words in entry.items() if isinstance(words, list)}
        for metric, entry in data.items()
    }
    return Metrics(
        people=people,
        reporting_verbs=frozenset(reporting.get("verbs", ())),
        reporting_nouns=frozenset(reporting.get("nouns", ())),
        table=table,
        scopes={word: "" if one == "all" else one for one, words in scopes.items() for word in words},
    )


def with_arrests(metrics: Metrics, lexicon: Lexicon) -> Metrics:
    """Return the metrics with every verb of arrest counting detained people too."""
    verbs = {
        v
        for frame in lexicon.frames
        if frame.kind == "arrest" and "object" in frame.recipient and not frame.object
        for v in frame.verbs
    }
    detained = metrics.table.get("detained", {})
    table = metrics.table | {"detained": detained | {"verbs": detained.get("verbs", frozenset()) | verbs}}
    return replace(metrics, table=table)
