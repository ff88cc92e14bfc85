"""Turns two votes into a chance of being right: `python -m training.calibrate MODEL_FOLDER STREAM …`.

Reads labelled streams with both readers, asks of every claim whether the labels tell it too, and fits for each way
of voting (both, only the lexicon, the network alone) a logistic curve with an offset for each kind; and then how what
a document tells around a claim moves that chance (`surroundings`), upon curves that were fitted on the other streams.
All are written to `calibration.json` in the model's folder. `--leave-out` prints, for each stream, how well what was
fitted on the others foretells it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.optimize import minimize

from monitor.extract.drafts import Draft
from monitor.extract.learned.calibration import ALONE, Calibration, Curve, Vote, features, offsets, pattern
from monitor.extract.learned.fusion import vote_of
from monitor.extract.learned.surroundings import NAMES, weighable
from monitor.extract.learned.surroundings import features as features_around
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


@dataclass(frozen=True, slots=True)
class Page:
    """A document that was read: its claims in the making with their cases, where its sentences begin, its text."""

    stream: str
    drafts: list[Draft]
    cases: list[Case]
    starts: list[int]
    text: str

    def rows(self, calibration: Calibration) -> list[tuple[float, ...]]:
        """Return what stands around each claim, where all are trusted as the curves have it."""
        for draft, case in zip(self.drafts, self.cases, strict=True):
            draft.confidence = calibration.chance(case.vote)
        return features_around(self.drafts, self.starts, self.text)


def main(argv: list[str] | None = None) -> int:
    """Fit, write and report."""
    parser = argparse.ArgumentParser(description="calibrate the two readers' votes")
    parser.add_argument("model", type=Path)
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument("--leave-out", action="store_true", help="also report what unseen streams would get")
    options = parser.parse_args(argv)
    labelled = list(read_streams(options.streams))
    both, alone = (collect(options.model, labelled, mode) for mode in ("both", "learned"))
    cases = [case for page in [*both, *alone] for case in page.cases]
    streams = sorted({page.stream for page in both})
    left_out = {stream: fit([c for c in cases if c.stream != stream]) for stream in streams}
    rows = {stream: _around(both, stream, left_out[stream]) for stream in streams}
    if options.leave_out:
        for stream in streams:
            others = [pair for name in streams if name != stream for pair in rows[name]]
            _report(stream, rows[stream], fit_around(others))
    weights = fit_around([pair for name in streams for pair in rows[name]])
    calibration = replace(fit(cases), document=weights)
    _report("all", [pair for name in streams for pair in _around(both, name, calibration)], weights)
    text = json.dumps(calibration.data(), indent=1, sort_keys=True)
    (options.model / "calibration.json").write_text(text + "\n", encoding="utf-8")
    return 0


def collect(folder: Path, labelled: Sequence[Labelled], mode: Literal["both", "learned"]) -> list[Page]:
    """Read all documents and judge every claim that may be told."""
    reader = LexicalReader.load(voice=LearnedVoice(folder, mode=mode, threads=2, calibration=Calibration({})))
    out: list[Page] = []
    for one in labelled:
        reading, found = reader.draft(one.document)
        drafts, text = list(weighable(found)), one.document.text
        cases = [Case(one.stream, vote_of(d), is_right(d, one.told, text), mode == "learned") for d in drafts]
        starts = [sentence.tokens[0].start for sentence in reading.sentences]
        out.append(Page(one.stream, drafts, cases, starts, text))
    return out


def _around(pages: Sequence[Page], stream: str, curves: Calibration) -> list[tuple[tuple[float, ...], bool]]:
    """Return what stands around the claims of a stream, and whether they are right."""
    mine = (page for page in pages if page.stream == stream)
    return [
        (row, case.right) for page in mine for row, case in zip(page.rows(curves), page.cases, strict=True)
    ]


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


def fit_around(pairs: Sequence[tuple[tuple[float, ...], bool]]) -> tuple[float, ...]:
    """Return the weights (one for each of `surroundings.NAMES`) that make the outcomes likeliest; the votes count whole."""
    rows = np.array([row for row, _ in pairs])
    right = np.array([mark for _, mark in pairs], dtype=float)
    prior = np.array([float(name == "votes") for name in NAMES])
    held = np.array([float(name != "one") for name in NAMES])

    def loss(weights: np.ndarray) -> float:
        line = rows @ weights
        off = held * (weights - prior)
        return float(np.logaddexp(0, -line * (2 * right - 1)).sum() + 0.5 * (off**2).sum())

    return tuple(round(float(w), 4) for w in minimize(loss, prior, method="L-BFGS-B").x)


def _report(name: str, pairs: Sequence[tuple[tuple[float, ...], bool]], weights: tuple[float, ...]) -> None:
    chances = 1 / (1 + np.exp(-np.array([row for row, _ in pairs]) @ np.array(weights)))
    right = np.array([mark for _, mark in pairs], dtype=float)
    told = chances >= 0.5
    share = right[told].mean() if told.any() else 0.0
    print(
        f"{name:20} {len(pairs):5} claims, told {int(told.sum()):4}, of these right {share:.2f} "
        f"(expected {chances[told].mean() if told.any() else 0:.2f}), Brier {((chances - right) ** 2).mean():.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
