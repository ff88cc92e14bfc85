"""The published schema is the program's own, and what it prints is as the schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.readers import make_reader
from monitor.bootstrap.wiring import read_documents, replay
from monitor.config import Config
from monitor.core.contract import NAMES, contract_schema
from monitor.core.wire import claim_json, development_json

ROOT = Path(__file__).parents[1]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(contract_schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", NAMES)
def test_the_published_schema_is_what_the_command_prints(name: str) -> None:
    published = json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text("utf-8"))
    assert published == contract_schema(name), (
        f"renew it: monitor schema {name} > docs/schema/{name}.schema.json"
    )
    Draft202012Validator.check_schema(published)


@pytest.fixture(scope="module")
def said() -> dict[str, list[dict[str, Any]]]:
    """What the program says of its own seeds."""
    meaning = plan(Config())
    documents, _ = read_documents([ROOT / "seeds"], utc_now)
    reader = make_reader(meaning)
    found = [
        d for part in replay(meaning, documents, clock=utc_now, reader=reader) for d in part.developments
    ]
    claims = [
        claim_json(claim, document=document.name, published=None)
        for document in documents
        for claim in reader.read(document)
    ]
    return {"development": [development_json(d) for d in found], "claim": claims}


@pytest.mark.parametrize("name", ["development", "claim"])
def test_real_output_is_as_the_schema_says_and_the_schema_knows_all_of_it(said, name: str) -> None:
    check = validator(name)
    values = said[name]
    assert len(values) > 50
    for value in values:
        check.validate(value)
    keys = {key for value in values for key in value}
    assert keys <= set(contract_schema(name)["properties"])
    wrong = [
        values[0] | change
        for change in ({"schema": 2}, {"certainty": "sure"}, {"start": -1}, {"actors": None})
    ]
    assert not any(check.is_valid(value) for value in wrong)
