"""Who is meant where no name stands: descriptions, clauses that say "so did", capitals, sanctions without a target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from monitor.core.model import Actor, Claim, Modality
from monitor.extract.assemble import go_on
from monitor.extract.dates import When
from monitor.extract.drafts import Draft
from monitor.extract.places import gazetteer
from tests.extract.helpers import read, tagged


def claims(text: str, kind: str) -> list[Claim]:
    """Return the facts of one kind that a text of a fixed day tells."""
    return [c for c in read(text, language=None) if c.kind == kind and c.modality is Modality.FACT]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Senator Marta Olsen condemned the raid. The Liberal candidate demanded an inquiry.", "Marta Olsen"),
        ("Mayor Piet Vos rejected the ruling. The opposition leader demanded a recount.", "Piet Vos"),
        ("La alcaldesa Rosa Pinto condenó el ataque. La candidata exigió una investigación.", "Rosa Pinto"),
    ],
)
def test_a_description_means_who_spoke_before(text: str, name: str) -> None:
    said = [c for c in claims(text, "statement") if c.stance == "demands"]
    assert [a.name for c in said for a in c.actors] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "The opposition leader demanded a recount.",
        "Mayor Piet Vos rejected the ruling. An opposition leader demanded a recount.",
    ],
)
def test_who_is_not_led_back_stays_a_description(text: str) -> None:
    said = [c for c in claims(text, "statement") if c.stance == "demands"]
    assert [a.name for c in said for a in c.actors] == ["opposition leader"]


@pytest.mark.parametrize(
    ("who", "name"),
    [("La candidata", "Marín Sol"), ("El candidato", "candidato")],
)
def test_a_description_agrees_with_who_spoke_before(who: str, name: str) -> None:
    text = f"Marín Sol, la alcaldesa de Lugo, condenó el ataque. {who} exigió una investigación."
    said = [c for c in claims(text, "statement") if c.stance == "demands"]
    assert [a.name for c in said for a in c.actors] == [name]


def test_he_who_goes_on_is_the_same_person() -> None:
    """A name in the sentence between is not the one whom the next "he" means."""
    text = (
        "President Jon Ware dissolved the council. On Monday he appointed the policeman Lee Dorn. "
        "He condemned the strike."
    )
    (said,) = [c for c in claims(text, "statement") if c.stance == "condemns"]
    assert [a.name for a in said.actors] == ["Jon Ware"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # Who stands in the sentence comes before who stood in the one before, though he is no subject.
        (
            "Mayor Piet Vos resigned. On Monday the league dropped Orwin from its list; he rejects it.",
            "Orwin",
        ),
        # Nothing but its place in the sentence says that the name is a person's.
        ("Mayor Piet Vos resigned. Orwin left the talks. He rejected the ruling.", "Orwin"),
        # Whom a sentence is done to comes before those who are named around it.
        (
            "A court fined Lee Dorn for mocking the bishop, Piet Vos. He rejected the ruling.",
            "Lee Dorn",
        ),
        # Small words have their capital from the sentence that they open.
        ('Mayor Piet Vos resigned. "There were errors." He rejected the ruling.', "Piet Vos"),
        # An office in front of a name is its bearer's, who is a woman.
        (
            "Mayor Piet Vos resigned. The prosecutor of West Harbour, Rosa Lind, left. He rejected the ruling.",
            "Piet Vos",
        ),
        ("Mayor Piet Vos resigned. Petrova left the talks. He rejected the ruling.", "Piet Vos"),
        ("Mayor Piet Vos resigned. Juan Terranova left the talks. He rejected the ruling.", "Juan Terranova"),
        ("Mayor Piet Vos resigned. The spokeswoman left. He rejected the ruling.", "Piet Vos"),
        # Neither a clause about a day, nor an office that somebody may hold, is the person who goes on.
        (
            "The pilot Lee Dorn, filmed on the day Piet Vos sailed, left the hall. He rejected the ruling.",
            "Lee Dorn",
        ),
        (
            "Mayor Piet Vos resigned. Nobody else wants to become treasurer. He rejected the ruling.",
            "Piet Vos",
        ),
    ],
)
def test_he_is_who_stands_nearest(text: str, name: str) -> None:
    (said,) = [c for c in claims(text, "statement") if c.stance == "rejects"]
    assert [a.name for a in said.actors] == [name]


def test_whom_somebody_arrests_is_another() -> None:
    text = "Lee Dorn left the hall. On Monday Piet Vos arrested him."
    (arrest,) = claims(text, "arrest")
    assert [a.name for a in arrest.recipients] == ["Lee Dorn"]


def test_a_name_is_sooner_she_than_a_description() -> None:
    text = "Rosa Lind resigned. On Monday her mother left. She rejected the ruling."
    (said,) = [c for c in claims(text, "statement") if c.stance == "rejects"]
    assert [a.name for a in said.actors] == ["Rosa Lind"]


def test_a_word_that_is_shouted_is_no_name() -> None:
    tokens, chunks = tagged("The army has NOT moved in .")
    assert [c.text(tokens) for c in chunks] == ["The army"]


def test_it_goes_on_about_the_same_body() -> None:
    text = (
        "The Harbour Council met on Monday. It wrote to the Supreme Court. It condemned the raid on the quay."
    )
    (said,) = claims(text, "statement")
    assert [a.name for a in said.actors] == ["Harbour Council"]


@pytest.mark.parametrize(
    ("text", "apposed"),
    [
        ("The mayor of Lund, Ada Gray, left .", ("Ada Gray", "The mayor")),
        ("The minister for Sea Affairs, Bo Lind, left .", ("Bo Lind", "The minister")),
    ],
)
def test_an_office_with_its_place_stands_before_a_name(text: str, apposed: tuple[str, str]) -> None:
    tokens, chunks = tagged(text)
    found = [(c.text(tokens), c.apposed.text(tokens)) for c in chunks if c.apposed is not None]
    assert found == [apposed]


def test_a_town_after_an_office_is_nobody() -> None:
    tokens, chunks = tagged("The mayor of Oldport, Lund, left .")
    assert all(c.apposed is None for c in chunks), [c.text(tokens) for c in chunks]


def test_a_name_after_a_moment_begins_a_clause() -> None:
    tokens, chunks = tagged("On the day Ana Gray sailed, the sea froze .")
    assert [c.text(tokens) for c in chunks][:2] == ["the day", "Ana Gray"]


def test_they_may_be_a_number_of_people() -> None:
    text = "Police met reporters. Two others, late for the ferry, stay on the quay. They rejected the ruling."
    (said,) = [c for c in claims(text, "statement") if c.stance == "rejects"]
    assert [a.name for a in said.actors] == ["Two others"]


@pytest.mark.parametrize("mark", ["'", "’"])
@pytest.mark.parametrize("name", ["Conan O'Rorke", "Rosa D'Agostin", "Jean N'Goran", "Talal Ba'aluni"])
def test_a_name_has_its_apostrophe(name: str, mark: str) -> None:
    written = name.replace("'", mark)
    (said,) = claims(f"{written} condemned the raid.", "statement")
    assert [a.name for a in said.actors] == [written]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("April Jansen condemned the raid.", "April Jansen"),
        ("The raid was condemned by June Halloran.", "June Halloran"),
        ("In June Mr Orwin condemned the raid.", "Orwin"),
        ("At dawn police condemned the raid.", "police"),
    ],
)
def test_a_month_may_be_a_name_and_a_time_of_day_is_none(text: str, name: str) -> None:
    (said,) = claims(text, "statement")
    assert [a.name for a in said.actors] == [name]


@pytest.mark.parametrize(
    ("text", "actors", "stance"),
    [
        ("Norway condemned the raid on Monday. Sweden did the same.", ["Sweden"], "condemns"),
        ("Brazil rejected the results, and so did Chile and Peru.", ["Chile", "Peru"], "rejects"),
        ("Noruega condenó el ataque. Lo mismo hizo Suecia.", ["Sweden"], "condemns"),
    ],
)
def test_who_did_the_same_takes_the_same_stance(text: str, actors: list[str], stance: str) -> None:
    last = max(claims(text, "statement"), key=lambda c: c.start)
    assert ([a.name for a in last.actors], last.stance) == (actors, stance)
    assert last.quote == text[last.start : last.end]


@pytest.mark.parametrize(
    "text", ["Norway did the same.", "Norway will hold elections. Sweden did the same.", "So did Peru."]
)
def test_what_echoes_nothing_tells_nothing(text: str) -> None:
    assert not claims(text, "statement")


@pytest.mark.parametrize(
    ("word", "iso"),
    [("londres", "GBR"), ("moscú", "RUS"), ("varsovia", "POL"), ("brussels", "QUU"), ("bruselas", "QUU")],
)
def test_capitals_are_known_in_both_languages(word: str, iso: str) -> None:
    assert gazetteer(("en", "es"))[word].iso == iso


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("The Republic of Korea condemned the arrests.", "South Korea"),
        ("The DPRK condemned the arrests.", "North Korea"),
        ("The Republic of Moldova condemned the arrests.", "Moldova"),
        ("The Islamic Republic of Iran condemned the arrests.", "Iran"),
        ("The Kingdom of Norway condemned the arrests.", "Norway"),
    ],
)
def test_the_formal_name_of_a_country_is_its_name(text: str, country: str) -> None:
    (claim,) = claims(text, "statement")
    assert [a.name for a in claim.actors] == [country]


def test_a_capital_that_is_another_word_without_its_accents_is_told_by_them() -> None:
    places = gazetteer(("en", "es"))
    assert "male" not in places
    assert places["malé"].iso == "MDV"
    assert places["bogota"].iso == "COL"


@pytest.mark.parametrize(
    ("who", "country"),
    [
        ("Latin American leaders", None),
        ("Central American bishops", None),
        ("American bishops", "USA"),
        ("South Korean lawmakers", "KOR"),
        ("North Korean officials", "PRK"),
        ("South African bishops", "ZAF"),
    ],
)
def test_a_part_of_the_world_is_no_country(who: str, country: str | None) -> None:
    (said,) = claims(f"{who} condemned the raid.", "statement")
    assert [a.country for a in said.actors] == [country]


def test_a_sanction_without_a_known_target_is_aimed_at_the_country_of_the_story() -> None:
    text = "Unrest goes on in Kenya. Kenya's police fired on crowds. Nobody in Kenya slept. Canada sanctioned three generals."
    aimed = [a.country for c in claims(text, "sanction") for a in c.recipients]
    assert "KEN" in aimed


def test_a_country_named_in_passing_is_no_target() -> None:
    """Named once or twice, it need not be what the document is about."""
    text = "Unrest goes on in Kenya, where Kenya's police fired on crowds. Canada sanctioned three generals."
    aimed = [a.country for c in claims(text, "sanction") for a in c.recipients]
    assert "KEN" not in aimed


def test_a_family_name_that_comes_first_means_its_bearer() -> None:
    text = "President Cho Mi-rae condemned the raid on Monday. On Tuesday Cho demanded an inquiry."
    assert {a.name for c in claims(text, "statement") for a in c.actors} == {"Cho Mi-rae"}


def test_a_park_speaks_to_nobody() -> None:
    text = "Crowds met in Liberty Park. He demanded the release of the students."
    assert all(a.name != "Liberty Park" for c in claims(text, "statement") for a in c.actors)


def test_whom_an_electoral_council_names_has_won() -> None:
    text = "The National Electoral Council appointed Ada Munro president on Monday."
    assert not claims(text, "appointment")
    assert [a.name for c in claims(text, "election_result") for a in c.actors] == ["Ada Munro"]


def test_whom_another_council_names_is_appointed() -> None:
    text = "The Military Council appointed Ada Munro prime minister on Monday."
    assert [a.name for c in claims(text, "appointment") for a in c.recipients] == ["Ada Munro"]


@pytest.mark.parametrize(
    "text",
    [
        "Guards arrested Ada Munro, Piet Vos and Lee Dorn. All three were freed on Monday.",
        "Guards arrested Ada Munro, Piet Vos and Lee Dorn. The three were freed on Monday.",
    ],
)
def test_all_three_are_those_who_were_named(text: str) -> None:
    (freed,) = claims(text, "release")
    assert [a.name for a in freed.recipients] == ["Ada Munro", "Piet Vos", "Lee Dorn"]


def test_all_four_are_not_the_three_who_were_named() -> None:
    text = "Guards arrested Ada Munro, Piet Vos and Lee Dorn. All four were freed on Monday."
    assert [a.name for c in claims(text, "release") for a in c.recipients] == ["All four"]


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        ("Guards fired tear gas at the dockers.", "dockers"),
        ("The dockers threw stones at the guards.", "guards"),
        ("A docker shot dead, witnesses said.", "docker"),
    ],
)
def test_violence_is_done_to_people(text: str, struck: str) -> None:
    (told,) = claims(text, "violence")
    assert [a.name for a in told.recipients] == [struck]


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Owners of trawlers want fish quotas for the islands.", "want"),
        ("Harbour police deny having beaten him.", "deny"),
        ("Residents fear reprisals.", "fear"),
        ("Ada Munro demands the return of what has been lost.", "demands"),
    ],
)
def test_a_sentence_without_another_verb_has_this_one(text: str, verb: str) -> None:
    tokens, _ = tagged(text)
    assert [t.tag for t in tokens if t.low == verb] == ["V"]


def test_a_noun_before_the_verb_stays_one() -> None:
    tokens, _ = tagged("The harbour police strike ended the talks.")
    assert [t.tag for t in tokens if t.low in {"strike", "talks"}] == ["N", "N"]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Union leaders accuse the security forces again .", "N"),
        ("The mayor says the council forces again .", "V"),
    ],
)
def test_a_noun_behind_the_object_of_a_verb_is_a_part_of_it(text: str, tag: str) -> None:
    tokens, _ = tagged(text)
    assert [t.tag for t in tokens if t.low == "forces"] == [tag]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ghana was first to condemn the raid.", "Ghana"),
        ("Ada Munro was the first of the dockers to condemn the raid.", "Ada Munro"),
    ],
)
def test_who_was_the_first_to_say_so_said_so(text: str, name: str) -> None:
    said = [c for c in claims(text, "statement") if c.stance == "condemns"]
    assert {a.name for c in said for a in c.actors} == {name}


def test_who_has_yet_to_say_so_has_not() -> None:
    assert [c for c in claims("Ghana has to condemn the raid.", "statement") if c.stance == "condemns"] == []


def test_a_name_at_the_beginning_of_a_sentence_is_one_though_it_looks_like_a_noun() -> None:
    """The text writes it with a capital elsewhere; "Voters", which it does not, stays a noun."""
    text = "Juan Robles won the vote. Mayor Piet Vos resigned. Robles did not wait. He condemned the raid. Voters left."
    (said,) = [c for c in claims(text, "statement") if c.stance == "condemns"]
    assert [a.name for a in said.actors] == ["Juan Robles"]


def test_a_descriptions_first_word_is_no_given_name() -> None:
    """The word "salsa" ends like a woman's name."""
    text = (
        "The salsa dancers' leader left the hall. Ingrid Lund, a lawyer, was there. She condemned the raid."
    )
    (said,) = [c for c in claims(text, "statement") if c.stance == "condemns"]
    assert [a.name for a in said.actors] == ["Ingrid Lund"]


@pytest.mark.parametrize("word", ["52-year-old", "27-nation", "24-hour"])
def test_a_number_in_a_compound_is_a_part_of_it(word: str) -> None:
    tokens, _ = tagged(f"The {word} body left.")
    assert [(t.text, t.tag) for t in tokens[:2]] == [("The", "DET"), (word, "ADJ")]


@pytest.mark.parametrize(("speaker", "whom"), [("Chad", []), ("Mali", ["Chad", "Ghana"])])
def test_they_are_none_of_whom_the_speaker_is_one(speaker: str, whom: list[str]) -> None:
    text = f"Chad and Ghana answered with sanctions. {speaker} condemned them on Monday."
    said = [c for c in claims(text, "statement") if c.stance == "condemns"]
    assert [[a.name for a in c.recipients] for c in said] == [whom]


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ("Chad named Munro president-elect on Monday.", ["Chad", "Munro", "president-elect"]),
        ("Chad named Trade minister Munro.", ["Chad", "Trade minister Munro"]),
    ],
)
def test_who_is_made_something_is_not_a_part_of_the_office(text: str, chunks: list[str]) -> None:
    tokens, found = tagged(text)
    assert [c.text(tokens) for c in found if c.kind != "date"] == chunks


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # An office between commas is the office of whoever is named before it, also where a list goes on.
        ("Ada Munro, the harbour minister, and Jon Ware condemned the raid.", ["Ada Munro", "Jon Ware"]),
        (
            "Munro, the harbour minister, and Jon Ware condemned the raid.",
            ["Munro", "harbour minister", "Jon Ware"],
        ),
        (
            "Ada Munro, the United Nations Secretary-General, and Ware condemned the raid.",
            ["Ada Munro", "Ware"],
        ),
        # After a verb, a comma and "and" open a clause of their own.
        ("Ada Munro saw Bo Lind, and Jon Ware condemned the raid.", ["Jon Ware"]),
    ],
)
def test_who_speaks_with_whom(text: str, names: list[str]) -> None:
    said = [c for c in claims(text, "statement") if c.stance == "condemns"]
    assert [a.name for c in said for a in c.actors] == names


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("Chad condemned the raid. Ada Munro rejected it.", ["raid"]),
        ("Ada Munro called the raid a crime and rejected it.", ["raid"]),
        # Nothing was done or said that "it" could be; it is not the state either.
        ("Chad is a state. Ada Munro rejected it.", []),
    ],
)
def test_what_is_rejected_is_what_was_done(text: str, whom: list[str]) -> None:
    (said,) = [c for c in claims(text, "statement") if c.stance == "rejects"]
    assert [r.name for r in said.recipients] == whom


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Ada Munro said that the harbour crews stand by her.", ["V"]),
        ("Ada Munro said that the flower stand was open.", ["N"]),
    ],
)
def test_a_clause_needs_a_verb_of_its_own(text: str, tags: list[str]) -> None:
    tokens, _ = tagged(text)
    assert [t.tag for t in tokens if t.low == "stand"] == tags


def test_who_urged_some_asks_others() -> None:
    text = "Ada Munro urged the guards to leave and asked the council to meet."
    said = [c for c in claims(text, "statement") if c.stance == "demands"]
    assert {a.name for c in said for a in c.actors} == {"Ada Munro"}
    assert {r.name for c in said for r in c.recipients} == {"guards", "council"}


def test_who_has_something_done_goes_on_and_not_what_it_is_done_to() -> None:
    (said,) = [
        c
        for c in read("The mayor ordered the Harbour Bridge closed after accusing the guild of fraud.")
        if c.stance == "accuses"
    ]
    assert [a.name for a in said.actors] == ["mayor"]


def test_a_list_of_whom_sanctions_hit_goes_on_about_who_imposed_them() -> None:
    chad, day = Actor(name="Chad"), When(date(2024, 3, 4), "day", 0, 1)
    first = Draft("sanction", 0, 9, actors=[chad], recipients=[Actor(name="officials")], when=day)
    listed = Draft("sanction", 20, 29, recipients=[Actor(name="Rosa Lind")])
    arrest = Draft("arrest", 20, 29, recipients=[Actor(name="Rosa Lind")])
    go_on([listed, arrest], [first])
    assert (listed.actors, listed.when, arrest.actors) == ([chad], day, [])
    wanted = replace(listed, actors=[])
    demanded = replace(first, modality=Modality.DEMAND)
    go_on([wanted], [demanded])
    assert wanted.actors == []


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Paris rejected the plan.", "France"),
        ("Caracas rejected the plan.", "Venezuela"),
        ("Honduras rejected the plan.", "Honduras"),
        ("Brussels rejected the plan.", "European Union"),
    ],
)
def test_a_capital_that_looks_like_a_plural_is_its_country_at_the_beginning_too(
    text: str, country: str
) -> None:
    (said,) = read(text)
    assert [a.name for a in said.actors] == [country]
