"""Numbers that tell something: how many died, were hurt, are held, voted; and on whose word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.core.model import Operator
from monitor.extract.chunks import Chunk
from monitor.extract.language import Language
from monitor.extract.metrics import Metrics
from monitor.extract.numbers import bound_before, no_count, read_number
from monitor.extract.tokens import Token
from monitor.extract.verbs import Verb

_BEFORE_OTHER: Final = frozenset("$ € £ no article aged age bus flight line room group".split())
_OF_ITSELF: Final = frozenset(
    "die perish drown succumb flee cross escape morir fallecer perecer ahogar sucumbir huir".split()
)
_VICTIMS: Final = ("deaths", "injured", "detained", "displaced")
_TURNOUT: Final = frozenset({"turnout", "participation", "participación"})
_UNITS: Final = frozenset(
    "day days week weeks month months year years hour hours minute minutes km kilometre kilometres "
    "kilometer kilometers mile miles metres meters dollars euros pesos million percent degrees article "
    "articles point points time times o'clock century centuries día días semana semanas mes meses año "
    "años hora horas minutos artículo puntos decade decades floor floors seats seat".split()
)


@dataclass(slots=True, eq=False, init=False)
class _Spot:
    """A number in its sentence, with what the text before was counting."""

    tokens: Sequence[Token]
    chunks: Sequence[Chunk]
    k: int
    chunk: Chunk
    verb: Verb | None
    low: str
    metrics: Metrics
    carried: str | None

    def __init__(  # noqa: PLR0917 - the parts of one sentence, each of its own type
        self,
        tokens: Sequence[Token],
        chunks: Sequence[Chunk],
        k: int,
        verb: Verb | None,
        metrics: Metrics,
        carried: str | None,
    ) -> None:
        self.tokens = tokens
        self.chunks = chunks
        self.k = k
        self.chunk = chunks[k]
        self.verb = verb
        self.low = " ".join([t.low for t in tokens])
        self.metrics = metrics
        self.carried = carried


@dataclass(slots=True)
class Number:
    """A figure found: metric, value, operator, unit, tokens, and the chunks that say of what and by whom."""

    metric: str
    operator: Operator
    value: float
    high: float | None
    unit: str
    start: int
    end: int
    counted: Chunk | None
    verb: Verb | None
    candidate: list[Chunk] = field(default_factory=list)
    elliptic: bool = False


def find_figures(  # noqa: PLR0917 - the parts of one sentence, each of its own type
    tokens: Sequence[Token],
    chunks: Sequence[Chunk],
    verbs: Sequence[Verb],
    language: Language,
    metrics: Metrics,
    carried: str | None,
) -> list[Number]:
    """Return the figures of a sentence; `carried` is the metric that the text before was counting."""
    out: list[Number] = []
    for k, chunk in enumerate(chunks):
        read = value_in(tokens, chunk, language) if chunk.number is not None else None
        if read is None:
            continue
        value, high, operator, start, end = read
        percent = is_percent(tokens, end)
        if _unlike_figure(tokens, chunk, start, end, value, percent=percent):
            continue
        verb = verb_of(chunk, verbs)
        percent = percent or (value <= 100 and _of_turnout(tokens, verb))
        spot = _Spot(tokens, chunks, k, verb, metrics, carried)
        metric, elliptic = (_percent_metric(spot), False) if percent else _count_metric(spot)
        if metric is None:
            continue
        unit, last = "percent" if percent else "count", max(end, chunk.end)
        out.append(Number(metric, operator, value, high, unit, start, last, chunk, verb, elliptic=elliptic))
    return out


def spoken_of(chunks: Sequence[Chunk], tokens: Sequence[Token], metrics: Metrics) -> str | None:
    """Return what a sentence without a number speaks of ("the quarrel over the wounded"), if it is one metric only."""
    if any(c.number is not None for c in chunks):
        return None
    words = {tokens[c.head].low for c in chunks if c.kind == "common"}
    found = [m for m in _VICTIMS if words & metrics.table.get(m, {}).get("heads", frozenset())]
    return found[0] if len(found) == 1 else None


def only_reported(number: Number, tokens: Sequence[Token], metrics: Metrics) -> bool:
    """Whether the sentence itself does not say what the number counts: "the ministry listed 310 people"."""
    counted, verb = number.counted, number.verb
    if (
        counted is None
        or verb is None
        or counted not in verb.object
        or verb.base not in metrics.reporting_verbs
    ):
        return False
    clause = {t.low for t in tokens[verb.clause[0] : verb.clause[1] + 1]}
    words = {w for m in _VICTIMS for key in ("heads", "after") for w in metrics.table.get(m, {}).get(key, ())}
    return bool(_heads(tokens, counted) & metrics.people) and not clause & words


def _of_turnout(tokens: Sequence[Token], verb: Verb | None) -> bool:
    """Whether the verb is about turnout, whose number is a percentage even without its sign."""
    return verb is not None and any(tokens[c.head].low in _TURNOUT for c in [*verb.object, *verb.subject])


def value_in(
    tokens: Sequence[Token], chunk: Chunk, language: Language
) -> tuple[float, float | None, Operator, int, int] | None:
    """Return (value, upper end of a range, operator, first token, end) of a chunk's number, or None."""
    for i in range(chunk.start, chunk.end):
        if tokens[i].tag == "NUM":
            found = read_number(tokens, i, spanish=language.like == "es")
            if found is None:
                return None
            value, used, operator = found
            bound = bound_before(tokens, i) or (
                bound_before(tokens, chunk.start)
                if all(t.tag == "DET" for t in tokens[chunk.start : i])
                else None
            )
            start = bound[1] if bound else i
            if bound:
                operator = bound[0]
            high = _range_end(tokens, i + used, language)
            end = i + used
            if high is not None:
                return value, high[0], operator, start, high[1]
            if [t.low for t in tokens[end : end + 2]] in (["or", "more"], ["o", "más"]):
                operator = Operator.GE
            return value, None, operator, start, end
    return None


def _range_end(tokens: Sequence[Token], i: int, language: Language) -> tuple[float, int] | None:
    if i + 1 < len(tokens) and tokens[i].low in {"to", "-", "–", "a"} and tokens[i + 1].tag == "NUM":
        found = read_number(tokens, i + 1, spanish=language.like == "es")
        if found:
            return found[0], i + 1 + found[1]
    return None


def is_percent(tokens: Sequence[Token], end: int) -> bool:
    """Whether the words at `end` say that the number before them is a percentage."""
    words = [t.low for t in tokens[end : end + 2]]
    return bool(words) and (
        words[0] in {"%", "percent", "pct"}
        or words in (["per", "cent"], ["por", "ciento"], ["for", "hundred"])
    )


def _unlike_figure(
    tokens: Sequence[Token], chunk: Chunk, start: int, end: int, value: float, *, percent: bool
) -> bool:
    """Years, ages, days, amounts of money and ordinals are no counts of people."""
    if percent:
        return False
    places = [k for k in range(start, end) if tokens[k].tag == "NUM"]
    if places and no_count(tokens, places[0], end, value):
        return True
    text = tokens[end - 1].text
    before = tokens[start - 1].low if start else ""
    if before in _BEFORE_OTHER or text.lower().endswith(("st", "nd", "rd", "th")):
        return True
    if len(text) == 4 and text.isdigit() and 1500 <= value <= 2100 and chunk.end == end:
        return True
    after = tokens[end].low if end < len(tokens) else ""
    if (
        start >= 2
        and tokens[start - 1].low in {"of", "about", "that"}
        and tokens[start - 2].low
        in {"reports", "report", "rumours", "rumors", "fears", "claims", "allegations"}
    ):
        return True
    if after == "of" and end + 1 < len(tokens) and tokens[end + 1].tag == "DATE":
        return True
    if (
        after in _UNITS
        or any(t.low in _UNITS for t in tokens[end : chunk.head + 1])
        or (after.endswith("-year-old") or "year-old" in after)
    ):
        return True
    return (
        chunk.follower and chunk.end - chunk.start == 1 and tokens[chunk.start - 1].tag == "," and value < 120
    )


def verb_of(chunk: Chunk, verbs: Sequence[Verb]) -> Verb | None:
    """Return the verb that the chunk is an argument of."""
    for verb in verbs:
        if chunk in verb.object or chunk in verb.subject or any(chunk in cs for _, cs in verb.preps):
            return verb
    for verb in verbs:
        every = [*verb.object, *verb.subject, *(c for _, cs in verb.preps for c in cs)]
        if any(chunk in c.of for c in every):
            return verb
    return None


def _heads(tokens: Sequence[Token], chunk: Chunk) -> set[str]:
    words = [t.low for t in tokens[chunk.start : chunk.end]]
    out = set(words) | {" ".join(words[-2:])}
    for inner in chunk.of:
        out |= {t.low for t in tokens[inner.start : inner.end]}
    return out


def _count_metric(spot: _Spot) -> tuple[str | None, bool]:
    """Return what the number counts, and whether only the text around it tells."""
    chunk, metrics, verb = spot.chunk, spot.metrics, spot.verb
    heads = _heads(spot.tokens, chunk)
    for metric in (*_VICTIMS, "votes"):
        if heads & metrics.table.get(metric, {}).get("heads", frozenset()):
            return metric, False
    bare = chunk.kind == "num"
    people = bare or bool(heads & metrics.people)
    if people:
        found = _by_words_after(spot) or _by_verb(chunk, verb, spot.tokens, metrics)
        if found:
            return found, False
    if people and verb is not None and not bare and _crowd(verb, metrics):
        return "other", False
    if _margin(spot.tokens, chunk, metrics, spot.low):
        return "margin", False
    if bare or chunk.kind == "name":
        return _elliptic(spot)
    told = verb is not None and verb.base in metrics.reporting_verbs
    if people and verb is not None and told and _named_count(spot.tokens, verb, metrics):
        return spot.carried, bool(spot.carried)
    return None, False


def _by_words_after(spot: _Spot) -> str | None:
    """ "200 people dead", "12 others were hurt": the words right after tell."""
    after = [t.low for t in spot.tokens[spot.chunk.end : spot.chunk.end + 3]]
    for metric in _VICTIMS:
        words = spot.metrics.table.get(metric, {}).get("after", frozenset())
        if after and (after[0] in words or " ".join(after[:2]) in words):
            return metric
    return None


def _by_verb(chunk: Chunk, verb: Verb | None, tokens: Sequence[Token], metrics: Metrics) -> str | None:
    if (
        verb is not None
        and verb.lemma == "lose"
        and any(tokens[c.head].low in {"life", "lives"} for c in verb.object)
    ):
        return "deaths"
    for step in range(2):
        if verb is None:
            return None
        base = verb.base
        for metric in _VICTIMS:
            names = metrics.table.get(metric, {}).get("verbs", frozenset())
            if verb.lemma not in names and base not in names:
                continue
            suffers = chunk in verb.object or any(chunk in c.of for c in verb.object)
            subject = chunk in verb.subject or any(chunk in c.of for c in verb.subject)
            intransitive = base in _OF_ITSELF
            if suffers or (subject and (verb.passive or verb.reduced or intransitive)):
                return metric
        if step == 0 and verb.governor is not None and verb.link == "inf":
            verb = verb.governor
        else:
            break
    return None


def _crowd(verb: Verb, metrics: Metrics) -> bool:
    return verb.base in metrics.table.get("other", {}).get("verbs", frozenset()) and not verb.passive


def _margin(tokens: Sequence[Token], chunk: Chunk, metrics: Metrics, low: str) -> bool:
    words = {t.low for t in tokens[max(0, chunk.start - 4) : chunk.end + 3]}
    return bool(words & {"margin"}) and "votes" in low and bool(metrics.table.get("margin"))


def _elliptic(spot: _Spot) -> tuple[str | None, bool]:
    """ "The toll stands at 413", "AFP has 105", "the daily … 27": a bare number of what is being counted."""
    chunk, verb, metrics, carried, low = spot.chunk, spot.verb, spot.metrics, spot.carried, spot.low
    metric = next(
        (
            m
            for m in _VICTIMS
            if any(f" {w} " in f" {low} " for w in metrics.table.get(m, {}).get("near", ()))
        ),
        None,
    )
    if verb is not None and verb.base in metrics.reporting_verbs:
        if metric and _named_count(spot.tokens, verb, metrics):
            return metric, True
        voiced = any(c.cls in {"org", "person", "group"} for c in verb.subject)
        if metric and voiced and chunk.kind == "num":
            return metric, True
        if carried and not metric and (_named_count(spot.tokens, verb, metrics) or voiced):
            return carried, True
    if (
        carried
        and chunk.kind == "name"
        and spot.tokens[chunk.end - 1].tag == "NUM"
        and any(c.number is not None for c in spot.chunks[: spot.k])
    ):
        return carried, True
    return None, False


def _named_count(tokens: Sequence[Token], verb: Verb, metrics: Metrics) -> bool:
    return any(tokens[c.head].low in metrics.reporting_nouns for c in [*verb.subject, *verb.object])


def _percent_metric(spot: _Spot) -> str | None:
    """Return what the percentage is of."""
    chunk, tokens, verb, low, metrics = spot.chunk, spot.tokens, spot.verb, spot.low, spot.metrics
    after = " ".join(t.low for t in tokens[chunk.end : chunk.end + 9])
    of = after.removeprefix("% ").removeprefix("percent ").removeprefix("of ")
    for metric in ("tally_coverage", "turnout", "vote_share"):
        for words in metrics.table.get(metric, {}).get("of", ()):
            if f" {words} " in f" {' '.join(of.split()[:5])} " and "of" in after.split()[:3]:
                return metric
    if any(word in low for word in _TURNOUT):
        return "turnout"
    near = metrics.table.get("tally_coverage", {}).get("near", frozenset())
    if any(f" {w} " in f" {low} " for w in near) and any(
        w in low for w in ("count", "tall", "escrut", "actas", "contabiliz")
    ):
        first, last = verb.clause if verb is not None else (chunk.start, chunk.end)
        window = " ".join(
            t.low for t in tokens[max(first, chunk.start - 4) : min(max(last, chunk.end), chunk.end + 6)]
        )
        if any(w in window for w in near):
            return "tally_coverage"
    entry = metrics.table.get("vote_share", {})
    context = any(f" {w} " in f" {low} " for w in entry.get("near", ()))
    if context and (verb is None or verb.base in entry.get("verbs", ()) or "vote" in low):
        return "vote_share"
    return None
