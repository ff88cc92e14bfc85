"""How fast the reader is: documents a second, against one pass of a keyword search over the same texts.

Run from the repository root: `python benchmarks/bench_extract.py`. Times are processor time, best of three.
"""

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
LENGTH = 3000
DAY = datetime(2024, 8, 20, tzinfo=UTC)


def best_of_three(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    began = time.perf_counter()
    from ahocorasick_rs import AhoCorasick  # noqa: PLC0415 - the imports are part of the start time

    from monitor.core.model import Document  # noqa: PLC0415
    from monitor.extract.frames import load_frames  # noqa: PLC0415
    from monitor.extract.language import lexicon_folder, load_language  # noqa: PLC0415
    from monitor.extract.reader import LexicalReader  # noqa: PLC0415

    reader = LexicalReader.load(("en", "es"))
    start = time.perf_counter() - began
    whole = "\n\n".join(path.read_text("utf8") for path in sorted((ROOT / "seeds").glob("*.txt")))
    texts = [whole[at : at + LENGTH] for at in range(0, len(whole) - LENGTH, LENGTH // 3)]
    documents = [
        Document(
            id=str(n),
            identity=str(n),
            name=str(n),
            source="bench",
            text=text,
            retrieved_at=DAY,
            content_hash=str(n),
            published_at=DAY,
            language="en",
        )
        for n, text in enumerate(texts)
    ]
    words = sorted(load_frames(lexicon_folder("en"), load_language("en")).triggers())
    search = AhoCorasick(words)
    reading = best_of_three(lambda: [reader.read(document) for document in documents])
    passing = best_of_three(lambda: [search.find_matches_as_indexes(text) for text in texts])
    print(f"start      {start:8.2f} s")
    print(f"reader     {len(texts) / reading:8.1f} documents/s of {LENGTH} characters")
    print(f"keywords   {len(texts) / passing:8.1f} documents/s for {len(words)} trigger words")
    print(f"ratio      {reading / passing:8.1f}")
    print(f"peak RSS   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MiB")


if __name__ == "__main__":
    main()
