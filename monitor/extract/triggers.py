"""Triggers: the frames of the lexicon, loaded from TOML, checked, and indexed by the words that can begin a match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from monitor.core.errors import ConfigError
from monitor.extract.language import Language
from monitor.extract.layers import Folders, frame_entries

CHANGES_MEANING: Final = frozenset({"up", "out", "off", "in", "down", "back", "away", "aside", "apart"})
"""Particles with which a verb is another verb: "turn down" is no "turn"."""

_LISTS: Final = frozenset(
    "verbs nouns phrases object with without actor recipient actor_is recipient_is examples negative".split()
)
_TEXTS: Final = frozenset("id kind stance outcome mode".split())
_FIELDS: Final = _LISTS | _TEXTS | {"if_negated", "strength"}
_CLASSES: Final = frozenset("person group org country place thing any".split())


@dataclass(frozen=True, slots=True)
class Frame:
    """One entry of the lexicon: words that tell a kind, and where its actor and recipient stand.

    The format is told in docs/lexicon.md. `strength`: how often the trigger alone means the kind. `place`: the
    file (and line, for the user's own) where it stands.
    """

    id: str
    kind: str
    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    object: frozenset[str] = frozenset()
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    actor_is: frozenset[str] = frozenset()
    recipient_is: frozenset[str] = frozenset()
    stance: str | None = None
    outcome: str | None = None
    mode: str | None = None
    if_negated: tuple[tuple[str, str], ...] = ()
    strength: float = 0.8
    examples: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A fixed sequence: literal words, `~verb` (any form of it), `*` (a gap of up to five tokens).

    `anchor`: a word that must stand somewhere in the sentence, or "" where only the first one must. `number`: its
    place in the order of the lexicon.
    """

    words: tuple[str, ...]
    frame: Frame
    anchor: str = ""
    number: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Lexicon:
    """All frames of one language, indexed by the words that can begin a match; phrases by their anchors too."""

    frames: list[Frame] = field(default_factory=list)
    by_verb: dict[str, list[Frame]] = field(default_factory=dict)
    by_noun: dict[str, list[tuple[tuple[str, ...], Frame]]] = field(default_factory=dict)
    by_phrase: dict[str, dict[str, list[Phrase]]] = field(default_factory=dict)

    def add(self, frame: Frame, language: Language) -> None:
        """Index one frame."""
        self.frames.append(frame)
        for verb in frame.verbs:
            if verb.partition(" ")[2] in CHANGES_MEANING:
                language.particle_verbs.add(verb)
            self.by_verb.setdefault(verb, []).append(frame)
        for noun in frame.nouns:
            words = tuple(noun.lower().split())
            self.by_noun.setdefault(words[-1] if language.like != "es" else words[0], []).append(
                (words, frame)
            )
        for number, phrase in enumerate(frame.phrases):
            words = tuple(phrase.lower().split())
            if words[0][0] == "~" and len(words) > 1 and words[1] in CHANGES_MEANING:
                language.particle_verbs.add(f"{words[0][1:]} {words[1]}")
            anchor = max((w for w in words[1:] if w[0] not in "~*"), key=len, default="")
            anchored = self.by_phrase.setdefault(words[0].lstrip("~"), {}).setdefault(anchor, [])
            anchored.append(Phrase(words, frame, anchor, (len(self.frames), number)))

    def phrases(self, first: str, there: set[str]) -> list[Phrase]:
        """Return the phrases that begin with `first` and whose anchors are `there`, in the order of the lexicon."""
        anchored = self.by_phrase[first]
        found = [phrase for anchor in there & anchored.keys() for phrase in anchored[anchor]]
        return sorted(found, key=_number) if len(found) > 1 else found

    def triggers(self) -> set[str]:
        """Return the first words or lemmas that can begin a match."""
        return {verb.split()[0] for verb in self.by_verb} | set(self.by_noun) | set(self.by_phrase)


def _number(phrase: Phrase) -> tuple[int, int]:
    return phrase.number


def load_frames(language: Language, folders: Folders = ()) -> Lexicon:
    """Load all frames of a language over the lexicon's layers.

    A malformed frame raises ConfigError with its file, line and id.
    """
    lexicon = Lexicon()
    for entry in frame_entries(language.code, folders):
        lexicon.add(_frame(entry.values, entry.place), language)
    return lexicon


def _frame(entry: Mapping[str, Any], place: str) -> Frame:
    problem = next(_problems(entry), None)
    if problem:
        name = entry.get("id")
        raise ConfigError(
            problem,
            place=f"{place} {name}" if isinstance(name, str) else place,
            remedy="see the lexicon's format in docs/lexicon.md",
        )
    nouns_only = bool(entry.get("nouns")) and not entry.get("verbs") and not entry.get("phrases")
    return Frame(
        id=entry["id"],
        kind=entry["kind"],
        verbs=tuple(entry.get("verbs", ())),
        nouns=tuple(entry.get("nouns", ())),
        phrases=tuple(entry.get("phrases", ())),
        object=frozenset(w.lower() for w in entry.get("object", ())),
        with_=_spaced(entry.get("with", ())),
        without=_spaced(entry.get("without", ())),
        actor=tuple(entry.get("actor", ("by",) if nouns_only else ("subject", "by"))),
        recipient=tuple(entry.get("recipient", ("of",) if nouns_only else ("object",))),
        actor_is=frozenset(entry.get("actor_is", ())),
        recipient_is=frozenset(entry.get("recipient_is", ())),
        stance=entry.get("stance"),
        outcome=entry.get("outcome"),
        mode=entry.get("mode"),
        if_negated=tuple(sorted((k, str(v)) for k, v in entry.get("if_negated", {}).items())),
        strength=float(entry.get("strength", 0.8)),
        examples=tuple(entry.get("examples", ())),
        negative=tuple(entry.get("negative", ())),
        place=place,
    )


def _spaced(texts: Sequence[str]) -> tuple[str, ...]:
    """Return each text with one space around every word, to be found in a sentence's words joined so."""
    return tuple(f" {' '.join(text.lower().split())} " for text in texts)


def _problems(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a frame as it was written."""
    if not entry.get("kind") or not entry.get("id"):
        yield "a frame needs id and kind"
    for key, value in entry.items():
        if key not in _FIELDS:
            near = get_close_matches(key, _FIELDS, n=1)
            yield f"unknown key {key!r}{f'; did you mean {near[0]!r}?' if near else ''}"
        elif key in _LISTS and not (isinstance(value, list) and all(_is_text(v) for v in value)):
            yield f'{key} must be a list of texts, such as ["word"]'
        elif key in _TEXTS and not _is_text(value):
            yield f"{key} must be a text"
        elif key in {"actor_is", "recipient_is"} and set(value) - _CLASSES:
            yield f"{min(set(value) - _CLASSES)!r} is none of {', '.join(sorted(_CLASSES))}"
        elif key == "strength" and not (isinstance(value, int | float) and 0 < value < 1):
            yield "strength must lie between 0 and 1"
        elif key == "if_negated" and not isinstance(value, dict):
            yield 'if_negated must be a table, such as { stance = "rejects" }'


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
