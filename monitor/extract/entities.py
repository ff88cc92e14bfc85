"""Who is who in one document: full names learned where they stand, surnames and acronyms led back to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from monitor.core.names import FAMILY_FIRST, is_named
from monitor.extract.chunks import Chunk, role_of
from monitor.extract.language import Language, Role
from monitor.extract.offices import Offices
from monitor.extract.people import (
    ANYBODYS_SURNAMES,
    GIVEN_TITLES,
    MEN,
    NAME_TITLES,
    ORG_WORDS,
    WOMEN,
    WOMENS_SURNAMES,
    Person,
    Spellings,
    compatible,
    looks_female,
)
from monitor.extract.places import Place, fold
from monitor.extract.tokens import Token

_PLACE_PREPS: Final = frozenset(
    {"in", "at", "near", "from", "outside", "inside", "around", "across", "en", "desde", "cerca"}
)
_GOVERNMENT: Final = frozenset({"GOV", "MIL", "LEG", "JUD", "COP"})


@dataclass(slots=True)
class Sentence:
    """A tagged and chunked sentence."""

    tokens: list[Token]
    chunks: list[Chunk]
    block: int = 0


_FAR_MORE: Final = 2
_SOME: Final = 3
_NAMESAKES: Final = 64
"""People of one surname, or in one role, that are kept apart: more would make hostile texts slow."""


@dataclass(slots=True)
class Entities:
    """The names of one document. Fill with `learn` sentence by sentence, then ask `actors.actor_of`.

    `changes` is raised by all that can change who a chunk names.
    """

    language: Language
    places: Mapping[str, Place]
    offices: Offices = field(default_factory=Offices)
    day: date | None = None
    people: dict[str, Person] = field(default_factory=dict)
    surnames: dict[str, list[str]] = field(default_factory=dict)
    acronyms: dict[str, str] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)  # in how many sentences each is named
    named_here: set[str] = field(default_factory=set)  # in the sentence that is learnt from
    holders: dict[str, list[str]] = field(default_factory=dict)
    spellings: Spellings = field(default_factory=Spellings)
    called: dict[tuple[str, ...], str] = field(default_factory=dict)
    changes: int = 0

    def learn(self, sentence: Sentence) -> None:
        """Take in the names of one sentence and give its chunks their classes."""
        self.changes += 1
        self.named_here.clear()
        for chunk in sentence.chunks:
            self._classify(chunk, sentence.tokens)
            if chunk.kind == "name" and chunk.name:
                self._acronym(chunk, sentence)
        for iso in sorted(self.named_here):
            self.countries[iso] = self.countries.get(iso, 0) + 1
        for chunk in sentence.chunks:
            if chunk.cls == "person" and chunk.kind == "name" and chunk.name:
                self._person(chunk, sentence.tokens)

    def finish(self, sentences: list[Sentence]) -> None:
        """Settle, once all names are known, what single capitalised words are."""
        self.changes += 1
        for sentence in sentences:
            for chunk in sentence.chunks:
                if chunk.kind == "name" and chunk.cls in {"", "place"} and chunk.name:
                    last = fold(sentence.tokens[chunk.name[1] - 1].low)
                    if last in self.surnames or self._misspelt(last):
                        chunk.cls = "person"

    @property
    def focus(self) -> str | None:
        """The country that most of the document's sentences name, ISO alpha-3."""
        return max(self.countries, key=lambda iso: self.countries[iso]) if self.countries else None

    @property
    def home(self) -> str | None:
        """The country that the document surely is about: named in some sentences, and in twice as many as any other."""
        first, second = sorted([0, 0, *self.countries.values()])[:-3:-1]
        return self.focus if first >= max(_SOME, _FAR_MORE * second) else None

    def place(self, words: str) -> Place | None:
        """Return the country that `words` name."""
        low = words.lower()
        found = self.places.get(low)
        if found is None and low.startswith("the "):
            return self.place(low[4:])
        realm, of, bare = low.partition(" of ")
        if found is None and of and realm.rpartition(" ")[2] in self.language.cue("realms"):
            return self.place(bare)
        return found

    def places_in(self, chunk: Chunk, tokens: list[Token]) -> Iterator[Place]:
        """Yield the countries that a chunk's words name; "South American" names none, "South Korean" one."""
        for _, found in self.place_words(chunk, tokens):
            yield found

    def place_words(self, chunk: Chunk, tokens: list[Token]) -> Iterator[tuple[range, Place]]:
        """Yield (tokens, country) of each country that a chunk's words name."""
        regions = self.language.cue("regions")
        for at in range(chunk.start, chunk.end):
            first, word = at, tokens[at].low
            if at and tokens[at - 1].low in regions:
                first, word = at - 1, f"{tokens[at - 1].low} {word}"
            if tokens[at].capital and (found := self.places.get(word)):
                yield range(first, at + 1), found

    def _classify(self, chunk: Chunk, tokens: list[Token]) -> None:
        if chunk.kind in {"pron", "date"}:
            return
        self.named_here.update(found.iso for found in self.places_in(chunk, tokens))
        role = role_of(chunk, tokens, self.language)
        chunk.sector = role.sector if role else None
        if chunk.kind == "num":
            chunk.cls = "number"
        elif chunk.kind == "common":
            chunk.cls = self._common_class(chunk, tokens)
        else:
            chunk.cls = self._name_class(chunk, tokens)

    def _common_class(self, chunk: Chunk, tokens: list[Token]) -> str:
        role = role_of(chunk, tokens, self.language)
        if isinstance(role, Role):
            return "group" if role.cls == "person" and chunk.number and chunk.number > 1 else role.cls
        head = tokens[chunk.head].low
        if head in {"head", "jefe", "jefa"} and chunk.of:
            return "person"
        if head in {"others", "another", "two", "three", "four", "one", "ones", "those"}:
            return "group"
        if head in {"country", "countries", "nation", "nations", "states", "países", "país"}:
            return "country"
        found = self.place(head) if tokens[chunk.head].capital or head.endswith("s") else None
        if found:
            return "group" if found.how == "demonym" else "country"
        if head in ORG_WORDS:
            return "org"
        return "person" if len(head) > 5 and head.endswith(("ist", "ee", "ian", "man", "woman")) else "thing"

    def _name_class(self, chunk: Chunk, tokens: list[Token]) -> str:
        assert chunk.name is not None
        words = [t.low for t in tokens[chunk.name[0] : chunk.name[1]]]
        text = " ".join(words)
        found = self.place(text)
        if found:
            return "country" if found.how != "demonym" else "group"
        if text in self.language.organisations or fold(text) in self.acronyms:
            return "org"
        role = self._role_in(words[-1:], words)
        if role == "org" or words[-1] in ORG_WORDS or (words[0] in ORG_WORDS and len(words) > 1):
            return "org"
        if role in {"person", "group"} and len(words) <= 4:
            return role
        if self._role_before(chunk, tokens, {"org"}):
            return "org"
        if len(words) > 1 and words[0 if self.language.like == "es" else -1] in self.language.cue("sites"):
            return "place"
        bare = self._bare(words)
        if len(bare) >= 2 and not any(w in ORG_WORDS for w in bare):
            return "person"
        titled = len(bare) < len(words) or self._role_before(chunk, tokens, {"person", "group"})
        if titled and bare:
            return "person"
        before = tokens[chunk.start - 1].low if chunk.start else ""
        if before in _PLACE_PREPS:
            return "place"
        return "org" if tokens[chunk.head].text.isupper() and len(words[-1]) <= 6 else ""

    def _role_in(self, last: list[str], words: list[str]) -> str | None:
        for width in (4, 3, 2, 1) if self.language.like == "es" else ():
            found = self.language.roles.get(" ".join(words[:width])) if len(words) >= width else None
            if found:
                return found.cls
        if self.language.like == "es" and len(words) > 1:
            return None
        for width in (4, 3, 2):
            found = self.language.roles.get(" ".join(words[-width:])) if len(words) >= width else None
            if found:
                return found.cls
        role = self.language.roles.get(last[0]) if last else None
        return role.cls if role else None

    def _bare(self, words: list[str]) -> list[str]:
        """Return a name's words without the titles and roles before it."""
        roles, titles = self.language.roles, self.language.titles
        cut = 0
        for width in (4, 3, 2, 1):
            for start in range(min(5, len(words) - width)):
                run = " ".join(words[start : start + width]).replace(".", "")
                role = roles.get(run)
                if ((role and role.cls == "person") or run in titles or run in GIVEN_TITLES) and not (
                    run in NAME_TITLES and start + 2 >= len(words)
                ):
                    cut = max(cut, start + width)
        if cut and cut + 2 < len(words) and words[cut] == "of":
            cut += 2
        rest = words[cut:]
        while len(rest) > 2 and (place := self.place(rest[0])) is not None and place.how == "demonym":
            rest = rest[1:]
        return rest

    def _role_before(self, chunk: Chunk, tokens: list[Token], classes: set[str]) -> bool:
        """Whether a role of one of `classes` leads up to the name: "union leader Ana Ruiz", "the party New Dawn"."""
        assert chunk.name is not None
        if chunk.start == chunk.name[0] or tokens[chunk.name[0] - 1].low not in self.language.role_ends:
            return False
        roles = (
            self.language.roles.get(" ".join(t.low for t in tokens[start : chunk.name[0]]))
            for start in range(chunk.start, chunk.name[0])
        )
        return any(role is not None and role.cls in classes for role in roles)

    def _acronym(self, chunk: Chunk, sentence: Sentence) -> None:
        """Learn "Supreme Audit Office (SAO)"."""
        tokens = sentence.tokens
        end = chunk.end
        if (
            end + 2 < len(tokens) + 1
            and end + 1 < len(tokens)
            and tokens[end].text == "("
            and tokens[end + 1].text.isupper()
            and len(tokens[end + 1].text) > 1
        ):
            assert chunk.name is not None
            full = " ".join(t.text for t in tokens[chunk.name[0] : chunk.name[1]])
            self.acronyms.setdefault(fold(tokens[end + 1].low), full)
            if chunk.cls in {"", "person"}:
                chunk.cls = "org"

    def _person(self, chunk: Chunk, tokens: list[Token]) -> None:
        words = self.name_tokens(chunk, tokens)
        if len(words) < 2:
            return
        self.called.clear()
        name = " ".join(words)
        person = self.people.setdefault(fold(name), Person(name))
        for surname in {
            fold(words[-1]),
            *([fold(words[-2])] if len(words) > 2 and len(words[-2]) > 3 else []),
            *({fold(words[0])} & FAMILY_FIRST),
        }:
            known = self.surnames.setdefault(surname, [])
            if len(known) < _NAMESAKES and fold(name) not in known:
                known.append(fold(name))
            self.spellings.add(surname)
        person.mentions += 1
        self.describe(person, chunk, tokens)

    def name_tokens(self, chunk: Chunk, tokens: list[Token]) -> list[str]:
        """Return the words of a chunk's name without titles and roles."""
        assert chunk.name is not None
        first, end = chunk.name
        if chunk.bare < 0:
            chunk.bare = len(self._bare([t.low for t in tokens[first:end]]))
        return [t.text for t in tokens[end - chunk.bare : end]]

    def describe(self, person: Person, chunk: Chunk, tokens: list[Token]) -> None:
        """Note what the chunk says of a person: role and sector, country, whether a woman."""
        before = (person.female, person.place, person.sector)
        spans = [(chunk.start, chunk.end)]
        if chunk.apposed:
            spans.append((chunk.apposed.start, chunk.apposed.end))
            spans += [(c.start, c.end) for c in chunk.apposed.of]
        role = None
        for start, end in spans:
            words = [t.low for t in tokens[start:end]]
            if self.language.like == "es" and words[0] in {"el", "la"} and start != chunk.start:
                person.female = words[0] == "la"  # "Ada Pol, la ministra"
            role = self._roles(person, words, role)
            for word in words:
                if word in WOMEN or word in MEN:
                    person.female = word in WOMEN
                person.place = self.place(word) if person.place is None else person.place
        if chunk.owner is not None:
            owner = self.place(" ".join(t.low for t in tokens[chunk.owner.start : chunk.owner.end]))
            person.place = person.place or owner
        if role:
            person.sector = person.sector or role.sector
        if before != (person.female, person.place, person.sector):
            self.changes += 1

    def _roles(self, person: Person, words: list[str], role: Role | None) -> Role | None:
        """Note the roles that the words give a person; return the first with a sector, `role` if known."""
        last = [k for k, word in enumerate(words) if word in self.language.role_ends]
        for width in (4, 3, 2, 1) if last else ():
            for k in last:
                found = (
                    self.language.roles.get(" ".join(words[k - width + 1 : k + 1]))
                    if k >= width - 1
                    else None
                )
                if found and found.cls == "person":
                    self._holds(found.noun, person)
                if found and found.sector and role is None:
                    role = found
        return role

    def female(self, name: str) -> bool | None:
        """Return whether a person is a woman as far as title or given name tell, else None."""
        words = fold(name).split()
        person = self.people.get(fold(name))
        if person is not None and person.female is not None:
            return person.female
        if not is_named(name):
            # "The pizza makers' leader" has no given name; "the spokeswoman" is a woman all the same.
            known = [w in WOMEN for w in words if w in WOMEN or w in MEN]
            return known[-1] if known else None
        if words[-1].endswith(WOMENS_SURNAMES) and words[-1] not in ANYBODYS_SURNAMES:
            return True
        return looks_female(words[0]) if len(words) > 1 else None

    def _holds(self, noun: str, person: Person) -> None:
        held = self.holders.setdefault(noun, [])
        if len(held) < _NAMESAKES and person.name not in held:
            held.append(person.name)
            self.changes += 1

    def _misspelt(self, surname: str) -> str | None:
        if len(surname) < 5:
            return None
        near = [s for s in self.spellings.near(surname) if s[0] == surname[0]]
        return near[0] if len(near) == 1 else None

    def canonical(self, words: list[str]) -> str:
        """Return the fullest name in this document for a person called `words`."""
        key = tuple(words)
        known = self.called.get(key)
        if known is None:
            known = self.called[key] = self._fullest(words)
        return known

    def _fullest(self, words: list[str]) -> str:
        last = fold(words[-1])
        candidates = self.surnames.get(last) or self.surnames.get(self._misspelt(last) or "", [])
        given = [fold(w) for w in words[:-1]]
        fitting = [c for c in candidates if not given or compatible([*given, last], c.split())]
        distinct = {self.people[c].name for c in fitting}
        if not distinct:
            return " ".join(words)
        longest = max(distinct, key=len)
        if len(words) == 1 and len({n.split()[0].lower()[:2] for n in distinct}) > 1:
            return " ".join(words)
        return longest
