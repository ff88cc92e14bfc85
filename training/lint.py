"""Checks the training data: `python -m training.lint [FILE …]`; exits with 1 where something is wrong.

Format, near-copies within the data, and (with `--against FOLDER`) sentences too like those of other texts, by the
cosine of character-free word TF-IDF vectors.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from math import log, sqrt
from pathlib import Path

from training.items import DataError, Story, read_file

DATA = Path(__file__).parent / "data"
NEAR_COPY = 0.81
TOO_LIKE = 0.3
MOST = 6
_WORD = re.compile(r"\w+")

Vector = dict[str, float]


def main(argv: list[str] | None = None) -> int:
    """Check the files named (all of the data where none is) and print what is wrong and how much there is."""
    parser = argparse.ArgumentParser(description="check the training data")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--against", type=Path, help="a folder of .txt files that no item may resemble")
    options = parser.parse_args(argv)
    problems, stories = _read(options.files or sorted(DATA.rglob("*.txt")))
    problems += _copies(stories)
    if options.against:
        problems += _alike(stories, options.against)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(_summary(stories))
    return 1 if problems else 0


def _read(paths: list[Path]) -> tuple[list[str], list[Story]]:
    problems: list[str] = []
    stories: list[Story] = []
    for path in paths:
        try:
            stories += list(read_file(path))
        except DataError as error:
            problems.append(str(error))
    return problems, stories


def _sentences(stories: list[Story]) -> list[tuple[str, str]]:
    return [
        (f"{story.place.rpartition(':')[0]}:{item.line}", item.text)
        for story in stories
        for item in story.items
    ]


def vectors(texts: list[str], weigh_with: list[str] | None = None) -> list[Vector]:
    """Return a TF-IDF vector of length 1 for each of `texts`, words weighed by how rare they are."""
    bags = [Counter(_WORD.findall(text.lower())) for text in texts]
    seen = Counter(word for bag in (_bags(weigh_with) if weigh_with else bags) for word in bag)
    total = len(weigh_with or texts)
    out = []
    for bag in bags:
        raw = {w: (1 + log(n)) * log(1 + total / max(1, seen[w])) for w, n in bag.items()}
        length = sqrt(sum(v * v for v in raw.values())) or 1.0
        out.append({w: v / length for w, v in raw.items()})
    return out


def _bags(texts: list[str]) -> list[Counter[str]]:
    return [Counter(_WORD.findall(text.lower())) for text in texts]


def _nearest(
    left: list[Vector], right: list[Vector], least: float, *, same: bool
) -> list[tuple[float, int, int]]:
    """Return (likeness, number in `left`, number in `right`) of each one's nearest, where it may reach `least`.

    Only texts that share one of a text's weightiest words are compared: what is alike shares them.
    """
    index: dict[str, list[int]] = {}
    for number, vector in enumerate(right):
        for word in vector:
            index.setdefault(word, []).append(number)
    out = []
    for number, vector in enumerate(left):
        others = {
            o for word in _weightiest(vector, least) for o in index.get(word, ()) if not same or o < number
        }
        if others:
            best = max(others, key=lambda o: _likeness(vector, right[o]))
            out.append((_likeness(vector, right[best]), number, best))
    return out


def _weightiest(vector: Vector, least: float) -> list[str]:
    """Return the words without which no other text of length 1 can be `least` like this one, at most `MOST` of them."""
    out: list[str] = []
    rest = 1.0
    for word in sorted(vector, key=lambda w: -vector[w])[:MOST]:
        if rest < least * least:
            break
        out.append(word)
        rest -= vector[word] ** 2
    return out


def _likeness(one: Vector, other: Vector) -> float:
    return sum(weight * other.get(word, 0.0) for word, weight in one.items())


def _copies(stories: list[Story]) -> list[str]:
    places = _sentences(stories)
    both = vectors([text for _, text in places])
    return [
        f"{places[n][0]}: a near-copy ({score:.2f}) of {places[o][0]}"
        for score, n, o in _nearest(both, both, NEAR_COPY, same=True)
        if score > NEAR_COPY and len(places[n][1].split()) > 4
    ]


def _alike(stories: list[Story], folder: Path) -> list[str]:
    others = [
        line
        for path in sorted(folder.rglob("*.txt"))
        for line in re.split(r"(?<=[.!?])\s+|\n", path.read_text(encoding="utf-8", errors="replace"))
        if len(line.split()) > 4
    ]
    places = _sentences(stories)
    texts = [text for _, text in places]
    found = _nearest(vectors(texts, texts + others), vectors(others, texts + others), TOO_LIKE, same=False)
    return [f"{places[n][0]}: too like ({s:.2f}) a text outside" for s, n, _ in found if s > TOO_LIKE]


def _summary(stories: list[Story]) -> str:
    items = [item for story in stories for item in story.items]
    kinds = Counter(label.kind + ("" if not label.why else " !") for item in items for label in item.labels)
    rows = [
        f"{len(stories)} documents, {len(items)} sentences, {sum(not i.labels for i in items)} without event"
    ]
    rows += [f"  {kind:22} {count:5}" for kind, count in sorted(kinds.items())]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
