"""From a number found to the draft of a figure: its scope, its voice, its date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.core.model import Actor, Certainty, Figure, Modality
from monitor.extract.actors import actor_of
from monitor.extract.attribution import attribute
from monitor.extract.coref import actors_of
from monitor.extract.drafts import Draft, Scene, date_for, trim
from monitor.extract.figures import Number
from monitor.extract.frames import Hit
from monitor.extract.modality import read_modality
from monitor.extract.places import fold
from monitor.extract.tokens import Token
from monitor.extract.triggers import Frame
from monitor.extract.verbs import Verb

_FIGURE_FRAME: Final = Frame(id="figure", kind="figure")

_COUNTED_FROM: Final = 10
_GENERAL: Final = frozenset(
    "people person persons others dead deaths death arrests detainees victims killed percent cent votes "
    "vote % more total lives fatalities bodies political number toll injured wounded least fewer".split()
)


def definite_few(number: Number, tokens: Sequence[Token]) -> bool:
    """ "The six coordinators held since …" speaks of known people and tells no figure."""
    chunk = number.counted
    return (
        chunk is not None
        and number.unit == "count"
        and tokens[chunk.start].low in {"the", "los", "las", "its", "his", "their"}
        and number.value < _COUNTED_FROM
        and not number.elliptic
    )


def from_number(scene: Scene, number: Number) -> Draft:
    """Return the draft of a figure found in the sentence of `scene`."""
    tokens = scene.tokens
    verb = number.verb
    start, end = number.start, number.end
    if verb is not None:
        start, end = (min(start, verb.start), max(end, verb.end))
        for chunk in verb.subject:
            if not number.elliptic or chunk.end >= start - 12:
                start = min(start, chunk.start)
    first, last = trim(tokens, max(0, start), min(len(tokens), end + (3 if end + 3 <= len(tokens) else 0)))
    when = date_for(number.start, scene.dates, verb)
    figure = Figure(
        metric=number.metric,
        operator=number.operator,
        value=number.value,
        high=number.high,
        unit=number.unit,
        about=about_of(number, scene, verb),
        scope=scope_of(number, scene, verb),
    )
    draft = Draft(
        "figure",
        first,
        last,
        [],
        [],
        figure=figure,
        when=when,
        strength=0.75 if not number.elliptic else 0.65,
        trigger=(number.start, number.end),
    )
    draft.notes.append(
        f"{number.metric} {figure.operator} {figure.value:g}"
        + (" (what was counted before)" if number.elliptic else "")
    )
    _figure_voice(draft, number, scene)
    if verb is not None:
        hit = Hit(_FIGURE_FRAME, number.start, number.end, verb=verb)
        meaning = read_modality(hit, tokens, scene.verbs, scene.reading.pack.language)
        if meaning.modality is not Modality.FACT or meaning.negated:
            draft.modality = (
                meaning.modality if meaning.modality is not Modality.FACT else Modality.HYPOTHETICAL
            )
            draft.notes.append(meaning.why)
    return draft


def about_of(number: Number, scene: Scene, verb: Verb | None) -> str:
    """Return of whom the number is, for people to read: the candidate of a vote, else the words beside it."""
    candidate = _candidate(number, scene, verb) if number.metric in {"vote_share", "votes"} else None
    return candidate or _about_text(number, scene.tokens)


def _about_text(number: Number, tokens: Sequence[Token]) -> str:
    chunk = number.counted
    words: list[str] = []
    if chunk is not None:
        words = [
            t.text
            for t in tokens[chunk.start : chunk.end]
            if t.tag not in {"NUM", "DET", "SYM"} and t.low not in {"percent", "cent", "per"}
        ]
        for inner in chunk.of[:1]:
            words += ["of", *(t.text for t in tokens[inner.start : inner.end])]
    return " ".join(words)


def scope_of(number: Number, scene: Scene, verb: Verb | None) -> tuple[str, ...]:
    """Return the words that say which part of the people is counted, or the candidate of a vote."""
    tokens, chunk = scene.tokens, number.counted
    words: set[str] = set()
    if chunk is not None:
        for part in [chunk, *chunk.of[:1]]:
            for token in tokens[part.start : part.end]:
                if (
                    token.tag in {"N", "ADJ", "PN"}
                    and token.low not in _GENERAL
                    and not token.low.isdigit()
                    and scene.reading.entities.place(token.low) is None
                ):
                    words.add(_scope_id(token.low, number.metric, scene))
    if number.metric in {"tally_coverage", "turnout"}:
        return ()
    if number.metric in {"vote_share", "votes"}:
        candidate = _candidate(number, scene, verb)
        words = {fold(candidate)} if candidate else set()
    return tuple(sorted(words - {""}))


def _scope_id(word: str, metric: str, scene: Scene) -> str:
    """Return the same id for a subgroup in every language, the word's own singular where the lexicon has none."""
    single = scene.reading.pack.language.singular(word)
    known = scene.reading.pack.metrics.scope(metric, word)
    return scene.reading.pack.metrics.scope(metric, single) if known == word else known


def _candidate(number: Number, scene: Scene, verb: Verb | None) -> str | None:
    tokens = scene.tokens
    chunk = number.counted
    after = [c for c in scene.chunks if c.start >= number.end and c.start <= number.end + 9]
    for nearby in after[:3]:
        between = [t.low for t in tokens[number.end : nearby.start]]
        if any(t.tag == "NUM" for t in tokens[number.end : nearby.start]):
            break
        if (between and between[-1] == "for") or (len(between) > 1 and between[-2] == "for"):
            actor = actor_of(scene.reading.entities, nearby, tokens)
            return actor.name if actor else None
    if verb is not None and verb.subject and chunk not in verb.subject:
        actor = next(
            (
                a
                for c in verb.subject
                if c.cls in {"person", ""} and (a := actor_of(scene.reading.entities, c, tokens))
            ),
            None,
        )
        return actor.name if actor else None
    return None


def _figure_voice(draft: Draft, number: Number, scene: Scene) -> None:
    """On whose word a number stands: who says, counts or has it."""
    verb = number.verb
    allowed = frozenset({"person", "org", "group"})
    attribute(draft, verb, scene)
    if draft.claimed_by or verb is None:
        if not draft.claimed_by and number.counted is not None and number.elliptic:
            draft.claimed_by = _listed_voice(number, scene)
        return
    base = verb.base
    if (
        base in scene.reading.pack.metrics.reporting_verbs
        and number.counted not in verb.subject
        and not verb.passive
    ):
        voices = actors_of(scene, verb.subject, allowed)
        owner = next(
            (
                c.owner
                for c in verb.subject
                if c.owner is not None
                and scene.tokens[c.head].low in scene.reading.pack.metrics.reporting_nouns
            ),
            None,
        )
        if owner is not None:
            voices = actors_of(scene, [owner], allowed)
        if voices and (not any(c.cls == "thing" for c in verb.subject)):
            draft.claimed_by = voices
            draft.certainty = Certainty.REPORTED
    if number.elliptic and not draft.claimed_by:
        draft.claimed_by = _listed_voice(number, scene)
    if draft.claimed_by:
        draft.certainty = Certainty.REPORTED


def _listed_voice(number: Number, scene: Scene) -> list[Actor]:
    chunk = number.counted
    if chunk is None or chunk.end - chunk.start < 2:
        return []
    words = [t for t in scene.tokens[chunk.start : chunk.end] if t.tag not in {"NUM", "DET"}]
    return [Actor(name=" ".join(t.text for t in words))] if words else []
