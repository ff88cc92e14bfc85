"""A light clause parse: verb groups with voice, tense, negation and modality, and who does what to whom.

It knows only word classes and neighbourhoods, so it is approximate; every argument it cannot find stays
empty rather than guessed. Linear in the sentence's length.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.extract import spanish
from monitor.extract.chunks import Chunk
from monitor.extract.language import Language
from monitor.extract.tokens import Token

_OPENS_CLAUSE = frozenset({"after", "before", "since", "as", "until", "while", "when"})
_GROUP = frozenset({"MOD", "AUX", "NEG", "ADV", "TO"})


@dataclass(slots=True, eq=False)
class Verb:
    """A verb group and its arguments.

    `lemma` includes a particle ("round up"). `form`: of the group as a whole: past, s, base, part, ing, inf.
    `governor`: the verb that an infinitive or complement hangs on, `link` how (inf, that, if, rel, ing, say).
    `speech`: the say-verb whose content this clause is. `noun_governor`: the noun an infinitive hangs on.
    """

    start: int
    end: int
    main: int
    lemma: str
    form: str
    passive: bool = False
    negated: bool = False
    modal: str | None = None
    perfect: bool = False
    reduced: bool = False
    subject: list[Chunk] = field(default_factory=list)
    object: list[Chunk] = field(default_factory=list)
    preps: list[tuple[str, list[Chunk]]] = field(default_factory=list)
    governor: Verb | None = None
    link: str = ""
    noun_governor: Chunk | None = None
    speech: Verb | None = None
    antecedent: bool = False
    clause: tuple[int, int] = (0, 0)
    item: int = 0

    def slot(self, name: str) -> list[Chunk]:
        """Return the chunks of an argument slot: subject, object or a preposition."""
        if name == "subject":
            return self.subject
        if name == "object":
            return self.object
        return [chunk for prep, chunks in self.preps if prep == name for chunk in chunks]


@dataclass(slots=True)
class Item:
    """One element of a sentence as the clause rules see it: N (chunk), T (time), V, P, C, R (relative), S, or a mark."""

    type: str
    start: int
    end: int
    chunk: Chunk | None = None
    verb: Verb | None = None
    word: str = ""


def parse(tokens: list[Token], chunks: list[Chunk], language: Language) -> list[Verb]:
    """Return the verb groups of a tagged and chunked sentence, in order, with their arguments."""
    items = _items(tokens, chunks, language)
    verbs = [item.verb for item in items if item.verb is not None]
    for k, item in enumerate(items):
        if item.verb is not None:
            item.verb.item = k
            _right(items, k, item.verb, tokens, language)
            if language.code == "es":
                spanish.objects(item.verb, tokens)
    _shared_objects(items)
    for k, item in enumerate(items):
        if item.verb is not None:
            _govern(items, k, item.verb, tokens, language)
            item.verb.subject = _subject(items, k, item.verb, language)
            if language.code == "es":
                spanish.order(item.verb, tokens, language)
            item.verb.clause = _span(items, k)
    for verb in verbs:
        if verb.reduced and not verb.object and not verb.passive:
            verb.passive = _is_participle(items, verb, tokens)
    _speech(items, verbs, tokens, language)
    return verbs


def _is_participle(items: list[Item], verb: Verb, tokens: list[Token]) -> bool:
    """Whether a bare past form without an object is a participle: "those arrested in May", "X, jailed since …"."""
    if tokens[verb.main].form == "part" or any(prep == "by" for prep, _ in verb.preps):
        return True
    k = verb.item
    before = items[k - 1].type if k else ""
    if before == ",":
        return k >= 2 and items[k - 2].type == "N"
    if before != "N":
        return False
    chunk = items[k - 1].chunk
    held = k >= 2 and items[k - 2].type in {"V", "P"}
    counted = chunk is not None and chunk.number is not None and chunk.number > 1
    later = next((item.verb for item in items[k + 1 :] if item.verb is not None), None)
    finite_later = (
        later is not None
        and items[later.item - 1].type != "C"
        and later.form in {"past", "s", "modal"}
        and bool(later.subject)
        and chunk in later.subject
    )
    described = chunk is not None and chunk.follower
    return held or counted or finite_later or described


def _shared_objects(items: list[Item]) -> None:
    """ "arresting and jailing opponents": the first verb has the second one's object."""
    for left, link, right in zip(items, items[1:], items[2:], strict=False):
        if (
            left.verb is not None
            and right.verb is not None
            and link.type == "C"
            and not left.verb.object
            and not left.verb.passive
        ):
            main = right.verb.object
            if main and left.verb.end == link.start:
                left.verb.object = list(main)
                left.verb.reduced = False


def _items(tokens: list[Token], chunks: list[Chunk], language: Language) -> list[Item]:
    starts = {chunk.start: chunk for chunk in chunks}
    items: list[Item] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        chunk = starts.get(i)
        if chunk is not None:
            items.append(
                Item(
                    "T" if chunk.kind == "date" else "N",
                    i,
                    chunk.end,
                    chunk=chunk,
                    word=tokens[chunk.head].low,
                )
            )
            i = chunk.end
            continue
        verb = _verb_at(tokens, i, language)
        if verb is not None:
            items.append(Item("V", i, verb.end, verb=verb, word=verb.lemma))
            i = verb.end
            continue
        kind = {
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
        }.get(token.tag)
        if kind:
            name = token.lemma or token.low
            items.append(Item(kind, i, i + 1, word=spanish.word(name) if language.code == "es" else name))
        elif token.tag == "PREP*" and items:
            items[-1].end = i + 1
        i += 1
    return items


def _verb_at(tokens: list[Token], i: int, language: Language) -> Verb | None:
    if tokens[i].tag not in {"MOD", "AUX", "TO", "V", "NEG"}:
        return None
    j, main, seen = i, -1, []
    while j < len(tokens):
        tag = tokens[j].tag
        if tag == "V":
            main = j
            break
        if tag not in _GROUP:
            break
        if tag != "ADV" and tag != "NEG":
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
    to = any(t.tag == "TO" for t in before)
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
    modal = next((t.low for t in before if t.tag == "MOD"), None)
    first = before[0] if before and before[0].tag != "ADV" else (aux[0] if aux else head)
    form = "inf" if to else _finite_form(first, head)
    if language.code == "es":
        form = spanish.finite_form(first, head)
    verb = Verb(i, end, main, lemma, form, passive=passive, modal=modal)
    verb.negated = any(t.tag == "NEG" for t in before) or (
        end < len(tokens) and tokens[end].tag == "NEG" and head.tag == "AUX"
    )
    verb.perfect = any(t.lemma == "have" for t in aux)
    verb.reduced = not aux and modal is None and not to and head.form in {"part", "past"}
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


def _right(items: list[Item], k: int, verb: Verb, tokens: list[Token], language: Language) -> None:
    """Fill object and prepositional arguments from what follows the verb."""
    n = k + 1
    if (
        n < len(items)
        and items[n].type == "N"
        and items[n].chunk is not None
        and not _is_next_subject(items, n, verb, language)
    ):
        chunk = items[n].chunk
        if not chunk.follower or chunk.names is not None:
            verb.object = _group(chunk)
        n = _past_group(items, n)
        if (
            n < len(items)
            and items[n].type == "P"
            and items[n].word in {"up", "out", "off", "down", "in", "away", "back"}
            and not (n + 1 < len(items) and items[n + 1].type == "N")
        ):
            verb.lemma = f"{verb.lemma} {items[n].word}" if " " not in verb.lemma else verb.lemma
            n += 1
    last: list[Chunk] = verb.object
    while n < len(items):
        item = items[n]
        if item.type == "P" and n + 1 < len(items) and items[n + 1].type in {"N", "T"}:
            chunk = items[n + 1].chunk
            assert chunk is not None
            if item.word == "of" and last:
                if chunk not in last[-1].of:
                    last[-1].of.extend(c for c in _group(chunk) if c not in last[-1].of)
            else:
                verb.preps.append((item.word, _group(chunk)))
            last = _group(chunk)
            n = _past_group(items, n + 1)
        elif (
            item.type == "N"
            and not verb.object
            and not verb.passive
            and item.chunk is not None
            and item.chunk.kind != "pron"
            and not item.chunk.follower
            and not _verb_next(items, n)
        ):
            verb.object = last = _group(item.chunk)
            n = _past_group(items, n)
        elif (
            item.type == "T"
            or (item.type == "N" and item.chunk is not None and item.chunk.follower)
            or (
                item.type in {",", "Q", "("}
                and n + 1 < len(items)
                and (
                    items[n + 1].type in {"T", "P"}
                    or (items[n + 1].chunk is not None and items[n + 1].chunk.follower)
                )
            )
            or item.type in {"Q", "-", ")"}
        ):
            n += 1
        elif (
            item.type == "V"
            and item.verb is not None
            and item.verb.reduced
            and item.verb.form in {"past", "part"}
            and last
            and item.word != verb.lemma
        ):
            break
        else:
            break


def _verb_next(items: list[Item], n: int) -> bool:
    m = _past_group(items, n)
    return m < len(items) and items[m].type == "V"


def _is_next_subject(items: list[Item], n: int, verb: Verb, language: Language) -> bool:
    """Whether the chunk after a say-verb is the subject of what is said ("he said police arrested …")."""
    base = verb.lemma.split()[0]
    if base not in language.cue("say") or verb.passive:
        return False
    m = _past_group(items, n)
    while m < len(items) and items[m].type in {"P", "T"}:
        m += 2 if items[m].type == "P" else 1
    return (
        m < len(items)
        and items[m].type == "V"
        and items[m].verb is not None
        and items[m].verb.form in {"past", "s", "modal", "base"}
    )  # type: ignore[union-attr]


def _group(chunk: Chunk) -> list[Chunk]:
    if chunk.names is not None:
        return list(chunk.names.members())
    return list(chunk.members())


def _past_group(items: list[Item], n: int) -> int:
    chunk = items[n].chunk
    assert chunk is not None
    last = max(c.end for c in _group(chunk))
    while n < len(items) and items[n].start < last:
        n += 1
    return n


def _subject(items: list[Item], k: int, verb: Verb, language: Language) -> list[Chunk]:
    if verb.form in {"inf"} and verb.governor is not None:
        return (
            verb.governor.object or verb.governor.subject
            if not verb.governor.passive
            else verb.governor.subject
        )
    j = k - 1
    while j >= 0 and (
        items[j].type in {"T", "Q"} or (items[j].type == "P" and j + 1 < k and items[j + 1].type == "T")
    ):
        j -= 1
    if j < 0:
        return _inverted(items, k, verb, language)
    found = _left(items, j, verb, language)
    if not found and verb.lemma.split()[0] in language.cue("say"):
        return _inverted(items, k, verb, language)
    return found


def _left(items: list[Item], j: int, verb: Verb, language: Language) -> list[Chunk]:
    item = items[j]
    if item.type == "N" and item.chunk is not None:
        if item.chunk.kind == "pron" and item.word in language.closed["rel"]:
            return _antecedent(items, j, verb)
        return _climb(items, j)
    if item.type == "R" or (item.type == "S" and item.word == "that" and j and items[j - 1].type == "N"):
        return _antecedent(items, j, verb)
    if item.type == "," and verb.form == "ing":
        return _shared_subject(items, j, verb)
    if item.type in {",", "-", ")"}:
        return _over_insert(items, j, verb, language)
    if (
        item.type == "V"
        and item.verb is not None
        and item.verb.reduced
        and verb.form in {"past", "s", "modal"}
    ):
        item.verb.passive = item.verb.passive or not item.verb.object
        return list(item.verb.subject)
    if item.type in {"C", "P"} or (item.type == "V" and verb.form in {"ing", "inf"}):
        return _shared_subject(items, j, verb)
    return []


def _shared_subject(items: list[Item], j: int, verb: Verb) -> list[Chunk]:
    """Return the subject that a coordinated verb shares: of the nearest verb of the same shape, else the nearest."""
    earlier = [items[m].verb for m in range(j, -1, -1) if items[m].verb is not None]
    alike = next(
        (
            v
            for v in earlier
            if v is not None and v.form == verb.form and v.passive == verb.passive and v.subject
        ),
        None,
    )
    nearest = earlier[0] if earlier else None
    if nearest is None:
        return []
    if alike is not None and verb.form in {"past", "s"} and nearest.passive and not verb.passive:
        return list(alike.subject)
    return list(nearest.subject)


def _antecedent(items: list[Item], j: int, verb: Verb) -> list[Chunk]:
    m = j - 1
    while m >= 0 and items[m].type in {",", "P", "Q", "T"}:
        m -= 1
    if m >= 0 and items[m].type == "N":
        verb.antecedent = True
        verb.link = "rel"
        chunk = items[m].chunk
        assert chunk is not None
        if chunk.follower:
            return _climb(items, m)
        return [chunk] if not chunk.group or chunk is not chunk.group[-1] else _climb(items, m)
    return []


def _climb(items: list[Item], j: int) -> list[Chunk]:
    """Return the whole noun phrase that ends at item `j`: out of its prepositional tail, with its list."""
    start = j
    while j >= 2 and items[j - 1].type == "P" and items[j - 2].type == "N":
        j -= 2
    if j >= 1 and items[j - 1].type == "P" and not (j >= 2 and items[j - 2].type == "N"):
        j = start
    if (
        j >= 3
        and items[j - 1].type == "P"
        and items[j - 1].word not in _OPENS_CLAUSE
        and items[j - 2].verb is not None
        and items[j - 2].verb.reduced
        and not items[j - 2].verb.object
        and items[j - 3].type == "N"
    ):  # type: ignore[union-attr]
        return list(items[j - 2].verb.subject)  # type: ignore[union-attr]
    chunk = items[j].chunk
    assert chunk is not None
    if chunk.follower:
        m = j - 1
        while m >= 0 and items[m].type in {",", "(", "-"}:
            m -= 1
        if m >= 0 and items[m].type == "N" and items[m].chunk is not None and items[m].chunk.apposed is chunk:  # type: ignore[union-attr]
            return _group(items[m].chunk)  # type: ignore[arg-type]
    return _group(chunk)


def _over_insert(items: list[Item], j: int, verb: Verb, language: Language) -> list[Chunk]:
    """The verb follows a comma: step back over what the commas enclose, to the noun phrase before it."""
    depth = 0
    m = j - 1
    while m >= 0 and depth < 14:
        if items[m].type in {",", "-", "("} and m >= 1 and items[m - 1].type == "N":
            inside = items[m + 1 : j]
            if inside and (
                inside[0].type in {"R", "P", "N", "V", "T"}
                and not (
                    inside[0].type == "V"
                    and inside[0].verb is not None
                    and inside[0].verb.form in {"s", "past"}
                    and not inside[0].verb.reduced
                )
            ):
                return _climb(items, m - 1)
        m -= 1
        depth += 1
    before = j - 1
    while before >= 0 and items[before].type != "V":
        before -= 1
    if before >= 0 and items[before].verb is not None and verb.form in {"past", "s", "part", "ing", "base"}:
        return list(items[before].verb.subject)  # type: ignore[union-attr]
    return []


def _inverted(items: list[Item], k: int, verb: Verb, language: Language) -> list[Chunk]:
    """Return the subject after the verb: '"…", said the minister'."""
    if verb.lemma.split()[0] in language.cue("say") and verb.object and not verb.passive:
        subject, verb.object = verb.object, []
        return subject
    return []


def _govern(items: list[Item], k: int, verb: Verb, tokens: list[Token], language: Language) -> None:
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
    if m >= 0 and items[m].type == "S":
        earlier = next((items[n].verb for n in range(m, -1, -1) if items[n].verb is not None), None)
        word = items[m].word
        verb.link = (
            "if"
            if word in language.cue("hypothetical_sub")
            else ("that" if word in {"that", "que"} else "sub")
        )
        if earlier is not None and verb.link in {"that", "if"}:
            verb.governor = earlier
        elif verb.link == "that" and m >= 1 and items[m - 1].type == "N":
            verb.noun_governor = items[m - 1].chunk
    elif (
        m >= 0
        and items[m].type == "V"
        and items[m].verb is not None
        and items[m].verb.lemma.split()[0] in language.cue("say")
        and m != k - 1
    ):
        verb.governor, verb.link = items[m].verb, "that"
    elif items[j].type == "C":
        earlier = next((items[n].verb for n in range(j, -1, -1) if items[n].verb is not None), None)
        if earlier is not None and earlier.governor is not None and _same_shape(verb, earlier):
            verb.governor, verb.link = earlier.governor, earlier.link


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


def _span(items: list[Item], k: int) -> tuple[int, int]:
    """Return the token span of the clause around a verb: for quotes, dates and cue words."""
    start = k
    while start > 0 and items[start - 1].type not in {";", "S", "R", "V", "."}:
        start -= 1
    if start > 0 and items[start - 1].type == "V" and items[start].type in {"P", "T", ",", "C", "-"}:
        while start < k and items[start].type in {"P", "T", ",", "C", "-"}:
            start += 1
    end = k
    while end + 1 < len(items) and items[end + 1].type not in {";", "V", "R", "S", "."}:
        end += 1
    if end + 1 < len(items) and items[end + 1].type in {"V"}:
        while end > k and items[end].type in {"C", ",", "P"}:
            end -= 1
    return items[start].start, items[end].end


def _speech(items: list[Item], verbs: list[Verb], tokens: list[Token], language: Language) -> None:
    """Tell, for every clause, in whose words it stands: a governing or an enclosing say-verb."""
    say = language.cue("say")
    for verb in verbs:
        above, guard = verb.governor, 0
        while above is not None and guard < 6:
            if (
                above.lemma.split()[0] in say
                and verb.link in {"that", "inf", "if", "ing"}
                and above.subject is not verb.subject
            ):
                verb.speech = above
                break
            above, guard = above.governor, guard + 1
    for n, last in enumerate(verbs):
        if last.lemma.split()[0] in say and not last.passive and _trails(items, last, tokens):
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
