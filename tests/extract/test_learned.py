"""The learned reader: windows, marks, two votes made one, and the model that is shipped."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from monitor.bootstrap import readers
from monitor.bootstrap.plan import plan
from monitor.config import Config
from monitor.core.errors import MonitorError
from monitor.core.model import Actor, Claim, Figure, Modality, Operator
from monitor.extract.drafts import Draft, Votes
from monitor.extract.kinds import load_kinds
from monitor.extract.learned import MODEL, available
from monitor.extract.learned.calibration import Calibration, Curve, Vote
from monitor.extract.learned.decode import find_mentions, find_parts
from monitor.extract.learned.fusion import GUESS, fuse
from monitor.extract.learned.labels import OUTPUTS, ROLES, TYPE_INDEX, TYPES, WHYS
from monitor.extract.learned.mentions import Marked, Mention, Part, one_number_each
from monitor.extract.learned.network import Network, _has_dot_products
from monitor.extract.learned.voice import LearnedVoice
from monitor.extract.learned.windows import MAX_WINDOW, Pieces, cut, pack
from monitor.extract.reader import LexicalReader
from tests.extract.marking import History, Marking, document


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.load(MODEL)


@pytest.fixture(scope="module")
def both() -> LexicalReader:
    return LexicalReader.load(voice=LearnedVoice())


def told(reader: LexicalReader, text: str) -> list[Claim]:
    return [c for c in reader.read(document(text)) if c.modality is Modality.FACT and c.confidence >= 0.5]


def test_the_inventory_is_the_contracts() -> None:
    """The order is the model's: another one needs other weights."""
    assert {t.kind for t in TYPES} == set(load_kinds())
    finer = {
        kind: {t.sub for t in TYPES if t.kind == kind and t.sub} for kind in ("statement", "court_ruling")
    }
    table = tomllib.loads(files("monitor.extract").joinpath("lexicon/kinds.toml").read_text("utf-8"))
    assert set(table["stance"]) <= finer["statement"]
    assert set(table["outcome"]) <= finer["court_ruling"]
    trained = json.loads((MODEL / "manifest.json").read_text("utf-8"))["types"]
    assert trained == [f"{t.kind}.{t.sub}" if t.sub else t.kind for t in TYPES]


@given(st.lists(st.integers(0, 110), max_size=40))
def test_windows_hold_every_sentence_once_and_none_is_too_long(lengths: list[int]) -> None:
    pieces = [Pieces([7] * n, [(0, 1)] * n) for n in lengths]
    windows = pack(pieces, 1, 2)
    assert [number for w in windows for number, _ in w.places] == [n for n, k in enumerate(lengths) if k]
    for window in windows:
        assert len(window.ids) <= MAX_WINDOW
        for number, start in window.places:
            assert window.ids[start : start + lengths[number]] == [7] * lengths[number]


def test_pieces_are_placed_without_the_space_before_them() -> None:
    """Else a name would begin with a space, and its quote would not be the name."""
    text = "Rusia  “reconoció” a Ardern—y a\u00a0Peña, ﬁn."
    (pieces,) = cut(Tokenizer.from_file(str(MODEL / "tokenizer.json")), [text])
    assert len(pieces.ids) == len(pieces.offsets)
    shown = [text[start:end] for start, end in pieces.offsets]
    assert "".join(shown) == re.sub(r"\s", "", text)
    assert all(piece == piece.strip() for piece in shown)


def marked(words: int, *marks: tuple[int, str, str, bool, float]) -> np.ndarray:
    chances = np.full((words, OUTPUTS), 0.01, dtype=np.float32)
    for word, kind, sub, fact, chance in marks:
        chances[word, 2 * TYPE_INDEX[kind, sub] + (not fact)] = chance
    return chances


def offsets(words: int) -> list[tuple[int, int]]:
    return [(5 * n, 5 * n + 4) for n in range(words)]


def test_words_that_stand_out_become_mentions() -> None:
    chances = marked(
        9, (1, "arrest", "", True, 0.9), (2, "arrest", "", True, 0.8), (7, "arrest", "", False, 0.7)
    )
    whys = np.zeros((9, len(WHYS)), dtype=np.float32)
    whys[7, WHYS.index("demand")] = 5
    first, second = find_mentions(chances, whys, offsets(9)).mentions
    assert (first.kind, first.trigger, round(first.fact, 2)) == ("arrest", (5, 14), 0.9)
    assert second.spoken > second.fact
    assert second.why == "demand"


def test_of_two_stances_on_the_same_words_the_likelier_stays_with_the_chance_of_both() -> None:
    chances = marked(4, (1, "statement", "rejects", True, 0.5), (1, "statement", "condemns", True, 0.3))
    (mention,) = find_mentions(chances, np.zeros((4, len(WHYS)), dtype=np.float32), offsets(4)).mentions
    assert mention.sub == "rejects"
    assert mention.fact == pytest.approx(0.8, abs=0.05)


def cast(*roles: int) -> np.ndarray:
    """Chances of roles, a row for each piece: 0.7 for the role given."""
    chances = np.full((len(roles), len(ROLES)), 0.3 / (len(ROLES) - 1), dtype=np.float32)
    chances[np.arange(len(roles)), roles] = 0.7
    return chances


def test_stretches_of_one_role_become_parts() -> None:
    text = "word " * 6
    parts = find_parts(cast(1, 1, 0, 2, 3, 3), offsets(6), ROLES, text)
    assert [(p.role, p.start, p.end) for p in parts] == [("a", 0, 9), ("r", 15, 19), ("v", 20, 29)]
    assert all(p.chance == pytest.approx(0.7) for p in parts)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Maria Machado, spoke", [(0, 5), (6, 10), (10, 13), (13, 14), (15, 20)]),
        ("Maria Viasnas, spoke", [(0, 5), (6, 7), (7, 13), (13, 14), (15, 20)]),
    ],
)
def test_a_role_is_cast_for_whole_words(text: str, pieces: list[tuple[int, int]]) -> None:
    parts = find_parts(cast(1, 0, 1, 0, 0), pieces, ROLES, text)
    assert [(p.role, p.start, p.end) for p in parts] == [("a", 0, 13)]


@pytest.mark.parametrize(
    ("chance", "parts"), [(0.6, [("r", 0, 11)]), (0.9, [("r", 0, 3), ("a", 4, 7), ("r", 8, 11)])]
)
def test_a_word_that_is_unsure_of_its_role_has_that_of_those_around(chance: float, parts: list) -> None:
    roles = np.zeros((3, len(ROLES)), dtype=np.float32)
    roles[[0, 2], ROLES.index("r")], roles[1, ROLES.index("a")] = 0.9, chance
    found = find_parts(roles, [(0, 3), (4, 7), (8, 11)], ROLES, "the top row")
    assert [(p.role, p.start, p.end) for p in found] == parts


def test_a_space_that_is_a_piece_of_its_own_plays_no_role() -> None:
    parts = find_parts(cast(1, 2, 3), [(0, 4), (5, 5), (5, 9)], ROLES, "word word")
    assert [(p.role, p.start, p.end) for p in parts] == [("a", 0, 4), ("v", 5, 9)]


def draft(kind: str, confidence: float, trigger: tuple[int, int], **more: object) -> Draft:
    return replace(Draft(kind, 0, 20, confidence=confidence, trigger=trigger), **more)


CURVES = Calibration(
    {
        "both": Curve((0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0), {}),
        "lexical": Curve((-1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), {}),
        "alone": Curve((-1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0), {"arrest": -2.0}),
    }
)


def test_agreement_is_worth_more_than_either_vote() -> None:
    lexical, learned = (
        draft("arrest", 0.7, (3, 4)),
        draft("arrest", 0.7, (3, 5), actors=[Actor(name="Police")]),
    )
    (joined,) = fuse([lexical], [learned], {"arrest": 0.7}, CURVES)
    assert joined.confidence > 0.8
    assert [a.name for a in joined.actors] == ["Police"]


def test_a_lone_vote_is_heard_with_its_own_curve() -> None:
    alone, other = fuse(
        [draft("decree", 0.92, (1, 2))], [draft("arrest", 0.8, (6, 7))], {"decree": 0.05}, CURVES
    )
    assert alone.confidence == pytest.approx(1 / (1 + np.exp(1 - np.log(0.92 / 0.08))), abs=0.001)
    assert other.confidence < alone.confidence


def test_where_the_lexicon_is_silent_the_network_is_weighed_as_if_it_read_alone() -> None:
    silent = Vote("arrest", "", Votes(learned=0.9), actor=True, recipient=True, aside=False)
    heard = replace(silent, votes=Votes(lexical=0.9, learned=0.9))
    assert CURVES.chance(silent) == pytest.approx(1 / (1 + np.exp(3 - np.log(0.9 / 0.1))))
    assert CURVES.chance(silent) < CURVES.chance(heard)


@pytest.mark.parametrize(
    ("fact", "cast", "trusted"),
    # Where nobody is cast there is nobody to be wrong about.
    [(0.9, 0.3, False), (0.9, 0.6, True), (0.3, 0.6, False), (0.9, 0.0, True)],
)
def test_what_the_network_only_guesses_is_not_told(fact: float, cast: float, *, trusted: bool) -> None:
    curves = Calibration({"alone": Curve((3.0,) + (0.0,) * 7, {})})
    seen = draft("arrest", fact, (6, 7), recipients=[Actor(name="Ada Munro")], votes=Votes(cast=cast))
    (found,) = fuse([], [seen], {}, curves)
    assert (found.confidence > GUESS) is trusted
    assert ("the network only guesses" in found.notes) is not trusted


@pytest.mark.parametrize(
    ("kind", "lexical", "name", "trusted"),
    [
        ("arrest", [], "six dockers", False),
        ("charge", [], "former minister", False),
        ("arrest", [], "Ada Munro", True),
        ("release", [], "six dockers", True),
        ("arrest", [("arrest", 0.9, (6, 7))], "six dockers", True),
    ],
)
def test_an_arrest_of_nobody_in_particular_is_not_told_on_the_networks_word_alone(
    kind: str, lexical: list, name: str, *, trusted: bool
) -> None:
    curves = Calibration(dict.fromkeys(("alone", "both"), Curve((3.0,) + (0.0,) * 7, {})))
    seen = draft(kind, 0.9, (6, 7), recipients=[Actor(name=name)], votes=Votes(cast=0.9))
    (found,) = fuse([draft(*one) for one in lexical], [seen], {kind: 0.9}, curves)
    assert (found.confidence > GUESS) is trusted


def _number(metric: str, value: float) -> Figure:
    return Figure(metric=metric, operator=Operator.EQ, value=value, unit="count")


@pytest.mark.parametrize(
    ("lexical", "kinds", "heard"),
    [
        # The network tells a number, but not of this metric.
        ({"kind": "figure", "figure": _number("deaths", 9)}, {"figure": 0.9, "figure.votes": 0.9}, 0.0),
        ({"kind": "figure", "figure": _number("deaths", 9)}, {"figure.deaths": 0.9}, 0.9),
        # It tells this number, and counts something else with it.
        ({"kind": "figure", "figure": _number("deaths", 4)}, {"figure.deaths": 0.9}, 0.0),
        ({"kind": "statement", "stance": "rejects"}, {"statement": 0.9, "statement.supports": 0.9}, 0.0),
        ({"kind": "statement", "stance": "rejects"}, {"statement.condemns": 0.6, "statement.rejects": 0.2}, 0.8),
        ({"kind": "arrest"}, {"arrest": 0.7}, 0.7),
    ],
)  # fmt: skip
def test_what_the_network_hears_of_a_lone_claim(lexical: dict, kinds: dict[str, float], heard: float) -> None:
    other = draft("figure", 0.9, (7, 8), figure=_number("injured", 4))
    (lone, _) = sorted(
        fuse([draft(confidence=0.7, trigger=(1, 2), **lexical)], [other], kinds, Calibration({})),
        key=lambda d: d.trigger,
    )
    assert lone.votes.learned == pytest.approx(heard)


def test_two_arrests_of_different_people_stay_two() -> None:
    left = draft("arrest", 0.7, (1, 2), recipients=[Actor(name="Ada Munro")])
    right = draft("arrest", 0.7, (9, 10), recipients=[Actor(name="Ben Okoro")])
    assert len(fuse([left], [right], {"arrest": 0.7}, CURVES)) == 2


def test_what_two_frames_hear_in_the_same_words_is_told_once() -> None:
    """The weaker frame took the nearest noun for who acts; the network heard the same words."""
    strong = draft(
        "arrest", 0.9, (3, 6), actors=[Actor(name="Ada Munro")], recipients=[Actor(name="Jon Ware")]
    )
    weak = draft("arrest", 0.6, (5, 6), actors=[Actor(name="Jon Ware")], recipients=[Actor(name="Bo Lind")])
    apart = draft("arrest", 0.6, (9, 10), recipients=[Actor(name="Bo Lind")])
    heard = draft("arrest", 0.9, (4, 6), recipients=[Actor(name="Jon Ware")])
    found = fuse([strong, weak, apart], [heard], {"arrest": 0.9}, Calibration({}))
    assert sorted(d.trigger for d in found) == [(3, 6), (9, 10)]


def _shares(*parts: tuple[str, int]) -> Mention:
    placed = [Part(role, at, at + 2) for role, at in parts]
    return Mention("figure", "votes", 0.9, 0.0, "other", 0, (10, 52), (0, 1), placed)


@pytest.mark.parametrize(
    ("parts", "pairs"),
    [
        # "Munro 58 and Lind 37", "58 for Munro, 37 for Lind"
        ((("r", 0), ("v", 10), ("r", 40), ("v", 50)), {10: [0], 50: [40]}),
        ((("v", 10), ("r", 20), ("v", 50), ("r", 60)), {10: [20], 50: [60]}),
        # "Munro and Lind had 58 and 37"
        ((("r", 0), ("r", 4), ("v", 10), ("v", 50)), {10: [0], 50: [4]}),
        # One is named only.
        ((("v", 10), ("r", 40), ("v", 50)), {10: [40], 50: [40]}),
        ((("v", 10), ("v", 50)), {10: [], 50: []}),
    ],
)
def test_shares_told_in_one_breath_are_each_their_candidates(
    parts: tuple[tuple[str, int], ...], pairs: dict[int, list[int]]
) -> None:
    told = {}
    for mention in one_number_each([_shares(*parts)]):
        (value,) = [p.start for p in mention.parts if p.role == "v"]
        told[value] = [p.start for p in mention.parts if p.role == "r"]
    assert told == pairs


def test_a_second_number_of_people_is_a_part_of_the_first() -> None:
    dead = replace(_shares(("v", 10), ("v", 50)), sub="deaths")
    assert list(one_number_each([dead])) == [dead]


@pytest.mark.parametrize(
    ("grammar", "network", "who"),
    [
        (["Ana Ruiz"], ["Jon Ware"], ["Jon Ware"]),
        (["Ana Ruiz", "Jon Ware"], ["Jon Ware"], ["Ana Ruiz", "Jon Ware"]),
        (["Ana Ruiz"], [], ["Ana Ruiz"]),
    ],
)
def test_the_networks_roles_come_first_unless_the_grammar_has_them_all_and_more(
    grammar: list[str], network: list[str], who: list[str]
) -> None:
    one = draft("arrest", 0.9, (3, 4), recipients=[Actor(name=n) for n in grammar])
    other = draft("arrest", 0.9, (3, 4), recipients=[Actor(name=n) for n in network])
    (found,) = fuse([one], [other], {"arrest": 0.9}, Calibration({}))
    assert [a.name for a in found.recipients] == who


def test_who_acts_on_whom_the_grammar_knows() -> None:
    ana, jon = [Actor(name="Ana Ruiz")], [Actor(name="Jon Ware")]
    one = draft("statement", 0.9, (3, 4), stance="congratulates", actors=ana, recipients=jon)
    other = draft("statement", 0.9, (3, 4), stance="congratulates", actors=jon, recipients=ana)
    (found,) = fuse([one], [other], {}, Calibration({}))
    assert (found.actors, found.recipients) == (ana, jon)


@pytest.mark.parametrize(
    "text", ["Ana Ruiz and Jon Ware came. Both condemn the raid.", "All six condemn the raid."]
)
def test_a_number_of_people_needs_no_noun(text: str) -> None:
    assert [c.stance for c in LexicalReader.load().read(document(text))] == ["condemns"]


@pytest.mark.parametrize(
    ("kind", "actors", "recipients"),
    [
        ("asylum", [], ["Ana Ruiz"]),
        ("arrest", ["Ana Ruiz"], ["Jon Ware"]),
        ("charge", ["Ana Ruiz"], ["Jon Ware"]),
    ],
)
def test_nobody_arrests_himself(kind: str, actors: list[str], recipients: list[str]) -> None:
    ana, jon = Actor(name="Ana Ruiz"), Actor(name="Jon Ware")
    both = [ana] if kind == "asylum" else [ana, jon]
    one = draft(kind, 0.9, (3, 4), actors=[ana], recipients=both)
    (found,) = fuse([], [one], {kind: 0.9}, Calibration({}))
    assert [a.name for a in found.actors] == actors
    assert [r.name for r in found.recipients] == recipients


@pytest.mark.parametrize(
    ("text", "trigger", "stance"),
    [
        ("Chad cannot consider Ada Munro the lawful mayor.", "lawful mayor", "rejects"),
        ("Chad does not consider Ada Munro the lawful mayor.", "lawful mayor", "rejects"),
        (
            "Chad, which does not fish there, considers Ada Munro the lawful mayor.",
            "lawful mayor",
            "recognises",
        ),
    ],
)
def test_recognition_that_is_withheld_is_none(text: str, trigger: str, stance: str) -> None:
    seen = Marking("statement", "recognises", trigger, ("a", "Chad"), ("r", "Ada Munro"))
    (said,) = LexicalReader.load(voice=seen).read(document(text))
    assert said.stance == stance


def test_who_does_it_is_not_whose_word_it_is_on() -> None:
    men = Actor(name="men")
    one = draft("violence", 0.9, (3, 4), actors=[men])
    one.claimed_by = [men, Actor(name="police")]
    (found,) = fuse([], [one], {}, Calibration({}))
    assert [a.name for a in found.claimed_by] == ["police"]


def test_a_description_beside_a_fuller_one_is_nobody_else() -> None:
    who = [Actor(name=name) for name in ("unions", "unions of the north", "Ada", "Ada Gray")]
    (found,) = fuse([], [draft("statement", 0.9, (3, 4), stance="rejects", actors=who)], {}, Calibration({}))
    assert [a.name for a in found.actors] == ["unions of the north", "Ada", "Ada Gray"]


def test_where_either_reader_sees_no_fact_none_is_told() -> None:
    lexical = draft("arrest", 0.7, (3, 4))
    learned = draft("arrest", 0.9, (3, 4), modality=Modality.HYPOTHETICAL)
    (joined,) = fuse([lexical], [learned], {"arrest": 0.3}, CURVES)
    assert joined.modality is Modality.HYPOTHETICAL


@pytest.mark.parametrize(
    ("surmised", "sure", "spoken", "meant"),
    [
        (True, 0.95, 0.05, Modality.FACT),
        (True, 0.95, 0.60, Modality.HISTORICAL),
        (True, 0.70, 0.05, Modality.HISTORICAL),
        (False, 0.95, 0.05, Modality.HISTORICAL),
    ],
)
def test_the_network_overrules_only_what_is_surmised(
    *, surmised: bool, sure: float, spoken: float, meant: Modality
) -> None:
    lexical = draft("arrest", 0.7, (3, 4), modality=Modality.HISTORICAL, surmised=surmised)
    learned = draft("arrest", sure, (3, 4), votes=Votes(spoken=spoken))
    (joined,) = fuse([lexical], [learned], {"arrest": sure}, CURVES)
    assert joined.modality is meant


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        (
            "Police arrested the opposition mayor Tomas Quiroga at his home on Tuesday.",
            "arrest",
            "Tomas Quiroga",
        ),
        ("La policía detuvo a la alcaldesa Rosa Mendieta en su casa el martes.", "arrest", "Rosa Mendieta"),
        (
            "A court sentenced former minister Pavel Drozd to nine years in prison.",
            "court_ruling",
            "Pavel Drozd",
        ),
    ],
)
def test_plain_news_is_told_in_both_languages(both: LexicalReader, text: str, kind: str, name: str) -> None:
    found = [c for c in told(both, text) if c.kind == kind]
    assert found
    assert name in {a.name for c in found for a in c.recipients}


@pytest.mark.parametrize(
    "text",
    [
        "No one has been arrested over the fire, a police spokeswoman said.",
        "If he returns to the country he could be arrested at the airport, his lawyer warned.",
        "In 1998 he was arrested for leading a strike at the copper mine.",
        "Nadie ha sido detenido por el incendio, dijo una portavoz de la policía.",
    ],
)
def test_what_did_not_happen_now_is_not_told(both: LexicalReader, text: str) -> None:
    assert [c for c in told(both, text) if c.kind == "arrest"] == []


def test_reading_is_the_same_twice_and_quotes_are_verbatim(both: LexicalReader) -> None:
    text = (
        "Officers rounded up 37 members of the transport union overnight, according to the interior ministry.\n\n"
        "The union's secretary, Idris Kone, called the raids a disgrace and demanded their release."
    )
    first, second = both.read(document(text)), both.read(document(text))
    assert first == second
    assert first
    for claim in first:
        assert text[claim.start : claim.end] == claim.quote
        assert any(note.startswith("voted ") for note in claim.notes)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_it_raise(both: LexicalReader, text: str) -> None:
    for claim in both.read(document(text)):
        assert text[claim.start : claim.end] == claim.quote
        assert 0 <= claim.confidence <= 1


def test_every_mark_lies_in_its_sentence(network: Network) -> None:
    sentences = ["Troops were sent to the border.", "", "¿Quién ordenó el cierre?", "x " * 900]
    for text, seen in zip(sentences, network.read(sentences), strict=True):
        for mention in seen.mentions:
            for start, end in [mention.trigger, *((p.start, p.end) for p in mention.parts)]:
                assert 0 <= start < end <= len(text)


def test_what_is_read_does_not_hang_on_what_stands_far_away(network: Network) -> None:
    """Sentences too long for one window with their neighbours: to the last bit the same, whoever the neighbour is."""
    told = "The police arrested the mayor " + "and the clerk of the harbour office " * 14 + "on Monday."
    near, other = "The union called a strike " * 20, "¡Exigen la renuncia del ministro! " * 12
    first, second = (network.read([told, far])[0] for far in (near, other))
    assert first.mentions
    assert first == second


def test_the_quick_sums_and_the_exact_ones_read_the_same(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the processor has dot products; elsewhere both are the exact ones."""
    monkeypatch.setattr("monitor.extract.learned.network._has_dot_products", lambda: False)
    text = ["Police arrested mayor Ana Ruiz on Monday.", "El tribunal anuló la elección por 5 votos a 4."]
    assert network.read(text) == Network.load(MODEL).read(text)


@pytest.mark.parametrize(
    ("flags", "known"),
    [
        ("flags : sse2 avx2 avx_vnni", True),
        ("flags : avx512_vnni", True),
        ("flags : avx2", False),
        (None, False),
    ],
)
def test_a_processor_is_asked_for_dot_products(tmp_path: Path, flags: str | None, *, known: bool) -> None:
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags)
    assert _has_dot_products(tmp_path / "cpuinfo") is known


def test_a_model_that_was_altered_is_refused(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    with (tmp_path / "model" / "roles.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(MonitorError, match=r"roles\.onnx: not the file that was built"):
        Network.load(tmp_path / "model")


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match="cannot be read"):
        Network.load(tmp_path)


def test_the_light_install_reads_with_the_lexicon(monkeypatch: pytest.MonkeyPatch) -> None:
    assert available()
    monkeypatch.setattr(readers, "available", lambda: False)
    reader = readers.make_reader(plan(Config()))
    claims = reader.read(document("Police arrested the opposition mayor Tomas Quiroga on Tuesday."))
    assert [c.kind for c in claims] == ["arrest"]
    assert not any(note.startswith("voted ") for note in claims[0].notes)


@pytest.mark.parametrize(
    ("text", "marked", "names"),
    [
        # Blamed is what stands behind "on"; the network stops short of the noun.
        (
            "Ada Munro blamed the slow count on an attack.",
            ("statement", "accuses", "blamed", ("a", "Ada Munro"), ("r", "the slow")),
            (["Ada Munro"], ["attack"]),
        ),
        # A name that goes on after the first noun that is known.
        (
            "The ministery of Interior rejected the ruling.",
            ("statement", "rejects", "rejected", ("a", "ministery of Interior"), ("r", "the ruling")),
            (["ministery of Interior"], ["ruling"]),
        ),
        # Courts alone rule.
        (
            "The warrant and the Supreme Court upheld the vote.",
            ("court_ruling", "upholds", "upheld", ("a", "The warrant"), ("a", "the Supreme Court"), ("r", "the vote")),
            (["Supreme Court"], ["vote"]),
        ),
        # Who says more of somebody is nobody else.
        (
            "Ada Munro, the harbour minister, and Jon Ware rejected the ruling.",
            ("statement", "rejects", "rejected", ("a", "Ada Munro"), ("a", "the harbour minister"), ("a", "Jon Ware"),
             ("r", "the ruling")),
            (["Ada Munro", "Jon Ware"], ["ruling"]),
        ),
        (
            "Chad's harbour board rejected the ruling.",
            ("statement", "rejects", "rejected", ("a", "Chad"), ("a", "harbour board"), ("r", "the ruling")),
            (["Chad harbour board"], ["ruling"]),
        ),
        # A country is sanctioned, and not the flights there.
        (
            "Chad suspended all flights to Ghana and Mali.",
            ("sanction", "", "suspended", ("a", "Chad"), ("r", "all flights"), ("r", "Ghana"), ("r", "Mali")),
            (["Chad"], ["Ghana", "Mali"]),
        ),
        # The network stops short of the noun.
        (
            "Chad rejected a ruling by Kenya's top court.",
            ("statement", "rejects", "rejected", ("a", "Chad"), ("r", "a ruling by Kenya's top")),
            (["Chad"], ["ruling by Kenya top court"]),
        ),
        # As what somebody is taken is nobody else; "as well as" names another.
        (
            "Chad recognised Ada Munro as the lawful and freely elected mayor.",
            ("statement", "recognises", "recognised", ("a", "Chad"), ("r", "Ada Munro"), ("r", "lawful"),
             ("r", "freely elected mayor")),
            (["Chad"], ["Ada Munro"]),
        ),
        (
            "Chad recognised Ada Munro as well as Piet Vos.",
            ("statement", "recognises", "recognised", ("a", "Chad"), ("r", "Ada Munro"), ("r", "Piet Vos")),
            (["Chad"], ["Ada Munro", "Piet Vos"]),
        ),
        # How a group is described is no stance that it takes.
        (
            "Groups loyal to the council met.",
            ("statement", "supports", "loyal to", ("a", "Groups"), ("r", "the council")),
            None,
        ),
        (
            "The groups stay loyal to the council.",
            ("statement", "supports", "loyal to", ("a", "The groups"), ("r", "the council")),
            (["groups"], ["council"]),
        ),
        # What is rejected is what somebody did, not who did it.
        (
            "Chad signed the treaty and the union rejected it.",
            ("statement", "rejects", "rejected", ("a", "the union"), ("r", "it")),
            (["union"], ["treaty"]),
        ),
        # Whose lawyers speak does not speak himself.
        (
            "The lawyers of Ada Munro call the ruling void.",
            ("statement", "rejects", "void", ("a", "The lawyers of Ada Munro"), ("r", "the ruling")),
            (["lawyers of Ada Munro"], ["ruling void"]),
        ),
        (
            "Ada Munro's lawyer, Piet Vos, was held.",
            ("arrest", "", "held", ("r", "Ada Munro's lawyer, Piet Vos")),
            ([], ["Piet Vos"]),
        ),
        # A name comes late behind a long title.
        (
            "The head of the Council of Harbour Pilots of Ruritania, Ada Munro, condemned the raid.",
            (
                "statement", "condemns", "condemned",
                ("a", "The head of the Council of Harbour Pilots of Ruritania, Ada Munro"), ("r", "the raid"),
            ),
            (["Ada Munro"], ["raid"]),
        ),
        # Who is named within another is not meant again.
        (
            "Chile barred the crews of nine ships.",
            ("sanction", "", "barred", ("a", "Chile"), ("r", "the crews of nine ships"), ("r", "nine ships")),
            (["Chile"], ["crews of nine ships"]),
        ),
        # The country of the story is meant where none is named, or another where it acts itself.
        (
            "Prices rose in Kenya. Kenya is calm. Kenya waits. Canada halted its payments.",
            ("sanction", "", "halted", ("a", "Canada")),
            (["Canada"], ["Kenya"]),
        ),
        (
            "Prices rose in Kenya. Kenya halted the ferries to Chile.",
            ("sanction", "", "halted", ("a", "Kenya"), ("r", "the ferries")),
            (["Kenya"], ["Chile"]),
        ),
        # "Both" are two.
        (
            "Police met two hundred reporters. Both were seized.",
            ("arrest", "", "seized", ("r", "Both")),
            None,
        ),
        # A pronoun that leans on its verb; it does not mean who acts, by whichever name.
        (
            "Detuvieron a Ada Munro. El fiscal de Puertos, Piet Vos, le abrió un expediente.",
            ("investigation", "", "expediente", ("a", "El fiscal de Puertos, Piet Vos"), ("r", "le")),
            (["Piet Vos"], ["Ada Munro"]),
        ),
        (
            "Detuvieron a Ada Munro. La fiscal le abrió un expediente.",
            ("investigation", "", "expediente", ("a", "La fiscal"), ("r", "le")),
            (["fiscal"], ["Ada Munro"]),
        ),
        # A subject left out is who the sentence before was about.
        (
            "La Comisión de Puertos se reunió el lunes. Pide abrir los muelles.",
            ("statement", "demands", "Pide"),
            (["Comisión de Puertos"], []),
        ),
        (
            "The Union of Dockers met on Monday. Backs the strike.",
            ("statement", "supports", "Backs", ("r", "the strike")),
            (["Union of Dockers"], ["strike"]),
        ),
        # "We" outside quotation marks is who wrote the text; inside them, who spoke before.
        (
            "Statement by the Union of Dockers. We condemn the raid.",
            ("statement", "condemns", "condemn", ("a", "We"), ("r", "the raid")),
            (["Union of Dockers"], ["raid"]),
        ),
        # "Of", left of a longer name, is nobody.
        (
            "Rosa Lind of the Civic Front condemned the raid.",
            ("statement", "condemns", "condemned", ("a", "Rosa Lind"), ("a", "of"), ("r", "the raid")),
            (["Rosa Lind"], ["raid"]),
        ),
        # Of a long title only the name after it is who bears it.
        (
            "The Secretary for the Islands of Ghana, Piet Vos, condemned the raid.",
            ("statement", "condemns", "condemned", ("a", "The Secretary for the Islands of Ghana, Piet Vos"), ("r", "the raid")),
            (["Piet Vos"], ["raid"]),
        ),
        (
            "La delegada de la ONU para los Asuntos Marítimos, Ada Munro, condenó la redada.",
            ("statement", "condemns", "condenó",
             ("a", "La delegada de la ONU para los Asuntos Marítimos, Ada Munro"), ("r", "la redada")),
            (["Ada Munro"], ["redada"]),
        ),
        # What is fired is not whom it hits.
        (
            "Guards fired rubber bullets at the dockers.",
            ("violence", "", "fired", ("a", "Guards"), ("r", "rubber bullets"), ("r", "the dockers")),
            (["Guards"], ["dockers"]),
        ),
        (
            "Statement by the Union of Dockers. Ada Munro said that she knew. \"We condemn the raid.\"",
            ("statement", "condemns", "condemn", ("a", "We"), ("r", "the raid")),
            (["Ada Munro"], ["raid"]),
        ),
    ],
)  # fmt: skip
def test_whom_marks_name(text: str, marked: tuple, names: tuple[list[str], list[str]] | None) -> None:
    claims = LexicalReader.load(voice=Marking(*marked)).read(document(text))
    told = [([a.name for a in c.actors], [a.name for a in c.recipients]) for c in claims]
    assert told == ([names] if names else [])


@pytest.mark.parametrize(
    "text",
    [
        "On the list is Teodor Vask, a founder of the union. Masked men detained him at the harbour on Sunday.",
        "Teodor Vask spoke. Inspector Lee Dorn detained him on Sunday.",
    ],
)
def test_he_who_is_arrested_is_not_who_arrests(text: str) -> None:
    reader = LexicalReader.load(voice=LearnedVoice(mode="learned"))
    (arrest,) = [c for c in told(reader, text) if c.kind == "arrest"]
    assert [r.name for r in arrest.recipients] == ["Teodor Vask"]


@pytest.mark.parametrize(
    ("text", "value", "roles", "about"),
    [
        (
            "The tally gave Ada Munro 3.1 million votes.",
            "3.1 million",
            {"Ada Munro 3.1": 0.9},
            "Ada Munro",
        ),
        ("There were 1.4 million votes for Piet Vos.", "1.4 million", {}, "Piet Vos"),
        # Of two that the network casts, the surest; of those beyond another number, none.
        ("Fifty for Ada Munro, 33 votes to Piet Vos.", "33", {"Ada Munro": 0.7, "Piet Vos": 0.9}, "Piet Vos"),
        (
            "Piet Vos had 50 votes, 33 went to Ada Munro.",
            "33",
            {"Piet Vos": 0.9, "Ada Munro": 0.7},
            "Ada Munro",
        ),
    ],
)
def test_whose_votes_they_are(text: str, value: str, roles: dict[str, float], about: str) -> None:
    class Votes(Marking):
        def _mark(self, text: str) -> Marked:
            marked = super()._mark(text)
            for words, chance in roles.items():
                at = text.index(words)
                marked.mentions[0].parts.append(Part("r", at, at + len(words), chance))
            return marked

    seen = Votes("figure", "votes", value, ("v", value))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert claim.figure is not None
    assert (claim.figure.about, claim.figure.scope) == (about, (about.lower(),))


@pytest.mark.parametrize(
    ("day", "modality"),
    [("on 9 April", Modality.FACT), ("on 9 March", Modality.HISTORICAL), ("", Modality.HISTORICAL)],
)
def test_what_is_dated_in_the_last_weeks_is_no_history(day: str, modality: Modality) -> None:
    """The document is of 3 May; the network does not see that."""

    dated = [("d", day)] if day else []
    seen = History("arrest", "", "arrested", ("r", "Ada Munro"), *dated)
    (claim,) = LexicalReader.load(voice=seen).read(document(f"Ada Munro, arrested {day}, is still held."))
    assert claim.modality is modality


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (
            "Ada Munro asked the court to free her son; it refused.",
            "Ada Munro asked the court to free her son",
        ),
        ("Ada Munro said that the vote was stolen.", "Ada Munro said that the vote was stolen"),
        ("Chad condemned it, the first to do so.", "Chad condemned it, the first to do so"),
    ],
)
def test_a_quote_tells_what_was_asked_or_said(text: str, quote: str) -> None:
    (claim, *_) = [c for c in LexicalReader.load().read(document(text)) if c.kind == "statement"]
    assert claim.quote == quote


@pytest.mark.parametrize(
    ("text", "metric", "value"),
    [
        ("A girl of twelve was killed in the port.", "deaths", "twelve"),
        ("Una joven de 19 años murió de un disparo.", "deaths", "19"),
        ("The dockers mourn one of the victims.", "deaths", "one"),
        ("Thousands of dockers listened.", "other", "Thousands"),
    ],
)
def test_ages_and_crowds_count_nobody(text: str, metric: str, value: str) -> None:
    read = LexicalReader.load(voice=Marking("figure", metric, value, ("v", value))).read(document(text))
    assert [c for c in read if c.figure is not None] == []


@pytest.mark.parametrize(
    ("before", "metric"),
    [
        ("The quarrel over the detained is old.", "detained"),
        ("The quarrel over the harbour is old.", "deaths"),
        ("The dead are mourned.", "deaths"),
    ],
)
def test_people_only_counted_are_those_who_were_spoken_of(before: str, metric: str) -> None:
    seen = Marking("figure", "deaths", "listed", ("v", "310"), ("r", "people"))
    (claim,) = LexicalReader.load(voice=seen).read(document(f"{before} The ministry listed 310 people."))
    assert claim.figure is not None
    assert claim.figure.metric == metric


def test_who_is_counted_by_the_words_beside_them_is_who_they_say() -> None:
    seen = Marking("figure", "injured", "counts", ("v", "24"), ("r", "people"))
    text = "The quarrel over the detained is old. The clinic counts 24 people with injuries."
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert claim.figure is not None
    assert claim.figure.metric == "injured"


@pytest.mark.parametrize(
    "text",
    [
        "She left her post on 9 July.",
        "Two were hurt on the 9th of June.",
        "Two were hurt, AP, 9 and 14 June.",
    ],
)
def test_the_day_of_a_month_is_no_count(text: str) -> None:
    seen = Marking("figure", "detained", "9", ("v", "9"))
    assert not LexicalReader.load(voice=seen).read(document(text))


def test_a_voice_speaks_for_its_own_number() -> None:
    text = "AFP counts 64 dead, Reuters 57."
    seen = Marking("figure", "deaths", "57", ("v", "57"), ("s", "AFP"), ("s", "Reuters"))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert [a.name for a in claim.claimed_by] == ["Reuters"]


@pytest.mark.parametrize(("who", "believed"), [("Chile", False), ("The court", True)])
def test_states_do_not_rule(who: str, *, believed: bool) -> None:
    seen = Marking("court_ruling", "annuls", "struck down", ("a", who), ("r", "the result"))
    (claim,) = LexicalReader.load(voice=seen).read(document(f"{who} struck down the result."))
    assert (claim.confidence > 0.5) is believed


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Piet Vos, who has led the union since the 2009 accord, condemned the raid.", Modality.FACT),
        ("In 2009 Piet Vos condemned the raid.", Modality.HISTORICAL),
    ],
)
def test_a_year_outside_the_events_clause_makes_no_history(text: str, modality: Modality) -> None:
    """Where the network is sure of a fact; the year in its own clause is the event's."""
    seen = Marking("statement", "condemns", "condemned", ("a", "Piet Vos"), ("r", "the raid"))
    (claim,) = LexicalReader.load(voice=seen).read(document(text))
    assert claim.modality is modality
