"""Who is who by the words before a name."""

from __future__ import annotations

import pytest

from tests.extract.helpers import read


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("The opposition party Voluntad Obrera condemned the arrest.", {"Voluntad Obrera"}),
        ("Police arrested members of the opposition party Voluntad Obrera.", {"Police"}),
        ("The union leader Ana Ruiz condemned the strike.", {"Ana Ruiz"}),
    ],
)
def test_a_name_after_the_word_for_a_body_is_a_bodys(text: str, actors: set[str]) -> None:
    claims = [c for c in read(text) if c.kind in {"statement", "arrest"}]
    assert {a.name for c in claims for a in c.actors} == actors
    assert all(a.name != "Voluntad Obrera" for c in claims for a in c.recipients)
