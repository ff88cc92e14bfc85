"""From what the network marks in a sentence to a draft: spans become the actors, numbers and dates of the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.core.model import Actor, Certainty, Figure, Modality, Operator
from monitor.extract.attribution import attribute, dropped_subject
from monitor.extract.confidence import HISTORY_DAYS
from monitor.extract.coref import VOICES, actors_of
from monitor.extract.dates import When, dated
from monitor.extract.drafts import Draft, Scene, Votes, date_for, trim, with_subject
from monitor.extract.figure_claims import about_of, scope_of
from monitor.extract.figures import Number, is_percent, only_reported, value_in, verb_of
from monitor.extract.hit_claims import COUNTED_FROM, only_counted
from monitor.extract.learned.casting import chunk_in, named, other_number, tokens_of, who
from monitor.extract.learned.mentions import Mention, Part
from monitor.extract.numbers import bound_before, no_count, read_number
from monitor.extract.places import fold
from monitor.extract.verbs import Verb

_MODALITIES = {
    "neg": Modality.HYPOTHETICAL,
    "threat": Modality.THREAT,
    "demand": Modality.DEMAND,
    "hyp": Modality.HYPOTHETICAL,
    "plan": Modality.HYPOTHETICAL,
    "history": Modality.HISTORICAL,
    "denied": Modality.DENIAL,
    "other": Modality.HYPOTHETICAL,
}
# Without one of these nobody could say whom the development is about.
_NEEDS_RECIPIENT = frozenset({"arrest", "arrest_order", "release", "charge", "sanction", "appointment"})
_OF_LIVES = frozenset({"deaths", "injured", "detained", "displaced"})
_DIGITS = re.compile(r"\s*\d")
_LATELY = timedelta(days=31)
_ANYBODY: frozenset[str] = frozenset()


def from_mention(scene: Scene, mention: Mention) -> Draft | None:
    """Return the draft of an event that the network found, or None where a needed role stays empty."""
    first = scene.tokens[0].start
    start, end = tokens_of(scene, mention.trigger[0] + first, mention.trigger[1] + first)
    verb = next((v for v in scene.verbs if v.start < end and start < v.end), None)
    draft = Draft(
        mention.kind,
        *_quote(scene, mention, verb, start, end),
        actors=who(scene, mention, "a"),
        recipients=[] if mention.kind == "figure" else who(scene, mention, "r"),
        trigger=(start, end),
        verb=verb,
        strength=mention.fact,
        votes=Votes(spoken=mention.spoken, cast=_cast(mention)),
    )
    draft.notes += ["learned", f"fact {mention.fact:.2f}", f"spoken of {mention.spoken:.2f} ({mention.why})"]
    if mention.kind == "figure":
        if not _count(draft, scene, mention, verb):
            return None
    elif mention.kind == "statement":
        draft.stance = "rejects" if _withheld(mention, scene, start) else mention.sub
        draft.recipients = _blamed(draft, scene) or draft.recipients
    elif mention.kind == "court_ruling":
        draft.outcome = mention.sub
    if not _filled(draft, scene) or _only_a_number(scene, mention) or _in_passing(draft, scene):
        return None
    _mean(draft, mention)
    if draft.kind == "threat" and _foretells(scene, verb):
        draft.kind, draft.stance = "statement", "concern"
        draft.notes.append("warns of what things lead to, and threatens nobody")
    _voice(draft, scene, mention)
    draft.when = _cast_date(scene, mention)
    draft.dated = draft.when is not None
    draft.when = draft.when or date_for(start, scene.dates, verb)
    if _lately(draft, scene):
        # The network does not know what day it is read on: an event of the last weeks is no history.
        draft.modality, draft.votes = Modality.FACT, replace(draft.votes, spoken=mention.fact)
        draft.notes.append("of the last weeks")
    return draft


def _in_passing(draft: Draft, scene: Scene) -> bool:
    """Whether a stance is only how somebody is described: "groups loyal to the council"; "they stay loyal" is one."""
    start, end = draft.trigger
    leanings = scene.reading.pack.language.cue("leanings")
    if draft.kind != "statement" or not start or not any(t.low in leanings for t in scene.tokens[start:end]):
        return False
    return scene.tokens[start].low in leanings and scene.tokens[start - 1].tag in {"N", "PN"}


def _withheld(mention: Mention, scene: Scene, start: int) -> bool:
    """Whether recognition or support is said not to be given: "they cannot consider her the lawful mayor"."""
    if mention.sub not in {"recognises", "supports"} or mention.spoken >= mention.fact:
        return False
    verb = max((v for v in scene.verbs if v.start <= start), key=lambda v: v.start, default=None)
    return verb is not None and verb.negated


def _blamed(draft: Draft, scene: Scene) -> list[Actor]:
    """Return who is blamed where what they are blamed for comes first: "blamed the delay on the guild"."""
    verb = draft.verb
    if (
        draft.stance != "accuses"
        or verb is None
        or verb.base not in scene.reading.pack.language.cue("blames")
    ):
        return []
    return actors_of(scene, verb.slot("on"), _ANYBODY)


def _foretells(scene: Scene, verb: Verb | None) -> bool:
    """Whether it is said only that something makes things worse: "she warned that haste would worsen the quarrel"."""
    worse = scene.reading.pack.language.cue("worsens")
    return verb is not None and any(
        v.start > verb.start and v.base in worse
        for v in scene.verbs
        if v.governor is verb or v.speech is verb
    )


def _lately(draft: Draft, scene: Scene) -> bool:
    """Whether what the network takes for history is dated, by its own words, shortly before the document."""
    if draft.modality is not Modality.HISTORICAL or not draft.dated or draft.when is None:
        return False
    day = scene.reading.latest
    longest = _LATELY if scene.reading.base is not None else timedelta(days=HISTORY_DAYS)
    return day is not None and draft.when.precision == "day" and day - draft.when.day <= longest


def _cast(mention: Mention) -> float:
    """Return how surely the network cast who acts, to whom, and the number: its least sure part; 0 without any."""
    return min((p.chance for p in mention.parts if p.role in {"a", "r", "v"}), default=0.0)


def _quote(scene: Scene, mention: Mention, verb: Verb | None, start: int, end: int) -> tuple[int, int]:
    """Return the characters to show: the trigger, its roles and its clause with the subject near before it."""
    first = scene.tokens[0].start
    for part in mention.parts:
        if part.role in {"a", "r", "v"}:
            low, high = tokens_of(scene, part.start + first, part.end + first)
            start, end = min(start, low), max(end, high)
    if verb is not None:
        start, end = min(start, with_subject(verb)), max(end, verb.end, verb.clause[1])
    return trim(scene.tokens, start, min(end, len(scene.tokens)))


def _count(draft: Draft, scene: Scene, mention: Mention, verb: Verb | None) -> bool:
    """Read the figure's value; False where there is no number in what the network marks."""
    part = next((p for p in mention.parts if p.role == "v"), None)
    spans = [(part.start, part.end)] if part else []
    for span in [*spans, mention.trigger]:
        number = _number(scene, mention.sub, span)
        if number is not None and not _is_day(scene, number) and not _counts_nobody(scene, number):
            break
    else:
        return False
    if number.metric in _OF_LIVES and number.unit == "percent":
        return False  # "a fifth more victims"
    about = [p for p in mention.parts if p.role == "r"]
    first = scene.tokens[0].start
    text = scene.reading.document.text
    words = ", ".join(text[p.start + first : p.end + first] for p in about)
    scope = scope_of(number, scene, number.verb or verb)
    if mention.sub in {"vote_share", "votes"} and not about:
        words = about_of(number, scene, number.verb or verb)
    elif mention.sub in {"vote_share", "votes"}:
        # "The tally gave Ana Gray 3.1 million": the number is no part of the name.
        found = named(scene, _bearer(scene, mention, about))
        candidates = [name for a in found if (name := _DIGITS.split(a.name)[0])]
        words, scope = ", ".join(candidates), tuple(sorted(map(fold, candidates)))
    carried = scene.context.metric
    meant = {number.metric, carried} <= _OF_LIVES and only_reported(
        number, scene.tokens, scene.reading.pack.metrics
    )
    draft.figure = Figure(
        metric=carried if carried and meant else number.metric,
        operator=number.operator,
        value=number.value,
        high=number.high,
        unit=number.unit,
        about=words,
        scope=scope,
    )
    draft.actors = []
    return True


def _is_day(scene: Scene, number: Number) -> bool:
    """Whether the number is a date's or stands in one: "12 and 14 August"."""
    opens = any(c.kind == "date" and c.start == number.start for c in scene.chunks)
    return opens or dated(number.start, scene.dates)


def _counts_nobody(scene: Scene, number: Number) -> bool:
    """Whether the number is an age, one of several, or no more than "thousands" of what is no victim."""
    tokens = scene.tokens
    crowds = scene.reading.pack.language.cue("crowds")
    if number.metric == "other" and any(
        t.low in crowds for t in tokens[max(0, number.start - 1) : number.end]
    ):
        return True
    places = [k for k in range(number.start, number.end) if tokens[k].tag == "NUM"]
    return bool(places) and no_count(tokens, places[0], places[-1] + 1, number.value)


def _bearer(scene: Scene, mention: Mention, about: Sequence[Part]) -> Part:
    """Return whose votes the number is: the surest that no other number parts from it."""
    return max(about, key=lambda part: (not other_number(scene, mention, part), part.chance))


def _number(scene: Scene, metric: str, span: tuple[int, int]) -> Number | None:
    language = scene.reading.pack.language
    first = scene.tokens[0].start
    low, high = tokens_of(scene, span[0] + first, span[1] + first)
    tokens = scene.tokens
    chunk = next((c for c in scene.chunks if c.number is not None and c.start < high and low < c.end), None)
    read = value_in(tokens, chunk, language) if chunk is not None else None
    if read is not None and read[3] < high and low < read[4]:
        value, top, operator, start, end = read
    else:
        bare = _bare_number(scene, low, high)
        if bare is None:
            return None
        (value, operator, start, end), top = bare, None
    percent = is_percent(tokens, end) or (
        metric in {"vote_share", "turnout", "tally_coverage"} and value <= 100
    )
    unit = "percent" if percent else "count"
    verb = verb_of(chunk, scene.verbs) if chunk is not None else None
    return Number(metric, operator, value, top, unit, start, end, chunk, verb)


def _bare_number(scene: Scene, low: int, high: int) -> tuple[float, Operator, int, int] | None:
    """Return (value, operator, first token, end) of the first number among the tokens, or None."""
    spanish = scene.reading.pack.language.code == "es"
    for k in range(low, high):
        found = read_number(scene.tokens, k, spanish=spanish)
        if found is not None:
            bound = bound_before(scene.tokens, k)
            return found[0], bound[0] if bound else found[2], bound[1] if bound else k, k + found[1]
    return None


def _filled(draft: Draft, scene: Scene) -> bool:
    """Fill roles that the network left empty from the clause and the text before; False where one stays empty."""
    verb = draft.verb
    if verb is not None and not draft.recipients and draft.kind in _NEEDS_RECIPIENT:
        draft.recipients = actors_of(scene, verb.subject if verb.passive else verb.object, VOICES)
    if draft.kind == "sanction" and not draft.recipients:
        # "Ottawa paused its aid" is aimed at the country of the story (`assemble`).
        home = scene.reading.entities.home
        return bool(draft.actors) and home is not None and all(a.country != home for a in draft.actors)
    if draft.kind in _NEEDS_RECIPIENT:
        return bool(draft.recipients)
    if draft.kind == "statement" and not draft.actors:
        draft.actors = _speaker(scene, draft)
        return bool(draft.actors)
    return True


def _speaker(scene: Scene, draft: Draft) -> list[Actor]:
    """Return who speaks where the network marks nobody: the clause's subject, or who spoke before."""
    verb = draft.verb
    subject = verb.subject if verb is not None and not verb.passive else []
    found = actors_of(scene, subject, VOICES)
    if found:
        return found
    context = scene.context
    if any(t.quoted for t in scene.tokens):
        goes_on = context.speaker
    else:
        left_out = dropped_subject(verb, scene) or (verb is None and not draft.trigger[0])
        goes_on = (context.lead or context.speaker) if left_out else None
    return [goes_on] if goes_on is not None else []


def _only_a_number(scene: Scene, mention: Mention) -> bool:
    """Whether nobody is named and people are only counted: then the figure tells it."""
    least = {"arrest": COUNTED_FROM, "release": COUNTED_FROM, "violence": 1}.get(mention.kind)
    if least is None:
        return False
    first = scene.tokens[0].start
    spans = [tokens_of(scene, p.start + first, p.end + first) for p in mention.parts if p.role == "r"]
    chunks = [c for low, high in spans if (c := chunk_in(scene, low, high)) is not None]
    return only_counted(chunks, scene.tokens, least)


def _mean(draft: Draft, mention: Mention) -> None:
    if mention.spoken > mention.fact:
        draft.modality = _MODALITIES[mention.why]
        if mention.why == "denied":
            draft.certainty = Certainty.DENIED
        draft.strength = mention.spoken


def _voice(draft: Draft, scene: Scene, mention: Mention) -> None:
    """On whose word it stands: what the network marks, else what the grammar says."""
    own = {fold(a.name) for a in draft.actors}
    voices = [a for a in who(scene, mention, "s") if fold(a.name) not in own]
    if voices:
        draft.claimed_by = voices
        if draft.certainty is Certainty.ASSERTED and draft.kind != "statement":
            draft.certainty = Certainty.REPORTED
    else:
        attribute(draft, draft.verb, scene)


def _cast_date(scene: Scene, mention: Mention) -> When | None:
    """Return the date among the words that the network casts as the event's, the surest first, or None."""
    for part in sorted((p for p in mention.parts if p.role == "d"), key=lambda p: -p.chance):
        low, high = tokens_of(scene, part.start + scene.tokens[0].start, part.end + scene.tokens[0].start)
        for when in scene.dates:
            if not when.future and when.start < high and low < when.end:
                return when
    return None
