"""One batch, one transaction: the known is skipped, copies confirm nothing, a crash repeats the same ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import StoreError
from monitor.core.model import (
    Actor,
    Change,
    Claim,
    Document,
    EventSpec,
    SourceCursor,
    stable_id,
)
from monitor.core.outgoing import OutboxEntry
from monitor.core.policy import Policy
from monitor.core.ports import Clock, Store, Transaction, View
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.extract.kinds import load_kinds
from monitor.ingest import BATCH, EventMatcher, Ingest, fold
from monitor.store.memory import MemoryStore

NOW = datetime(2024, 9, 3, 12, tzinfo=UTC)
KINDS = load_kinds()
FILLER = " ".join(f"word{n} of the article goes on and on" for n in range(60))


class Script:
    """Reads `kind NAME` lines as claims, so that a test says what a document claims."""

    def __init__(self) -> None:
        self.read_documents: list[str] = []

    def read(self, document: Document) -> tuple[Claim, ...]:
        self.read_documents.append(document.name)
        if "explode" in document.text:
            raise RuntimeError("cannot read this")
        claims = []
        for line in document.text.splitlines():
            kind, _, name = line.partition(" ")
            if kind in KINDS:
                start = document.text.index(line)
                claims.append(
                    Claim(
                        id=stable_id("c", document.id, start),
                        document_id=document.id,
                        kind=kind,
                        plover=KINDS[kind].plover,
                        recipients=(Actor(name=name, country="VEN"),),
                        quote=line,
                        start=start,
                        end=start + len(line),
                        confidence=0.9,
                    )
                )
        return tuple(claims)


def document(
    text: str, *, name: str = "a.txt", source: str = "one", identity: str = "", day: int = 1
) -> Document:
    content = stable_id("h", text)
    identity = identity or f"{source}/{name}"
    return Document(
        id=stable_id("doc", identity, content),
        identity=identity,
        name=name,
        source=source,
        publisher=source,
        text=text,
        retrieved_at=NOW,
        content_hash=content,
        published_at=datetime(2024, 9, day, tzinfo=UTC),
    )


def told(developments, view, now) -> tuple[OutboxEntry, ...]:
    return tuple(
        OutboxEntry(
            id=stable_id("o", d.id),
            type="alert",
            receiver="desk",
            recipient="desk",
            group_key="g",
            not_before=now,
            created_at=now,
            development_id=d.id,
        )
        for d in developments
    )


def fixed(moment: datetime) -> Clock:
    return lambda: moment


def make(
    store: Store, *, events: tuple[EventSpec, ...] = (), reader: Script | None = None, **more: object
) -> Ingest:
    return Ingest(
        store=store,
        reader=reader or Script(),
        fingerprinter=MinHashFingerprinter(),
        events=events or (EventSpec(id="all", name="All"),),
        policy=Policy(kinds=KINDS),
        router=told,
        **more,  # type: ignore[arg-type]
    )


def snapshot(store: Store) -> tuple[object, ...]:
    with store.read() as view:
        return (
            tuple(d.id for d in view.developments()),
            tuple(sorted(e.id for e in view.outbox(limit=1000))),
            tuple((d.id, d.revision) for d in view.documents()),
            tuple(sorted((f.id, f.version) for state in view.facts("all") for f in state.facts.values())),
        )


def test_a_document_brings_its_developments_and_what_must_be_told() -> None:
    store = MemoryStore()
    done = make(store).ingest(
        [document("arrest Ana Ruiz")], clock=fixed(NOW), cursor=SourceCursor(source_id="one")
    )
    assert [(d.change, d.kind) for d in done.developments] == [(Change.NEW, "arrest")]
    with store.read() as view:
        assert view.developments() == done.developments
        assert [e.development_id for e in view.outbox()] == [done.developments[0].id]
        assert view.cursor("one") == SourceCursor(source_id="one")
        ((claim, end),) = view.claims(document("arrest Ana Ruiz").id)
        assert (claim.kind, end.development_id) == ("arrest", done.developments[0].id)


def test_what_is_known_is_not_even_read_again() -> None:
    store, reader = MemoryStore(), Script()
    ingest = make(store, reader=reader)
    ingest.ingest([document("arrest Ana Ruiz")], clock=fixed(NOW))
    before = snapshot(store)
    again = ingest.ingest(
        [document("arrest Ana Ruiz"), document("arrest Ana Ruiz", name="b.txt")],
        clock=fixed(NOW + timedelta(days=1)),
    )
    assert (again.developments, again.stored, again.known) == ((), 0, 2)
    assert reader.read_documents == ["a.txt"]
    assert snapshot(store) == before


def test_an_edited_article_is_a_revision_and_tells_only_what_it_adds() -> None:
    store = MemoryStore()
    ingest = make(store)
    ingest.ingest([document("arrest Ana Ruiz")], clock=fixed(NOW))
    done = ingest.ingest([document("arrest Ana Ruiz\nresignation Luis Vega")], clock=fixed(NOW))
    assert [d.kind for d in done.developments] == ["resignation"]
    with store.read() as view:
        assert [d.revision for d in view.documents()] == [1, 2]


def test_two_revisions_in_one_batch_are_counted_on() -> None:
    store = MemoryStore()
    make(store).ingest(
        [document("arrest Ana Ruiz"), document("arrest Ana Ruiz\ncharge Ana Ruiz")], clock=fixed(NOW)
    )
    with store.read() as view:
        assert [d.revision for d in view.documents()] == [1, 2]


def test_an_independent_voice_confirms_and_a_copy_does_not() -> None:
    first = document(f"arrest Ana Ruiz\n{FILLER}")
    copy = document(f"arrest Ana Ruiz\n{FILLER} by our staff", name="b.txt", source="two")
    other = document("arrest Ana Ruiz", name="c.txt", source="three")
    store = MemoryStore()
    ingest = make(store)
    ingest.ingest([first], clock=fixed(NOW))
    done = ingest.ingest([copy], clock=fixed(NOW))
    assert (done.developments, done.copies, done.stored) == ((), 1, 1)
    assert [d.change for d in ingest.ingest([other], clock=fixed(NOW)).developments] == [Change.CONFIRMED]


def test_a_copy_still_tells_what_only_it_adds() -> None:
    store = MemoryStore()
    ingest = make(store)
    ingest.ingest([document(f"arrest Ana Ruiz\n{FILLER}")], clock=fixed(NOW))
    copy = document(f"arrest Ana Ruiz\nresignation Luis Vega\n{FILLER}", name="b.txt", source="two")
    done = ingest.ingest([copy], clock=fixed(NOW))
    assert done.copies == 1
    assert [d.kind for d in done.developments] == ["resignation"]


def test_a_text_that_breaks_the_reader_is_kept_and_the_rest_goes_on() -> None:
    store = MemoryStore()
    done = make(store).ingest(
        [document("explode", name="bad.txt"), document("arrest Ana Ruiz")], clock=fixed(NOW)
    )
    assert [d.kind for d in done.developments] == ["arrest"]
    assert [p.place for p in done.problems] == ["bad.txt"]
    assert done.stored == 2


class Crashing:
    """A store whose `at`-th commit fails before it is done, as a crash would; afterwards it works."""

    def __init__(self, inner: Store, at: int, error: type[Exception]) -> None:
        self._inner = inner
        self._left = at
        self._error = error

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        with self._inner.begin() as tx:
            yield tx
            self._left -= 1
            if self._left == 0:
                raise self._error("lights out")

    @contextmanager
    def read(self) -> Iterator[View]:
        with self._inner.read() as view:
            yield view

    def close(self) -> None:
        self._inner.close()


MANY = [
    document(f"arrest Person{n} Name\ncharge Other{n} Name", name=f"{n}.txt") for n in range(BATCH * 2 + 5)
]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_crash_before_any_commit_repeats_with_the_same_ids(at: int) -> None:
    whole = MemoryStore()
    make(whole).ingest(MANY, clock=fixed(NOW), cursor=SourceCursor(source_id="one"))
    inner = MemoryStore()
    with pytest.raises(KeyboardInterrupt):
        make(Crashing(inner, at, KeyboardInterrupt)).ingest(
            MANY, clock=fixed(NOW), cursor=SourceCursor(source_id="one")
        )
    with inner.read() as view:
        assert view.cursor("one") is None
        assert len(list(view.documents())) == BATCH * (at - 1)
    make(inner).ingest(MANY, clock=fixed(NOW + timedelta(hours=1)), cursor=SourceCursor(source_id="one"))
    assert snapshot(inner) == snapshot(whole)


def test_a_conflict_is_tried_once_more_and_then_told() -> None:
    inner = MemoryStore()
    done = make(Crashing(inner, 1, StoreError)).ingest([document("arrest Ana Ruiz")], clock=fixed(NOW))
    assert len(done.developments) == 1

    class Always(Crashing):
        @contextmanager
        def begin(self) -> Iterator[Transaction]:
            with self._inner.begin() as tx:
                yield tx
                raise StoreError("moved")

    with pytest.raises(StoreError, match="moved"):
        make(Always(inner, 1, StoreError)).ingest([document("arrest Luis Vega")], clock=fixed(NOW))


def test_a_reading_without_documents_still_moves_the_cursor() -> None:
    store = MemoryStore()
    make(store).ingest([], clock=fixed(NOW), cursor=SourceCursor(source_id="one", etag='"x"'))
    with store.read() as view:
        assert view.cursor("one") == SourceCursor(source_id="one", etag='"x"')


def test_kinds_of_no_interest_are_kept_with_their_reason() -> None:
    store = MemoryStore()
    event = EventSpec(id="courts", name="Courts", kinds=("court_ruling",))
    item = document("arrest Ana Ruiz")
    assert make(store, events=(event,)).ingest([item], clock=fixed(NOW)).developments == ()
    with store.read() as view:
        ((_, end),) = view.claims(item.id)
    assert "not interested" in end.reason


@pytest.mark.parametrize(
    ("countries", "setting", "elsewhere", "wanted"),
    [
        ((), None, False, True),
        ((), "GHA", False, True),
        ((), "NOR", True, False),
        (("NOR",), "NOR", True, True),
        (("NOR",), "GHA", False, False),
        (("NOR",), None, False, True),
    ],
)
def test_of_a_bulletin_an_event_takes_its_own_countrys_part(
    countries: tuple[str, ...], setting: str | None, *, elsewhere: bool, wanted: bool
) -> None:
    """Without countries of its own, an event takes the main story."""
    claim = replace(CLAIM, setting=setting, elsewhere=elsewhere)
    refusal = EventMatcher(EventSpec(id="e", name="E", countries=countries)).refusal(claim)
    assert (refusal is None) is wanted
    assert wanted or "another country" in str(refusal)


def test_a_document_of_two_events_tells_in_both_and_of_none_in_neither() -> None:
    events = (
        EventSpec(id="ruiz", name="Ruiz", actors=("Ana Ruiz",)),
        EventSpec(id="country", name="Country", countries=("VEN",)),
        EventSpec(id="other", name="Other", words=("Dhaka",)),
    )
    store = MemoryStore()
    done = make(store, events=events).ingest([document("arrest Ana Ruiz")], clock=fixed(NOW))
    assert [d.event_id for d in done.developments] == ["ruiz", "country"]
    with store.read() as view:
        ((_, end),) = view.claims(document("arrest Ana Ruiz").id)
    assert end.development_id in {d.id for d in done.developments}


CLAIM = Script().read(document("arrest Ana Ruiz"))[0]


@pytest.mark.parametrize(
    ("event", "text", "claims", "takes"),
    [
        (EventSpec(id="e", name="E"), "anything", (), True),
        (EventSpec(id="e", name="E", words=("vote",)), "The VOTE was held", (), True),
        (EventSpec(id="e", name="E", words=("vote",)), "They devoted time", (), False),
        (EventSpec(id="e", name="E", words=("González",)), "gonzalez left", (), True),
        (EventSpec(id="e", name="E", words=("28 July",)), "on 28 July they", (), True),
        (EventSpec(id="e", name="E", actors=("Ana Ruíz",)), "nothing", (CLAIM,), True),
        (EventSpec(id="e", name="E", countries=("VEN",)), "nothing", (CLAIM,), True),
        (EventSpec(id="e", name="E", countries=("COL",)), "nothing", (CLAIM,), False),
        (EventSpec(id="e", name="E", words=("c++ (x)",)), "about c++ (x) today", (), True),
    ],
)
def test_which_documents_an_event_takes(
    event: EventSpec, text: str, claims: tuple[Claim, ...], *, takes: bool
) -> None:
    assert EventMatcher(event).takes(fold(text), claims) is takes


def test_a_country_is_known_by_its_names_too() -> None:
    matcher = EventMatcher(EventSpec(id="e", name="E", countries=("ESP",)), ("Spain", "España"))
    assert matcher.takes(fold("He flew to ESPANA."), ())
    assert not matcher.takes(fold("He flew to Portugal."), ())


def test_the_store_twin_differs_from_a_revision_by_time_only() -> None:
    """A re-served article with another time of publication has the same content, and tells nothing."""
    store = MemoryStore()
    ingest = make(store)
    item = document("arrest Ana Ruiz")
    ingest.ingest([item], clock=fixed(NOW))
    later = replace(item, published_at=item.published_at + timedelta(days=9))
    assert ingest.ingest([later], clock=fixed(NOW)).developments == ()


def test_an_edited_article_that_drops_a_claim_withdraws_it() -> None:
    store = MemoryStore()
    ingest = make(store)
    first = f"arrest Ana Ruiz\nresignation Luis Vega\n{FILLER}"
    (arrest, _) = ingest.ingest([document(first)], clock=fixed(NOW)).developments
    done = ingest.ingest([document(f"resignation Luis Vega\n{FILLER}")], clock=fixed(NOW))
    (gone,) = done.developments
    assert (gone.change, gone.withdrawn, gone.fact_id) == (Change.CHANGED, True, arrest.fact_id)
    with store.read() as view:
        assert [e.development_id for e in view.outbox(limit=1)] == [gone.id]
        assert (text := view.document(gone.document_id)) is not None
    assert text.text[gone.start : gone.end] == gone.quote == "arrest Ana Ruiz"


def test_a_revision_within_one_batch_withdraws_too() -> None:
    versions = [document(f"arrest Ana Ruiz\n{FILLER}"), document(f"nothing\n{FILLER}")]
    together = make(MemoryStore()).ingest(versions, clock=fixed(NOW)).developments
    one_by_one = make(MemoryStore())
    apart = [d for v in versions for d in one_by_one.ingest([v], clock=fixed(NOW)).developments]
    assert list(together) == apart
    assert [d.withdrawn for d in apart] == [False, True]


def test_copies_and_confirmations_within_one_batch_are_those_of_one_by_one() -> None:
    several = [
        document(f"arrest Ana Ruiz\n{FILLER}"),
        document(f"arrest Ana Ruiz\n{FILLER} by our staff", name="b.txt", source="two"),
        document("arrest Ana Ruiz", name="c.txt", source="three"),
        document("charge Ana Ruiz", name="d.txt", source="three"),
    ]
    store, twin = MemoryStore(), MemoryStore()
    together = make(store).ingest(several, clock=fixed(NOW))
    ingest = make(twin)
    apart = [ingest.ingest([one], clock=fixed(NOW)) for one in several]
    assert together.developments == tuple(d for done in apart for d in done.developments)
    assert together.copies == 1
    assert snapshot(store) == snapshot(twin)


def test_a_document_of_no_event_is_remembered_as_a_stray() -> None:
    store = MemoryStore()
    event = EventSpec(id="other", name="Other", words=("Dhaka",))
    ingest = make(store, events=(event,))
    ingest.ingest([document("arrest Ana Ruiz"), document("In Dhaka", name="b.txt")], clock=fixed(NOW))
    with store.read() as view:
        (found,) = view.strays(NOW - timedelta(days=1), limit=9)
    assert (found.document, found.actors, found.countries) == ("a.txt", ("Ana Ruiz",), ("VEN",))
