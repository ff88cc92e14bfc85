"""A claim in the making, and the sentence it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitor.core.model import Actor, Certainty, Figure, Modality
from monitor.extract.chunks import Chunk
from monitor.extract.dates import When
from monitor.extract.entities import Sentence
from monitor.extract.reading import Reading
from monitor.extract.tokens import Token
from monitor.extract.verbs import Verb


@dataclass(frozen=True, slots=True)
class Votes:
    """What lexicon and network say of a claim (0: silent): the confidence of each that it is told as a fact.

    `spoken`: the network's chance that it is spoken of but no fact. `cast`: how surely it cast the roles.
    """

    lexical: float = 0.0
    learned: float = 0.0
    spoken: float = 0.0
    cast: float = 0.0


@dataclass(slots=True)
class Draft:
    """A claim in the making.

    `dated`: `when` is surely its own, and not just a date that stands near. `spot` and `sentence`: characters of the
    trigger and of its sentence. `surmised`: that it is no fact is read from what stands around it, not from its words.
    `guessed`: a reader is too unsure of it for anything around it to count.
    """

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
    dated: bool = False
    surmised: bool = False
    guessed: bool = False
    topic: str | None = None
    setting: str | None = None
    elsewhere: bool = False
    confidence: float = 0.8
    strength: float = 0.8
    trigger: tuple[int, int] = (0, 0)
    verb: Verb | None = None
    notes: list[str] = field(default_factory=list)
    spot: tuple[int, int] = (0, 0)
    sentence: tuple[int, int] = (0, 0)
    votes: Votes = field(default_factory=Votes)


@dataclass(slots=True)
class Context:
    """What is known from the text before: for pronouns, bare numbers and old times.

    `lead`: whom the sentence before was about. `deed`: what was last done or spoken against, for "it".
    """

    people: list[Actor] = field(default_factory=list)
    body: Actor | None = None
    group: list[Actor] = field(default_factory=list)
    listed: list[Actor] = field(default_factory=list)
    subjects: list[Chunk] = field(default_factory=list)
    speaker: Actor | None = None
    lead: Actor | None = None
    deed: Actor | None = None
    metric: str | None = None
    block: int = -1
    old: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One parsed sentence with all that is known around it."""

    reading: Reading
    sentence: Sentence
    verbs: list[Verb]
    context: Context
    dates: Sequence[When]

    @property
    def tokens(self) -> list[Token]:
        """The sentence's tokens."""
        return self.sentence.tokens

    @property
    def chunks(self) -> list[Chunk]:
        """The sentence's noun chunks."""
        return self.sentence.chunks


MAX_QUOTE = 400
_NEAR_SUBJECT = 12
_LOOSE_END = frozenset(", ; . CONJ DASH : PREP SUB REL".split())


_MARKS = frozenset(", ; . :".split())


def _opens_clause(token: Token) -> bool:
    return token.tag == "TO" or (token.tag == "SUB" and token.low in {"that", "que"})


def trim(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Return the character span of tokens `start` to `end` without loose words and marks at its edges.

    "Asked the court to" is told with what it was asked for: a clause that "to" or "that" opens goes along.
    """
    loose = _LOOSE_END
    if (end < len(tokens) and _opens_clause(tokens[end])) or _opens_clause(tokens[end - 1]):
        ends = (k for k in range(end, len(tokens)) if tokens[k].tag in {";", "."})
        end, loose = next(ends, len(tokens)), _MARKS
    while end - 1 > start and tokens[end - 1].tag in loose:
        end -= 1
    while start < end - 1 and tokens[start].tag in {",", ";", "CONJ", ".", ":"}:
        start += 1
    first, last = tokens[start].start, tokens[end - 1].end
    return (first, min(last, first + MAX_QUOTE))


def with_subject(verb: Verb) -> int:
    """Return the first token of a verb and of its subject near before it: "[the ban] was eased on Monday"."""
    near = [c.start for c in verb.subject if 0 < verb.start - c.start <= _NEAR_SUBJECT]
    return min([verb.start, *near])


def date_for(at: int, dates: Sequence[When], verb: Verb | None) -> When | None:
    """Return the date expression nearest to the trigger, inside its clause if one is there."""
    known = [d for d in dates if not d.future]
    if not known:
        return None
    inside = [d for d in known if verb is not None and verb.clause[0] <= d.start <= verb.clause[1]]
    return min(inside or known, key=lambda d: min(abs(d.start - at), abs(d.end - at)))


def last_day(when: When) -> date:
    """Return the last day that a date expression can mean."""
    spans = {"year": 364, "month": 30, "week": 6}
    return when.day + timedelta(days=spans.get(when.precision, 0))
