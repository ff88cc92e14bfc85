"""One language's knowledge, loaded from its lexicon folder: word forms, closed classes, cues, roles.

Adding a language is adding a folder with the same files as `en/` and `es/`; see docs/lexicon.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from babel.core import get_global

from monitor.core.errors import ConfigError
from monitor.extract import inflection
from monitor.extract.layers import Folders, available, own_entries, read_layers

_CLOSED = (
    "det",
    "pron",
    "prep",
    "conj",
    "sub",
    "rel",
    "be",
    "have",
    "do",
    "get",
    "modal",
    "neg",
    "particles",
    "possessive",
    "quantity",
    "nounish",
)
# Later ones go before earlier ones where a word is of several classes.
_FUNCTION = (
    ("sub", "SUB"),
    ("prep", "PREP"),
    ("pron", "PRON"),
    ("rel", "REL"),
    ("conj", "CONJ"),
    ("det", "DET"),
)
_VERBAL = (("do", "AUX"), ("have", "AUX"), ("be", "AUX"), ("modal", "MOD"), ("neg", "NEG"))
_NO_WORDS: Final[frozenset[str]] = frozenset()
_SECTORS = frozenset("IGO NGO MED JUD BUS GOV MIL COP REB EDU REL PTY".split())


@dataclass(frozen=True, slots=True)
class Role:
    """A noun for a person, a group or a body: its class and PLOVER sector."""

    noun: str
    cls: str
    sector: str | None


@dataclass(frozen=True, slots=True)
class Language:
    """What the tagger, the chunker and the clause parser must know of a language.

    `forms`: word form -> (lemma, possible verb forms). `phrases`: first word -> closed word sequences with
    their tag, longest first. `cues`: name -> set of words (see grammar.toml). `like`: the built-in language
    whose word order and clause rules it follows. `names`: preposition -> the name that frames give it ("of").
    `function`: function word -> its tag and lemma. `role_ends`: the last words of all roles. `seen`: what the
    tagger says of a lower-case word in any sentence, kept once it was met.
    """

    code: str
    like: str
    closed: dict[str, frozenset[str]]
    cues: dict[str, frozenset[str]]
    forms: dict[str, tuple[str, frozenset[str]]]
    nounish: frozenset[str]
    adjectives: frozenset[str]
    adverbs: frozenset[str]
    roles: dict[str, Role]
    titles: frozenset[str]
    organisations: dict[str, tuple[str, str | None]]
    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = field(default_factory=dict)
    plurals: dict[str, str] = field(default_factory=dict)
    particle_verbs: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    function: dict[str, tuple[str, str]] = field(default_factory=dict)
    role_ends: frozenset[str] = frozenset()
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)

    def cue(self, name: str) -> frozenset[str]:
        """Return the words of a cue list; empty where the language has none."""
        return self.cues.get(name, _NO_WORDS)

    def singular(self, word: str) -> str:
        """Return the singular of a noun form, or the word itself."""
        return self.plurals.get(word) or inflection.singular(self.like, word)


def check_language(code: str, folders: Folders = ()) -> None:
    """Raise ConfigError where no layer of the lexicon has the language, or CLDR does not know it."""
    if not available(code, folders):
        raise ConfigError(
            f"there is no lexicon for the language {code!r}",
            place="languages",
            remedy=f"add a folder {code!r} to the folder named in `lexicon`; see docs/lexicon.md",
        )
    if code not in get_global("likely_subtags"):
        raise ConfigError(f"{code!r} is no language that CLDR knows", place="languages", remedy="use ISO 639")


def load_language(code: str, folders: Folders = ()) -> Language:
    """Load a language: "en", "es", or one of the user's `folders`. Raises ConfigError where no layer has it."""
    return _load(code, folders) if folders else _built_in(code)


@cache
def _built_in(code: str) -> Language:
    return _load(code, ())


def _load(code: str, folders: Folders) -> Language:
    check_language(code, folders)
    grammar = read_layers(f"{code}/grammar.toml", folders)
    verbs = _with_verbs_of_frames(read_layers(f"{code}/verbs.toml", folders), code, folders)
    words = read_layers(f"{code}/words.toml", folders)
    roles_data = read_layers(f"{code}/roles.toml", folders)
    like = grammar.get("like", "es" if code == "es" else "en")
    closed: dict[str, frozenset[str]] = dict.fromkeys(_CLOSED, frozenset())
    closed |= {name: frozenset(items) for name, items in grammar.get("closed", {}).items()}
    roles = _roles(roles_data, like)
    return Language(
        code=code,
        like=like,
        closed=closed,
        cues={name: frozenset(items) for name, items in grammar.get("cues", {}).items()},
        forms=inflection.verb_forms(code, verbs),
        nounish=frozenset(verbs.get("nounish", ())) | closed.get("nounish", frozenset()),
        adjectives=frozenset(words.get("adjectives", ())),
        adverbs=frozenset(words.get("adverbs", ())) | frozenset(grammar.get("adverbs", {}).get("words", ())),
        roles=roles,
        titles=frozenset(title.lower().rstrip(".") for title in roles_data.get("titles", ())),
        organisations=_organisations(roles_data.get("intl", {})),
        phrases=_phrases(closed),
        plurals={plural: noun for noun, plural in roles_data.get("plural", {}).items()},
        function=_function_words(closed, like),
        role_ends=frozenset(noun.rpartition(" ")[2] for noun in roles),
        names={word: name for name, words in grammar.get("prepositions", {}).items() for word in words},
    )


def _with_verbs_of_frames(verbs: dict[str, Any], code: str, folders: Folders) -> dict[str, Any]:
    """Return the verbs and those that only the user's frames name: a trigger needs no entry in verbs.toml."""
    named = [
        word
        for entry in own_entries(code, folders)
        for word in (
            *(words[0] for words in _word_lists(entry.values.get("verbs")) if words),
            *(w[1:] for words in _word_lists(entry.values.get("phrases")) for w in words if w[0] == "~"),
        )
    ]
    listed = [*verbs.get("regular", ()), *verbs.get("double", ())]
    known = {*listed, *verbs.get("irregular", {}), *verbs.get("forms", {})}
    fresh = [word for word in dict.fromkeys(named) if len(word) > 1 and word not in known]
    return {**verbs, "regular": [*verbs.get("regular", ()), *fresh]} if fresh else verbs


def _word_lists(value: object) -> list[list[str]]:
    """Return the words of each text in a list; what is malformed is told when the frames are loaded."""
    return [item.split() for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _roles(data: dict[str, Any], code: str) -> dict[str, Role]:
    irregular = data.get("plural", {})
    out: dict[str, Role] = {}
    for cls in ("group", "org", "person"):
        for noun, sector in data.get(cls, {}).items():
            low = noun.lower()
            out[low] = Role(low, cls, sector or None)
            if cls != "group":
                plural = irregular.get(noun) or inflection.plural(code, low)
                out.setdefault(plural, Role(low, "group" if cls == "person" else "org", sector or None))
    return out


def _organisations(data: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    out: dict[str, tuple[str, str | None]] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            forms, sector = value.get("forms", ()), value.get("sector")
        else:
            sector = "IGO"
            forms = list(value) if isinstance(value, list) else [value]
            if forms and forms[-1] in _SECTORS:
                sector = forms.pop()
        for form in (name, *forms):
            out[form.lower()] = (name, sector)
    return out


def _function_words(closed: dict[str, frozenset[str]], like: str) -> dict[str, tuple[str, str]]:
    """Return function word -> (tag, lemma); a word of several classes has the first one's."""
    out: dict[str, tuple[str, str]] = {}
    for name, tag in (*_FUNCTION, *_VERBAL):
        lemma = name if (name, tag) in _VERBAL else ""
        for word in closed[name]:
            out[word] = ("SUB" if not lemma and like == "en" and word == "that" else tag, lemma)
    return out | {"to": ("TO", "")}


def _phrases(closed: dict[str, frozenset[str]]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, tag in (("prep", "PREP"), ("sub", "SUB")):
        for phrase in closed.get(name, ()):
            words = tuple(phrase.split())
            if len(words) > 1:
                found.setdefault(words[0], []).append((words, tag))
    return {first: tuple(sorted(items, key=lambda item: -len(item[0]))) for first, items in found.items()}
