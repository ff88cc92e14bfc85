"""A user's kinds, frames and languages: the documentation's own example, and what is told of a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.bootstrap.lexicon import check_lexicon
from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.readers import make_reader
from monitor.config import load_config
from monitor.core.errors import ConfigError
from monitor.core.model import Claim, Document
from tests.extract.helpers import DAY

DOCS = Path(__file__).parents[2] / "docs" / "lexicon.md"
FILE = re.compile(r"^`([\w./]+)` [^\n]*\n```\w+\n(.*?)```", re.MULTILINE | re.DOTALL)
ENVIRON = {"HOOK_URL": "http://127.0.0.1:9/", "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
FRAMES = "lexicon/en/frames/strike_call.toml"


def read(meaning: Plan, text: str, language: str | None = None) -> tuple[Claim, ...]:
    document = Document(
        id="d",
        identity="d",
        name="d.txt",
        source="desk",
        text=text,
        retrieved_at=DAY,
        content_hash="0",
        published_at=DAY,
        language=language,
    )
    return make_reader(meaning).read(document)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The files of the documentation's example."""
    found = FILE.findall(DOCS.read_text("utf-8"))
    assert [name for name, _ in found] == ["config.yaml", "lexicon/kinds.toml", FRAMES]
    for name, text in found:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def meaning_of(home: Path) -> Plan:
    return plan(load_config(home / "config.yaml", ENVIRON))


def append(home: Path, name: str, text: str) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")


def test_the_examples_of_the_documentation_are_read_as_they_say(home: Path) -> None:
    done = check_lexicon(meaning_of(home))
    assert (done.entries, done.examples, done.failures) == (2, 5, ())


def test_a_new_kind_has_its_roles_and_modality(home: Path) -> None:
    claims = read(meaning_of(home), "The teachers' union threatened to call a strike. Doctors downed tools.")
    found = [
        (c.kind, c.modality.value, [a.name for a in c.actors]) for c in claims if c.kind == "strike_call"
    ]
    assert [(k, m) for k, m, _ in found if m == "fact"] == [("strike_call", "fact")]
    assert found[-1][2] == ["Doctors"]


def test_the_built_in_kinds_are_read_as_before(home: Path) -> None:
    claims = read(meaning_of(home), "Police arrested the union leader Ana Ruiz on Monday.")
    assert [c.kind for c in claims] == ["arrest"]


def test_an_example_that_fails_is_told_with_its_line(home: Path) -> None:
    append(
        home,
        FRAMES,
        """
[[frame]]
id = "strike_call.walk-out"
phrases = ["~walk out"]
actor = ["subject"]
examples = [
  "Drivers walked out at dawn.",
  "Bakers walked home.",
  "{A:Bakers} and not {R:millers} walked out.",
]
negative = ["Pilots walked out on Friday."]
""",
    )
    lines = (home / FRAMES).read_text("utf-8").splitlines()
    done = check_lexicon(meaning_of(home))
    told = [(f.place, f.frame, f.problem) for f in done.failures]
    expected = [
        ("Bakers walked home", "nothing"),
        ("not {R:millers}", "names others"),
        ("Pilots", "counterex"),
    ]
    assert len(told) == len(expected)
    for (place, frame, problem), (words, reason) in zip(told, expected, strict=True):
        line = next(n for n, text in enumerate(lines, 1) if words in text)
        assert place == f"{home / FRAMES}:{line}"
        assert frame == "strike_call.walk-out"
        assert reason in problem


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('verb = ["stop"]', "did you mean 'verbs'"),
        ('verbs = "stop"', "verbs must be a list"),
        ("verbs = [3]", "verbs must be a list"),
        ('actor_is = ["union"]', "'union' is none of"),
        ("strength = 3", "between 0 and 1"),
        ('kind = "strike_cal"', "no kind 'strike_cal'"),
        ('if_negated = "rejects"', "if_negated must be a table"),
    ],
)
def test_a_wrong_entry_is_told_with_file_and_line(home: Path, entry: str, message: str) -> None:
    append(home, FRAMES, f'\n[[frame]]\nid = "strike_call.own"\n{entry}\n')
    line = (home / FRAMES).read_text("utf-8").splitlines().index('id = "strike_call.own"')
    with pytest.raises(ConfigError, match=message) as caught:
        check_lexicon(meaning_of(home))
    assert caught.value.place == f"{home / FRAMES}:{line} strike_call.own"
    assert caught.value.remedy


def test_a_file_that_is_no_toml_is_told_with_its_line(home: Path) -> None:
    append(home, "lexicon/en/words.toml", 'adverbs = ["yonder"]\nadjectives = [\n')
    with pytest.raises(ConfigError, match="not valid TOML") as caught:
        check_lexicon(meaning_of(home))
    assert caught.value.place == f"{home / 'lexicon/en/words.toml'}:2"


def test_an_entry_with_a_built_in_id_replaces_what_it_gives(home: Path) -> None:
    """Read by the lexicon alone: the network guesses what such a verb means."""
    append(home, "config.yaml", "reader: lexical\n")
    text = "Officers nabbicated the banker Ana Ruiz on Monday."
    before = read(meaning_of(home), text)
    append(home, "lexicon/en/frames/arrest.toml", '[[frame]]\nid = "arrest.detain"\nverbs = ["nabbicate"]\n')
    after = read(meaning_of(home), text)
    assert "arrest" not in {c.kind for c in before}
    assert [(c.kind, c.recipients[0].name) for c in after] == [("arrest", "Ana Ruiz")]


def test_words_of_the_user_join_the_built_in_ones(home: Path) -> None:
    append(home, "lexicon/en/roles.toml", '[person]\n"quidditch referee" = "CVL"\n')
    claims = read(meaning_of(home), "Police arrested a quidditch referee on Monday. Police arrested a mayor.")
    assert [(c.kind, c.recipients[0].sector) for c in claims] == [("arrest", "CVL"), ("arrest", "GOV")]


SWEDISH = {
    "grammar.toml": """
like = "en"
[prepositions]
by = ["av"]
[closed]
det = ["en", "ett", "den", "det", "de"]
pron = ["han", "hon"]
prep = ["av", "i", "på", "för", "med"]
conj = ["och", "men"]
be = ["är", "var", "blev", "bli"]
neg = ["inte"]
modal = ["ska", "kan"]
""",
    "verbs.toml": """
[forms]
gripa = { s = "griper", past = "grep", part = "gripit gripits gripen" }
""",
    "roles.toml": """
[group]
polisen = "COP"
[person]
journalisten = "MED"
""",
    "frames/arrest.toml": """
kind = "arrest"
[[frame]]
id = "arrest.gripa"
verbs = ["gripa"]
actor = ["subject", "by"]
recipient = ["object"]
recipient_is = ["person", "group"]
strength = 0.9
examples = [
  "{A:Polisen} grep {R:journalisten} i Stockholm.",
  "{R:Anna Lindgren} blev gripen av {A:polisen}.",
]
negative = ["Polisen kan gripa journalisten.", "Polisen kan inte gripa journalisten."]
""",
}


def test_a_third_language_is_a_folder(home: Path) -> None:
    for name, text in SWEDISH.items():
        append(home, f"lexicon/sv/{name}", text)
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("[en]", "[en, sv]"), "utf-8")
    meaning = meaning_of(home)
    assert check_lexicon(meaning).failures == ()
    swedish = read(meaning, "Polisen i Malmö grep Anna Lindgren på en gata i det lugna området.")
    assert [(c.kind, c.actors[0].name.lower(), c.recipients[0].name) for c in swedish] == [
        ("arrest", "polisen", "Anna Lindgren")
    ]
    english = read(meaning, "The police arrested Anna Lindgren on Monday.")
    assert [c.kind for c in english] == ["arrest"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[en]", "[en, sv]", "no lexicon for the language 'sv'"),
        ("lexicon: lexicon", "lexicon: lexikon", "no such folder"),
    ],
)
def test_what_is_missing_is_told(home: Path, old: str, new: str, message: str) -> None:
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ConfigError, match=message):
        meaning_of(home)


OFFICES = """
[[office]]
name = "Signe Holm"
titles = ["prime minister", "premier"]
country = "SWE"
from = 2022-10-18
until = 2025-03-31

[[office]]
name = "Nils Ek"
titles = ["prime minister"]
country = "SWE"
from = 2025-04-01

[[office]]
name = "Han Eun-bi"
titles = ["president"]
country = "KOR"
"""


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("The Swedish prime minister condemned the attack on the embassy.", "Signe Holm"),
        ("Sweden's prime minister condemned the attack on the embassy.", "Signe Holm"),
        ("The prime minister of Sweden condemned the attack on the embassy.", "Signe Holm"),
        ("Prices rose in Sweden. The premier condemned the attack.", "Signe Holm"),
        ("The South Korean president condemned the attack.", "Han Eun-bi"),
        ("The South American president condemned the attack.", "South American president"),
        ("The former Swedish prime minister condemned the attack.", "former Swedish prime minister"),
        ("The Swedish prime minister, Karin Alm, condemned the attack.", "Karin Alm"),
        ("The Norwegian prime minister condemned the attack.", "Norwegian prime minister"),
    ],
)
def test_who_holds_an_office_is_known_by_the_users_list(home: Path, text: str, speaker: str) -> None:
    """The texts are of August 2024."""
    append(home, "lexicon/offices.toml", OFFICES)
    claims = read(meaning_of(home), text)
    assert [a.name for c in claims if c.kind == "statement" for a in c.actors] == [speaker]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('name = "X"', "needs `name` and `titles`"),
        ('name = "X"\ntitles = ["king"]\ncountry = "Sweden"', "no such country: 'Sweden'"),
        ('name = "X"\ntitles = ["king"]\nfrom = "2024"', "`from` is no date"),
        ('name = "X"\ntitles = ["king"]\nsince = 2024-01-01', "unknown key 'since'"),
    ],
)
def test_a_wrong_office_is_told_with_its_number(home: Path, entry: str, message: str) -> None:
    append(home, "lexicon/offices.toml", f"{OFFICES}\n[[office]]\n{entry}\n")
    with pytest.raises(ConfigError, match=message) as caught:
        read(meaning_of(home), "Nobody.")
    assert caught.value.place == "offices.toml: office 4"
    assert caught.value.remedy
