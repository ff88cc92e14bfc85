"""Is it the same happening? Structured keys and tolerant comparison; missing details are no difference.

Where it is uncertain the answer is "the same": old news told as new is worse than a detail missed. What is
given on both sides and differs (persons, days, topics) keeps two happenings apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from monitor.core.bearers import borne
from monitor.core.figures import figure_blocks, figure_lookups
from monitor.core.measures import on_its_matter
from monitor.core.model import Actor, Claim, Fact
from monitor.core.names import content_words, fold, given_alone, name_words, same_person, same_voice, sound
from monitor.core.policy import KindSpec, Policy

STANDING = frozenset({"recognises", "congratulates", "supports", "rejects"})
ENDORSING = frozenset({"recognises", "congratulates", "supports"})
_NEAR = (
    frozenset({"rejects", "condemns", "denies"}),
    frozenset({"condemns", "accuses"}),
    frozenset({"recognises", "supports"}),
)
_SIMILAR = 0.25
_MATTERS = 2
_VAGUE = frozenset({"orders", "other"})
_REMEMBERED = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A known fact that a claim tells, how well it fits, and whether the claim moves it (`turns`)."""

    fact: Fact
    score: int
    turns: bool = False


def _tokens(actors: Iterable[Actor]) -> list[str]:
    """Return the words by which actors are found: of a longer name all but the first, which alone names nobody."""
    found: set[str] = set()
    for actor in actors:
        found.update(_telling(actor.name))
        if actor.speaks_for:
            found.update(_telling(actor.speaks_for))
    return sorted(found)


@lru_cache(maxsize=16_384)
def _telling(name: str) -> tuple[str, ...]:
    words = name_words(name)
    return tuple(sound(w) for w in (words[1:] or words) if len(w) > 1)


def _months(now: datetime) -> tuple[str, str]:
    return _months_of(now.date())


@lru_cache(maxsize=64)
def _months_of(day: date) -> tuple[str, str]:
    before = day.replace(day=1) - timedelta(days=1)
    return f"{day:%Y-%m}", f"{before:%Y-%m}"


def _weeks(now: datetime) -> tuple[str, str]:
    return _weeks_of(now.date())


@lru_cache(maxsize=64)
def _weeks_of(day: date) -> tuple[str, str]:
    return f"{day:%G-W%V}", f"{day - timedelta(days=7):%G-W%V}"


def _head(kind: str, stance: str | None) -> str:
    return f"{kind}|{stance or 'other'}" if kind == "statement" else kind


def fact_blocks(claim: Claim, now: datetime) -> tuple[str, ...]:
    """Return the keys under which the fact of `claim` is kept at the time `now`.

    What many facts of a busy event share (a crowd, a body that speaks every day) is a key only together with
    something else: the other side of a statement, or the month or week in which it was told.
    """
    if claim.figure is not None:
        return figure_blocks(claim.figure, _months(now)[0])
    head = _head(claim.kind, claim.stance)
    actors, recipients = _tokens(claim.actors), _tokens(claim.recipients)
    month, week = _months(now)[0], _weeks(now)[0]
    if claim.kind == "statement":
        keys = [f"{head}|ar|{a}|{r}" for a in actors for r in recipients]
    else:
        keys = [f"{head}|a|{a}" for a in actors]
        suffix = f"|{month}" if described(claim.recipients) else ""
        keys += [f"{head}|r|{r}{suffix}" for r in recipients]
        keys += [f"{head}|t|{word}" for word in _matter_words(claim.topic)]
        keys += [f"{head}|g|{g}|{month}" for g in _given(claim.recipients, alone=False)]
        keys += [f"{head}|s|{sector}|{week}" for sector in sorted(_sectors(claim.recipients))]
        keys += [f"{head}|o|{claim.outcome}|{month}"] if claim.outcome else []
    keys += [f"{head}|at|{a}|{month}" for a in actors]
    if not recipients:
        keys += [f"{head}|a0|{a}|{month}" for a in actors]
        keys.append(f"{head}|r0|{week}")
    if not actors:
        keys.append(f"{head}|n|{week}")
    return (*keys, f"{head}|m|{week}")


def _given(actors: Iterable[Actor], *, alone: bool) -> list[str]:
    """Return the first words of names, by which somebody may be called the next day: of full names, or such alone."""
    names = (name_words(a.name) for a in actors if a.name[:1].isupper())
    return sorted({sound(words[0]) for words in names if words and (len(words) == 1) is alone})


def _matter_words(topic: str | None) -> list[str]:
    """Return the words at the head of a topic, where the matter of a measure stands."""
    return fold(topic or "").split()[:_MATTERS]


def blocks_of(claims: Sequence[Claim], *, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Return the lookup keys of all facts that `diff` may need for `claims`: the store loads these.

    Their number depends on the claims only; a claim that names nobody looks among the facts that were told in
    this week and the last, so that the cost does not grow with history.
    """
    keys: set[str] = set()
    for claim in claims:
        keys.update(lookups(understood(claim, policy) or claim, now=now, policy=policy))
    return tuple(sorted(keys))


def understood(claim: Claim, policy: Policy) -> Claim | None:
    """Return `claim` as it is compared: of those it can happen to, on its matter. None where it cannot be."""
    fit = borne(claim, policy)
    return on_its_matter(fit, policy) if fit is not None else None


def lookups(claim: Claim, *, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Return the lookup keys of one claim."""
    if claim.figure is not None:
        return figure_lookups(claim.figure, _months(now))
    spec = policy.kinds.get(claim.kind)
    by_actor = spec is not None and spec.subject == "actor"
    keys = _lookups(claim, _head(claim.kind, claim.stance), now, by_actor=by_actor)
    if claim.kind == "statement":
        keys += _of_both_sides(claim, _other_stances(claim.stance))
    elif spec is not None and spec.lifecycle is not None:
        steps = [k.id for k in policy.kinds.values() if k.lifecycle == spec.lifecycle and k.id != claim.kind]
        keys += _of_the_same_people(claim, steps, now)
    return tuple(keys)


def _other_stances(stance: str | None) -> list[str]:
    """Return the stances that are told in other words, or reversed, by a statement of `stance`."""
    near = {s for group in _NEAR if stance in group for s in group}
    turned = ENDORSING if stance == "rejects" else {"rejects"} if stance in ENDORSING else set()
    return sorted({*near, *turned} - {stance})


def _of_both_sides(claim: Claim, stances: Sequence[str]) -> list[str]:
    """Return the keys of other stances, which are one position only between the same two sides."""
    actors, recipients = _tokens(claim.actors), _tokens(claim.recipients)
    return [f"{_head(claim.kind, s)}|ar|{a}|{r}" for s in stances for a in actors for r in recipients]


def _of_the_same_people(claim: Claim, kinds: Sequence[str], now: datetime) -> list[str]:
    """Return the keys of other steps of a lifecycle, which are of interest only where they name the same people."""
    ends = ["", *(f"|{m}" for m in _months(now))] if described(claim.recipients) else [""]
    return [f"{kind}|r|{r}{end}" for kind in kinds for r in _tokens(claim.recipients) for end in ends]


def _lookups(claim: Claim, head: str, now: datetime, *, by_actor: bool) -> list[str]:
    actors, recipients = _tokens(claim.actors), _tokens(claim.recipients)
    months, weeks = _months(now), _weeks(now)
    matter = [f"{head}|t|{word}" for word in _matter_words(claim.topic)] if claim.kind != "statement" else []
    if not actors and not recipients:
        return matter + [f"{head}|m|{week}" for week in weeks]
    if claim.kind == "statement":
        keys = [f"{head}|ar|{a}|{r}" for a in actors for r in recipients]
    else:
        keys = [f"{head}|r|{r}{suffix}" for r in recipients for suffix in ("", *(f"|{m}" for m in months))]
        if by_actor:
            keys += [f"{head}|a|{a}" for a in actors]
        keys += matter
        keys += [f"{head}|g|{g}|{month}" for g in _given(claim.recipients, alone=True) for month in months]
        keys += [f"{head}|r|{g}" for g in _given(claim.recipients, alone=False)]
        keys += [f"{head}|s|{s}|{week}" for s in sorted(_sectors(claim.recipients)) for week in weeks]
        if claim.outcome and (not actors or described(claim.actors) or described(claim.recipients)):
            keys += [f"{head}|o|{claim.outcome}|{month}" for month in months]
    # Whoever is not named may be anybody that the actor did it to, and the other way round.
    unnamed = not recipients or (described(claim.recipients) and claim.kind != "statement")
    keys += [f"{head}|{'at' if unnamed else 'a0'}|{a}|{month}" for a in actors for month in months]
    if recipients and (unnamed or (not actors and claim.kind != "statement")):
        keys += [f"{head}|r0|{week}" for week in weeks]
    elif not actors or not recipients:
        keys += [f"{head}|{'n' if actors else 'm'}|{week}" for week in weeks]
    return keys


def overlap(left: Sequence[Actor], right: Sequence[Actor], *, voices: bool) -> int:
    """Return 1 where somebody is on both sides, 0 where a side is empty, -1 where they differ."""
    if not left or not right:
        return 0
    same = same_voice if voices else same_person
    return 1 if any(same(a, b) for a in left for b in right) else -1


def described(actors: Sequence[Actor]) -> bool:
    """Return whether nobody is named: "six student leaders" may be those whom a known fact names."""
    return bool(actors) and all(a.wikidata is None and a.name[:1].islower() for a in actors)


def topics(left: str | None, right: str | None) -> int:
    """Return 1 for topics that share a word, 0 where one is unknown, -1 for different ones."""
    a, b = content_words(left or ""), content_words(right or "")
    if not a or not b:
        return 0
    return 1 if a & b else -1


def days(claim: Claim, fact: Fact, window: int | None, published: date | None) -> int:
    """Return 1 for the same day (within `window` days), 0 for unknown, -1 for happenings apart in time.

    A happening dated after the day on which the fact was first told cannot be it.
    """
    if window is None:
        return 0
    span = timedelta(days=window)
    if claim.event_date and fact.event_date:
        coarse = {claim.event_date_precision, fact.event_date_precision} & {"month", "year"}
        if coarse:
            size = 4 if "year" in coarse else 7
            return 1 if claim.event_date.isoformat()[:size] == fact.event_date.isoformat()[:size] else -1
        return 1 if abs(claim.event_date - fact.event_date) <= span else -1
    if claim.event_date:
        told = next((t.published_at for t in fact.tellings), None)
        return -1 if told and claim.event_date > told.date() + timedelta(days=1) else 0
    if fact.event_date and published:
        return -1 if published < fact.event_date - span else 0
    return 0


def match_event(
    claim: Claim, fact: Fact, spec: KindSpec, *, published: date | None, here: bool
) -> Match | None:
    """Return how `claim` fits `fact` of the same kind, or None. `here`: this document made the fact."""
    if (
        claim.outcome
        and fact.outcome
        and "other" not in {claim.outcome, fact.outcome}
        and claim.outcome != fact.outcome
    ):
        return None
    when = days(claim, fact, spec.window_days, published)
    if when < 0 and not spec.moves:
        return None
    about = topics(claim.topic, fact.topic)
    who, whom = _sides(claim, fact, spec, when, here=here)
    if spec.moves and word_for_word(claim, fact):
        return Match(fact=fact, score=9)
    if spec.moves:
        apart = here and about <= 0 and whom <= 0
        return None if apart else _match_measure(claim, fact, when, about, who, whom)
    main, other = (who, whom) if spec.subject == "actor" else (whom, who)
    if spec.subject == "both":
        if -1 in {who, whom} or (here and _half(claim, fact)):
            return None
        if about < 0 and who + whom < 2:
            return None
    elif main < 0 or (main == 0 and not _fits_vaguely(claim, spec, when, other, about)):
        return None
    return Match(fact=fact, score=4 * main + 2 * other + 2 * when + about)


def _sides(claim: Claim, fact: Fact, spec: KindSpec, when: int, *, here: bool) -> tuple[int, int]:
    """Return as `overlap` does whether the doers and the others agree; another text may call them otherwise."""
    who = overlap(claim.actors, fact.actors, voices=spec.subject != "actor")
    whom = overlap(claim.recipients, fact.recipients, voices=False)
    if here:
        return who, whom
    if who < 0 and spec.subject == "both" and (when > 0 or whom > 0):
        who = _done_by_such(claim, fact)
    return who, _named_otherwise(claim, fact, spec, when, who) if whom < 0 else whom


def _named_otherwise(claim: Claim, fact: Fact, spec: KindSpec, when: int, who: int) -> int:
    """Return as `overlap` does whether those whom another text calls otherwise may be the same all the same.

    On the same day a given name alone is its bearer; "six student leaders" may be those of a known name, and
    "troops" the army.
    """
    if when > 0 and any(given_alone(a.name, b.name) for a in claim.recipients for b in fact.recipients):
        return 1
    if who > 0 and (described(claim.recipients) or (when > 0 and described(fact.recipients))):
        return 0
    if spec.subject != "both" or who < 0:
        return -1
    return 0 if _ruled_so(claim, fact, when) or _sectors(claim.recipients) & _sectors(fact.recipients) else -1


def _ruled_so(claim: Claim, fact: Fact, when: int) -> bool:
    """Whether a ruling on a thing is told again by another word for it: "the annulled vote" names no court."""
    unnamed = described(claim.recipients) and described(fact.recipients)
    told = claim.outcome is not None and claim.outcome == fact.outcome
    return unnamed and told and claim.outcome not in _VAGUE and (when > 0 or not claim.actors)


def _done_by_such(claim: Claim, fact: Fact) -> int:
    """Return 0 where one text names who did it and the other only says what they are: "judges", "a top court"."""
    if not (described(claim.actors) or described(fact.actors)):
        return -1
    mine, theirs = ({a.sector for a in side if a.sector} for side in (claim.actors, fact.actors))
    return 0 if mine & theirs else -1


def _sectors(actors: Sequence[Actor]) -> set[str]:
    """Return the sectors of those who are not named."""
    return {a.sector for a in actors if a.sector} if described(actors) else set()


def word_for_word(claim: Claim, fact: Fact) -> bool:
    """Return whether the fact was told in these very words and the claim adds nothing to it."""
    if all(claim.quote != telling.quote for telling in fact.tellings):
        return False
    return (
        {a.name for a in claim.actors} <= {a.name for a in fact.actors}
        and {a.name for a in claim.recipients} <= {a.name for a in fact.recipients}
        and claim.topic in {None, fact.topic}
        and claim.event_date in {None, fact.event_date}
        and claim.outcome in {None, fact.outcome}
    )


def _half(claim: Claim, fact: Fact) -> bool:
    """Within one document, a happening with a victim and one without are two."""
    return bool(claim.recipients) != bool(fact.recipients) or bool(claim.actors) != bool(fact.actors)


def _fits_vaguely(claim: Claim, spec: KindSpec, when: int, other: int, about: int) -> bool:
    """Judge a claim and a fact of which one does not say whom it is about."""
    named = claim.actors if spec.subject == "actor" else claim.recipients
    if named and not described(named):
        return other >= 0 and (when > 0 or about > 0)
    return other >= 0 and about >= 0


def _both_named(claim: Claim, fact: Fact) -> bool:
    """Whether both say by name whom the measure is laid upon; "the army" and "mobile data" do not."""
    return not described(claim.recipients) and not described(fact.recipients)


def _match_measure(  # noqa: PLR0917 - two sides and the four comparisons of them
    claim: Claim, fact: Fact, when: int, about: int, who: int, whom: int
) -> Match | None:
    """A standing measure (a curfew, a ban) is known by its topic and moves with time."""
    if whom < 0 and about > 0 and not _both_named(claim, fact):
        whom = 0
    if about < 0 or whom < 0 or (about == 0 and whom == 0 and (who < 0 or when <= 0)):
        return None
    if when < 0 and about <= 0 and whom <= 0:
        return None
    return Match(fact=fact, score=4 * about + 2 * whom + 2 * when + who, turns=when < 0)


def match_statement(claim: Claim, fact: Fact, *, published: datetime | None = None) -> Match | None:
    """Return how a statement of one actor fits a known one, or None; `turns` for a reversed stance."""
    who = overlap(claim.actors, fact.actors, voices=True)
    whom = overlap(claim.recipients, fact.recipients, voices=False)
    about = topics(claim.topic, fact.topic)
    if who < 0 or whom < 0 or (who == 0 and whom + about < 1 and not _alike(claim, fact)):
        return None
    mine, theirs = claim.stance or "other", fact.stance or "other"
    score = 4 * who + 3 * whom + about
    if mine == theirs:
        same = _same_stance(claim, fact, mine, whom, about, far=_far(published, fact))
        return Match(fact=fact, score=score + 4) if same else None
    if whom > 0 and about > 0 and any(mine in near and theirs in near for near in _NEAR):
        return Match(fact=fact, score=score)
    if who > 0 and whom > 0 and (("rejects" in {mine, theirs}) and bool({mine, theirs} & ENDORSING)):
        return Match(fact=fact, score=score, turns=True)
    return None


def _same_stance(claim: Claim, fact: Fact, stance: str, whom: int, about: int, *, far: bool) -> bool:
    """A position stands until it is reversed; a demand of nobody in particular is another one weeks later."""
    if stance in STANDING:
        return whom > 0 or about >= 0
    if about != 0:
        return about > 0
    return (stance != "other" and (whom > 0 or not far)) or _alike(claim, fact)


def _far(published: datetime | None, fact: Fact) -> bool:
    """Whether a document came out weeks after the last one that told the fact."""
    return bool(published and fact.as_of and published - fact.as_of > _REMEMBERED)


def _alike(claim: Claim, fact: Fact) -> bool:
    """Statements of no certain stance and topic are one only where day or words agree."""
    if claim.event_date and claim.event_date == fact.event_date:
        return True
    mine = content_words(claim.quote)
    for telling in fact.tellings:
        theirs = content_words(telling.quote)
        if mine and theirs and len(mine & theirs) / min(len(mine), len(theirs)) >= _SIMILAR * 2:
            return True
    return False
