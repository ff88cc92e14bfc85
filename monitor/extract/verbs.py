"""Verb groups, and the elements of a sentence as the clause rules see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor.extract import spanish
from monitor.extract.chunks import Chunk
from monitor.extract.language import Language
from monitor.extract.tokens import Token

_GROUP: Final = frozenset({"MOD", "AUX", "NEG", "ADV", "TO"})
_STARTS: Final = frozenset({"MOD", "AUX", "TO", "V", "NEG"})
_ITEM_TYPES: Final = {
    "PREP": "P",
    "TO": "P",
    "CONJ": "C",
    "REL": "R",
    "SUB": "S",
    ",": ",",
    ";": ";",
    ":": ";",
    "Q": "Q",
    "(": "(",
    ")": ")",
    "DASH": "-",
    ".": ".",
}


@dataclass(slots=True, eq=False, init=False)
class Verb:
    """A verb group and its arguments.

    `lemma` includes a particle ("round up"), `base` does not. `form`: of the group as a whole: past, s, base, part, ing, inf.
    `governor`: the verb that an infinitive or complement hangs on, `link` how (inf, that, if, rel, ing, say).
    `speech`: the say-verb whose content this clause is. `noun_governor`: the noun an infinitive hangs on.
    """

    start: int
    end: int
    main: int
    lemma: str
    base: str
    form: str
    passive: bool
    negated: bool
    modal: str | None
    perfect: bool
    reduced: bool
    subject: list[Chunk]
    object: list[Chunk]
    preps: list[tuple[str, list[Chunk]]]
    governor: Verb | None
    link: str
    noun_governor: Chunk | None
    speech: Verb | None
    antecedent: bool
    clause: tuple[int, int]
    item: int

    def __init__(self, start: int, end: int, main: int, lemma: str, form: str) -> None:
        self.start = start
        self.end = end
        self.main = main
        self.lemma = lemma
        self.base = lemma.partition(" ")[0]
        self.form = form
        self.passive = self.negated = self.perfect = self.reduced = self.antecedent = False
        self.modal = self.governor = self.noun_governor = self.speech = None
        self.subject = []
        self.object = []
        self.preps = []
        self.link = ""
        self.clause = (0, 0)
        self.item = 0

    def slot(self, name: str) -> list[Chunk]:
        """Return the chunks of an argument slot: subject, object or a preposition."""
        if name == "subject":
            return self.subject
        if name == "object":
            return self.object
        return [chunk for prep, chunks in self.preps if prep == name for chunk in chunks]


@dataclass(slots=True, eq=False, init=False)
class Item:
    """One element of a sentence to the clause rules: N (chunk), T (time), V, P, C, R (relative), S, marks."""

    type: str
    start: int
    end: int
    word: str
    chunk: Chunk | None
    verb: Verb | None

    def __init__(self, kind: str, start: int, end: int, word: str) -> None:
        self.type = kind
        self.start = start
        self.end = end
        self.word = word
        self.chunk = self.verb = None


def items_of(tokens: list[Token], chunks: list[Chunk], language: Language) -> list[Item]:
    """Return the sentence as a row of items for the clause rules."""
    at = 0
    renamed = language.like == "es" or bool(language.names)
    items: list[Item] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if at < len(chunks) and chunks[at].start == i:
            chunk = chunks[at]
            at += 1
            item = Item("T" if chunk.kind == "date" else "N", i, chunk.end, tokens[chunk.head].low)
            item.chunk = chunk
            items.append(item)
            i = chunk.end
            continue
        verb = _verb_at(tokens, i, language) if token.tag in _STARTS else None
        if verb is not None:
            item = Item("V", i, verb.end, verb.lemma)
            item.verb = verb
            items.append(item)
            i = verb.end
            while at < len(chunks) and chunks[at].start < i:  # a particle may be a chunk by itself
                at += 1
            continue
        kind = _ITEM_TYPES.get(token.tag)
        if kind:
            name = token.lemma or token.low
            items.append(Item(kind, i, i + 1, _named(name, language) if renamed else name))
        elif token.tag == "PREP*" and items:
            items[-1].end = i + 1
        i += 1
    return items


def _named(word: str, language: Language) -> str:
    """Return a preposition or conjunction as frames name it."""
    return language.names.get(word) or (spanish.word(word) if language.like == "es" else word)


def _verb_at(tokens: list[Token], i: int, language: Language) -> Verb | None:
    j, main, seen = i, -1, []
    while j < len(tokens):
        tag = tokens[j].tag
        if tag == "V":
            main = j
            break
        if tag not in _GROUP:
            break
        if tag not in {"ADV", "NEG"}:
            seen.append(j)
        j += 1
    if main < 0:
        auxiliaries = [k for k in seen if tokens[k].tag == "AUX"]
        if not auxiliaries:
            return None
        main = auxiliaries[-1]
        j = main
    return _build(tokens, i, main, language)


def _build(tokens: list[Token], i: int, main: int, language: Language) -> Verb:
    head = tokens[main]
    before = tokens[i:main]
    aux = [t for t in before if t.tag == "AUX"]
    tags = [t.tag for t in before]
    to = "TO" in tags
    end, lemma = main + 1, head.lemma
    if head.tag == "AUX":
        lemma = head.lemma
    elif (
        end < len(tokens)
        and tokens[end].low in language.closed["particles"]
        and (_is_particle(tokens, end) or f"{lemma} {tokens[end].low}" in language.particle_verbs)
    ):
        lemma = f"{lemma} {tokens[end].low}"
        end += 1
    passive = head.form == "part" and bool(aux) and aux[-1].lemma in {"be", "get"}
    modal = before[tags.index("MOD")].low if "MOD" in tags else None
    first = before[0] if before and before[0].tag != "ADV" else (aux[0] if aux else head)
    form = "inf" if to else _finite_form(first, head)
    if language.like == "es":
        form = spanish.finite_form(first, head)
    verb = Verb(i, end, main, lemma, form)
    verb.passive, verb.modal = passive, modal
    after = tokens[end].tag if end < len(tokens) else ""
    verb.negated = "NEG" in tags or modal == "cannot" or (after == "NEG" and head.tag == "AUX")
    verb.perfect = any(t.lemma == "have" for t in aux)
    verb.reduced = (
        not aux
        and modal is None
        and not to
        and head.form in ({"part"} if language.like == "es" else {"part", "past"})
    )
    return verb


def _is_particle(tokens: list[Token], k: int) -> bool:
    after = tokens[k + 1].tag if k + 1 < len(tokens) else "."
    if tokens[k].low in {"up", "out", "off", "away", "back", "aside", "down", "forward", "apart"}:
        return True
    return after not in {"DET", "PN", "N", "NUM", "ADJ", "DATE"}


def _finite_form(first: Token, head: Token) -> str:
    if first.tag == "MOD":
        return "modal"
    if first.tag == "AUX":
        if first.low in {"been", "be"}:
            return "part"
        if first.low in {"being", "having"}:
            return "ing"
        return "past" if first.low in {"was", "were", "had", "did"} else "s"
    return head.form


def group(chunk: Chunk) -> list[Chunk]:
    """Return the list that a chunk opens, of the named one where the chunk only describes it."""
    if chunk.names is not None:
        return list(chunk.names.members())
    return list(chunk.members())


def past_group(items: list[Item], n: int) -> int:
    """Return the item after the noun phrase, list included, at item `n`."""
    chunk = items[n].chunk
    assert chunk is not None
    last = max(c.end for c in group(chunk))
    while n < len(items) and items[n].start < last:
        n += 1
    return n
