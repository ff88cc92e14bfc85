"""Learning from another network beside the labels."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tokenizers import Tokenizer  # noqa: E402

from monitor.extract.learned import MODEL  # noqa: E402
from monitor.extract.learned.labels import ROLES  # noqa: E402
from training.base import empty_encoder  # noqa: E402
from training.batches import Batch, batches, role_tensors, samples  # noqa: E402
from training.items import read_folder  # noqa: E402
from training.model import Reader  # noqa: E402
from training.train import Taught, ask, step  # noqa: E402

FEW = 4


@pytest.fixture(scope="module")
def batch() -> Batch:
    cutter = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    stories = read_folder(Path("training/held_out"))[:FEW]
    return next(iter(batches(samples(cutter, stories)[:FEW], FEW)))


@pytest.fixture(scope="module")
def model(batch: Batch) -> Reader:
    torch.manual_seed(1)
    return Reader(empty_encoder(int(batch.ids.max()) + 1)).eval()


def as_labelled(model: Reader, batch: Batch) -> Taught:
    """Return what a teacher says that agrees with every label."""
    target = role_tensors(batch, model.encode(batch.ids, batch.mask))[-1]
    return Taught(batch.words, torch.nn.functional.one_hot(target.clamp(min=0), len(ROLES)).float())


def test_a_teacher_who_says_what_the_labels_say_changes_nothing(model: Reader, batch: Batch) -> None:
    with torch.no_grad():
        alone, taught = step(model, batch), step(model, batch, as_labelled(model, batch))
    assert batch.events
    assert taught.item() == pytest.approx(alone.item(), rel=1e-4)


def test_a_teacher_counts_half(model: Reader, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.no_grad():
        own = ask(model, batch)
        labels, both = step(model, batch), step(model, batch, own)
        monkeypatch.setattr("training.train.TAUGHT", 1.0)
        teacher = step(model, batch, own)
    assert own.roles is not None
    assert teacher.item() != pytest.approx(labels.item(), rel=0.01)
    assert both.item() == pytest.approx((labels.item() + teacher.item()) / 2, rel=1e-4)
