"""Cron lines of digests."""

from __future__ import annotations

from datetime import date, time

import pytest

from monitor.core.errors import ConfigError
from monitor.receivers.cron import cron_time


def test_the_first_firing_of_a_day_counts_and_other_days_have_none() -> None:
    assert cron_time("30 7,19 * * 1-5", date(2024, 6, 3)) == time(7, 30)
    assert cron_time("30 7 * * 1-5", date(2024, 6, 2)) is None
    assert cron_time("0 0 * * 0", date(2024, 6, 2)) == time(0, 0)
    assert cron_time("0 0 29 2 *", date(2024, 6, 2)) is None


def test_a_wrong_line_is_one_clear_error() -> None:
    for line in ("every morning", "61 7 * * *", "0 0 31 2 *"):
        with pytest.raises(ConfigError, match="no cron line"):
            cron_time(line, date(2024, 6, 2))
