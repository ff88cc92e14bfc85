"""When digests are due, and what they say."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.digests import digest_content, due_digests, local_instant, preview_period
from monitor.core.errors import ConfigError
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Development,
    EventSpec,
    Figure,
    Operator,
    Previous,
)
from monitor.core.outgoing import DigestPeriod, Subscription
from monitor.core.plover import Plover
from monitor.core.policy import KindSpec

ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def subscription(zone: str = "UTC", at: str = "07:00", **more: object) -> Subscription:
    base = Subscription(id="morning", receiver="mail", recipients=("a@example.org",), zone=zone, at=at)
    return replace(base, **more)  # type: ignore[arg-type]


def run(one: Subscription, times: list[datetime], last: DigestPeriod | None = None) -> list[DigestPeriod]:
    """Tick at `times` as the daemon does: whatever is due is recorded."""
    found: list[DigestPeriod] = []
    for now in times:
        stored = {one.id: found[-1]} if found else ({one.id: last} if last else {})
        found.extend(due_digests([one], last=stored, now=now))
    return found


def ticks(start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    return [start + step * i for i in range(int((end - start) / step) + 1)]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None)),
    start=st.datetimes(datetime(2023, 1, 1), datetime(2025, 12, 1)),
)
def test_exactly_one_digest_a_local_day(zone: str, at: time, start: datetime) -> None:
    begin = start.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
    end = begin + timedelta(days=9)
    found = run(subscription(zone, f"{at:%H:%M}"), ticks(begin, end, timedelta(minutes=30)))
    days = [p.local_date for p in found]
    assert days == [days[0] + timedelta(days=i) for i in range(len(days))], "a day is missing or comes twice"
    assert 9 <= len(days) <= 10
    for before, after in itertools.pairwise(found):
        assert after.after == before.until < after.until


def transitions(zone: ZoneInfo, year: int) -> list[datetime]:
    hours = ticks(
        datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, tzinfo=UTC), timedelta(hours=6)
    )
    return [
        b
        for a, b in itertools.pairwise(hours)
        if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
    ]


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",
        "America/Nuuk",
        "Africa/Cairo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Antarctica/Troll",
        "America/Scoresbysund",
        "Pacific/Chatham",
        "Africa/Casablanca",
    ],
)
@pytest.mark.parametrize("at", ["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "22:30", "23:59"])
def test_daylight_saving_neither_skips_nor_doubles_a_day(zone: str, at: str) -> None:
    changes = [t for year in (2023, 2024) for t in transitions(ZoneInfo(zone), year)]
    assert changes
    for change in changes:
        found = run(
            subscription(zone, at),
            ticks(change - timedelta(days=2), change + timedelta(days=2), timedelta(minutes=15)),
        )
        days = [p.local_date for p in found]
        assert days == [days[0] + timedelta(days=i) for i in range(len(days))]
        assert len(days) in {4, 5, 6}, "the days that begin or end in four days, and the one before"


def clock_changes(zone: ZoneInfo) -> tuple[tuple[date, timedelta], ...]:
    """Return the days of two years on which a zone's clock changes, with by how much, and the base offset."""
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(731)]
    offsets = [day.astimezone(zone).utcoffset() or timedelta() for day in days]
    return tuple(
        (day.date(), after - before)
        for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False)
        if before != after
    )


def all_changes() -> dict[tuple[object, ...], list[str]]:
    """Return the zones of the tz database whose clock changes in these years, those that change alike together."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for name in ZONES:
        zone = ZoneInfo(name)
        changes = clock_changes(zone)
        if changes:
            noon = datetime(2025, 1, 1, 12, tzinfo=UTC).astimezone(zone).utcoffset()
            alike.setdefault((noon, *changes), []).append(name)
    return alike


TIMES = ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "07:00", "23:30")


def test_every_zone_on_every_date_of_two_years_on_which_its_clock_changes() -> None:
    """Exactly one digest a local day, whatever its time of day, asked every half hour around each change."""
    alike = all_changes()
    covered = {name for names in alike.values() for name in names}
    assert {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll"} <= covered
    assert len(covered) > 100
    for (_, *changes), (name, *_) in alike.items():
        for day, _ in changes:  # type: ignore[misc]
            begin = datetime.combine(day, time(), tzinfo=UTC) - timedelta(days=2)
            moments = ticks(begin, begin + timedelta(days=4), timedelta(minutes=30))
            for at in TIMES:
                one = subscription(name, at)
                found = run(one, moments)
                days = [p.local_date for p in found]
                expected = [days[0] + timedelta(days=i) for i in range(len(days))]
                assert days == expected, f"{name} at {at} around {day}: {days}"
                assert len(days) in {4, 5, 6}
                for before, after in itertools.pairwise(found):
                    assert after.after == before.until < after.until
                    span = after.until - before.until
                    assert timedelta(hours=22) <= span <= timedelta(hours=26), f"{name} at {at} around {day}"


def test_every_zone_has_one_digest_a_day_on_ordinary_days_too() -> None:
    moments = ticks(datetime(2025, 6, 10, tzinfo=UTC), datetime(2025, 6, 13, tzinfo=UTC), timedelta(hours=1))
    for name in ZONES:
        days = [p.local_date for p in run(subscription(name), moments)]
        assert days == [days[0] + timedelta(days=i) for i in range(len(days))]
        assert len(days) in {3, 4, 5}


def test_every_zone_and_date_of_two_years_has_one_cutoff_in_order() -> None:
    for name in ZONES[::7]:
        zone = ZoneInfo(name)
        previous = None
        for offset in range(731):
            day = date(2024, 1, 1) + timedelta(days=offset)
            instant = local_instant(day, time(2, 30), zone)
            assert instant is not None
            assert instant.astimezone(zone).date() == day
            assert previous is None or previous < instant
            previous = instant


def test_a_time_that_does_not_exist_is_taken_after_the_jump_and_a_double_one_at_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert local_instant(date(2024, 3, 31), time(2, 30), berlin) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert local_instant(date(2024, 10, 27), time(2, 30), berlin) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


def test_a_date_that_a_zone_skips_has_no_digest() -> None:
    begin = datetime(2011, 12, 28, tzinfo=UTC)
    found = run(subscription("Pacific/Apia"), ticks(begin, begin + timedelta(days=5), timedelta(hours=1)))
    days = [p.local_date for p in found]
    assert date(2011, 12, 30) not in days
    assert {date(2011, 12, 29), date(2011, 12, 31)} <= set(days)
    assert len(days) == len(set(days))


def test_downtime_gives_one_catch_up_over_the_whole_range() -> None:
    one = subscription("Europe/Berlin")
    start = datetime(2024, 6, 1, 5, 0, tzinfo=UTC)
    first = run(one, [start])[0]
    assert first.until == start
    found = run(
        one, [datetime(2024, 6, 6, 12, 0, tzinfo=UTC), datetime(2024, 6, 6, 13, 0, tzinfo=UTC)], first
    )
    assert [(p.after, p.until, p.local_date) for p in found] == [
        (start, datetime(2024, 6, 6, 5, 0, tzinfo=UTC), date(2024, 6, 6))
    ]


def test_a_clock_that_goes_back_repeats_nothing_and_one_that_ran_far_ahead_heals() -> None:
    one = subscription()
    first = run(one, [datetime(2024, 6, 2, 7, 0, tzinfo=UTC)])[0]
    assert (
        run(one, [datetime(2024, 6, 2, 6, 0, tzinfo=UTC), datetime(2024, 6, 2, 7, 5, tzinfo=UTC)], first)
        == []
    )
    ahead = replace(first, local_date=date(2030, 1, 1), until=datetime(2030, 1, 1, 7, tzinfo=UTC))
    healed = run(one, [datetime(2024, 6, 3, 7, 0, tzinfo=UTC)], ahead)[0]
    assert (healed.local_date, healed.after) == (date(2024, 6, 3), datetime(2024, 6, 2, 7, tzinfo=UTC))


def test_cron_lines_come_through_the_edge() -> None:
    one = subscription(cron="0 8 * * 1")
    mondays = lambda line, day: time(8) if day.weekday() == 0 else None  # noqa: E731
    found = due_digests([one], last={}, now=datetime(2024, 6, 6, 7, tzinfo=UTC), cron_time=mondays)
    assert [p.local_date for p in found] == [date(2024, 6, 3)]
    with pytest.raises(ConfigError):
        due_digests([one], last={}, now=datetime(2024, 6, 6, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    "wrong", [{"zone": "Mars/Olympus"}, {"zone": "../etc"}, {"at": "25:00"}, {"at": "soon"}]
)
def test_a_wrong_zone_or_time_is_one_clear_error(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="digest morning"):
        due_digests([subscription(**wrong)], last={}, now=datetime(2024, 6, 6, tzinfo=UTC))


def test_a_preview_ends_where_one_asks() -> None:
    at = datetime(2024, 6, 6, 23, 30, tzinfo=UTC)
    period = preview_period(subscription("Europe/Berlin"), last={}, at=at)
    assert (period.after, period.until, period.local_date) == (None, at, date(2024, 6, 7))


NOW = datetime(2024, 8, 23, 7, 0, tzinfo=UTC)
PERIOD = DigestPeriod(subscription_id="morning", local_date=date(2024, 8, 23), after=None, until=NOW)
KINDS = {
    "arrest": KindSpec(id="arrest", label="Arrest", plover=Plover(), severity=3),
    "figure": KindSpec(id="figure", label="Figure", plover=Plover(), severity=2),
}


def development(name: str, **more: object) -> Development:
    base = Development(
        id=name,
        event_id="venezuela",
        fact_id=f"fact-{name}",
        claim_id="c",
        document_id="doc",
        document="one.txt",
        source="wire",
        url=None,
        change=Change.NEW,
        reason="",
        kind="statement",
        plover=Plover(),
        certainty=Certainty.ASSERTED,
        quote="q",
        start=0,
        end=1,
        confidence=0.9,
        found_at=NOW,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def figure(value: float, operator: Operator = Operator.EQ) -> Figure:
    return Figure(metric="deaths", operator=operator, value=value)


def previous(**more: object) -> Previous:
    base = Previous(
        id="p",
        kind="figure",
        figure=None,
        stance=None,
        outcome=None,
        certainty=Certainty.ASSERTED,
        quote="",
        document="zero.txt",
        sources=("wire",),
        published=None,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def test_what_matters_comes_first_and_the_reported_stands_apart() -> None:
    content = digest_content(
        PERIOD,
        [
            development("small"),
            development("confirmed", kind="arrest", change=Change.CONFIRMED),
            development("rumour", kind="arrest", certainty=Certainty.REPORTED),
            development("clash", kind="arrest", change=Change.CONTRADICTED),
            development("elsewhere", event_id="other"),
        ],
        [EventSpec(id="venezuela", name="Venezuela")],
        KINDS,
    )
    assert [s.name for s in content.sections] == ["Venezuela", "other"]
    first = content.sections[0]
    assert [i.development.id for i in first.items] == ["clash", "confirmed", "small"]
    assert [i.development.id for i in first.reported] == ["rumour"]
    assert content.counts == {Change.NEW: 3, Change.CHANGED: 0, Change.CONFIRMED: 1, Change.CONTRADICTED: 1}


def test_tellings_of_one_fact_are_folded_and_rival_figures_stand_side_by_side() -> None:
    content = digest_content(
        PERIOD,
        [
            development("a", kind="figure", fact_id="f", figure=figure(11, Operator.GE)),
            development(
                "b",
                kind="figure",
                fact_id="f",
                change=Change.CHANGED,
                figure=figure(20, Operator.ABOUT),
                previous=previous(figure=figure(11, Operator.GE)),
            ),
            development(
                "c", kind="figure", fact_id="f", change=Change.CONFIRMED, figure=figure(20), source="radio"
            ),
            development("d", kind="figure", figure=figure(27), claimed_by=(Actor(name="Foro Penal"),)),
        ],
        [],
        KINDS,
    )
    items = content.sections[0].items
    assert [(i.development.id, [a.id for a in i.also]) for i in items] == [("b", ["a", "c"]), ("d", [])]
    cells = content.sections[0].figures[0].cells
    assert [(c.voice, c.figure.value, c.before and c.before.value) for c in cells] == [
        ("wire, radio", 20, 11),
        ("Foro Penal", 27, None),
    ]


def test_votes_and_unnamed_parts_stand_alone() -> None:
    def told(name: str, value: float, metric: str, *scope: str) -> Development:
        counted = Figure(metric=metric, operator=Operator.EQ, value=value, scope=scope)
        return development(name, kind="figure", fact_id=name, figure=counted)

    content = digest_content(
        PERIOD,
        [
            told("a", 84, "votes"),
            told("b", 101, "votes"),
            told("c", 94, "deaths", "unclear"),
            told("d", 4, "deaths", "unclear"),
        ],
        [],
        KINDS,
    )
    rows = content.sections[0].figures
    assert [[c.figure.value for c in row.cells] for row in rows] == [[84], [101], [94], [4]]


def test_who_stands_where_keeps_the_latest_and_what_was_given_up() -> None:
    chile, peru = Actor(name="Chile", country="CHL"), Actor(name="Peru", country="PER")
    content = digest_content(
        PERIOD,
        [
            development("a", stance="rejects", topic="result", actors=(chile, peru)),
            development(
                "b",
                stance="recognises",
                topic="result",
                actors=(peru,),
                change=Change.CHANGED,
                previous=previous(kind="statement", stance="rejects"),
            ),
            development("c", stance="other", actors=(chile,)),
        ],
        [],
        KINDS,
    )
    rows = content.sections[0].stands
    assert [(r.stance, [(s.actor.name, s.before) for s in r.stands]) for r in rows] == [
        ("rejects", [("Chile", None)]),
        ("recognises", [("Peru", "rejects")]),
    ]


def test_what_is_withdrawn_is_told_and_stands_in_no_table() -> None:
    chile = Actor(name="Chile", country="CHL")
    gone = [
        development("a", kind="figure", fact_id="f", figure=figure(11)),
        development("b", stance="rejects", topic="result", actors=(chile,), fact_id="g"),
        development(
            "c", kind="figure", fact_id="f", figure=figure(11), withdrawn=True, change=Change.CHANGED
        ),
        development("d", stance="rejects", topic="result", actors=(chile,), fact_id="g", withdrawn=True),
    ]
    section = digest_content(PERIOD, gone, [], KINDS).sections[0]
    assert (section.figures, section.stands) == ((), ())
    assert len(section.items) == 2


def test_nothing_gives_no_sections() -> None:
    assert digest_content(PERIOD, [], [], KINDS).sections == ()


def test_a_series_and_a_voice_are_one_under_any_form_of_their_name() -> None:
    def share(name: str, fact: str, value: float, whose: str, voice: str) -> Development:
        counted = Figure(
            metric="vote_share",
            operator=Operator.EQ,
            value=value,
            unit="percent",
            about=whose,
            scope=(whose,),
        )
        return development(name, kind="figure", fact_id=fact, figure=counted, claimed_by=(Actor(name=voice),))

    rejects = {"kind": "statement", "stance": "rejects"}
    section = digest_content(
        PERIOD,
        [
            share("a", "council", 51.2, "Lind", "council"),
            share("b", "council", 51.9, "Rosa Lind", "electoral council"),
            share("c", "party", 30, "Rosa Lind", "party"),
            development("d", actors=(Actor(name="Lind"),), topic="budget", **rejects),
            development("e", actors=(Actor(name="Rosa Lind"),), topic="budget", **rejects),
        ],
        [],
        KINDS,
    ).sections[0]
    (row,) = section.figures
    assert row.about == "Rosa Lind"
    assert [(c.voice, c.figure.value) for c in row.cells] == [("electoral council", 51.9), ("party", 30)]
    assert [s.actor.name for r in section.stands for s in r.stands] == ["Rosa Lind"]


def test_a_rival_who_takes_a_count_back_leaves_the_first_one() -> None:
    def told(name: str, voice: str, value: float, **fields: object) -> Development:
        said = (Actor(name=voice),)
        return development(name, kind="figure", fact_id="f", figure=figure(value), claimed_by=said, **fields)

    section = digest_content(
        PERIOD,
        [
            told("a", "council", 11),
            told("b", "party", 7, change=Change.CONTRADICTED),
            told("c", "party", 7, change=Change.CHANGED, withdrawn=True),
        ],
        [],
        KINDS,
    ).sections[0]
    assert [(c.voice, c.figure.value) for c in section.figures[0].cells] == [("council", 11)]


def test_a_count_on_somebodys_word_is_no_rumour() -> None:
    hearsay = {"certainty": Certainty.REPORTED, "claimed_by": (Actor(name="police"),)}
    section = digest_content(
        PERIOD,
        [
            development("toll", kind="figure", figure=figure(11), **hearsay),
            development("seized", kind="arrest", **hearsay),
        ],
        [],
        KINDS,
    ).sections[0]
    assert [i.development.id for i in section.items] == ["toll"]
    assert [i.development.id for i in section.reported] == ["seized"]
