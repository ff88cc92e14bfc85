"""Numbers, what they count, and days."""

import tomllib
from datetime import date
from importlib.resources import files

import pytest

from monitor.core.figures import UNCLEAR
from monitor.core.model import Actor, Figure, Operator
from monitor.extract.assemble import count_all
from monitor.extract.dates import find_dates
from monitor.extract.drafts import Draft
from monitor.extract.numbers import read_number
from tests.extract.helpers import DAY, read, tagged

LEXICON = files("monitor.extract").joinpath("lexicon")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("17", 17),
        ("1,204", 1204),
        ("2.5 million", 2_500_000),
        ("three", 3),
        ("twenty-one", 21),
        ("two hundred", 200),
        ("sixteen thousand", 16_000),
        ("two hundred and six", 206),
    ],
)
def test_a_number_in_words_or_digits(words: str, value: float) -> None:
    tokens, _ = tagged(f"{words} people left .")
    found = read_number(tokens, 0)
    assert found is not None
    assert found[0] == value


@pytest.mark.parametrize(("words", "value"), [("1.204", 1204), ("veinte", 20), ("tres mil", 3000)])
def test_a_spanish_number(words: str, value: float) -> None:
    tokens, _ = tagged(f"{words} personas .", "es")
    found = read_number(tokens, 0, spanish=True)
    assert found is not None
    assert found[0] == value


@pytest.mark.parametrize(
    ("sentence", "metric", "operator", "value"),
    [
        ("At least 14 people were killed in the port.", "deaths", Operator.GE, 14),
        ("More than 200 people were injured on Sunday.", "injured", Operator.GT, 200),
        ("Police detained 85 people overnight.", "detained", Operator.EQ, 85),
        ("The death toll rose to 31.", "deaths", Operator.EQ, 31),
        ("Nearly 4,000 people were displaced by the fighting.", "displaced", Operator.LT, 4000),
        ("Some 60 protesters were wounded.", "injured", Operator.ABOUT, 60),
        ("Turnout was 47 percent.", "turnout", Operator.EQ, 47),
        ("Eleven soldiers died in the ambush.", "deaths", Operator.EQ, 11),
        ("Up to 12 miners were killed.", "deaths", Operator.LE, 12),
        ("The senator won 54 percent of the vote.", "vote_share", Operator.EQ, 54),
    ],
)
def test_a_figure(sentence: str, metric: str, operator: Operator, value: float) -> None:
    figures = [c.figure for c in read(sentence) if c.figure is not None]
    assert [(f.metric, f.operator, f.value) for f in figures] == [(metric, operator, value)]


@pytest.mark.parametrize(
    ("english", "spanish", "scope"),
    [
        ("Twelve people were killed.", "Doce personas murieron.", ()),
        ("The count stands at 24 deaths.", "El balance es de 24 muertes.", ()),
        ("Seven soldiers were killed.", "Siete soldados murieron.", ("soldier",)),
        ("Fifteen minors were detained.", "Quince menores fueron detenidos.", ("child",)),
        ("Police arrested 30 lawmakers.", "La policía detuvo a 30 congresistas.", ("lawmaker",)),
        ("Forty reporters were injured.", "Cuarenta periodistas resultaron heridos.", ("journalist",)),
        ("Three smugglers were killed.", "Tres contrabandistas murieron.", None),
    ],
)
def test_a_part_of_the_people_is_the_same_in_every_language(
    english: str, spanish: str, scope: tuple[str, ...] | None
) -> None:
    scopes = [
        {c.figure.scope for c in read(text, language=code) if c.figure is not None}
        for text, code in ((english, "en"), (spanish, "es"))
    ]
    if scope is None:  # no word of the lexicon: its own id, never everybody
        assert () not in scopes[0] | scopes[1]
    else:
        assert scopes == [{scope}, {scope}]


@pytest.mark.parametrize("code", ["en", "es"])
def test_every_scope_names_one_part_and_the_languages_know_the_same(code: str) -> None:
    data = tomllib.loads((LEXICON / code / "metrics.toml").read_text("utf8"))["scopes"]
    listed = [word for words in data.values() for word in words]
    assert len(listed) == len(set(listed))
    english = tomllib.loads((LEXICON / "en" / "metrics.toml").read_text("utf8"))["scopes"]
    assert set(data) <= set(english)


@pytest.mark.parametrize(
    "sentence",
    [
        "The trial lasted 14 days.",
        "The 2019 election was annulled.",
        "A 34-year-old teacher spoke.",
        "The budget rose by $300 million.",
        "Article 14 of the law was repealed.",
        "The bus left at 7 o'clock.",
    ],
)
def test_a_number_that_counts_nobody(sentence: str) -> None:
    assert [c.figure for c in read(sentence) if c.kind == "figure"] == []


@pytest.mark.parametrize(
    ("words", "day", "precision"),
    [
        ("on 5 August 2024", date(2024, 8, 5), "day"),
        ("on August 5", date(2024, 8, 5), "day"),
        ("in March 2011", date(2011, 3, 1), "month"),
        ("in 2017", date(2017, 1, 1), "year"),
        ("yesterday", date(2024, 8, 19), "day"),
        ("today", date(2024, 8, 20), "day"),
        ("on Monday", date(2024, 8, 19), "day"),
        ("on Tuesday", date(2024, 8, 20), "day"),
        ("last week", date(2024, 8, 13), "week"),
        ("last month", date(2024, 7, 1), "month"),
        ("in December", date(2024, 12, 1), "month"),
        ("in January", date(2024, 1, 1), "month"),
    ],
)
def test_a_day(words: str, day: date, precision: str) -> None:
    tokens, _ = tagged(f"The court met {words} .")
    found = find_dates(tokens, DAY.date())
    assert [(d.day, d.precision) for d in found] == [(day, precision)]


@pytest.mark.parametrize(
    ("text", "code", "days"),
    [
        ("Abrieron el 17 ; el 18 cerraron las puertas .", "es", [date(2024, 8, 17), date(2024, 8, 18)]),
        ("El 19 por ciento votó .", "es", []),
        ("El 5 de los detenidos habló .", "es", []),
        ("Julio Ferrer habló .", "es", []),
        ("April Jansen left in May .", "en", [date(2024, 5, 1)]),
        ("Theresa May spoke to June Halloran .", "en", []),
        ("It ended in the middle of May .", "en", [date(2024, 5, 1)]),
    ],
)
def test_a_day_of_the_month_alone_and_months_that_are_names(text: str, code: str, days: list[date]) -> None:
    tokens, _ = tagged(text, code)
    assert [d.day for d in find_dates(tokens, DAY.date())] == days


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Arson was feared. How many were detained? Police and prosecutors put it on 8 June.", "en"),
        ("El barco llegó el 17; el 18 murieron las ovejas.", "es"),
    ],
)
def test_the_number_of_a_day_counts_nobody(text: str, language: str) -> None:
    assert not [c.figure for c in read(text, language=language) if c.figure]


def test_a_sentence_ends_in_may() -> None:
    (said,) = [c for c in read("They met on 9 May. Rosa Lind condemned the raid.") if c.stance == "condemns"]
    assert said.quote == "Rosa Lind condemned the raid"


def test_without_a_day_of_its_own_a_text_has_only_full_dates() -> None:
    tokens, _ = tagged("The court met on Monday and on 5 August 2024 .")
    assert [d.day for d in find_dates(tokens, None)] == [date(2024, 8, 5)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (
            "The vote was on 28 July 2021. The Supreme Court upheld the result on 22 August.",
            date(2021, 8, 22),
        ),
        ("The vote was on 28 July 2021. The Supreme Court upheld the result on 5 March.", None),
        ("The Supreme Court upheld the result on 22 August.", None),
    ],
)
def test_in_a_text_of_no_day_a_later_month_is_of_the_same_year(text: str, day: date | None) -> None:
    (ruling,) = [c for c in read(text, dated=False) if c.kind == "court_ruling"]
    assert ruling.event_date == day


def test_per_cent_in_spanish_is_no_hundred() -> None:
    claims = read("Rosa Lind obtuvo el 51,2 por ciento de los votos.", language="es")
    assert [(c.figure.metric, c.figure.value, c.figure.unit) for c in claims if c.figure] == [
        ("vote_share", 51.2, "percent")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "A girl of twelve was killed in the port.",
        "Un niño de doce murió en el puerto.",
        "One of nine injured dockers has left the hospital.",
    ],
)
def test_an_age_and_one_of_several_are_no_count(text: str) -> None:
    assert [c.figure.value for c in read(text, language=None) if c.figure and c.figure.value in {1, 12}] == []


def test_a_crew_of_twelve_is_counted() -> None:
    (told,) = [c for c in read("A crew of twelve was killed in the port.") if c.figure]
    assert told.figure is not None
    assert told.figure.value == 12


def test_a_handful_arrested_is_no_figure_beside_the_arrest() -> None:
    assert [c.kind for c in read("Four workers were detained on Monday.")] == ["arrest"]
    assert [c.kind for c in read("Fourteen workers were detained on Monday.")] == ["figure"]


@pytest.mark.parametrize("text", ["Turnout was 38.5percent.", "Turnout was 38.5 percent."])
def test_a_word_glued_to_a_number_leaves_it_whole(text: str) -> None:
    assert [c.figure.value for c in read(text) if c.figure] == [38.5]


def test_a_number_of_arrests_with_a_spanish_point_is_only_a_number() -> None:
    (told,) = read("Más de 3.100 personas fueron detenidas, según la fiscalía.", language="es")
    assert told.figure is not None
    assert told.figure.value == 3100


def test_the_number_of_people_held_is_no_arrest_of_people() -> None:
    assert "arrest" not in {c.kind for c in read("Rosa Lind put the number of people arrested at 318.")}
    (told,) = read("Agents detained the head of the harbour school.")
    assert (told.kind, [r.name for r in told.recipients]) == ("arrest", ["head of harbour school"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Visas fell on 12 August 2024 .", "en"),
        ("Visas fell on 12 and 14 August .", "en"),
        ("Cayeron el 12 de agosto de 2024 .", "es"),
    ],
)
def test_the_day_of_a_date_is_nobody(text: str, code: str) -> None:
    _, chunks = tagged(text, code)
    assert [c.kind for c in chunks if c.kind == "num" and c.number == 12] == []


@pytest.mark.parametrize(
    ("text", "counted"), [("They held 12 last week .", 12), ("They held 200 March rioters .", 200)]
)
def test_a_number_before_other_words_of_time_is_one(text: str, counted: int) -> None:
    _, chunks = tagged(text)
    assert [c.number for c in chunks if c.number] == [counted]


def test_a_sentence_ends_after_the_network_x_and_not_after_an_initial() -> None:
    text = "The mayor wrote on X. Rosa Lind condemned the raid with J. Munro."
    assert [c.actors[0].name for c in read(text) if c.stance == "condemns"] == ["Rosa Lind"]


@pytest.mark.parametrize(
    ("text", "language", "metric", "values"),
    [
        ("Parliament passed the ferry bill by 88 votes to 31.", "en", "votes", {88, 31}),
        ("The motion won 21 votes against 9.", "en", "votes", {21, 9}),
        ("Clinics treated 72 injured people, nine of them harbour pilots.", "en", "injured", {72, 9}),
        ("Murieron 40 personas, seis de ellas pilotos.", "es", "deaths", {40, 6}),
        ("The blast killed 33 people, the Harbour Gazette 36.", "en", "deaths", {33, 36}),
        # Neither a place's own number nor one with a verb of its own is another's count of the same.
        ("The blast killed 22 people in Lund, and 9 fled.", "en", "deaths", {22}),
        ("The blast killed 22 people, one of them a pilot.", "en", "deaths", {22}),
    ],
)
def test_a_number_that_another_explains(text: str, language: str, metric: str, values: set[float]) -> None:
    told = [c for c in read(text, language=language) if c.figure is not None and c.figure.metric == metric]
    assert {c.figure.value for c in told if c.figure} == values
    assert all(c.quote == text[c.start : c.end] for c in told)


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("Six of the twenty dead were pilots.", {6: (UNCLEAR,), 20: ()}),
        ("Twelve of them were injured at the quay.", {12: (UNCLEAR,)}),
        ("Thirty people died and nine of the sixty wounded left.", {30: (), 60: ()}),
    ],
)
def test_some_of_them_are_a_part(text: str, scopes: dict[float, tuple[str, ...]]) -> None:
    told = {c.figure.value: c.figure.scope for c in read(text) if c.figure is not None}
    assert {value: told[value] for value in scopes} == scopes


def test_the_other_side_of_a_vote_is_told_as_such() -> None:
    told = [c.figure for c in read("Parliament passed the ferry bill by 88 votes to 31.") if c.figure]
    assert [(f.value, f.about) for f in told] == [(88, "votes"), (31, "against")]


def test_who_counts_otherwise_is_named_and_a_part_is_a_part() -> None:
    (_, other) = [c for c in read("The blast killed 33 people, the Harbour Gazette 36.") if c.figure]
    assert [a.name for a in other.claimed_by] == ["Harbour Gazette"]
    (_, part) = [c for c in read("The blast killed 22 people, nine of them pilots.") if c.figure]
    assert part.figure is not None
    assert part.figure.scope == (UNCLEAR,)


def test_of_what_a_number_rose_from_and_to_the_last_is_told() -> None:
    (told,) = [c for c in read("The death toll rose from 40 to 52.") if c.figure]
    assert told.figure is not None
    assert told.figure.value == 52


@pytest.mark.parametrize(
    ("metric", "scope", "voice", "left"),
    [
        ("deaths", ("own", "soldier"), "ministry", ("soldier",)),
        ("deaths", ("street",), "the street", ()),
        ("vote_share", ("his",), "council", ()),
        ("vote_share", ("ada gray",), "Ada Gray", ("ada gray",)),
    ],
)
def test_whose_count_it_is_says_nothing_of_who_is_counted(
    metric: str, scope: tuple[str, ...], voice: str, left: tuple[str, ...]
) -> None:
    counted = Figure(metric=metric, operator=Operator.EQ, value=8, scope=scope)
    draft = Draft("figure", 0, 1, figure=counted, claimed_by=[Actor(name=voice)])
    count_all(draft)
    assert draft.figure is not None
    assert draft.figure.scope == left
