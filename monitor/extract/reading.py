"""The working state of one document's reading, shared by the steps of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from monitor.core.model import Document
from monitor.core.policy import KindSpec
from monitor.extract.blocks import Block
from monitor.extract.entities import Entities, Sentence
from monitor.extract.language import Language
from monitor.extract.metrics import Metrics
from monitor.extract.sections import Sections
from monitor.extract.triggers import Lexicon
from monitor.extract.verbs import Verb


@dataclass(frozen=True, slots=True)
class Pack:
    """All that reading one language needs."""

    language: Language
    lexicon: Lexicon
    metrics: Metrics


@dataclass(slots=True)
class Reading:
    """The working state of one document's reading.

    `base`: the day it was published, which "on Monday" counts from. `latest`: that day, or of an undated document the
    latest day that it names: what it tells is at least as old.
    """

    document: Document
    pack: Pack
    kinds: Mapping[str, KindSpec]
    entities: Entities
    base: date | None
    latest: date | None = None
    blocks: list[Block] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    parsed: list[list[Verb]] = field(default_factory=list)
    focus: str | None = None
    sections: Sections = field(default_factory=Sections)
