"""What makes a claim doubtful: who says it, where it stands, what it leaves out."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.core.model import Actor, Claim, Modality
from monitor.core.names import is_named
from monitor.extract.drafts import Draft
from monitor.extract.learned.calibration import Calibration
from monitor.extract.learned.fusion import fuse, weighed
from monitor.extract.learned.mentions import Marked, Mention, Part
from monitor.extract.reader import LexicalReader
from monitor.extract.verbs import Verb
from tests.extract.helpers import read
from tests.extract.marking import History, Marking, document

SURE = 0.6


def surest(text: str, kind: str) -> float:
    """Return the highest confidence of a text's claims of one kind, 0 without any."""
    return max((c.confidence for c in read(text, language=None) if c.kind == kind), default=0.0)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Ada Gray", True),
        ("al-Harun", True),
        ("van der Vos", True),
        ("d'Orwin", True),
        ("pilots of Lund", False),
        ("de", False),
        ("", False),
        ("12 pilots", False),
    ],
)
def test_who_has_a_name(name: str, *, named: bool) -> None:
    assert is_named(name) is named


@pytest.mark.parametrize(
    ("who", "believed"),
    [("a plumber", False), ("the neighbour upstairs", False), ("Ada Munro", True), ("the ministry", True)],
)
def test_what_people_in_the_street_are_quoted_with_is_no_position(who: str, *, believed: bool) -> None:
    text = f'"We condemn the raid," said {who}.'
    seen = Marking("statement", "condemns", "condemn the raid", ("a", who))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert (claim.confidence > SURE) is believed


def test_outside_quotation_marks_a_description_will_do() -> None:
    seen = Marking("statement", "condemns", "condemned", ("a", "A plumber"))
    (claim,) = LexicalReader.load(voice=seen).read(document("A plumber condemned the raid."))
    assert claim.confidence > SURE


@pytest.mark.parametrize(
    ("text", "trigger", "roles", "believed"),
    [
        ("The raids on fishing huts are old.", "raids", [("r", "fishing huts")], False),
        ("The killing of Ada Munro is old.", "killing", [("r", "Ada Munro")], True),
        ("The dockers' attack on the office is old.", "attack", [("a", "dockers"), ("r", "office")], True),
        ("Somebody attacked fishing huts.", "attacked", [("r", "fishing huts")], True),
    ],
)
def test_violence_that_a_noun_only_names_is_doubtful(
    text: str, trigger: str, roles: list[tuple[str, str]], *, believed: bool
) -> None:
    (claim,) = LexicalReader.load(voice=Marking("violence", "", trigger, *roles)).read(document(text))
    assert (claim.confidence > 0.7) is believed


@pytest.mark.parametrize(
    ("label", "believed"),
    [
        ("ELSEWHERE", False),
        ("PORTS, OTHER NEWS", False),
        ("IN BRIEF", False),
        ("SPORT", False),
        ("DOCKERS", True),
        ("BRIEFING", True),
    ],
)
def test_what_stands_under_other_news_is_another_story(label: str, *, believed: bool) -> None:
    text = f"{label}: Police arrested the union leader Ada Munro on Monday."
    assert (surest(text, "arrest") > SURE) is believed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ada Munro warned that haste would worsen the quarrel.", "statement"),
        ("Ada Munro advirtió que la prisa agravaría la disputa.", "statement"),
        ("Ada Munro warned that the dockers would be shot.", "threat"),
        ("Ada Munro warned that she would shut the port.", "threat"),
    ],
)
def test_who_warns_of_what_makes_things_worse_threatens_nobody(text: str, kind: str) -> None:
    trigger = "warned" if "warned" in text else "advirtió"
    seen = Marking("threat", "", trigger, ("a", "Ada Munro"))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert (claim.kind, claim.stance) == (kind, "concern" if kind == "statement" else None)


@pytest.mark.parametrize(
    ("rest", "modality"),
    [
        ("She was freed on 1 June 2024.", Modality.FACT),
        ("She was freed on 1 June 2026.", Modality.HISTORICAL),
        ("She was freed.", Modality.FACT),
    ],
)
def test_an_undated_text_is_as_old_as_the_latest_day_that_it_names(rest: str, modality: Modality) -> None:
    text = f"Police arrested the union leader Ada Munro on 4 May 2024. {rest}"
    (arrest,) = [c for c in read(text, dated=False) if c.kind == "arrest"]
    assert (arrest.modality, arrest.event_date) == (modality, date(2024, 5, 4))


def test_an_undated_texts_own_old_days_are_history_beside_new_ones() -> None:
    text = "On 4 May 2024 police arrested the pilot Ada Munro, and on 1 June 2026 a court freed the docker Bo Lind."
    told = {c.kind: c.modality for c in read(text, dated=False)}
    assert told["arrest"] is Modality.HISTORICAL
    assert told["release"] is Modality.FACT


@pytest.mark.parametrize(("rest", "modality"), [("in May", Modality.FACT), ("in 2026", Modality.HISTORICAL)])
def test_the_network_does_not_know_what_is_lately_in_an_undated_text(rest: str, modality: Modality) -> None:
    when = "on 4 May 2024"
    text = f"Ada Munro, arrested {when}, is still held. Her union met on 20 July 2024 {rest}."
    if rest == "in 2026":
        text = text.replace("20 July 2024 in 2026", "20 July 2026")
    seen = History("arrest", "", "arrested", ("r", "Ada Munro"), ("d", when))
    claims: list[Claim] = list(LexicalReader.load(voice=seen).read(document(text, dated=False)))
    assert [c.modality for c in claims if c.kind == "arrest"] == [modality]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The ban was eased on Monday.", "The ban was eased on Monday"),
        (
            "The ban, which the governor had announced after a long night of unrest in the port, was eased.",
            "was eased",
        ),
    ],
)
def test_a_quote_begins_with_the_subject_that_is_near(text: str, quote: str) -> None:
    (decree,) = LexicalReader.load(voice=Marking("decree", "", "was eased")).read(document(text))
    assert decree.quote == quote


@pytest.mark.parametrize(
    ("text", "trigger", "role"),
    [
        ("Bo Lind left. Piet Vos holds a warrant against him.", "warrant", "him"),
        ("Bo Lind salió. Piet Vos lo detuvo el lunes.", "detuvo", "lo"),
    ],
)
def test_a_pronoun_is_not_the_subject_of_its_own_verb(text: str, trigger: str, role: str) -> None:
    seen = Marking("arrest_order", "", trigger, ("r", role))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert [a.name for a in claim.recipients] == ["Bo Lind"]


def test_all_who_are_listed_in_a_role_play_it() -> None:
    seen = Marking("statement", "rejects", "rejected", ("a", "The army and the government"))
    (claim,) = LexicalReader.load(voice=seen).read(
        document("The army and the government rejected the truce.")
    )
    assert [a.name for a in claim.actors] == ["army", "government"]


@pytest.mark.parametrize(
    ("recipients", "left"),
    [
        (["clerks of five banks", "count"], ["count"]),
        (["clerks of five banks"], ["clerks of five banks"]),
        (["five banks"], ["five banks"]),
    ],
)
def test_nobody_rejects_his_own_people_beside_something_else(recipients: list[str], left: list[str]) -> None:
    draft = Draft("statement", 0, 9, stance="rejects", actors=[Actor(name="five banks")], trigger=(1, 2))
    draft.recipients = [Actor(name=name) for name in recipients]
    (found,) = weighed([draft], Calibration({}))
    assert [a.name for a in found.recipients] == left


def test_who_is_on_a_list_of_sanctions_imposed_none() -> None:
    draft = Draft("sanction", 0, 9, trigger=(1, 2))
    draft.actors = [Actor(name="members of Harbour Council"), Actor(name="Chad")]
    draft.recipients = [Actor(name="Harbour Council")]
    (found,) = weighed([draft], Calibration({}))
    assert [a.name for a in found.actors] == ["Chad"]


def test_a_count_in_a_list_is_of_who_stands_before_it() -> None:
    class Two(Marking):
        def _mark(self, text: str) -> Marked:
            marked = super()._mark(text)
            at = text.index("57")
            other = Mention(
                "figure", "deaths", 0.9, 0.0, "other", 0, (at, at + 2), (1, 2), [Part("v", at, at + 2)]
            )
            return Marked([*marked.mentions, other])

    text = "The agency counts 64 dead, Harbour Radio 57."
    seen = Two("figure", "deaths", "64", ("v", "64"), ("s", "The agency"))
    claims = LexicalReader.load(voice=seen).read(document(text))
    told = {c.figure.value: [a.name for a in c.claimed_by] for c in claims if c.figure is not None}
    assert told == {64: ["agency"], 57: ["Harbour Radio"]}


@pytest.mark.parametrize("who", ["We", "I"])
def test_we_in_a_quotation_are_who_says_it(who: str) -> None:
    seen = Marking("statement", "condemns", "condemn", ("a", who))
    text = f'Mayor Piet Vos spoke first. "{who} condemn the raid," Ada Gray said.'
    claims = LexicalReader.load(voice=seen).read(document(text))
    assert [[a.name for a in c.actors] for c in claims] == [["Ada Gray"]]


@pytest.mark.parametrize(
    ("text", "who", "kind"),
    [
        ("Norway named Ada Munro president-elect of Chad. Chad is tired. Chad waits.", "Norway", "statement"),
        ("Norway named Ada Munro ambassador to Chad. Chad is tired. Chad waits.", "Norway", "appointment"),
        ("Chad named Ada Munro president of the bank. Chad is tired. Chad waits.", "Chad", "appointment"),
    ],
)
def test_another_state_recognises_and_appoints_nobody(text: str, who: str, kind: str) -> None:
    seen = Marking("appointment", "", "named", ("a", who), ("r", "Ada Munro"))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert (claim.kind, claim.stance) == (kind, "recognises" if kind == "statement" else None)


@pytest.mark.parametrize(("link", "actors"), [("ing", ["Ada Gray"]), ("", ["network"])])
def test_the_main_clause_says_who_acts_in_a_clause_that_hangs_on_it(link: str, actors: list[str]) -> None:
    verb = Verb(1, 2, 1, "accuse", "ing")
    verb.link = link
    grammar = Draft("statement", 0, 9, stance="accuses", trigger=(1, 2), verb=verb)
    network = Draft("statement", 0, 9, stance="accuses", trigger=(1, 2))
    grammar.actors, network.actors = [Actor(name="Ada Gray")], [Actor(name="network")]
    (found,) = fuse([grammar], [network], {}, Calibration({}))
    assert [a.name for a in found.actors] == actors
