"""Word classes by closed lists, verb forms and neighbourhood: no model, no training, linear time.

Good enough to find clauses in news: what matters is to tell verbs from nouns next to the triggers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.extract import spanish
from monitor.extract.language import Language
from monitor.extract.numbers import bound_before
from monitor.extract.tokens import DASHES, QUOTES, Token
from monitor.extract.verb_or_noun import verb_or_noun

_ADJ_SUFFIX: Final = (
    "al",
    "ive",
    "ous",
    "ful",
    "less",
    "ic",
    "able",
    "ible",
    "ary",
    "ish",
    "ese",
    "ian",
    "ical",
)
_REMEMBERED: Final = 20_000
_POINTERS: Final = frozenset(
    {"last", "this", "next", "past", "previous", "that", "earlier", "later", "late", "early"}
)
_TIMES: Final = frozenset(
    "week month year weekend night morning evening afternoon summer winter spring autumn decade "
    "century".split()
)
_WORDNUM: Final = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
    "million billion dozen dozens hundreds thousands millions half first second third uno dos tres cuatro "
    "cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho "
    "diecinueve veintiuno veintiún veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve doscientos doscientas trescientos trescientas cuatrocientos cuatrocientas "
    "quinientos quinientas seiscientos setecientos ochocientos novecientos veinte treinta cuarenta "
    "cincuenta sesenta setenta ochenta noventa cien ciento mil "
    "millones millón decenas cientos miles docena docenas".split()
)
DATE_WORDS: Final = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow tonight january "
    "february april june july august september october november december lunes martes miércoles jueves "
    "viernes sábado domingo hoy ayer mañana anoche enero febrero abril mayo junio julio agosto septiembre "
    "setiembre octubre noviembre diciembre marzo".split()
)
# Months that are names of people as well.
_MONTH_NAMES: Final = frozenset("march may april june august".split())
_BEFORE_MONTHS: Final = frozenset("in since last this next until till early late mid".split())
_BEFORE_MONTHS_OR_PEOPLE: Final = frozenset("by from to through during between and".split())
_PARTS_OF_MONTHS: Final = frozenset("middle end start beginning half month".split())
# Times of day that "at" or "before" make a date: "at dawn police came" has no dawn police.
_CLOCK: Final = frozenset("dawn daybreak sunrise noon midday dusk sunset nightfall midnight".split())
_INITIALS: Final = frozenset({"US", "U.S.", "UK", "EU", "UN"})
_OPENINGS: Final = frozenset({"Q", ":", ";", "DASH", ".", "("})
_NO_NOUN: Final = frozenset(
    "of in on at by for and or is was are were has have had who which that to said says with from".split()
)


def names_inside(sentences: Sequence[Sequence[Token]]) -> frozenset[str]:
    """Return the words that a text writes with a capital inside its sentences, and nowhere without one."""
    capital: set[str] = set()
    small: set[str] = set()
    for tokens in sentences:
        for i, token in enumerate(tokens):
            if not token.capital:
                small.add(token.low)
            elif i and not token.text.isupper():
                capital.add(token.low)
    return frozenset(capital - small)


def tag(
    tokens: list[Token], language: Language, *, quoted: bool = False, names: frozenset[str] = frozenset()
) -> bool:
    """Give every token its tag, lemma and verb form, in place.

    `quoted`: whether the sentence begins inside quotation marks; returns whether it ends inside them. `names`: what
    the text writes with a capital inside its sentences, so that a capital at their beginning says the same.
    """
    seen = language.seen
    for i, token in enumerate(tokens):
        known = None if token.capital else seen.get(token.low)
        if known is not None:
            token.tag, token.lemma = known
        elif token.text in QUOTES:
            token.tag = "Q"
            quoted = token.text in "“«„" or (token.text not in "”»" and not quoted)
            continue
        elif not i and token.capital and token.low in names and _begins_name(token.low, language):
            token.tag = "PN"
        else:
            token.tag = _lookup(token, i, tokens, language)
            if not token.capital and len(seen) < _REMEMBERED and _settled(token.low, language):
                seen[token.low] = (token.tag, token.lemma)
        token.quoted = quoted
    _phrases(tokens, language)
    _bounds(tokens)
    if language.like == "es":
        spanish.before_verbs(tokens)
    for i, token in enumerate(tokens):
        if token.tag == "?":
            verb_or_noun(i, tokens, language)
    _repair(tokens)
    if language.like == "es":
        spanish.after_verbs(tokens)
    return quoted


def _begins_name(low: str, language: Language) -> bool:
    """Whether a word that is a name elsewhere in the text may be one here: no date, number, function or role word."""
    known = low in language.function or low in language.roles or low in DATE_WORDS or low in _WORDNUM
    return not known and low[0].isalpha()


def _settled(low: str, language: Language) -> bool:
    """Whether a lower-case word has the same class in every sentence."""
    if low[0].isdigit() or low in language.closed["possessive"]:
        return False
    return language.like != "en" or not low.endswith(_ADJ_SUFFIX)


def _lookup(token: Token, i: int, tokens: list[Token], language: Language) -> str:
    low, closed = token.low, language.closed
    if not (low[0].isalnum() or low[0] in "'’"):
        return _punctuation(token)
    if low[0].isdigit() or low in _WORDNUM:
        return "ADJ" if low[0].isdigit() and low[-1].isalpha() and not low.isalnum() else "NUM"
    if low in _MONTH_NAMES and token.capital:
        if _month_like(token, i, tokens):
            return "DATE"
        if _first_name(i, tokens):
            return "PN"
    if token.text in _INITIALS or (token.capital and i and _is_name(token, i, tokens, language)):
        return "PN"
    if low in DATE_WORDS:
        return "DATE"
    if low in closed["possessive"] and i and tokens[i - 1].tag in {"N", "PN", "NUM", "DATE", "?", "ADJ"}:
        return "POSS"
    known = language.function.get(low)
    if known is not None:
        tagged, lemma = known
        token.lemma = lemma or token.lemma
        return tagged
    return _content_word(token, i, tokens, language)


def _is_name(token: Token, i: int, tokens: list[Token], language: Language) -> bool:
    """Whether a capitalised word inside a sentence is a name: no function word, date or headline capitals."""
    low, closed = token.low, language.closed
    if _shouting(tokens, i) or low in DATE_WORDS or (low in closed["modal"] and low != "may"):
        return False
    if low in closed["pron"] or low in closed["det"] or low in closed["prep"] or low in closed["rel"]:
        return False
    return not _opens_speech(token, i, tokens, language)


def _opens_speech(token: Token, i: int, tokens: list[Token], language: Language) -> bool:
    """Whether a small word has its capital from what it opens ("If we lose", "There were …") or is shouted ("NOT")."""
    small = token.low in language.function or token.low in language.adverbs
    return small and (tokens[i - 1].tag in _OPENINGS or (token.text.isupper() and len(token.text) > 1))


def _month_like(token: Token, i: int, tokens: list[Token]) -> bool:
    """Whether a word that names people too ("May", "April") is the month here: beside a number, or after "in"."""
    near = [t.low for t in (*tokens[max(0, i - 1) : i], *tokens[i + 1 : i + 2])]
    if any(word[:1].isdigit() for word in near):
        return True
    if not i or token.text.isupper():
        return False
    before = tokens[i - 1].low
    if before == "of":
        return i > 1 and tokens[i - 2].low in _PARTS_OF_MONTHS
    follows = i + 1 < len(tokens) and tokens[i + 1].capital
    return before in _BEFORE_MONTHS or (before in _BEFORE_MONTHS_OR_PEOPLE and not follows)


def _first_name(i: int, tokens: list[Token]) -> bool:
    """Whether a month's word stands before a surname ("April Jones"), and no word before it asks for a date."""
    if i + 1 >= len(tokens) or (i and tokens[i - 1].low in _BEFORE_MONTHS):
        return False
    after = tokens[i + 1]
    return after.capital and not after.text.isupper() and after.low not in DATE_WORDS


def _content_word(token: Token, i: int, tokens: list[Token], language: Language) -> str:
    low = token.low
    follows_capital = token.capital and i + 1 < len(tokens) and tokens[i + 1].text[:1].isupper()
    if token.capital and not i and _begins_title(tokens):
        return "PN"
    if token.capital and not i and low not in language.forms and low not in language.roles:
        known = (
            low in language.adjectives
            or low in language.adverbs
            or low.endswith("ly")
            or language.singular(low) in language.roles
        )
        if follows_capital or not known:
            return "PN" if follows_capital or not _common(low) else "N"
    if low in language.forms:
        token.lemma = language.forms[low][0]
        return "?"
    if low in language.adverbs or (low.endswith("ly") and len(low) > 4 and language.like == "en"):
        return "ADV"
    if low.endswith("mente") and language.like == "es":
        return "ADV"
    if low in language.adjectives:
        return "ADJ"
    if (
        language.like == "en"
        and low.endswith(_ADJ_SUFFIX)
        and low not in language.roles
        and i + 1 < len(tokens)
        and tokens[i + 1].low[:1].isalpha()
    ):
        return "ADJ" if _noun_follows(tokens, i) else "N"
    return "N"


def _begins_title(tokens: list[Token]) -> bool:
    """Whether a sentence begins with "Secretary of State …" or "Minister of Justice …"."""
    if len(tokens) < 4 or tokens[1].low not in {"of", "de"}:
        return False
    return tokens[2].capital and tokens[3].capital and not tokens[0].text.isupper()


def _common(low: str) -> bool:
    return low.endswith(("s", "ing", "ed", "ion", "ment", "ness", "ity", "ance", "ence", "ers"))


def _noun_follows(tokens: list[Token], i: int) -> bool:
    after = tokens[i + 1]
    return after.low.isalpha() and after.low not in _NO_NOUN


def _shouting(tokens: list[Token], i: int) -> bool:
    """Whether the word stands in a run of capitals (a headline), where capitals say nothing."""
    text = tokens[i].text
    if not text.isupper() or len(text) < 2:
        return False
    near = [
        t for t in tokens[max(0, i - 3) : i + 4] if t.low.isalpha() and t is not tokens[i] and len(t.text) > 1
    ]
    return sum(t.text.isupper() for t in near) >= max(2, len(near) * 0.6)


def _punctuation(token: Token) -> str:
    text = token.text
    if text in DASHES:
        return "DASH"
    if text in "([{":
        return "("
    if text in ")]}":
        return ")"
    if text in ",;:":
        return text
    if text in ".!?…" or text.startswith(".."):
        return "."
    if text in "%$€£":
        return "SYM"
    return "X"


def _phrases(tokens: list[Token], language: Language) -> None:
    phrases = language.phrases
    for i in range(len(tokens) - 1):
        low = tokens[i].low
        if low not in phrases:
            continue
        after = tokens[i + 1].low
        for words, tagged in phrases[low]:
            if after == words[1] and words == tuple([t.low for t in tokens[i : i + len(words)]]):
                for part in tokens[i : i + len(words)]:
                    part.tag = "PREP*"
                tokens[i].tag = tagged
                tokens[i].lemma = " ".join(words)
                break


def _bounds(tokens: list[Token]) -> None:
    """Words that bound a number ("at least") or point to a time ("last week") belong to it."""
    for i, token in enumerate(tokens):
        if token.low in _POINTERS and i + 1 < len(tokens):
            after = tokens[i + 1]
            if after.low in _TIMES or after.tag == "DATE":
                token.tag = after.tag = "DATE"
        if token.low in _CLOCK and i and tokens[i - 1].tag == "PREP":
            token.tag = "DATE"
        if token.tag == "NUM":
            bound = bound_before(tokens, i)
            if bound is not None:
                for part in tokens[bound[1] : i]:
                    part.tag = "ADV"


def _repair(tokens: list[Token]) -> None:
    """ "To" without a verb, "before" with an -ing form and "like" after a modal change their class."""
    for i, token in enumerate(tokens):
        if token.tag not in {"TO", "SUB", "PREP"}:
            continue
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if (
            token.tag == "TO"
            and not (
                after and ((after.tag == "V" and after.form == "base") or after.tag in {"ADV", "AUX", "NEG"})
            )
        ) or (
            token.tag == "SUB"
            and after is not None
            and token.low in {"before", "after", "since", "until", "as"}
            and after.tag == "V"
            and after.form == "ing"
        ):
            token.tag = "PREP"
        elif token.tag == "PREP" and token.low == "like" and i and tokens[i - 1].tag in {"MOD", "TO"}:
            token.tag, token.form, token.lemma = "V", "base", "like"
