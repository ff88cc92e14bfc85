"""The lexical reader: a document's text to claims. Implements the `Reader` port; never raises on any text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from monitor.core.errors import ConfigError
from monitor.core.model import Claim, Document, stable_id
from monitor.core.plover import Plover
from monitor.core.policy import KindSpec
from monitor.extract import assemble
from monitor.extract.blocks import find_blocks, sentences
from monitor.extract.chunker import find_chunks
from monitor.extract.clauses import parse
from monitor.extract.detect import detect_language
from monitor.extract.drafts import Draft
from monitor.extract.entities import Entities, Sentence
from monitor.extract.kinds import kinds_in, load_kinds
from monitor.extract.language import load_language
from monitor.extract.layers import Folders
from monitor.extract.metrics import load_metrics, with_arrests
from monitor.extract.offices import Offices, load_offices
from monitor.extract.places import Place, gazetteer
from monitor.extract.reading import Pack, Reading
from monitor.extract.sections import find_sections
from monitor.extract.tagger import names_inside, tag
from monitor.extract.tokens import Token, tokenize
from monitor.extract.triggers import Lexicon, load_frames

MAX_TEXT = 400_000
MAX_TOKENS = 160


@dataclass(frozen=True, slots=True)
class Read:
    """A claim, and the characters of its trigger and of its sentence."""

    claim: Claim
    trigger: tuple[int, int]
    sentence: tuple[int, int]


class LexicalReader:
    """Reads documents by lexicon and light clause parse: no model, deterministic, linear time."""

    def __init__(
        self,
        packs: Mapping[str, Pack],
        kinds: Mapping[str, KindSpec],
        places: Mapping[str, Place],
        voice: assemble.Voice | None = None,
        offices: Offices | None = None,
    ) -> None:
        self._packs = packs
        self._voice = voice
        self._offices = offices or Offices()
        self._kinds = kinds
        self._places = places
        self._languages = tuple(pack.language for pack in packs.values())

    @classmethod
    def load(
        cls,
        languages: Sequence[str] = ("en", "es"),
        kinds: Mapping[str, KindSpec] | None = None,
        folders: Folders = (),
        voice: assemble.Voice | None = None,
    ) -> Self:
        """Load the lexicons of `languages`; the first is read where no other is detected.

        `folders` are the user's, laid over the built-in lexicon. `voice` reads beside it.
        Raises ConfigError for what is wrong in them.
        """
        kinds = load_kinds(*kinds_in(folders)) if kinds is None else kinds
        packs = {}
        for code in languages:
            language = load_language(code, folders)
            lexicon = load_frames(language, folders)
            _check_kinds(lexicon, kinds)
            packs[code] = Pack(language, lexicon, with_arrests(load_metrics(code, folders), lexicon))
        return cls(packs, kinds, gazetteer(tuple(languages), folders), voice, load_offices(folders))

    def read(self, document: Document) -> tuple[Claim, ...]:
        """Return the document's claims in the order of their quotes."""
        return tuple(read.claim for read in self.read_closely(document)[1])

    def read_closely(self, document: Document) -> tuple[str, list[Read]]:
        """Return the language that was read, and the claims with the places of what told them."""
        reading, drafts = self.draft(document)
        found = [
            Read(_claim(draft, document, self._kinds, n), draft.spot, draft.sentence)
            for n, draft in enumerate(drafts)
        ]
        found.sort(key=lambda r: (r.claim.start, r.claim.end, r.claim.kind, r.claim.id))
        return reading.pack.language.code, found

    def draft(self, document: Document) -> tuple[Reading, list[Draft]]:
        """Return how the document was read, and its claims in the making, sentence by sentence."""
        code = (
            document.language
            if document.language in self._packs
            else detect_language(document.text, self._languages)
        )
        reading = self._prepare(document, self._packs[code or next(iter(self._packs))])
        return reading, assemble.drafts(reading, self._voice)

    def _lands(self, cut: Sequence[Sequence[Sequence[Token]]]) -> frozenset[str]:
        """Return the countries and capitals with which sentences begin: "Paris", "Honduras" are no plurals."""
        first = (tokens[0] for block in cut for tokens in block if tokens and tokens[0].capital)
        places = ((token.low, self._places.get(token.low)) for token in first)
        return frozenset(low for low, place in places if place is not None and place.how != "demonym")

    def _prepare(self, document: Document, pack: Pack) -> Reading:
        text = document.text[:MAX_TEXT]
        language = pack.language
        base = document.published_at.date() if document.published_at and document.dated else None
        reading = Reading(
            document, pack, self._kinds, Entities(language, self._places, self._offices, base), base
        )
        reading.blocks = find_blocks(text, language)
        cut = [
            [tokenize(text, start, end)[:MAX_TOKENS] for start, end in sentences(text, block, language)]
            for block in reading.blocks
        ]
        names = names_inside([tokens for block in cut for tokens in block]) | self._lands(cut)
        for number, block in enumerate(cut):
            quoted = False
            for tokens in block:
                if not tokens:
                    continue
                quoted = tag(tokens, language, quoted=quoted, names=names)
                bare = [token for token in tokens if token.tag != "Q"] or tokens
                sentence = Sentence(bare, find_chunks(bare, language), number)
                reading.entities.learn(sentence)
                reading.sentences.append(sentence)
        reading.entities.finish(reading.sentences)
        reading.parsed = [parse(s.tokens, s.chunks, language) for s in reading.sentences]
        reading.focus = reading.entities.focus
        reading.sections = find_sections(reading.blocks, reading.sentences, reading.entities, self._places)
        return reading


def _check_kinds(lexicon: Lexicon, kinds: Mapping[str, KindSpec]) -> None:
    for frame in lexicon.frames:
        if frame.kind not in kinds:
            raise ConfigError(
                f"there is no kind {frame.kind!r}",
                place=f"{frame.place} {frame.id}",
                remedy=f"add [kind.{frame.kind}] to kinds.toml in the folder named in `lexicon`",
            )


def _claim(draft: Draft, document: Document, kinds: Mapping[str, KindSpec], number: int) -> Claim:
    spec = kinds.get(draft.kind)
    plover = spec.plover if spec else Plover()
    if draft.mode:
        plover = Plover(event_type=plover.event_type, mode=draft.mode, contexts=plover.contexts)
    quote = document.text[draft.start : draft.end]
    return Claim(
        id=stable_id("c", document.id, draft.kind, draft.start, draft.end, number),
        document_id=document.id,
        kind=draft.kind,
        plover=plover,
        actors=tuple(draft.actors),
        recipients=tuple(draft.recipients),
        stance=draft.stance,
        outcome=draft.outcome,
        figure=draft.figure,
        claimed_by=tuple(draft.claimed_by),
        certainty=draft.certainty,
        modality=draft.modality,
        event_date=draft.when.day if draft.when else None,
        event_date_precision=draft.when.precision if draft.when else None,
        topic=draft.topic,
        setting=draft.setting,
        elsewhere=draft.elsewhere,
        quote=quote,
        start=draft.start,
        end=draft.end,
        confidence=draft.confidence,
        notes=tuple(draft.notes),
    )
