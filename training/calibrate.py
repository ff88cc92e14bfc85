"""Turns two votes into a chance of being right: `python -m training.calibrate MODEL_FOLDER STREAM …`.

Reads labelled streams with both readers, asks of every claim whether the labels tell it too, and fits for each way
of voting (both, only the lexicon, the network alone) a logistic curve with an offset for each kind. The curves are
written to `calibration.json` in the model's folder. `--leave-out` prints, for each stream, how well the curves fitted
on the others foretell it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.optimize import minimize

from monitor.core.model import Claim, Modality
from monitor.extract.drafts import Votes
from monitor.extract.learned.calibration import ALONE, Calibration, Curve, Vote, features, offsets, pattern
from monitor.extract.learned.voice import LearnedVoice
from monitor.extract.reader import LexicalReader
from training.streams import Labelled, is_right, read_streams

STIFFNESS = 1.5  # how strongly offsets of single kinds are held near zero


@dataclass(frozen=True, slots=True)
class Case:
    """One claim's votes and whether it was right."""

    stream: str
    vote: Vote
    right: bool
    alone: bool


def main(argv: list[str] | None = None) -> int:
    """Fit, write and report."""
    parser = argparse.ArgumentParser(description="calibrate the two readers' votes")
    parser.add_argument("model", type=Path)
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument("--leave-out", action="store_true", help="also report what unseen streams would get")
    options = parser.parse_args(argv)
    labelled = list(read_streams(options.streams))
    votes = collect(options.model, labelled, "both") + collect(options.model, labelled, "learned")
    if options.leave_out:
        for stream in sorted({v.stream for v in votes}):
            curves = fit([v for v in votes if v.stream != stream])
            _report(stream, [v for v in votes if v.stream == stream], curves)
    calibration = fit(votes)
    _report("all", votes, calibration)
    text = json.dumps(calibration.data(), indent=1, sort_keys=True)
    (options.model / "calibration.json").write_text(text + "\n", encoding="utf-8")
    return 0


def collect(folder: Path, labelled: Sequence[Labelled], mode: Literal["both", "learned"]) -> list[Case]:
    """Read all documents and judge every claim told as a fact."""
    reader = LexicalReader.load(voice=LearnedVoice(folder, mode=mode, threads=2, calibration=Calibration({})))
    out: list[Case] = []
    for case in labelled:
        for claim in reader.read(case.document):
            if claim.modality not in {Modality.FACT, Modality.DENIAL}:
                continue
            right = is_right(claim, case.told, case.document.text)
            out.append(Case(case.stream, _vote(claim), right, mode == "learned"))
    return out


_NOTE = re.compile(
    r"voted (?P<lexical>[\d.]+) / (?P<learned>[\d.]+)(?: roles (?P<cast>[\d.]+), no fact (?P<spoken>[\d.]+))?(?P<aside>, aside)?"
)


def _vote(claim: Claim) -> Vote:
    """Return the vote that the claim's notes tell of (`Vote.note`)."""
    found = next(match for note in claim.notes if (match := _NOTE.fullmatch(note)))
    votes = Votes(**{name: float(found[name] or 0) for name in ("lexical", "learned", "spoken", "cast")})
    sub = claim.stance or claim.outcome or (claim.figure.metric if claim.figure else "")
    return Vote(claim.kind, sub, votes, bool(claim.actors), bool(claim.recipients), bool(found["aside"]))


def fit(votes: Sequence[Case]) -> Calibration:
    """Return the curves that make the votes' outcomes likeliest, offsets of kinds held near zero."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in votes:
        # The network's own are counted once: where it read alone.
        if case.alone or pattern(case.vote) != ALONE:
            groups[ALONE if case.alone else pattern(case.vote)].append(case)
    return Calibration({name: _curve(group) for name, group in groups.items()})


def _curve(group: Sequence[Case]) -> Curve:
    names = sorted({name for case in group for name in offsets(case.vote)})
    rows = np.array([features(case.vote) for case in group])
    marks = np.array([[name in offsets(case.vote) for name in names] for case in group], dtype=float)
    right = np.array([case.right for case in group], dtype=float)
    width = rows.shape[1]
    prior = np.zeros(width - 1)
    prior[:2] = 0.5  # both readers' own odds count

    def loss(weights: np.ndarray) -> float:
        line = rows @ weights[:width] + marks @ weights[width:]
        return float(
            np.logaddexp(0, -line * (2 * right - 1)).sum()
            + STIFFNESS * (weights[width:] ** 2).sum()
            + 0.5 * ((weights[1:width] - prior) ** 2).sum()
        )

    best = minimize(loss, np.zeros(width + len(names)), method="L-BFGS-B").x
    return Curve(
        tuple(round(float(w), 4) for w in best[:width]),
        {k: round(float(w), 4) for k, w in zip(names, best[width:], strict=True)},
    )


def _report(name: str, votes: Sequence[Case], calibration: Calibration) -> None:
    votes = [v for v in votes if not v.alone]
    chances = np.array([calibration.chance(v.vote) for v in votes])
    right = np.array([v.right for v in votes], dtype=float)
    told = chances >= 0.5
    share = right[told].mean() if told.any() else 0.0
    print(
        f"{name:20} {len(votes):5} claims, told {int(told.sum()):4}, of these right {share:.2f} "
        f"(expected {chances[told].mean() if told.any() else 0:.2f}), Brier {((chances - right) ** 2).mean():.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
