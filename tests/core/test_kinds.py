"""Kinds are data: complete, valid, and open to the user's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.differ import refusal
from monitor.core.errors import ConfigError
from monitor.core.plover import CONTEXTS, EVENT_TYPES
from monitor.core.policy import Policy
from monitor.extract.kinds import load_kinds, plover_of
from tests.core.helpers import claim

CONTRACT = """arrest_order arrest release investigation charge court_ruling statement figure protest violence
    sanction resignation appointment election_result asylum decree agreement mobilization threat""".split()


def test_every_kind_of_the_contract_is_there() -> None:
    kinds = load_kinds()
    assert sorted(kinds) == sorted(CONTRACT)
    for kind in kinds.values():
        assert 1 <= kind.severity <= 5
        assert kind.plover.event_type is None or kind.plover.event_type in EVENT_TYPES
        assert set(kind.plover.contexts) <= CONTEXTS


def test_the_ladder_of_custody_climbs() -> None:
    kinds = load_kinds()
    ladder = sorted((k for k in kinds.values() if k.lifecycle == "custody"), key=lambda k: k.step)
    ids = [k.id for k in ladder]
    assert ids.index("arrest_order") < ids.index("arrest") < ids.index("charge") < ids.index("release")


def test_a_stance_and_an_outcome_refine_the_coding() -> None:
    assert plover_of("statement", stance="demands").event_type == "REQUEST"
    assert plover_of("court_ruling", outcome="convicts").mode == "convict"
    assert plover_of("election_result").event_type is None


def test_a_user_overlays_by_id(tmp_path: Path) -> None:
    file = tmp_path / "kinds.toml"
    file.write_text('[kind.arrest]\nseverity = 5\n[kind.strike]\nlabel = "strike"\nevent_type = "PROTEST"\n')
    kinds = load_kinds(file)
    assert (kinds["arrest"].severity, kinds["arrest"].label) == (5, "arrested")
    assert kinds["strike"].plover.event_type == "PROTEST"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[kind.arrest]\nseverty = 5", "severty"),
        ('[kind.arrest]\nseverity = "high"', "severity must be int"),
        ("[kind.arrest]\nseverity = 9", "1 to 5"),
        ('[kind.arrest]\nevent_type = "ARREST"', "ARREST"),
        ('[kind.arrest]\nmode = "arest"', "arest"),
        ('[kind.arrest]\ncontexts = ["legall"]', "legall"),
        ('[kind.arrest]\nsubject = "victim"', "victim"),
        ('[kind.arrest]\nrefuses = ["planet"]', "unknown class"),
        ("[kind.statement]\nmin_confidence_of = { other = 7.0 }", "from 0.0 to 1.0"),
        ("[kinds.arrest]\nseverity = 5", "kinds"),
        ("kind = 3", "kind"),
        ("[kind.arrest", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "kinds.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_kinds(file)
    assert str(file) in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(("stance", "told"), [("other", False), ("rejects", True)])
def test_a_stance_may_need_to_be_surer(stance: str, *, told: bool) -> None:
    kinds = load_kinds()
    statement = replace(kinds["statement"], min_confidence_of={"other": 0.7})
    policy = Policy(kinds={**kinds, "statement": statement}, min_confidence=0.5)
    remark = claim("statement", stance=stance, actors=("Ana Ruiz",), confidence=0.6)
    assert (refusal(remark, policy) is None) is told


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_kinds(tmp_path / "none.toml")
