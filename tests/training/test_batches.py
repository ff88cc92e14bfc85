"""What training hides from the network."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from training.batches import HIDDEN, Batch, hide  # noqa: E402

MARK = 9


def test_some_pieces_of_sentences_are_hidden_and_nothing_else() -> None:
    torch.manual_seed(1)
    ids = torch.ones(40, 100, dtype=torch.long)
    sentence = torch.zeros(40, 100, dtype=torch.long)
    sentence[:, ::10] = -1  # marks between sentences
    nothing = torch.zeros(1)
    batch = Batch(ids, torch.ones_like(ids), nothing, sentence, nothing, [], [])
    hide(batch, MARK)
    hidden = batch.ids == MARK
    assert not hidden[sentence < 0].any()
    assert hidden[sentence >= 0].float().mean().item() == pytest.approx(HIDDEN, abs=0.02)
    assert set(batch.ids.unique().tolist()) == {1, MARK}
