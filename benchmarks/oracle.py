"""Development tool: what the differ alone would score, were extraction perfect.

    python benchmarks/oracle.py FOLDER [--drop date topic actor recipient --rate 0.5 --seed 1] > told.jsonl

FOLDER is a labelled stream: documents and a gold.json whose documents list developments and repeats. Each of
these becomes a claim (operator guessed from the evidence, topic taken from its words), the claims run through
`diff` in the order of the stream, and the developments are printed as contract JSON lines for the scorer.
`--drop` blanks fields of claims at random, as real extraction does.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from monitor.core.differ import diff
from monitor.core.model import (
    Actor,
    Certainty,
    Claim,
    DiffResult,
    Document,
    EventState,
    Figure,
    Modality,
    Operator,
)
from monitor.core.names import fold, name_words
from monitor.core.policy import Policy
from monitor.core.wire import development_json
from monitor.extract.kinds import load_bodies, load_kinds, load_measures, plover_of

_OPERATORS = (
    (Operator.GE, r"at least|no fewer than"),
    (Operator.GT, r"more than|over|above|exceed"),
    (Operator.ABOUT, r"around|about|nearly|almost|some|roughly"),
)
_SUBGROUPS = r"\b(soldiers?|police officers?|policemen|children|women|journalists|students)\b"
_PLAIN = frozenset(
    """said says announced told called would have been that this with from their they were will also after
    which about over into since before against other monday tuesday wednesday thursday friday saturday
    sunday""".split()
)


def bodies(gold: dict[str, Any]) -> dict[str, str]:
    """Return speaker -> body spoken for, from the actors that the labels pair."""
    pairs = (d["actor"] for doc in gold["documents"] for d in doc["developments"] if d["kind"] == "statement")
    return {actor[0]: actor[1] for actor in pairs if len(actor) == 2}


def voices(names: list[str], table: dict[str, str]) -> tuple[Actor, ...]:
    out: list[Actor] = []
    for name in names:
        if any(a.speaks_for == name for a in out):
            continue
        bare, _, note = name.rstrip(")").partition(" (")
        body = table.get(name) or table.get(bare) or (note if note and note[0].isupper() else None)
        out.append(Actor(name=name, speaks_for=body))
    return tuple(out)


def scope(about: str) -> tuple[str, ...]:
    """Return what a labelled figure counts, as an extractor would tell it."""
    found = [m.group(0).lower().rstrip("s") for m in re.finditer(_SUBGROUPS, about, re.IGNORECASE)]
    found += [
        f"{m[2].lower()}{m[1]}{m[0].split()[0]}"
        for m in re.finditer(r"\w+ (\d+) (July|August|April|May)", about)
    ]
    found += [
        m[1] for m in re.finditer(r"\bin ([A-Z]\w+)\b", about) if m[1] not in {"Bangladesh", "Venezuela"}
    ]
    return tuple(found)


def figure(item: dict[str, Any]) -> Figure | None:
    if item["kind"] != "figure":
        return None
    words = item["evidence"].lower()
    operator = next((op for op, cue in _OPERATORS if re.search(rf"\b({cue})\b", words)), Operator.EQ)
    about = item.get("about") or ""
    part = (about.split(",")[0],) if item["metric"] in {"vote_share", "votes"} else scope(about)
    value = float(item["value"])
    return Figure(
        metric=item["metric"], operator=operator, value=value, unit=item["unit"], about=about, scope=part
    )


def topic(item: dict[str, Any]) -> str | None:
    """Return the telling words of the evidence; a passing mention does not say what it is about."""
    if item["kind"] == "statement" and len(item["evidence"].split()) < 8:
        return None
    if item["kind"] not in {"statement", "decree", "agreement"}:
        return None
    named = {w for n in [*item["actor"], *item["target"]] for w in name_words(n)}
    words = [w for w in fold(item["evidence"]).split() if len(w) > 3 and w not in named and w not in _PLAIN]
    return " ".join(words[:8]) or None


def claim(item: dict[str, Any], document: Document, table: dict[str, str]) -> Claim:
    start = max(0, document.text.find(item["evidence"]))
    day = date.fromisoformat(item["date"]) if item.get("date") else None
    by = item.get("claimed_by")
    return Claim(
        id=f"{document.id}:{item['id']}",
        document_id=document.id,
        kind=item["kind"],
        plover=plover_of(item["kind"], stance=item.get("stance"), outcome=item.get("outcome")),
        actors=voices(item["actor"], table),
        recipients=tuple(Actor(name=n) for n in item["target"]),
        stance=item.get("stance"),
        outcome=item.get("outcome"),
        figure=figure(item),
        claimed_by=voices([by], table) if by else (),
        certainty=Certainty(item["certainty"]),
        modality=Modality.DENIAL if item["certainty"] == "denied" else Modality.FACT,
        event_date=day,
        event_date_precision="day" if day else None,
        topic=topic(item),
        quote=item["evidence"],
        start=start,
        end=start + len(item["evidence"]),
        confidence=0.9,
    )


def document(folder: Path, name: str, now: datetime) -> Document:
    text = (folder / name).read_text("utf8")
    head = re.match(r"\s*date (\d{4}-\d\d-\d\d)", text)
    published = datetime.fromisoformat(f"{head[1]}T00:00:00+00:00") if head else None
    return Document(
        id=name,
        identity=name,
        name=name,
        source=folder.name,
        text=text,
        retrieved_at=now,
        content_hash=name,
        published_at=published,
        dated=published is not None,
    )


def blanked(item: Claim, fields: list[str], rate: float, dice: random.Random) -> Claim:
    """Return the claim with some of `fields` forgotten."""
    empty: dict[str, dict[str, Any]] = {
        "date": {"event_date": None, "event_date_precision": None},
        "topic": {"topic": None},
        "actor": {"actors": ()},
        "recipient": {"recipients": ()},
    }
    for name in fields:
        if dice.random() < rate:
            item = replace(item, **empty[name])
    return item


def run(folder: Path, drop: list[str], rate: float, seed: int) -> Iterator[DiffResult]:
    gold = json.loads((folder / "gold.json").read_text("utf8"))
    policy = Policy(kinds=load_kinds(), bodies=load_bodies(), measures=load_measures())
    state, dice, table = EventState(event_id=folder.name), random.Random(seed), bodies(gold)
    now = datetime(2025, 1, 1, tzinfo=UTC)
    for labelled in gold["documents"]:
        doc = document(folder, labelled["file"], now)
        items = itertools.chain(labelled["developments"], labelled["repeats"])
        claims = [blanked(claim(i, doc, table), drop, rate, dice) for i in items]
        result = diff(state, claims, document=doc, now=now, policy=policy)
        state = result.state
        yield result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--drop", nargs="*", default=[], choices=["date", "topic", "actor", "recipient"])
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--explain", action="store_true", help="print how each claim ended to standard error")
    args = parser.parse_args()
    for result in run(args.folder, args.drop, args.rate, args.seed):
        changes = {d.id: str(d.change) for d in result.developments}
        for end in result.dispositions if args.explain else ():
            print(end.claim_id, changes.get(end.development_id or "", "-"), end.reason, file=sys.stderr)
        for development in result.developments:
            print(json.dumps(development_json(development), ensure_ascii=False))


if __name__ == "__main__":
    main()
