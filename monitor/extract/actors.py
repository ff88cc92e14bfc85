"""From noun chunks to actors: names in full, bodies with their country, offices led back to who holds them."""

from __future__ import annotations

from monitor.core.model import Actor
from monitor.extract.chunks import Chunk, role_of
from monitor.extract.entities import Entities
from monitor.extract.language import Role
from monitor.extract.people import Person, clean, genitive
from monitor.extract.places import Place, country_names, fold
from monitor.extract.tokens import Token

_GOVERNMENT = frozenset({"GOV", "MIL", "LEG", "JUD", "COP"})


def actor_of(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor | None:
    """Return who a chunk names, or None for pronouns, dates and bare numbers."""
    now = who.changes
    if chunk.known != now:
        chunk.actor = _actor(who, chunk, tokens)
        chunk.known = now  # the number before: what the chunk itself changes can make it mean another
    return chunk.actor


def _actor(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor | None:
    if chunk.kind in {"pron", "date"}:
        return None
    if chunk.cls == "number":
        return None
    if chunk.kind == "name" and chunk.name:
        return _named(who, chunk, tokens)
    return _common_actor(who, chunk, tokens)


def _named(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor | None:
    assert chunk.name is not None
    run = [t.text for t in tokens[chunk.name[0] : chunk.name[1]]]
    text = " ".join(run)
    found = who.place(text)
    if found and found.how != "demonym":
        return Actor(name=found.country, country=found.iso, sector="GOV")
    if chunk.cls == "person":
        return _person_actor(who, chunk, tokens)
    org = who.language.organisations.get(text.lower())
    if org:
        return Actor(name=org[0], sector=org[1])
    full = who.acronyms.get(fold(text), text)
    name = clean(
        " ".join(t.text for t in tokens[chunk.start : chunk.end])
        if full == text
        and chunk.start < chunk.name[0]
        and tokens[chunk.name[0] - 1].tag in {"PN", "N"}
        and chunk.cls != "org"
        else full
    )
    place = next(who.places_in(chunk, tokens), None)
    role = who.language.roles.get(run[-1].lower())
    return Actor(name=name, country=place.iso if place else None, sector=role.sector if role else None)


def _person_actor(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor:
    assert chunk.name is not None
    words = who.name_tokens(chunk, tokens) or [t.text for t in tokens[chunk.name[0] : chunk.name[1]]]
    name = who.canonical(words)
    person = who.people.get(fold(name))
    if person is None:
        return Actor(name=name)
    who.describe(person, chunk, tokens)
    return _as_actor(person)


def _common_actor(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor | None:
    known = _holder(who, chunk, tokens) or _in_office(who, chunk, tokens)
    if known is not None:
        return known
    words = [t.text for t in tokens[chunk.start : chunk.end] if t.tag not in {"DET", "Q"}]
    if chunk.of and tokens[chunk.head].low in who.language.closed["quantity"]:
        inner = actor_of(who, chunk.of[0], tokens)
        if inner:
            return Actor(
                name=f"{' '.join(words)} of {inner.name}", country=inner.country, sector=inner.sector
            )
    if not words:
        return None
    role = role_of(chunk, tokens, who.language)
    place = next(who.places_in(chunk, tokens), None)
    name = clean(" ".join(words))
    if chunk.owner is not None and chunk.cls in {"org", "person", "group"}:
        owner = actor_of(who, chunk.owner, tokens)
        if owner:
            name = (
                f"{owner.name} {name}"
                if owner.sector == "GOV" and owner.country
                else f"{genitive(owner.name)} {name}"
            )
            place = place or (Place(owner.country, owner.name, "name") if owner.country else None)
    if chunk.of and chunk.cls in {"org", "person", "group"} and _completes(who, chunk):
        inner = actor_of(who, chunk.of[0], tokens)
        if inner:
            name = f"{name} {'de' if who.language.like == 'es' else 'of'} {inner.name}"
            if place is None and inner.country:
                place = Place(inner.country, inner.name, "name")
    sector = role.sector if isinstance(role, Role) else None
    country_name = place.country if place and sector in _GOVERNMENT else None
    return Actor(name=name, country=place.iso if place else None, sector=sector, country_name=country_name)


def _completes(who: Entities, chunk: Chunk) -> bool:
    """Whether "de …" belongs to the name: in Spanish it may be the verb's ("acusó al gobierno de fraude")."""
    return (
        who.language.like != "es"
        or chunk.of[0].kind == "name"
        or chunk.of[0].cls in {"org", "country", "group"}
    )


def _holder(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor | None:
    """Return whom "the president" or "the minister" means: the only one in that role so far."""
    if (
        chunk.owner
        or chunk.of
        or tokens[chunk.start].low not in {"the", "el", "la", "this"}
        or chunk.end - chunk.start > 4
    ):
        return None
    role = role_of(chunk, tokens, who.language)
    if not isinstance(role, Role) or role.cls != "person":
        return None
    modifiers = [
        t for t in tokens[chunk.start + 1 : chunk.head - len(role.noun.split()) + 1] if t.tag != "DET"
    ]
    held = who.holders.get(role.noun, [])
    if modifiers or not held:
        return None
    known = [p for name in held if (p := who.people.get(fold(name)))]
    home = [p for p in known if p.place is None or p.place.iso == who.focus] or known
    person = max(home, key=lambda p: p.mentions, default=None)
    if person is None:
        return None
    return _as_actor(person)


def _in_office(who: Entities, chunk: Chunk, tokens: list[Token]) -> Actor | None:
    """Return who holds the office that the chunk names and nothing else but its country, by the user's list."""
    role = role_of(chunk, tokens, who.language)
    if not isinstance(role, Role) or role.cls != "person":
        return None
    around = [c for c in (chunk.owner, *chunk.of) if c is not None]
    own = list(who.place_words(chunk, tokens))
    named = [place for _, place in own] + [place for c in around for place in who.places_in(c, tokens)]
    of_places = {k for span, _ in own for k in span}
    bare = [k for k in range(chunk.start, chunk.end) if tokens[k].tag != "DET" and k not in of_places]
    if len(bare) != len(role.noun.split()) or (around and not named):
        return None
    country = named[0].iso if named else who.focus
    office = who.offices.holder(role.noun, country, who.day)
    if office is None:
        return None
    land = country_names().get(office.country or "")
    return Actor(
        name=office.name, country=office.country, sector=office.sector, speaks_for=land, country_name=land
    )


def _as_actor(person: Person) -> Actor:
    place = person.place
    speaks = place.country if place and person.sector in _GOVERNMENT else None
    iso = place.iso if place else None
    return Actor(name=person.name, country=iso, sector=person.sector, speaks_for=speaks, country_name=speaks)
