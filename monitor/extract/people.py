"""What names are made of: titles, words of organisations, and what a given name tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from monitor.extract.places import Place

ORG_WORDS: Final = frozenset(
    "party council court commission committee university ministry union front movement league agency bank "
    "group office bureau department parliament assembly senate congress army police force forces tribunal "
    "association federation institute foundation organisation organization company corporation channel "
    "television radio newspaper times post tribune daily news platform coalition alliance bloc church "
    "authority administration board branch brigade battalion service directorate chamber academy society "
    "network observatory center centre programme program fund hospital division wing cabinet partido "
    "consejo corte comisión universidad ministerio unión frente movimiento agencia banco fiscalía policía "
    "ejército asamblea senado congreso plataforma asociación federación instituto organización canal "
    "cadena diario".split()
)
GIVEN_TITLES: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "sir", "dame", "señor", "señora", "don", "doña", "sr", "sra"}
)
NAME_TITLES: Final = frozenset(
    "sheikh imam mullah san khan bey king prince major dean bishop marshal judge".split()
)
WOMEN: Final = frozenset(
    "mrs ms miss lady queen princess spokeswoman chairwoman congresswoman policewoman mother wife "
    "sister daughter woman madam señora doña presidenta ministra jueza fiscala senadora diputada actress "
    "widow".split()
)
MEN: Final = frozenset(
    "mr sir king prince spokesman chairman congressman policeman father husband brother son man señor don "
    "businessman emperor actor".split()
)
# Slavic, Baltic and Icelandic surnames have a form of their own for women.
WOMENS_SURNAMES: Final = ("ova", "eva", "skaya", "skaia", "skaja", "skaite", "iene", "dottir")
# Romance surnames that end like them, and everybody bears.
ANYBODYS_SURNAMES: Final = frozenset(
    "canova casanova cordova cueva esteva genova leva nova nueva terranova villanova villanueva".split()
)
MALE_IN_A: Final = frozenset(
    "nikola luca joshua sasha ilya misha kostya mustafa musa isa moussa mykola nikita kuzma noah abdulla "
    "attila andrea dima vanya volodya aga agha baba shiva krishna rama juma bola garba mamadou ola "
    "surya".split()
)


@dataclass(slots=True)
class Person:
    """A person as the document names them: canonical name, sector, country, whom they speak for."""

    name: str
    sector: str | None = None
    place: Place | None = None
    female: bool | None = None
    mentions: int = 0


def looks_female(given: str) -> bool | None:
    """Return True where a given name is a woman's by its ending; None where it does not tell."""
    return True if given.endswith("a") and given not in MALE_IN_A and len(given) > 2 else None


def compatible(words: list[str], full: list[str]) -> bool:
    """Whether `words` can name the person called `full`: each is there, as an initial, or one letter off."""
    return all(
        any(
            w == f or (len(w) == 1 and f.startswith(w)) or (len(w) > 4 and OSA.distance(w, f) <= 1)
            for f in full
        )
        for w in words
    )


def clean(text: str) -> str:
    """Return a name without the marks and spaces around it."""
    return " ".join(text.split()).strip(" '’\"“”,.-")


def genitive(name: str) -> str:
    """Return the possessor's form of a name: Ana's, the dockers'."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


class Spellings:
    """Words found again by a misspelling: one letter too many, missing, wrong, or swapped with the next.

    Two words are so near only where they share a form with at most one letter left out, so that a look-up
    costs the word's length, however many words there are.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._by_form: dict[str, list[str]] = {}

    def add(self, word: str) -> None:
        """Take in a word."""
        if word not in self._known:
            self._known.add(word)
            for form in _shortened(word):
                self._by_form.setdefault(form, []).append(word)

    def near(self, word: str) -> list[str]:
        """Return the known words at distance one of `word`."""
        found = {known for form in _shortened(word) for known in self._by_form.get(form, ())}
        return [known for known in found if OSA.distance(known, word) == 1]


def _shortened(word: str) -> set[str]:
    return {word, *(word[:k] + word[k + 1 :] for k in range(len(word)))}
