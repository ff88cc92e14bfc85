"""What a document costs from identity to commit, at a small and at a large state, and how fast that opens.

    python benchmarks/bench_store.py [rows …] [--postgres URL] [--minutes 8]     (default: 10000 100000)

Everything but extraction is done as the daemon does it: documents in feeds of 20 items, a fingerprint, claims that
are given, near-duplicates, match, diff, keys, one commit a feed (SQLite: WAL, synchronous=FULL). A fifth of the
documents retell what is known, one in ten is a copy; all belong to one busy event with a few hundred speakers. A
state of so many rows is made by the program itself up to the first size and is then multiplied by copying rows in
SQL under other ids, so that a million rows take minutes. Only the last 2,000 documents of each size are measured;
CPU is the process's own time (of PostgreSQL only the client's; its server's shows in documents a second), of the
median feed, so that what else the machine does counts little. The bound on growth is 1.3 from the first size to the
last.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, text

from monitor.core.interest import EventMatcher
from monitor.core.model import Actor, Claim, Document, EventSpec, Figure, Operator
from monitor.core.policy import Policy
from monitor.extract.fingerprint import MinHashFingerprinter
from monitor.extract.kinds import load_bodies, load_kinds, load_measures, plover_of
from monitor.ingest import BATCH, Ingest
from monitor.store import MEMORY, open_store
from monitor.store.codec import key_of
from monitor.store.engine import parse_url
from monitor.store.migrate import upgrade

START = datetime(2024, 1, 1, tzinfo=UTC)
MEASURED = 2_000
FLOOR = 2_000
GROWTH = 1.3
EVENT = EventSpec(id="event", name="Event", words=("council",))
KINDS = load_kinds()
GIVEN = "Ana Luis Eva Tom Rosa Juan Mara Paul".split()
SURNAMES = ["".join(random.Random(n).choices("bdfgklmnprstaeiou", k=8)) for n in range(600)]
WORDS = [f"w{n}" for n in range(4_000)]


@dataclass(frozen=True, slots=True)
class Given:
    """Reads the claims that were made with a document."""

    claims: dict[str, tuple[Claim, ...]]

    def read(self, document: Document) -> tuple[Claim, ...]:
        return self.claims[document.id]


def person(dice: random.Random) -> Actor:
    return Actor(name=f"{dice.choice(GIVEN)} {dice.choice(SURNAMES)}", country="FRD")


def claim(document: str, number: int, dice: random.Random, day: date) -> Claim:
    kind = dice.choice(["statement", "statement", "statement", "arrest", "protest", "figure"])
    figure = None
    if kind == "figure":
        scope = (f"town{dice.randrange(500)}",)
        figure = Figure(metric="deaths", operator=Operator.EQ, value=float(dice.randrange(50)), scope=scope)
    topic = " ".join(dice.sample(WORDS, 2))
    return Claim(
        id=f"{document}-{number}",
        document_id=document,
        kind=kind,
        plover=plover_of(kind),
        actors=() if figure else (person(dice),),
        recipients=() if figure or dice.random() < 0.2 else (person(dice),),
        stance=dice.choice(["rejects", "demands", "condemns"]) if kind == "statement" else None,
        figure=figure,
        event_date=day if kind in {"arrest", "protest"} else None,
        topic=None if figure else topic,
        quote=f"the council heard that {topic}",
        start=number * 100,
        end=number * 100 + 40,
        confidence=0.9,
    )


def documents(first: int, last: int) -> Iterator[tuple[Document, tuple[Claim, ...]]]:
    """Make documents `first` to `last`: their text, and two claims each."""
    for number in range(first, last):
        dice = random.Random(number)
        retold = dice.random() < 0.2 and number > 100
        words = random.Random(number - dice.randrange(1, 100) if dice.random() < 0.1 else number)
        name = f"doc{number}"
        now = START + timedelta(minutes=number)
        source = random.Random(number - dice.randrange(1, 100)) if retold else dice
        document = Document(
            id=name,
            identity=f"https://example.org/{number}",
            name=name,
            source=f"source{number % 40}",
            text="The council met. " + " ".join(words.choices(WORDS, k=250)) + f" {number}",
            retrieved_at=now,
            content_hash=name,
            published_at=now,
        )
        yield document, tuple(claim(name, n, source, now.date()) for n in range(2))


class Bench:
    """One store, fed in feeds of 20 items."""

    def __init__(self, url: str) -> None:
        self.store = open_store(url)
        self.claims: dict[str, tuple[Claim, ...]] = {}
        self.ingest = Ingest(
            store=self.store,
            reader=Given(self.claims),
            fingerprinter=MinHashFingerprinter(),
            events=(EVENT,),
            policy=Policy(kinds=KINDS, bodies=load_bodies(), measures=load_measures()),
            router=lambda *_: (),
        )

    def feed(self, first: int, last: int) -> tuple[float, float]:
        """Take documents in; return CPU seconds and seconds a document of the median feed, their making not counted."""
        cpu: list[float] = []
        wall: list[float] = []
        for start in range(first, last, BATCH):
            made = list(documents(start, min(start + BATCH, last)))
            self.claims.clear()
            self.claims.update({d.id: claims for d, claims in made})
            now = START + timedelta(minutes=start + BATCH)
            began, began_cpu = time.perf_counter(), time.process_time()
            self.ingest.ingest([d for d, _ in made], clock=lambda now=now: now)  # type: ignore[misc]
            cpu.append((time.process_time() - began_cpu) / len(made))
            wall.append((time.perf_counter() - began) / len(made))
        return median(cpu), median(wall)

    def check(self, last: int) -> None:
        """Fail where the last document was not taken in: a measure of documents that are known already is none."""
        with self.store.read() as view:
            assert view.document(f"doc{last}") is not None, "nothing was measured"


def multiply(url: str, times: int) -> None:
    """Copy all rows `times` times under other ids, as a long history of other stories would leave them."""
    engine = create_engine(parse_url(url))
    lite = engine.dialect.name == "sqlite"
    spread = "(b.band + n.n * 7919)" if lite else "(b.band # n.n)"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE n (n INTEGER)"))
        connection.execute(text("INSERT INTO n VALUES (:n)"), [{"n": n} for n in range(1, times)])
        top = connection.scalar(text("SELECT max(seq) FROM documents"))
        columns = "revision, copy_of, name, source, publisher, title, url, language, published_at, dated, retrieved_at"
        for statement in (
            (
                f"INSERT INTO documents (seq, id, identity_key, identity, content_hash, {columns}, signature, text)"
                f" SELECT seq + n.n * {top}, id || '-' || n.n, identity_key + n.n, identity || '-' || n.n,"
                f" content_hash || '-' || n.n, {columns}, signature, '' FROM documents, n"
            ),
            (
                f"INSERT INTO document_bands SELECT {spread}, b.document_seq + n.n * {top} FROM document_bands b, n"
                " WHERE abs(b.band) < 4611686018427387904"
            ),
            "INSERT INTO claims (id, document_id, data) SELECT id || '-' || n.n, document_id || '-' || n.n, data FROM claims, n",
            "INSERT INTO dispositions SELECT claim_id || '-' || n.n, data FROM dispositions, n",
            (
                "INSERT INTO developments (id, event_id, found_at, data)"
                " SELECT id || '-' || n.n, event_id, found_at - n.n * 1000000, data FROM developments, n"
            ),
            "INSERT INTO facts (event_id, id, data) SELECT event_id, id || '-' || n.n, data FROM facts, n",
            (
                "INSERT INTO fact_blocks SELECT block_hash + n.n, event_id, fact_id || '-' || n.n FROM fact_blocks, n"
                " WHERE abs(block_hash) < 4611686018427387904"
            ),
        ):
            connection.execute(text(statement))
        connection.execute(text("DROP TABLE n"))
        if not lite:
            connection.execute(
                text(
                    "SELECT setval(pg_get_serial_sequence('documents', 'seq'), (SELECT max(seq) FROM documents))"
                )
            )
    if not lite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    engine.dispose()


def measure(label: str, url: str, sizes: list[int], until: float) -> None:
    base = sizes[0]
    bench = Bench(url)
    bench.feed(0, base - MEASURED)
    first = None
    done = base - MEASURED
    for size in sizes:
        if time.monotonic() > until:
            print(f"{label:9} {size:>9,} documents: left out, no time left")
            break
        if size > base:
            bench.store.close()
            multiply(url, size // base)
            bench = Bench(url)
            bench.feed(done, done + 200)
            done += 200
        cpu, wall = bench.feed(done, done + MEASURED)
        bench.check(done + MEASURED - 1)
        done += MEASURED
        each = cpu * 1e6
        first = first or each
        print(
            f"{label:9} {size:>9,} documents: {each:5.0f} µs CPU each, {1 / cpu:5.0f} a second of CPU "
            f"({1 / cpu / FLOOR:.2f} of the floor {FLOOR:,}), {1 / wall:5.0f} a second; "
            f"{each / first:.2f} × the first (bound {GROWTH}); "
            f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
            flush=True,
        )
        if url != MEMORY:
            opening(url, label)
    bench.store.close()


def opening(url: str, label: str) -> None:
    """Print how long it takes to open the state and take one feed in."""
    began = time.perf_counter()
    bench = Bench(url)
    with bench.store.read() as view:
        version = view.state(EVENT.id, ()).version
    took = time.perf_counter() - began
    bench.store.close()
    print(f"{label:9} opens in {took:.3f} s (bound 2) at version {version:,}")


def shares() -> None:
    """Print what the parts that touch no store cost."""
    made = list(documents(0, 300))
    prints = MinHashFingerprinter()
    matcher = EventMatcher(EVENT)
    began = time.process_time()
    for document, _ in made:
        prints.bands(prints.signature(document.text))
    fingerprint = time.process_time() - began
    began = time.process_time()
    for document, claims in made:
        matcher.takes(document.text, claims)
    matching = time.process_time() - began
    began = time.process_time()
    for document, _ in made:
        key_of(document.identity)
    print(f"of it     fingerprint {fingerprint / 300 * 1e6:.0f} µs, match {matching / 300 * 1e6:.0f} µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--postgres", help="Address of an empty PostgreSQL database to measure as well.")
    parser.add_argument("--minutes", type=float, default=8, help="No size is begun after so long.")
    args = parser.parse_args()
    sizes, until = sorted(args.rows), time.monotonic() + args.minutes * 60
    shares()
    measure("memory", MEMORY, sizes[:1], until)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        upgrade(url)
        measure("sqlite", url, sizes, until)
    if args.postgres:
        upgrade(args.postgres)
        measure("postgres", args.postgres, sizes, until)


if __name__ == "__main__":
    main()
