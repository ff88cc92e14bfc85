"""The labelled streams that the project carries are whole: what is measured on them means something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.extract.learned.labels import TYPES

ROOT = Path(__file__).parents[2] / "benchmarks"
STREAMS = sorted(path.parent for path in ROOT.glob("*/*/gold.json"))
KINDS = {t.kind for t in TYPES}
FINER = {kind: {t.sub for t in TYPES if t.kind == kind} for kind in ("statement", "court_ruling", "figure")}
FIELD = {"statement": "stance", "court_ruling": "outcome", "figure": "metric"}


def test_there_are_streams_to_develop_on_some_that_are_kept_aside_and_fresh_ones() -> None:
    assert {path.parent.name for path in STREAMS} == {"streams", "aside", "later"}


@pytest.mark.parametrize("folder", STREAMS, ids=lambda path: path.name)
def test_every_label_stands_in_its_text_and_has_a_name_of_its_own(folder: Path) -> None:
    ids: list[str] = []
    for document in json.loads((folder / "gold.json").read_text(encoding="utf-8"))["documents"]:
        text = (folder / document["file"]).read_text(encoding="utf-8")
        for label in document["developments"] + document["repeats"]:
            assert label["evidence"] in text
            assert label["kind"] in KINDS
            if label["kind"] in FINER:
                assert (label.get(FIELD[label["kind"]]) or "other") in FINER[label["kind"]]
            ids.append(label["id"])
        for trap in document["traps"]:
            assert trap["evidence"] in text
            assert trap["kind"] in KINDS
    assert len(ids) == len(set(ids)) > 0
