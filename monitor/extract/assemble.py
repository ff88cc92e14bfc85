"""From frame hits and numbers to claims: the walk through a prepared document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final, Protocol

from monitor.core.figures import SHARES
from monitor.core.model import Actor, Modality
from monitor.extract.actors import actor_of
from monitor.extract.confidence import is_old, settle
from monitor.extract.coref import PRONOUNS, VOICES, actors_of, remember
from monitor.extract.dates import When, dated, find_dates
from monitor.extract.drafts import Context, Draft, Scene
from monitor.extract.echoes import echoes
from monitor.extract.entities import Sentence
from monitor.extract.figure_claims import definite_few, from_number
from monitor.extract.figures import find_figures, spoken_of
from monitor.extract.frames import match
from monitor.extract.hit_claims import COUNTED_FROM, from_hit
from monitor.extract.partners import with_partners
from monitor.extract.places import country_names, fold
from monitor.extract.reading import Reading

_REACTIONS: Final = frozenset({"statement", "sanction"})
# What happens in a place, unlike what one country does to another.
_LOCAL: Final = frozenset(
    "appointment court_ruling decree election_result figure protest resignation violence".split()
)
_AT_HOME: Final = 2  # sentences that name the country that a document is about
_REACTING: Final = 2 / 3
_SURE: Final = 0.6
# Words that say whose, and not who.
_OWN: Final = frozenset("own his her its their su sus propio propios".split())
_CARRIED: Final = frozenset({"deaths", "injured", "detained", "displaced"})


class Voice(Protocol):
    """A second reader of the same sentences, which has a say in what the lexicon finds."""

    def look(self, sentences: Sequence[str], language: str) -> Sequence[Any]:
        """Return what it sees in each sentence of a document in `language`."""
        ...

    def join(self, scene: Scene, lexical: list[Draft], seen: Any, *, old: bool) -> list[Draft]:
        """Return the drafts of a sentence: the lexicon's and its own as one. `old`: the sentence tells history."""
        ...

    def weigh(self, drafts: list[Draft], reading: Reading) -> None:
        """Weigh all drafts of a document once more, together."""
        ...


def drafts(reading: Reading, voice: Voice | None = None) -> list[Draft]:
    """Return the drafts of all claims of a prepared document."""
    seen = _look(reading, voice)
    dates = _dates(reading)
    reading.latest = reading.base or _latest(dates)
    context = Context()
    out: list[Draft] = []
    before: list[Draft] = []
    for number, (sentence, verbs) in enumerate(zip(reading.sentences, reading.parsed, strict=True)):
        if sentence.block != context.block:
            context.block, context.old = sentence.block, False
            if reading.blocks[sentence.block].label:
                context = Context(block=sentence.block)
        context.subjects = [c for v in verbs for c in v.subject]
        scene = Scene(reading, sentence, verbs, context, dates[number])
        told = _without_doubles(_sentence(scene, voice, seen[number] if voice is not None else None))
        told += _placed(echoes(scene, told, before), scene)
        go_on(told, before)
        remember(scene, told)
        before = told
        out += told
    if voice is not None:
        voice.weigh(out, reading)
    return _with_reactions(out)


def go_on(told: Sequence[Draft], before: Sequence[Draft]) -> None:
    """Whoever imposed sanctions in the sentence before imposes those of which this one only lists on whom."""
    imposed = next(
        (d for d in before if d.kind == "sanction" and d.actors and d.modality is Modality.FACT), None
    )
    if imposed is None:
        return
    for draft in told:
        if draft.kind == "sanction" and not draft.actors:
            draft.actors, draft.when = list(imposed.actors), draft.when or imposed.when
            draft.notes.append("imposed by whom the sentence before names")


def _dates(reading: Reading) -> list[list[When]]:
    """Return the dates of each sentence."""
    out: list[list[When]] = []
    since: date | None = None
    for sentence in reading.sentences:
        found = find_dates(sentence.tokens, reading.base, since)
        since = next((w.day for w in reversed(found) if w.precision in {"day", "month"}), since)
        out.append(found)
    return out


def _latest(dates: Sequence[Sequence[When]]) -> date | None:
    """Return the latest day that a document's sentences name."""
    named = (when for inside in dates for when in inside)
    return max((w.day for w in named if w.precision == "day" and not w.future), default=None)


def _with_reactions(found: list[Draft]) -> list[Draft]:
    """Take parts headed by other countries into the story where nearly all that they tell is what is said of it."""
    kinds: dict[str, list[bool]] = {}
    for draft in found:
        if (
            draft.elsewhere
            and draft.setting
            and draft.modality is Modality.FACT
            and draft.confidence >= _SURE
        ):
            kinds.setdefault(draft.setting, []).append(draft.kind in _REACTIONS)
    reacting = {where for where, said in kinds.items() if sum(said) >= _REACTING * len(said)}
    for draft in found:
        if draft.setting in reacting:
            draft.setting, draft.elsewhere = None, False
    return found


def _sentence(scene: Scene, voice: Voice | None, seen: Any) -> list[Draft]:
    tokens, pack, context = scene.tokens, scene.reading.pack, scene.context
    old = is_old(scene)
    hits = match(pack.lexicon, tokens, scene.chunks, scene.verbs, pack.language)
    out = [draft for hit in hits if (draft := from_hit(scene, hit)) is not None]
    if tokens[-1].text == "?" and any(t.low == "many" for t in tokens):
        context.metric = _asked(scene) or context.metric
    context.metric = spoken_of(scene.chunks, tokens, pack.metrics) or context.metric
    for number in find_figures(
        tokens, scene.chunks, scene.verbs, pack.language, pack.metrics, context.metric
    ):
        if dated(number.start, scene.dates):
            continue
        if number.metric in _CARRIED:
            context.metric = number.metric
        if not definite_few(number, tokens):
            out.append(from_number(scene, number))
    for draft in out:
        settle(draft, scene, old=old)
    if voice is not None:
        out = voice.join(scene, out, seen, old=old)
    for draft in out:
        _aim(draft, scene)
        count_all(draft)
    return _placed(_few_by_name(with_partners(scene, out)), scene)


def _few_by_name(found: list[Draft]) -> list[Draft]:
    """Leave out a handful of detained people as a number where the sentence tells their arrest."""
    if all(d.kind != "arrest" or d.modality is not Modality.FACT for d in found):
        return found
    return [
        d
        for d in found
        if d.figure is None or d.figure.metric != "detained" or d.figure.value >= COUNTED_FROM
    ]


def _placed(found: list[Draft], scene: Scene) -> list[Draft]:
    """Note where in the document the drafts stand."""
    tokens, sections = scene.tokens, scene.reading.sections
    abroad = _abroad(scene) if any(d.kind in _LOCAL for d in found) else None
    for draft in found:
        first, last = draft.trigger
        draft.spot = (tokens[first].start, tokens[max(first, last - 1)].end)
        draft.sentence = (tokens[0].start, tokens[-1].end)
        if draft.kind in _REACTIONS and sections.reacts(scene.sentence.block):
            continue  # what a capital says belongs to the story that it is said of
        draft.setting = sections.setting(scene.sentence.block)
        draft.elsewhere = sections.elsewhere(scene.sentence.block)
        if abroad is not None and draft.kind in _LOCAL and not draft.elsewhere:
            draft.setting, draft.elsewhere = abroad, True
    return found


def _abroad(scene: Scene) -> str | None:
    """Return the country that only this sentence of a document about another one names, and no other beside it."""
    entities = scene.reading.entities
    home = entities.focus
    if home is None or entities.countries[home] < _AT_HOME or _of_the_story(scene):
        return None
    named = {
        place.iso: place.how for chunk in scene.chunks for place in entities.places_in(chunk, scene.tokens)
    }
    passing = [iso for iso, how in named.items() if how != "demonym" and entities.countries.get(iso) == 1]
    return passing[0] if passing and home not in named and len(passing) == len(named) else None


def _of_the_story(scene: Scene) -> bool:
    """Whether the sentence goes on about somebody: a pronoun, who is named elsewhere too, a country's own envoys."""
    people = scene.reading.entities.people
    named = (actor_of(scene.reading.entities, c, scene.tokens) for c in scene.context.subjects)
    known = (people.get(fold(actor.name)) for actor in named if actor is not None)
    if any(t.low in scene.reading.pack.language.cue("envoys") for t in scene.tokens):
        return True
    goes_on = any(c.kind == "pron" and scene.tokens[c.head].low in PRONOUNS for c in scene.context.subjects)
    return goes_on or any(person is not None and person.mentions > 1 for person in known)


def _aim(draft: Draft, scene: Scene) -> None:
    """A sanction that names nobody known ("visa restrictions", "three generals") is aimed at a country all the same."""
    known = scene.reading.entities
    if draft.kind != "sanction":
        return
    if any(a.country or fold(a.name) in known.people for a in draft.recipients):
        # "It suspended the ferries to Chile and Peru": the countries, not the ferries.
        draft.recipients = [a for a in draft.recipients if a.country or a.sector or not a.name.islower()]
        return
    own, home = {a.country for a in draft.actors}, known.home
    if home is not None and own and home not in own:
        target = Actor(name=country_names()[home], country=home, sector="GOV")
        draft.recipients = [*draft.recipients, target]
    else:
        # "It halted the ferries to Chile": the country, not the ferries.
        abroad = [a for a in _countries_after(draft, scene) if a.country not in own]
        draft.recipients = abroad or draft.recipients


def count_all(draft: Draft) -> None:
    """Whose count it is says nothing of who is counted: "the street 39", "its own eight"; "his 11.8" names no candidate."""
    figure = draft.figure
    if figure is None or not figure.scope:
        return
    shares = figure.metric in SHARES
    voices = {word for a in draft.claimed_by for word in fold(a.name).split()}
    empty = PRONOUNS | _OWN if shares else voices | _OWN
    scope = tuple(part for part in figure.scope if part not in empty)
    if scope != figure.scope:
        draft.figure = replace(figure, scope=scope, about="" if shares else figure.about)


def _countries_after(draft: Draft, scene: Scene) -> list[Actor]:
    """Return the countries that are named in the trigger's clause after it."""
    last = draft.verb.clause[1] if draft.verb is not None else draft.trigger[1]
    chunks = [c for c in scene.chunks if c.cls == "country" and draft.trigger[0] < c.start <= last]
    return actors_of(scene, chunks, VOICES)


def _look(reading: Reading, voice: Voice | None) -> Sequence[Any]:
    if voice is None:
        return ()
    return voice.look([_text(reading, s) for s in reading.sentences], reading.pack.language.code)


def _text(reading: Reading, sentence: Sentence) -> str:
    return reading.document.text[sentence.tokens[0].start : sentence.tokens[-1].end]


def _asked(scene: Scene) -> str | None:
    """Return the metric that "how many …?" asks for: the answer comes as a bare number."""
    low = " ".join(t.low for t in scene.tokens)
    table = scene.reading.pack.metrics.table
    asked = ("deaths", "injured", "detained")
    return next((m for m in asked if any(w in low for w in table.get(m, {}).get("near", ()))), None)


def _without_doubles(found: list[Draft]) -> list[Draft]:
    """Keep the fullest of several readings of one trigger; what is said, not that it is said."""
    if not found:
        return found
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
            not d.actors and (not d.recipients),
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
    return overlap and (bool(names) or not left.recipients or (not right.recipients))
