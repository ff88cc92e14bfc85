"""The queue of messages: leases, retries, order, pauses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.store.values import NOW, entry, minutes


def queue(store: Any, *entries: Any) -> None:
    with store.begin() as tx:
        tx.add_outbox(entries)


def due(store: Any, now: datetime = NOW, *, limit: int = 100) -> list[str]:
    with store.begin() as tx:
        return [one.id for one in tx.claim_due(now, lease_s=60, limit=limit)]


def rows(store: Any) -> dict[str, Any]:
    with store.read() as view:
        return {one.id: one for one in view.outbox()}


def test_entries_come_back_whole_newest_first(store: Any) -> None:
    digest = entry("o2", type="digest", development_id=None, event_id=None, payload={}, not_before=minutes(1))
    queue(store, entry("o3"), digest, entry("o1"))
    queue(store, entry("o3", recipient="#other"))
    with store.read() as view:
        assert view.outbox() == (entry("o1"), digest, entry("o3"))
        assert [one.id for one in view.outbox(limit=1)] == ["o1"]
        assert view.outbox(states=["sent", "dead"]) == ()
        assert len(view.outbox(states=["pending"])) == 3


def test_due_rows_are_leased_once_oldest_first(store: Any) -> None:
    queue(store, entry("o2", recipient="b"), entry("o1", recipient="a"), entry("o3", not_before=minutes(1)))
    with store.begin() as tx:
        first = tx.claim_due(NOW, lease_s=90, limit=1)
    assert [(one.id, one.state, one.lease_until) for one in first] == [("o2", "leased", minutes(1.5))]
    assert due(store) == ["o1"]
    assert due(store) == []
    assert rows(store)["o2"] == first[0]


def test_a_lapsed_lease_is_due_again(store: Any) -> None:
    queue(store, entry("o1"), entry("o2"))
    assert due(store, limit=1) == ["o1"]
    assert due(store, minutes(0.5)) == []
    assert due(store, minutes(1)) == ["o1", "o2"]


def test_a_sent_row_rests(store: Any) -> None:
    queue(store, entry("o1"))
    due(store)
    with store.begin() as tx:
        tx.mark_sent(["o1", "none"], minutes(1))
        tx.mark_retry(["o1"], minutes(2), "late answer of another process")
        tx.mark_dead(["o1"], "late answer of another process")
    assert due(store, minutes(99)) == []
    row = rows(store)["o1"]
    assert (row.state, row.sent_at, row.lease_until, row.last_error, row.attempts) == (
        "sent",
        minutes(1),
        None,
        None,
        0,
    )


def test_a_retried_row_is_not_overtaken_to_its_own_recipient(store: Any) -> None:
    queue(store, entry("o1"), entry("o2"), entry("p1", recipient="#other"), entry("q1", receiver="mail"))
    assert due(store, limit=1) == ["o1"]
    with store.begin() as tx:
        tx.mark_retry(["o1"], minutes(10), "429")
    assert due(store, minutes(5)) == ["p1", "q1"]
    row = rows(store)["o1"]
    assert (row.state, row.attempts, row.last_error, row.not_before, row.lease_until) == (
        "pending", 1, "429", minutes(10), None,
    )  # fmt: skip
    assert due(store, minutes(10))[:2] == ["o1", "o2"]


def test_what_came_before_a_retried_row_may_go(store: Any) -> None:
    queue(store, entry("held", not_before=minutes(5)), entry("tried"))
    assert due(store) == ["tried"]
    with store.begin() as tx:
        tx.mark_retry(["tried"], minutes(10), "timeout")
    assert due(store, minutes(5)) == ["held"]


def test_a_row_that_is_merely_held_back_blocks_nobody(store: Any) -> None:
    queue(store, entry("night", not_before=minutes(600)), entry("o1"))
    assert due(store) == ["o1"]


def test_nothing_overtakes_a_row_that_is_being_sent(store: Any) -> None:
    queue(store, entry("o1"))
    assert due(store) == ["o1"]
    queue(store, entry("o2"))
    assert due(store, minutes(0.5)) == []
    with store.begin() as tx:
        tx.mark_sent(["o1"], minutes(0.5))
    assert due(store, minutes(0.5)) == ["o2"]


def test_a_dead_row_frees_its_lane_and_can_be_replayed(store: Any) -> None:
    queue(store, entry("o1"), entry("o2"))
    assert due(store, limit=1) == ["o1"]
    with store.begin() as tx:
        tx.mark_dead(["o1"], "410")
    assert due(store, minutes(1)) == ["o2"]
    with store.read() as view:
        assert [(one.id, one.last_error) for one in view.outbox(states=["dead"])] == [("o1", "410")]
    with store.begin() as tx:
        tx.mark_sent(["o2"], minutes(1))
        assert tx.replay(["o1", "o2", "none"], minutes(2)) == 2
        assert tx.replay(["o1"], minutes(2)) == 0
    row = rows(store)["o2"]
    assert (row.state, row.attempts, row.not_before, row.sent_at) == ("pending", 0, minutes(2), None)
    assert due(store, minutes(1)) == []
    assert due(store, minutes(2)) == ["o1", "o2"]


def test_a_paused_receiver_rests_and_the_others_go_on(store: Any) -> None:
    queue(store, entry("o1"), entry("m1", receiver="mail"))
    with store.begin() as tx:
        tx.pause("slack", minutes(1))
        tx.pause("slack", minutes(5))
    assert due(store) == ["m1"]
    with store.read() as view:
        assert (view.paused_until("slack"), view.paused_until("mail")) == (minutes(5), None)
    assert due(store, minutes(5))[0] == "o1"


def test_more_rows_than_one_statement_takes(store: Any) -> None:
    queue(store, *[entry(f"o{n}", recipient=str(n)) for n in range(1_100)])
    found = due(store, limit=2_000)
    assert found == [f"o{n}" for n in range(1_100)]
    with store.begin() as tx:
        tx.mark_sent(found, NOW)
    with store.read() as view:
        assert len(view.outbox(states=["sent"], limit=2_000)) == 1_100


def test_one_receivers_rows_are_claimed_alone(store: Any) -> None:
    queue(
        store, entry("o1"), entry("m1", receiver="mail"), entry("x1", receiver="later", not_before=minutes(9))
    )
    with store.read() as view:
        assert view.due_receivers(NOW) == ("mail", "slack")
    with store.begin() as tx:
        assert [e.id for e in tx.claim_due(NOW, lease_s=60, limit=9, receiver="mail")] == ["m1"]
    with store.read() as view:
        assert view.due_receivers(NOW) == ("slack",)
        assert view.due_receivers(minutes(1)) == ("mail", "slack"), "a lapsed lease is due again"


def test_a_released_row_is_due_again_untried(store: Any) -> None:
    queue(store, entry("o1"), entry("o2", recipient="b"))
    due(store)
    with store.begin() as tx:
        tx.release(["o1"], minutes(3))
        tx.mark_sent(["o2"], NOW)
        tx.release(["o2"], minutes(3))
    row = rows(store)["o1"]
    assert (row.state, row.attempts, row.not_before, row.lease_until) == ("pending", 0, minutes(3), None)
    assert rows(store)["o2"].state == "sent"
    assert due(store, minutes(2)) == []
    assert due(store, minutes(3)) == ["o1"]


def test_a_dropped_row_says_why_frees_its_lane_and_can_be_replayed(store: Any) -> None:
    queue(
        store, entry("o1"), entry("o2"), entry("born", state="dropped", last_error="inhibited", recipient="b")
    )
    assert due(store, limit=1) == ["o1"]
    with store.begin() as tx:
        tx.mark_dropped(["o1"], "silenced")
    assert due(store) == ["o2"]
    assert {k: r.last_error for k, r in rows(store).items() if r.state == "dropped"} == {
        "o1": "silenced",
        "born": "inhibited",
    }
    with store.begin() as tx:
        assert tx.replay(["o1", "born"], NOW) == 2


def test_rows_are_found_by_id_development_and_group(store: Any) -> None:
    queue(
        store,
        entry("old", development_id="d1", group_key="g1"),
        entry("new", development_id="d2", group_key="g1"),
        entry("waits", development_id="d3", group_key="g1", not_before=minutes(5)),
        entry("other", development_id="d4", group_key="g2"),
        entry("dead", development_id="d5", group_key="g1", state="dead"),
    )
    with store.begin() as tx:
        tx.mark_sent(["old"], NOW)
        tx.mark_sent(["new"], minutes(1))
    with store.read() as view:
        assert [e.id for e in view.outbox_of(ids=["other", "none"])] == ["other"]
        assert [e.id for e in view.outbox_of(development_ids=["d1", "d5"])] == ["old", "dead"]
        assert [e.id for e in view.outbox_of(group_keys=["g1"])] == ["new", "waits"]
        assert [e.id for e in view.outbox_of(ids=["old"], group_keys=["g1"])] == ["old", "new", "waits"]
        assert view.outbox_of() == ()
        assert [e.id for e in view.outbox(receivers=["slack"], limit=1)] == ["dead"]
        assert view.outbox(receivers=["mail"]) == ()
        assert view.outbox_counts() == {("slack", "sent"): 2, ("slack", "pending"): 2, ("slack", "dead"): 1}


def test_contents_lists_and_what_digests_told(store: Any) -> None:
    with store.begin() as tx:
        tx.add_content("digest:a:1", {"text": "ñ", "developments": ["d1"]})
        tx.add_content("digest:a:1", {"text": "another"})
        tx.add_digest_items("a", ["d1", "d2"])
        tx.add_digest_items("a", ["d2"])
        tx.add_digest_items("b", ["d2"])
        assert tx.unsubscribe("digest:a", "x@example.org", NOW) is True
        assert tx.unsubscribe("digest:a", "x@example.org", minutes(5)) is False
        assert tx.unsubscribe("alerts:mail", "x@example.org", minutes(1)) is True
        assert tx.resubscribe("alerts:mail", "x@example.org") is True
        assert tx.resubscribe("alerts:mail", "x@example.org") is False
    with store.read() as view:
        assert view.content("digest:a:1") == {"text": "ñ", "developments": ["d1"]}
        assert view.content("none") is None
        assert view.told_in_digests(["d2", "d3"]) == {("a", "d2"), ("b", "d2")}
        assert view.unsubscribed() == {("digest:a", "x@example.org"): NOW}


def test_an_undone_transaction_leaves_no_list_left(store: Any) -> None:
    with store.begin() as tx:
        tx.unsubscribe("l", "x", NOW)
    try:
        with store.begin() as tx:
            tx.resubscribe("l", "x")
            tx.unsubscribe("l", "y", NOW)
            raise KeyError
    except KeyError:
        pass
    with store.read() as view:
        assert view.unsubscribed() == {("l", "x"): NOW}
