"""Trains the learned reader: `python -m training.train --out FOLDER`. Deterministic for one machine and thread count.

With `--teacher` it learns half from the labels and half from what another network says of the same words
(self-distillation, arXiv:1805.04770): labels disagree here and there, and what a network has learnt of many blurs that.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.base import build_tokenizer, kept_pieces
from training.batches import HIDDEN, MASK, Batch, batches, hide, role_tensors, samples
from training.evaluate import HELD_OUT, held_out_scores, table
from training.items import Story, read_folder
from training.model import Reader

DATA = Path(__file__).parent / "data"
SEED = 20240728
TAUGHT = 0.5  # how much of a target is the teacher's
HIDDEN_TAUGHT = 0.1  # share of the pieces hidden from who has a teacher, who sees them all
KEEP_EVERY = 500  # steps after which the weights are kept, should the machine fail
# Where the processor has no instructions for them, short floats cost more time than they save.
SHORT_FLOATS = bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def main(argv: list[str] | None = None) -> int:
    """Train on the data and write `model.pt` and, of the held-out documents, `scores.json` into the folder given."""
    parser = argparse.ArgumentParser(description="train the learned reader")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16, help="windows a step")
    parser.add_argument("--rate", type=float, default=4e-4, help="highest learning rate of the encoder")
    parser.add_argument("--share", type=float, default=1.0, help="share of the documents (learning curve)")
    parser.add_argument(
        "--words", type=float, default=0.0, help="learning rate of the words' own vectors; 0: kept"
    )
    parser.add_argument("--start", type=Path, help="weights to go on from, in a second and gentler cycle")
    parser.add_argument("--teacher", type=Path, help="weights whose marks are learnt beside the labels")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    stories = ordered(read_folder(options.data))
    learn = stories[: round(len(stories) * options.share)]
    options.out.mkdir(parents=True, exist_ok=True)
    cutter, model = begin(learn, options.start)
    teacher = begin(learn, options.teacher)[1].eval() if options.teacher else None
    cutter.save(str(options.out / "tokenizer.json"), pretty=False)
    train(model, cutter, learn, options, teacher)
    scores = held_out_scores(model, cutter, read_folder(HELD_OUT))
    (options.out / "scores.json").write_text(json.dumps({k: v.row() for k, v in scores.items()}, indent=1))
    print(table(scores))
    return 0


def ordered(stories: Sequence[Story]) -> list[Story]:
    """Return the documents as they are learnt from, in the same order in every run; a share takes the first ones."""
    first = [s for n, s in enumerate(stories) if n % 10 != 9]
    random.Random(SEED).shuffle(first)
    return first + list(stories[9::10])


def begin(learn: Sequence[Story], start: Path | None) -> tuple[Tokenizer, Reader]:
    """Return tokenizer and network: the public one, or those of an earlier training's folder."""
    if start is not None:
        cutter = Tokenizer.from_file(str(start.parent / "tokenizer.json"))
        return cutter, Reader.trained(torch.load(start, weights_only=True))
    kept = kept_pieces(item.text for story in learn for item in story.items)
    return build_tokenizer(kept), Reader.fresh(kept)


@dataclass(frozen=True, slots=True)
class Taught:
    """What a teacher says of a batch: chances of events (B, T, OUTPUTS), and of roles (E, T, ROLES) where there are any."""

    events: Tensor
    roles: Tensor | None


def train(
    model: Reader,
    cutter: Tokenizer,
    learn: list[Story],
    options: argparse.Namespace,
    teacher: Reader | None = None,
) -> None:
    """Train the network; print the loss of each epoch and keep its weights."""
    rng = random.Random(SEED)
    steps = options.epochs * (len(samples(cutter, learn, random.Random(0))) // options.batch + 1)
    # The words' own vectors are kept: half of the parameters, a quarter of the time, and rare names stay near their like.
    words = model.encoder.embeddings.word_embeddings.weight
    words.requires_grad_(options.words > 0)
    heads = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    rates = [options.rate, options.rate * 5]
    groups = [[p for p in model.encoder.parameters() if p.requires_grad and p is not words], heads]
    if options.words:
        rates.append(options.words)
        groups.append([words])
    optimizer = torch.optim.AdamW(
        [{"params": group, "lr": rate} for group, rate in zip(groups, rates, strict=True)],
        weight_decay=0.01,
        fused=True,
    )
    # Documents are cut into windows at random: an epoch has a few more or fewer of them than the one counted.
    most = steps + steps // 20 + 8
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rates, total_steps=most, pct_start=0.1)
    for epoch in range(options.epochs):
        model.train()
        started, total, count = time.monotonic(), 0.0, 0
        for batch in batches(samples(cutter, learn, rng), options.batch, rng):
            taught = ask(teacher, batch) if teacher is not None else None
            hide(batch, cutter.token_to_id(MASK), HIDDEN if taught is None else HIDDEN_TAUGHT)
            loss = step(model, batch, taught)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + loss.item(), count + 1
            if count % KEEP_EVERY == 0:
                torch.save(model.state_dict(), options.out / "model.pt")
        spent = time.monotonic() - started
        line = f"epoch {epoch + 1}/{options.epochs} loss {total / count:.3f} {spent:.0f} s"
        print(line, file=sys.stderr, flush=True)
        torch.save(model.state_dict(), options.out / "model.pt")


@torch.no_grad()
def ask(teacher: Reader, batch: Batch) -> Taught:
    """Return what the teacher says of a batch of which nothing is hidden."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=SHORT_FLOATS):
        states = teacher.encode(batch.ids, batch.mask)
        logits, _ = teacher.events(states)
    if not batch.events:
        return Taught(logits.float().sigmoid(), None)
    words, trigger, outputs, distance, _ = role_tensors(batch, states.float())
    return Taught(logits.float().sigmoid(), teacher.roles(words, trigger, outputs, distance).softmax(dim=-1))


def step(model: Reader, batch: Batch, taught: Taught | None = None) -> Tensor:
    """Return the loss of one batch: events by word and by sentence, why no fact, and roles."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=SHORT_FLOATS):
        states = model.encode(batch.ids, batch.mask)
        logits, whys = model.events(states)
    logits, whys, states = logits.float(), whys.float(), states.float()
    loss = 10 * _by_word(logits, batch, taught) + 4 * _by_sentence(logits, batch, taught)
    if batch.events:
        words, trigger, outputs, distance, target = role_tensors(batch, states)
        loss = loss + _by_role(model.roles(words, trigger, outputs, distance), target, taught)
        reasons = [(row, event) for row, event in batch.events if event.why >= 0]
        if reasons:
            asked = torch.stack([whys[row, event.trigger].mean(dim=0) for row, event in reasons])
            loss = loss + 0.2 * nn.functional.cross_entropy(asked, torch.tensor([e.why for _, e in reasons]))
    return loss


def _by_word(logits: Tensor, batch: Batch, taught: Taught | None) -> Tensor:
    target = batch.words if taught is None else torch.lerp(batch.words, taught.events, TAUGHT)
    lost = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(-1)
    inside = (batch.sentence >= 0).float()
    return (lost * inside).sum() / inside.sum() / 4


def _by_sentence(logits: Tensor, batch: Batch, taught: Taught | None) -> Tensor:
    target = batch.said if taught is None else torch.lerp(batch.said, _highest(taught.events, batch), TAUGHT)
    lost = nn.functional.binary_cross_entropy_with_logits(_highest(logits, batch), target, reduction="none")
    return lost.sum(dim=1).mean() / 4


def _highest(marks: Tensor, batch: Batch) -> Tensor:
    """Return the highest marks (S, OUTPUTS) of each sentence."""
    return torch.stack([marks[row, start:end].amax(dim=0) for row, start, end in batch.where])


def _by_role(found: Tensor, target: Tensor, taught: Taught | None) -> Tensor:
    lost = nn.functional.cross_entropy(found.flatten(0, 1), target.flatten(), ignore_index=-100)
    if taught is None or taught.roles is None:
        return lost
    asked = (target != -100).float()
    apart = -(taught.roles * found.log_softmax(dim=-1)).sum(dim=-1)
    return (1 - TAUGHT) * lost + TAUGHT * (apart * asked).sum() / asked.sum()


if __name__ == "__main__":
    sys.exit(main())
