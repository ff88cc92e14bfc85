"""Who waits to be read and who is being read: places in two lanes, and one reading of a host at a time.

The HTTP client lets one request a host through in any case. Here it is seen to that those who would only wait for
their host take no place from others: a hundred feeds of one slow host would else stop all reading.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from monitor.core.model import SourceSpec


class Turn(NamedTuple):
    """A source that may be read now or waits for it; `host` is empty where there is none."""

    source_id: str
    lane: int
    host: str


def host_of(source: SourceSpec) -> str:
    """Return the host that a source asks first; nothing for a file or folder."""
    location = source.location
    if source.type != "feed" or not location.lower().startswith(("http://", "https://")):
        return ""
    try:
        return urlsplit(location).netloc.rpartition("@")[2].lower()
    except ValueError:  # told when it is read
        return ""


class Lanes:
    """Sources that wait in lanes with a number of places each."""

    def __init__(self, *places: int) -> None:
        self._free = list(places)
        self._queues: tuple[deque[Turn], ...] = tuple(deque() for _ in places)
        self._behind: defaultdict[str, deque[Turn]] = defaultdict(deque)
        self._hosts: set[str] = set()

    def join(self, turn: Turn) -> None:
        """Wait at the end of a lane."""
        self._queues[turn.lane].append(turn)

    def take(self) -> Iterator[Turn]:
        """Yield those whose turn it is now, and occupy their places; those of a host that is busy step aside."""
        for lane, queue in enumerate(self._queues):
            while queue and self._free[lane]:
                turn = queue.popleft()
                if turn.host in self._hosts:
                    self._behind[turn.host].append(turn)
                    continue
                self._free[lane] -= 1
                if turn.host:
                    self._hosts.add(turn.host)
                yield turn

    def done(self, turn: Turn) -> None:
        """Give a place back; who waits for the host goes to the head of its lane."""
        self._free[turn.lane] += 1
        self._hosts.discard(turn.host)
        if behind := self._behind.get(turn.host):
            following = behind.popleft()
            self._queues[following.lane].appendleft(following)
            if not behind:
                del self._behind[turn.host]

    def next(self, count: int) -> list[str]:
        """Return who is likely to come next, at most `count` a lane."""
        return [turn.source_id for queue in self._queues for turn in islice(queue, count)]

    def __iter__(self) -> Iterator[Turn]:
        """Give all who wait."""
        for queue in (*self._queues, *self._behind.values()):
            yield from queue

    def clear(self) -> None:
        """Send all away who wait; who is being read keeps the place."""
        for queue in self._queues:
            queue.clear()
        self._behind.clear()
