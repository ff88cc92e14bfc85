"""The picture of an event: what stands now, and what stood then."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date, timedelta

from monitor.core.differ import diff
from monitor.core.edits import Edit, EditAction
from monitor.core.model import (
    Actor,
    Certainty,
    Claim,
    Development,
    Document,
    EventSpec,
    EventState,
    Figure,
    Operator,
)
from monitor.core.picture import Picture, draw
from monitor.core.picture_wire import picture_json
from monitor.core.standings import in_force, standings
from monitor.receivers.picture import PicturePage
from tests.core.helpers import NOW, POLICY, claim, doc

EVENT = EventSpec(id="e", name="Freedonia", countries=("FRD",))
SPAIN, PERU = Actor(name="Spain", country="ESP"), Actor(name="Peru", country="PER")
Round = tuple[Document, list[Claim]]


def deaths(
    value: float, by: str | None = None, operator: Operator = Operator.EQ, scope: tuple[str, ...] = ()
) -> Claim:
    figure = Figure(metric="deaths", operator=operator, value=value, scope=scope)
    return claim("figure", figure=figure, claimed_by=(by,) if by else ())


def found(*rounds: Round) -> list[Development]:
    """Developments of documents that come an hour apart."""
    state, out = EventState(event_id="e"), []
    for n, (document, claims) in enumerate(rounds):
        result = diff(state, claims, document=document, now=NOW + timedelta(hours=n), policy=POLICY)
        state = result.state
        out += result.developments
    return out


def picture(*rounds: Round, edits: tuple[Edit, ...] = (), hours: float = 99) -> Picture:
    as_of = NOW + timedelta(hours=hours)
    known = [d for d in found(*rounds) if d.found_at <= as_of]
    return draw(EVENT, standings(known, edits), POLICY, as_of=as_of)


def custody(kind: str, day: int, name: str = "Jane Roe") -> Claim:
    return claim(kind, recipients=(name,), event_date=date(2024, 8, day))


def edit(action: EditAction, edit_id: str = "x", **fields: object) -> Edit:
    return Edit(id=edit_id, event_id="e", action=action, who="ana", made_at=NOW, **fields)  # type: ignore[arg-type]


LADDER: tuple[Round, ...] = (
    (doc("a"), [custody("arrest_order", 2)]),
    (doc("b", "2024-08-10"), [custody("arrest", 9, "Roe")]),
    (doc("c", "2024-08-20"), [custody("release", 19)]),
)


def test_a_person_climbs_the_ladder_and_each_moment_has_its_status() -> None:
    for hours, status in ((0, "arrest_order"), (1, "arrest"), (2, "release")):
        (person,) = picture(*LADDER, hours=hours).persons
        assert person.name == "Jane Roe"
        assert person.present.present.kind == status
    assert [s.present.kind for s in person.steps] == ["arrest_order", "arrest", "release"]


def test_what_is_told_late_does_not_undo_a_later_step() -> None:
    late = (doc("d", "2024-08-21"), [custody("charge", 12)])
    (person,) = picture(*LADDER, late).persons
    assert person.present.present.kind == "release"


def test_a_threat_is_no_status_of_who_is_past_it() -> None:
    threat = (doc("d", "2024-08-25"), [custody("threat", 24), custody("threat", 24, "Jim Poe")])
    shown = {p.name: [s.present.kind for s in p.steps] for p in picture(*LADDER, threat).persons}
    assert shown == {"Jane Roe": ["arrest_order", "arrest", "release"], "Jim Poe": ["threat"]}


def test_crowds_states_and_rulings_on_results_have_no_legal_status() -> None:
    shown = picture(
        (
            doc("a"),
            [
                claim("arrest", recipients=("six students",)),
                claim("court_ruling", recipients=("Election Result",), outcome="upholds"),
            ],
        )
    )
    assert shown.persons == ()
    assert len(shown.rulings) == 1


def test_judges_and_deputies_are_people_and_a_party_is_none() -> None:
    shown = picture(
        (
            doc("a"),
            [
                claim("arrest", recipients=(Actor(name="Ada Pol", sector="LEG"),)),
                claim("charge", recipients=(Actor(name="Max Low", sector="JUD"),)),
                claim("investigation", recipients=(Actor(name="Green Party", sector="PTY"),)),
            ],
        )
    )
    assert [p.name for p in shown.persons] == ["Ada Pol", "Max Low"]
    assert len(shown.timeline) == 3


def test_countries_stand_with_their_latest_position_and_the_one_before() -> None:
    shown = picture(
        (doc("a"), [claim("statement", stance="rejects", actors=(SPAIN, PERU), recipients=("Jane Roe",))]),
        (
            doc("b", "2024-08-09"),
            [claim("statement", stance="recognises", actors=(PERU,), recipients=("Jane Roe",))],
        ),
    )
    sides = {
        s.stance: [(p.body, p.before.present.stance if p.before else None) for p in s.positions]
        for s in shown.stances
    }
    assert sides == {"recognises": [("Peru", "rejects")], "rejects": [("Spain", None)]}


def test_a_position_is_replaced_only_towards_the_same() -> None:
    def said(stance: str, whom: str) -> Claim:
        return claim("statement", stance=stance, actors=(PERU,), recipients=(whom,))

    shown = picture(
        (doc("a"), [said("rejects", "result"), said("rejects", "Roe")]),
        (doc("b", "2024-08-09"), [said("recognises", "Jane Roe")]),
    )
    sides = {
        (s.stance, s.toward): [p.before.present.stance if p.before else None for p in s.positions]
        for s in shown.stances
    }
    assert sides == {("recognises", "Jane Roe"): ["rejects"], ("rejects", "result"): [None]}


def test_where_nobody_is_named_only_a_joint_statement_is_one_row_and_its_words_are_shown() -> None:
    def said(*actors: Actor, quote: str) -> Claim:
        return claim("statement", stance="demands", actors=actors, quote=quote)

    chile = Actor(name="Chile", country="CHL")
    shown = picture(
        (doc("a"), [said(SPAIN, PERU, quote="asked for talks"), said(chile, quote="wants a recount")])
    )
    assert [(s.toward, [p.body for p in s.positions]) for s in shown.stances] == [
        ("", ["Peru", "Spain"]),
        ("", ["Chile"]),
    ]
    out = io.StringIO()
    PicturePage(out, POLICY.kinds, width=100).show(shown)
    assert "“asked for talks”" in out.getvalue()
    assert "“wants a recount”" in out.getvalue()


def test_each_vote_stands_alone_with_its_words() -> None:
    def vote(value: float, quote: str) -> Claim:
        figure = Figure(metric="votes", operator=Operator.EQ, value=value)
        return claim("figure", figure=figure, quote=quote)

    shown = picture(
        (doc("a"), [vote(84, "84 were for the bill")]), (doc("b"), [vote(177, "177 for the motion")])
    )
    assert [len(m.series) for m in shown.figures] == [1, 1]
    out = io.StringIO()
    PicturePage(out, POLICY.kinds, width=100).show(shown)
    assert "“84 were for" in out.getvalue()
    assert "“177 for" in out.getvalue()


def test_a_share_is_its_candidates_by_the_full_name_and_an_unnamed_part_is_called_so() -> None:
    def share(value: float, who: str, by: str) -> Claim:
        figure = Figure(
            metric="vote_share",
            operator=Operator.EQ,
            value=value,
            unit="percent",
            scope=(who,) if who else (),
        )
        return claim("figure", figure=figure, claimed_by=(by,))

    shown = picture(
        (
            doc("a"),
            [
                custody("appointment", 1),
                share(51.2, "roe", "council"),
                share(67, "jane roe", "party"),
                deaths(41, "AFP"),
            ],
        ),
        (doc("b", "2024-08-06"), [deaths(9, "AFP")]),
    )
    assert [(m.metric, m.scope, [s.voice for s in m.series]) for m in shown.figures] == [
        ("deaths", "", ["AFP"]),
        ("deaths", "a part", ["AFP"]),
        ("vote_share", "Jane Roe", ["council", "party"]),
    ]


def test_a_day_that_a_later_telling_knows_puts_a_step_in_its_place() -> None:
    (person,) = picture(
        (doc("a", "2024-08-12"), [claim("arrest", recipients=("Jane Roe",))]),
        (doc("b", "2024-08-11", "herald"), [custody("arrest", 9), custody("release", 10)]),
    ).persons
    assert [s.present.kind for s in person.steps] == ["arrest", "release"]


def test_figures_stand_side_by_side_with_their_range_and_history() -> None:
    shown = picture(
        (doc("a"), [deaths(11, "police"), deaths(2, scope=("soldiers",))]),
        (doc("b", "2024-08-06", "herald"), [deaths(20, "clinics")]),
        (doc("c", "2024-08-07"), [deaths(9, "police")]),
    )
    whole, soldiers = shown.figures
    assert (whole.low, whole.high) == (9, 20)
    assert [
        (s.voice, s.figure.value, [d.figure.value for d in s.points if d.figure]) for s in whole.series
    ] == [
        ("clinics", 20, [20]),
        ("police", 9, [11, 9]),
    ]
    assert (soldiers.scope, soldiers.low, soldiers.high) == ("soldiers", 2, 2)


def test_a_denied_fact_says_so_and_a_withdrawn_one_only_stays_in_the_timeline() -> None:
    rounds: tuple[Round, ...] = (
        (doc("a"), [custody("arrest", 2)]),
        (
            doc("b", "2024-08-06", "herald"),
            [claim("arrest", recipients=("Jane Roe",), certainty=Certainty.DENIED, claimed_by=("police",))],
        ),
    )
    (person,) = picture(*rounds).persons
    assert [a.name for a in person.present.disputed_by] == ["police"]
    known = found(*rounds)
    gone = draw(EVENT, standings([*known, replace(known[-1], id="w", withdrawn=True)]), POLICY, as_of=NOW)
    assert gone.persons == ()
    assert [s.withdrawn for s in gone.timeline] == [True]


def test_a_second_ruling_on_the_same_person_follows_the_first() -> None:
    first, second = picture(
        (
            doc("a"),
            [
                claim(
                    "court_ruling", recipients=("Jane Roe",), outcome="convicts", event_date=date(2024, 8, 1)
                )
            ],
        ),
        (
            doc("b", "2024-08-30"),
            [claim("court_ruling", recipients=("Jane Roe",), outcome="annuls", event_date=date(2024, 8, 29))],
        ),
    ).rulings
    assert first.earlier is None
    assert second.earlier == first.standing


def test_what_a_person_did_to_the_facts_shows_until_it_is_undone() -> None:
    known = found(*LADDER)
    order, arrest = known[0].fact_id, known[1].fact_id
    reject = edit(EditAction.REJECT, "r", facts=(arrest,))
    merge = edit(EditAction.MERGE, "m", facts=(order, arrest))
    undo = edit(EditAction.UNDO, "u", undoes="r")
    assert [s.fact_id for s in standings(known, [reject])] == [order, known[2].fact_id]
    assert [len(s.developments) for s in standings(known, [merge])] == [2, 1]
    assert len(standings(known, [reject, undo])) == 3
    assert in_force([reject, merge, undo]) == (merge,)
    better = edit(EditAction.CORRECT, "c", name="jane ROE", actor=Actor(name="Jane Doe"))
    assert {a.name for s in standings(known, [better]) for a in s.present.recipients} == {"Jane Doe", "Roe"}


def test_the_picture_is_plain_json_and_a_page_of_bounded_width() -> None:
    shown = picture(
        *LADDER,
        (
            doc("d"),
            [
                deaths(11),
                claim("statement", stance="rejects", actors=(SPAIN,), recipients=("Jane\x1b[2J Roe",)),
            ],
        ),
    )
    value = json.loads(json.dumps(picture_json(shown)))
    assert value["schema"] == 1
    assert value["persons"][0]["status"] == "release"
    assert value["figures"][0]["series"][0]["figure"]["value"] == 11
    out = io.StringIO()
    PicturePage(out, POLICY.kinds, width=80).show(shown)
    text = out.getvalue()
    assert "Jane Roe" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_event_of_which_nothing_is_known_says_so() -> None:
    out = io.StringIO()
    PicturePage(out, POLICY.kinds, width=80).show(picture())
    assert "Nothing is known yet." in out.getvalue()


def test_whoever_is_named_by_halves_is_shown_by_the_full_name() -> None:
    lind = Actor(name="Rosa María Lind")
    shown = picture(
        (doc("a"), [claim("statement", actors=("Lind",), stance="rejects", topic="budget")]),
        (doc("b"), [deaths(12, by="Lind")]),
        (doc("c"), [claim("statement", actors=("lawyers of Lind",), stance="demands", topic="trial")]),
        (doc("d"), [claim("arrest", recipients=(lind,))]),
    )
    assert {p.body for s in shown.voices for p in s.positions} == {"Rosa María Lind", "lawyers of Lind"}
    assert [s.voice for m in shown.figures for s in m.series] == ["Rosa María Lind"]


def test_a_name_that_two_may_bear_is_not_filled_in() -> None:
    shown = picture(
        (doc("a"), [custody("arrest", 9, "Ada Lind"), custody("arrest", 9, "Bo Lind")]),
        (doc("b"), [deaths(12, by="Lind")]),
    )
    assert [s.voice for m in shown.figures for s in m.series] == ["Lind"]
