"""Who is meant: chunks to actors, pronouns led back to who was spoken of before."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.model import Actor, Modality
from monitor.core.names import is_named
from monitor.extract.actors import actor_of
from monitor.extract.chunks import Chunk
from monitor.extract.drafts import Draft, Scene
from monitor.extract.places import fold

_REMEMBERED = 6

_HEARD = 0.5  # how sure a statement should be for its speaker to be the one who goes on

_FEMALE = frozenset({"she", "her", "herself", "ella", "la"})

_SINGULAR = frozenset({"he", "him", "she", "her", "himself", "herself", "él", "ella", "le", "lo", "la"})

_PLURAL = frozenset({"they", "them", "themselves", "both", "ellos", "ellas", "les", "los", "las"})

PRONOUNS = _SINGULAR | _PLURAL

_BOTH = 2

_FIRST = frozenset({"first", "last", "primero", "primera", "último", "última"})

_ALL = frozenset({"all", "the", "los", "las"})

_BODY = frozenset({"it", "itself"})

_THAT = frozenset({"it", "this", "that"})

_OWN_VOICE = frozenset({"we", "us", "nosotros", "nosotras", "i", "me", "yo"})

_PLURAL_VOICE = frozenset({"we", "us", "nosotros", "nosotras"})

_LETTERHEAD = 2  # sentences in which a text says whose it is

_LONGEST_NAME = 3  # words of a name that nothing else is known of

_DEFINITE = frozenset({"the", "this", "el", "la", "este", "esta"})

VOICES = frozenset({"person", "org", "group", "country"})


def actors_of(
    scene: Scene,
    chunks: Sequence[Chunk],
    allowed: frozenset[str],
    beside: Sequence[Chunk] = (),
    *,
    deeds: bool = False,
) -> list[Actor]:
    """Return who the chunks name; pronouns never mean a chunk of `beside`, the verb's other side.

    `deeds`: "it" means what was done or said, and no body ("the ministry rejected it").
    """
    out: list[Actor] = []
    for chunk in chunks:
        is_deed = deeds and chunk.kind == "pron" and scene.tokens[chunk.head].low in _THAT
        for actor in _deed(scene, chunk) if is_deed else _resolve(scene, chunk, allowed, beside):
            if all(fold(actor.name) != fold(a.name) for a in out):
                out.append(actor)
    return out


def _resolve(scene: Scene, chunk: Chunk, allowed: frozenset[str], beside: Sequence[Chunk]) -> list[Actor]:
    tokens = scene.tokens
    if chunk.kind == "pron":
        return _pronoun(scene, chunk, beside)
    if chunk.kind == "date":
        return []
    if chunk.cls == "thing" and (chunk.of or chunk.owner):
        inside = [c for c in [*chunk.of, *([chunk.owner] if chunk.owner else [])] if c.cls in VOICES]
        if inside and (not allowed or "thing" not in allowed):
            return [a for c in inside if (a := actor_of(scene.reading.entities, c, tokens))]
    if allowed and "any" not in allowed and not _class_fits(chunk, allowed):
        return []
    if chunk.cls == "number" or chunk.kind == "num":
        return _number_of_people(scene, chunk, allowed)
    actor = actor_of(scene.reading.entities, chunk, tokens)
    if actor is not None and _described(scene, chunk, actor):
        return _last_heard(scene, chunk) or [actor]
    return [actor] if actor is not None else []


def _number_of_people(scene: Scene, chunk: Chunk, allowed: frozenset[str]) -> list[Actor]:
    """Return who a number means: those who were just named, whoever was first, or so many people."""
    if _all_of_them(scene, chunk):
        return list(scene.context.listed)
    if scene.tokens[chunk.head].low in _FIRST:
        first = _who_was_first(scene, chunk)
        if first:
            return actors_of(scene, first, allowed)
    if allowed and not allowed & {"person", "group", "any"}:
        return []
    end = chunk.of[-1].end if chunk.of and scene.reading.pack.language.like == "es" else chunk.end
    return [Actor(name=" ".join(t.text for t in scene.tokens[chunk.start : end]))]


def _all_of_them(scene: Scene, chunk: Chunk) -> bool:
    """Whether "all three" are the three who were just named."""
    words = [t.low for t in scene.tokens[max(0, chunk.start - 1) : chunk.end]]
    return bool(_ALL.intersection(words)) and chunk.number == len(scene.context.listed)


def _who_was_first(scene: Scene, chunk: Chunk) -> list[Chunk]:
    """Return whom "first" means in "Chad was the first to accept": the subject that it is said of."""
    return next((v.subject for v in scene.verbs if chunk in v.object and chunk not in v.subject), [])


def _last_heard(scene: Scene, chunk: Chunk) -> list[Actor]:
    """Return the person who spoke last, or where nobody did, who was spoken of last; "el candidato" is no woman."""
    speaker, entities = scene.context.speaker, scene.reading.entities
    heard = [speaker] if speaker is not None and fold(speaker.name) in entities.people else []
    other = {"el": True, "la": False}.get(scene.tokens[chunk.start].low)
    last = [*heard, *scene.context.people][:1]
    return [a for a in last if other is None or entities.female(a.name) is not other]


def _described(scene: Scene, chunk: Chunk, actor: Actor) -> bool:
    """Whether "the opposition leader" or "the Democratic candidate" is another word for who was spoken of last."""
    head = scene.tokens[chunk.head].low
    return (
        bool(scene.context.people)
        and chunk.kind == "common"
        and head in scene.reading.pack.language.cue("descriptions")
        and scene.tokens[chunk.start].low in _DEFINITE
        and fold(actor.name) not in scene.reading.entities.people
    )


def _pronoun(scene: Scene, chunk: Chunk, beside: Sequence[Chunk]) -> list[Actor]:
    low = scene.tokens[chunk.head].low
    beside = [*beside, *_own_subjects(scene, chunk)]
    earlier = [
        c for c in scene.context.subjects if c.end <= chunk.start and c not in beside and c.kind != "pron"
    ]
    if low in _SINGULAR:
        # "The league dropped Gray; he objects": who stands in the sentence before who stood in the one before it.
        before = [c for c in scene.chunks if c.end <= chunk.start and c not in earlier]
        others = [c for c in before if not any(_same(c, b) for b in beside)]
        near = [
            a
            for c in (*reversed(earlier), *reversed(others))
            if _one_person(scene, c) and (a := actor_of(scene.reading.entities, c, scene.tokens))
        ]
        female = low in _FEMALE
        female_of = scene.reading.entities.female
        fits = {None, True, False} if low == "le" else {None, female}
        fitting = [a for a in [*near, *scene.context.people] if female_of(a.name) in fits]
        surely = [a for a in fitting if female_of(a.name) and is_named(a.name)] if female else []
        return (surely or fitting)[:1]
    if low in _PLURAL:
        for candidate in reversed(earlier):
            if len(candidate.members()) > 1 or candidate.cls == "group":
                return [
                    a for c in candidate.members() if (a := actor_of(scene.reading.entities, c, scene.tokens))
                ]
        group = scene.context.group
        if (low == "both" and len(group) != _BOTH) or _among(scene, beside, group):
            return []
        return list(group) or ([scene.context.body] if scene.context.body else [])
    if low in _OWN_VOICE:
        return _own_voice(scene, chunk)
    if low in _BODY:
        bodies = [c for c in earlier if c.cls in {"org", "country"}]
        found = actor_of(scene.reading.entities, bodies[-1], scene.tokens) if bodies else scene.context.body
        return [found] if found else []
    return []


def _own_subjects(scene: Scene, chunk: Chunk) -> list[Chunk]:
    """Return the subjects of the verb that a pronoun is an object of: in "an officer arrested him" he is another."""
    if scene.tokens[chunk.head].low.endswith(("self", "selves")):
        return []
    spanish = scene.reading.pack.language.like == "es"
    for verb in scene.verbs:
        if chunk in verb.subject:
            return []
        leans = spanish and verb.start - 1 <= chunk.start < verb.end  # "lo detuvo"
        inside = leans or chunk in verb.object or any(chunk in chunks for _, chunks in verb.preps)
        if inside and not verb.passive:
            return verb.subject
    return []


def _deed(scene: Scene, chunk: Chunk) -> list[Actor]:
    """Return the thing that "it" means: what a verb before it acts on, else what the text last told of."""
    things = [c for v in scene.verbs for c in v.object if c.cls == "thing" and c.end <= chunk.start]
    found = actor_of(scene.reading.entities, things[-1], scene.tokens) if things else scene.context.deed
    return [found] if found is not None else []


def _among(scene: Scene, chunks: Sequence[Chunk], group: Sequence[Actor]) -> bool:
    """Whether a chunk names one of a group: "Chad imposed them" is of no group that Chad belongs to."""
    named = [a for c in chunks if (a := actor_of(scene.reading.entities, c, scene.tokens)) is not None]
    return any(fold(a.name) == fold(b.name) for a in named for b in group)


def _same(one: Chunk, other: Chunk) -> bool:
    """Whether two chunks are one, or one describes the other ("the prosecutor, Ada Gray,")."""
    return one is other or one.apposed is other or other.apposed is one


def _own_voice(scene: Scene, chunk: Chunk) -> list[Actor]:
    """Return whose "we" it is: of a quotation whoever is said to say it, else the body that wrote the text."""
    if scene.tokens[chunk.head].quoted:
        return _quoted_voice(scene)
    if scene.tokens[chunk.head].low not in _PLURAL_VOICE:
        return []
    for sentence in scene.reading.sentences[:_LETTERHEAD]:
        for other in sentence.chunks:
            if other.cls == "org" and other.kind == "name":
                found = actor_of(scene.reading.entities, other, sentence.tokens)
                return [found] if found is not None else []
    return []


def _quoted_voice(scene: Scene) -> list[Actor]:
    """Return who says, outside its quotation marks, what a sentence quotes."""
    say = scene.reading.pack.language.cue("say")
    for verb in scene.verbs:
        voices = [c for c in verb.subject if scene.tokens[c.head].low not in _OWN_VOICE]
        if verb.base in say and voices and not scene.tokens[verb.main].quoted:
            return actors_of(scene, voices, VOICES)
    return []


def _one_person(scene: Scene, chunk: Chunk) -> bool:
    """Whether the chunk names a person, or is a bare name that is none of a place or body known here."""
    if chunk.cls == "person":
        # "Nobody wants to be treasurer" speaks of no person.
        named = chunk.kind == "name" or scene.tokens[chunk.start].tag == "DET"
        return named or chunk in scene.context.subjects
    return _unknown_name(scene, chunk)


def _unknown_name(scene: Scene, chunk: Chunk) -> bool:
    """Whether nothing is known of a name ("Orwin"), which then is a person's sooner than anything else's."""
    if chunk.kind != "name" or chunk.cls or chunk.name is None:
        return False
    if chunk not in scene.context.subjects and not any(chunk in v.object for v in scene.verbs):
        return False  # "in Orwin" is a place
    words = scene.tokens[chunk.name[0] : chunk.name[1]]
    return len(words) <= _LONGEST_NAME and not any(t.text.isupper() for t in words)


def _class_fits(chunk: Chunk, allowed: frozenset[str]) -> bool:
    cls = chunk.cls
    if cls in allowed or cls == "":
        return cls != "" or bool(allowed & {"person", "org", "group", "country"})
    if cls == "number" or chunk.number is not None:
        return bool(allowed & {"person", "group"}) and cls in {"number", "person", "group"}
    if cls == "place":
        return "thing" in allowed or "country" in allowed
    return False


def remember(scene: Scene, told: Sequence[Draft]) -> None:
    """Keep who was spoken of, subjects last, for the pronouns of the next sentence; and who spoke in what was `told`."""
    gone_on = _gone_on(scene, _SINGULAR)
    still = _gone_on(scene, _BODY)
    scene.context.lead = _lead(scene) or scene.context.lead
    for chunk in _by_weight(scene):
        _keep(scene, chunk)
    if gone_on:
        _to_front(scene, gone_on[0])
    if still:
        scene.context.body = still[0]
    say = scene.reading.pack.language.cue("say")
    for verb in scene.verbs:
        if verb.lemma.split()[0] in say and verb.subject:
            found = actors_of(scene, verb.subject, VOICES)
            if found:
                scene.context.speaker = found[0]
    told_of = [d.verb for d in told if d.verb is not None and d.modality is Modality.FACT]
    for chunk in (c for v in told_of for c in v.object if c.cls == "thing"):
        scene.context.deed = actor_of(scene.reading.entities, chunk, scene.tokens) or scene.context.deed
    said = [d for d in told if d.kind == "statement" and d.modality is Modality.FACT and d.actors]
    if said:
        scene.context.speaker = max(said, key=lambda d: (d.confidence >= _HEARD, d.trigger)).actors[0]


def _lead(scene: Scene) -> Actor | None:
    """Return whom the sentence is about first: who goes on where the next one leaves its subject out."""
    first = min(scene.context.subjects, key=lambda c: c.start, default=None)
    if first is None or not (first.kind == "pron" or first.cls in VOICES or _unknown_name(scene, first)):
        return None
    return next(iter(actors_of(scene, [first], frozenset())), None)


def _gone_on(scene: Scene, words: frozenset[str]) -> list[Actor]:
    """Return whom the sentence's subject, one of the pronouns, goes on about: the next "he" or "it" means the same."""
    first = next((c for v in scene.verbs for c in v.subject), None)
    if first is None or first.kind != "pron" or scene.tokens[first.head].low not in words:
        return []
    return _pronoun(scene, first, ())


def _to_front(scene: Scene, actor: Actor) -> None:
    people = scene.context.people
    scene.context.people = [actor, *(a for a in people if a.name != actor.name)][:_REMEMBERED]


def _by_weight(scene: Scene) -> list[Chunk]:
    """Return the sentence's chunks, names after descriptions, then subjects, the first of them last; no appositions."""
    subjects = [c for v in scene.verbs for c in v.subject]
    appositions = {id(c.apposed) for c in scene.chunks if c.apposed is not None}
    told_apart = [c for c in scene.chunks if id(c) not in appositions]
    others = [c for c in told_apart if c not in subjects]
    objects = {id(c) for v in scene.verbs for c in v.object}
    order = [c for c in others if c.kind != "name"] + [
        c for c in others if c.kind == "name" and id(c) not in objects
    ]
    order += [c for c in reversed(others) if c.kind == "name" and id(c) in objects]
    order += [c for c in told_apart if c in subjects]
    first = min((c for c in subjects if c.kind != "pron"), key=lambda c: c.start, default=None)
    if first is not None and first in order:
        order.remove(first)
        order.append(first)
    return order


def _keep(scene: Scene, chunk: Chunk) -> None:
    context, entities = scene.context, scene.reading.entities
    if chunk.kind in {"pron", "date"} or chunk.cls in {"thing", "place"}:
        return
    if chunk.cls == "number":
        # "Six dockers stayed. They signed the letter."
        if chunk in context.subjects and (chunk.number or 0) > 1:
            context.group = [Actor(name=chunk.text(scene.tokens))]
        return
    actor = actor_of(entities, chunk, scene.tokens)
    if actor is None or _described(scene, chunk, actor):
        return
    if _one_person(scene, chunk):
        _to_front(scene, actor)
    elif chunk.cls in {"org", "country"}:
        context.body = actor
    if len(chunk.members()) > 1:
        context.group = [a for c in chunk.members() if (a := actor_of(entities, c, scene.tokens))]
        context.listed = list(context.group)
    elif chunk.cls == "group":
        context.group = [actor]
