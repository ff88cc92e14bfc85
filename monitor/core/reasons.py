"""The sentence that tells people why a development is one."""

from __future__ import annotations

from monitor.core.figures import told_scope
from monitor.core.model import Claim, Fact, Figure, Operator
from monitor.core.policy import Policy

_WORDS = {
    Operator.EQ: "",
    Operator.GE: "at least ",
    Operator.GT: "more than ",
    Operator.LE: "at most ",
    Operator.LT: "fewer than ",
    Operator.ABOUT: "about ",
}


def figure_words(figure: Figure) -> str:
    """Return a number as people say it: "at least 11", "83.5 %", "between 3 and 5"."""
    unit = " %" if figure.unit == "percent" else ""
    if figure.high is not None:
        return f"{figure.value:,g} to {figure.high:,g}{unit}"
    value = f"{figure.value:,.0f}" if figure.value == int(figure.value) else f"{figure.value:,g}"
    return f"{_WORDS[figure.operator]}{value}{unit}"


def figure_name(item: Claim | Fact) -> str:
    """Return what is counted and on whose word: "deaths (Dhaka) per hospital staff"."""
    if item.figure is None:
        return item.kind
    name = item.figure.metric.replace("_", " ")
    if item.figure.scope:
        name += f" ({', '.join(told_scope(item.figure))})"
    if item.claimed_by:
        name += f" per {', '.join(a.name for a in item.claimed_by)}"
    return name


def figure_move(claim: Claim, against: Fact | None, why: str) -> str:
    """Return what a figure did to the one before it: "deaths per police: 11 → about 20; …"."""
    if claim.figure is None:
        return why
    value = figure_words(claim.figure)
    if against is None or against.figure is None:
        return f"{figure_name(claim)}: {value}; {why}"
    old = figure_words(against.figure)
    if figure_name(against) == figure_name(claim):
        return f"{figure_name(claim)}: {old} → {value}; {why}"
    return f"{figure_name(claim)}: {value}, where {figure_name(against)} was {old}; {why}"


def about_fact(fact: Fact, policy: Policy) -> str:
    """Return a fact in a few words: "arrest ordered (Jane Roe, 2024-09-02)"."""
    spec = policy.kinds.get(fact.kind)
    details = [a.name for a in (fact.recipients or fact.actors)[:3]]
    if fact.event_date:
        details.append(fact.event_date.isoformat())
    label = spec.label if spec else fact.kind
    return f"{label} ({', '.join(details)})" if details else label
