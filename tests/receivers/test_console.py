"""The terminal report."""

from __future__ import annotations

import io
from types import SimpleNamespace

from monitor.receivers.console import print_report


def report(developments, sample: SimpleNamespace, **more) -> str:
    out = io.StringIO()
    print_report(developments, [sample.EVENT], file=out, kinds=sample.KINDS, **more)
    return out.getvalue()


def test_nothing_new(sample: SimpleNamespace) -> None:
    assert report((), sample) == "Nothing new.\n"


def test_a_report_fits_80_columns_and_is_plain_when_nobody_watches(sample: SimpleNamespace) -> None:
    said = report(sample.story, sample)
    assert max(map(len, said.splitlines())) <= 80
    assert "\x1b" not in said
    assert said.startswith("Venezuela after 28 July ──")
    for words in (
        "NEW ",
        "CHANGED ",
        "CONFIRMED ",
        "CONTRADICTED ",
        "at least 11  →  about 20",
        "52%  against  30%",
    ):
        assert words in said
    assert "according to National Electoral Council" in said
    assert "before: 5 August 2024, zero.txt: “the words before”" in said
    assert said.rstrip().endswith("8 developments: 5 new, 1 changed, 1 confirmed, 1 contradicted")
    assert all(line == line.rstrip() for line in said.splitlines())


def test_hostile_text_brings_no_control_sequences(sample: SimpleNamespace) -> None:
    said = report([sample.hostile], sample, width=80)
    assert not {"\x1b", "\x00", "\x07", "\r", "\u202e"} & set(said)
    assert len(said) < 4000
