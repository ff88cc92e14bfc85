"""What a clause hangs on: the verb or noun above it, and in whose words it stands."""

from __future__ import annotations

from monitor.extract.language import Language
from monitor.extract.tokens import Token
from monitor.extract.verbs import Item, Verb


def govern(items: list[Item], k: int, verb: Verb, language: Language) -> None:
    """Find what an infinitive, a complement or a condition hangs on."""
    j = k - 1
    while j >= 0 and (items[j].type in {"T", "Q"}):
        j -= 1
    if j < 0:
        return
    if verb.form in {"inf", "ing"} or (verb.form == "base" and items[j].type in {"C", "P"}):
        _hang(items, j, verb, language)
        if verb.governor is not None or verb.noun_governor is not None:
            return
    m = j
    while m >= 0 and (items[m].type in {"N", "T", "P", "Q", "("} or _inside_apposition(items, m)):
        m -= 1
    above = items[m].verb if m >= 0 else None
    if m >= 0 and items[m].type == "S":
        _under_conjunction(items, m, verb, language)
    elif above is not None and above.base in language.cue("say") and m != k - 1:
        verb.governor, verb.link = above, "that"
    elif items[j].type == "C":
        earlier = _verb_before(items, j)
        if earlier is not None and earlier.governor is not None and _same_shape(verb, earlier):
            verb.governor, verb.link = earlier.governor, earlier.link


def _verb_before(items: list[Item], m: int) -> Verb | None:
    return next((verb for n in range(m, -1, -1) if (verb := items[n].verb) is not None), None)


def _under_conjunction(items: list[Item], m: int, verb: Verb, language: Language) -> None:
    word, earlier = items[m].word, _verb_before(items, m)
    if word in language.cue("hypothetical_sub"):
        verb.link = "if"
    else:
        verb.link = "that" if word in {"that", "que"} else "sub"
    if earlier is not None and verb.link in {"that", "if"}:
        verb.governor = earlier
    elif verb.link == "that" and m >= 1 and items[m - 1].type == "N":
        verb.noun_governor = items[m - 1].chunk


def _inside_apposition(items: list[Item], m: int) -> bool:
    """Whether a comma only sets off an apposition, so that the clause goes on to its left."""
    if items[m].type != "," or not m or m + 1 >= len(items):
        return False
    left, right = items[m - 1].chunk, items[m + 1].chunk
    return left is not None and (
        left.follower
        or (right is not None and (right.follower or right.apposed is left or right in left.members()))
    )


def _same_shape(verb: Verb, earlier: Verb) -> bool:
    finite = {"past", "s", "modal"}
    return verb.form == earlier.form or (
        verb.form in finite and earlier.form in finite and earlier.link == "that"
    )


def _hang(items: list[Item], j: int, verb: Verb, language: Language) -> None:
    link = "inf" if verb.form in {"inf", "base"} else "ing"
    for m in range(j, max(-1, j - 8), -1):
        item = items[m]
        if item.type == "V" and item.verb is not None:
            verb.governor, verb.link = item.verb, link
            return
        if (
            item.type == "N"
            and item.chunk is not None
            and m == j
            and (
                item.word in language.cue("plan_nouns")
                or item.word in language.cue("demand_nouns")
                or item.word in language.cue("threat_nouns")
            )
        ):
            verb.noun_governor, verb.link = item.chunk, link
            return
        if item.type == "P" and item.word == "of" and m and items[m - 1].chunk is not None:
            verb.noun_governor, verb.link = items[m - 1].chunk, link
            return
        if item.type in {";", "."}:
            return


def link_speech(items: list[Item], verbs: list[Verb], tokens: list[Token], language: Language) -> None:
    """Tell, for every clause, in whose words it stands: a governing or an enclosing say-verb."""
    say = language.cue("say")
    for verb in verbs:
        above, guard = verb.governor, 0
        while above is not None and guard < 6:
            if (
                above.base in say
                and verb.link in {"that", "inf", "if", "ing"}
                and above.subject is not verb.subject
            ):
                verb.speech = above
                break
            above, guard = above.governor, guard + 1
    for n, last in enumerate(verbs):
        if last.base in say and not last.passive and _trails(items, last, tokens):
            for verb in verbs[:n]:
                if (
                    verb.speech is None
                    and verb.subject is not last.subject
                    and not _parted(items, verb, last)
                ):
                    verb.speech = last


def _trails(items: list[Item], verb: Verb, tokens: list[Token]) -> bool:
    """Whether a say-verb closes what it tells: "…, the police said"."""
    follows = any(item.type == "," for item in items[max(0, verb.item - 6) : verb.item + 1]) or (
        tokens[0].quoted and not tokens[verb.main].quoted
    )
    after = next(
        (item for item in items[verb.item + 1 :] if item.type not in {"T", "P", "N", "Q", "("}), None
    )
    ends = after is None or after.type in {".", ";", ","}
    return follows and ends and not verb.object and bool(verb.subject)


def _parted(items: list[Item], left: Verb, right: Verb) -> bool:
    return any(item.type == ";" for item in items[left.item : right.item])
