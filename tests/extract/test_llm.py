"""The reader that asks a model, against a real server that speaks the protocol: truth, lies and every failure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiohttp import web

from monitor.bootstrap.plan import plan
from monitor.bootstrap.readers import make_reader
from monitor.config import load_config
from monitor.core.errors import ConfigError
from monitor.core.model import Claim, Document
from monitor.extract.kinds import load_kinds
from monitor.extract.llm.client import Endpoint
from monitor.extract.llm.memo import Memo
from monitor.extract.llm.question import MAX_TEXT
from monitor.extract.llm.reader import LlmReader
from tests.extract.helpers import DAY, reader

TEXT = (
    "Police arrested the union leader Ana Ruiz in Lima on Monday. The rector packed her boxes for good. "
    "At least 1,200 people marched, the council said. Prosecutors charged the banker Joel Paz with fraud."
)
KEY = "sk-very-secret"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Model:
    """A server that answers chat completions as it is told, and remembers what it was asked."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.headers.append(dict(request.headers))
        return await self.answers[min(len(self.asked), len(self.answers)) - 1](request)


@pytest.fixture
def model() -> Iterator[Model]:
    served = Model()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", served.handle)
        runner = web.AppRunner(app, shutdown_timeout=2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result()
    yield served
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 8, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def claim(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "resignation",
        "actors": ["rector"],
        "recipients": [],
        "stance": None,
        "outcome": None,
        "figure": None,
        "claimed_by": [],
        "certainty": "asserted",
        "modality": "fact",
        "event_date": "2024-08-19",
        "evidence": "The rector packed her boxes for good",
    } | changes


def said(*claims: dict[str, Any], **more: Any) -> Answer:
    return content(json.dumps({"claims": claims}), **more)


def content(text: str | None, *, finish: str = "stop", tokens: object = 900) -> Answer:
    message = {"role": "assistant", "content": text}
    body = {
        "choices": [{"message": message, "finish_reason": finish}],
        "usage": {"total_tokens": tokens},
    }
    return raw(json.dumps(body))


def raw(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, headers=headers, content_type="application/json")

    return answer


async def never(_: web.Request) -> web.Response:
    await asyncio.sleep(1)
    return web.Response()


async def without_end(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" " * 16_384)
    return response


@dataclass
class Setup:
    llm: LlmReader
    clock: Clock
    memo: Memo

    def read(self, text: str = TEXT, name: str = "d") -> tuple[Claim, ...]:
        return self.llm.read(document(text, name))


def document(text: str, name: str = "d") -> Document:
    return Document(
        id=name,
        identity=name,
        name=name,
        source="test",
        text=text,
        retrieved_at=DAY,
        content_hash="0",
        published_at=DAY,
        language="en",
    )


@pytest.fixture
def make(model: Model, tmp_path: Path) -> Callable[..., Setup]:
    def build(*answers: Answer, tokens_a_day: int = 100_000, **endpoint: Any) -> Setup:
        model.answers[:] = answers
        settings = {"url": model.url, "model": "m", "key": KEY, "allow_private": True, "timeout_s": 5.0}
        memo, clock = Memo(tmp_path / "cache" / "llm.db"), Clock()
        llm = LlmReader(
            reader(),
            load_kinds(),
            Endpoint(**(settings | endpoint)),
            memo,
            tokens_a_day=tokens_a_day,
            clock=clock,
        )
        return Setup(llm, clock, memo)

    return build


def lexical() -> tuple[Claim, ...]:
    return reader().read(document(TEXT))


def told_by_model(claims: tuple[Claim, ...]) -> list[Claim]:
    return [c for c in claims if any("told by the model" in note for note in c.notes)]


def test_what_the_words_bear_out_is_a_claim(make: Callable[..., Setup], model: Model) -> None:
    claims = make(said(claim())).read()
    (found,) = told_by_model(claims)
    assert found.kind == "resignation"
    assert [a.name for a in found.actors] == ["rector"]
    assert found.quote == TEXT[found.start : found.end] == "The rector packed her boxes for good"
    assert str(found.event_date) == "2024-08-19"
    asked = model.asked[0]
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert asked["messages"][1]["content"] == TEXT
    assert model.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_what_both_tell_is_surer_and_what_only_the_lexicon_tells_is_not_told(
    make: Callable[..., Setup],
) -> None:
    arrest = claim(
        kind="arrest",
        actors=["Police"],
        recipients=["Ana Ruiz"],
        evidence="Police arrested the union leader Ana Ruiz in Lima",
    )
    agreed = {c.kind: c for c in make(said(arrest)).read()}
    before = {c.kind: c for c in lexical()}
    assert agreed["arrest"].confidence > before["arrest"].confidence
    assert agreed["arrest"].recipients[0].name == "Ana Ruiz"
    assert "the model agrees" in agreed["arrest"].notes
    assert before["charge"].confidence >= 0.5 > agreed["charge"].confidence


LIES = {
    "words that are not there": claim(evidence="The rector resigned in tears on Monday night"),
    "words slightly changed": claim(evidence="The rector packed her bags for good"),
    "a name that is not there": claim(actors=["Juan Pérez"]),
    "a kind that there is not": claim(kind="coup"),
    "a number that is not there": claim(
        kind="figure",
        figure={
            "metric": "other",
            "operator": ">=",
            "value": 12000,
            "high": None,
            "unit": "count",
            "about": "",
        },
        evidence="At least 1,200 people marched",
    ),
    "a stance without a statement": claim(stance="rejects"),
    "a statement without a stance": claim(kind="statement"),
    "a ruling without an outcome": claim(kind="court_ruling"),
    "a key too many": claim(wikidata="Q42"),
    "a wrong type": claim(actors="rector"),
    "an endless quotation": claim(evidence=TEXT * 10),
    "a scrap of words": claim(evidence="by"),
    "a number that is none": claim(kind="figure", figure="NaN"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_refused_and_the_truth_beside_it_kept(
    make: Callable[..., Setup], lie: dict[str, Any]
) -> None:
    claims = make(said(lie, claim())).read()
    assert [c.kind for c in told_by_model(claims)] == ["resignation"]
    assert any("1 others were not in the document" in n for c in claims for n in c.notes)


def test_a_true_number_is_taken_and_a_date_to_come_is_not(make: Callable[..., Setup]) -> None:
    figure = {"metric": "other", "operator": ">=", "value": 1200, "high": None, "unit": "count", "about": ""}
    claims = make(
        said(
            claim(
                kind="figure",
                figure=figure,
                actors=[],
                event_date="2031-01-01",
                evidence="At least 1,200 people",
            )
        )
    ).read()
    (found,) = [c for c in claims if c.kind == "figure" and c.confidence > 0.5]
    assert found.figure is not None
    assert found.figure.value == 1200
    assert found.event_date is None


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


FAILURES: dict[str, tuple[Answer, str]] = {
    "429": (raw("{}", 429, {"Retry-After": "90"}), "answered 429"),
    "500": (raw("oops", 500), "answered 500"),
    "401": (raw(f'{{"error": "bad key {KEY}"}}', 401), "answered 401"),
    "a redirect": (raw("", 302, {"Location": "http://127.0.0.1:1/"}), "answered 302"),
    "no JSON": (raw("<html>"), "form of a chat completion"),
    "another JSON": (raw("[1, 2]"), "form of a chat completion"),
    "no choices": (raw('{"choices": []}'), "form of a chat completion"),
    "a refusal": (content(None), "refused"),
    "prose": (content("Sure! Here are the claims:"), "not the JSON"),
    "a list": (content("[]"), "not the JSON"),
    "claims that are no list": (content('{"claims": {}}'), "no list"),
    "a depth without end": (content(deep(100_000)), "not the JSON"),
    "cut off": (content('{"claims": [', finish="length"), "cut off"),
    "too much": (without_end, "larger than 1 MB"),
}


@pytest.mark.parametrize(("answer", "why"), FAILURES.values(), ids=FAILURES)
def test_a_failure_leaves_the_lexical_reading_with_a_note(
    make: Callable[..., Setup], answer: Answer, why: str
) -> None:
    claims = make(answer).read()
    assert [(c.id, c.confidence) for c in claims] == [(c.id, c.confidence) for c in lexical()]
    assert all(why in c.notes[-1] and KEY not in c.notes[-1] for c in claims)


def test_no_answer_in_time_is_a_failure(make: Callable[..., Setup]) -> None:
    claims = make(never, timeout_s=0.2).read()
    assert len(claims) == len(lexical())
    assert all("no answer within 0.2 s" in c.notes[-1] for c in claims)


def test_nobody_there_is_a_failure(make: Callable[..., Setup], unused_tcp_port: int) -> None:
    claims = make(said(), url=f"http://127.0.0.1:{unused_tcp_port}/v1").read()
    assert all("cannot be asked" in c.notes[-1] for c in claims)


def test_a_private_address_is_not_dialled_unless_allowed(make: Callable[..., Setup], model: Model) -> None:
    claims = make(said(claim()), allow_private=False).read()
    assert model.asked == []
    assert all("loopback" in c.notes[-1] for c in claims)


def test_an_answer_is_kept(make: Callable[..., Setup], model: Model) -> None:
    setup = make(said(claim()))
    assert setup.read() == setup.read()
    assert len(model.asked) == 1
    assert make(raw("", 500)).read() == setup.read()


def test_an_unusable_answer_is_not_kept(make: Callable[..., Setup], model: Model) -> None:
    setup = make(content("prose"), said(claim()))
    assert told_by_model(setup.read()) == []
    assert told_by_model(setup.read()) != []


def test_after_429_it_is_left_alone_as_long_as_it_asks(make: Callable[..., Setup], model: Model) -> None:
    setup = make(raw("{}", 429, {"Retry-After": "90"}), said(claim()))
    setup.read()
    setup.clock.now += timedelta(seconds=89)
    assert told_by_model(setup.read()) == []
    assert len(model.asked) == 1
    setup.clock.now += timedelta(seconds=2)
    assert told_by_model(setup.read()) != []


def test_the_budget_of_a_day_ends_and_begins_anew(make: Callable[..., Setup], model: Model) -> None:
    setup = make(said(), tokens_a_day=9_000)
    for n in range(12):
        setup.read(TEXT + f" Number {n}.")
    spent = setup.memo.spent(setup.clock.now.date())
    assert 0 < spent <= 9_000
    asked = len(model.asked)
    assert asked < 12
    assert "budget" in setup.read(TEXT + " Again.")[0].notes[-1]
    setup.clock.now += timedelta(days=1)
    setup.read(TEXT + " Once more.")
    assert len(model.asked) == asked + 1


def test_what_it_costs_is_counted_even_where_it_says_nothing(make: Callable[..., Setup]) -> None:
    for n, lie in enumerate((0, -5, "many", None)):
        setup = make(said(tokens=lie))
        before = setup.memo.spent(setup.clock.now.date())
        setup.read(TEXT + f" Version {n}.")
        assert setup.memo.spent(setup.clock.now.date()) - before > 300


def test_a_broken_cache_is_a_failure_of_the_model_only(make: Callable[..., Setup], tmp_path: Path) -> None:
    setup = make(said(claim()))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "llm.db").write_bytes(b"this is no database" * 100)
    claims = setup.read()
    assert [c.kind for c in claims] == [c.kind for c in lexical()]
    assert "cache" in claims[0].notes[-1]


def test_what_lies_beyond_the_part_that_is_sent_is_read_as_ever(make: Callable[..., Setup]) -> None:
    text = "Nothing happened here today, again. " * (MAX_TEXT // 36 + 1) + TEXT
    claims = make(said()).read(text)
    assert [c for c in claims if c.kind == "arrest" and c.confidence > 0.5 and c.start >= MAX_TEXT]


def test_the_configuration_chooses_it_and_hides_the_key(model: Model, tmp_path: Path) -> None:
    model.answers[:] = [said(claim())]
    (tmp_path / "key").write_text(KEY)
    config = tmp_path / "config.yaml"
    text = "reader: llm\nllm: {url: URL, model: m, key_file: key, allow_private: true}\n"
    config.write_text(text.replace("URL", model.url))
    meaning = plan(load_config(config, {}))
    assert told_by_model(make_reader(meaning).read(document(TEXT))) != []
    assert (tmp_path / "var" / "llm.db").exists()
    assert KEY not in repr(meaning)


def test_without_its_section_it_is_told(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("reader: llm\n")
    with pytest.raises(ConfigError, match="needs the section llm"):
        load_config(config, {})
