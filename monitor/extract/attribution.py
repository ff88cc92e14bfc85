"""On whose word a claim stands."""

from __future__ import annotations

from monitor.core.model import Actor, Certainty
from monitor.extract.coref import VOICES, actors_of
from monitor.extract.drafts import Draft, Scene
from monitor.extract.frames import Hit
from monitor.extract.places import fold
from monitor.extract.verbs import Verb


def attribute(draft: Draft, verb: Verb | None, scene: Scene) -> None:
    """Settle on whose word the draft stands: a say-verb above it, "according to", or a hedge."""
    language, tokens = scene.reading.pack.language, scene.tokens
    voices: list[Actor] = []
    if verb is not None and verb.speech is not None:
        voices = actors_of(scene, verb.speech.subject, VOICES)
    if not voices:
        voices = _according(scene)
    own = {fold(a.name) for a in draft.actors}
    voices = [v for v in voices if fold(v.name) not in own]
    if voices and draft.kind == "threat" and not draft.actors:
        draft.actors = voices
    elif voices:
        draft.claimed_by = voices
        draft.certainty = Certainty.REPORTED if draft.certainty is Certainty.ASSERTED else draft.certainty
        if draft.kind == "statement":
            draft.certainty = Certainty.ASSERTED
        draft.notes.append(f"on the word of {voices[0].name}")
    elif draft.certainty is Certainty.ASSERTED and not language.cue("reported_words").isdisjoint(
        t.low for t in tokens
    ):
        draft.certainty = Certainty.REPORTED
        draft.notes.append("hedged")


def _according(scene: Scene) -> list[Actor]:
    preps = scene.reading.pack.language.cue("attribution_preps")
    for k, token in enumerate(scene.tokens):
        if token.lemma in preps or token.low in preps:
            after = k + len((token.lemma or token.low).split())
            chunk = next((c for c in scene.chunks if after <= c.start <= after + 1), None)
            if chunk is not None:
                return actors_of(scene, chunk.members(), VOICES)
    return []


def dropped_subject(verb: Verb | None, scene: Scene) -> bool:
    """Whether a sentence begins with a verb whose subject is left out, as in Spanish and in notes."""
    return (
        verb is not None
        and not verb.subject
        and not verb.passive
        and verb.form in {"past", "s"}
        and verb.governor is None
        and all(t.tag in {"ADV", "Q", "DATE", "CONJ"} for t in scene.tokens[: verb.start])
    )


def speaker_of_quote(draft: Draft, hit: Hit, scene: Scene) -> bool:
    """ "I condemn …": the speaker of the quotation, from the say-verb around it or the one before."""
    if (
        scene.reading.pack.language.like == "es"
        and dropped_subject(hit.verb, scene)
        and scene.context.speaker
    ):
        draft.actors = [scene.context.speaker]
        draft.strength -= 0.1
        return True
    first = hit.verb is not None and any(scene.tokens[c.head].low in {"i", "we"} for c in hit.verb.subject)
    if not first or hit.verb is None or not scene.tokens[hit.verb.main].quoted:
        return False
    speech = next(
        (
            v
            for v in scene.verbs
            if v.lemma.split()[0] in scene.reading.pack.language.cue("say") and v.subject
        ),
        None,
    )
    found = actors_of(scene, speech.subject, frozenset()) if speech else []
    draft.actors = found or ([scene.context.speaker] if scene.context.speaker else [])
    return bool(draft.actors)
