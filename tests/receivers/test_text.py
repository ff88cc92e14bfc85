"""The words in which developments are told."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from monitor.core.model import Actor, Certainty, Change, Figure, Operator
from monitor.receivers.text import describe, figure_words, headline, names, plain, web_url


@pytest.mark.parametrize(
    ("operator", "value", "more", "said"),
    [
        (Operator.GE, 11, {}, "at least 11"),
        (Operator.ABOUT, 20, {}, "about 20"),
        (Operator.GT, 2400, {}, "more than 2,400"),
        (Operator.LT, 5, {}, "fewer than 5"),
        (Operator.LE, 3, {}, "at most 3"),
        (Operator.EQ, 51.2, {"unit": "percent"}, "51.2%"),
        (Operator.EQ, 10, {"high": 12}, "10 to 12"),
    ],
)
def test_figures_are_said_with_their_operator(
    operator: Operator, value: float, more: dict, said: str
) -> None:
    assert figure_words(Figure(metric="deaths", operator=operator, value=value, **more)) == said


def test_headlines_say_who_what_and_whom(sample: SimpleNamespace) -> None:
    said = {d.id: headline(d, sample.KINDS) for d in sample.story}
    assert said == {
        "ruling": "Supreme Tribunal of Justice upheld the election result",
        "deaths": "Deaths: about 20 (people killed in the protests)",
        "order": "Public Ministry ordered the arrest of Edmundo González Urrutia and María Corina Machado",
        "share-a": "Vote share: 52% (Nicolás Maduro)",
        "share-b": "Vote share: 30% (Nicolás Maduro)",
        "rejects": "Chile, Costa Rica and Peru reject the ruling",
        "backs": "Nicaragua supports the ruling",
        "rumour": "Reported: Spain granted asylum to Edmundo González Urrutia",
    }


@pytest.mark.parametrize(("about", "said"), [("votes", "Votes: 9"), ("yes votes", "Votes: 9 (yes votes)")])
def test_what_is_counted_is_not_said_twice(sample: SimpleNamespace, about: str, said: str) -> None:
    votes = Figure(metric="votes", operator=Operator.EQ, value=9, about=about)
    assert headline(sample.development(kind="figure", figure=votes, quote="words"), sample.KINDS) == said


@pytest.mark.parametrize(
    ("kind", "said"), [("asylum", "Asylum for Ada Munro"), ("resignation", "Ada Munro resigned")]
)
def test_who_does_it_and_has_it_done_is_named_once(sample: SimpleNamespace, kind: str, said: str) -> None:
    ada = (Actor(name="Ada Munro"),)
    told = sample.development(kind=kind, actors=ada, recipients=ada, quote="words")
    assert headline(told, sample.KINDS) == said


@pytest.mark.parametrize(
    ("recipient", "sector", "said"),
    [
        ("Bo Lind", None, "Ada Munro accuses Bo Lind"),
        ("rebels", "REB", "Ada Munro accuses rebels"),
        ("fire", None, "Ada Munro blames fire"),
    ],
)
def test_people_are_accused_and_things_are_blamed(
    sample: SimpleNamespace, recipient: str, sector: str | None, said: str
) -> None:
    whom = Actor(name=recipient, sector=sector)
    told = sample.development(
        kind="statement", stance="accuses", actors=(sample.actor("Ada Munro"),), recipients=(whom,)
    )
    assert headline(told, sample.KINDS) == said


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("Chad sanctioned three generals", "Chad sanctioned Mali"),
        ("Chad impuso una sanción", "Chad sanctioned Mali"),
        ("Chad recalled its ambassador", "Chad took measures against Mali"),
    ],
)
def test_only_what_the_text_calls_a_sanction_is_called_one(
    sample: SimpleNamespace, quote: str, said: str
) -> None:
    told = sample.development(
        kind="sanction", actors=(Actor(name="Chad"),), recipients=(Actor(name="Mali"),), quote=quote
    )
    assert headline(told, sample.KINDS) == said


@pytest.mark.parametrize(
    ("change", "sources", "standing"),
    [
        (Change.NEW, 1, "not confirmed"),
        (Change.CONFIRMED, 1, ""),
        (Change.CONFIRMED, 2, "reported by 2 independent sources"),
    ],
)
def test_what_is_confirmed_is_never_called_not_confirmed(
    sample: SimpleNamespace, change: Change, sources: int, standing: str
) -> None:
    told = sample.development(
        kind="arrest", change=change, certainty=Certainty.REPORTED, independent_sources=sources
    )
    assert describe(told).standing == standing


@pytest.mark.parametrize(
    ("speaker", "recipients", "said"),
    [
        ("Ada Munro", ["the court"], "Ada Munro calls on the court"),
        ("rights groups", ["the court"], "Rights groups call on the court"),
        ("two leaders of the union", ["the court"], "Two leaders of the union call on the court"),
        ("the press", ["the court"], "The press calls on the court"),
        ("Ada Munro", [], "Ada Munro makes a demand"),
    ],
)
def test_a_demand_calls_on_somebody_and_agrees_in_number(
    sample: SimpleNamespace, speaker: str, recipients: list[str], said: str
) -> None:
    demand = sample.development(
        kind="statement",
        stance="demands",
        actors=(sample.actor(speaker),),
        recipients=tuple(sample.actor(name) for name in recipients),
        quote="words",
    )
    assert headline(demand) == said


def test_a_kind_of_the_users_own_and_a_denial_have_words_too(sample: SimpleNamespace) -> None:
    own = sample.development(kind="coup_rumour", actors=(sample.actor("General Roe"),))
    assert headline(own, sample.KINDS) == "Coup rumour: General Roe"
    denied = sample.development(
        kind="arrest", recipients=(sample.actor("Jane Roe"),), certainty=Certainty.DENIED
    )
    assert headline(denied) == "Denied: Jane Roe arrested"


def test_what_moved_is_told_from_old_to_new_and_a_clash_as_one(sample: SimpleNamespace) -> None:
    said = {d.id: (t.old, t.turn, t.new) for d in sample.story if (t := describe(d)).old}
    assert said == {
        "deaths": ("at least 11", "→", "about 20"),
        "order": ("only reported", "→", "stated as fact"),
        "share-b": ("52%", "against", "30%"),
    }
    turned = sample.development(
        stance="supports", previous=sample.previous(kind="statement", stance="rejects")
    )
    assert (describe(turned).old, describe(turned).new) == ("rejects", "supports")
    step = sample.development(kind="charge", change=Change.CHANGED, previous=sample.previous(kind="arrest"))
    assert (describe(step).old, describe(step).new) == ("Arrest", "Charge")


def test_dates_and_whose_word(sample: SimpleNamespace) -> None:
    month = sample.development(event_date=date(2024, 8, 1), event_date_precision="month")
    assert describe(month).date == "August 2024"
    assert describe(sample.story[0]).date == "22 August 2024"
    assert describe(sample.story[1]).date == "published 22 August 2024"
    assert describe(sample.story[3]).word == "National Electoral Council"


def test_long_lists_of_names_end(sample: SimpleNamespace) -> None:
    assert names([sample.actor(f"N{i}") for i in range(9)]) == "N0, N1, N2, N3, N4 and 4 more"


def test_hostile_text_becomes_one_bounded_line(sample: SimpleNamespace) -> None:
    line = plain(sample.HOSTILE + "z" * 1_000_000, 300)
    assert len(line) <= 300
    assert not {"\r", "\n", "\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\ud800"} & set(line)
    told = describe(sample.hostile)
    for value in (told.headline, told.quote, told.source, told.document, told.word, told.reason):
        assert "\n" not in value
        assert len(value) <= 430


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.example/ x", "https://a.example/\r\n", "ftp://a", None]
)
def test_only_clean_web_addresses_become_links(url: str | None) -> None:
    assert web_url(url) == ""
    assert web_url("https://a.example/x?y=1&z=2") == "https://a.example/x?y=1&z=2"
