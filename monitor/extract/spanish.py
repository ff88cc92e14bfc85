"""What Spanish needs beside its lexicon: clitics, "que", word order, the passive with "se", noun phrases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from monitor.extract.tokens import Token

if TYPE_CHECKING:
    from monitor.extract.chunks import Chunk
    from monitor.extract.language import Language, Role
    from monitor.extract.verbs import Verb

_CLITICS: Final = frozenset({"se", "le", "les", "lo", "me", "te", "nos", "os"})
_ARTICLE_CLITICS: Final = frozenset({"la", "los", "las", "lo"})
_GOING: Final = frozenset({"va", "van", "iba", "iban"})
_JUST: Final = frozenset({"acaba", "acaban", "acababa", "acababan"})
_WORDS: Final = {
    "de": "of",
    "del": "of",
    "al": "a",
    "por": "by",
    "por parte de": "by",
    "a manos de": "by",
    "que": "that",
}
_TENS: Final = frozenset({"treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"})
_UNITS: Final = frozenset(
    {"uno", "un", "una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"}
)
_PAST: Final = frozenset(
    "fue fueron era eran estuvo estuvieron estaba estaban había habían hubo hubieron".split()
)
_SUBJUNCTIVE: Final = frozenset(
    "sea sean fuera fueran fuese fuesen esté estén estuviera estuvieran haya hayan hubiera hubieran hubiese "
    "hubiesen".split()
)
_FUTURE: Final = frozenset(
    "será serán sería serían estará estarán estaría estarían habrá habrán habría habrían".split()
)
_INFINITIVE: Final = frozenset({"ser", "estar", "haber", "sido"})
_HOURS: Final = frozenset("madrugada mediodía medianoche noche semana tarde mes año víspera jornada".split())
_LAST: Final = frozenset({"pasado", "pasada", "próximo", "próxima", "último", "última"})
_TELLING: Final = ("past", "s", "future", "part", "ing", "base", "subj")


def word(text: str) -> str:
    """Return a preposition or conjunction as frames name it: "del" -> "of", "por parte del" -> "by"."""
    plain = text.removesuffix("l") if text.endswith((" del", " al")) else text
    return _WORDS.get(plain, plain)


def before_verbs(tokens: list[Token]) -> None:
    """Settle, before verbs are chosen, times, clitics, "va a", "acaba de" and numerals with "y"."""
    for i, token in enumerate(tokens[:-1]):
        after = tokens[i + 1]
        if _time(token, after):
            continue
        if (
            token.low in _CLITICS
            and (after.tag in {"?", "AUX", "MOD"} or after.low in _CLITICS | _ARTICLE_CLITICS)
        ) or (token.low in _ARTICLE_CLITICS and after.tag in {"AUX", "MOD"}):
            token.tag = "ADV"
        elif token.low == "y" and i and tokens[i - 1].low in _TENS and after.low in _UNITS:
            token.tag = after.tag = "NUM"
        elif after.low in {"a", "de"} and i + 2 < len(tokens):
            _periphrasis(token, after, tokens[i + 2])


def _time(token: Token, after: Token) -> bool:
    """ "el lunes", "la semana pasada", "medianoche" are times; "Julio Ferrán" is none."""
    if token.tag == "DET" and (after.tag == "DATE" or after.low in _HOURS):
        token.tag = after.tag = "DATE"
    elif token.tag == "DATE" and token.capital and after.tag == "PN":
        token.tag = "PN"
    elif token.low in _HOURS and token.tag == "N":
        token.tag = "DATE"
    elif token.tag == "DATE" and after.low in _LAST:
        after.tag = "DATE"
    else:
        return False
    return True


def _periphrasis(token: Token, link: Token, infinitive: Token) -> None:
    """ "va a detener" is still to come, "acaba de detener" is past."""
    if infinitive.tag not in {"?", "AUX"} or not infinitive.low.rstrip("soea").endswith(("r", "l")):
        return
    if token.low in _GOING and link.low == "a":
        token.tag, token.lemma, link.tag = "MOD", "ir", "ADV"
    elif token.low in _JUST and link.low == "de":
        token.tag, token.lemma, link.tag = "AUX", "do", "ADV"


def choose(
    forms: frozenset[str], previous: Token | None, i: int, tokens: list[Token], language: Language
) -> str:
    """Return the verb form of an ambiguous word, or N or ADJ."""
    low = tokens[i].low
    before = previous.tag if previous is not None else ""
    if low in language.adjectives and before in {"N", "PN", "ADJ"} and "past" not in forms:
        return "ADJ"
    noun = low in language.nounish or low in language.roles or language.singular(low) in language.roles
    sure = bool(forms & {"past", "future"}) and "part" not in forms
    if before == "DET" and previous is not None and previous.low in _ARTICLE_CLITICS and sure and not noun:
        previous.tag = "ADV"
        return "past" if "past" in forms else "future"
    if before == "PREP" and forms & {"base", "ing"} and not noun:
        return "base" if "base" in forms else "ing"
    if before in {"DET", "PREP"} or (before == "NUM" and not sure) or (before == "ADJ" and noun and not sure):
        return "ADJ" if "part" in forms and not noun else "N"
    if noun and not sure and not _acts(before, i, tokens):
        return "N"
    return next((form for form in _TELLING if form in forms), "N")


def _acts(before: str, i: int, tokens: list[Token]) -> bool:
    """Whether a word that is mostly a noun is a verb: after its subject and before an object or "que"."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if after is None or after.tag in {".", ",", "CONJ"}:
        return before in {"PRON", "REL"}
    held = after.tag in {"DET", "PN", "SUB", "REL", "NUM", "ADV", "PRON"} or after.low in {
        "que",
        "a",
        "al",
        "contra",
    }
    return (
        before in {"N", "PN", "ADJ", "PRON", "REL", ")", "ADV"}
        and (held or (after.tag == "PREP" and before != "N"))
    ) or (after.low in {"que", "a", "al"} or (after.tag == "DET" and before in {",", "", "DATE"}))


def after_verbs(tokens: list[Token]) -> None:
    """Settle "que": a relative after a noun, else a conjunction; "de que" is one word."""
    for i, token in enumerate(tokens):
        if token.low != "que" or token.tag not in {"REL", "SUB", "PRON"}:
            continue
        left = tokens[i - 1] if i else None
        if left is not None and left.low == "de" and left.tag == "PREP":
            left.tag, token.tag, token.lemma = "PREP*", "SUB", "that"
        elif left is not None and left.tag in {"N", "PN", ",", ")", "DET", "PREP", "PRON", "ADJ"}:
            speaks = any(t.tag == "V" and t.lemma == "decir" for t in tokens[max(0, i - 4) : i])
            token.tag, token.lemma = ("SUB", "that") if speaks and left.tag != "," else ("REL", "")
        else:
            token.tag, token.lemma = "SUB", "that"


def finite_form(first: Token, head: Token) -> str:
    """Return the form of a verb group by its first word."""
    low = first.low
    if first.tag == "MOD":
        return "modal"
    if first.tag != "AUX":
        return "inf" if head.form == "base" else head.form
    if first.lemma == "do":
        return "past"
    for words, form in ((_PAST, "past"), (_SUBJUNCTIVE, "subj"), (_FUTURE, "future"), (_INFINITIVE, "inf")):
        if low in words:
            return form
    return "ing" if low in {"siendo", "estando", "habiendo"} else "s"


def objects(verb: Verb, tokens: list[Token], make: type[Chunk]) -> None:
    """ "detuvo a X": X is the object; "lo detuvo", "le abrió": the clitic is."""
    if not verb.object and not verb.passive:
        held = next((n for n, (prep, _) in enumerate(verb.preps) if prep == "a"), None)
        if held is not None:
            verb.object = list(verb.preps[held][1])
            return
    for k in range(max(0, verb.start - 2), verb.main):
        low = tokens[k].low
        if tokens[k].tag != "ADV" or low not in _CLITICS | _ARTICLE_CLITICS or low == "se":
            continue
        clitic = make(k, k + 1, k, "pron")
        if low in {"le", "les"} and verb.object:
            if not any(prep == "a" for prep, _ in verb.preps):
                verb.preps.append(("a", [clitic]))
        elif not verb.object:
            verb.object = [clitic]


def order(verb: Verb, tokens: list[Token], language: Language) -> None:
    """Subjects after the verb ("renunció el ministro", "fue detenido X") and the passive with "se"."""
    base = verb.base
    if verb.subject and not verb.antecedent:
        verb.subject = [
            c for c in verb.subject if not c.start or not tokens[c.start - 1].tag.startswith("PREP")
        ]
    if not verb.object or any(c.kind == "pron" for c in verb.object):
        return
    reflexive = any(
        tokens[k].low == "se" and tokens[k].tag == "ADV" for k in range(max(0, verb.start - 1), verb.main)
    )
    if base in language.cue("inverts") and not verb.subject:
        verb.subject, verb.object = verb.object, []
    elif (verb.passive and not verb.subject) or (
        reflexive and not verb.subject and base not in language.cue("reflexive")
    ):
        verb.subject, verb.object, verb.passive = verb.object, [], True


def head(tokens: list[Token], i: int, j: int) -> int:
    """Return the head of a noun phrase: its first noun, or the last word of the name it begins with."""
    first = next((k for k in range(i, j) if tokens[k].tag in {"N", "PN"}), None)
    if first is None:
        return (
            next((k for k in range(j - 1, i - 1, -1) if tokens[k].tag != "ADJ"), i)
            if tokens[i].tag == "NUM"
            else j - 1
        )
    if tokens[first].tag == "N":
        return first
    while first + 1 < j and (
        tokens[first + 1].tag == "PN" or (first + 2 < j and tokens[first + 2].tag == "PN")
    ):
        first += 1
    return first


def role_of(chunk: Chunk, tokens: Sequence[Token], language: Language) -> Role | None:
    """Return the role that begins at the head noun, longest first ("fiscal de la nación")."""
    start = chunk.name[0] if chunk.name and chunk.name[0] <= chunk.head else chunk.head
    for width in (5, 4, 3, 2, 1):
        text = " ".join(t.low for t in tokens[start : start + width])
        found = language.roles.get(text)
        if found is None and width < 3:
            first, gap, rest = text.partition(" ")
            found = language.roles.get(f"{language.singular(first)}{gap}{rest}")
        if found:
            return found
    return None


def root(chunks: list[Chunk], k: int) -> int:
    """Return the chunk whose "de" phrase ends with chunk `k`: "la fiscal" of "la fiscal de la nación"."""
    while k > 0 and chunks[k] in chunks[k - 1].of:
        k -= 1
    return k
