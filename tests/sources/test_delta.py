"""Reading only what is new gives exactly what reading all would have given for it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from monitor.core.errors import ParseError
from monitor.sources.delta import parse_new
from monitor.sources.feedparse import MAX_ITEMS, parse_feed
from tests.sources.mutants import mutant

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.feed"))
URL = "https://wire.example/feeds/all.xml"


def whole(raw: bytes) -> dict[str, Any] | str:
    try:
        return parse_feed(raw, url=URL)
    except ParseError as error:
        return str(error)


def check(raw: bytes, chance: random.Random) -> int:
    """Compare the reading of a random part with the whole; return how many items were left out."""
    expected = whole(raw)
    if isinstance(expected, str):
        with pytest.raises(ParseError) as caught:
            parse_new(raw, url=URL)
        assert str(caught.value) == expected
        return 0
    full = parse_new(raw, url=URL)
    items = [{k: v for k, v in item.items() if k != "mark"} for item in full["items"]]
    assert {k: v for k, v in full.items() if k != "marks"} | {"items": items} == expected
    known = {mark for mark in full["marks"] if chance.random() < 0.6}
    part = parse_new(raw, url=URL, known=known)
    assert part["items"] == [item for item in full["items"] if item["mark"] not in known]
    assert part | {"items": 0} == full | {"items": 0}
    return len(full["items"]) - len(part["items"])


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus(path: Path) -> None:
    for seed in range(5):
        check(path.read_bytes(), random.Random(seed))


def test_mutants_of_the_corpus() -> None:
    chance = random.Random(11)
    seeds = [path.read_bytes() for path in CORPUS]
    assert sum(check(mutant(chance.choice(seeds), chance), chance) for _ in range(600)) > 100


@pytest.mark.parametrize("kind", ["rss", "atom", "rdf"])
def test_long_feeds_with_namespaces_comments_and_cdata(kind: str) -> None:
    chance = random.Random(kind)
    one = {
        "rss": "<item><!-- <item> --><guid>g{n}</guid><title><![CDATA[<item>{n}</item>]]></title>"
        '<c:encoded xmlns:c="http://purl.org/rss/1.0/modules/content/">&lt;p&gt;{n}&lt;/p&gt;</c:encoded></item >',
        "atom": '<a:entry><a:id>urn:{n}</a:id><a:title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        "T<b>{n}</b></div></a:title><a:updated>2024-08-22T10:00:{n:02}Z</a:updated></a:entry>",
        "rdf": '<item rdf:about="https://w.example/{n}"><title>É {n}</title><link>https://w.example/{n}</link></item>',
    }[kind]
    items = "".join(one.format(n=n) for n in range(60))
    raw = {
        "rss": f"<rss version='2.0'><channel><title>T</title>{items}<language>es</language></channel></rss>",
        "atom": f"<a:feed xmlns:a='http://www.w3.org/2005/Atom' xml:lang='es'>{items}</a:feed>",
        "rdf": "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        f"<channel><title>T</title></channel>{items}</rdf:RDF>",
    }[kind].encode()
    assert check(raw, chance) > 10


def test_one_guid_for_all_counts_for_none_also_when_most_items_are_known(server: Any) -> None:
    raw = server.rss(*(server.item("same").replace("Item same", f"Item {n}") for n in range(9)))
    marks = parse_new(raw, url=URL)["marks"]
    part = parse_new(raw, url=URL, known=set(marks[1:]))
    assert [item["guid"] for item in part["items"]] == ["same"]
    assert len(part["marks"]) == 9
    assert part["items"][0]["mark"] not in marks[1:]


def test_known_items_are_not_read_and_count_against_the_bound(server: Any) -> None:
    raw = server.rss(*(server.item(str(n)) for n in range(MAX_ITEMS + 5)))
    full = parse_new(raw, url=URL)
    assert len(full["marks"]) == MAX_ITEMS
    part = parse_new(raw, url=URL, known=set(full["marks"][:-1]))
    assert [item["guid"] for item in part["items"]] == [str(MAX_ITEMS - 1)]
    assert "more than 1,000 items" in part["notes"][0]
    assert parse_new(raw, url=URL, known=set(full["marks"]))["items"] == []
