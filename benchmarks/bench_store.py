"""What a document costs in the store, at a small and at a large state.

    python benchmarks/bench_store.py [documents …]     (default: 10000 100000)

Each document asks for its identity, hash and near-duplicates, reads the event's state, moves one fact and
writes itself, a claim, a development and an outbox row; 20 documents a commit, synchronous=FULL. Only the
last 2,000 documents of each size are measured. CPU is the process's own time.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.core.model import (
    Certainty,
    Change,
    Claim,
    Development,
    Disposition,
    Document,
    EventState,
    Fact,
    Intake,
    OutboxEntry,
)
from monitor.core.plover import Plover
from monitor.store import MEMORY, open_store
from monitor.store.migrate import upgrade

NOW = datetime(2024, 8, 23, tzinfo=UTC)
A_COMMIT = 20
MEASURED = 2_000
TEXT = "The council announced the result of the count and said that the rest would follow soon. " * 20


def one_document(tx: Any, number: int) -> None:
    name = f"doc{number}"
    document = Document(
        id=name,
        identity=f"https://example.org/{number}",
        name=name,
        source="wire",
        text=TEXT,
        retrieved_at=NOW,
        content_hash=name,
    )
    bands = [(number * 2_654_435_761 + band) % 2**62 for band in range(32)]
    tx.similar(bands)
    tx.add_documents(
        [
            Intake(
                document=document,
                signature=range(number % 1000, number % 1000 + 128),
                bands=bands,
                copy_of=None,
            )
        ]
    )
    block = f"block{number // 3}"
    before = tx.state("event", [block])
    fact = Fact(
        id=f"f{number // 3}",
        event_id="event",
        kind="arrest",
        blocks=(block,),
        certainty=Certainty.ASSERTED,
        first_told_at=NOW,
        last_told_at=NOW,
        voices=(name,),
        development_id=name,
    )
    tx.save_state(
        "event", before, EventState(event_id="event", version=before.version + 1, facts={fact.id: fact})
    )
    shared: dict[str, Any] = {
        "kind": "arrest",
        "plover": Plover(),
        "quote": "said",
        "start": 1,
        "end": 5,
        "confidence": 0.9,
    }
    claim = Claim(id=name, document_id=name, **shared)
    tx.add_claims([claim], [Disposition(claim_id=name, reason="new", development_id=name)])
    tx.add_developments(
        [
            Development(
                id=name,
                event_id="event",
                fact_id=fact.id,
                claim_id=name,
                document_id=name,
                document=name,
                source="wire",
                url=None,
                change=Change.NEW,
                reason="no known fact has this key",
                certainty=Certainty.ASSERTED,
                found_at=NOW,
                **shared,
            )
        ]
    )
    tx.add_outbox(
        [
            OutboxEntry(
                id=name,
                type="alert",
                receiver="slack",
                recipient="#news",
                group_key="event",
                not_before=NOW,
                created_at=NOW,
                development_id=name,
            )
        ]
    )
    tx.mark_sent([name], NOW)


def feed(store: Any, start: int, stop: int) -> None:
    for first in range(start, stop, A_COMMIT):
        numbers = range(first, min(first + A_COMMIT, stop))
        with store.read() as view:
            view.known_identities([f"https://example.org/{n}" for n in numbers])
            view.known_hashes([f"doc{n}" for n in numbers])
        with store.begin() as tx:
            for number in numbers:
                one_document(tx, number)


def measure(store: Any, label: str, sizes: list[int]) -> None:
    done = 0
    for size in sizes:
        feed(store, done, max(done, size - MEASURED))
        wall, cpu = time.perf_counter(), time.process_time()
        feed(store, size - MEASURED, size)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        done = size
        print(
            f"{label} {size:,} documents: {cpu / MEASURED * 1e6:6.0f} µs CPU, {MEASURED / wall:6.0f} a second"
        )
    store.close()


def main() -> None:
    sizes = sorted(int(word) for word in sys.argv[1:]) or [10_000, 100_000]
    measure(open_store(MEMORY), "memory", sizes)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        upgrade(url)
        measure(open_store(url), "sqlite", sizes)


if __name__ == "__main__":
    main()
