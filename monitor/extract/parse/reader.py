"""The reader that asks a parser about the roles: implements the `Reader` port beside the lexicon."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor.core.errors import ConfigError
from monitor.core.model import Actor, Claim, Document, Modality
from monitor.extract.parse.roles import Roles, roles_at
from monitor.extract.places import fold
from monitor.extract.reader import LexicalReader, Read

Parse = Callable[[str], Any]
"""A spaCy `Language`, or whatever gives a row of tokens with its attributes."""

_SUREST = 0.98
# Chosen on five labelled development streams: one point of F1 more, no trap more (docs/reference.md).
_AGREES = 0.7
_DISAGREES = 0.6
_SMALL = frozenset("the a an of and in on at for to his her its their by el la los las de del y".split())
_MAX_SENTENCE = 2_000


class ParseReader:
    """Reads with the lexicon, and parses only the sentences in which it found something.

    `parsers` are by language; claims of a language without one are the lexicon's. Never raises on any text: a
    sentence on which the parser fails is read by the lexicon alone.
    """

    def __init__(self, lexical: LexicalReader, parsers: Mapping[str, Parse]) -> None:
        self._lexical = lexical
        self._parsers = parsers

    def read(self, document: Document) -> tuple[Claim, ...]:
        """Return the lexicon's claims, weighed by what the parser says of their roles."""
        language, found = self._lexical.read_closely(document)
        parse = self._parsers.get(language)
        if parse is None:
            return tuple(read.claim for read in found)
        parsed: dict[tuple[int, int], Any] = {}
        return tuple(self._weighed(read, document.text, parse, parsed) for read in found)

    def _weighed(self, read: Read, text: str, parse: Parse, parsed: dict[tuple[int, int], Any]) -> Claim:
        claim, span = read.claim, read.sentence
        if (
            claim.figure is not None
            or claim.modality is not Modality.FACT
            or span[1] - span[0] > _MAX_SENTENCE
        ):
            return claim
        if span not in parsed:
            try:
                parsed[span] = parse(text[span[0] : span[1]])
            except Exception:  # noqa: BLE001 - a model of the user's choice; its failure must not stop reading
                parsed[span] = None
        sentence = parsed[span]
        roles = roles_at(sentence, read.trigger[0] - span[0], read.trigger[1] - span[0]) if sentence else None
        return claim if roles is None else _judged(claim, roles)


def load_parsers(models: Mapping[str, str]) -> dict[str, Parse]:
    """Load the spaCy models by language; raise ConfigError with what to install where one is not there."""
    try:
        spacy = importlib.import_module("spacy")
    except ImportError:
        raise ConfigError(
            "reader: parse needs spaCy", place="reader", remedy="pip install 'news-event-monitor[parse]'"
        ) from None
    out: dict[str, Parse] = {}
    for language, name in models.items():
        try:
            out[language] = spacy.load(name, exclude=["ner", "lemmatizer"])
        except (OSError, ValueError, ImportError) as error:
            raise ConfigError(
                f"the model {name!r} cannot be loaded: {str(error).splitlines()[0]}",
                place=f"parse.{language}",
                remedy=f"python -m spacy download {name}",
            ) from None
    return out


def _judged(claim: Claim, roles: Roles) -> Claim:
    """Return the claim surer where the parse has the same roles, and less sure where it has them otherwise."""
    actor, recipient = set(map(fold, roles.actor)), set(map(fold, roles.recipient))
    acts, suffers = _names(claim.actors), _names(claim.recipients)
    if (acts & recipient and not acts & actor) or (suffers & actor and not suffers & recipient):
        return _with(claim, claim.confidence * _DISAGREES, "the parse has it the other way round")
    same = bool(acts & actor) + bool(suffers & recipient)
    other = bool(acts and actor and not acts & actor) + bool(
        suffers and recipient and not suffers & recipient
    )
    if other and not same:
        return _with(claim, claim.confidence * _DISAGREES, "the parse names others")
    if same and not other:
        sure = max(claim.confidence, min(_SUREST, 1 - (1 - claim.confidence) * _AGREES))
        return _with(claim, sure, "the parse agrees")
    return claim


def _with(claim: Claim, confidence: float, note: str) -> Claim:
    return replace(claim, confidence=confidence, notes=(*claim.notes, note))


def _names(actors: Sequence[Actor]) -> set[str]:
    words = (w for a in actors for w in fold(f"{a.name} {a.country_name or ''}").split())
    return {w.strip(".,'’") for w in words} - _SMALL - {""}
