"""What labelled streams teach: labels find their words with a teacher's help, and the rest stays as the teacher sees it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from monitor.extract.learned import MODEL
from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPE_INDEX
from training.lessons import OTHERS, SURE, TRAP, UNTOLD, Lesson, lessons, wanted, wanted_roles, windows

TEXT = """ date 2017-03-06

Police seized Fatou Keïta at dawn. The bar association spoke of a kidnapping. Nobody was killed.
"""
ARREST, DEATHS = 2 * TYPE_INDEX["arrest", ""], 2 * TYPE_INDEX["figure", "deaths"]
CONDEMNS, REJECTS = (2 * TYPE_INDEX["statement", sub] for sub in ("condemns", "rejects"))


@pytest.fixture(scope="module")
def cutter() -> Tokenizer:
    return Tokenizer.from_file(str(MODEL / "tokenizer.json"))


@pytest.fixture
def lesson(tmp_path: Path, cutter: Tokenizer) -> Lesson:
    (tmp_path / "01.txt").write_text(TEXT, encoding="utf-8")
    arrest = {
        "kind": "arrest",
        "actor": ["police"],
        "target": ["Fatou Keïta"],
        "evidence": "Police seized Fatou Keïta",
    }
    condemns = {
        "kind": "statement",
        "stance": "condemns",
        "actor": ["Bar"],
        "target": [],
        "evidence": "spoke of a kidnapping",
    }
    killed = {"kind": "violence", "why": "negated", "evidence": "Nobody was killed"}
    page = {
        "file": "01.txt",
        "lang": "en",
        "developments": [arrest, condemns],
        "repeats": [],
        "traps": [killed],
    }
    (tmp_path / "gold.json").write_text(json.dumps({"documents": [page]}), encoding="utf-8")
    (tmp_path / "aliases.json").write_text(json.dumps({"police": ["Police"], "Bar": ["The bar association"]}))
    (only,) = lessons([tmp_path], cutter)
    return only


def silent(lesson: Lesson, number: int) -> np.ndarray:
    return np.full((len(lesson.pieces[number].ids), OUTPUTS), 0.01, dtype=np.float32)


def words_of(lesson: Lesson, number: int, pieces: list[int]) -> str:
    spans = [lesson.pieces[number].offsets[piece] for piece in pieces]
    return lesson.sentences[number][spans[0][0] : spans[-1][1]]


def test_a_label_stands_in_its_sentence(lesson: Lesson) -> None:
    assert len(lesson.sentences) == 3
    assert {number: [told.type for told in found] for number, found in lesson.told.items()} == {
        0: [ARREST // 2],
        1: [CONDEMNS // 2],
    }
    assert list(lesson.traps) == [2]
    assert lesson.kinds >= {"arrest", "statement"}


def test_where_the_teacher_sees_a_labelled_event_faintly_it_is_sure(lesson: Lesson) -> None:
    chances = silent(lesson, 0)
    at = lesson.sentences[0].find("seized")
    piece = next(n for n, (start, end) in enumerate(lesson.pieces[0].offsets) if start <= at < end)
    chances[piece, ARREST], chances[piece, ARREST + 1] = 0.3, 0.5
    want = wanted(lesson, 0, chances)
    assert want.words[piece, ARREST] == pytest.approx(SURE)
    assert want.words[piece, ARREST + 1] < 0.5
    assert want.said[ARREST] == pytest.approx(SURE)
    assert want.counted.all()
    assert want.events[0].trigger == [piece]


def test_of_what_the_teacher_does_not_see_only_the_sentence_is_asked(lesson: Lesson) -> None:
    want = wanted(lesson, 0, silent(lesson, 0))
    assert want.said[ARREST] == pytest.approx(SURE)
    assert not want.counted[want.events[0].trigger, ARREST].any()
    assert want.words[:, ARREST].max() < SURE


def test_another_stance_than_the_labelled_one_loses(lesson: Lesson) -> None:
    chances = silent(lesson, 1)
    chances[-3, REJECTS] = 0.8
    want = wanted(lesson, 1, chances)
    assert want.words[-3, CONDEMNS] == pytest.approx(SURE)
    assert want.words[-3, REJECTS] == pytest.approx(0.8 * OTHERS)


def test_a_kind_that_nothing_tells_is_believed_less_and_a_trap_hardly(lesson: Lesson) -> None:
    chances = silent(lesson, 2)
    chances[1, DEATHS] = 0.9
    chances[1, 2 * TYPE_INDEX["violence", ""]] = 0.5
    chances[1, ARREST] = 0.9  # told elsewhere in the document: it may be meant here too
    want = wanted(lesson, 2, chances)
    assert want.words[1, DEATHS] == pytest.approx(0.9 * UNTOLD)
    assert want.words[1, ARREST] == pytest.approx(0.9)
    assert want.words[1, 2 * TYPE_INDEX["violence", ""]] == pytest.approx(0.5 * UNTOLD * TRAP)


def test_who_is_named_in_the_label_has_the_role_and_others_lose_it(lesson: Lesson) -> None:
    event = wanted(lesson, 0, silent(lesson, 0)).events[0]
    count = len(lesson.pieces[0].ids)
    said = np.zeros((count, len(ROLES)), dtype=np.float32)
    said[:, 0] = 1.0
    said[-2] = [0.2, 0.8, 0, 0, 0, 0]  # "dawn" as who acts
    roles = wanted_roles(lesson, 0, event, said)
    assert roles.sum(axis=1) == pytest.approx(np.ones(count))
    found = {
        role: words_of(lesson, 0, [int(n) for n in np.flatnonzero(roles[:, k] > 0.5)])
        for k, role in enumerate(ROLES)
        if role in "ar"
    }
    assert found == {"a": "Police", "r": "Fatou Keïta"}
    assert roles[-2, 1] == pytest.approx(0.8 * OTHERS)


def test_windows_hold_every_sentence_once(lesson: Lesson, cutter: Tokenizer) -> None:
    for seed in range(5):
        groups = list(windows([lesson, lesson], cutter, random.Random(seed), 2))
        seen = [
            first + number for group in groups for _, first, window in group for number, _ in window.places
        ]
        assert sorted(seen) == [0, 0, 1, 1, 2, 2]
