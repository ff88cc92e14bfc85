"""Inflection: from base forms in the lexicon to the word forms that texts contain, in English and Spanish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

Forms = dict[str, tuple[str, frozenset[str]]]

_VOWELS: Final = "aeiou"
_DOUBLED: Final = frozenset(
    "get put set cut hit shut run win begin sit let quit swim forget bid spin split dig beget".split()
)


def verb_forms(code: str, verbs: Mapping[str, Any]) -> Forms:
    """Return word form -> (lemma, possible forms) for all verbs of a `verbs.toml`."""
    rules = {"en": _english, "es": _spanish}.get(code)
    pairs = [*(rules(verbs) if rules else ()), *_listed(verbs)]
    found: dict[str, tuple[str, set[str]]] = {}
    for form, lemma, name in pairs:
        if form in found and found[form][0] == lemma:
            found[form][1].add(name)
        elif form not in found:
            found[form] = (lemma, {name})
    return {form: (lemma, frozenset(names)) for form, (lemma, names) in found.items()}


def _english(verbs: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    irregular = verbs.get("irregular", {})
    double = frozenset(verbs.get("double", ()))
    for lemma, (past, part) in ((k, _pair(v)) for k, v in irregular.items()):
        yield lemma, lemma, "base"
        yield english_s(lemma), lemma, "s"
        yield english_ing(lemma, double), lemma, "ing"
        for form in past:
            yield form, lemma, "past"
        for form in part:
            yield form, lemma, "part"
    for lemma in [*verbs.get("regular", ()), *double]:
        if lemma in irregular:
            continue
        yield lemma, lemma, "base"
        yield english_s(lemma), lemma, "s"
        yield english_ing(lemma, double), lemma, "ing"
        yield english_ed(lemma, double), lemma, "past"
        yield english_ed(lemma, double), lemma, "part"


def _listed(verbs: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    """Yield what `forms` lists, and the regular verbs by the language's own `endings`.

    `forms.gripa = {past = "grep"}`; `endings.ar = {past = ["ou", "aram"]}`, keyed by what the lemma ends in.
    """
    for lemma, forms in verbs.get("forms", {}).items():
        yield lemma, lemma, "base"
        for name, items in forms.items():
            for form in items.split() if isinstance(items, str) else items:
                yield form, lemma, name
    endings = sorted(verbs.get("endings", {}), key=len, reverse=True)
    for lemma in verbs.get("regular", ()):
        ending = next((e for e in endings if lemma.endswith(e)), None)
        if ending is not None:
            yield lemma, lemma, "base"
            for name, suffixes in verbs["endings"][ending].items():
                for suffix in suffixes:
                    yield lemma.removesuffix(ending) + suffix, lemma, name


def _pair(forms: list[str]) -> tuple[list[str], list[str]]:
    past, part = forms[0], forms[1] if len(forms) > 1 else forms[0]
    return past.split("/"), part.split("/")


def english_s(lemma: str) -> str:
    """Return the third person: try -> tries, pass -> passes."""
    if lemma.endswith(("s", "x", "z", "ch", "sh", "o")):
        return lemma + "es"
    if lemma.endswith("y") and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ies"
    return lemma + "s"


def english_ed(lemma: str, double: frozenset[str]) -> str:
    """Return the regular past: ban -> banned (where `double` says so), try -> tried, charge -> charged."""
    if lemma in double:
        return lemma + lemma[-1] + "ed"
    if lemma.endswith("e"):
        return lemma + "d"
    if lemma.endswith("y") and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ied"
    if lemma.endswith("c"):
        return lemma + "ked"
    return lemma + "ed"


def english_ing(lemma: str, double: frozenset[str]) -> str:
    """Return the -ing form: ban -> banning, charge -> charging, die -> dying."""
    if lemma in double or lemma in _DOUBLED:
        return lemma + lemma[-1] + "ing"
    if lemma.endswith("ie"):
        return lemma[:-2] + "ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")) and len(lemma) > 2:
        return lemma[:-1] + "ing"
    if lemma.endswith("c"):
        return lemma + "king"
    return lemma + "ing"


_ES_REGULAR: Final = {
    "ar": {
        "s": ["a", "an"],
        "past": ["ó", "aron", "aba", "aban"],
        "part": ["ado", "ada", "ados", "adas"],
        "ing": ["ando"],
        "future": ["ará", "arán", "aría", "arían"],
        "subj": ["e", "en", "ara", "aran", "ase", "asen"],
    },
    "er": {
        "s": ["e", "en"],
        "past": ["ió", "ieron", "ía", "ían"],
        "part": ["ido", "ida", "idos", "idas"],
        "ing": ["iendo"],
        "future": ["erá", "erán", "ería", "erían"],
        "subj": ["a", "an", "iera", "ieran", "iese", "iesen"],
    },
    "ir": {
        "s": ["e", "en"],
        "past": ["ió", "ieron", "ía", "ían"],
        "part": ["ido", "ida", "idos", "idas"],
        "ing": ["iendo"],
        "future": ["irá", "irán", "iría", "irían"],
        "subj": ["a", "an", "iera", "ieran", "iese", "iesen"],
    },
}


def _spanish(verbs: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    irregular = verbs.get("irregular", {})
    for lemma, forms in irregular.items():
        yield lemma, lemma, "base"
        for name, items in forms.items():
            for form in items.split() if isinstance(items, str) else items:
                yield form, lemma, name
    for lemma in [*verbs.get("regular", ()), *irregular]:
        stem, ending = lemma[:-2], lemma[-2:].replace("í", "i")
        yield lemma, lemma, "base"
        for clitic in ("se", "lo", "la", "los", "las", "le", "les"):
            yield lemma + clitic, lemma, "base"
        given = irregular.get(lemma, {})
        for name, endings in _ES_REGULAR.get(ending, {}).items():
            if name in given and name != "past":
                continue
            for suffix in endings:
                if name == "past" and name in given and suffix in {"ó", "aron", "ió", "ieron"}:
                    continue
                yield _es_spell(stem, suffix) if ending == "ar" else stem + suffix, lemma, name


def _es_spell(stem: str, suffix: str) -> str:
    front = suffix[0] in "eéií"
    if front and stem.endswith("c") and suffix[0] in "eé":
        return f"{stem[:-1]}qu{suffix}"
    if front and stem.endswith("g") and suffix[0] in "eé":
        return f"{stem}u{suffix}"
    if front and stem.endswith("z"):
        return f"{stem[:-1]}c{suffix}"
    return stem + suffix


def plural(code: str, noun: str) -> str:
    """Return the regular plural of a noun phrase whose head is its last (English) or first (Spanish) word."""
    if code == "es":
        head, _, rest = noun.partition(" ")
        ending = "" if head.endswith("s") else "s" if head[-1] in "aeioué" else "es"
        head = head[:-1] + "c" if head.endswith("z") else head
        if head.endswith("ón"):
            head = head[:-2] + "on"
        return f"{head}{ending} {rest}".strip()
    first, gap, last = noun.rpartition(" ")
    if last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("man") and last not in {"human", "german", "roman", "shaman"}:
        last = last[:-2] + "en"
    elif last.endswith("y") and last[-2:-1] not in _VOWELS:
        last = last[:-1] + "ies"
    else:
        last += "s"
    return first + gap + last


@lru_cache(maxsize=16384)
def singular(code: str, word: str) -> str:
    """Return the regular singular of a noun form, or the word itself."""
    if code == "es":
        if word.endswith("ces"):
            return word[:-3] + "z"
        if word.endswith("iones"):
            return word[:-5] + "ión"
        if word.endswith("es") and word[-3:-2] in "rlndj":
            return word[:-2]
        return word[:-1] if word.endswith("s") and len(word) > 3 else word
    if word.endswith("men") and len(word) > 4:
        return word[:-2] + "an"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word
