"""Clauses that only say that somebody else did it too: "France did the same", "so did Oslo", "lo mismo hizo Chile"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from monitor.core.model import Modality
from monitor.extract.chunks import Chunk
from monitor.extract.coref import VOICES, actors_of
from monitor.extract.drafts import Draft, Scene

_ECHOED = frozenset({"statement", "sanction", "decree", "mobilization", "protest", "resignation"})
_LOSS = 0.1  # how much less sure an echo is than what it echoes


def echoes(scene: Scene, told: Sequence[Draft], before: Sequence[Draft]) -> list[Draft]:
    """Return a draft for each clause that repeats what was told last, here (`told`) or in the sentence `before`."""
    out: list[Draft] = []
    for start, end, leads in _phrases(scene):
        doer = _doer(scene, start, end, leads=leads)
        source = _last([d for d in told if d.trigger[1] <= start]) or _last(before)
        if doer is None or source is None:
            continue
        actors = [a for a in actors_of(scene, doer.members(), VOICES) if a not in source.actors]
        if actors:
            low, high = scene.tokens[min(doer.start, start)].start, scene.tokens[max(doer.end, end) - 1].end
            out.append(
                replace(
                    source,
                    start=low,
                    end=high,
                    actors=actors,
                    trigger=(start, end),
                    verb=None,
                    claimed_by=[],
                    confidence=max(0.05, source.confidence - _LOSS),
                    notes=[*source.notes, "did the same"],
                )
            )
    return out


def _phrases(scene: Scene) -> list[tuple[int, int, bool]]:
    """Return (first token, end, whether the doer follows) of each such phrase."""
    language = scene.reading.pack.language
    table = _by_first_word(language.cue("echo_after"), language.cue("echo_before"))
    words = [t.low for t in scene.tokens]
    found = [
        (k, k + len(parts), leads)
        for k, word in enumerate(words)
        if word in table
        for parts, leads in table[word]
        if words[k : k + len(parts)] == parts
    ]
    return sorted(found)


@lru_cache(maxsize=64)
def _by_first_word(after: frozenset[str], before: frozenset[str]) -> dict[str, list[tuple[list[str], bool]]]:
    """Return first word -> (the phrase's words, whether the doer follows): sentences are many, echoes are rare."""
    out: dict[str, list[tuple[list[str], bool]]] = {}
    for phrases, leads in ((after, False), (before, True)):
        for phrase in phrases:
            parts = phrase.split()
            out.setdefault(parts[0], []).append((parts, leads))
    return out


def _doer(scene: Scene, start: int, end: int, *, leads: bool) -> Chunk | None:
    """Return the chunk that stands right after the phrase (`leads`) or right before it."""
    if leads:
        return next((c for c in scene.chunks if c.start == end and c.kind == "name"), None)
    near = [c for c in scene.chunks if c.end <= start and start - c.end <= 1 and c.kind == "name"]
    last = near[-1] if near else None
    return next((c for c in scene.chunks if last is not None and last in c.members()), last)


def _last(drafts: Sequence[Draft]) -> Draft | None:
    fitting = [d for d in drafts if d.kind in _ECHOED and d.modality is Modality.FACT and d.actors]
    return max(fitting, key=lambda d: (d.sentence, d.trigger), default=None)
