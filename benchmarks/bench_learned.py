"""How fast both readers read together, beside the lexicon alone and the bare network; and their memory.

    python benchmarks/bench_learned.py

Needs the extra `learned`. Times are CPU seconds of one core, the best of several runs. The floor is the network run
over the same windows with nothing made of its numbers.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.core.model import Document
from monitor.extract.learned import MODEL, available
from monitor.extract.learned.network import Network
from monitor.extract.learned.voice import LearnedVoice
from monitor.extract.reader import LexicalReader

STREAMS = Path(__file__).parent / "streams"
DAY = datetime(2024, 8, 20, tzinfo=UTC)
SIZE = 3_000
GOAL = 40


def document(text: str) -> Document:
    return Document(
        id="d",
        identity="d",
        name="d",
        source="bench",
        text=text,
        retrieved_at=DAY,
        content_hash="",
        published_at=DAY,
    )


def best(work: Callable[[], object], runs: int = 3) -> float:
    """Return the CPU seconds of the quickest of `runs` runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> int:
    if not available():
        print("the extra `learned` is not installed")
        return 0
    news = "\n\n".join(path.read_text("utf-8") for path in sorted(STREAMS.glob("*/[0-9]*.txt")))
    pages = [document(news[k : k + SIZE]) for k in range(0, len(news), SIZE)]
    lexical = LexicalReader.load()
    both = LexicalReader.load(voice=LearnedVoice())
    both.read(pages[0])
    alone = best(lambda: [lexical.read(page) for page in pages])
    together = best(lambda: [both.read(page) for page in pages])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    network = Network.load(MODEL)
    print(f"the model loads in {time.process_time() - began:.2f} s of CPU")
    floor = best(lambda: [network.read(page.text.split("\n")) for page in pages])
    rate = len(pages) / together
    print(f"lexicon alone: {len(pages) / alone:.0f} documents (3 kB)/s")
    print(f"both readers: {rate:.1f} documents/s and core, {rate / GOAL:.2f} of the goal of {GOAL}, "
          f"{together / alone:.1f} times the lexicon's time")  # fmt: skip
    print(
        f"the bare network: {len(pages) / floor:.1f} documents/s; both take {together / floor:.2f} times as long"
    )
    print(f"memory: {memory:.0f} MB resident at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
