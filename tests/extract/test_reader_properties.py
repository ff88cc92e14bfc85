"""Whatever the text: no exception, quotes that are the text's own, and the same claims every time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.extract.tokens import tokenize
from tests.extract.helpers import read

WORDS = (
    "police arrested the leader of Kenya’s party “ ” ( ) , . ? ! ; : - — 12 1,200 at least percent said that he "
    "they was not were by on Monday March 2011 if to killed people votes president Amina Diallo\n\n• If DHAKA "
    "(AFP) - la policía detuvo al dirigente según el ministro . n't don't U.S. 45% $3 2024-08-20 date"
).split(" ")
news = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
anything = st.one_of(st.text(max_size=300), news)


@settings(max_examples=150, deadline=None)
@given(text=anything, language=st.sampled_from([None, "en", "es", "xx"]), dated=st.booleans())
def test_any_text_is_read_and_quoted_as_it_stands(text: str, language: str | None, dated: bool) -> None:
    claims = read(text, language=language, dated=dated)
    for claim in claims:
        assert 0 <= claim.start < claim.end <= len(text)
        assert claim.quote == text[claim.start : claim.end]
        assert 0 < claim.confidence < 1
    assert len({c.id for c in claims}) == len(claims)
    assert read(text, language=language, dated=dated) == claims


PIECES = [
    *WORDS,
    "“a“ ",
    "((((",
    "n't's ",
    "A. B. ",
    "1,000.5 ",
    "a\n\n",
    "\u202e",
    "\ud800",
    "\x00",
    "中文。",
    "😀",
    "ß",
    "İ",
    "’t",
]


@settings(max_examples=60, deadline=None)
@given(
    piece=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), min_size=1, max_size=6).map(
        " ".join
    ),
    glue=st.sampled_from(["", " ", "\n", "\n\n", "-", "."]),
    language=st.sampled_from(["en", "es"]),
)
def test_a_piece_repeated_without_end_is_read_without_error(piece: str, glue: str, language: str) -> None:
    text = ((piece + glue) * 4000)[:12_000]
    for claim in read(text, language=language):
        assert claim.quote == text[claim.start : claim.end]


def test_people_without_number_are_read() -> None:
    text = " ".join(f"Ana{n} Ruiz{n % 7} arrived. The minister, Ana{n} Ruiz, left." for n in range(600))
    assert read(text) == read(text)


@settings(max_examples=200, deadline=None)
@given(text=anything)
def test_tokens_are_the_text_in_order(text: str) -> None:
    tokens, last = tokenize(text, 0, len(text)), 0
    for token in tokens:
        assert last <= token.start < token.end <= len(text)
        assert token.text == text[token.start : token.end]
        last = token.end


def test_a_sentence_repeated_without_end_is_read_in_bounds() -> None:
    claims = read("Police arrested the leader of the union and " * 4000)
    assert len(claims) <= 400  # of 4,000 told: a sentence is read as far as sentences go
