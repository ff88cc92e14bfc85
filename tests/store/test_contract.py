"""What every store promises: run on memory, SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from monitor.core.errors import StoreError
from monitor.core.model import Disposition, EventState, Intake
from monitor.core.outgoing import DigestPeriod
from tests.store.values import (
    NOW,
    claim,
    cursor,
    development,
    document,
    entry,
    fact,
    minutes,
    record,
    silence,
)


def add(tx: Any, *documents: Any, bands: tuple[int, ...] = (), signature: tuple[int, ...] = (1, 2)) -> None:
    for one in documents:
        tx.add_documents([Intake(document=one, signature=signature, bands=bands, copy_of=None)])


def save(store: Any, *facts: Any, event: str = "venezuela") -> EventState:
    """Add or replace facts of an event as ingest does: read what their blocks hold, then write."""
    with store.begin() as tx:
        before = tx.state(event, {block for one in facts for block in one.blocks})
        after = EventState(
            event_id=event, version=before.version + 1, facts={**before.facts, **{f.id: f for f in facts}}
        )
        tx.save_state(event, before, after)
    return after


def test_documents_come_back_whole_and_in_the_order_of_ingestion(store: Any) -> None:
    several = [document(n) for n in (3, 1, 2)]
    bare = document(9, title="", url=None, publisher=None, language=None, published_at=None, dated=True)
    with store.begin() as tx:
        add(tx, *several, bare)
    with store.read() as view:
        assert list(view.documents()) == [*several, bare]
        assert view.document("doc1") == several[1]
        assert view.document("none") is None


def test_a_document_that_is_stored_already_is_left_as_it_is(store: Any) -> None:
    with store.begin() as tx:
        add(tx, document(1))
        add(tx, document(1, text="another"), bands=(7,))
    with store.read() as view:
        assert [one.text for one in view.documents()] == [document(1).text]
        assert view.band_holders([7]) == {}


def test_more_documents_than_one_question_asks_for(store: Any) -> None:
    several = [document(n) for n in range(1_203)]
    with store.begin() as tx:
        add(tx, *several)
    with store.read() as view:
        assert [one.id for one in view.documents()] == [one.id for one in several]
        assert view.known_hashes([one.content_hash for one in several] + ["x"]) == {
            d.content_hash for d in several
        }
        assert len(view.known_identities([one.identity for one in several])) == 1_203


def test_the_newest_revision_of_an_identity_is_known(store: Any) -> None:
    with store.begin() as tx:
        add(tx, document(1))
        add(tx, document(2, identity=document(1).identity, revision=2))
        add(tx, document(3, identity="alone"))
    with store.read() as view:
        known = view.known_identities([document(1).identity, "alone", "never", "alone"])
    assert known == {document(1).identity: ("hash2", 2), "alone": ("hash3", 1)}


def test_characters_that_databases_refuse_are_replaced_one_for_one(store: Any) -> None:
    dirty = document(1, text="a\x00b\ud83dc", title="\udfff", identity="i\x00")
    with store.begin() as tx:
        add(tx, dirty)
    with store.read() as view:
        found = view.document("doc1")
        assert view.known_identities(["i\x00"]) == {"i\x00": ("hash1", 1)}
    assert found.text == "a\ufffdb\ufffdc"
    assert len(found.text) == len(dirty.text)
    assert found.title == "\ufffd"


def held(view: Any, *bands: int) -> dict[int, list[str]]:
    """The documents under each band, as far as their places are in order."""
    found = view.band_holders(list(bands))
    assert all(list(holders) == sorted(holders) for holders in found.values())
    return {band: [name for _, name in holders] for band, holders in found.items()}


def test_documents_are_found_by_their_bands_oldest_first(store: Any) -> None:
    large = (2**32 - 1, 0, 2**63)
    with store.begin() as tx:
        add(tx, document(5), bands=(-(2**63), 8), signature=large)
        add(tx, document(4), bands=(8, 9, 9), signature=())
        add(tx, document(6), bands=(10,))
    with store.read() as view:
        assert held(view, 9, 8, 8) == {8: ["doc5", "doc4"], 9: ["doc4"]}
        assert held(view, -(2**63), 11) == {-(2**63): ["doc5"]}
        assert held(view) == {}
        assert view.signatures(["doc4", "doc5", "none"]) == {"doc4": (), "doc5": large}
        assert view.signatures([]) == {}


def test_at_most_twenty_documents_of_a_band_are_shown(store: Any) -> None:
    with store.begin() as tx:
        tx.add_documents([Intake(document=document(n), bands=(1, 100 + n)) for n in range(30)])
    with store.read() as view:
        assert held(view, 1, 129) == {1: [f"doc{n}" for n in range(20)], 129: ["doc29"]}


def test_a_copy_points_at_its_original(store: Any) -> None:
    with store.begin() as tx:
        add(tx, document(1))
        tx.add_documents([Intake(document=document(2), signature=(), bands=(), copy_of="doc1")])
    with store.read() as view:
        assert (view.copy_of("doc2"), view.copy_of("doc1"), view.copy_of("doc3")) == ("doc1", None, None)


def test_facts_are_found_by_their_blocks_in_order_of_birth(store: Any) -> None:
    save(store, fact("z", blocks=("a", "b")), fact("y", blocks=("b",)))
    save(store, fact("x", blocks=("b", "c")))
    save(store, fact("x", event="peru", blocks=("a",)), event="peru")
    with store.read() as view:
        assert view.state("venezuela", ["b"]) == EventState(
            event_id="venezuela",
            version=2,
            facts={"z": fact("z"), "y": fact("y", blocks=("b",)), "x": fact("x", blocks=("b", "c"))},
        )
        assert list(view.state("venezuela", ["c", "b", "a"]).facts) == ["z", "y", "x"]
        assert list(view.state("venezuela", ["a", "nothing"]).facts) == ["z"]
        assert view.state("venezuela", []) == EventState(event_id="venezuela", version=2)
        assert view.state("peru", ["a"]).facts == {"x": fact("x", event="peru", blocks=("a",))}
        assert view.state("chile", ["a"]) == EventState(event_id="chile")


def test_a_fact_that_moves_to_other_blocks_is_found_there_only(store: Any) -> None:
    save(store, fact("f", blocks=("a", "b")))
    with store.begin() as tx:
        before = tx.state("venezuela", ["a"])
        moved = fact("f", blocks=("b", "c"), version=4)
        tx.save_state("venezuela", before, EventState(event_id="venezuela", version=2, facts={"f": moved}))
        assert tx.state("venezuela", ["c"]).facts == {"f": moved}
    with store.read() as view:
        assert view.state("venezuela", ["a"]).facts == {}
        assert view.state("venezuela", ["b", "c"]).facts == {"f": moved}


def test_a_fact_that_is_gone_after_a_merge_is_gone(store: Any) -> None:
    save(store, fact("f"), fact("g"))
    with store.begin() as tx:
        before = tx.state("venezuela", ["a"])
        tx.save_state(
            "venezuela", before, EventState(event_id="venezuela", version=2, facts={"g": before.facts["g"]})
        )
    with store.read() as view:
        assert list(view.state("venezuela", ["a", "b"]).facts) == ["g"]
        assert [list(part.facts) for part in view.facts("venezuela")] == [["g"]]


def test_a_state_that_somebody_else_moved_is_refused(store: Any) -> None:
    with store.read() as view:
        stale = view.state("venezuela", ["a"])
    save(store, fact("f"))
    late = EventState(event_id="venezuela", version=1, facts={"g": fact("g")})
    with pytest.raises(StoreError, match="no longer at version 0"), store.begin() as tx:  # noqa: PT012
        add(tx, document(1))
        tx.save_state("venezuela", stale, late)
    with store.read() as view:
        assert list(view.state("venezuela", ["a"]).facts) == ["f"]
        assert view.document("doc1") is None


def test_an_unmoved_state_keeps_its_version(store: Any) -> None:
    saved = save(store, fact("f"))
    with store.begin() as tx:
        tx.save_state("venezuela", saved, replace(saved, facts={"f": fact("f")}))
    with store.read() as view:
        assert view.state("venezuela", ["a"]) == saved


def test_all_facts_of_an_event_come_in_chunks(store: Any) -> None:
    save(store, *[fact(f"f{n}", blocks=(f"b{n}",), tellings=()) for n in range(1_001)])
    with store.read() as view:
        parts = list(view.facts("venezuela"))
        assert [len(part.facts) for part in parts] == [1_000, 1]
        assert [name for part in parts for name in part.facts] == [f"f{n}" for n in range(1_001)]
        assert {part.version for part in parts} == {1}
        assert list(view.facts("peru")) == []
        assert len(view.state("venezuela", [f"b{n}" for n in range(1_001)]).facts) == 1_001


def test_claims_come_back_with_how_they_ended(store: Any) -> None:
    ended = Disposition(claim_id="c1", reason="known", fact_id="f1", development_id="d1")
    with store.begin() as tx:
        tx.add_claims([claim("c2"), claim("c1"), claim("c3", document_id="doc2")], [ended])
        tx.add_claims([claim("c1", kind="arrest")], [replace(ended, reason="another")])
    with store.read() as view:
        assert view.claims("doc1") == ((claim("c2"), None), (claim("c1"), ended))
        assert view.find_claim("c3") == (claim("c3", document_id="doc2"), None)
        assert view.find_claim("c9") is None
        assert view.claims("doc9") == ()


def test_developments_come_back_whole_and_in_the_order_found(store: Any) -> None:
    several = [development("d3"), development("d1", previous=None, url=None), development("d2")]
    with store.begin() as tx:
        tx.add_developments(several)
        tx.add_developments([development("d3", reason="another")])
    with store.read() as view:
        assert view.developments() == tuple(several)
        assert view.development("d1") == several[1]
        assert view.development("none") is None


def test_developments_are_chosen_by_event_time_and_id(store: Any) -> None:
    with store.begin() as tx:
        tx.add_developments(
            [
                development("d1", found_at=minutes(3)),
                development("d2", found_at=minutes(1), event_id="peru"),
                development("d3", found_at=minutes(2)),
                development("d4", found_at=minutes(2) + timedelta(microseconds=1)),
            ]
        )

    def ids(**choice: Any) -> list[str]:
        with store.read() as view:
            return [one.id for one in view.developments(**choice)]

    assert ids(after=minutes(1), until=minutes(2)) == ["d3"]
    assert ids(after=minutes(2)) == ["d1", "d4"]
    assert ids(until=minutes(2)) == ["d2", "d3"]
    assert ids(event_ids=["peru"]) == ["d2"]
    assert ids(event_ids=["peru", "venezuela"], until=minutes(2)) == ["d2", "d3"]
    assert ids(ids=["d3", "d1", "d9"]) == ["d1", "d3"]
    assert ids(ids=["d3", "d2"], event_ids=["venezuela"]) == ["d3"]


def test_times_of_any_zone_are_the_same_moment(store: Any) -> None:
    caracas = NOW.astimezone(timezone(timedelta(hours=-4)))
    with store.begin() as tx:
        add(tx, document(1, retrieved_at=caracas, published_at=datetime(1969, 7, 20, tzinfo=UTC)))
        tx.add_developments([development("d1", found_at=caracas)])
    with store.read() as view:
        assert view.document("doc1").retrieved_at == NOW
        assert view.document("doc1").published_at == datetime(1969, 7, 20, tzinfo=UTC)
        assert [one.found_at for one in view.developments(until=NOW)] == [NOW]


def test_cursors_say_what_is_due(store: Any) -> None:
    with store.begin() as tx:
        tx.save_cursor(cursor("late", next_poll_at=minutes(-1)))
        tx.save_cursor(cursor("later", next_poll_at=minutes(-9)))
        tx.save_cursor(cursor("future", next_poll_at=minutes(1)))
        tx.save_cursor(cursor("now", next_poll_at=minutes(5)))
        tx.save_cursor(cursor("now", next_poll_at=NOW))
        tx.save_cursor(cursor("gone", next_poll_at=None, gone=True))
        tx.save_cursor(cursor("unset", next_poll_at=None))
    with store.read() as view:
        assert view.due(NOW) == ("unset", "later", "late", "now")
        assert view.due(minutes(-99)) == ("unset",)
        assert view.unread(["now", "new", "gone", "newer"]) == ("new", "newer")
        assert view.unread([]) == ()
        assert view.cursors_of(["now", "none"]) == {"now": cursor("now")}
        assert view.cursor("now") == cursor("now")
        assert view.cursor("none") is None
        assert [one.source_id for one in view.cursors()] == [
            "future",
            "gone",
            "late",
            "later",
            "now",
            "unset",
        ]


def test_what_a_source_held_stays_until_it_is_replaced(store: Any) -> None:
    for held in (b"\x00\xffmarks", None):
        with store.begin() as tx:
            tx.save_cursors([cursor("a", memory=held), cursor("b", errors=0)])
        with store.read() as view:
            assert view.cursor("a").memory == b"\x00\xffmarks"
            assert view.cursor("b") == cursor("b", errors=0)
            assert [one.memory for one in view.cursors()] == [None, None]
    with store.begin() as tx:
        tx.save_cursors([])
        tx.save_cursor(cursor("a", memory=b"new"))
    with store.read() as view:
        assert view.cursors_of(["a"])["a"].memory == b"new"


def test_records_of_sources_are_kept_apart_from_their_reading(store: Any) -> None:
    with store.begin() as tx:
        tx.save_source_record(record("b"))
        tx.save_source_record(record("a", spec=None))
        tx.save_cursor(cursor("b", memory=b"x"))
        tx.save_source_record(record("b", told=None))
    with store.read() as view:
        assert view.source_records() == (record("a", spec=None), record("b", told=None))
        assert view.source_record("b") == record("b", told=None)
        assert view.source_record("c") is None
    with store.begin() as tx:
        tx.remove_source("b")
        tx.remove_source("never there")
    with store.read() as view:
        assert view.source_records() == (record("a", spec=None),)
        assert view.cursor("b") is None
    with store.begin() as tx:
        tx.save_cursor(cursor("b"))
        assert tx.cursor("b").memory is None


def test_silences_in_force(store: Any) -> None:
    with store.begin() as tx:
        tx.add_silence(silence("s2"))
        tx.add_silence(silence("s1", comment="old"))
        tx.add_silence(silence("s1"))
        tx.add_silence(silence("s3", starts_at=minutes(10)))
    with store.read() as view:
        assert view.silences(NOW) == (silence("s1"), silence("s2"))
        assert view.silences(minutes(-1)) == ()
        assert len(view.silences(minutes(59))) == 3
        assert view.silences(minutes(60)) == ()


def test_one_digest_a_subscription_and_local_date(store: Any) -> None:
    first = DigestPeriod(subscription_id="a", local_date=date(2024, 8, 23), after=None, until=NOW)
    second = DigestPeriod(subscription_id="a", local_date=date(2024, 8, 24), after=NOW, until=minutes(1440))
    with store.begin() as tx:
        assert tx.add_digest(second)
        assert tx.add_digest(first)
        assert not tx.add_digest(replace(first, until=minutes(1)))
        assert tx.add_digest(replace(first, subscription_id="b"))
    with store.read() as view:
        assert view.last_digests() == {"a": second, "b": replace(first, subscription_id="b")}


def test_small_values(store: Any) -> None:
    with store.begin() as tx:
        tx.set_meta("last_tick", "a")
        tx.set_meta("last_tick", "b")
    with store.read() as view:
        assert view.meta("last_tick") == "b"
        assert view.meta("none") is None


def test_an_exception_takes_the_whole_transaction_back(store: Any) -> None:
    save(store, fact("f"))
    with store.begin() as tx:
        add(tx, document(1), bands=(1,))
        tx.add_outbox([entry("o1")])
        tx.set_meta("k", "old")
    with pytest.raises(KeyError), store.begin() as tx:  # noqa: PT012
        add(tx, document(2), bands=(1,))
        add(tx, document(3, identity=document(1).identity, revision=2))
        before = tx.state("venezuela", ["a"])
        tx.save_state(
            "venezuela", before, EventState(event_id="venezuela", version=2, facts={"g": fact("g")})
        )
        tx.add_claims([claim()], [])
        tx.add_developments([development()])
        tx.claim_due(NOW, lease_s=60, limit=9)
        tx.add_outbox([entry("o2")])
        tx.save_cursor(cursor())
        tx.pause("slack", minutes(9))
        tx.add_digest(DigestPeriod(subscription_id="a", local_date=NOW.date(), after=None, until=NOW))
        tx.add_silence(silence())
        tx.set_meta("k", "new")
        raise KeyError
    with store.read() as view:
        assert [one.id for one in view.documents()] == ["doc1"]
        assert view.known_identities([document(1).identity]) == {document(1).identity: ("hash1", 1)}
        assert held(view, 1) == {1: ["doc1"]}
        assert view.state("venezuela", ["a"]) == EventState(
            event_id="venezuela", version=1, facts={"f": fact("f")}
        )
        assert view.find_claim("c1") is None
        assert view.developments() == ()
        assert view.outbox() == (entry("o1"),)
        assert (view.cursors(), view.paused_until("slack"), view.last_digests()) == ((), None, {})
        assert (view.silences(NOW), view.meta("k")) == ((), "old")
