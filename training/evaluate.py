"""How well the network reads documents it was not trained on: `python -m training.evaluate WEIGHTS` prints a table.

Events by sentence, roles by word; of the held-out documents.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer

from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPES
from training.batches import Batch, batches, role_tensors, samples
from training.items import Story, read_folder
from training.model import Reader

HELD_OUT = Path(__file__).parent / "held_out"


def main(argv: list[str]) -> int:
    """Print the scores of weights, with the tokenizer that lies beside them."""
    weights = Path(argv[0])
    model = Reader.trained(torch.load(weights, weights_only=True))
    cutter = Tokenizer.from_file(str(weights.parent / "tokenizer.json"))
    print(table(held_out_scores(model, cutter, read_folder(HELD_OUT))))
    return 0


@dataclass(slots=True)
class Score:
    """Right, wrong and missed, and what follows from them."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was said that is right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of what there is that was said."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    def row(self) -> dict[str, float]:
        """Return the numbers for a table."""
        return {
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "f1": round(self.f1, 3),
            "count": self.right + self.missed,
        }

    def __str__(self) -> str:
        return f"P {self.precision:.2f} R {self.recall:.2f} F {self.f1:.3f}"


def table(scores: dict[str, Score]) -> str:
    """Return the scores as lines: all events, the languages, the roles, then each kind."""
    first = [name for name in ("events", "en", "es", "spoken of", "roles") if name in scores]
    rest = sorted(set(scores) - set(first))
    return "\n".join(
        f"{name:16} {scores[name]}  of {scores[name].right + scores[name].missed}" for name in [*first, *rest]
    )


@torch.no_grad()
def held_out_scores(
    model: Reader, cutter: Tokenizer, stories: Sequence[Story], threshold: float = 0.5
) -> dict[str, Score]:
    """Return scores: `events` (facts, by sentence), one per kind, one per language, and `roles` (by word)."""
    model.eval()
    scores: dict[str, Score] = defaultdict(Score)
    for language in sorted({s.language for s in stories}):
        found = samples(cutter, [s for s in stories if s.language == language])
        for batch in batches(found, 32):
            states = model.encode(batch.ids, batch.mask)
            logits, _ = model.events(states)
            _count_events(logits.sigmoid(), batch, threshold, language, scores)
            if batch.events:
                _count_roles(model, batch, states, scores)
    return dict(scores)


def _count_events(
    chances: torch.Tensor, batch: Batch, threshold: float, language: str, scores: dict[str, Score]
) -> None:
    for number, (row, start, end) in enumerate(batch.where):
        said = chances[row, start:end].amax(dim=0) > threshold
        for output in range(OUTPUTS):
            there, told = bool(batch.said[number, output]), bool(said[output])
            if not there and not told:
                continue
            fact, kind = output % 2 == 0, TYPES[output // 2].kind
            names = ["events", language, kind] if fact else ["spoken of"]
            for name in names:
                _add(scores[name], there=there, told=told)


def _add(score: Score, *, there: bool, told: bool) -> None:
    score.right += there and told
    score.wrong += told and not there
    score.missed += there and not told


def _count_roles(model: Reader, batch: Batch, states: torch.Tensor, scores: dict[str, Score]) -> None:
    words, trigger, outputs, distance, target = role_tensors(batch, states)
    best = model.roles(words, trigger, outputs, distance).argmax(dim=-1)
    for role in range(1, len(ROLES)):
        asked = target != -100
        there, told = (target == role) & asked, (best == role) & asked
        for name in ("roles", f"role {ROLES[role]}"):
            scores[name].right += int((there & told).sum())
            scores[name].wrong += int((told & ~there).sum())
            scores[name].missed += int((there & ~told).sum())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
