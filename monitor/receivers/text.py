"""The words in which people are told: one development as a headline and a few short lines.

Every receiver uses them. Text from feeds is made plain here: one bounded line
without control or direction marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.core.figures import UNCLEAR
from monitor.core.model import Actor, Certainty, Change, Development, Figure, Operator, Previous
from monitor.core.names import fold, is_named
from monitor.core.policy import KindSpec

MAX_LINE = 300
MAX_QUOTE = 420

UNSUBSCRIBE_MARK = "https://unsubscribe.invalid/"
"""Stands in a rendered text for the recipient's own address to unsubscribe: a digest is rendered once for all."""

BADGES = {
    Change.NEW: "NEW",
    Change.CHANGED: "CHANGED",
    Change.CONFIRMED: "CONFIRMED",
    Change.CONTRADICTED: "CONTRADICTED",
}
METRICS = {
    "deaths": "Deaths",
    "injured": "Injured",
    "detained": "Detained",
    "vote_share": "Vote share",
    "votes": "Votes",
    "turnout": "Turnout",
    "tally_coverage": "Tally sheets counted",
    "margin": "Margin",
    "displaced": "Displaced",
    "other": "Figure",
}
_OPERATOR_WORDS = {
    Operator.EQ: "",
    Operator.GE: "at least ",
    Operator.LE: "at most ",
    Operator.GT: "more than ",
    Operator.LT: "fewer than ",
    Operator.ABOUT: "about ",
}
_STANCES = {
    "recognises": "recognises",
    "congratulates": "congratulates",
    "supports": "supports",
    "rejects": "rejects",
    "condemns": "condemns",
    "demands": "demands",
    "concern": "voices concern about",
    "denies": "denies",
    "accuses": "accuses",
}
# What a stance is called where the text names neither to whom nor what about: the quote tells the rest.
_REMARKS = {
    "supports": "voices support",
    "rejects": "objects",
    "condemns": "voices condemnation",
    "demands": "makes a demand",
    "concern": "voices concern",
    "denies": "issues a denial",
    "accuses": "makes an accusation",
}
_OUTCOMES = {
    "upholds": "upheld",
    "annuls": "annulled",
    "convicts": "convicted",
    "sentences": "sentenced",
    "acquits": "acquitted",
    "bans": "banned",
    "orders": "ordered",
    "suspends": "suspended",
}
# kind -> (actor and recipient, recipient only, actor only); {a} and {r} are names.
_SENTENCES = {
    "arrest_order": ("{a} ordered the arrest of {r}", "Arrest of {r} ordered", "{a} issued an arrest order"),
    "arrest": ("{a} arrested {r}", "{r} arrested", "{a} made arrests"),
    "release": ("{a} released {r}", "{r} released", "{a} released prisoners"),
    "investigation": ("{a} investigates {r}", "Investigation into {r}", "{a} opened an investigation"),
    "charge": ("{a} charged {r}", "{r} charged", "{a} brought charges"),
    "protest": ("{a} protested against {r}", "Protest against {r}", "{a} protested"),
    "violence": ("{a} attacked {r}", "Violence against {r}", "Violence by {a}"),
    "sanction": ("{a} sanctioned {r}", "{r} sanctioned", "{a} imposed sanctions"),
    "resignation": ("{a} resigned ({r})", "{r} resigned", "{a} resigned"),
    "appointment": ("{a} appointed {r}", "{r} appointed", "{a} made an appointment"),
    "election_result": ("{a} declared {r} the winner", "{r} declared the winner", "{a} declared a result"),
    "asylum": ("{a} granted asylum to {r}", "Asylum for {r}", "{a} granted asylum"),
    "decree": ("{a} issued a decree on {r}", "Decree on {r}", "{a} issued a decree"),
    "agreement": ("{a} and {r} reached an agreement", "Agreement with {r}", "{a} reached an agreement"),
    "mobilization": ("{a} mobilised against {r}", "Mobilisation against {r}", "{a} mobilised"),
    "threat": ("{a} threatened {r}", "Threat against {r}", "{a} made a threat"),
}
_SANCTION = re.compile(r"\bsanct?ion")
_MEASURES = ("{a} took measures against {r}", "Measures against {r}", "{a} took measures")
_HEAD = re.compile(r" (?:of|in|from|for|at|on|de|en|del)\b")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One development in words. All lines are plain, single-line text; empty where there is nothing to say.

    `old` and `new` are the value that moved (`turn` is "→") or the two that clash ("against"); `word` is
    whose word it is, `standing` how sure it is.
    """

    badge: str
    headline: str
    old: str
    turn: str
    new: str
    word: str
    standing: str
    date: str
    quote: str
    source: str
    document: str
    url: str
    reason: str


def describe(development: Development, kinds: Mapping[str, KindSpec] | None = None) -> Told:
    """Return a development in words: who, what, whom, old and new value, whose word, date, quote, source."""
    d = development
    old, new = moved(d)
    return Told(
        badge=BADGES[d.change],
        headline=headline(d, kinds or {}),
        old=old,
        turn="against" if d.change is Change.CONTRADICTED else "→",
        new=new,
        word=names(d.claimed_by),
        standing=_standing(d),
        date=_date(d),
        quote=plain(d.quote, MAX_QUOTE),
        source=plain(d.source, 80),
        document=plain(d.document, 120),
        url=web_url(d.url),
        reason=plain(d.reason),
    )


def headline(development: Development, kinds: Mapping[str, KindSpec] | None = None) -> str:
    """Return one line that says who did what to whom; denials and somebody else's word are marked."""
    d = development
    line = plain(_sentence(d, kinds or {}))
    line = line[:1].upper() + line[1:]
    if d.withdrawn:
        return f"Withdrawn: {line}"
    if d.certainty is Certainty.DENIED:
        return f"Denied: {line}"
    if d.certainty is Certainty.REPORTED and d.figure is None:  # a count always is somebody's
        return f"Reported: {line}"
    return line


def moved(development: Development) -> tuple[str, str]:
    """Return (old, new) of what moved, in words; two empty strings where nothing did."""
    d, p = development, development.previous
    if p is None:
        return "", ""
    if d.figure is not None and p.figure is not None:
        old, new = figure_words(p.figure), figure_words(d.figure)
    elif d.stance and p.stance and d.stance != p.stance:
        old, new = p.stance, d.stance
    elif d.outcome and p.outcome and d.outcome != p.outcome:
        old, new = _OUTCOMES.get(p.outcome, p.outcome), _OUTCOMES.get(d.outcome, d.outcome)
    elif d.kind != p.kind:
        old, new = label(p.kind), label(d.kind)
    elif d.certainty is not p.certainty:
        old, new = certainty_words(p.certainty), certainty_words(d.certainty)
    else:
        return "", ""
    return (plain(old), plain(new)) if old != new else ("", "")


def figure_words(figure: Figure) -> str:
    """Return a figure as people say it: "at least 11", "about 20", "51.2%", "10 to 12"."""
    value = _amount(figure.value)
    if figure.high is not None and figure.high != figure.value:
        value = f"{value} to {_amount(figure.high)}"
    unit = "%" if figure.unit == "percent" else ""
    return f"{_OPERATOR_WORDS[figure.operator]}{value}{unit}"


def metric_words(metric: str) -> str:
    """Return a metric's name for people."""
    return METRICS.get(metric, label(metric))


def stance_words(stance: str) -> str:
    """Return a stance as a column head: "Recognises", "Voices concern"."""
    return "Voices concern" if stance == "concern" else label(stance)


def outcome_words(outcome: str) -> str:
    """Return a ruling's outcome as what was done: "upheld"."""
    return _OUTCOMES.get(outcome, outcome)


def certainty_words(certainty: Certainty) -> str:
    """Return how sure something is, in words."""
    return {
        Certainty.ASSERTED: "stated as fact",
        Certainty.REPORTED: "only reported",
        Certainty.DENIED: "denied",
    }[certainty]


def label(identifier: str) -> str:
    """Return an identifier of a kind or metric as words: "arrest_order" is "Arrest order"."""
    words = plain(identifier.replace("_", " "), 80)
    return words[:1].upper() + words[1:]


def names(actors: Sequence[Actor]) -> str:
    """Return names as a list for people: "A", "A and B", "A, B and C"; long lists end in "and 5 more"."""
    said = [plain(_name(a), 80) for a in actors]
    if len(said) > 6:
        said = [*said[:5], f"{len(said) - 5} more"]
    if len(said) < 2:
        return "".join(said)
    return f"{', '.join(said[:-1])} and {said[-1]}"


def day_words(day: date | None) -> str:
    """Return a day as "22 August 2024"."""
    return f"{day.day} {day:%B %Y}" if day else ""


def plain(text: str, limit: int = MAX_LINE) -> str:
    """Return hostile text as one safe line of at most `limit` characters, without invisible ones."""
    cut = text[: limit * 4 + 64]
    kept = "".join(" " if c in "\r\n\t\v\f\x85\u2028\u2029" else c for c in cut if _shown(c))
    line = _BLANKS.sub(" ", kept).strip()
    if len(line) <= limit and len(cut) == len(text):
        return line
    if len(line) <= limit:
        return f"{line[: limit - 1]}…"
    head = line[: limit - 1]
    space = head.rfind(" ", limit * 2 // 3)
    return f"{head[:space] if space > 0 else head}…"


def web_url(url: str | None) -> str:
    """Return an http(s) address without blanks or control characters, else the empty string."""
    if not url or len(url) > 2000 or not url.lower().startswith(("http://", "https://")):
        return ""
    if any(c.isspace() or not _shown(c) or c in "\"'<>\\^`{|}" for c in url):
        return ""
    return url


def was_line(previous: Previous) -> str:
    """Return one line about the development that is moved: when, where, in which words."""
    when = f"{day_words(previous.published)}, " if previous.published else ""
    return plain(f"{when}{plain(previous.document, 120)}: “{plain(previous.quote, 200)}”", 400)


def _shown(char: str) -> bool:
    return char in "\r\n\t\v\f\x85\u2028\u2029\u200c\u200d" or unicodedata.category(char) not in {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
    }


def _name(actor: Actor) -> str:
    body = actor.speaks_for or actor.country_name
    return f"{actor.name} ({body})" if body and not _says(actor.name, body) else actor.name


def _says(name: str, body: str) -> bool:
    """Return whether a name says already whose it is: "Venezuelan court" needs no "(Venezuela)"."""
    return body.casefold()[: max(5, len(body) - 2)] in name.casefold()


def _several(actor: Actor) -> bool:
    """Return whether one name stands for several people: "rights groups", "two opposition leaders"."""
    head = _HEAD.split(actor.name)[0].rpartition(" ")[2]
    return head.islower() and head.endswith("s") and not head.endswith(("ss", "us", "is"))


def _amount(value: float) -> str:
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")


def _sentence(d: Development, kinds: Mapping[str, KindSpec]) -> str:
    actor, recipient = names(d.actors), names(d.recipients)
    if d.figure is not None:
        return _figure_sentence(d.figure, recipient)
    if d.kind == "statement":
        return _statement(d, actor, recipient)
    if d.kind == "court_ruling":
        verb = _OUTCOMES.get(d.outcome or "", "ruled on")
        return f"{actor or 'A court'} {verb} {' — '.join(p for p in (recipient, _topic(d)) if p)}".rstrip()
    forms = _SENTENCES.get(d.kind)
    if forms is None:
        spec = kinds.get(d.kind)
        said = " → ".join(p for p in (actor, recipient) if p)
        return f"{spec.label if spec else label(d.kind)}: {said or d.quote}"
    if not actor and not recipient:
        spec = kinds.get(d.kind)
        return f"{spec.label if spec else label(d.kind)}: {_topic(d) or d.quote}"
    if d.kind == "election_result" and actor and not recipient and d.claimed_by and d.actors != d.claimed_by:
        # Somebody else declares it, so the one whom it is about is the winner.
        return forms[1].format(r=actor)
    if actor == recipient:
        actor = ""  # who resigns or flees does it and has it done
    if d.kind == "sanction" and not _SANCTION.search(fold(d.quote)):
        forms = _MEASURES  # an expulsion, a recalled envoy, a closed border
    form = forms[0] if actor and recipient else forms[1] if recipient else forms[2]
    line = form.format(a=actor, r=recipient)
    topic = _topic(d)
    known = d.kind in {"arrest_order", "arrest"} or all(w[:5] in line.casefold() for w in topic.split())
    return line if known else f"{line} — {topic}"


def counted(figure: Figure) -> str:
    """Return what a figure counts, in the text's words, or by what its series is known."""
    return figure.about or ", ".join(part for part in figure.scope if part != UNCLEAR)


def _figure_sentence(figure: Figure, recipient: str) -> str:
    metric, whom = metric_words(figure.metric), counted(figure) or recipient
    # "Votes: 9 (votes)" would say it twice.
    whom = f" ({whom})" if whom and whom.casefold() != metric.casefold() else ""
    return f"{metric}: {figure_words(figure)}{whom}"


def _statement(d: Development, actor: str, recipient: str) -> str:
    who = actor or names(d.claimed_by) or "Somebody"
    speakers = d.actors or d.claimed_by
    one = not speakers or (len(speakers) == 1 and not _several(speakers[0]))
    stance = d.stance or "other"
    whom = " — ".join(p for p in (recipient, _topic(d)) if p)
    if stance not in _STANCES:
        return f"{who} on {_topic(d) or recipient}" if whom else f"{who}: {d.quote}"
    if not whom and stance in _REMARKS:
        return f"{who} {_agreeing(_REMARKS[stance], one=one)}"
    if stance == "accuses" and not any(is_named(a.name) or a.sector for a in d.recipients):
        return f"{who} {_agreeing('blames', one=one)} {whom}"  # no fire can be accused
    verb = _agreeing("calls on" if stance == "demands" and recipient else _STANCES[stance], one=one)
    return f"{who} {verb} {whom}" if whom else f"{who} {verb}: {d.quote}"


def _agreeing(verb: str, *, one: bool) -> str:
    """Return a verb of one who does something as several do it: "voices concern", "voice concern"."""
    first, blank, rest = verb.partition(" ")
    if one:
        return verb
    plural = f"{first[:-3]}y" if first.endswith("ies") else first[:-1]
    return f"{plural}{blank}{rest}"


def _topic(d: Development) -> str:
    return plain((d.topic or "").replace("_", " "), 120)


def _standing(d: Development) -> str:
    hearsay = d.certainty is Certainty.REPORTED and d.figure is None
    if d.independent_sources > 1:
        return f"{'reported by ' * hearsay}{d.independent_sources} independent sources"
    return "not confirmed" if hearsay and d.change is not Change.CONFIRMED else ""


def _date(d: Development) -> str:
    if d.event_date is not None:
        if d.event_date_precision == "month":
            return f"{d.event_date:%B %Y}"
        if d.event_date_precision == "year":
            return f"{d.event_date:%Y}"
        return day_words(d.event_date)
    return f"published {day_words(d.published)}" if d.published else ""
