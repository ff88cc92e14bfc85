"""Documents that no event takes, grouped into stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.core.model import Actor
from monitor.core.suggestions import Stray, stray, suggest, suggestion_json
from tests.core.helpers import NOW, claim, doc


def seen(number: int, *actors: str, countries: tuple[str, ...] = (), publisher: str = "gazette") -> Stray:
    return Stray(
        document_id=f"d{number}",
        document=f"{number}.txt",
        title=f"Title {number}",
        source=publisher,
        publisher=publisher,
        url=None,
        seen_at=NOW + timedelta(minutes=number),
        actors=actors,
        countries=countries,
    )


def test_each_document_lies_in_the_largest_story_it_belongs_to() -> None:
    strays = [
        seen(1, "Ana Ruiz", "Luis Vega", countries=("PER",)),
        seen(2, "ANA RUIZ", countries=("PER",), publisher="herald"),
        seen(3, "Ana Ruiz", "Luis Vega", countries=("PER",)),
        seen(4, "Luis Vega", countries=("CHL",)),
        seen(5, "Eva Sol", countries=("CHL",)),
        seen(6, countries=("CHL",)),
        seen(7, "Nobody Else"),
    ]
    first, second = suggest(strays)
    assert (first.country, [s.document_id for s in first.documents]) == ("PER", ["d3", "d2", "d1"])
    assert set(first.actors) == {"Ana Ruiz", "Luis Vega"}
    assert set(first.publishers) == {"gazette", "herald"}
    assert (second.actors, second.country, len(second.documents)) == ((), "CHL", 3)
    assert suggest(strays, least=4) == ()
    assert suggest([]) == ()
    assert suggestion_json(first)["country"] == "PER"


def test_a_stray_remembers_who_and_where_but_no_crowds() -> None:
    ana = Actor(name="Ana Ruiz", country="PER")
    claims = [
        claim("arrest", recipients=(ana,), actors=("police",)),
        claim("charge", recipients=(ana, "Luis Vega")),
    ]
    found = stray(replace(doc("a"), title="T"), claims)
    assert (found.actors, found.countries, found.title) == (("Ana Ruiz", "Luis Vega"), ("PER",), "T")
