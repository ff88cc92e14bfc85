"""What a document tells around a claim, and how that is weighed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.model import Actor, Figure, Modality, Operator
from monitor.extract.drafts import Draft, Votes
from monitor.extract.learned import MODEL
from monitor.extract.learned.calibration import Calibration
from monitor.extract.learned.surroundings import NAMES, features, weigh

TEXT = "Ada Gray was held. It rained. Police arrested Ada Gray. Eleven or 12 died."
STARTS = [0, 19, 30, 56]


def draft(at: int, confidence: float = 0.7, **fields: object) -> Draft:
    """Return an arrest of Ada Gray that is told in the sentence which begins at `at`."""
    values = {"recipients": [Actor(name="Ada Gray")], "sentence": (at, at + 10), "votes": Votes(0.7, 0.7)}
    return Draft("arrest", at, at + 10, confidence=confidence, **(values | fields))  # type: ignore[arg-type]


def around(*drafts: Draft) -> list[dict[str, float]]:
    return [dict(zip(NAMES, row, strict=True)) for row in features(drafts, STARTS, TEXT)]


def test_the_surest_telling_in_another_sentence_counts() -> None:
    first, again, later = around(draft(0, 0.6), draft(30, 0.8), draft(30, 0.9))
    assert first["told elsewhere too"] == 0.9
    assert again["told elsewhere too"] == later["told elsewhere too"] == 0.6, "not the same sentence"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"recipients": [Actor(name="Bo Lind")]}, id="of somebody else"),
        pytest.param({"recipients": [], "actors": [Actor(name="Ada Gray")]}, id="by her, not of her"),
        pytest.param({"stance": "rejects"}, id="another stance"),
    ],
)
def test_another_event_is_no_telling_of_this_one(other: dict[str, object]) -> None:
    first, _ = around(draft(0), replace(draft(30), **other))  # type: ignore[arg-type]
    assert first["told elsewhere too"] == 0


def test_only_next_sentences_are_near() -> None:
    first, middle, last = around(draft(0, 0.5), draft(30, 0.8), draft(56, 0.6))
    assert (first["others near"], middle["others near"], last["others near"]) == (0, 0.6, 0.8)


def test_a_number_is_known_by_its_digits_and_its_voice() -> None:
    count = Figure(metric="deaths", operator=Operator.EQ, value=12)
    said = draft(56, figure=count, recipients=[], claimed_by=[Actor(name="police")])
    (row,) = around(replace(said, end=len(TEXT)))
    assert row["a number in digits"] == row["a number on somebody's word"] == 1
    (row,) = around(replace(said, end=62, claimed_by=[]))
    assert row["a number in digits"] == row["a number on somebody's word"] == 0


def test_the_shipped_weights_trust_what_is_told_twice_more() -> None:
    weights = Calibration.load(MODEL / "calibration.json").document
    assert len(weights) == len(NAMES)
    once, twice = draft(30), [draft(0), draft(30)]
    weigh([once], STARTS, TEXT, weights)
    weigh(twice, STARTS, TEXT, weights)
    assert twice[1].confidence > once.confidence


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param({"guessed": True}, id="a guess stays one"),
        pytest.param({"modality": Modality.THREAT}, id="what is no fact"),
        pytest.param({"votes": Votes()}, id="what nobody voted on"),
        pytest.param({"kind": "strike"}, id="a kind of the user's own"),
    ],
)
def test_what_is_left_as_it_is(kept: dict[str, object]) -> None:
    one = replace(draft(30, 0.45), **kept)  # type: ignore[arg-type]
    weigh([draft(0, 0.9), one], STARTS, TEXT, [1.0] * len(NAMES))
    assert one.confidence == 0.45


def test_without_weights_nothing_is_weighed() -> None:
    one = draft(30)
    weigh([one], STARTS, TEXT, ())
    assert one.confidence == 0.7
