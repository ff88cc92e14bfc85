from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import SourceCursor, SourceSpec
from monitor.sources.httptimes import max_age_s, retry_after_s
from monitor.sources.schedule import backoff_s, failed, jitter, succeeded, wait_s

NOW = datetime(2024, 9, 1, tzinfo=UTC)
HOUR, DAY, WEEK = 3600.0, 86400.0, 604800.0


def spec(interval_s: int = 3600, source_id: str = "wire") -> SourceSpec:
    return SourceSpec(id=source_id, type="feed", location="https://wire.example/", interval_s=interval_s)


def test_the_longest_wish_counts_up_to_a_day() -> None:
    assert HOUR <= wait_s(spec()) <= 1.1 * HOUR
    assert 6 * HOUR <= wait_s(spec(), (60.0, 6 * HOUR)) <= 6.6 * HOUR
    assert DAY <= wait_s(spec(), (WEEK,)) <= 1.1 * DAY
    assert 2 * DAY <= wait_s(spec(2 * 86400), (WEEK,)) <= 2.2 * DAY


def test_jitter_is_stable_and_spreads() -> None:
    values = [jitter(f"s{n}") for n in range(1000)]
    assert values == [jitter(f"s{n}") for n in range(1000)]
    assert [sum(1 for v in values if int(v * 4) == q) > 200 for q in range(4)] == [True] * 4


@given(st.integers(60, 864000), st.integers(1, 10**6), st.floats(0, 1e9))
def test_backoff_never_stops_for_good(interval: int, errors: int, retry_after: float) -> None:
    wait = backoff_s(spec(interval), errors, retry_after)
    assert 60 <= wait <= 1.1 * WEEK
    assert wait >= min(retry_after, WEEK)


def test_cursors_after_success_failure_and_recovery() -> None:
    bad = failed(spec(), SourceCursor(source_id="wire", etag='"x"'), now=NOW, error="broken")
    assert (bad.errors, bad.last_error, bad.etag, bad.gone) == (1, "broken", '"x"', False)
    good = succeeded(spec(), bad, now=NOW + timedelta(hours=2), new=0)
    assert (good.errors, good.last_error, good.last_change_at) == (0, None, None)
    assert good.last_success_at == NOW + timedelta(hours=2)


def test_a_failing_source_keeps_the_time_of_its_first_failure() -> None:
    cursor = SourceCursor(source_id="wire")
    for hour in range(3):
        cursor = failed(spec(), cursor, now=NOW + timedelta(hours=hour), error="broken")
    assert cursor.failing_since == NOW
    assert succeeded(spec(), cursor, now=NOW, new=0).failing_since is None


def test_the_rate_and_the_gaps_come_from_what_is_new() -> None:
    cursor = succeeded(spec(), SourceCursor(source_id="wire"), now=NOW, new=100)
    assert (cursor.items_a_day, cursor.gaps_s) == (0.0, ())  # the first reading is a backlog
    for hour in range(1, 24 * 60):
        cursor = succeeded(spec(), cursor, now=NOW + timedelta(hours=hour), new=2 if hour % 6 == 0 else 0)
    assert 7 < cursor.items_a_day < 9
    assert set(cursor.gaps_s) == {6 * 3600}
    assert len(cursor.gaps_s) == 20


def test_retry_after_in_both_forms() -> None:
    assert retry_after_s("120", NOW) == 120
    assert retry_after_s("Sun, 01 Sep 2024 01:00:00 GMT", NOW) == HOUR
    assert retry_after_s("Sun, 01 Sep 2019 01:00:00 GMT", NOW) == 0
    assert retry_after_s("9" * 400, NOW) == WEEK
    for odd in (None, "", "soon", "-5", "1e9", "Sun, 99 Sep 2024"):
        assert retry_after_s(odd, NOW) == 0


def test_freshness_from_the_headers() -> None:
    assert max_age_s("public, max-age=600", None, NOW) == 600
    assert max_age_s('private, MAX-AGE="60"', None, NOW) == 60
    assert max_age_s("no-cache, max-age=600", "Sun, 01 Sep 2024 01:00:00 GMT", NOW) == 0
    assert max_age_s("s-maxage=600", None, NOW) == 0
    assert max_age_s(None, "Sun, 01 Sep 2024 01:00:00 GMT", NOW) == HOUR
    assert max_age_s(None, "0", NOW) == 0
