"""Three of the repository's own documents, read whole: what must be told, and of whom."""

from pathlib import Path

import pytest

from monitor.core.model import Modality
from tests.extract.helpers import read

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "2024-07-29_council_declares.txt",
            {
                ("election_result", "actor", "Nicolás Maduro"),
                ("decree", "recipient", "commercial flights"),
                ("statement congratulates", "actor", "Russia"),
                ("statement concern", "actor", "Antony Blinken"),
                ("protest", "actor", "people"),
            },
        ),
        (
            "2024-09-03_warrant.txt",
            {
                ("arrest_order", "recipient", "Edmundo González Urrutia"),
                ("statement denies", "actor", "Edmundo González Urrutia"),
                ("statement condemns", "actor", "United States"),
                ("statement rejects", "actor", "Josep Borrell"),
            },
        ),
        (
            "2024-08-09_letter_inquiry_and_platform.txt",
            {
                ("investigation", "actor", "Tarek William Saab"),
                ("statement rejects", "actor", "Padrino López"),
                ("decree", "recipient", "X"),
                ("statement accuses", "recipient", "Elon Musk"),
            },
        ),
    ],
)
def test_a_seed_document(name: str, told: set[tuple[str, str, str]]) -> None:
    text = (SEEDS / name).read_text(encoding="utf-8")
    found = set()
    for claim in read(text, language=None):
        if claim.modality is Modality.FACT and claim.confidence >= 0.5:
            kind = f"{claim.kind} {claim.stance}" if claim.stance else claim.kind
            found |= {(kind, "actor", a.name) for a in claim.actors}
            found |= {(kind, "recipient", a.name) for a in claim.recipients}
    assert told <= found


def test_the_counts_of_the_first_results() -> None:
    text = (SEEDS / "2024-07-29_council_declares.txt").read_text(encoding="utf-8")
    figures = {(c.figure.metric, c.figure.value) for c in read(text, language=None) if c.figure}
    assert {
        ("vote_share", 51.2),
        ("vote_share", 44.2),
        ("turnout", 59.0),
        ("tally_coverage", 80.0),
    } <= figures
