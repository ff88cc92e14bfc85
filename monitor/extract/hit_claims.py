"""From a frame hit to a draft: roles filled in, and whether it is meant as a fact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.core.model import Actor, Certainty, Modality
from monitor.extract.attribution import attribute, speaker_of_quote
from monitor.extract.chunks import Chunk
from monitor.extract.coref import VOICES, actors_of
from monitor.extract.drafts import Draft, Scene, date_for, trim, with_subject
from monitor.extract.frames import Hit
from monitor.extract.modality import Reading as Meaning
from monitor.extract.modality import read_modality
from monitor.extract.tokens import Token

_NEEDS_RECIPIENT: Final = frozenset(
    {"arrest", "arrest_order", "release", "charge", "sanction", "appointment"}
)

_COURT_SECTORS: Final = frozenset({"JUD", None})

COUNTED_FROM: Final = 10

ON_DEEDS: Final = frozenset({"rejects", "condemns", "concern", "denies"})
"""Stances on what is done or said sooner than on who does it."""

_RECEIVES: Final = frozenset({"receive", "get", "draw", "earn", "attract", "win", "recibir"})


def from_hit(scene: Scene, hit: Hit) -> Draft | None:
    """Return the draft of a frame hit, or None where a role stays empty or the words say no such thing."""
    tokens, frame = scene.tokens, hit.frame
    if frame.kind == "statement" and hit.verb is not None and hit.verb.lemma in _RECEIVES:
        speakers = hit.verb.slot("from")
        if speakers:
            hit.actors, hit.recipients = speakers, hit.verb.subject
    deeds = frame.stance in ON_DEEDS
    recipients = actors_of(scene, hit.recipients, frame.recipient_is, hit.actors, deeds=deeds)
    actors = actors_of(scene, hit.actors, frame.actor_is or VOICES)
    if _unfilled(hit, tokens, actors, recipients):
        return None
    start, end = _quote_span(scene, hit)
    draft = Draft(
        frame.kind,
        start,
        end,
        actors,
        recipients,
        frame.stance,
        frame.outcome,
        frame.mode,
        strength=frame.strength,
        trigger=(hit.start, hit.end),
        verb=hit.verb,
        notes=[f"frame {frame.id}", f"trigger {' '.join(t.text for t in tokens[hit.start : hit.end])!r}"],
    )
    if not _mean(draft, hit, read_modality(hit, tokens, scene.verbs, scene.reading.pack.language), scene):
        return None
    if draft.kind == "statement" and not draft.actors and not speaker_of_quote(draft, hit, scene):
        return None
    draft.when = date_for(hit.start, scene.dates, hit.verb)
    _weigh_noun(draft, hit)
    attribute(draft, hit.verb, scene)
    if any(t.quoted for t in tokens[hit.start : hit.end]) and draft.kind != "statement":
        draft.modality = Modality.HYPOTHETICAL if draft.modality is Modality.FACT else draft.modality
        draft.notes.append("inside a quotation")
    return draft


def _unfilled(hit: Hit, tokens: Sequence[Token], actors: list[Actor], recipients: list[Actor]) -> bool:
    """Whether a role that the kind needs is empty, of the wrong class, or only a number."""
    frame = hit.frame
    wanted = frame.recipient_is and not recipients
    if frame.recipient and wanted and frame.kind in _NEEDS_RECIPIENT:
        return True
    if frame.kind == "court_ruling" and actors and not any(a.sector in _COURT_SECTORS for a in actors):
        return True
    if frame.kind in {"arrest", "release"} and only_counted(hit.recipients, tokens, COUNTED_FROM):
        return True
    if frame.kind == "violence" and only_counted(hit.recipients, tokens, 1):
        return True
    named = any(c.kind != "pron" for c in hit.recipients)
    return bool(
        named and wanted and frame.kind != "statement" and "object" in frame.recipient and not hit.noun
    )


def _weigh_noun(draft: Draft, hit: Hit) -> None:
    """A noun that is neither subject nor object of its verb is told only by the way."""
    if hit.noun is not None and (
        hit.verb is None or (hit.noun not in hit.verb.subject and hit.noun not in hit.verb.object)
    ):
        draft.strength -= 0.35 if draft.kind == "statement" else 0.15


_ANYBODY: Final = frozenset({"people", "persons", "others", "someone"})


def only_counted(chunks: Sequence[Chunk], tokens: Sequence[Token], least: int) -> bool:
    """Whether the people are only a number ("532 people", "the number of people"): then the figure tells it."""
    return bool(chunks) and all(
        (c.kind == "num" and not c.of and tokens[c.start].tag == "NUM")
        or (c.number is not None and c.number >= least and c.kind != "name")
        or _anybody(c, tokens)
        or (c.cls == "thing" and bool(c.of) and all(_anybody(of, tokens) for of in c.of))
        for c in chunks
    )


def _anybody(chunk: Chunk, tokens: Sequence[Token]) -> bool:
    return chunk.kind == "common" and chunk.number is None and tokens[chunk.head].low in _ANYBODY


_INTENTIONS: Final = frozenset(f"modal {word!r}" for word in ("will", "would", "'ll", "won't", "wouldn't"))


# "The first to sign" did so; "to sign is early" does not say that anybody did.
_YET_TO_BE: Final = frozenset({"still to happen", "an infinitive"})


_FIRST: Final = frozenset(
    "first last only primero primera primeros primeras último última únicos único única".split()
)
_NEAR_FIRST: Final = 7  # words from "first" to the verb: "the last of the three parties to accept"


def _did_first(hit: Hit, scene: Scene) -> bool:
    if hit.verb is None:
        return False
    before = scene.tokens[max(0, hit.verb.main - _NEAR_FIRST) : hit.verb.main]
    return any(t.low in _FIRST for t in before)


def _mean(draft: Draft, hit: Hit, meaning: Meaning, scene: Scene) -> bool:
    """Give the draft its modality; False where the words say nothing of the kind."""
    draft.modality = meaning.modality
    if (
        draft.kind == "threat"
        and meaning.why.startswith("modal")
        and hit.verb is not None
        and hit.start <= hit.verb.main < hit.end
    ):
        draft.modality = Modality.FACT
    if meaning.why:
        draft.notes.append(meaning.why)
    # Who will never accept, or would veto, takes a stance by saying so; the words alone do not tell it from a guess.
    draft.surmised = draft.kind == "statement" and meaning.why in _INTENTIONS
    if meaning.why in _YET_TO_BE and _did_first(hit, scene):
        draft.modality = Modality.FACT
    if meaning.modality is Modality.DENIAL:
        draft.certainty = Certainty.DENIED
        if draft.kind == "statement":
            draft.modality = Modality.HYPOTHETICAL
        return True
    if meaning.negated:
        changed = dict(hit.frame.if_negated)
        if not changed:
            spoken = hit.verb is not None and hit.verb.speech is not None and draft.kind != "statement"
            draft.modality = Modality.DENIAL if spoken else Modality.HYPOTHETICAL
            draft.certainty = Certainty.DENIED if spoken else draft.certainty
            return True
        draft.kind = changed.get("kind", draft.kind)
        draft.stance = changed.get("stance", draft.stance)
        draft.outcome = changed.get("outcome", draft.outcome)
        draft.modality = Modality.FACT
    return True


def _quote_span(scene: Scene, hit: Hit) -> tuple[int, int]:
    tokens = scene.tokens
    start, end = hit.start, hit.end
    for chunk in [*hit.actors, *hit.recipients, *([hit.noun] if hit.noun else [])]:
        start, end = (min(start, chunk.start), max(end, chunk.end))
        if chunk.apposed is not None and chunk.apposed.start < start:
            start = chunk.apposed.start
    if hit.verb is not None:
        start, end = min(start, with_subject(hit.verb)), max(end, hit.verb.end, hit.verb.clause[1])
    return trim(tokens, start, min(end, len(tokens)))
