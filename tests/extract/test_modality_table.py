"""An adversarial table: every act in every frame of fact, wish, threat, plan, denial, negation and history."""

import pytest

from monitor.core.model import Modality
from tests.extract.helpers import read

# kind: (who does it, to whom, past, participle with its rest, base with its rest)
ACTS = {
    "arrest": ("police", "the union leader", "detained", "detained", "detain"),
    "charge": ("prosecutors", "the union leader", "indicted", "indicted", "indict"),
    "release": ("the authorities", "the union leader", "freed", "freed", "free"),
    "sanction": ("Canada", "the union leader", "sanctioned", "sanctioned", "sanction"),
    "appointment": (
        "the president",
        "the union leader",
        "appointed",
        "appointed labour minister",
        "appoint",
    ),
}
# Where {A} did, {P} participle, {B} base form, {W} who, {M} whom; each of them is a sentence of the news.
FACTS = """
{W} {A} {M}.
{W} {A} {M} on Sunday.
{W} have {A} {M}.
{M} was {P} on Sunday morning.
{M} has been {P}, his lawyer said.
{M}, who denies any wrongdoing, was {P} on Sunday.
The newspaper reported that {M} had been {P}.
The ministry confirmed that {M} was {P} on Sunday.
""".strip().splitlines()
NOT_FACTS = """
{W} did not {B} {M}.
{W} have not {A} {M}.
{W} never {A} {M}.
{W} refused to {B} {M}.
{W} threatened to {B} {M}.
{W} promised to {B} {M}.
{W} want to {B} {M}.
{W} plan to {B} {M}.
{W} may {B} {M}.
{W} might {B} {M} next week.
{W} could {B} {M}.
{W} would {B} {M}, the newspaper wrote.
{W} should {B} {M}, lawmakers said.
{W} will {B} {M} next week.
{W} can {B} {M} under the new law.
{M} was not {P}.
{M} has not been {P}.
{M} was never {P}.
{M} could be {P} within days.
{M} may be {P} soon.
{M} might have been {P}, a neighbour guessed.
{M} should be {P}, lawmakers said.
{M} must be {P}, lawmakers said.
{M} will be {P} next week.
{M} is expected to be {P}.
{M} is likely to be {P}.
{M} fears being {P}.
{M} risks being {P}.
{M} denied that he had been {P}.
{W} denied that {M} had been {P}.
{M} avoided being {P}.
If {M} is {P}, the port will close.
If {W} {B} {M}, the port will close.
Unless {M} is {P}, the port will close.
Should {M} be {P}, the port will close.
Had {M} been {P}, the port would have closed.
Lawmakers asked whether {M} had been {P}.
Was {M} {P} on Sunday?
Did {W} {B} {M}?
Why would {W} {B} {M}?
Lawmakers urged {W} to {B} {M}.
Lawmakers called on {W} to {B} {M}.
The crowd demanded that {M} be {P}.
The crowd demanded that {W} {B} {M}.
Nobody has {A} {M}.
No one {A} {M}.
""".strip().splitlines()
HISTORY = """
{W} {A} {M} in 2009.
{M} was {P} in 2009.
{M}, who was {P} in March 2011, spoke on Sunday.
In 2009, {W} {A} {M}.
""".strip().splitlines()


def sentence(pattern: str, kind: str) -> str:
    who, whom, past, participle, base = ACTS[kind]
    rest = " labour minister" if kind == "appointment" else ""
    text = pattern.format(
        A=past, B=base, P=participle, W=who, M=whom + rest if "{P}" not in pattern else whom
    )
    for plural in ("have", "want", "plan"):
        if who in {"the president", "Canada"}:
            text = text.replace(f"{who} {plural} ", f"{who} {plural}s ".replace("haves", "has"))
    return text[0].upper() + text[1:]


def table(patterns: list[str], letter: str) -> list[object]:
    out = []
    for kind in ACTS:
        for n, pattern in enumerate(patterns):
            out.append(pytest.param(kind, sentence(pattern, kind), id=f"{kind}:{letter}{n}"))
    return out


def told(kind: str, text: str) -> list[Modality]:
    return [c.modality for c in read(text) if c.kind == kind and c.confidence >= 0.5]


@pytest.mark.parametrize(("kind", "text"), table(FACTS, "f"))
def test_a_fact_is_told(kind: str, text: str) -> None:
    assert Modality.FACT in told(kind, text)


@pytest.mark.parametrize(("kind", "text"), table(NOT_FACTS, "n"))
def test_what_did_not_happen_is_no_fact(kind: str, text: str) -> None:
    assert Modality.FACT not in told(kind, text)


@pytest.mark.parametrize(("kind", "text"), table(HISTORY, "h"))
def test_history_is_no_news(kind: str, text: str) -> None:
    assert Modality.FACT not in told(kind, text)
