"""From frame hits and numbers to claims: roles filled in, pronouns led back, certainty and date settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitor.core.model import Actor, Certainty, Figure, Modality
from monitor.extract.chunks import Chunk
from monitor.extract.clauses import Verb
from monitor.extract.dates import When, find_dates
from monitor.extract.entities import Sentence
from monitor.extract.figures import Number, find_figures
from monitor.extract.frames import Frame, Hit, match
from monitor.extract.modality import Reading as Meaning
from monitor.extract.modality import read_modality
from monitor.extract.places import fold
from monitor.extract.reading import Reading
from monitor.extract.tokens import Token

HISTORY_DAYS = 120
MAX_QUOTE = 400
_FIGURE_FRAME = Frame(id="figure", kind="figure")
_NEEDS_RECIPIENT = frozenset({"arrest", "arrest_order", "release", "charge", "sanction", "appointment"})
_VOICES = frozenset({"person", "org", "group", "country"})
_COURT_SECTORS = frozenset({"JUD", None})
_COUNTED_FROM = 10
_FEW_VOTES = 50
_WINS = frozenset({"win", "take", "lead", "defeat", "beat", "get", "ganar", "vencer"})
_REMEMBERED = 6
_FEMALE = frozenset({"she", "her", "herself", "ella", "la"})
_NEEDS_SOMEBODY = frozenset({"protest", "agreement", "resignation", "appointment", "asylum", "election_result"})
_PROBERS = frozenset({"COP", "JUD", "GOV", "MIL", "LEG", "IGO", "SPY"})
_CARRIED = frozenset({"deaths", "injured", "detained", "displaced"})
_COURTS = frozenset(
    [
        "court",
        "courts",
        "tribunal",
        "judge",
        "judges",
        "magistrate",
        "magistrates",
        "jury",
        "bench",
        "justices",
        "tribunal",
        "corte",
        "juez",
        "magistrado",
        "magistrada",
        "juzgado",
        "jueza",
        "jueces",
        "sala",
        "fiscalía",
    ]
)
_SINGULAR = frozenset({"he", "him", "she", "her", "himself", "herself", "él", "ella", "le", "lo", "la"})
_PLURAL = frozenset({"they", "them", "themselves", "both", "ellos", "ellas", "les", "los", "las"})


@dataclass(slots=True)
class Draft:
    """A claim in the making."""

    kind: str
    start: int
    end: int
    actors: list[Actor] = field(default_factory=list)
    recipients: list[Actor] = field(default_factory=list)
    stance: str | None = None
    outcome: str | None = None
    mode: str | None = None
    figure: Figure | None = None
    claimed_by: list[Actor] = field(default_factory=list)
    certainty: Certainty = Certainty.ASSERTED
    modality: Modality = Modality.FACT
    when: When | None = None
    topic: str | None = None
    confidence: float = 0.8
    strength: float = 0.8
    trigger: tuple[int, int] = (0, 0)
    verb: Verb | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Context:
    """What is known from the text before: for pronouns, bare numbers and old times."""

    people: list[Actor] = field(default_factory=list)
    body: Actor | None = None
    group: list[Actor] = field(default_factory=list)
    subjects: list[Chunk] = field(default_factory=list)
    speaker: Actor | None = None
    metric: str | None = None
    block: int = -1
    old: bool = False


def drafts(reading: Reading) -> list[Draft]:
    """Return the drafts of all claims of a prepared document."""
    context = Context()
    out: list[Draft] = []
    for sentence, verbs in zip(reading.sentences, reading.parsed, strict=True):
        if sentence.block != context.block:
            context.block, context.old = sentence.block, False
            if reading.blocks[sentence.block].label:
                context = Context(block=sentence.block)
        found = _sentence(reading, sentence, verbs, context)
        out += _without_doubles(found)
        _remember(reading, sentence, verbs, context)
    return out


def _sentence(reading: Reading, sentence: Sentence, verbs: list[Verb], context: Context) -> list[Draft]:
    tokens = sentence.tokens
    context.subjects = [c for v in verbs for c in v.subject]
    dates = find_dates(tokens, reading.base)
    pack = reading.pack
    old = _is_old(dates, reading, context)
    out: list[Draft] = []
    for hit in match(pack.lexicon, tokens, sentence.chunks, verbs, pack.language):
        draft = _from_hit(reading, sentence, verbs, hit, context, dates)
        if draft is not None:
            out.append(draft)
    if tokens[-1].text == "?" and any(t.low == "many" for t in tokens):
        low = " ".join(t.low for t in tokens)
        context.metric = next(
            (
                m
                for m in ("deaths", "injured", "detained")
                if any(w in low for w in pack.metrics.table.get(m, {}).get("near", ()))
            ),
            context.metric,
        )
    for number in find_figures(tokens, sentence.chunks, verbs, pack.language, pack.metrics, context.metric):
        if number.metric in _CARRIED:
            context.metric = number.metric
        if _definite_few(number, tokens):
            continue
        out.append(_from_number(reading, sentence, verbs, number, context, dates))
    for draft in out:
        _settle(draft, reading, sentence, old=old)
    return out


def _definite_few(number: Number, tokens: Sequence[Token]) -> bool:
    """ "The six coordinators held since …" speaks of known people and tells no figure."""
    chunk = number.counted
    return (
        chunk is not None
        and number.unit == "count"
        and tokens[chunk.start].low in {"the", "los", "las", "its", "his", "their"}
        and number.value < _COUNTED_FROM
        and not number.elliptic
    )


def _is_old(dates: Sequence[When], reading: Reading, context: Context) -> bool:
    """Whether the sentence tells history: its only dates lie far back, or it goes on from one that does."""
    past = [d for d in dates if not d.future]
    if reading.base is None:
        bare = [d for d in past if d.precision == "year"]
        context.old = (bool(bare) and len(bare) == len(past)) or (context.old and not past)
        return context.old
    if not past:
        return context.old
    limit = reading.base - timedelta(days=HISTORY_DAYS)
    context.old = all(_last_day(d) < limit for d in past)
    return context.old


def _last_day(when: When) -> object:
    spans = {"year": 364, "month": 30, "week": 6}
    return when.day + timedelta(days=spans.get(when.precision, 0))


def _from_hit(
    reading: Reading, sentence: Sentence, verbs: list[Verb], hit: Hit, context: Context, dates: Sequence[When]
) -> Draft | None:
    tokens, frame = sentence.tokens, hit.frame
    recipients = _actors(reading, sentence, hit.recipients, context, frame.recipient_is, hit.actors)
    actors = _actors(reading, sentence, hit.actors, context, frame.actor_is or _VOICES)
    if frame.recipient and frame.recipient_is and not recipients and frame.kind in _NEEDS_RECIPIENT:
        return None
    if frame.kind == "court_ruling" and actors and not any(a.sector in _COURT_SECTORS for a in actors):
        return None
    if frame.kind in {"arrest", "release"} and _only_counted(hit.recipients, tokens, _COUNTED_FROM):
        return None
    if frame.kind == "violence" and _only_counted(hit.recipients, tokens, 1):
        return None
    if (
        any(c.kind != "pron" for c in hit.recipients)
        and not recipients
        and frame.recipient_is
        and frame.kind != "statement"
        and "object" in frame.recipient
        and not hit.noun
    ):
        return None
    meaning = read_modality(hit, tokens, verbs, reading.pack.language)
    start, end = _quote_span(sentence, hit, verbs)
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
    if not _mean(draft, hit, meaning):
        return None
    if (
        draft.kind == "statement"
        and not draft.actors
        and not _speaker_of_quote(draft, hit, verbs, context, reading, sentence)
    ):
        return None
    draft.when = _date_for(hit.start, dates, hit.verb)
    if hit.noun is not None and (
        hit.verb is None or (hit.noun not in hit.verb.subject and hit.noun not in hit.verb.object)
    ):
        draft.strength -= 0.15
    _attribute(draft, hit.verb, reading, sentence, verbs, context)
    if any(t.quoted for t in tokens[hit.start : hit.end]) and draft.kind != "statement":
        draft.modality = Modality.HYPOTHETICAL if draft.modality is Modality.FACT else draft.modality
        draft.notes.append("inside a quotation")
    return draft


def _only_counted(chunks: Sequence[Chunk], tokens: Sequence[Token], least: int) -> bool:
    """Whether the people are only a number ("532 people"): then the figure tells it, and no one is named."""
    return bool(chunks) and all(
        (c.number is not None and c.number >= least and c.kind != "name")
        or (
            c.kind == "common"
            and c.number is None
            and tokens[c.head].low in {"people", "persons", "others", "someone", "personas", "otros", "otras"}
        )
        for c in chunks
    )


def _mean(draft: Draft, hit: Hit, meaning: Meaning) -> bool:
    """Give the draft its modality; False where the words say nothing of the kind."""
    draft.modality = meaning.modality
    if draft.kind == "threat" and meaning.why.startswith("modal") and hit.verb is not None and hit.start <= hit.verb.main < hit.end:
        draft.modality = Modality.FACT
    if meaning.why:
        draft.notes.append(meaning.why)
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


def _speaker_of_quote(
    draft: Draft, hit: Hit, verbs: Sequence[Verb], context: Context, reading: Reading, sentence: Sentence
) -> bool:
    """ "I condemn …": the speaker of the quotation, from the say-verb around it or the one before."""
    if reading.pack.language.code == "es" and _dropped(hit.verb, sentence) and context.speaker:
        draft.actors = [context.speaker]
        draft.strength -= 0.1
        return True
    first = hit.verb is not None and any(sentence.tokens[c.head].low in {"i", "we"} for c in hit.verb.subject)
    if not first or hit.verb is None or not sentence.tokens[hit.verb.main].quoted:
        return False
    speech = next(
        (v for v in verbs if v.lemma.split()[0] in reading.pack.language.cue("say") and v.subject), None
    )
    found = _actors(reading, sentence, speech.subject, context, frozenset()) if speech else []
    draft.actors = found or ([context.speaker] if context.speaker else [])
    return bool(draft.actors)


def _dropped(verb: Verb | None, sentence: Sentence) -> bool:
    """Whether a Spanish sentence begins with a verb whose subject is left out."""
    return (
        verb is not None
        and not verb.subject
        and not verb.passive
        and verb.form in {"past", "s"}
        and verb.governor is None
        and all(t.tag in {"ADV", "Q", "DATE", "CONJ"} for t in sentence.tokens[: verb.start])
    )


def _actors(
    reading: Reading,
    sentence: Sentence,
    chunks: Sequence[Chunk],
    context: Context,
    allowed: frozenset[str],
    beside: Sequence[Chunk] = (),
) -> list[Actor]:
    """Return who the chunks name; pronouns are led back, but never to a chunk of `beside` (the verb's other side)."""
    out: list[Actor] = []
    for chunk in chunks:
        for actor in _resolve(reading, sentence, chunk, context, allowed, beside):
            if all(fold(actor.name) != fold(a.name) for a in out):
                out.append(actor)
    return out


def _resolve(
    reading: Reading,
    sentence: Sentence,
    chunk: Chunk,
    context: Context,
    allowed: frozenset[str],
    beside: Sequence[Chunk],
) -> list[Actor]:
    tokens = sentence.tokens
    if chunk.kind == "pron":
        return _pronoun(reading, sentence, chunk, context, beside)
    if chunk.kind == "date":
        return []
    if chunk.cls == "thing" and (chunk.of or chunk.owner):
        inside = [c for c in [*chunk.of, *([chunk.owner] if chunk.owner else [])] if c.cls in _VOICES]
        if inside and (not allowed or "thing" not in allowed):
            return [a for c in inside if (a := reading.entities.actor(c, tokens))]
    if allowed and "any" not in allowed and not _class_fits(chunk, allowed):
        return []
    if chunk.cls == "number" or chunk.kind == "num":
        text = " ".join(t.text for t in tokens[chunk.start : chunk.end])
        return [Actor(name=text)] if not allowed or allowed & {"person", "group", "any"} else []
    actor = reading.entities.actor(chunk, tokens)
    return [actor] if actor is not None else []


def _pronoun(
    reading: Reading, sentence: Sentence, chunk: Chunk, context: Context, beside: Sequence[Chunk]
) -> list[Actor]:
    low = sentence.tokens[chunk.head].low
    earlier = [c for c in context.subjects if c.end <= chunk.start and c not in beside and c.kind != "pron"]
    if low in _SINGULAR:
        near = [
            a for c in reversed(earlier) if c.cls == "person" and (a := reading.entities.actor(c, sentence.tokens))
        ]
        female = low in _FEMALE
        fitting = [a for a in [*near, *context.people] if reading.entities.female(a.name) in {None, female}]
        return fitting[:1]
    if low in _PLURAL:
        for candidate in reversed(earlier):
            if len(candidate.members()) > 1 or candidate.cls == "group":
                actors = [a for c in candidate.members() if (a := reading.entities.actor(c, sentence.tokens))]
                return actors
        return list(context.group) or ([context.body] if context.body else [])
    if low in {"it", "itself"}:
        bodies = [c for c in earlier if c.cls in {"org", "country"}]
        found = reading.entities.actor(bodies[-1], sentence.tokens) if bodies else context.body
        return [found] if found else []
    return []


def _class_fits(chunk: Chunk, allowed: frozenset[str]) -> bool:
    cls = chunk.cls
    if cls in allowed or cls == "":
        return cls != "" or bool(allowed & {"person", "org", "group", "country"})
    if cls == "number" or chunk.number is not None:
        return bool(allowed & {"person", "group"}) and cls in {"number", "person", "group"}
    if cls == "place":
        return "thing" in allowed or "country" in allowed
    return False


def _remember(reading: Reading, sentence: Sentence, verbs: Sequence[Verb], context: Context) -> None:
    """Keep who was spoken of, subjects last, for the pronouns of the next sentence."""
    subjects = [c for v in verbs for c in v.subject]
    order = [c for c in sentence.chunks if c not in subjects] + [c for c in sentence.chunks if c in subjects]
    first_subject = next((c for v in verbs for c in v.subject if c.kind != "pron"), None)
    if first_subject is not None and first_subject in order:
        order.remove(first_subject)
        order.append(first_subject)
    for chunk in order:
        if chunk.kind in {"pron", "date", "num"} or chunk.cls in {"thing", "number", "place", ""}:
            continue
        actor = reading.entities.actor(chunk, sentence.tokens)
        if actor is None:
            continue
        if chunk.cls == "person":
            context.people = [actor, *(a for a in context.people if a.name != actor.name)][:_REMEMBERED]
        elif chunk.cls in {"org", "country"}:
            context.body = actor
        if len(chunk.members()) > 1:
            context.group = [a for c in chunk.members() if (a := reading.entities.actor(c, sentence.tokens))]
        elif chunk.cls == "group":
            context.group = [actor]
    say = reading.pack.language.cue("say")
    for verb in verbs:
        if verb.lemma.split()[0] in say and verb.subject:
            found = _actors(
                reading, sentence, verb.subject, context, frozenset({"person", "org", "group", "country"})
            )
            if found:
                context.speaker = found[0]


def _quote_span(sentence: Sentence, hit: Hit, verbs: Sequence[Verb]) -> tuple[int, int]:
    tokens = sentence.tokens
    start, end = hit.start, hit.end
    for chunk in [*hit.actors, *hit.recipients, *([hit.noun] if hit.noun else [])]:
        start, end = min(start, chunk.start), max(end, chunk.end)
        if chunk.apposed is not None and chunk.apposed.start < start:
            start = chunk.apposed.start
    if hit.verb is not None:
        start, end = min(start, hit.verb.start), max(end, hit.verb.end)
        end = max(hit.verb.clause[1], end)
    return _trim(tokens, start, min(end, len(tokens)))


def _trim(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    while end - 1 > start and tokens[end - 1].tag in {
        ",",
        ";",
        ".",
        "CONJ",
        "DASH",
        ":",
        "PREP",
        "SUB",
        "REL",
    }:
        end -= 1
    while start < end - 1 and tokens[start].tag in {",", ";", "CONJ", ".", ":"}:
        start += 1
    first, last = tokens[start].start, tokens[end - 1].end
    return first, min(last, first + MAX_QUOTE)


def _date_for(at: int, dates: Sequence[When], verb: Verb | None) -> When | None:
    """Return the date expression nearest to the trigger, inside its clause if one is there."""
    known = [d for d in dates if not d.future]
    if not known:
        return None
    inside = [d for d in known if verb is not None and verb.clause[0] <= d.start <= verb.clause[1]]
    return min(inside or known, key=lambda d: min(abs(d.start - at), abs(d.end - at)))


def _attribute(
    draft: Draft,
    verb: Verb | None,
    reading: Reading,
    sentence: Sentence,
    verbs: Sequence[Verb],
    context: Context,
) -> None:
    """Settle on whose word the draft stands: a say-verb above it, "according to", or a hedge."""
    language, tokens = reading.pack.language, sentence.tokens
    voices: list[Actor] = []
    if verb is not None and verb.speech is not None:
        voices = _actors(
            reading, sentence, verb.speech.subject, context, frozenset({"person", "org", "group", "country"})
        )
    if not voices:
        voices = _according(reading, sentence, context)
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
    elif draft.certainty is Certainty.ASSERTED and any(
        t.low in language.cue("reported_words") for t in tokens
    ):
        draft.certainty = Certainty.REPORTED
        draft.notes.append("hedged")


def _according(reading: Reading, sentence: Sentence, context: Context) -> list[Actor]:
    preps = reading.pack.language.cue("attribution_preps")
    for k, token in enumerate(sentence.tokens):
        if token.lemma in preps or token.low in preps:
            after = k + len((token.lemma or token.low).split())
            chunk = next((c for c in sentence.chunks if after <= c.start <= after + 1), None)
            if chunk is not None:
                return _actors(
                    reading,
                    sentence,
                    chunk.members(),
                    context,
                    frozenset({"person", "org", "group", "country"}),
                )
    return []


def _from_number(
    reading: Reading,
    sentence: Sentence,
    verbs: Sequence[Verb],
    number: Number,
    context: Context,
    dates: Sequence[When],
) -> Draft:
    tokens = sentence.tokens
    verb = number.verb
    start, end = number.start, number.end
    if verb is not None:
        start, end = min(start, verb.start), max(end, verb.end)
        for chunk in verb.subject:
            if not number.elliptic or chunk.end >= start - 12:
                start = min(start, chunk.start)
    first, last = _trim(tokens, max(0, start), min(len(tokens), end + (3 if end + 3 <= len(tokens) else 0)))
    when = _date_for(number.start, dates, verb)
    figure = Figure(
        metric=number.metric,
        operator=number.operator,
        value=number.value,
        high=number.high,
        unit=number.unit,
        about=_about_text(number, tokens, reading),
        scope=_scope(number, sentence, reading, verb, when),
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
    _figure_voice(draft, number, reading, sentence, verbs, context)
    if verb is not None:
        hit = Hit(_FIGURE_FRAME, number.start, number.end, verb=verb)
        meaning = read_modality(hit, tokens, verbs, reading.pack.language)
        if meaning.modality is not Modality.FACT or meaning.negated:
            draft.modality = (
                meaning.modality if meaning.modality is not Modality.FACT else Modality.HYPOTHETICAL
            )
            draft.notes.append(meaning.why)
    return draft


def _about_text(number: Number, tokens: Sequence[Token], reading: Reading) -> str:
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
    del reading
    return " ".join(words)


def _scope(
    number: Number, sentence: Sentence, reading: Reading, verb: Verb | None, when: When | None
) -> tuple[str, ...]:
    tokens, chunk = sentence.tokens, number.counted
    words: set[str] = set()
    general = {
        "people",
        "person",
        "persons",
        "others",
        "dead",
        "deaths",
        "death",
        "arrests",
        "detainees",
        "victims",
        "killed",
        "percent",
        "cent",
        "votes",
        "vote",
        "%",
        "more",
        "total",
        "lives",
        "fatalities",
        "bodies",
        "political",
        "number",
        "toll",
        "injured",
        "wounded",
        "least",
        "fewer",
    }
    if chunk is not None:
        for part in [chunk, *chunk.of[:1]]:
            for token in tokens[part.start : part.end]:
                if (
                    token.tag in {"N", "ADJ", "PN"}
                    and token.low not in general
                    and not token.low.isdigit()
                    and reading.entities.place(token.low) is None
                ):
                    words.add(reading.pack.language.singular(token.low))
    if number.metric == "vote_share" or number.metric == "votes":
        candidate = _candidate(number, sentence, reading, verb)
        words = {fold(candidate)} if candidate else set()
    del when
    return tuple(sorted(words))


def _candidate(number: Number, sentence: Sentence, reading: Reading, verb: Verb | None) -> str | None:
    tokens = sentence.tokens
    chunk = number.counted
    after = [c for c in sentence.chunks if c.start >= number.end and c.start <= number.end + 9]
    for k, nearby in enumerate(after[:3]):
        del k
        between = [t.low for t in tokens[number.end : nearby.start]]
        if (between and between[-1] == "for") or (len(between) > 1 and between[-2] == "for"):
            actor = reading.entities.actor(nearby, tokens)
            return actor.name if actor else None
    if verb is not None and verb.subject and chunk not in verb.subject:
        actor = next(
            (a for c in verb.subject if c.cls in {"person", ""} and (a := reading.entities.actor(c, tokens))),
            None,
        )
        return actor.name if actor else None
    return None


def _figure_voice(
    draft: Draft,
    number: Number,
    reading: Reading,
    sentence: Sentence,
    verbs: Sequence[Verb],
    context: Context,
) -> None:
    """On whose word a number stands: who says, counts or has it."""
    verb = number.verb
    allowed = frozenset({"person", "org", "group"})
    _attribute(draft, verb, reading, sentence, verbs, context)
    if draft.claimed_by or verb is None:
        if not draft.claimed_by and number.counted is not None and number.elliptic:
            draft.claimed_by = _listed_voice(number, reading, sentence)
        return
    base = verb.lemma.split()[0]
    if (
        base in reading.pack.metrics.reporting_verbs
        and number.counted not in verb.subject
        and not verb.passive
    ):
        voices = _actors(reading, sentence, verb.subject, context, allowed)
        owner = next(
            (
                c.owner
                for c in verb.subject
                if c.owner is not None and sentence.tokens[c.head].low in reading.pack.metrics.reporting_nouns
            ),
            None,
        )
        if owner is not None:
            voices = _actors(reading, sentence, [owner], context, allowed)
        if voices and not any(c.cls == "thing" for c in verb.subject):
            draft.claimed_by = voices
            draft.certainty = Certainty.REPORTED
    if number.elliptic and not draft.claimed_by:
        draft.claimed_by = _listed_voice(number, reading, sentence)
    if draft.claimed_by:
        draft.certainty = Certainty.REPORTED


def _listed_voice(number: Number, reading: Reading, sentence: Sentence) -> list[Actor]:
    chunk = number.counted
    if chunk is None or chunk.end - chunk.start < 2:
        return []
    words = [t for t in sentence.tokens[chunk.start : chunk.end] if t.tag not in {"NUM", "DET"}]
    del reading
    return [Actor(name=" ".join(t.text for t in words))] if words else []


def _settle(draft: Draft, reading: Reading, sentence: Sentence, *, old: bool) -> None:
    """Weigh: history, other stories, headlines and questions lower the confidence or change the modality."""
    confidence = draft.strength
    confidence -= _doubts(draft, sentence)
    if "as reported" in draft.notes:
        confidence -= 0.3
    if draft.kind == "election_result":
        confidence = _election(draft, reading, confidence)
    if draft.stance == "other":
        confidence = min(confidence, 0.7)
    block = reading.blocks[sentence.block]
    if old and draft.modality is Modality.FACT:
        draft.modality = Modality.HISTORICAL
        draft.notes.append("told as history")
    if (
        draft.when is not None
        and reading.base is not None
        and draft.modality is Modality.FACT
        and _last_day(draft.when) < reading.base - timedelta(days=HISTORY_DAYS)
    ):  # type: ignore[operator]
        draft.modality = Modality.HISTORICAL
        draft.notes.append(f"dated {draft.when.day.isoformat()}")
    if block.kind == "headline":
        confidence -= 0.1
    if draft.kind == "statement" and draft.verb is not None and _modifier(draft.verb, sentence.tokens):
        confidence -= 0.35
        draft.notes.append("only describes who is meant")
    if _other_story(reading, sentence):
        confidence = min(confidence, 0.2)
        draft.notes.append("another story than the document's")
    if draft.recipients:
        confidence += 0.05
    draft.confidence = max(0.05, min(0.97, confidence))


def _election(draft: Draft, reading: Reading, confidence: float) -> float:
    """The winner acts, the body that declares it is whose word it is; what parties claim is no result."""
    if draft.recipients:
        draft.claimed_by = draft.actors or draft.claimed_by
        draft.actors, draft.recipients = draft.recipients, []
    electoral = reading.pack.language.cue("electoral")
    declared = any(word in electoral for actor in draft.claimed_by for word in fold(actor.name).split())
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


def _doubts(draft: Draft, sentence: Sentence) -> float:
    """Return how much of the confidence a draft loses for what does not fit its kind; the notes say why."""
    doubts: list[tuple[bool, float, str]] = []
    sectors = {a.sector for a in draft.actors}
    if draft.kind == "court_ruling":
        names = [w for a in draft.actors for w in fold(a.name).split()] or [t.low for t in sentence.tokens]
        doubts.append((not any(w in _COURTS for w in names) and not _judges(draft), 0.25, "no court in sight"))
    if draft.kind == "statement":
        doubts.append((draft.stance != "other" and "JUD" in sectors and _judges(draft), 0.35, "a court rules"))
    if draft.kind == "investigation":
        doubts += [
            (bool(sectors) and not sectors & _PROBERS, 0.3, "no body that investigates"),
            (not draft.recipients, 0.15, "into nobody"),
        ]
    if draft.kind in _NEEDS_SOMEBODY:
        doubts.append((not draft.actors and not draft.recipients, 0.35, "nobody named"))
    if draft.kind == "arrest" and draft.verb is not None:
        state = draft.verb.lemma in {"be", "have", "keep", "remain", "stay"} and not draft.verb.passive
        lasting = draft.verb.lemma in {"hold", "keep"} and any(
            prep in {"since", "for"} for prep, _ in draft.verb.preps
        )
        doubts.append((state or lasting, 0.45, "a state that lasts"))
    if draft.figure is not None:
        doubts.append((draft.figure.metric == "votes" and draft.figure.value < _FEW_VOTES, 0.35, "few votes"))
    for holds, _, why in doubts:
        if holds:
            draft.notes.append(why)
    return sum(loss for holds, loss, _ in doubts if holds)


def _judges(draft: Draft) -> bool:
    return any(w in _COURTS for a in draft.actors for w in fold(a.name).split()) or any(
        a.sector == "JUD" and "prosec" not in fold(a.name) and "fiscal" not in fold(a.name) and "attorney" not in fold(a.name) for a in draft.actors
    )


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


def _other_story(reading: Reading, sentence: Sentence) -> bool:
    """Whether the block is about another country than the document: a labelled part of a bulletin."""
    block = reading.blocks[sentence.block]
    if block.label and fold(block.label.split()[0].strip("/")) in reading.pack.language.cue("other_topics"):
        return True
    if not block.label or reading.focus is None:
        return False
    for word in re.split(r"[^\w']+", block.label):
        place = reading.entities.place(word)
        if place is not None:
            return place.iso != reading.focus
    return False


def _without_doubles(found: list[Draft]) -> list[Draft]:
    """Of several readings of one kind from the same trigger keep the fullest; what is said, not that it is said."""
    told = {
        id(d.verb.speech)
        for d in found
        if d.verb is not None and d.verb.speech is not None and d.modality is Modality.FACT
    }
    found = [d for d in found if not (d.stance == "other" and d.verb is not None and id(d.verb) in told)]
    out: list[Draft] = []
    for draft in sorted(
        found,
        key=lambda d: (
            d.modality is not Modality.FACT,
            not d.actors and not d.recipients,
            d.stance == "other",
            -d.strength,
            -len(d.recipients),
        ),
    ):
        twin = next(
            (d for d in out if d.kind == draft.kind and d.kind != "figure" and _same_place(d, draft)), None
        )
        if twin is None:
            out.append(draft)
        elif not twin.actors and draft.actors:
            out[out.index(twin)] = replace(twin, actors=draft.actors)
    return out


def _same_place(left: Draft, right: Draft) -> bool:
    crossing = left.trigger[0] < right.trigger[1] and right.trigger[0] < left.trigger[1]
    if left.kind == "statement":
        return crossing or (left.verb is not None and left.verb is right.verb)
    overlap = left.start < right.end and right.start < left.end
    names = {fold(a.name) for a in left.recipients} & {fold(a.name) for a in right.recipients}
    return overlap and (bool(names) or not left.recipients or not right.recipients)
