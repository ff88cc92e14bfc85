"""The reader that asks a parser about the roles, with a spaCy pipeline that is trained here on a few sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.bootstrap.plan import plan
from monitor.bootstrap.readers import make_reader
from monitor.config import load_config
from monitor.core.errors import ConfigError
from monitor.core.model import Claim, Document
from monitor.extract.parse.reader import ParseReader
from monitor.extract.parse.roles import Roles, roles_at
from tests.extract.helpers import DAY, reader

spacy = pytest.importorskip("spacy", reason="the extra `parse` is not installed")

# words, heads (place of the word that each hangs on), labels, word classes
SENTENCES = [
    (
        "Police arrested Ana Ruiz on Monday .",
        [1, 1, 3, 1, 1, 4, 1],
        "nsubj ROOT compound dobj prep pobj punct",
        "NOUN VERB PROPN PROPN ADP PROPN PUNCT",
    ),
    (
        "Ana Ruiz was arrested by police on Monday .",
        [1, 3, 3, 3, 3, 4, 3, 6, 3],
        "compound nsubjpass auxpass ROOT agent pobj prep pobj punct",
        "PROPN PROPN AUX VERB ADP NOUN ADP PROPN PUNCT",
    ),
    (
        "Soldiers arrested Ana Ruiz on Monday .",
        [1, 1, 3, 1, 1, 4, 1],
        "nsubj ROOT compound dobj prep pobj punct",
        "NOUN VERB PROPN PROPN ADP PROPN PUNCT",
    ),
    (
        "The arrest of Ana Ruiz by police followed .",
        [1, 7, 1, 4, 2, 1, 5, 7, 7],
        "det nsubj prep compound pobj prep pobj ROOT punct",
        "DET NOUN ADP PROPN PROPN ADP NOUN VERB PUNCT",
    ),
    (
        "He left and arrested Ana Ruiz .",
        [1, 1, 1, 1, 5, 3, 1],
        "nsubj ROOT cc conj compound dobj punct",
        "PRON VERB CCONJ VERB PROPN PROPN PUNCT",
    ),
    (
        "Officers who arrested Ana Ruiz left .",
        [5, 2, 0, 4, 2, 5, 5],
        "nsubj nsubj relcl compound dobj ROOT punct",
        "NOUN PRON VERB PROPN PROPN VERB PUNCT",
    ),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from spacy.training import Example

    pipeline = spacy.blank("en")
    pipeline.add_pipe("morphologizer")
    pipeline.add_pipe("parser", config={"min_action_freq": 1})
    examples = []
    for text, heads, labels, classes in SENTENCES:
        words = {"words": text.split(), "heads": list(heads), "deps": labels.split(), "pos": classes.split()}
        examples.append(Example.from_dict(pipeline.make_doc(text), words))
    pipeline.initialize(lambda: examples)
    for _ in range(40):
        pipeline.update(examples)
    path = tmp_path_factory.mktemp("models") / "tiny"
    pipeline.to_disk(path)
    return path


def parsed(model: Path, text: str) -> Any:
    return spacy.load(model)(text)


@pytest.mark.parametrize(
    ("text", "trigger", "roles"),
    [
        (SENTENCES[0][0], "arrested", Roles(("police",), ("ana", "ruiz"))),
        (SENTENCES[1][0], "arrested", Roles(("police",), ("ana", "ruiz"))),
        (SENTENCES[3][0], "arrest", Roles(("police",), ("ana", "ruiz"))),
        (SENTENCES[4][0], "arrested", Roles((), ("ana", "ruiz"))),
        (SENTENCES[5][0], "arrested", Roles(("officers",), ("ana", "ruiz"))),
        (SENTENCES[0][0], "on", None),
    ],
)
def test_roles_are_read_off_the_parse(model: Path, text: str, trigger: str, roles: Roles | None) -> None:
    start = text.index(trigger)
    assert roles_at(parsed(model, text), start, start + len(trigger)) == roles


def document(text: str) -> Document:
    return Document(
        id="d",
        identity="d",
        name="d",
        source="test",
        text=text,
        retrieved_at=DAY,
        content_hash="0",
        published_at=DAY,
        language="en",
    )


def test_agreement_makes_surer_and_the_rest_is_the_lexicons(model: Path) -> None:
    text = f"There were five parks. {SENTENCES[1][0]} It rained."
    seen: list[str] = []
    pipeline = spacy.load(model)

    def parse(sentence: str) -> Any:
        seen.append(sentence)
        return pipeline(sentence)

    (claim,) = ParseReader(reader(), {"en": parse}).read(document(text))
    (alone,) = reader().read(document(text))
    assert seen == [SENTENCES[1][0]]
    assert claim.notes[-1] == "the parse agrees"
    assert claim.confidence >= alone.confidence
    assert (claim.id, claim.quote, claim.actors) == (alone.id, alone.quote, alone.actors)


def test_roles_the_other_way_round_make_less_sure(model: Path) -> None:
    text = SENTENCES[0][0]
    pipeline = spacy.load(model)

    def turned(sentence: str) -> Any:
        made = pipeline(sentence)
        made[0].dep_, made[3].dep_ = "dobj", "nsubj"
        return made

    (claim,) = ParseReader(reader(), {"en": turned}).read(document(text))
    (alone,) = reader().read(document(text))
    assert "other way round" in claim.notes[-1]
    assert claim.confidence < alone.confidence


def test_a_parser_that_fails_leaves_the_lexicons_reading() -> None:
    def broken(_: str) -> Any:
        raise RuntimeError("out of memory")

    text = SENTENCES[0][0]
    assert ParseReader(reader(), {"en": broken}).read(document(text)) == reader().read(document(text))


def test_a_language_without_a_model_is_the_lexicons() -> None:
    text = SENTENCES[0][0]
    assert ParseReader(reader(), {}).read(document(text)) == reader().read(document(text))


def test_the_configuration_chooses_it(model: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"reader: parse\nlanguages: [en]\nparse: {{en: {model}, es: none}}\n")
    claims: tuple[Claim, ...] = make_reader(plan(load_config(config, {}))).read(document(SENTENCES[0][0]))
    assert [c.notes[-1] for c in claims] == ["the parse agrees"]


def test_a_model_that_is_not_there_is_told_with_the_remedy(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("reader: parse\nlanguages: [en]\nparse: {en: en_core_web_nil}\n")
    with pytest.raises(ConfigError, match="en_core_web_nil") as caught:
        make_reader(plan(load_config(config, {})))
    assert caught.value.place == "parse.en"
    assert "spacy download" in str(caught.value.remedy)
