"""Two readings of one sentence made one: where lexicon and network agree, where only one speaks, how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.core.figures import UNCLEAR
from monitor.core.model import Actor, Figure, Modality
from monitor.core.names import is_named
from monitor.extract.drafts import Draft, Votes
from monitor.extract.learned.calibration import HEARD, Calibration, Vote
from monitor.extract.learned.labels import KINDS
from monitor.extract.places import fold

_AGAINST_ANOTHER = frozenset({"arrest", "arrest_order", "charge", "statement"})
_BY_ANOTHER = frozenset({"asylum", "sanction"})
_OF_SOMEBODY = frozenset({"arrest", "charge"})
_SURE = 0.4
_LEAST = 0.4
_CERTAIN, _HARDLY = 0.9, 0.3
_LONE = 0.7
GUESS = 0.45
"""The most that a claim is trusted whose roles are guessed: below the usual `min_confidence`, kept and not told."""
# Stances that careful readers take for one another: agreement on either is agreement.
_ALIKE = (
    frozenset({"rejects", "condemns", "denies", "accuses"}),
    frozenset({"supports", "recognises", "congratulates"}),
    frozenset({"demands", "concern"}),
)


def fuse(
    lexical: Sequence[Draft], learned: Sequence[Draft], kinds: Mapping[str, float], calibration: Calibration
) -> list[Draft]:
    """Return one draft for each event that either reading tells, with the calibrated chance that it is right."""
    return weighed(_voted(lexical, learned, kinds), calibration)


def weighed(drafts: list[Draft], calibration: Calibration) -> list[Draft]:
    """Give the drafts the calibrated chance that they are right; kinds of the user's own keep the lexicon's word."""
    for draft in drafts:
        if draft.kind not in KINDS:
            continue
        _part(draft)
        vote = vote_of(draft)
        draft.notes.append(vote.note())
        if draft.surmised and draft.votes.learned >= _CERTAIN and draft.votes.spoken < _HARDLY:
            draft.modality, draft.when = Modality.FACT, draft.when if draft.dated else None
            draft.notes.append("the network surely reads a fact")
        draft.confidence = round(calibration.chance(vote), 3)
        if draft.votes.lexical and draft.votes.learned < HEARD and draft.confidence < _LONE:
            draft.notes.append("the network does not hear it, and the grammar is not sure")
            draft.guessed = True
        if _guessed(draft):
            draft.notes.append("the network only guesses")
            draft.guessed = True
        if draft.guessed:
            draft.confidence = min(draft.confidence, GUESS)
    return _one_reading(drafts)


def vote_of(draft: Draft) -> Vote:
    """Return what is known of a draft when it is weighed."""
    aside = draft.verb is not None and (draft.verb.link == "rel" or draft.verb.reduced)
    sub = draft.stance or draft.outcome or (draft.figure.metric if draft.figure else "")
    return Vote(draft.kind, sub, draft.votes, bool(draft.actors), bool(draft.recipients), aside)


def _part(draft: Draft) -> None:
    """Nobody grants himself asylum, arrests or rejects himself: whoever was cast as both flees, arrests or rejects."""
    draft.actors, draft.recipients = _fuller(draft.actors), _fuller(draft.recipients)
    acting, receiving = _names(draft.actors), _names(draft.recipients)
    if draft.kind != "statement":
        # "Men fired at them, they reported": whoever says so is somebody else.
        draft.claimed_by = [v for v in draft.claimed_by if fold(v.name) not in acting]
    if draft.kind in _BY_ANOTHER:
        draft.actors = [a for a in draft.actors if not _told_of(fold(a.name), receiving)]
    elif draft.kind in _AGAINST_ANOTHER:
        others = [r for r in draft.recipients if not _told_of(fold(r.name), acting)]
        draft.recipients = others if draft.kind != "statement" else others or draft.recipients


def _fuller(actors: list[Actor]) -> list[Actor]:
    """Leave out a description beside a fuller one of the same: "governments" beside "governments of the region"."""
    names = [actor.name for actor in actors]
    return [a for a in actors if is_named(a.name) or not any(n.startswith(f"{a.name} ") for n in names)]


def _told_of(name: str, others: set[str]) -> bool:
    """Whether a name is one of the others, or of their people: "clerks of five banks" are of "five banks"."""
    return name in others or any(name.endswith(f" {other}") for other in others if " " in other)


def _guessed(draft: Draft) -> bool:
    """Whether only the network tells it, and is hardly sure that it is a fact or of those whom it casts in it.

    That somebody without a name was arrested or charged is not told on its word alone.
    """
    votes = draft.votes
    unsure = votes.learned < _LEAST or (0 < votes.cast < _SURE and draft.figure is None)
    nobody = draft.kind in _OF_SOMEBODY and not any(is_named(a.name) for a in draft.recipients)
    return not votes.lexical and (unsure or nobody)


def _one_reading(drafts: Sequence[Draft]) -> list[Draft]:
    """Of several kinds read from the same words keep the surest; a number beside them stays."""
    out: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: (d.modality is not Modality.FACT, -d.confidence)):
        rivals = (d for d in out if d.figure is None and d.kind != draft.kind)
        if draft.figure is not None or not any(_crossing(draft, d) for d in rivals):
            out.append(draft)
    return out


def _crossing(one: Draft, other: Draft) -> bool:
    return one.trigger[0] < other.trigger[1] and other.trigger[0] < one.trigger[1]


def _voted(lexical: Sequence[Draft], learned: Sequence[Draft], kinds: Mapping[str, float]) -> list[Draft]:
    out: list[Draft] = []
    left = list(learned)
    alone: list[Draft] = []
    for draft in lexical:
        twin = next((d for d in left if same_event(draft, d)), None)
        if twin is None:
            draft.votes = Votes(lexical=draft.confidence, learned=_heard(draft, learned, kinds))
            alone.append(draft)
        else:
            left.remove(twin)
            out.append(_joined(draft, twin))
    out += [draft for draft in alone if not any(_echo(draft, d) for d in out)]
    for draft in left:
        draft.votes = replace(draft.votes, learned=draft.confidence)
        out.append(draft)
    return out


def _echo(draft: Draft, told: Draft) -> bool:
    """Whether another frame of the same words was already paired with what the network heard there."""
    return draft.kind == told.kind and draft.figure is None and _crossing(draft, told)


def _heard(draft: Draft, learned: Sequence[Draft], kinds: Mapping[str, float]) -> float:
    """Return the network's chance that the sentence tells what it paired nothing with.

    Of a number only what it counts, and nothing where the network counts something else with it; of a statement only
    the stance, or one that is taken for it.
    """
    if draft.figure is not None:
        value, metric = draft.figure.value, draft.figure.metric
        other = any(d.figure is not None and d.figure.value == value for d in learned)
        return 0.0 if other else kinds.get(f"figure.{metric}", 0.0)
    if draft.kind == "statement":
        stances = next((group for group in _ALIKE if draft.stance in group), {draft.stance})
        return min(0.99, sum(kinds.get(f"statement.{stance}", 0.0) for stance in stances))
    return kinds.get(draft.kind, 0.0)


def same_event(one: Draft, other: Draft) -> bool:
    """Whether two drafts of one sentence tell the same happening."""
    if one.kind != other.kind:
        return False
    if one.figure is not None and other.figure is not None:
        return one.figure.value == other.figure.value and one.figure.metric == other.figure.metric
    if _crossing(one, other):
        return True
    if one.kind == "statement":
        return bool(_names(one.actors) & _names(other.actors)) and _alike(one.stance, other.stance)
    both = _names(one.recipients) & _names(other.recipients)
    return bool(both) or not (one.recipients and other.recipients)


def _alike(one: str | None, other: str | None) -> bool:
    return one == other or any(one in group and other in group for group in _ALIKE)


def _names(actors: Sequence[Actor]) -> set[str]:
    return {fold(actor.name) for actor in actors}


def _joined(lexical: Draft, learned: Draft) -> Draft:
    """The network's roles where it casts some, the grammar's elsewhere; a fact only where both read one."""
    if not _turned(lexical, learned):
        lexical.actors = lexical.actors if _governed(lexical) else _cast(lexical.actors, learned.actors)
        lexical.recipients = _cast(lexical.recipients, learned.recipients)
    lexical.claimed_by = _cast(lexical.claimed_by, learned.claimed_by)
    if lexical.stance in {None, "other"} and learned.stance:
        lexical.stance = learned.stance
    if lexical.outcome in {None, "other"} and learned.outcome:
        lexical.outcome = learned.outcome
    lexical.when = learned.when if learned.dated else lexical.when or learned.when
    lexical.figure = _counted(lexical.figure, learned.figure)
    if lexical.modality is Modality.FACT and learned.modality is not Modality.FACT:
        lexical.modality = learned.modality
    lexical.votes = replace(learned.votes, lexical=lexical.confidence, learned=learned.confidence)
    lexical.notes += learned.notes
    return lexical


def _governed(draft: Draft) -> bool:
    """Whether the main clause says who acts: in "the guild left, blaming the pilots" the guild blames."""
    return bool(draft.actors) and draft.verb is not None and draft.verb.link == "ing"


def _turned(lexical: Draft, learned: Draft) -> bool:
    """Whether the readers cast the same people the other way round: who received congratulations, grammar knows."""
    acting = _names(lexical.actors) & _names(learned.recipients)
    return bool(acting and _names(lexical.recipients) & _names(learned.actors))


def _cast(lexical: list[Actor], learned: list[Actor]) -> list[Actor]:
    """Return whom the network casts, or whom the grammar does where that is all of them and more."""
    return lexical if _names(learned) <= _names(lexical) else learned


def _counted(lexical: Figure | None, learned: Figure | None) -> Figure | None:
    """The grammar's number, with the candidate of a vote as the network casts it where the grammar names nobody."""
    if (
        lexical is None
        or learned is None
        or learned.metric not in {"vote_share", "votes"}
        or not learned.scope
    ):
        return lexical
    if lexical.scope and UNCLEAR not in lexical.scope:
        return lexical
    return replace(lexical, about=learned.about, scope=learned.scope)
