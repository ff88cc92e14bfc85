"""Did it happen? Threats, wishes, conditions, denials, plans, negation and history are told from facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from monitor.core.model import Modality
from monitor.extract.chunks import Chunk
from monitor.extract.frames import Hit
from monitor.extract.language import Language
from monitor.extract.tokens import Token
from monitor.extract.verbs import Verb

_OBJECT_PREPS: Final = frozenset({"for", "of", "to", "with", "against", "on"})
_UNCERTAIN: Final = frozenset(
    "possible potential alleged likely future planned threatened imminent eventual any further feared".split()
)
_DEMAND_MODALS: Final = frozenset(
    {"should", "must", "shall", "ought", "debe", "deben", "debería", "deberían"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a trigger is meant; `negated` where it says that it did not happen; `why` names the cue."""

    modality: Modality
    negated: bool = False
    why: str = ""


_NOT_YET: Final = (
    ("threat", Modality.THREAT),
    ("demand", Modality.DEMAND),
    ("refuse", Modality.FACT),
    ("plan", Modality.HYPOTHETICAL),
)
FACT: Final = Reading(Modality.FACT)
_NEGATED: Final = Reading(Modality.FACT, negated=True, why="negated")


def read_modality(hit: Hit, tokens: Sequence[Token], verbs: Sequence[Verb], language: Language) -> Reading:
    """Return how the trigger of `hit` is meant."""
    if _question(tokens):
        return Reading(Modality.HYPOTHETICAL, why="a question")
    if (
        hit.verb is not None
        and hit.verb.speech is not None
        and any(tokens[c.head].low in language.cue("hearsay") for c in hit.verb.speech.subject)
    ):
        return Reading(Modality.HYPOTHETICAL, why="hearsay")
    if hit.noun is not None:
        return _noun(hit, tokens, verbs, language)
    if hit.verb is None:
        return _loose(hit, tokens, language)
    return _verb(hit.verb, tokens, language, depth=0)


def _question(tokens: Sequence[Token]) -> bool:
    ends = [t.text for t in tokens[-2:]]
    return "?" in ends


def _loose(hit: Hit, tokens: Sequence[Token], language: Language) -> Reading:
    before = [t.low for t in tokens[max(0, hit.start - 3) : hit.start]]
    if any(w in language.closed["neg"] or w in language.cue("no_nouns") for w in before):
        return Reading(Modality.FACT, negated=True, why="negated")
    return FACT


def _verb(verb: Verb, tokens: Sequence[Token], language: Language, depth: int) -> Reading:
    own = _own(verb, tokens, language)
    if own.modality is not Modality.FACT or depth > 5:
        return own
    above = _above(verb, tokens, language, depth)
    if above.modality is not Modality.FACT:
        return above
    if above is FACT:
        return own
    return Reading(Modality.FACT, own.negated != above.negated, own.why or above.why)


def _own(verb: Verb, tokens: Sequence[Token], language: Language) -> Reading:
    if verb.modal:
        demand = verb.modal in _DEMAND_MODALS
        return Reading(
            Modality.DEMAND if demand else Modality.HYPOTHETICAL, verb.negated, f"modal {verb.modal!r}"
        )
    if verb.form in {"future", "subj"}:
        return Reading(Modality.HYPOTHETICAL, verb.negated, f"form {verb.form}")
    if verb.form == "inf" and verb.governor is None and verb.noun_governor is None:
        return Reading(Modality.HYPOTHETICAL, verb.negated, "an infinitive")
    if verb.link == "if":
        return Reading(Modality.HYPOTHETICAL, verb.negated, "a condition")
    if _inverted(verb, tokens):
        return Reading(Modality.HYPOTHETICAL, verb.negated, "a condition by inversion")
    unsure = language.cue("hypothetical_words")
    for token in tokens[max(0, verb.start - 1) : verb.end + 1]:
        if token.low in unsure:
            return Reading(Modality.HYPOTHETICAL, verb.negated, token.low)
    nobody = any(_no(chunk, tokens, language) for chunk in verb.subject)
    nothing = any(_no(chunk, tokens, language) for chunk in verb.object)
    negated = verb.negated or nobody or nothing
    return _NEGATED if negated else FACT


def _inverted(verb: Verb, tokens: Sequence[Token]) -> bool:
    """Whether the verb stands in a condition by word order: "Had he been held, …", "Should they ban it, …"."""
    return (
        tokens[0].low in {"had", "should", "were"}
        and len(tokens) > 1
        and tokens[1].tag in {"DET", "PN", "PRON", "N"}
        and not any(t.tag in {",", ";"} for t in tokens[1 : verb.start])
    )


def _no(chunk: Chunk, tokens: Sequence[Token], language: Language) -> bool:
    first = tokens[chunk.start].low
    return first in language.cue("no_nouns") or (first == "none")


def _above(verb: Verb, tokens: Sequence[Token], language: Language, depth: int) -> Reading:
    if verb.noun_governor is not None:
        if verb.link == "that" and _called_false(verb, tokens, language):
            return Reading(Modality.DENIAL, why="called untrue")
        above = _under_noun(verb.noun_governor, tokens, language)
        if verb.link == "inf" and above is FACT:
            return Reading(Modality.HYPOTHETICAL, why="an infinitive")
        return above
    governor = verb.governor
    if governor is None:
        return FACT
    return _under_verb(verb, governor, tokens, language, depth)


def _called_false(verb: Verb, tokens: Sequence[Token], language: Language) -> bool:
    return any(t.low in language.cue("deny_adjectives") for t in tokens[verb.end : verb.end + 12])


def _under_noun(chunk: Chunk, tokens: Sequence[Token], language: Language) -> Reading:
    word = tokens[chunk.head].low
    singular = language.singular(word)
    for name, modality in (
        ("threat_nouns", Modality.THREAT),
        ("demand_nouns", Modality.DEMAND),
        ("plan_nouns", Modality.HYPOTHETICAL),
    ):
        if word in language.cue(name) or singular in language.cue(name):
            return Reading(modality, why=f"under {word!r}")
    if word in language.cue("report_nouns"):
        return Reading(Modality.FACT, why="as reported")
    return FACT


def _under_verb(
    verb: Verb, governor: Verb, tokens: Sequence[Token], language: Language, depth: int
) -> Reading:
    lemma = governor.lemma
    base = lemma.split()[0]
    preps = {f"{base} {prep}" for prep, _ in governor.preps}

    def cue(name: str) -> bool:
        words = language.cue(name)
        return lemma in words or base in words or bool(preps & words)

    if cue("deny"):
        return Reading(Modality.DENIAL, not governor.negated, f"under {lemma!r}")
    if verb.link in {"inf", "ing"} or (verb.link == "that" and not cue("say")):
        modality = next((m for name, m in _NOT_YET if cue(name)), None)
        if modality is not None:
            return Reading(modality, modality is Modality.FACT and not governor.negated, f"under {lemma!r}")
    unreal = _unreal(verb, governor, implied=cue("implicative"))
    if unreal:
        return Reading(Modality.HYPOTHETICAL, why=unreal)
    if verb.link not in {"that", "inf", "if"}:
        return FACT
    above = _verb(governor, tokens, language, depth + 1)
    if verb.link == "that" and above.modality is Modality.FACT:
        return Reading(Modality.FACT, above.negated and base in {"believe", "think"}, above.why)
    return above


def _unreal(verb: Verb, governor: Verb, *, implied: bool) -> str:
    """Return why a clause under a verb is only a purpose, a duty or an accusation; empty where it is not."""
    if verb.link == "inf" and governor.lemma in {"be", "have"}:
        return "still to happen"
    if verb.link == "inf" and not implied:
        return f"a purpose, under {governor.lemma!r}"
    blamed = any(prep in {"of", "for", "over", "from"} for prep, _ in governor.preps)
    if verb.link == "ing" and blamed and governor.base in {"accuse", "suspect", "blame"}:
        return "an accusation"
    return ""


def _noun(hit: Hit, tokens: Sequence[Token], verbs: Sequence[Verb], language: Language) -> Reading:
    chunk = hit.noun
    assert chunk is not None
    if _no(chunk, tokens, language):
        return Reading(Modality.FACT, negated=True, why="negated")
    for other in _holders(chunk, verbs):
        above = _under_noun(other, tokens, language)
        if above.modality is not Modality.FACT:
            return above
    words = [t.low for t in tokens[chunk.start : chunk.end]]
    for name, modality in (("threat_nouns", Modality.THREAT), ("plan_nouns", Modality.HYPOTHETICAL)):
        if any(w in language.cue(name) for w in words[:-1]):
            return Reading(modality, why="by its own words")
    if any(w in _UNCERTAIN for w in words):
        return Reading(Modality.HYPOTHETICAL, why="by its own words")
    return _noun_under_verb(chunk, hit.verb, tokens, language) if hit.verb is not None else FACT


def _noun_under_verb(chunk: Chunk, verb: Verb, tokens: Sequence[Token], language: Language) -> Reading:
    """Return how an event noun is meant by what its verb does with it: demands, denies, refuses it."""
    own = _verb(verb, tokens, language, depth=0)
    if own.modality is not Modality.FACT:
        return own
    base = verb.base
    as_object = chunk in verb.object or any(chunk in cs for p, cs in verb.preps if p in _OBJECT_PREPS)
    if as_object:
        names = {verb.lemma, base, *(f"{base} {p}" for p, cs in verb.preps if chunk in cs)}
        for cue, modality in (
            ("deny", Modality.DENIAL),
            ("demand", Modality.DEMAND),
            ("threat", Modality.THREAT),
            ("plan", Modality.HYPOTHETICAL),
        ):
            if names & language.cue(cue):
                return Reading(modality, why=f"under {verb.lemma!r}")
        if names & language.cue("refuse"):
            return Reading(Modality.FACT, negated=True, why=f"under {verb.lemma!r}")
    return own


def _holders(chunk: Chunk, verbs: Sequence[Verb]) -> list[Chunk]:
    every = [c for v in verbs for c in [*v.subject, *v.object, *(c for _, cs in v.preps for c in cs)]]
    return [c for c in every if chunk in c.of or c is chunk.owner]
