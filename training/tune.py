"""Tunes trained weights on labelled streams: `python -m training.tune --start MODEL.pt --out FOLDER STREAM …`.

What the network was trained on are short texts by a guideline; the streams are news at its length, labelled as the
program's users want it. The weights before are the teacher (`lessons`) and also say again what they said of documents
that they were trained on, so that little else is forgotten. Cross-fitting (`--only`) tunes on every second stream, so that
the others, read with these weights, tell what tuning is worth and calibrate.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from monitor.extract.learned.labels import OUTPUTS
from monitor.extract.learned.network import distances
from monitor.extract.learned.windows import Window
from training.batches import MASK, Batch, batches, hide, samples
from training.items import Story, read_folder
from training.lessons import Lesson, Played, lessons, wanted, wanted_roles, windows
from training.model import Reader
from training.streams import every_second
from training.train import DATA, HIDDEN_TAUGHT, SEED, ask, begin, step

SIZE = 8  # windows a step, and as many of the documents before
AGAIN = 0.0125  # share of the documents before that an epoch repeats
HEADS = 3  # how many times as fast the heads learn
Group = list[tuple[Lesson, int, Window]]


def main(argv: list[str] | None = None) -> int:
    """Tune and write `model.pt`."""
    parser = argparse.ArgumentParser(description="tune trained weights on labelled streams")
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument(
        "--start", type=Path, required=True, help="weights to go on from, which are the teacher too"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-4, help="highest learning rate of the encoder")
    parser.add_argument("--only", choices=["odd", "even"], help="every second stream, the first being odd")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    streams = every_second(sorted(options.streams), options.only)
    cutter, model = begin([], options.start)
    teacher = begin([], options.start)[1].eval()
    options.out.mkdir(parents=True, exist_ok=True)
    cutter.save(str(options.out / "tokenizer.json"), pretty=False)
    tune(model, teacher, cutter, lessons(streams, cutter), options)
    return 0


def tune(
    model: Reader, teacher: Reader, cutter: Tokenizer, learn: list[Lesson], options: argparse.Namespace
) -> None:
    """Go over the lessons `options.epochs` times; print the loss of each time and keep the weights."""
    rng = random.Random(SEED)
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    heads = [p for name, p in model.named_parameters() if not name.startswith("encoder.")]
    groups = [[p for p in model.encoder.parameters() if p.requires_grad], heads]
    rates = [options.rate, options.rate * HEADS]
    optimizer = torch.optim.AdamW(
        [{"params": group, "lr": rate} for group, rate in zip(groups, rates, strict=True)],
        weight_decay=0.01,
        fused=True,
    )
    # Documents are cut at random: an epoch has a few more or fewer groups than the one counted.
    steps = sum(1 for _ in windows(learn, cutter, random.Random(1), SIZE))
    most = int(options.epochs * steps * 1.15) + 5
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rates, total_steps=most, pct_start=0.15)
    before = read_folder(DATA)
    for epoch in range(options.epochs):
        model.train()
        started, total, count = time.monotonic(), 0.0, 0
        again = _again(cutter, before, rng)
        for group in windows(learn, cutter, rng, SIZE):
            loss = lesson_loss(model, teacher, group, cutter.token_to_id(MASK))
            batch = next(again, None)
            if batch is not None:
                taught = ask(teacher, batch)
                hide(batch, cutter.token_to_id(MASK), HIDDEN_TAUGHT)
                loss = loss + step(model, batch, taught)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + loss.item(), count + 1
        line = (
            f"epoch {epoch + 1}/{options.epochs} loss {total / count:.3f} {time.monotonic() - started:.0f} s"
        )
        print(line, file=sys.stderr, flush=True)
        torch.save(model.state_dict(), options.out / "model.pt")


def _again(cutter: Tokenizer, before: list[Story], rng: random.Random) -> Iterator[Batch]:
    some = rng.sample(before, int(len(before) * AGAIN))
    return iter(list(batches(samples(cutter, some, rng), SIZE, rng)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of a group of windows, and where: see the fields' shapes."""

    words: Tensor  # (B, T, OUTPUTS)
    counted: Tensor  # (B, T, OUTPUTS)
    said: Tensor  # (S, OUTPUTS)
    inside: Tensor  # (B, T) whether a piece belongs to a sentence
    where: list[tuple[int, int, int]]  # of each of the S sentences: window, first and last piece
    events: list[
        tuple[int, int, int, Lesson, int, Played]
    ]  # window, first piece, pieces, document, sentence, event


def lesson_loss(model: Reader, teacher: Reader, group: Group, mask_id: int) -> Tensor:
    """Return the loss of a group of windows against what the teacher and the labels want together."""
    ids, mask = _ids([window for _, _, window in group])
    with torch.no_grad():
        seen = teacher.encode(ids, mask)
        asked = _ask(group, teacher.events(seen)[0].sigmoid().numpy())
    hidden = (torch.rand(ids.shape) < HIDDEN_TAUGHT) & asked.inside
    states = model.encode(ids.masked_fill(hidden, mask_id), mask)
    logits, _ = model.events(states)
    lost = nn.functional.binary_cross_entropy_with_logits(
        logits, asked.words, weight=asked.counted, reduction="sum"
    )
    highest = torch.stack([logits[row, start:end].amax(dim=0) for row, start, end in asked.where])
    missed = nn.functional.binary_cross_entropy_with_logits(highest, asked.said, reduction="none")
    loss = 10 * lost / asked.inside.sum() / 4 + 4 * missed.sum(dim=1).mean() / 4
    return loss + _roles_loss(model, teacher, states, seen, asked) if asked.events else loss


def _ids(group: list[Window]) -> tuple[Tensor, Tensor]:
    width = max(len(window.ids) for window in group)
    ids = torch.zeros(len(group), width, dtype=torch.long)
    mask = torch.zeros(len(group), width, dtype=torch.long)
    for row, window in enumerate(group):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = 1
    return ids, mask


def _ask(group: Group, chances: np.ndarray) -> Asked:
    rows, width = chances.shape[:2]
    words = np.zeros((rows, width, OUTPUTS), dtype=np.float32)
    counted = np.zeros_like(words)
    inside = torch.zeros(rows, width, dtype=torch.bool)
    said, where, events = [], [], []
    for row, (lesson, first, window) in enumerate(group):
        for place, at in window.places:
            number = first + place
            count = len(lesson.pieces[number].ids)
            want = wanted(lesson, number, chances[row, at : at + count])
            words[row, at : at + count], counted[row, at : at + count] = want.words, want.counted
            inside[row, at : at + count] = True
            said.append(want.said)
            where.append((row, at, at + count))
            events += [(row, at, count, lesson, number, event) for event in want.events]
    return Asked(
        torch.from_numpy(words),
        torch.from_numpy(counted),
        torch.from_numpy(np.array(said)),
        inside,
        where,
        events,
    )


def _roles_loss(model: Reader, teacher: Reader, states: Tensor, seen: Tensor, asked: Asked) -> Tensor:
    width = max(count for _, _, count, *_ in asked.events)
    trigger = torch.zeros(len(asked.events), width)
    distance = torch.zeros(len(asked.events), width, dtype=torch.long)
    there = torch.zeros(len(asked.events), width)
    for n, (_, _, count, _, _, event) in enumerate(asked.events):
        trigger[n, event.trigger] = 1.0
        ends = min(event.trigger), max(event.trigger) + 1
        distance[n, :count] = torch.from_numpy(distances(count, *ends))
        there[n, :count] = 1.0
    outputs = torch.tensor([event.output for *_, event in asked.events])
    with torch.no_grad():
        said = teacher.roles(_rows(seen, asked, width), trigger, outputs, distance).softmax(dim=-1).numpy()
    want = np.zeros_like(said)
    for n, (_, _, count, lesson, number, event) in enumerate(asked.events):
        want[n, :count] = wanted_roles(lesson, number, event, said[n, :count])
    found = model.roles(_rows(states, asked, width), trigger, outputs, distance).log_softmax(dim=-1)
    return (-(torch.from_numpy(want) * found).sum(dim=-1) * there).sum() / there.sum()


def _rows(states: Tensor, asked: Asked, width: int) -> Tensor:
    """Return the states (E, width, H) of the sentence of each event."""
    rows = [states[row, at : at + count] for row, at, count, *_ in asked.events]
    return torch.stack([nn.functional.pad(one, (0, 0, 0, width - one.shape[0])) for one in rows])


if __name__ == "__main__":
    sys.exit(main())
