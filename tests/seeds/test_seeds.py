"""The seeds are well formed, name their sources and repeat one another only where that is meant."""

import re
from datetime import date
from io import BytesIO
from itertools import combinations
from pathlib import Path

import feedparser
import pytest
from selectolax.lexbor import LexborHTMLParser

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DOCUMENTS = sorted(SEEDS.glob("*.txt"))
FEEDS = sorted((SEEDS / "feeds").glob("*.xml"))
HEADER = re.compile(r"^ date (\d{4}-\d{2}-\d{2}) (.*)$")
SPANISH = "2024-09-09_salida_a_espana.txt"
ORIGINAL = "tag:example.org,2024:atlantic-desk/1"
COPY = "tag:example.org,2024:andes-observer/2"


def entries(path: Path) -> list[feedparser.FeedParserDict]:
    parsed = feedparser.parse(BytesIO(path.read_bytes()))
    assert not parsed.bozo, f"{path.name}: {parsed.get('bozo_exception')}"
    return parsed.entries


def entry_text(entry: feedparser.FeedParserDict) -> str:
    html = entry.content[0].value if "content" in entry else entry.summary
    return LexborHTMLParser(html).text(separator="\n")


def all_texts() -> dict[str, str]:
    texts = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    texts |= {entry.id: entry_text(entry) for path in FEEDS for entry in entries(path)}
    return texts


def words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower()))


def long_sentences(text: str) -> list[tuple[str, ...]]:
    sentences = (words(part) for part in re.split(r"(?<=[.!?])\s|\n", text))
    return [sentence for sentence in sentences if len(sentence) >= 8]


def shingles(text: str) -> set[tuple[str, ...]]:
    every = words(text)
    return {every[at : at + 8] for at in range(len(every) - 7)}


def test_there_are_ten_documents_and_two_feeds_of_four() -> None:
    assert len(DOCUMENTS) == 10
    assert {path.name: len(entries(path)) for path in FEEDS} == {
        "andes-observer.atom.xml": 4,
        "atlantic-desk.rss.xml": 4,
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_utf8_of_wire_length_and_names_its_source_last(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    assert 900 <= len(text) <= 2500
    label = "Fuente: " if path.name == SPANISH else "Source: "
    last = text.rstrip().splitlines()[-1]
    assert last.startswith(label)
    assert re.search(r"\b20\d\d\b", last), "the source line says from when the reports are"


def test_nothing_is_quoted_word_for_word() -> None:
    for name, text in all_texts().items():
        assert not re.search('["“”«»‘]', text), f"{name} holds a direct quotation"


def test_date_headers_parse_and_agree_with_the_file_names() -> None:
    dated = {path.name: HEADER.match(path.read_text(encoding="utf-8").splitlines()[0]) for path in DOCUMENTS}
    headers = {name: match for name, match in dated.items() if match}
    assert len(headers) == 8
    for name, match in headers.items():
        assert date.fromisoformat(match[1]).isoformat() == name[:10]
    assert [name for name, match in headers.items() if match[2]] == ["2024-08-04_second_bulletin.txt"]


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_a_feed_is_marked_as_an_example_and_its_items_are_complete(path: Path) -> None:
    parsed = feedparser.parse(BytesIO(path.read_bytes()))
    about = parsed.feed.get("description") or parsed.feed.get("subtitle")
    assert "example feed of an invented outlet" in about.lower()
    for entry in parsed.entries:
        assert entry.title
        assert entry.link.startswith("https://example.org/")
        assert date(2024, 7, 28) <= date(*entry.published_parsed[:3]) <= date(2025, 1, 31)
        assert entry_text(entry).strip().splitlines()[-1].startswith("Source: ")
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)


def test_no_long_sentence_occurs_twice_except_in_the_deliberate_copy() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for name, text in all_texts().items():
        if name == COPY:
            continue
        for sentence in long_sentences(text):
            assert sentence not in seen, f"{name} repeats {seen[sentence]}: {' '.join(sentence)}"
            seen[sentence] = name


def test_one_pair_and_only_one_is_a_near_duplicate() -> None:
    sets = {name: shingles(text) for name, text in all_texts().items()}
    close = {
        frozenset((one, other))
        for one, other in combinations(sets, 2)
        if len(sets[one] & sets[other]) > 0.1 * len(sets[one] | sets[other])
    }
    assert close == {frozenset((ORIGINAL, COPY))}
    both = sets[ORIGINAL], sets[COPY]
    assert len(both[0] & both[1]) / len(both[0] | both[1]) > 0.7
    assert both[0] != both[1]


def test_one_document_is_in_spanish() -> None:
    spanish = words((SEEDS / SPANISH).read_text(encoding="utf-8"))
    assert sum(word in {"el", "la", "de", "que", "en"} for word in spanish) > len(spanish) / 10
