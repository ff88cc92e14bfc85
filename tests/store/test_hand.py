"""Edits by hand, strays and single facts: what every store promises of them."""

from __future__ import annotations

from typing import Any

from monitor.core.model import EventState, Intake
from tests.store.values import document, edit, fact, minutes, stray


def test_edits_come_back_whole_by_event_and_in_order(store: Any) -> None:
    made = [edit("z"), edit("a", event_id="peru"), edit("b", undoes="z", before=(), actor=None)]
    with store.begin() as tx:
        for one in made:
            tx.add_edit(one)
        tx.add_edit(edit("z", why="another"))
    with store.read() as view:
        assert view.edits() == tuple(made)
        assert view.edits("venezuela") == (made[0], made[2])
        assert view.edits("chile") == ()


def test_strays_are_recorded_once_and_come_newest_first(store: Any) -> None:
    with store.begin() as tx:
        tx.add_strays([stray(1), stray(3), stray(2)])
        tx.add_strays([stray(1, title="another")])
        tx.add_strays([])
    with store.read() as view:
        assert view.strays(minutes(0), limit=9) == (stray(3), stray(2), stray(1))
        assert view.strays(minutes(1), limit=9) == (stray(3), stray(2))
        assert view.strays(minutes(0), limit=1) == (stray(3),)


def test_one_fact_is_found_in_its_event(store: Any) -> None:
    with store.begin() as tx:
        tx.save_state(
            "venezuela",
            EventState(event_id="venezuela"),
            EventState(event_id="venezuela", version=1, facts={"f1": fact("f1")}),
        )
    with store.read() as view:
        assert view.fact("venezuela", "f1") == fact("f1")
        assert view.fact("venezuela", "f2") is None
        assert view.fact("peru", "f1") is None


def test_revisions_of_a_document_and_the_last_one_ingested(store: Any) -> None:
    with store.read() as view:
        assert view.last_document() is None
    with store.begin() as tx:
        for one in (
            document(1),
            document(7, identity="alone"),
            document(5, identity=document(1).identity, revision=2),
        ):
            tx.add_documents([Intake(document=one, signature=(), bands=(), copy_of=None)])
    with store.read() as view:
        assert view.revisions(document(1).identity) == ("doc1", "doc5")
        assert view.revisions("never") == ()
        assert view.last_document() == "doc5"
