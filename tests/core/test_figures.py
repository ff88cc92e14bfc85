"""What a number does to the numbers that are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.figures import CUMULATIVE, compatible, same_scope, same_value
from monitor.core.model import Actor, Claim, Figure, Operator
from tests.core.helpers import changes, claim, doc, tell


def fig(
    value: float,
    operator: str = "=",
    *,
    by: str | None = None,
    metric: str = "deaths",
    unit: str = "count",
    scope: tuple[str, ...] = (),
    high: float | None = None,
    **fields: int,
) -> Claim:
    figure = Figure(
        metric=metric, operator=Operator(operator), value=value, unit=unit, scope=scope, high=high
    )
    return claim("figure", figure=figure, claimed_by=[by] if by else [], **fields)


BOTH = (Actor(name="Saba"), Actor(name="Ombudsman"))


def of_whom(claim: Claim, words: str) -> Claim:
    """Return a share with its bearer in the text's words."""
    assert claim.figure is not None
    return replace(claim, figure=replace(claim.figure, about=words))


def share(value: float, by: str, who: str = "Jane Roe") -> Claim:
    return fig(value, by=by, metric="vote_share", unit="percent", scope=(who,) if who else ())


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        (fig(11, ">="), fig(20), True),
        (fig(20, "~"), fig(20, ">="), True),
        (fig(20, "~"), fig(21), True),
        (fig(20, "~"), fig(30), False),
        (fig(20, "<"), fig(30), False),
        (fig(3, high=5), fig(4), True),
        (fig(3, high=5), fig(6), False),
        (fig(52), fig(51), False),
    ],
)
def test_compatible(left: Claim, right: Claim, agree: bool) -> None:
    assert left.figure is not None
    assert right.figure is not None
    assert compatible(left.figure, right.figure) is agree
    assert compatible(right.figure, left.figure) is agree


def test_a_rounded_percentage_is_the_same_value() -> None:
    rough, fine, other = share(51, "x").figure, share(51.2, "x").figure, share(51.95, "x").figure
    assert rough is not None
    assert fine is not None
    assert other is not None
    assert same_value(rough, fine)
    assert not same_value(rough, other)
    assert not same_value(fine, other)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (fig(1), fig(1, scope=("civilians",)), True),
        (fig(1, scope=("children",)), fig(1), False),
        (fig(1, scope=("Dhaka", "2024-07-18")), fig(1, scope=("2024-07-18", "dhaka")), True),
        (fig(1, scope=("Dhaka", "2024-07-18")), fig(1, scope=("Dhaka", "2024-07-19")), False),
        (share(1, "x", "Roe"), share(1, "x", "Jane Roe"), True),
        (share(1, "x", "John Poe"), share(1, "x", "Jane Roe"), False),
        (of_whom(share(51, "x", "president"), "president"), of_whom(share(51.2, "x"), "Jane Roe"), True),
        (of_whom(share(49, "x", "president"), "president"), of_whom(share(51.2, "x"), "Jane Roe"), False),
        (of_whom(share(51, "x", "John Poe"), "John Poe"), of_whom(share(51.2, "x"), "Jane Roe"), False),
        (fig(1), fig(1, metric="injured"), False),
    ],
)
def test_scope(left: Claim, right: Claim, same: bool) -> None:
    assert left.figure is not None
    assert right.figure is not None
    assert same_scope(left.figure, right.figure) is same


ONE, TWO, LATER = "2024-08-05", "2024-08-06", "2024-08-20"


@pytest.mark.parametrize(
    ("known", "told", "day", "change"),
    [
        pytest.param(fig(11, ">=", by="NGO"), fig(20, "~"), TWO, "changed", id="a later count is higher"),
        pytest.param(
            fig(20, "~"), fig(20, ">="), TWO, "confirmed", id="about twenty confirms at least twenty"
        ),
        pytest.param(fig(20), fig(20), TWO, None, id="the same again"),
        pytest.param(fig(20, by="AFP"), fig(20, by="AFP"), TWO, None, id="the same on the same word"),
        pytest.param(fig(20, by="AFP"), fig(20, by="Reuters"), TWO, "confirmed", id="another voice, equal"),
        pytest.param(fig(20, by="AFP"), fig(21, by="AFP"), TWO, "changed", id="same voice, more"),
        pytest.param(fig(41, by="AFP"), fig(31, by="AFP"), TWO, "changed", id="corrected downwards"),
        pytest.param(fig(151, by="AFP"), fig(139, by="Reuters"), TWO, "contradicted", id="a rival with less"),
        pytest.param(fig(28, by="AFP"), fig(25, by="AFP"), None, None, id="a fall of unknown day"),
        pytest.param(fig(20), fig(11, ">="), TWO, None, id="a weaker bound"),
        pytest.param(
            fig(205, by="AFP"), fig(94, by="AFP"), TWO, "new", id="too low for a correction: a part"
        ),
        pytest.param(fig(329, by="police"), fig(193, by="a general"), TWO, "new", id="too low for a rival"),
        pytest.param(
            fig(8, ">=", by="AFP"), fig(19, by="the palace"), TWO, "changed", id="far above a bound"
        ),
        pytest.param(fig(20, by="AFP"), fig(31, by="AFP"), "2024-08-01", None, id="an older document"),
        pytest.param(fig(19, by="AFP"), fig(3_000, by="AFP"), TWO, "changed", id="a toll that soars"),
        pytest.param(fig(19, by="AFP"), fig(310_000, by="AFP"), TWO, "new", id="no toll soars so far"),
        pytest.param(fig(19, by="AFP"), fig(310_000, by="a herald"), TWO, "new", id="nor a rival's"),
        pytest.param(fig(20), fig(7, scope=("children",)), TWO, "new", id="a subgroup is its own series"),
        pytest.param(
            share(52, "council"), share(51, "council"), None, "contradicted", id="one count, two shares"
        ),
        pytest.param(share(50, "council"), share(52, "council"), TWO, "changed", id="counting goes on"),
        pytest.param(share(52, "council"), share(30, "party"), TWO, "contradicted", id="rival shares"),
        pytest.param(share(52, "council"), share(52, "party"), TWO, "confirmed", id="agreeing shares"),
        pytest.param(
            share(52, "council", ""), share(51, "council"), None, "contradicted", id="whose share is not said"
        ),
        pytest.param(
            share(52, "council", ""), share(46, "council"), TWO, "new", id="somebody else's share by its size"
        ),
    ],
)
def test_one_after_another(known: Claim, told: Claim, day: str | None, change: str | None) -> None:
    _, result = tell((doc("1", ONE), [known]), (doc("2", day), [told]))
    assert changes(result) == ([change] if change else [])
    if change not in (None, "new"):
        assert result.developments[0].previous is not None
        assert result.developments[0].previous.figure == known.figure


def test_rivals_in_the_first_document_stand_side_by_side() -> None:
    (result,) = tell((doc("1"), [fig(32, by="AFP"), fig(27, by="a daily"), fig(41, by="a channel")]))
    assert changes(result) == ["new", "new", "new"]


def test_two_numbers_of_one_voice_in_one_document_are_two_counts() -> None:
    document = [fig(600, by="UN"), fig(400, by="UN")]
    results = tell((doc("1"), document), (doc("2", TWO), [fig(400, by="UN"), fig(600, by="UN")]))
    assert [changes(r) for r in results] == [["new", "new"], []]


def test_a_voices_earlier_count_beside_its_later_one_is_no_other_count() -> None:
    (result,) = tell((doc("1"), [fig(28, by="Saba", start=1), fig(25, by="Saba", start=9)]))
    assert changes(result) == ["new"]
    assert result.dispositions[1].reason == "known: an earlier count, told beside the later one"
    (result,) = tell(
        (doc("1"), [fig(28, by="Saba", start=1), replace(fig(25, by="Saba"), claimed_by=BOTH, start=9)])
    )
    assert changes(result) == ["new", "new"]


@pytest.mark.parametrize(("value", "told"), [(300, []), (301, ["new"]), (3, ["new"])])
def test_a_known_number_beside_a_voices_own_is_no_other_count(value: int, told: list[str]) -> None:
    """ "The ministry gave 610; AFP's old 300 was too low": read as the ministry's too. Small numbers come by chance."""
    results = tell(
        (doc("1", ONE), [fig(300, by="AFP")]),
        (doc("2", ONE), [fig(3, by="AFP")]),
        (doc("3", TWO), [fig(500, by="UN")]),
        (doc("4", LATER), [fig(610, by="UN", start=1), fig(value, by="UN", start=9)]),
    )
    assert changes(results[3]) == ["changed", *told]


def test_an_earlier_count_of_one_document_corrects_nothing_when_it_is_served_again() -> None:
    def article() -> list[Claim]:
        return [fig(28, by="Saba", start=1), fig(25, by="Saba", start=9)]

    results = tell((doc("1", ONE), article()), (doc("1", ONE), article()), (doc("copy", TWO), article()))
    assert [changes(r) for r in results] == [["new"], [], []]


def test_an_old_value_retold_after_a_new_one_is_known() -> None:
    results = tell(
        (doc("1", ONE), [fig(11, by="AFP")]),
        (doc("2", TWO), [fig(20, by="AFP")]),
        (doc("3", LATER), [fig(11, by="AFP")]),
    )
    assert [changes(r) for r in results] == [["new"], ["changed"], []]


def test_a_correction_keeps_what_was_told_before() -> None:
    _, result = tell((doc("1", ONE), [fig(41, by="AFP")]), (doc("2", TWO), [fig(31, by="AFP")]))
    (development,) = result.developments
    assert development.reason == "deaths per AFP: 41 → 31; corrected downwards"
    assert development.previous is not None
    assert development.previous.quote.startswith("words")


def test_a_number_out_of_all_proportion_does_not_spoil_its_series() -> None:
    *_, last = tell(
        (doc("1", ONE), [fig(19, by="police")]),
        (doc("2", TWO), [fig(310_000, by="a herald")]),
        (doc("3", LATER), [fig(1_240, by="police")]),
    )
    assert changes(last) == ["changed"]
    assert last.developments[0].previous.figure.value == 19


def test_a_voice_that_takes_over_a_value_known_of_nobody_tells_nothing_new() -> None:
    # The council had 47.3; the press told 46.12 without saying whose word that is.
    *_, last = tell(
        (doc("1", ONE), [share(47.3, "council")]),
        (doc("2", TWO), [replace(share(46.12, "council"), claimed_by=())]),
        (doc("3", LATER), [share(46, "council")]),
    )
    assert changes(last) == []


def test_a_value_is_confirmed_once() -> None:
    results = tell(
        (doc("1", ONE), [fig(20)]),
        (doc("2", TWO, publisher="herald"), [fig(20)]),
        (doc("3", LATER, publisher="courier"), [fig(20)]),
    )
    assert [changes(r) for r in results] == [["new"], ["confirmed"], []]


HURT = {"metric": "injured"}


@pytest.mark.parametrize(
    ("known", "told", "day", "change"),
    [
        pytest.param(fig(40, by="AFP", **HURT), fig(52, by="AFP", **HURT), TWO, "changed", id="the next day"),
        pytest.param(fig(40, by="AFP", **HURT), fig(52, by="AFP", **HURT), LATER, "new", id="weeks later"),
        pytest.param(
            fig(40, by="AFP", **HURT), fig(90, by="AFP", **HURT), TWO, "new", id="many times as many"
        ),
        pytest.param(
            fig(40, by="AFP", **HURT), fig(52, by="police", **HURT), LATER, "new", id="another voice"
        ),
        pytest.param(fig(40, by="AFP"), fig(52, by="AFP"), LATER, "changed", id="the dead are added up"),
        pytest.param(fig(60, by="AFP"), fig(50, by="police"), LATER, "new", id="no dispute after weeks"),
        pytest.param(fig(60, by="AFP"), fig(50, by="police"), TWO, "contradicted", id="a dispute at once"),
    ],
)
def test_the_hurt_are_counted_by_incident(known: Claim, told: Claim, day: str, change: str) -> None:
    _, result = tell((doc("1", ONE), [known]), (doc("2", day), [told]))
    assert changes(result) == [change]


def test_less_than_half_of_the_highest_count_is_a_part_of_it() -> None:
    """Though another voice counts about as few."""
    results = tell(
        (doc("1", ONE), [fig(100, by="AFP"), fig(45, by="police")]), (doc("2", TWO), [fig(40, by="a paper")])
    )
    assert [changes(r) for r in results] == [["new", "new"], ["new"]]


def vote(value: float, day: int | None = None, metric: str = "votes") -> Claim:
    when = date(2024, 8, day) if day else None
    return replace(fig(value, metric=metric), event_date=when, event_date_precision="day" if when else None)


@pytest.mark.parametrize("metric", ["votes", "margin", "other"])
def test_another_occasion_is_never_the_next_value_of_the_last(metric: str) -> None:
    results = tell(
        (doc("1", ONE), [vote(84, metric=metric)]),
        (doc("2", TWO), [vote(101, metric=metric)]),
        (doc("3", LATER), [vote(84, metric=metric)]),
    )
    assert [changes(r) for r in results] == [["new"], ["new"], []]


def test_the_same_number_of_votes_on_another_day_is_another_vote() -> None:
    results = tell((doc("1", ONE), [vote(84, 4)]), (doc("2", LATER), [vote(84, 19), vote(84, 4)]))
    assert [changes(r) for r in results] == [["new"], ["new"]]


def test_a_bound_and_a_rival_far_above_it_stand_side_by_side() -> None:
    (result,) = tell((doc("1"), [fig(13, ">=", by="doctors"), fig(22, by="a commission")]))
    assert changes(result) == ["new", "new"]
    (result,) = tell((doc("1"), [fig(13, ">=", by="doctors"), fig(14, by="a commission")]))
    assert changes(result) == ["new"]


def test_a_body_moves_the_number_that_the_text_calls_its_own() -> None:
    """ "The police, who had spoken of 532, now admit 2,822", where a named officer had told the first."""
    now = [fig(532, by="city police", start=1), fig(2822, by="city police", start=9)]
    results = tell(
        (doc("1", ONE), [fig(532, by="Max Low"), fig(9000, ">", by="lawyers")]), (doc("2", TWO), now)
    )
    assert changes(results[1]) == ["confirmed", "changed"]
    assert results[1].developments[1].previous is not None
    assert results[1].developments[1].previous.figure == now[0].figure


GROWING = st.sampled_from(sorted(CUMULATIVE))


@given(GROWING, st.integers(30, 10_000), st.floats(0.01, 0.6), st.sampled_from(["AFP", "police", None]))
@settings(max_examples=100, deadline=None)
def test_a_number_far_below_a_growing_one_neither_moves_nor_disputes_it(metric, known, share_of, by) -> None:
    part = fig(max(1, int(known * share_of)), by=by, metric=metric)
    results = tell(
        (doc("1", ONE), [fig(known, by="AFP", metric=metric)]),
        (doc("2", TWO), [part]),
        (doc("3", "2024-08-07"), [replace(part, id="again"), fig(known + 1, by="AFP", metric=metric)]),
    )
    assert [changes(r) for r in results] == [["new"], ["new"], ["changed"]]


def test_a_voice_that_is_quoted_in_another_language_confirms_nothing() -> None:
    _, again = tell(
        (doc("1", ONE), [fig(2_400, by="authorities")]),
        (doc("2", TWO, "radio"), [fig(2_400, by="autoridades")]),
    )
    assert changes(again) == []
