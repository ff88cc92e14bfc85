"""Who may be read now: places, hosts, and the order of those who wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.lanes import Lanes, Turn


def names(turns: object) -> list[str]:
    return [turn.source_id for turn in turns]  # type: ignore[attr-defined]


def test_places_are_filled_in_order_and_come_back() -> None:
    lanes = Lanes(2, 1)
    turns = [Turn(name, 0, name) for name in "abc"] + [Turn("slow", 1, "s"), Turn("slower", 1, "t")]
    for turn in turns:
        lanes.join(turn)
    assert lanes.next(1) == ["a", "slow"]
    assert names(lanes.take()) == ["a", "b", "slow"]
    assert names(lanes.take()) == []
    lanes.done(turns[1])
    assert names(lanes.take()) == ["c"]
    assert names(lanes) == ["slower"]


def test_those_of_a_busy_host_take_no_place_and_come_next() -> None:
    lanes = Lanes(2)
    crowd = [Turn(f"crowd{n}", 0, "crowded.test") for n in range(50)]
    other = [Turn("x", 0, "x.test"), Turn("y", 0, "y.test")]
    for turn in (*crowd, *other):
        lanes.join(turn)
    assert names(lanes.take()) == ["crowd0", "x"]
    lanes.done(crowd[0])
    assert names(lanes.take()) == ["crowd1"]
    lanes.done(other[0])
    assert names(lanes.take()) == ["y"]


def test_files_and_folders_have_no_host_and_do_not_wait_for_each_other() -> None:
    lanes = Lanes(3)
    for name in "abc":
        lanes.join(Turn(name, 0, ""))
    assert names(lanes.take()) == ["a", "b", "c"]


def test_who_is_sent_away_is_gone_and_who_is_read_keeps_the_place() -> None:
    lanes = Lanes(1)
    turns = [Turn("a", 0, "h"), Turn("b", 0, "h"), Turn("c", 0, "g")]
    for turn in turns:
        lanes.join(turn)
    assert names(lanes.take()) == ["a"]
    lanes.clear()
    assert names(lanes) == []
    lanes.join(turns[2])
    assert names(lanes.take()) == []
    lanes.done(turns[0])
    assert names(lanes.take()) == ["c"]


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["", "a", "b", "c"])), max_size=60), st.data())
def test_all_are_read_once_one_a_host_and_never_more_than_there_are_places(
    waiting: list, data: st.DataObject
) -> None:
    lanes, places = Lanes(3, 2), (3, 2)
    turns = [Turn(str(n), lane, host) for n, (lane, host) in enumerate(waiting)]
    for turn in turns:
        lanes.join(turn)
    reading: list[Turn] = []
    seen: list[str] = []
    while True:
        started = list(lanes.take())
        reading += started
        seen += names(started)
        hosts = [turn.host for turn in reading if turn.host]
        assert len(hosts) == len(set(hosts))
        assert all(sum(t.lane == lane for t in reading) <= places[lane] for lane in (0, 1))
        if not reading:
            break
        lanes.done(reading.pop(data.draw(st.integers(0, len(reading) - 1))))
    assert sorted(seen, key=int) == [turn.source_id for turn in turns]
