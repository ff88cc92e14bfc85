"""From a model's answer to claims: only what the document itself says, word for word, is believed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.core.model import (
    Actor,
    Certainty,
    Claim,
    Document,
    Figure,
    Modality,
    Operator,
    stable_id,
)
from monitor.core.policy import KindSpec
from monitor.extract.llm.question import METRICS, OUTCOMES, STANCES
from monitor.extract.numbers import read_number
from monitor.extract.places import fold
from monitor.extract.tokens import tokenize

CONFIDENCE = 0.75
"""Of what only the model tells, its words being there."""
_MAX_EVIDENCE = 600
_MAX_CLAIMS = 200
_WORD = re.compile(r"\w{2,}")
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Figure(_Strict):
    metric: str
    operator: Operator
    value: float = Field(allow_inf_nan=False)
    high: float | None = Field(allow_inf_nan=False)
    unit: Literal["count", "percent"]
    about: str = Field(max_length=300)


class _Item(_Strict):
    kind: str
    actors: list[Name] = Field(max_length=20)
    recipients: list[Name] = Field(max_length=20)
    stance: str | None
    outcome: str | None
    figure: _Figure | None
    claimed_by: list[Name] = Field(max_length=20)
    certainty: Certainty
    modality: Modality
    event_date: str | None
    evidence: str = Field(min_length=8, max_length=_MAX_EVIDENCE)


class UnusableAnswerError(Exception):
    """The answer is no JSON of the form that was asked for."""


def claims_of(content: str, document: Document, kinds: Mapping[str, KindSpec]) -> tuple[list[Claim], int]:
    """Return the claims that hold, and how many were refused; raise UnusableAnswerError for no such JSON."""
    try:
        value = json.loads(content)
        items = value["claims"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise UnusableAnswerError("its answer is not the JSON that was asked for") from None
    if not isinstance(items, list):
        raise UnusableAnswerError("its answer holds no list of claims")
    words = {fold(w) for w in _WORD.findall(document.text)}
    out: list[Claim] = []
    for number, raw in enumerate(items[:_MAX_CLAIMS]):
        claim = _claim(raw, document, kinds, words, number)
        if claim is not None:
            out.append(claim)
    return out, len(items) - len(out)


def _claim(
    raw: object, document: Document, kinds: Mapping[str, KindSpec], words: set[str], number: int
) -> Claim | None:
    try:
        item = _Item.model_validate(raw)
    except ValidationError:
        return None
    span = _place(item.evidence, document.text)
    names = [*item.actors, *item.recipients, *item.claimed_by]
    if item.kind not in kinds or span is None or not all(_written(name, words) for name in names):
        return None
    quote = document.text[span[0] : span[1]]
    if not _fits_kind(item, quote):
        return None
    day = _day(item.event_date, document)
    return Claim(
        id=stable_id("c", document.id, "llm", item.kind, *span, number),
        document_id=document.id,
        kind=item.kind,
        plover=kinds[item.kind].plover,
        actors=_actors(item.actors),
        recipients=_actors(item.recipients),
        stance=item.stance,
        outcome=item.outcome,
        figure=_figure(item.figure),
        claimed_by=_actors(item.claimed_by),
        certainty=item.certainty,
        modality=item.modality,
        event_date=day,
        event_date_precision="day" if day else None,
        quote=quote,
        start=span[0],
        end=span[1],
        confidence=CONFIDENCE,
        notes=("told by the model, its words are in the document",),
    )


def _place(evidence: str, text: str) -> tuple[int, int] | None:
    """Return where the evidence stands in the document; only its white space may differ."""
    parts = evidence.split()
    if not parts:
        return None
    found = re.search(r"\s+".join(re.escape(part) for part in parts), text)
    return found.span() if found else None


def _written(name: str, words: set[str]) -> bool:
    """Whether every word of a name is one of the document's."""
    own = [fold(w) for w in _WORD.findall(name)]
    return bool(own) and all(w in words for w in own)


def _fits_kind(item: _Item, quote: str) -> bool:
    """Whether what belongs to one kind only is there exactly with that kind, and the number in the words."""
    if (item.kind == "statement") != (item.stance in STANCES) or (item.stance and item.kind != "statement"):
        return False
    if (item.kind == "court_ruling") != (item.outcome in OUTCOMES) or (
        item.outcome and item.kind != "court_ruling"
    ):
        return False
    if (item.kind == "figure") != (item.figure is not None):
        return False
    if item.figure is None:
        return True
    values = {item.figure.value, item.figure.high} - {None}
    return item.figure.metric in METRICS and values <= _numbers(quote)


def _numbers(quote: str) -> set[float | None]:
    """Return all numbers that the words can mean, in either way of writing thousands."""
    tokens = tokenize(quote, 0, len(quote))
    return {
        found[0]
        for i in range(len(tokens))
        for spanish in (False, True)
        if (found := read_number(tokens, i, spanish=spanish)) is not None
    }


def _figure(figure: _Figure | None) -> Figure | None:
    if figure is None:
        return None
    return Figure(
        metric=figure.metric,
        operator=figure.operator,
        value=figure.value,
        high=figure.high,
        unit=figure.unit,
        about=figure.about,
    )


def _actors(names: list[str]) -> tuple[Actor, ...]:
    return tuple(Actor(name=" ".join(name.split())) for name in dict.fromkeys(names))


def _day(text: str | None, document: Document) -> date | None:
    """Return the date where it is one, and not after the document's own."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    limit = document.published_at or document.retrieved_at
    return day if day <= limit.date() + timedelta(days=1) else None
