"""Documents that tell several stories: which claim belongs to which country's part."""

from __future__ import annotations

import pytest

from tests.extract.helpers import read

BULLETIN = """\
GHANA. Police in Accra arrested the union leader Kofi Danso on Monday after a week of strikes. President Ama Boateng
condemned the strike.

...IN COURT. A judge in Accra released Ama Ofori on bail.

NORWAY: Officers arrested the banker Nils Ek in Bergen on Monday.

...AND MORE. His deputy, Karin Alm, was arrested on Tuesday.
"""


def placed(text: str) -> dict[str, tuple[str | None, bool]]:
    """Return whom arrests and releases name, with the part's country and whether it is another story."""
    return {
        claim.recipients[0].name: (claim.setting, claim.elsewhere)
        for claim in read(text)
        if claim.kind in {"arrest", "release"} and claim.recipients
    }


def test_a_bulletins_parts_are_told_apart_and_go_on_until_the_next_country() -> None:
    assert placed(BULLETIN) == {
        "Kofi Danso": ("GHA", False),
        "Ama Ofori": ("GHA", False),
        "Nils Ek": ("NOR", True),
        "Karin Alm": ("NOR", True),
    }


def test_a_name_of_several_words_heads_a_part() -> None:
    text = BULLETIN.replace("NORWAY", "SOUTH KOREA")
    assert placed(text)["Nils Ek"] == ("KOR", True)


@pytest.mark.parametrize(
    "reaction",
    [
        "OSLO: Norway's police arrested Nils Ek, who had threatened the embassy of Ghana.",
        "OSLO: Police arrested Nils Ek, who had sent letters to President Boateng, on Monday.",
    ],
)
def test_a_reaction_to_the_main_story_is_a_part_of_it(reaction: str) -> None:
    text = BULLETIN.partition("NORWAY")[0] + reaction
    assert placed(text)["Nils Ek"] == (None, False)


def test_a_document_of_one_story_has_no_parts() -> None:
    text = "ACCRA - Police in Ghana arrested the union leader Kofi Danso on Monday.\n\nUNREST: A court released Ama Ofori."
    assert placed(text) == {"Kofi Danso": (None, False), "Ama Ofori": (None, False)}


def test_a_capital_speaks_where_a_country_has_a_story_of_its_own() -> None:
    """A round-up of reactions is headed by capitals; its governments need not name what they speak of."""
    text = BULLETIN.partition("NORWAY")[0] + (
        "OSLO: Prime Minister Nils Ek condemned the sentence. Officers arrested the banker Karin Alm in Bergen.\n\n"
        "NORWAY: Prime Minister Nils Ek condemned the tax."
    )
    claims = [c for c in read(text) if c.kind == "arrest" or c.stance == "condemns"]
    where = {(c.kind, c.quote.split()[-1]): c.elsewhere for c in claims}
    assert where[("statement", "sentence")] is False
    assert where[("statement", "tax")] is True
    assert where[("arrest", "Bergen")] is True


def test_a_country_whose_part_only_speaks_reacts() -> None:
    """What a country's part tells is its own story, unless nearly all of it is what somebody says."""
    said = 'NORWAY: Prime Minister Nils Ek condemned the sentence. The union of dockers demanded "mercy".'
    claims = [c for c in read(BULLETIN.partition("NORWAY")[0] + said) if c.kind == "statement"]
    assert [(c.setting, c.elsewhere) for c in claims if c.stance == "demands"] == [(None, False)]
    done = said + " Officers arrested the banker Karin Alm. Gunmen attacked a bank in Bergen."
    claims = [c for c in read(BULLETIN.partition("NORWAY")[0] + done) if c.kind == "statement"]
    assert [(c.setting, c.elsewhere) for c in claims if c.stance == "demands"] == [("NOR", True)]


@pytest.mark.parametrize(
    ("other", "elsewhere"),
    [
        ("In Uganda, the minister of ferries has resigned.", True),
        # Who is named here too, home's own envoys, and whoever goes on are of the story.
        ("In Uganda, Ada Gray has resigned.", False),
        ("Kenya's ambassador in Uganda has resigned.", False),
        ("The ambassador in Uganda has resigned.", False),
        ("He has resigned in Uganda.", False),
        # Home, and what a whole people is called, are no other place.
        ("In Kenya, the minister of ferries has resigned.", False),
        ("The Ugandan minister of ferries has resigned.", False),
    ],
)
def test_what_happens_in_a_country_named_once_is_another_story(other: str, elsewhere: bool) -> None:
    text = f"Ada Gray leads the dockers of Kenya. Kenya's courts are shut. Ada Gray went to court. {other}"
    (told,) = [c for c in read(text) if c.kind == "resignation"]
    assert told.elsewhere is elsewhere
    assert told.setting == ("UGA" if elsewhere else None)


def test_a_country_that_is_named_again_is_part_of_the_story() -> None:
    text = (
        "The dockers of Kenya struck. Kenya's courts are shut. Uganda closed a port. "
        "In Uganda, the minister of ferries has resigned."
    )
    (told,) = [c for c in read(text) if c.kind == "resignation"]
    assert not told.elsewhere


def test_a_document_that_names_its_country_once_may_be_about_either() -> None:
    text = "Kenya's dockers struck. In Uganda, the minister of ferries has resigned."
    (told,) = [c for c in read(text) if c.kind == "resignation"]
    assert not told.elsewhere


def test_the_country_that_all_capitals_speak_of_is_no_other_story() -> None:
    text = """\
WHAT THE CAPITALS SAY OF GHANA

OSLO has more to say than others. Its foreign minister wants the roads to be opened, the markets to be lit and the
schools of the north to be rebuilt, and offered money, tents, boats and a ship with grain that is lying in Bergen.

BERLIN: Ghana must stay calm.

LIMA: Ghana must vote.

And in Ghana? A judge in Accra released Ama Ofori on bail.
"""
    assert placed(text)["Ama Ofori"][1] is False
