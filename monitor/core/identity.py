"""Is it the same happening? Structured keys and tolerant comparison; missing details are no difference.

Where it is uncertain the answer is "the same": old news told as new is worse than a detail missed. What is
given on both sides and differs (persons, days, topics) keeps two happenings apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.core.model import Actor, Claim, Fact
from monitor.core.names import content_words, given_alone, is_named, same_person, same_voice
from monitor.core.policy import KindSpec

STANDING = frozenset({"recognises", "congratulates", "supports", "rejects"})
ENDORSING = frozenset({"recognises", "congratulates", "supports"})
NEAR = (
    frozenset({"rejects", "condemns", "denies"}),
    frozenset({"condemns", "accuses"}),
    frozenset({"recognises", "supports"}),
)
NEAR_OUTCOMES = (frozenset({"suspends", "orders"}), frozenset({"convicts", "sentences"}))
_OLD = timedelta(days=7)
_FRESH = timedelta(days=60)
_SIMILAR = 0.25
_VAGUE = frozenset({"orders", "other"})
_REMEMBERED = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A known fact that a claim tells, how well it fits, and whether the claim moves it (`turns`)."""

    fact: Fact
    score: int
    turns: bool = False


def overlap(left: Sequence[Actor], right: Sequence[Actor], *, voices: bool) -> int:
    """Return 1 where somebody is on both sides, 0 where a side is empty, -1 where they differ."""
    if not left or not right:
        return 0
    same = same_voice if voices else same_person
    return 1 if any(same(a, b) for a in left for b in right) else -1


def described(actors: Sequence[Actor]) -> bool:
    """Return whether nobody is named: "six student leaders" may be those whom a known fact names."""
    return bool(actors) and all(a.wikidata is None and _only_described(a.name) for a in actors)


def _only_described(name: str) -> bool:
    """Whether a name is none: "six student leaders", "Chadian officials"."""
    rest = name.partition(" ")[2]
    return not is_named(name) or (rest.endswith("s") and rest.islower())


def topics(left: str | None, right: str | None) -> int:
    """Return 1 for topics that share a word, 0 where one is unknown, -1 for different ones."""
    a, b = content_words(left or ""), content_words(right or "")
    if not a or not b:
        return 0
    return 1 if a & b else -1


def days(claim: Claim, fact: Fact, window: int | None, published: date | None) -> int:
    """Return 1 for the same day (within `window` days), 0 for unknown, -1 for happenings apart in time.

    A happening dated after the day on which the fact was first told cannot be it, nor one of months before: what is
    told without a day is of late.
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
        told = next((t.published_at.date() for t in fact.tellings if t.published_at), None)
        if told is None:
            return 0
        return 0 if told - _FRESH <= claim.event_date <= told + timedelta(days=1) else -1
    if fact.event_date and published:
        return -1 if published < fact.event_date - span else 0
    return 0


def outcomes(left: str | None, right: str | None) -> int:
    """Return 1 for outcomes that agree as far as they are told, 0 for words that one ruling may be told by, else -1."""
    if not left or not right or "other" in {left, right} or left == right:
        return 1
    return 0 if any({left, right} <= group for group in NEAR_OUTCOMES) else -1


def _in_passing(claim: Claim, fact: Fact, spec: KindSpec, published: date | None) -> bool:
    """Whether two days differ of which one is long before its document, and so proves no other happening.

    It is an old story, or the day of something else in the sentence. What happened after the fact was first told
    is another all the same.
    """
    told = next((t.published_at.date() for t in fact.tellings if t.published_at), None)
    if claim.event_date is None or fact.event_date is None or spec.window_days is None:
        return False
    if told is None or claim.event_date > told + timedelta(days=1):
        return False
    old = timedelta(days=spec.window_days) + _OLD
    return told - fact.event_date > old or (published is not None and published - claim.event_date > old)


def _others_since(claim: Claim, fact: Fact, spec: KindSpec, published: date | None) -> bool:
    """Whether the same is done to such people again, months later: "officials were sanctioned", with no day told.

    Of somebody who is named it is mostly background.
    """
    if claim.event_date is not None or fact.event_date is None or published is None:
        return False
    if spec.moves or spec.window_days is None:
        return False
    return bool(sectors(claim.recipients)) and published - fact.event_date > _FRESH


def match_event(
    claim: Claim, fact: Fact, spec: KindSpec, *, published: date | None, here: bool
) -> Match | None:
    """Return how `claim` fits `fact` of the same kind, or None. `here`: this document made the fact."""
    ended = outcomes(claim.outcome, fact.outcome)
    when = days(claim, fact, spec.window_days, published)
    if when < 0 and not spec.moves and _in_passing(claim, fact, spec, published):
        when = 0
    if ended < 0 or (when < 0 and not spec.moves) or _others_since(claim, fact, spec, published):
        return None
    about = topics(claim.topic, fact.topic)
    who, whom = _sides(claim, fact, spec, when, here=here)
    if ended == 0 and (here or who <= 0):
        return None
    if spec.moves and word_for_word(claim, fact):
        return Match(fact=fact, score=9)
    if spec.moves:
        apart = here and about <= 0 and whom <= 0
        return None if apart else _match_measure(claim, fact, when, about, who, whom)
    main, other = (who, whom) if spec.subject == "actor" else (whom, who)
    if spec.subject == "both":
        if (
            -1 in {who, whom}
            or (here and _half(claim, fact))
            or not _something_agrees(claim, when, about, who, whom)
        ):
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
    lands, others = ({a.country for a in side if a.country} for side in (claim.recipients, fact.recipients))
    if lands and others and not lands & others:
        return -1
    if when > 0 and any(given_alone(a.name, b.name) for a in claim.recipients for b in fact.recipients):
        return 1
    if who > 0 and (described(claim.recipients) or (when > 0 and described(fact.recipients))):
        return 0
    if spec.subject != "both" or who < 0:
        return -1
    return 0 if _ruled_so(claim, fact, when) or sectors(claim.recipients) & sectors(fact.recipients) else -1


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


def sectors(actors: Sequence[Actor]) -> set[str]:
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


def _something_agrees(claim: Claim, when: int, about: int, who: int, whom: int) -> bool:
    """Whether a happening of which both sides may be named has anything in common with a known one.

    Who is only described may have been there anyhow: another text may call them otherwise.
    """
    if about < 0:
        return who + whom > 1
    others = described(claim.actors) or described(claim.recipients)
    return others or max(who, whom, when, about) > 0


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
    if mine == theirs and _another_says_it_to_another(claim, fact, mine, whom + about):
        return None
    if mine == theirs:
        same = _same_stance(claim, fact, mine, whom, about, far=_far(published, fact))
        return Match(fact=fact, score=score + 4) if same else None
    if whom > 0 and about > 0 and any(mine in near and theirs in near for near in NEAR):
        return Match(fact=fact, score=score)
    if who > 0 and whom > 0 and (("rejects" in {mine, theirs}) and bool({mine, theirs} & ENDORSING)):
        return Match(fact=fact, score=score, turns=True)
    return None


def _another_says_it_to_another(claim: Claim, fact: Fact, stance: str, shared: int) -> bool:
    """Whether two people of one body demand, or condemn, and only one of them says of whom: that is not the same."""
    if stance in STANDING or shared > 0 or bool(claim.recipients) == bool(fact.recipients):
        return False
    return not any(same_person(a, b) for a in claim.actors for b in fact.actors)


def _same_stance(claim: Claim, fact: Fact, stance: str, whom: int, about: int, *, far: bool) -> bool:
    """A position stands until it is reversed; one of nobody in particular is another one weeks later.

    Where only one of the two says of whom, their words must agree.
    """
    if whom > 0 and stance in STANDING:
        return True
    if about != 0:
        return about > 0
    halves = whom == 0 and bool(claim.recipients) != bool(fact.recipients)
    return (stance != "other" and not halves and (whom > 0 or not far)) or _alike(claim, fact)


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
