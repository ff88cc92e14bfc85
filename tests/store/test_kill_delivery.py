"""kill -9 at each named point between claim, send and commit; the benchmark does it 500 times a database."""

from __future__ import annotations

import pytest

from benchmarks.kill_delivery import POINTS, run


@pytest.mark.timeout(300)
def test_nothing_is_lost_and_a_crash_repeats_at_most_one_message(sql_url: str) -> None:
    found = run(sql_url, kills=3 * len(POINTS), seed=20240823)
    assert found.kills == 3 * len(POINTS)
    assert found.lost == 0
    assert found.most_of_one_crash <= 1
    assert 0 < found.duplicates <= found.kills, "a crash after the send cannot but repeat it"
