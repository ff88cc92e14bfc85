"""Who is meant where no name stands: descriptions, clauses that say "so did", capitals, sanctions without a target."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.model import Claim, Document, Modality
from monitor.extract.places import gazetteer
from monitor.extract.reader import LexicalReader

DAY = datetime(2024, 5, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> LexicalReader:
    """Return the reader of both languages."""
    return LexicalReader.load(("en", "es"))


def claims(reader: LexicalReader, text: str, kind: str) -> list[Claim]:
    """Return the facts of one kind that a text of a fixed day tells."""
    document = Document(
        id="d",
        identity="d",
        name="d",
        source="s",
        text=text,
        retrieved_at=DAY,
        content_hash="h",
        published_at=DAY,
        dated=True,
    )
    return [c for c in reader.read(document) if c.kind == kind and c.modality is Modality.FACT]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Senator Marta Olsen condemned the raid. The Liberal candidate demanded an inquiry.", "Marta Olsen"),
        ("Mayor Piet Vos rejected the ruling. The opposition leader demanded a recount.", "Piet Vos"),
        ("La alcaldesa Rosa Pinto condenó el ataque. La candidata exigió una investigación.", "Rosa Pinto"),
    ],
)
def test_a_description_means_who_spoke_before(reader: LexicalReader, text: str, name: str) -> None:
    said = [c for c in claims(reader, text, "statement") if c.stance == "demands"]
    assert [a.name for c in said for a in c.actors] == [name]


@pytest.mark.parametrize("text", ["The opposition leader demanded a recount.", "A candidate demanded it."])
def test_a_description_without_anybody_before_stays_one(reader: LexicalReader, text: str) -> None:
    assert all(a.country is None for c in claims(reader, text, "statement") for a in c.actors)


@pytest.mark.parametrize(
    ("text", "actors", "stance"),
    [
        ("Norway condemned the raid on Monday. Sweden did the same.", ["Sweden"], "condemns"),
        ("Brazil rejected the results, and so did Chile and Peru.", ["Chile", "Peru"], "rejects"),
        ("Noruega condenó el ataque. Lo mismo hizo Suecia.", ["Sweden"], "condemns"),
    ],
)
def test_who_did_the_same_takes_the_same_stance(
    reader: LexicalReader, text: str, actors: list[str], stance: str
) -> None:
    last = max(claims(reader, text, "statement"), key=lambda c: c.start)
    assert ([a.name for a in last.actors], last.stance) == (actors, stance)
    assert last.quote == text[last.start : last.end]


@pytest.mark.parametrize(
    "text", ["Norway did the same.", "Norway will hold elections. Sweden did the same.", "So did Peru."]
)
def test_what_echoes_nothing_tells_nothing(reader: LexicalReader, text: str) -> None:
    assert not claims(reader, text, "statement")


@pytest.mark.parametrize(
    ("word", "iso"),
    [("londres", "GBR"), ("moscú", "RUS"), ("varsovia", "POL"), ("brussels", "QUU"), ("bruselas", "QUU")],
)
def test_capitals_are_known_in_both_languages(word: str, iso: str) -> None:
    assert gazetteer(("en", "es"))[word].iso == iso


def test_a_sanction_without_a_known_target_is_aimed_at_the_country_of_the_story(
    reader: LexicalReader,
) -> None:
    text = "Unrest goes on in Kenya, where Kenya's police fired on crowds. Canada sanctioned three generals."
    aimed = [a.country for c in claims(reader, text, "sanction") for a in c.recipients]
    assert "KEN" in aimed


def test_a_family_name_that_comes_first_means_its_bearer(reader: LexicalReader) -> None:
    text = "President Cho Mi-rae condemned the raid on Monday. On Tuesday Cho demanded an inquiry."
    assert {a.name for c in claims(reader, text, "statement") for a in c.actors} == {"Cho Mi-rae"}


def test_a_park_speaks_to_nobody(reader: LexicalReader) -> None:
    text = "Crowds met in Liberty Park. He demanded the release of the students."
    assert all(a.name != "Liberty Park" for c in claims(reader, text, "statement") for a in c.actors)


def test_whom_an_electoral_council_names_has_won(reader: LexicalReader) -> None:
    text = "The National Electoral Council appointed Ada Munro president on Monday."
    assert not claims(reader, text, "appointment")
    assert [a.name for c in claims(reader, text, "election_result") for a in c.actors] == ["Ada Munro"]


def test_whom_another_council_names_is_appointed(reader: LexicalReader) -> None:
    text = "The Military Council appointed Ada Munro prime minister on Monday."
    assert [a.name for c in claims(reader, text, "appointment") for a in c.recipients] == ["Ada Munro"]
