"""Stamps that are off by whole hours: local time that a source calls UTC. Pure.

An item that is new at a reading was published since the last one, so its lag (reading time minus stamp) is
small. Where even the smallest lags of many such items lie just above the same whole hours, the clock is off.
"""

from __future__ import annotations

from collections.abc import Sequence

WINDOW = 40
_LEAST = 12
_AGREEING = 3
_HOUR = 3600
_SPREAD_S = 20 * 60
_MOST_HOURS = 14


def learn(lags_s: Sequence[int], new: Sequence[int]) -> tuple[int, ...]:
    """Return the lags in seconds to remember: the newest of both, newest last."""
    return (*lags_s, *new)[-WINDOW:]


def estimate(lags_s: Sequence[int]) -> int:
    """Return by how many seconds the stamps are early (negative: late); 0 where nothing shows that they are.

    A source whose items only come out hours after their stamps has scattered lags; the smallest ones of a wrong
    clock agree. The window is short, so that a change of summer time is followed.
    """
    if len(lags_s) < _LEAST:
        return 0
    smallest = sorted(lags_s)[:_AGREEING]
    hours = smallest[0] // _HOUR
    # A stamp may be a little ahead of the reader's clock: 4 h 58 min is five hours, too.
    if smallest[0] - hours * _HOUR > _HOUR - 300:
        hours += 1
    agree = smallest[-1] - hours * _HOUR <= _SPREAD_S
    return hours * _HOUR if agree and 1 <= abs(hours) <= _MOST_HOURS else 0
