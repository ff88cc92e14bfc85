"""The training data: its format is checked line by line, and what is shipped is in order and enough."""

from collections import Counter
from pathlib import Path

import pytest

from training import lint
from training.items import KINDS, DataError, read_folder, read_lines

STORY = """\
@ en agency Kenya 2019-03-12
Police arrested the mayor, Tomas Quiroga, and Tomas's brother before dawn on Tuesday.
= arrest | a Police | r the mayor, Tomas Quiroga | d Tuesday | t arrested
= arrest !history | r Tomas | t arrested
Nothing else happened.

@ es live Perú -
Renunció la ministra.
= resignation | a la ministra | t Renunció
"""


def test_a_story_is_read_with_its_labels() -> None:
    first, second = read_lines(STORY.split("\n"), "x.txt")
    assert (first.language, first.genre, first.country, first.date) == ("en", "agency", "Kenya", "2019-03-12")
    told, silent = first.items
    assert [(label.kind, label.why) for label in told.labels] == [("arrest", ""), ("arrest", "history")]
    spans = {s.role: told.text[s.start : s.end] for s in told.labels[0].spans}
    assert spans == {"a": "Police", "r": "the mayor, Tomas Quiroga", "d": "Tuesday", "t": "arrested"}
    assert silent.labels == []
    assert second.date == "-"


def test_a_role_is_found_as_a_whole_word() -> None:
    story = next(
        read_lines(["@ en a B -", "Unarmed men armed men.", "= mobilization | r armed | t armed men"], "x")
    )
    span = story.items[0].labels[0].spans[0]
    assert span.start == 12


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["A sentence."], "x.txt:1: a sentence before any '@' header"),
        (["@ en agency"], "x.txt:1: a header is"),
        (["@ en a B -", "= arrest | t x"], "x.txt:2: a label before any sentence"),
        (["@ en a B -", "A man.", "= arest | t man"], "x.txt:3: no such kind"),
        (["@ en a B -", "A man.", "= statement | t man"], "x.txt:3: no such kind"),
        (["@ en a B -", "A man.", "= arrest !maybe | t man"], "x.txt:3: a kind is followed by one of"),
        (["@ en a B -", "A man.", "= arrest | r man"], "x.txt:3: a label needs exactly one trigger"),
        (["@ en a B -", "A man.", "= arrest | t woman"], "x.txt:3: 'woman' is not in its sentence"),
        (["@ en a B -", "A man.", "= arrest | x man | t man"], "x.txt:3: a role is one of"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(lines: list[str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_lines(lines, "x.txt"))
    assert str(caught.value).startswith(message)


def test_the_linter_tells_near_copies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "copies.txt"
    line = "The council of elders in the northern hills met for the third time this winter."
    path.write_text(f"@ en a B -\n{line}\n\n@ en a B -\n{line}\n", encoding="utf-8")
    assert lint.main([str(path)]) == 1
    assert "copies.txt:5: a near-copy (1.00) of copies.txt:2" in capsys.readouterr().err


def test_the_linter_tells_what_resembles_texts_outside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "data" / "a.txt").write_text(
        "@ en a B -\nThe harbour pilots walked out at noon.\n", encoding="utf-8"
    )
    (tmp_path / "out" / "b.txt").write_text("At noon the harbour pilots walked out.", encoding="utf-8")
    code = lint.main([str(tmp_path / "data" / "a.txt"), "--against", str(tmp_path / "out")])
    assert code == 1
    assert "too like" in capsys.readouterr().err


def test_the_data_is_in_order_and_enough() -> None:
    assert lint.main([]) == 0
    stories = read_folder(lint.DATA)
    sentences = Counter(
        {code: sum(len(s.items) for s in stories if s.language == code) for code in ("en", "es")}
    )
    assert sentences["en"] >= 4000
    assert sentences["es"] >= 1000
    kinds = Counter(label.kind for s in stories for i in s.items for label in i.labels)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 30
