"""Labelled documents to tensors: windows of pieces, event targets per word and per sentence, role targets."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from tokenizers import Tokenizer
from torch import Tensor

from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPE_INDEX, WHYS
from monitor.extract.learned.network import distances
from monitor.extract.learned.windows import Pieces, Window, cut, marks, pack
from training.items import Item, Label, Story

MAX_EVENTS = 96
# Share of the pieces that training hides, so that the words around them must do.
HIDDEN = 0.06
MASK = "<mask>"


@dataclass(slots=True)
class Event:
    """One labelled event in a window: its output, why it is no fact (-1: it is), trigger and roles by piece."""

    output: int
    why: int
    sentence: tuple[int, int]
    trigger: list[int]
    roles: dict[int, int]


@dataclass(slots=True)
class Sample:
    """A window with its targets; `spans` are its sentences' first and last piece (exclusive)."""

    ids: list[int]
    spans: list[tuple[int, int]]
    items: list[Item]
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """Tensors of several windows: see the fields' shapes."""

    ids: Tensor  # (B, T)
    mask: Tensor  # (B, T)
    words: Tensor  # (B, T, OUTPUTS) 1.0 on triggers
    sentence: Tensor  # (B, T) number of the sentence, -1 for marks
    said: Tensor  # (S, OUTPUTS) 1.0 where the sentence speaks of it
    where: list[tuple[int, int, int]]  # of each of the S sentences: window, first and last piece
    events: list[tuple[int, Event]]  # window and event


def samples(tokenizer: Tokenizer, stories: Sequence[Story], rng: random.Random | None = None) -> list[Sample]:
    """Return the windows of all documents; with `rng`, documents are cut at random sentences too."""
    first, last = marks(tokenizer)
    out: list[Sample] = []
    for story in stories:
        pieces = cut(tokenizer, [item.text for item in story.items])
        for start, end in _runs(len(pieces), rng):
            windows = pack(pieces[start:end], first, last)
            out += [_sample(window, pieces[start:end], story.items[start:end]) for window in windows]
    return out


def _runs(count: int, rng: random.Random | None) -> Iterator[tuple[int, int]]:
    """Yield the stretches that are read apart from one another: all as one, or cut at random."""
    if rng is None:
        yield 0, count
        return
    start = 0
    while start < count:
        end = min(count, start + rng.choice((1, 2, 3, 5, 8)))
        yield start, end
        start = end


def _sample(window: Window, pieces: Sequence[Pieces], items: Sequence[Item]) -> Sample:
    sample = Sample(window.ids, [], [])
    for number, at in window.places:
        piece, item = pieces[number], items[number]
        span = (at, at + len(piece.ids))
        sample.spans.append(span)
        sample.items.append(item)
        sample.events += [e for label in item.labels if (e := _event(label, piece, span)) is not None]
    return sample


def _event(label: Label, piece: Pieces, span: tuple[int, int]) -> Event | None:
    roles: dict[int, int] = {}
    trigger: list[int] = []
    for part in label.spans:
        inside = [
            span[0] + k
            for k, (start, end) in enumerate(piece.offsets)
            if start < part.end and end > part.start
        ]
        if part.role == "t":
            trigger = inside
        else:
            roles |= dict.fromkeys(inside, ROLES.index(part.role))
    if not trigger:
        return None
    output = 2 * TYPE_INDEX[label.kind, label.sub] + bool(label.why)
    return Event(output, WHYS.index(label.why) if label.why else -1, span, trigger, roles)


def batches(found: list[Sample], size: int, rng: random.Random | None = None) -> Iterator[Batch]:
    """Yield batches of windows of like length; shuffled with `rng`."""
    order = list(range(len(found)))
    if rng is not None:
        rng.shuffle(order)
        order.sort(key=lambda n: len(found[n].ids) // 16)
    groups = [order[n : n + size] for n in range(0, len(order), size)]
    if rng is not None:
        rng.shuffle(groups)
    for group in groups:
        yield _batch([found[n] for n in group])


def _batch(group: Sequence[Sample]) -> Batch:
    width = max(len(s.ids) for s in group)
    ids = torch.zeros(len(group), width, dtype=torch.long)
    mask = torch.zeros(len(group), width, dtype=torch.long)
    words = torch.zeros(len(group), width, OUTPUTS)
    sentence = torch.full((len(group), width), -1, dtype=torch.long)
    where: list[tuple[int, int, int]] = []
    said: list[Tensor] = []
    events: list[tuple[int, Event]] = []
    for row, sample in enumerate(group):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        mask[row, : len(sample.ids)] = 1
        for start, end in sample.spans:
            sentence[row, start:end] = len(where)
            where.append((row, start, end))
            target = torch.zeros(OUTPUTS)
            for event in sample.events:
                if event.sentence == (start, end):
                    target[event.output] = 1.0
            said.append(target)
        for event in sample.events:
            words[row, event.trigger, event.output] = 1.0
            events.append((row, event))
    return Batch(ids, mask, words, sentence, torch.stack(said), where, events)


def hide(batch: Batch, mask: int, share: float = HIDDEN) -> None:
    """Put the piece `mask` in the place of a share of the sentences' pieces, drawn by torch's own seed."""
    hidden = (torch.rand(batch.ids.shape) < share) & (batch.sentence >= 0)
    batch.ids[hidden] = mask


def role_tensors(batch: Batch, states: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return words, triggers, outputs, distances and role targets (-100: not asked) of a batch's events."""
    chosen = batch.events[:MAX_EVENTS]
    width = max(event.sentence[1] - event.sentence[0] for _, event in chosen)
    count = len(chosen)
    trigger = torch.zeros(count, width)
    distance = torch.zeros(count, width, dtype=torch.long)
    target = torch.full((count, width), -100, dtype=torch.long)
    rows = []
    for n, (row, event) in enumerate(chosen):
        start, end = event.sentence
        rows.append(_filled(states[row, start:end], width))
        places = [k - start for k in event.trigger]
        trigger[n, places] = 1.0
        distance[n, : end - start] = torch.from_numpy(distances(end - start, min(places), max(places) + 1))
        target[n, : end - start] = 0
        for piece, role in event.roles.items():
            target[n, piece - start] = role
    words = torch.stack(rows)
    outputs = torch.tensor([event.output for _, event in chosen])
    return words, trigger, outputs, distance, target


def _filled(rows: Tensor, width: int) -> Tensor:
    """Return rows (n, H) filled up with zeros to (width, H)."""
    return torch.nn.functional.pad(rows, (0, 0, 0, width - rows.shape[0]))
