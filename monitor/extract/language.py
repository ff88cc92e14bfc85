"""One language's knowledge, loaded from its lexicon folder: word forms, closed classes, cues, roles.

Adding a language is adding a folder beside `en/` and `es/` with the same files.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from monitor.extract import inflection

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
    their tag, longest first. `cues`: name -> set of words (see grammar.toml).
    """

    code: str
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

    def cue(self, name: str) -> frozenset[str]:
        """Return the words of a cue list; empty where the language has none."""
        return self.cues.get(name, frozenset())

    def singular(self, word: str) -> str:
        """Return the singular of a noun form, or the word itself."""
        return self.plurals.get(word) or inflection.singular(self.code, word)


def lexicon_folder(code: str) -> Traversable:
    """Return the folder of a language's data inside the package."""
    return files("monitor.extract") / "lexicon" / code


def read_toml(path: Traversable) -> dict[str, Any]:
    """Return a TOML file's content; empty where it does not exist."""
    return tomllib.loads(path.read_text("utf8")) if path.is_file() else {}


@cache
def load_language(code: str) -> Language:
    """Load a language ("en", "es"); cached, since it never changes at run time."""
    folder = lexicon_folder(code)
    grammar = read_toml(folder / "grammar.toml")
    verbs = read_toml(folder / "verbs.toml")
    words = read_toml(folder / "words.toml")
    roles_data = read_toml(folder / "roles.toml")
    closed: dict[str, frozenset[str]] = dict.fromkeys(_CLOSED, frozenset())
    closed |= {name: frozenset(items) for name, items in grammar.get("closed", {}).items()}
    roles = _roles(roles_data, code)
    return Language(
        code=code,
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
    )


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


def _phrases(closed: dict[str, frozenset[str]]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, tag in (("prep", "PREP"), ("sub", "SUB")):
        for phrase in closed.get(name, ()):
            words = tuple(phrase.split())
            if len(words) > 1:
                found.setdefault(words[0], []).append((words, tag))
    return {first: tuple(sorted(items, key=lambda item: -len(item[0]))) for first, items in found.items()}
