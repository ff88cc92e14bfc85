"""Long random histories of documents, revisions, copies and edits: twins agree, and a replay brings the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.core.edits import Edit, EditAction
from monitor.core.errors import UsageError
from monitor.core.model import (
    Actor,
    Claim,
    Development,
    Document,
    EventSpec,
    Fact,
    Figure,
    Operator,
    stable_id,
)
from monitor.core.policy import Policy
from monitor.core.ports import Store, Transaction
from monitor.editing import new_edit, perform
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.extract.kinds import load_kinds
from monitor.ingest import Ingest
from monitor.store import open_store
from monitor.store.memory import MemoryStore
from monitor.store.migrate import upgrade

START = datetime(2024, 9, 1, tzinfo=UTC)
KINDS = load_kinds()
NAMES = ["Jane Roe", "Roe", "Ada Pol", "six students", "Freedonia"]
EVENT = "e"


class Lines:
    """Reads `kind|actor|recipient|extra` lines as claims."""

    def read(self, document: Document) -> tuple[Claim, ...]:
        claims, at = [], 0
        for line in document.text.splitlines(keepends=True):
            if line.count("|") == 3:
                claims.append(self._claim(document, line.rstrip("\n"), at))
            at += len(line)
        return tuple(claims)

    def _claim(self, document: Document, line: str, at: int) -> Claim:
        kind, actor, recipient, extra = line.split("|")
        figure = (
            Figure(metric="deaths", operator=Operator.EQ, value=float(extra)) if kind == "figure" else None
        )
        return Claim(
            id=stable_id("c", document.id, at),
            document_id=document.id,
            kind=kind,
            plover=KINDS[kind].plover,
            actors=(Actor(name=actor),) if actor and kind != "figure" else (),
            recipients=(Actor(name=recipient),) if recipient and kind != "figure" else (),
            claimed_by=(Actor(name=actor),) if actor and kind == "figure" else (),
            stance=extra if kind == "statement" else None,
            figure=figure,
            event_date=date(2024, 8, 1 + len(extra)) if kind == "arrest" and extra else None,
            quote=line,
            start=at,
            end=at + len(line),
            confidence=0.9,
        )


happenings = st.builds(
    "{}|{}|{}|{}".format,
    st.sampled_from(["arrest", "charge", "release", "protest"]),
    st.sampled_from(["", "police"]),
    st.sampled_from(NAMES),
    st.sampled_from(["", "x", "xxxxxxxx"]),
)
statements = st.builds(
    "statement|{}|{}|{}".format,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(["rejects", "recognises", "condemns"]),
)
figures = st.builds(
    "figure|{}||{}".format, st.sampled_from(["", "police", "clinics"]), st.sampled_from(["5", "11", "20"])
)
texts = st.lists(happenings | statements | figures, min_size=1, max_size=4).map("\n".join)


def make(store: Store) -> Ingest:
    return Ingest(
        store=store,
        reader=Lines(),
        fingerprinter=MinHashFingerprinter(),
        events=(EventSpec(id=EVENT, name="E"),),
        policy=Policy(kinds=KINDS),
        router=lambda *_: (),
    )


def document(name: str, source: str, text: str, day: int | None) -> Document:
    content = stable_id("h", text)
    return Document(
        id=stable_id("doc", name, content),
        identity=name,
        name=name,
        source=source,
        text=text,
        retrieved_at=START,
        content_hash=content,
        published_at=START + timedelta(days=day) if day is not None else None,
        dated=day is not None,
    )


def contents(store: Store) -> tuple[list[Fact], list[Development]]:
    with store.read() as view:
        return [f for part in view.facts(EVENT) for f in part.facts.values()], list(view.developments())


class History(RuleBasedStateMachine):
    """The same history in memory and in SQLite."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="history"))
        shutil.copy(self.template, self.folder / "monitor.db")
        self.stores: list[Store] = [MemoryStore(), open_store(f"sqlite:///{self.folder}/monitor.db")]
        self.ingests = [make(store) for store in self.stores]
        self.now = START
        self.count = 0
        self.latest: dict[str, Document] = {}
        self.rejected: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "stores"):
            self.replays_the_same()
            for store in self.stores:
                store.close()
            shutil.rmtree(self.folder)

    def tell(self, *documents: Document, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        done = [ingest.ingest(documents, clock=lambda: self.now) for ingest in self.ingests]
        assert done[0].developments == done[1].developments
        assert not {d.fact_id for d in done[0].developments} & self.rejected
        self.latest.update({d.name: d for d in documents})

    @rule(
        several=st.lists(
            st.tuples(texts, st.sampled_from(["a", "b", "c"]), st.none() | st.integers(0, 9)),
            min_size=1,
            max_size=3,
        ),
        minutes=st.integers(0, 2),
    )
    def documents_come(self, several: list[tuple[str, str, int | None]], minutes: int) -> None:
        made = []
        for text, source, day in several:
            self.count += 1
            made.append(document(f"{self.count}.txt", source, f"{text}\n{self.count}", day))
        self.tell(*made, minutes=minutes)

    @precondition(lambda self: self.latest)
    @rule(text=texts, pick=st.integers(0, 99))
    def an_article_is_edited(self, text: str, pick: int) -> None:
        old = self.latest[sorted(self.latest)[pick % len(self.latest)]]
        self.count += 1
        self.tell(document(old.name, old.source, f"{text}\n{self.count}", None), minutes=1)

    @precondition(lambda self: self.latest)
    @rule(pick=st.integers(0, 99))
    def an_article_is_served_again(self, pick: int) -> None:
        old = self.latest[sorted(self.latest)[pick % len(self.latest)]]
        before = contents(self.stores[0])
        self.tell(old, minutes=1)
        assert contents(self.stores[0]) == before

    def edit(self, asked: Callable[[Transaction], Edit]) -> Edit | None:
        """Make an edit in both; what cannot be done leaves both as they were."""
        self.now += timedelta(minutes=1)
        made: list[Edit | None] = []
        for store in self.stores:
            before = contents(store)
            try:
                with store.begin() as tx:
                    made.append(new_edit(tx, asked(tx), now=self.now))
            except UsageError:
                assert contents(store) == before
                made.append(None)
        assert made[0] == made[1]
        return made[0]

    def pick(self, number: int) -> Fact | None:
        facts, _ = contents(self.stores[0])
        return facts[number % len(facts)] if facts else None

    @rule(one=st.integers(0, 99))
    def a_fact_is_rejected(self, one: int) -> None:
        fact = self.pick(one)
        if fact is not None:
            self.edit(lambda _: asked(EditAction.REJECT, facts=(fact.id,)))
            self.rejected.add(fact.id)

    @rule(one=st.integers(0, 99), two=st.integers(0, 99))
    def two_facts_are_merged(self, one: int, two: int) -> None:
        kept, gone = self.pick(one), self.pick(two)
        if kept is not None and gone is not None and not {kept.id, gone.id} & self.rejected:
            done = self.edit(lambda _: asked(EditAction.MERGE, facts=(kept.id, gone.id)))
            assert (done is None) == (kept.id == gone.id or kept.kind != gone.kind)

    @rule(one=st.integers(0, 99), part=st.integers(0, 9))
    def a_fact_is_split(self, one: int, part: int) -> None:
        fact = self.pick(one)
        if fact is not None and fact.id not in self.rejected:
            claims = (fact.tellings[part % len(fact.tellings)].claim_id,)
            self.edit(lambda _: asked(EditAction.SPLIT, facts=(fact.id,), claims=claims))

    @rule(name=st.sampled_from(NAMES), right=st.sampled_from(["Jane Doe", "Sylvania"]))
    def an_actor_is_corrected(self, name: str, right: str) -> None:
        done = self.edit(lambda _: asked(EditAction.CORRECT, name=name, actor=Actor(name=right)))
        if done is not None:
            facts, _ = contents(self.stores[0])
            assert not any(a.name == name for f in facts for a in (*f.actors, *f.recipients))

    @rule(pick=st.integers(0, 99))
    def an_edit_is_undone(self, pick: int) -> None:
        with self.stores[0].read() as view:
            edits = view.edits()
        if not edits:
            return
        target = edits[pick % len(edits)]
        done = self.edit(lambda _: asked(EditAction.UNDO, undoes=target.id))
        if done is not None and target.action is EditAction.REJECT:
            self.rejected.discard(target.facts[0])

    @rule()
    def an_edit_undone_at_once_leaves_no_trace(self) -> None:
        fact = self.pick(0)
        if fact is None or fact.rejected:
            return
        before = {f.id: f for f in contents(self.stores[0])[0]}
        done = self.edit(lambda _: asked(EditAction.REJECT, facts=(fact.id,)))
        assert done is not None
        self.edit(lambda _: asked(EditAction.UNDO, undoes=done.id))
        after = {f.id: f for f in contents(self.stores[0])[0]}
        assert after.pop(fact.id).rejected is False
        before.pop(fact.id)
        assert after == before

    @invariant()
    def the_twins_agree(self) -> None:
        if hasattr(self, "stores"):
            assert contents(self.stores[0]) == contents(self.stores[1])

    def replays_the_same(self) -> None:
        again = MemoryStore()
        ingest = make(again)
        with self.stores[1].read() as view:
            edits, documents = list(view.edits()), list(view.documents())
        replay_edits(again, edits, None)
        for one in documents:
            ingest.ingest([one], clock=partial(_when, one))
            replay_edits(again, edits, one.id)
        assert contents(again) == contents(self.stores[1])


def _when(one: Document) -> datetime:
    return one.retrieved_at


def asked(action: EditAction, **fields: object) -> Edit:
    return Edit(id="", event_id=EVENT, action=action, who="ana", made_at=START, **fields)  # type: ignore[arg-type]


def replay_edits(store: Store, edits: list[Edit], after: str | None) -> None:
    for edit in edits:
        if edit.after_document == after:
            with store.begin() as tx:
                assert perform(tx, edit) == edit


def test_random_histories(tmp_path: Path) -> None:
    History.template = tmp_path / "empty.db"
    upgrade(f"sqlite:///{History.template}")
    machine = History.TestCase()
    machine.settings = settings(
        max_examples=15,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    machine.runTest()
