"""The values that pass between the rooms. Frozen, slotted, keyword-only; times are timezone-aware UTC.

One word, one meaning: see the table of words in ARCHITECTURE.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.core.plover import Plover


class Change(StrEnum):
    """What a document did to the state."""

    NEW = "new"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"


class Certainty(StrEnum):
    """How the document tells it: on its own word, on somebody else's, or as denied."""

    ASSERTED = "asserted"
    REPORTED = "reported"
    DENIED = "denied"


class Modality(StrEnum):
    """Whether the sentence speaks of something that happened; only FACT and DENIAL can become facts."""

    FACT = "fact"
    THREAT = "threat"
    HYPOTHETICAL = "hypothetical"
    DEMAND = "demand"
    DENIAL = "denial"
    HISTORICAL = "historical"


class Operator(StrEnum):
    """How a figure's value bounds the number: "at least 11" is `>=`, "around twenty" is `~`."""

    EQ = "="
    GE = ">="
    LE = "<="
    GT = ">"
    LT = "<"
    ABOUT = "~"


def stable_id(prefix: str, *parts: object) -> str:
    """Return an id that depends on `parts` only: `prefix` and 16 hex digits of their SHA-256."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return f"{prefix}{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, is acted upon or speaks.

    `name` is canonical; `country` an ISO 3166 alpha-3 code; `sector` a PLOVER sector (GOV, MIL, COP, JUD,
    OPP, CVL, NGO, IGO, MED, PTY, LEG, BUS, …); `speaks_for` the body on whose behalf a speaker speaks
    ("United States" for a foreign minister), kept apart from the name.
    """

    name: str
    country: str | None = None
    sector: str | None = None
    wikidata: str | None = None
    speaks_for: str | None = None
    country_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number: `value` (and `high` of a range) of `metric`, in `unit` ("count" or "percent"), `about` whom.

    `scope` tells apart series that must not be compared: a subgroup ("children"), a place ("Dhaka"), a day
    ("2024-07-18"), a candidate's name; normalised words, order-free, empty for the whole.
    """

    metric: str
    operator: Operator
    value: float
    high: float | None = None
    unit: str = "count"
    about: str = ""
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text as it was read.

    `id` is unique to this revision; `identity` stays over revisions (guid, canonical link, or title and
    content hash); `name` is what people and programs see ("002_….txt"); `publisher` is the voice behind
    the source (a source's name when nothing better is known). `dated` is False where `published_at` was
    not in the document and the time of reading stands in for it.
    """

    id: str
    identity: str
    name: str
    source: str
    text: str
    retrieved_at: datetime
    content_hash: str
    title: str = ""
    url: str | None = None
    publisher: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    dated: bool = True
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A document as it is stored: with its fingerprint, the bands it is found by, and its original if a copy."""

    document: Document
    signature: Sequence[int] = ()
    bands: Sequence[int] = ()
    copy_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one document says happened, with the words that say it (`quote == document.text[start:end]`).

    `topic` is what a statement or ruling is about, normalised to a few words; part of its identity.
    `setting`: the country (ISO alpha-3) in which its part of the document is set, where the document tells several
    stories and this part stands alone; `elsewhere`: that is not the document's main story.
    `notes` says why it was read so (trigger, roles, cues): for `--explain`.
    """

    id: str
    document_id: str
    kind: str
    plover: Plover
    actors: tuple[Actor, ...] = ()
    recipients: tuple[Actor, ...] = ()
    stance: str | None = None
    outcome: str | None = None
    figure: Figure | None = None
    claimed_by: tuple[Actor, ...] = ()
    certainty: Certainty = Certainty.ASSERTED
    modality: Modality = Modality.FACT
    event_date: date | None = None
    event_date_precision: str | None = None
    topic: str | None = None
    setting: str | None = None
    elsewhere: bool = False
    quote: str
    start: int
    end: int
    confidence: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One claim as a fact remembers it: who told it, when, in which document."""

    claim_id: str
    document_id: str
    document: str
    source: str
    publisher: str
    certainty: Certainty
    figure: Figure | None
    stance: str | None
    outcome: str | None
    quote: str
    told_at: datetime
    published_at: datetime | None
    development_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One happening as the stored state knows it.

    `id` is minted at birth and never changes. `blocks` are the lookup keys under which candidates for the
    same happening are found; `kind` the present lifecycle step. `tellings` are kept oldest first and
    bounded (the first, and the latest `MAX_TELLINGS - 1`); `voices` are all publishers that told it. `turn` is
    the event's version that told it last: an order that no clock can blur. `rejected`: a person has called it
    false, and its like stays suppressed. `withdrawn`: all documents that told it tell it no more.
    """

    id: str
    event_id: str
    kind: str
    blocks: tuple[str, ...]
    actors: tuple[Actor, ...] = ()
    recipients: tuple[Actor, ...] = ()
    stance: str | None = None
    outcome: str | None = None
    figure: Figure | None = None
    claimed_by: tuple[Actor, ...] = ()
    certainty: Certainty
    event_date: date | None = None
    event_date_precision: str | None = None
    topic: str | None = None
    first_told_at: datetime
    last_told_at: datetime
    as_of: datetime | None = None
    tellings: tuple[Telling, ...] = ()
    voices: tuple[str, ...] = ()
    development_id: str
    version: int = 1
    turn: int = 0
    rejected: bool = False
    withdrawn: bool = False


MAX_TELLINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class EventState:
    """The facts of one event, or the part of them that a document's claims can touch, and its version."""

    event_id: str
    version: int = 0
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The development that a later one moves, with its value and words."""

    id: str
    kind: str
    figure: Figure | None
    stance: str | None
    outcome: str | None
    certainty: Certainty
    quote: str
    document: str
    sources: tuple[str, ...]
    published: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """What changed in the state because of a document. `reason` is a sentence for people.

    `withdrawn`: an edited article tells the fact no more; quote and document are those that told it.
    """

    id: str
    event_id: str
    fact_id: str
    claim_id: str
    document_id: str
    document: str
    source: str
    url: str | None
    change: Change
    reason: str
    kind: str
    plover: Plover
    actors: tuple[Actor, ...] = ()
    recipients: tuple[Actor, ...] = ()
    stance: str | None = None
    outcome: str | None = None
    figure: Figure | None = None
    claimed_by: tuple[Actor, ...] = ()
    certainty: Certainty
    event_date: date | None = None
    event_date_precision: str | None = None
    topic: str | None = None
    published: date | None = None
    quote: str
    start: int
    end: int
    previous: Previous | None = None
    sources: tuple[str, ...] = ()
    independent_sources: int = 1
    confidence: float
    found_at: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """How a claim ended: as a development (its id), or not, and why."""

    claim_id: str
    reason: str
    fact_id: str | None = None
    development_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffResult:
    """What one document did: the state after it, what to tell, and how each claim ended."""

    state: EventState
    developments: tuple[Development, ...]
    dispositions: tuple[Disposition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """What the user monitors. An event without any matcher takes every document.

    A document belongs to it when at least one of `countries`, `actors` or `words` (whole words, any case) is
    mentioned; `kinds` empty means all.
    """

    id: str
    name: str
    countries: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """One source. `type` is "feed", "folder" or "jsonl"; `location` a URL or a path.

    `include` and `exclude` are regular expressions: an item is taken when one of the first (or none is given) and
    none of the second is found in its title or text. `full_text` asks for the article behind each item's link.
    """

    id: str
    type: str
    location: str
    interval_s: int = 3600
    publisher: str | None = None
    language: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    allow_private: bool = False
    patterns: tuple[str, ...] = ("*.txt", "*.md", "*.html", "*.pdf")
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    full_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCursor:
    """Where reading of a source stands; kept on its row so that a restart does not poll again.

    `memory` is what the source held (`sources.memory`); None stands for "as stored", so that an unchanged poll
    need not carry it. `gaps_s` are the last times between two changes, `lags_s` between stamp and reading of new
    items; `skew_s` is by how much its stamps are early, which is corrected. `items_a_day` fades over a week. `hub` and
    `topic` are the WebSub hub that the feed names, and the address under which that hub knows the feed.
    """

    source_id: str
    next_poll_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    errors: int = 0
    last_error: str | None = None
    failing_since: datetime | None = None
    gone: bool = False
    memory: bytes | None = None
    body_mark: str | None = None
    gaps_s: tuple[int, ...] = ()
    lags_s: tuple[int, ...] = ()
    skew_s: int = 0
    items_a_day: float = 0.0
    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """A WebSub subscription: what was asked of a hub, and what it has confirmed.

    `asked` ("subscribe", "unsubscribe") waits for the hub's verification; `next_at` is when something is done
    again: a request repeated, a lease renewed. `lease_until` is None until the hub has confirmed.
    """

    hub: str
    topic: str
    token: str
    callback: str
    asked: str | None = None
    tries: int = 0
    next_at: datetime | None = None
    lease_until: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """What people and the program have noted of a source, apart from its reading.

    `spec` is there for a source that was added by command and does not stand in the configuration; `told` is the
    trouble ("failing", "gone", "silent") of which somebody has been told last, and not yet of its end;
    `push` is its subscription at a WebSub hub.
    """

    source_id: str
    spec: SourceSpec | None = None
    added_at: datetime | None = None
    paused_at: datetime | None = None
    told: str | None = None
    push: HubSubscription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that went wrong in reading and did not stop the rest."""

    place: str
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The outcome of reading a source once: documents in order, the cursor to store, problems to tell."""

    cursor: SourceCursor
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    unchanged: bool = False
