from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.core.health import notice, remarks, span, state_words, trouble, turns, usual_gap
from monitor.core.model import SourceCursor, SourceRecord, SourceSpec

NOW = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def cursor(name: str = "wire", **values: Any) -> SourceCursor:
    return SourceCursor(source_id=name, **{"last_success_at": NOW, **values})


def failing(name: str = "wire", errors: int = 3) -> SourceCursor:
    return cursor(name, errors=errors, last_error="no answer", failing_since=NOW - 5 * HOUR)


def quiet(hours: float, gaps: tuple[int, ...] = (3600,) * 10) -> SourceCursor:
    return cursor(last_change_at=NOW - hours * HOUR, gaps_s=gaps)


def spec(name: str = "wire") -> SourceSpec:
    return SourceSpec(id=name, type="feed", location=f"https://{name}.example/")


def told(name: str, what: str) -> SourceRecord:
    return SourceRecord(source_id=name, told=what)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (cursor(), None),
        (failing(errors=2), None),
        (failing(errors=3), "failing"),
        (cursor(errors=1, gone=True), "gone"),
        (quiet(23), None),
        (quiet(25), "silent"),
        (quiet(25, gaps=(3600,) * 4), None),
        (quiet(25, gaps=(12 * 3600,) * 9), None),
        (quiet(37, gaps=(12 * 3600,) * 9), "silent"),
        (quiet(25, gaps=(*(3600,) * 17, 90000)), "silent"),  # one weekend of silence makes no habit
        (quiet(25, gaps=(*(3600,) * 7, 90000, 90000, 90000)), None),
    ],
)
def test_trouble(reading: SourceCursor, expected: str | None) -> None:
    assert trouble(reading, NOW) == expected


def test_a_usual_gap_needs_some_changes() -> None:
    assert usual_gap(cursor(gaps_s=(1, 2, 3, 4))) is None
    assert usual_gap(cursor(gaps_s=(50, 10, 20, 30, 40))) == timedelta(seconds=50)


def test_turns_are_told_once_and_recovery_needs_a_reading_that_worked() -> None:
    def found(reading: SourceCursor, *records: SourceRecord) -> list[tuple[str | None, str | None]]:
        return [(t.before, t.now) for t in turns([spec()], [reading], records, NOW)]

    assert found(failing()) == [(None, "failing")]
    assert found(failing(), told("wire", "failing")) == []
    assert found(failing(errors=1), told("wire", "failing")) == []
    assert found(cursor(), told("wire", "failing")) == [("failing", None)]
    assert found(quiet(25), told("wire", "failing")) == [("failing", "silent")]
    assert found(cursor()) == []
    assert turns([spec("other")], [failing()], [], NOW) == ()


def test_a_notice_says_what_where_and_since_when() -> None:
    sources = [spec("a"), spec("b"), spec("c"), spec("d")]
    cursors = [failing("a"), cursor("b"), cursor("c", errors=1, gone=True, last_error="410"), cursor("d")]
    records = [told("b", "failing"), told("d", "silent")]
    subject, text = notice(turns(sources, cursors, records, NOW), NOW)
    assert subject == "2 sources need a look; 2 sources work again"
    assert text.splitlines()[:8] == [
        "a: cannot be read since 2024-09-01 07:00 UTC: no answer",
        "  https://a.example/",
        "c: the site says that it is gone for good (410)",
        "  https://c.example/",
        "b: can be read again",
        "  https://b.example/",
        "d: brings something new again",
        "  https://d.example/",
    ]
    assert notice(turns([spec()], [quiet(73)], [], NOW), NOW)[0] == "1 source needs a look"
    assert (
        "nothing new for 3 d; usually at most 60 min" in notice(turns([spec()], [quiet(73)], [], NOW), NOW)[1]
    )


def test_words_of_a_table() -> None:
    assert state_words(SourceCursor(source_id="a"), None, NOW) == "not read yet"
    assert state_words(cursor(), None, NOW) == "ok"
    assert state_words(failing(errors=1), None, NOW) == "trying again"
    assert state_words(failing(), SourceRecord(source_id="a", paused_at=NOW), NOW) == "paused"
    assert remarks(cursor(skew_s=5 * 3600), NOW) == ("its stamps are 5 h early, corrected",)
    assert remarks(cursor(skew_s=-3600), NOW) == ("its stamps are 1 h late, corrected",)
    assert remarks(failing(), NOW) == ("3 failures since 2024-09-01 07:00 UTC: no answer",)
    assert remarks(quiet(48), NOW) == ("nothing new for 2 d; usually at most 60 min",)
    assert [span(timedelta(seconds=s)) for s in (5, 60, 119, 7200, 86400)] == [
        "5 s",
        "1 min",
        "1 min",
        "2 h",
        "24 h",
    ]
