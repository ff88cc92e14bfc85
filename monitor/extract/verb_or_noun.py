"""Verb or noun: what a word that can be both is in its place, by its forms and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor.extract import spanish
from monitor.extract.language import Language
from monitor.extract.tokens import Token

_COMPLEMENT: Final = frozenset(
    "fear hope believe think know expect doubt want see find consider let make help".split()
)
_SOME: Final = frozenset("both all many some several most few".split())
_PLURALS: Final = frozenset("police people men women children troops both officials".split())


@dataclass(slots=True, eq=False, init=False)
class _Spot:
    """An ambiguous word in its place: the word before it that counts and its tag, and the word after it."""

    tokens: list[Token]
    i: int
    forms: frozenset[str]
    language: Language
    token: Token
    previous: Token | None
    before: str
    after: Token | None

    def __init__(self, tokens: list[Token], i: int, forms: frozenset[str], language: Language) -> None:
        self.tokens = tokens
        self.i = i
        self.forms = forms
        self.language = language
        self.token = tokens[i]
        self.previous = _back(tokens, i)
        self.before = self.previous.tag if self.previous is not None else ""
        self.after = tokens[i + 1] if i + 1 < len(tokens) else None


def verb_or_noun(i: int, tokens: list[Token], language: Language) -> None:
    """Decide, by what stands beside it, whether a word that can be a verb is one, and in which form."""
    token = tokens[i]
    lemma, forms = language.forms[token.low]
    form = _choose(_Spot(tokens, i, forms, language))
    if form in {"N", "ADJ"}:
        token.tag = form
        token.lemma = token.low
        return
    token.tag, token.form, token.lemma = "V", form, lemma


def _back(tokens: list[Token], i: int) -> Token | None:
    for j in range(i - 1, -1, -1):
        if tokens[j].tag not in {"ADV", "NEG", "Q", "PREP*"}:
            return tokens[j]
    return None


def _choose(spot: _Spot) -> str:
    token, forms, before, after, language = spot.token, spot.forms, spot.before, spot.after, spot.language
    if before == "TO" and "base" in forms:
        if not (token.lemma in language.nounish or language.roles.get(token.low)):
            return "base"
        return "base" if after is not None and after.tag in {"DET", "PN", "PRON", "NUM", "N", "ADJ"} else "N"
    if before == "MOD" and "base" in forms:
        return "base"
    if before == "AUX" and spot.previous is not None:
        return _after_auxiliary(spot.previous.lemma, forms)
    if language.like == "es":
        return spanish.choose(forms, spot.previous, spot.i, spot.tokens, language)
    if "ing" in forms:
        return _ing(before)
    if "past" in forms or "part" in forms:
        return _past(forms, before, after)
    return _present(spot)


def _after_auxiliary(kind: str, forms: frozenset[str]) -> str:
    if kind == "do":
        return "base" if "base" in forms else "N"
    if kind == "have":
        return "part" if "part" in forms else ("past" if "past" in forms else "N")
    if kind == "get" and "part" in forms:
        return "part"
    for form in ("part", "ing"):
        if form in forms:
            return form
    return "N"


def _ing(before: str) -> str:
    if before in {"DET", "POSS"}:
        return "N"
    if before in {"ADJ", "NUM"}:
        return "N"
    return "ing"


def _past(forms: frozenset[str], before: str, after: Token | None) -> str:
    nominal_next = after is not None and after.tag in {"N", "PN", "?", "ADJ"} and not after.low.endswith("ly")
    if before in {"DET", "POSS", "NUM", "ADJ"} and nominal_next:
        return "ADJ"
    if before == "DET":
        return "N"
    if before == "PREP" and nominal_next:
        return "ADJ"
    if before == "PREP":
        return "part" if "part" in forms else "past"
    return "past" if "past" in forms else "part"


def _present(spot: _Spot) -> str:
    token, forms, before, after, language = spot.token, spot.forms, spot.before, spot.after, spot.language
    nounish = token.low in language.nounish or token.lemma in language.nounish
    object_next = after is not None and (
        after.tag in {"DET", "PN", "NUM", "PRON", "SUB", "ADV"} or after.low == "that"
    )
    if before in {"DET", "ADJ", "POSS", "PREP", "NUM"}:
        return "base" if object_next and not nounish and _counted(spot) else "N"
    form = "s" if "s" in forms else "base"
    if before in {"PRON", "REL"}:
        return form
    # No noun stands right before an article, whatever verb comes further on.
    opens_object = after is not None and after.tag == "DET" and before in {"N", "PN"}
    if (nounish or before == "N") and not opens_object and _verb_ahead(spot):
        return "N"
    if before in {"N", "PN"} and not _agrees(spot.previous, forms):
        return "N"
    if before in {"N", "PN", ")", ",", "DATE", "CONJ"}:
        if (
            form == "s"
            and before == "N"
            and (after is None or not object_next or after.tag == "ADV")
            and _after_its_verb(spot)
        ):
            return "N"
        alone = before in {"N", "PN"} and _without_a_verb(spot)
        if nounish:
            return form if (object_next and before in {"N", "PN"}) or (alone and before == "N") else "N"
        return form if form == "s" or object_next or before == "N" or alone else "N"
    if not before and not nounish:
        return "base" if "base" in forms and object_next else "N" if "s" in forms else "base"
    return "N"


def _counted(spot: _Spot) -> bool:
    """ "Both condemn the raid", "all six reject it": a number of people that needs no noun."""
    if "base" not in spot.forms or spot.previous is None:
        return False
    return spot.previous.tag == "NUM" or spot.previous.low in _SOME


def _verb_ahead(spot: _Spot) -> bool:
    """Whether a finite verb follows before the clause ends: then this word is no verb itself."""
    token, language = spot.token, spot.language
    if token.lemma in language.cue("say") or token.lemma in _COMPLEMENT:
        return False
    for later in spot.tokens[spot.i + 1 : spot.i + 9]:
        if later.tag in {",", ";", ":", ".", "SUB", "REL", "CONJ", "TO", "DASH", "("} or later.low in {
            "to",
            "that",
        }:
            return False
        if later.tag in {"AUX", "MOD"}:
            return not later.low.endswith("ing")
        if later.tag == "?" and "past" in language.forms[later.low][1] and not later.low.endswith("ing"):
            return True
    return False


def _after_its_verb(spot: _Spot) -> bool:
    """Whether an article and a noun before it are the object of a verb: "they accuse the security forces again"."""
    if spot.i < 3 or spot.tokens[spot.i - 2].tag != "DET":
        return False
    verb = spot.tokens[spot.i - 3]
    speaks = verb.lemma in spot.language.cue("say") or verb.lemma in _COMPLEMENT
    return verb.tag == "V" and not speaks


def _without_a_verb(spot: _Spot) -> bool:
    """Whether the sentence, or the clause that "that" opens, has no other word that may be its verb.

    "Residents fear reprisals", "he said that the crews stand by him".
    """
    nouns = spot.language.nounish
    opened = next((k for k in range(spot.i - 1, -1, -1) if spot.tokens[k].tag == "SUB"), -1)
    for k, token in enumerate(spot.tokens[opened + 1 :], opened + 1):
        if token.tag in {"V", "AUX", "MOD"}:
            return False
        if token.tag == "?" and k != spot.i and not (token.low in nouns or token.lemma in nouns):
            return False
    return True


def _agrees(previous: Token | None, forms: frozenset[str]) -> bool:
    """Whether the noun before fits as subject: plural with a base form, singular with an -s form."""
    if previous is None:
        return True
    if previous.tag == "PN":
        return True
    plural = (previous.low.endswith("s") and not previous.low.endswith("ss")) or previous.low in _PLURALS
    return plural != ("s" in forms)
