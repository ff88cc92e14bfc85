"""Whether it happened: one act, told as fact, wish, threat, plan, denial, negation and history."""

import pytest

from monitor.core.model import Modality
from tests.extract.helpers import read

FACT, NOT_FACT = "fact", "no fact"
# (kind, past, participle, base, -ing, noun phrase): of the same act, every form that the patterns below need.
ACTS = {
    "arrest": ("Police arrested the union leader", "arrested", "arrest", "the arrest of the union leader"),
    "charge": ("Prosecutors charged the union leader", "charged", "charge", None),
    "release": (
        "The prison released the union leader",
        "released",
        "release",
        "the release of the union leader",
    ),
    "sanction": (
        "Canada sanctioned the union leader",
        "sanctioned",
        "sanction",
        "sanctions against the union leader",
    ),
    "appointment": (
        "The president appointed the union leader as minister",
        "appointed as minister",
        "appoint",
        "the appointment of the union leader as minister",
    ),
}
PASSIVE = [
    ("The union leader was {part} on Sunday.", FACT),
    ("The union leader has been {part}.", FACT),
    ("The ministry said the union leader had been {part}.", FACT),
    ("The union leader was not {part} on Sunday.", NOT_FACT),
    ("The union leader has never been {part}.", NOT_FACT),
    ("The union leader could be {part} within days.", NOT_FACT),
    ("The union leader will be {part} next week.", NOT_FACT),
    ("The union leader may be {part} soon.", NOT_FACT),
    ("The union leader should be {part}, lawmakers said.", NOT_FACT),
    ("The union leader must be {part}, lawmakers said.", NOT_FACT),
    ("If the union leader is {part}, the port will close.", NOT_FACT),
    ("Unless the union leader is {part}, the port will close.", NOT_FACT),
    ("Was the union leader {part} on Sunday?", NOT_FACT),
    ("The union leader denied that he had been {part}.", NOT_FACT),
    ("The ministry denied that the union leader had been {part}.", NOT_FACT),
    ("The union leader fears being {part}.", NOT_FACT),
    ("The union leader was {part} in 2017.", "historical"),
    ("The union leader is expected to be {part}.", NOT_FACT),
    ("The union leader was almost {part} on Sunday.", NOT_FACT),
    ("The crowd demanded that the union leader be {part}.", NOT_FACT),
]
ACTIVE = [
    ("{past}.", FACT),
    ("{past} on Sunday.", FACT),
    ("The newspaper reported that {past}.", FACT),
    ("It is not true that {past}.", NOT_FACT),
    ("{agent} did not {base} the union leader{tail}.", NOT_FACT),
    ("{agent} threatened to {base} the union leader{tail}.", NOT_FACT),
    ("{agent} plans to {base} the union leader{tail}.", NOT_FACT),
    ("{agent} refused to {base} the union leader{tail}.", NOT_FACT),
    ("{agent} wants to {base} the union leader{tail}.", NOT_FACT),
    ("{agent} would {base} the union leader{tail}.", NOT_FACT),
    ("{agent} promised to {base} the union leader{tail}.", NOT_FACT),
    ("Lawmakers urged {agent} to {base} the union leader{tail}.", NOT_FACT),
    ("{agent} considered whether to {base} the union leader{tail}.", NOT_FACT),
]
NOUNS = [
    ("The crowd demanded {noun}.", NOT_FACT),
    ("The opposition called for {noun}.", NOT_FACT),
    ("The ministry threatened {noun}.", NOT_FACT),
    ("The ministry ruled out {noun}.", NOT_FACT),
    ("The ministry denied {noun}.", NOT_FACT),
    ("The lawyer warned of a possible reversal and {noun}.", NOT_FACT),
]
# Not told apart yet: "almost", "it is not true that", "ruled out".
KNOWN_GAPS = frozenset(
    "arrest:passive18 arrest:active3 arrest:noun3 charge:passive18 charge:active3 release:passive18 "
    "release:active3 release:noun3 sanction:passive18 sanction:active3 appointment:passive18 "
    "appointment:active3 appointment:noun3".split()
)


def table() -> list[object]:
    out = []
    for kind, (past, part, base, noun) in ACTS.items():
        agent = past.split(f" {base}")[0]
        tail = " as minister" if kind == "appointment" else ""
        forms = {"past": past, "part": part, "base": base, "agent": agent, "tail": tail, "noun": noun}
        for name, patterns in (("passive", PASSIVE), ("active", ACTIVE), ("noun", NOUNS if noun else [])):
            for n, (pattern, expected) in enumerate(patterns):
                key = f"{kind}:{name}{n}"
                sentence = pattern.format(**forms)
                marks = [pytest.mark.xfail(strict=True)] if key in KNOWN_GAPS else []
                out.append(
                    pytest.param(kind, sentence[0].upper() + sentence[1:], expected, id=key, marks=marks)
                )
    return out


@pytest.mark.parametrize(("kind", "sentence", "expected"), table())
def test_what_is_told_of_an_act(kind: str, sentence: str, expected: str) -> None:
    claims = [c for c in read(sentence) if c.kind == kind and c.confidence >= 0.5]
    facts = [c for c in claims if c.modality is Modality.FACT]
    if expected == FACT:
        assert facts
    elif expected == NOT_FACT:
        assert facts == []
    else:
        assert [c.modality for c in claims] == [Modality.HISTORICAL]


@pytest.mark.parametrize(
    ("sentence", "kind", "modality"),
    [
        ("Rebels threatened to attack the capital.", "threat", Modality.FACT),
        ("Police should arrest the editor.", "arrest", Modality.DEMAND),
        ("The minister denied that police had arrested the editor.", "arrest", Modality.DENIAL),
        ("Police could arrest the editor at any time.", "arrest", Modality.HYPOTHETICAL),
        ("Police arrested the editor in March 2011.", "arrest", Modality.HISTORICAL),
    ],
)
def test_the_modality_has_its_name(sentence: str, kind: str, modality: Modality) -> None:
    assert modality in {c.modality for c in read(sentence) if c.kind == kind}
