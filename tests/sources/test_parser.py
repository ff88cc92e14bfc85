"""The parser: what it reads, and that nothing it is given can hurt more than itself."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitor.core.errors import ParseError
from monitor.sources.feedparse import MAX_ITEMS, parse_feed
from monitor.sources.parser import ParserPool

CORPUS = Path(__file__).parent / "corpus"
URL = "https://wire.example/feeds/all.xml"


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(size=1, timeout_s=1.5) as running:
        yield running


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.feed")), ids=lambda p: p.stem)
def test_corpus(path: Path) -> None:
    """Each broken feed of the corpus has its expected result beside it."""
    try:
        result: Any = parse_feed(path.read_bytes(), url=URL)
    except ParseError as error:
        result = {"error": error.message, "remedy": error.remedy}
    assert result == json.loads(path.with_suffix(".json").read_text())


def test_the_corpus_is_there() -> None:
    assert len(list(CORPUS.glob("*.feed"))) >= 15


async def test_a_feed_that_takes_too_long_is_killed_and_the_next_one_parses(
    pool: ParserPool, server: Any
) -> None:
    honest = server.rss(server.item("a"))
    await pool.parse(honest, url=URL)
    slow = server.rss(f"<item><title>x</title><author>{'a' * 400_000}</author></item>")
    started = time.monotonic()
    with pytest.raises(ParseError, match=r"took longer than 1\.5 seconds and was stopped"):
        await pool.parse(slow, url=URL)
    assert time.monotonic() - started < 4
    feed = await pool.parse(honest, url=URL)
    assert [i["guid"] for i in feed["items"]] == ["a"]


async def test_memory_is_bounded_and_the_next_one_parses(server: Any) -> None:
    async with ParserPool(size=1, timeout_s=20, memory=64 * 2**20) as pool:
        body = "".join(server.item(str(n), "x" * 9000) for n in range(900))
        with pytest.raises(ParseError, match=r"memory|brought the parser down|breaks the parser"):
            await pool.parse(server.rss(body), url=URL)
        assert (await pool.parse(server.rss(server.item("a")), url=URL))["items"]


async def test_a_parser_that_died_between_feeds_harms_nobody(pool: ParserPool, server: Any) -> None:
    honest = server.rss(server.item("a"))
    await pool.parse(honest, url=URL)
    (child,) = pool._idle
    child.process.kill()
    await child.process.wait()
    assert (await pool.parse(honest, url=URL))["items"]


async def test_a_waiting_reader_that_is_cancelled_leaves_a_clean_pool(pool: ParserPool, server: Any) -> None:
    slow = server.rss(f"<item><title>x</title><author>{'a' * 400_000}</author></item>")
    task = asyncio.create_task(pool.parse(slow, url=URL))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await pool.parse(server.rss(server.item("a")), url=URL))["items"]


async def test_the_parser_sees_none_of_the_environment(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    monkeypatch.setenv("MONITOR_SECRET", "s3cret")
    async with ParserPool(size=1) as pool:
        await pool.parse(server.rss(server.item("a")), url=URL)
        environment = Path(f"/proc/{pool._idle[0].process.pid}/environ")
        if environment.exists():
            assert b"s3cret" not in environment.read_bytes()


async def test_too_large_a_feed_is_not_even_sent(pool: ParserPool) -> None:
    with pytest.raises(ParseError, match="more than 10 MiB"):
        await pool.parse(b" " * (10 * 2**20 + 1), url=URL)
    assert pool._idle == []


def test_only_the_first_items_are_read(server: Any) -> None:
    feed = parse_feed(server.rss(*(server.item(str(n)) for n in range(MAX_ITEMS + 500))), url=URL)
    assert [feed["items"][0]["guid"], feed["items"][-1]["guid"]] == ["0", str(MAX_ITEMS - 1)]
    assert len(feed["items"]) == MAX_ITEMS
    assert "more than 1,000 items" in feed["notes"][0]


def test_a_path_as_content_opens_no_file(tmp_path: Path, server: Any) -> None:
    secret = tmp_path / "x.xml"
    secret.write_bytes(server.rss(server.item("secret")))
    with pytest.raises(ParseError, match="this is not a feed"):
        parse_feed(str(secret).encode(), url=URL)


def test_external_entities_and_entity_bombs_expand_to_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    for doctype in (f'<!ENTITY e9 SYSTEM "file://{secret}">', f'<!ENTITY e0 "lol">{levels}'):
        raw = (
            f"<?xml version='1.0'?><!DOCTYPE rss [{doctype}]><rss version='2.0'><channel><title>T</title>"
            "<item><title>x &e9;</title><guid>1</guid></item></channel></rss>"
        ).encode()
        text = json.dumps(parse_feed(raw, url=URL))
        assert "s3cret" not in text
        assert len(text) < 5000


def test_mutants_never_raise_anything_but_a_parse_error() -> None:
    """A sample of what the benchmark does at length."""
    chance = random.Random(20240822)
    seeds = [p.read_bytes() for p in sorted(CORPUS.glob("*.feed"))]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(400):
        raw = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 8)):
            start = chance.randrange(len(raw) + 1)
            cut = chance.choice([0, 0, 1, 5, 40])
            raw[start : start + cut] = chance.choice(
                [b"", b"<", b"&", b"\x00", b"]]>", b"\xff", raw[:50], b"</item>"]
            )
        try:
            json.dumps(parse_feed(bytes(raw), url=URL))
            outcomes["read"] += 1
        except ParseError:
            outcomes["refused"] += 1
    assert outcomes["read"] > 100
    assert outcomes["refused"] > 10


def test_nothing_active_survives_in_any_field() -> None:
    payloads = [
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:x'>y</a>",
    ]
    items = "".join(
        f"<item><guid>{n}</guid><title><![CDATA[Title {p}]]></title><link><![CDATA[{p}]]></link>"
        f"<description><![CDATA[<p>Text {p}</p>]]></description></item>"
        for n, p in enumerate(payloads)
    )
    feed = parse_feed(
        f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode(), url=URL
    )
    assert len(feed["items"]) == len(payloads)
    for item in feed["items"]:
        assert item["link"] is None or item["link"].startswith("https://wire.example/")
        assert not re.search(r"<|onerror", item["title"] + item["text"])
