"""Who is who: comparing names that documents write differently. Similarity, never a verdict on its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from monitor.core.model import Actor
from monitor.core.translations import in_english

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s?\b")
_SOUNDS = str.maketrans({"z": "s", "q": "k", "c": "k", "v": "b", "w": "b"} | dict.fromkeys("aeiouyh"))
_FILLERS = frozenset(
    "the a an of and for in on at de del la el los las y e da do dos das den der van von mr mrs ms dr sir "
    "president minister prime former general secretary senator governor judge sheikh deputy".split()
)
_PARTICLES = frozenset("abu al as ash at bin d da de del den der di el ibn la le ten van von".split())
_BREAK = re.compile(r"[\s\-’']")
FAMILY_FIRST = frozenset(
    # Chinese
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng liang xie song tang deng "
    "feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren yao shen zhong cui tan fan "
    "wen lai tsai xi mao hua bo qin hou hsu chiang chou wong leung chan cheung lam "
    # Korean
    "kim lee park choi jung jeong chung kang cho yoon yun jang lim oh han seo shin kwon hwang ahn ryu yoo hong jeon "
    "ko moon son bae paik heo nam noh roh ban chun "
    # Vietnamese, Khmer
    "nguyen tran le pham phan vu vo dang bui ngo duong truong hun sok".split()
)
"""Family names of peoples who put them first: "Xi" is Xi Jinping, as "Biden" is Joe Biden."""


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return `text` in lower case without diacritics and possessives, one space between words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(_POSSESSIVE.sub("", plain)))


@lru_cache(maxsize=65536)
def is_named(name: str) -> bool:
    """Return whether somebody is called by name and not described: "Ada Gray", "al-Harun", "van der Vos"; not "pilots"."""
    words = [word for word in _BREAK.split(name) if word]
    while len(words) > 1 and words[0] in _PARTICLES:
        words.pop(0)
    return bool(words) and words[0][:1].isupper()


@lru_cache(maxsize=65536)
def name_words(name: str) -> tuple[str, ...]:
    """Return the telling words of a name, without titles and particles unless nothing else is left.

    Words of offices and bodies are English ones, whatever the language.
    """
    words = in_english(fold(name.partition("(")[0] or name).split())
    telling = (word for n, word in enumerate(words) if word not in _FILLERS and (n or word != "justice"))
    return tuple(telling) or tuple(words)


def _note(name: str) -> frozenset[str]:
    """Return the words of a bracketed note that tells namesakes apart: "Abu Khan (grocer)"."""
    return frozenset(fold(name.partition("(")[2]).split())


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """Return a key that common misspellings of `word` share: its consonants, without doubles."""
    kept = re.sub(r"(.)\1+", r"\1", word.replace("ph", "f")[1:].translate(_SOUNDS))
    head = word[:1].translate(str.maketrans("zqcvw", "skkbb"))
    return head + kept.removeprefix(head)


@lru_cache(maxsize=16_384)
def telling_sounds(name: str) -> tuple[str, ...]:
    """Return the sounds of the words by which somebody is found: of a longer name all but a first that names nobody."""
    first, *rest = name_words(name) or ("",)
    words = [first, *rest] if first in FAMILY_FIRST or not rest else rest
    return tuple(sound(w) for w in words if len(w) > 1)


def distance(left: str, right: str) -> int:
    """Return the Levenshtein distance of two words."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@lru_cache(maxsize=65536)
def near_word(left: str, right: str) -> bool:
    """Return whether two words may be spellings of one: equal, an initial, a slip, or the same sound."""
    if left == right:
        return True
    if left[:1] != right[:1]:
        return False
    short, long = sorted((left, right), key=len)
    if len(short) == 1:
        return True
    if len(short) < 4 or len(long) - len(short) > 2:
        return False
    if len(short) >= 5 and _one_slip(short, long):
        return True
    return sound(left) == sound(right) and distance(left, right) <= 2


def _one_slip(short: str, long: str) -> bool:
    """Return whether one letter more, less or other makes two words equal; cheaper than their distance."""
    if len(long) - len(short) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = short[at:] if len(long) > len(short) else short[at + 1 :]
    return rest == long[at + 1 :]


@lru_cache(maxsize=65536)
def same_name(left: str, right: str) -> bool:
    """Return whether two names may name one person or body.

    A surname alone, a slip of spelling, an initial or a missing second name do; two given names with one
    surname are two people, and a given name alone names nobody. Some peoples' surnames come first.
    """
    if fold(left) == fold(right):
        return True
    notes = _note(left), _note(right)
    if all(notes) and not notes[0] & notes[1]:
        return False
    short, long = sorted((name_words(left), name_words(right)), key=len)
    if not short:
        return False
    if len(short) == 1:
        return _same_single(short[0], long)
    # Words near one another begin alike: asked here, because most pairs of names do not and come but once.
    return all(any(a[0] == b[0] and near_word(a, b) for b in long) for a in short)


def _same_single(word: str, long: tuple[str, ...]) -> bool:
    if len(long) > 1:
        if word == long[0] and word in FAMILY_FIRST:
            return True
        return len(word) > 2 and any(near_word(word, other) for other in long[1:])
    return word == long[0] or (
        min(len(word), len(long[0])) >= 5 and word[0] == long[0][0] and distance(word, long[0]) == 1
    )


def given_alone(left: str, right: str) -> bool:
    """Return whether one name is only the first word of the other, which names nobody unless more agrees."""
    short, long = sorted((name_words(left), name_words(right)), key=len)
    return len(short) == 1 < len(long) and len(short[0]) > 2 and near_word(short[0], long[0])


def same_person(left: Actor, right: Actor) -> bool:
    """Return whether two actors are the same person or body by themselves, whoever they speak for."""
    if fold(left.name) == fold(right.name):
        return True
    if left.wikidata and right.wikidata:
        return left.wikidata == right.wikidata
    if left.country and right.country and left.country != right.country:
        return False
    return same_name(_at_home(left), _at_home(right))


def _at_home(actor: Actor) -> str:
    """Return how a body is called in its own country: "Chad harbour council" is the harbour council there."""
    return actor.name.removeprefix(f"{actor.country_name} ") if actor.country_name else actor.name


class FullNames:
    """The fullest forms of the names that are told of: "Lind" is "Rosa María Lind".

    A name that several might bear ("Gray" beside Ada and Bo Gray) stays as it is. Names are looked up by the sound of
    their words, so that many cost no more than few.
    """

    def __init__(self, people: Iterable[Actor]) -> None:
        self._by_sound: dict[str, dict[str, Actor]] = {}
        for actor in people:
            for heard in telling_sounds(actor.name) if is_named(actor.name) else ():
                self._by_sound.setdefault(heard, {})[actor.name] = actor
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the fullest form of a name, however it is written."""
        if name not in self._known:
            self._known[name] = self._fullest(name)
        return self._known[name]

    def shown(self, name: str) -> str:
        """Return the fullest form of a name; a description ("the pilots") stays as it is."""
        return self.of(name) if is_named(name) else name

    def _fullest(self, name: str) -> str:
        me = Actor(name=name)
        near = {n: a for heard in telling_sounds(name) for n, a in self._by_sound.get(heard, {}).items()}
        found = [n for n, a in near.items() if same_person(me, a)]
        longest = max(found or [name], key=lambda n: (len(name_words(n)), len(n), n))
        return longest if all(same_name(longest, other) for other in found) else name


def same_voice(left: Actor, right: Actor) -> bool:
    """Return whether two actors speak with one voice: the same person, or for the same body."""
    if same_person(left, right):
        return True
    bodies = [
        (left.speaks_for, right.speaks_for),
        (left.speaks_for, right.name),
        (left.name, right.speaks_for),
    ]
    return any(a and b and same_name(a, b) for a, b in bodies)


@lru_cache(maxsize=16_384)
def content_words(text: str) -> frozenset[str]:
    """Return the stems of the telling words of a topic or quote, for comparing what is spoken about."""
    return frozenset(word[:5] for word in fold(text).split() if len(word) > 3 and word not in _FILLERS)
