"""Labelled streams (`benchmarks/streams/README.md`): which claims of a reader say what a label says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.bootstrap.clock import utc_now
from monitor.core.model import Actor, Claim, Development, Document
from monitor.core.names import fold
from monitor.extract.drafts import Draft
from monitor.sources import read_paths

# Kinds and stances that careful readers defend for one another.
_NEAR_KINDS = (
    {"arrest_order", "threat"},
    {"charge", "investigation"},
    {"decree", "mobilization"},
    {"protest", "violence"},
    {"court_ruling", "decree"},
    {"release", "court_ruling"},
    {"election_result", "statement"},
    {"asylum", "statement"},
    {"sanction", "decree"},
)
_NEAR_STANCES = (
    {"rejects", "condemns", "denies"},
    {"condemns", "accuses"},
    {"supports", "recognises", "congratulates"},
    {"demands", "concern"},
    {"rejects", "accuses"},
)
_BY_RECIPIENT = frozenset(
    "arrest arrest_order release charge investigation asylum resignation appointment sanction".split()
)
_EMPTY = frozenset("the a an of and for in on de del la el los las y president minister former".split())


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document of a stream with what it tells: what is new, what is told again, and what is no fact."""

    stream: str
    document: Document
    news: list[dict[str, Any]]
    repeats: list[dict[str, Any]]
    traps: list[dict[str, Any]]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What a reader that knows no earlier document should find."""
        return self.news + self.repeats


def read_streams(folders: list[Path]) -> Iterator[Labelled]:
    """Yield the documents of labelled streams, each stream in the order of its labels."""
    for folder in folders:
        gold = json.loads((folder / "gold.json").read_text(encoding="utf-8"))["documents"]
        documents, _ = read_paths([folder], utc_now())
        by_name = {Path(d.name).name: d for d in documents}
        forms = _forms(folder)
        for case in gold:
            yield Labelled(
                folder.name,
                by_name[case["file"]],
                [_with_forms(label, forms) for label in case["developments"]],
                [_with_forms(label, forms) for label in case.get("repeats", [])],
                case.get("traps", []),
            )


def _forms(folder: Path) -> dict[str, list[str]]:
    """Return the other forms of names that the stream lists."""
    path = folder / "aliases.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: forms for name, forms in table.items() if isinstance(forms, list)}


def _with_forms(label: dict[str, Any], forms: dict[str, list[str]]) -> dict[str, Any]:
    names = {
        role: [form for name in label.get(role) or () for form in (name, *forms.get(name, ()))]
        for role in ("actor", "target")
    }
    return {**label, **names}


def is_right(claim: Claim | Development | Draft, told: list[dict[str, Any]], text: str) -> bool:
    """Whether a claim says what one of the labels says."""
    return any(tells(claim, label, text) for label in told)


def tells(claim: Claim | Development | Draft, label: dict[str, Any], text: str) -> bool:
    """Whether a claim says what the label says: kind, who or to whom, value; or the place where kind is enough."""
    if not _near(label["kind"], claim.kind, _NEAR_KINDS):
        return False
    if label["kind"] == "figure":
        figure = claim.figure
        return (
            figure is not None
            and figure.metric == label.get("metric")
            and label.get("value") is not None
            and abs(figure.value - float(label["value"])) <= 1e-6 * max(1.0, abs(float(label["value"])))
        )
    at = text.find(label.get("evidence", ""))
    hit = at >= 0 and claim.start < at + len(label["evidence"]) and at < claim.end
    who = _share(label.get("actor"), (*claim.actors, *claim.claimed_by))
    whom = _share(label.get("target"), claim.recipients)
    if label["kind"] == "statement":
        stance = claim.stance or "other"
        wanted = label.get("stance") or "other"
        return who and (_near(wanted, stance, _NEAR_STANCES) or (hit and stance == "other"))
    if label.get("target") and label["kind"] in _BY_RECIPIENT:
        return whom or _share(label["target"], claim.actors)
    return hit or who or whom


def _near(one: str, other: str, groups: tuple[set[str], ...]) -> bool:
    return one == other or any(one in g and other in g for g in groups)


def _share(names: list[str] | None, actors: Sequence[Actor]) -> bool:
    said = [_words(n) for a in actors for n in (a.name, a.country_name or a.name)]
    for name in names or ():
        wanted = _words(name)
        if any(w and (w <= wanted or wanted <= w or len(w & wanted) * 2 >= len(w | wanted)) for w in said):
            return True
    return False


def _words(name: str) -> frozenset[str]:
    words = frozenset(w for w in fold(name).replace(".", "").split() if w not in _EMPTY)
    return words or frozenset(fold(name).split())
