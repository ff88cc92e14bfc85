"""How far a draft can be trusted: history, other stories and what does not fit its kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from monitor.core.model import Actor, Modality
from monitor.core.names import is_named
from monitor.extract.coref import VOICES, actors_of
from monitor.extract.drafts import Draft, Scene, last_day
from monitor.extract.places import country_names, fold
from monitor.extract.tokens import Token
from monitor.extract.verbs import Verb

HISTORY_DAYS: Final = 120

_WORDS: Final = re.compile(r"\w+")
_WINS: Final = frozenset({"claim", "win", "take", "lead", "defeat", "beat", "get", "ganar", "vencer"})

_FEW_VOTES: Final = 50

_NEEDS_SOMEBODY: Final = frozenset(
    {"protest", "agreement", "resignation", "appointment", "asylum", "election_result"}
)

_BY_NOUN: Final = frozenset({"violence", "protest"})

_PROBERS: Final = frozenset({"COP", "JUD", "GOV", "MIL", "LEG", "IGO", "SPY"})

_OFFICIAL = frozenset({"GOV", "MIL", "COP", "JUD", "LEG", "SPY", "IGO"})
_COURTS: Final = frozenset(
    "court courts tribunal judge judges magistrate magistrates jury bench justices corte magistrado "
    "magistrada juzgado juez jueza jueces sala fiscalía".split()
)


def is_old(scene: Scene) -> bool:
    """Whether the sentence tells history: its only dates lie far back, or it goes on from one that does."""
    past = [d for d in scene.dates if not d.future]
    if scene.reading.latest is None:
        bare = [d for d in past if d.precision == "year"]
        scene.context.old = (bool(bare) and len(bare) == len(past)) or (scene.context.old and (not past))
        return scene.context.old
    if not past:
        return scene.context.old
    limit = scene.reading.latest - timedelta(days=HISTORY_DAYS)
    scene.context.old = all(last_day(d) < limit for d in past)
    return scene.context.old


def settle(draft: Draft, scene: Scene, *, old: bool) -> None:
    """Weigh: history, other stories, headlines and questions lower the confidence or change the modality."""
    _fit(draft, scene)
    _strike(draft, scene)
    confidence = draft.strength
    confidence -= _doubts(draft, scene)
    if "as reported" in draft.notes:
        confidence -= 0.3
    if draft.kind == "election_result":
        confidence = _election(draft, scene, confidence)
    if draft.stance == "other":
        confidence = min(confidence, 0.7)
    block = scene.reading.blocks[scene.sentence.block]
    if draft.modality is Modality.FACT:
        _date(draft, scene, old=old)
    if block.kind == "headline":
        confidence -= 0.1
    if draft.kind == "statement" and draft.verb is not None and _modifier(draft.verb, scene.tokens):
        confidence -= 0.35
        draft.notes.append("only describes who is meant")
    if _other_story(scene):
        confidence = min(confidence, 0.2)
        draft.notes.append("a part on other topics")
    if draft.recipients:
        confidence += 0.05
    draft.confidence = max(0.05, min(0.97, confidence))


def _fit(draft: Draft, scene: Scene) -> None:
    """Courts alone rule; whom an electoral council ratifies has won, whom another state does it recognises.

    A number is not part of its voice's name.
    """
    if draft.kind == "court_ruling":
        draft.actors = [a for a in draft.actors if _judge(a)] or draft.actors
    elif draft.kind == "appointment" and any("elect" in fold(a.name) for a in draft.actors):
        draft.kind = "election_result"
    elif draft.kind == "appointment" and draft.recipients and _other_states(draft.actors, scene):
        draft.kind, draft.stance = "statement", "recognises"
    if draft.figure is not None:
        counted = f" {draft.figure.value:.0f}"
        draft.claimed_by = [
            replace(a, name=a.name.replace(",", "").removesuffix(counted)) if a.name[-1:].isdigit() else a
            for a in draft.claimed_by
        ]


def _other_states(actors: Sequence[Actor], scene: Scene) -> bool:
    """Whether states, by their own names, make somebody head of the one that the document is about, and not of theirs."""
    home, heads = scene.reading.entities.focus, scene.reading.pack.language.cue("heads")
    if home is None or all(t.low not in heads for t in scene.tokens):
        return False
    names = country_names()
    states = [a for a in actors if a.country and a.sector == "GOV" and names.get(a.country) == a.name]
    return bool(states) and len(states) == len(actors) and all(a.country != home for a in states)


def _strike(draft: Draft, scene: Scene) -> None:
    """Violence is done to people and places, not to what is fired or thrown at them."""
    cue = scene.reading.pack.language.cue
    whole = draft.recipients
    struck = [a for a in whole if fold(a.name) not in cue("weapons") | cue("killed")]
    if draft.kind != "violence" or len(struck) == len(whole):
        return
    aimed = [c for word, cs in (draft.verb.preps if draft.verb else ()) if word in cue("aimed") for c in cs]
    draft.recipients = struck or actors_of(scene, aimed, VOICES)
    if not draft.recipients and all(fold(a.name) in cue("killed") for a in whole):
        # "Two anglers shot dead": nobody else is there to be shot.
        draft.actors, draft.recipients = [], draft.actors


def _date(draft: Draft, scene: Scene, *, old: bool) -> None:
    """Tell history from news: by the sentence's dates, by those before it, by the event's own."""
    carried = not any(not d.future for d in scene.dates)
    if old and not (carried and _now(draft.verb)):
        draft.modality, draft.surmised = Modality.HISTORICAL, carried or not _own_date(draft, scene)
        draft.notes.append("told as history")
    elif _long_ago(draft, scene):
        draft.modality, draft.surmised = Modality.HISTORICAL, not _own_date(draft, scene)
        draft.notes.append(f"dated {draft.when.day.isoformat() if draft.when else ''}")


def _own_date(draft: Draft, scene: Scene) -> bool:
    """Whether the event's date stands in its own clause, and not in one inside it or elsewhere in the sentence."""
    if draft.dated or draft.when is None or draft.verb is None:
        return draft.dated
    at = draft.when.start
    low, high = draft.verb.clause
    inside = (v for v in scene.verbs if v is not draft.verb and (v.link == "rel" or v.reduced))
    return low <= at <= high and not any(v.start <= at <= v.clause[1] < draft.verb.main for v in inside)


def _long_ago(draft: Draft, scene: Scene) -> bool:
    day = scene.reading.latest
    return (
        draft.when is not None
        and day is not None
        and last_day(draft.when) < day - timedelta(days=HISTORY_DAYS)
    )


def _now(verb: Verb | None) -> bool:
    """Whether the verb stands in the present or the perfect: nobody tells history so."""
    return verb is not None and (verb.form == "s" or verb.perfect) and not verb.reduced


def _election(draft: Draft, scene: Scene, confidence: float) -> float:
    """The winner acts, the body that declares it is whose word it is; what parties claim is no result."""
    if draft.recipients:
        draft.claimed_by = draft.actors or draft.claimed_by
        draft.actors, draft.recipients = draft.recipients, []
    declared = _electoral(draft.claimed_by, scene)
    if not draft.claimed_by and _electoral(draft.actors, scene):
        draft.claimed_by, draft.actors = draft.actors, []
        confidence -= 0.35
        draft.notes.append("does not say who won")
    if draft.claimed_by and not declared:
        confidence -= 0.35
        draft.notes.append("claimed, not declared")
    elif not declared and draft.verb is not None and draft.verb.lemma in _WINS:
        confidence -= 0.4
        draft.notes.append("nobody declares it")
    if draft.verb is not None and draft.verb.perfect and draft.verb.link == "rel":
        confidence -= 0.35
        draft.notes.append("only says who is meant")
    return confidence


def _electoral(actors: Sequence[Actor], scene: Scene) -> bool:
    """Whether one of them may declare results."""
    words = scene.reading.pack.language.cue("electoral")
    return any(word in words for actor in actors for word in fold(actor.name).split())


def _doubts(draft: Draft, scene: Scene) -> float:
    """Return how much of the confidence a draft loses for what does not fit its kind; the notes say why."""
    doubts: list[tuple[bool, float, str]] = []
    sectors = {a.sector for a in draft.actors}
    if draft.kind == "court_ruling":
        names = [w for a in draft.actors for w in fold(a.name).split()] or [t.low for t in scene.tokens]
        doubts.append(
            (not any((w in _COURTS for w in names)) and (not _judges(draft)), 0.25, "no court in sight")
        )
        doubts.append((not draft.actors and draft.outcome is None, 0.2, "neither court nor outcome"))
        states = bool(draft.actors) and all(a.country and a.sector == "GOV" for a in draft.actors)
        doubts.append((states and not _judges(draft), 0.4, "states do not rule"))
    if draft.kind == "statement":
        doubts.append(
            (draft.stance != "other" and "JUD" in sectors and _judges(draft), 0.35, "a court rules")
        )
        doubts.append((_in_nobodys_quotation(draft, scene), 0.35, "a quotation of somebody without a name"))
    if draft.kind == "investigation":
        doubts += [
            (bool(sectors) and (not sectors & _PROBERS), 0.3, "no body that investigates"),
            (not draft.recipients, 0.15, "into nobody"),
        ]
    if draft.kind in _BY_NOUN:
        doubts.append((_only_named(draft), 0.3, "only named, with nobody in it"))
    if draft.kind in _NEEDS_SOMEBODY:
        doubts.append((not draft.actors and (not draft.recipients), 0.35, "nobody named"))
    if draft.kind == "arrest" and draft.verb is not None:
        state = draft.verb.lemma in {"be", "have", "keep", "remain", "stay"} and not draft.verb.passive
        lasting = draft.verb.lemma in {"hold", "keep"} and any(
            (prep in {"since", "for"} for prep, _ in draft.verb.preps)
        )
        doubts.append((state or lasting, 0.45, "a state that lasts"))
    if draft.figure is not None:
        doubts.append((draft.figure.metric == "votes" and draft.figure.value < _FEW_VOTES, 0.35, "few votes"))
    for holds, _, why in doubts:
        if holds:
            draft.notes.append(why)
    return sum((loss for holds, loss, _ in doubts if holds))


def _only_named(draft: Draft) -> bool:
    """Whether a noun alone tells it, and names neither who did it nor to whom: "the raids", "the beating of travellers"."""
    verb, (start, end) = draft.verb, draft.trigger
    told = verb is not None and verb.start < end and start < verb.end
    return not told and not draft.actors and not any(is_named(a.name) for a in draft.recipients)


def _in_nobodys_quotation(draft: Draft, scene: Scene) -> bool:
    """Whether it is said inside quotation marks by somebody who is only described: "a neighbour", "passers-by"."""
    quoted = any(t.quoted for t in scene.tokens[slice(*draft.trigger)])
    return (
        quoted
        and bool(draft.actors)
        and all(not is_named(a.name) and a.sector not in _OFFICIAL for a in draft.actors)
    )


def _judges(draft: Draft) -> bool:
    return any(_judge(a) for a in draft.actors)


def _judge(actor: Actor) -> bool:
    words = fold(actor.name).split()
    pleads = any(w.startswith(("prosec", "fiscal", "attorney")) for w in words)
    return any(w in _COURTS for w in words) or (actor.sector == "JUD" and not pleads)


def _modifier(verb: Verb, tokens: Sequence[Token]) -> bool:
    """Whether the verb only modifies a noun: "students demanding …", "leaders who challenge …"."""
    if verb.start == 0:
        return False
    before = tokens[verb.start - 1]
    if verb.link == "rel" and verb.start >= 2:
        return before.tag in {"REL", "PRON"} and tokens[verb.start - 2].tag not in {",", "DASH", "("}
    return (
        verb.form == "ing"
        and before.tag in {"N", "PN"}
        and tokens[verb.main].form == "ing"
        and verb.start == verb.main
    )


def _other_story(scene: Scene) -> bool:
    """Whether the block is headed as one of other news, or of what no news of states is in: sport, weather, "elsewhere"."""
    label = " ".join(_WORDS.findall(fold(scene.reading.blocks[scene.sentence.block].label)))
    if not label:
        return False
    topics = scene.reading.pack.language.cue("other_topics")
    return label.split()[0] in topics or any(" " in t and f" {t} " in f" {label} " for t in topics)
