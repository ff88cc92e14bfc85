"""WebSub with a real hub, a real feed and the daemon's own parts, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from monitor.bootstrap.plan import plan
from monitor.bootstrap.wiring import App, running, serving
from monitor.config import parse_config
from monitor.core.errors import ConfigError
from monitor.core.model import HubSubscription
from monitor.store.memory import MemoryStore
from monitor.web.hubs import MOST_BYTES

NOW = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)
CONFIG = """
sources:
  - feed: {origin}/feed
    id: wire
    every: 6h
    allow_private: {private}
web:
  port: 0
  secret: a secret of some length
"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>The Wire</title>
<atom:link rel="hub" href="{origin}/hub"/><atom:link rel="self" href="{origin}/feed"/>
<item><guid isPermaLink="false">1</guid><title>One</title><description>The court met.</description></item>
</channel></rss>"""


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(f"{event} {fields}")

    warning = info


@dataclass
class Origin:
    """A site with a feed and a hub that verifies, refuses or stays silent."""

    base: str = ""
    does: str = "verify"
    lease: str = "3600"
    header: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    echoes: list[tuple[int, str]] = field(default_factory=list)

    async def feed(self, _: web.Request) -> web.Response:
        self.reads += 1
        return web.Response(text=RSS.format(origin=self.base), content_type="text/xml", headers=self.header)

    async def hub(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.asked.append(form)
        if self.does == "refuse":
            return web.Response(status=400, text="no")
        if self.does == "verify":
            self.echoes.append(await self.challenge(form))
        return web.Response(status=202)

    async def challenge(self, form: dict[str, str], **other: str) -> tuple[int, str]:
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "a challenge & more",
            "hub.lease_seconds": self.lease,
        } | {f"hub.{key}": value for key, value in other.items()}
        async with (
            aiohttp.ClientSession() as session,
            session.get(form["hub.callback"], params=query) as answer,
        ):
            return answer.status, await answer.text()

    async def push(
        self, body: bytes = b"<rss/>", *, signature: str | None = None, callback: str | None = None
    ) -> int:
        form = self.asked[-1]
        seal = hmac.new(form.get("hub.secret", "").encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": f"sha256={seal}" if signature is None else signature}
        async with (
            aiohttp.ClientSession() as session,
            session.post(callback or form["hub.callback"], data=body, headers=headers) as answer,
        ):
            return answer.status


class World:
    def __init__(self, app: App, origin: Origin, log: Lines) -> None:
        self.app = app
        self.origin = origin
        self.log = log
        self.now = NOW
        self.url: str | None = None

    @property
    def held(self) -> HubSubscription | None:
        with self.app.store.read() as view:
            record = view.source_record("wire")
        return record.push if record else None

    async def subscribe(self, after: timedelta = timedelta(0)) -> None:
        self.now += after
        await self.app.rounds.subscribe()

    def switch(self, *, on: bool) -> None:
        self.app.hubs.public_url = self.url if on else None

    async def reads_again(self) -> bool:
        """Tick once, and return whether the feed was asked."""
        before, poller = self.origin.reads, self.app.rounds._poller
        await self.app.rounds.poll()
        await asyncio.gather(*poller._tasks.values())
        await poller.drain()
        return self.origin.reads > before


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    origin = Origin()
    site = web.Application()
    site.add_routes([web.get("/feed", origin.feed), web.post("/hub", origin.hub)])
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield origin
    await runner.cleanup()


@asynccontextmanager
async def opened(origin: Origin, *, private: bool = True) -> AsyncIterator[World]:
    text = CONFIG.format(origin=origin.base, private=str(private).lower())
    meaning, log, worlds = plan(parse_config(text, path=Path("config.yaml"), environ={})), Lines(), []
    clock = lambda: worlds[0].now if worlds else NOW  # noqa: E731
    async with (
        running(meaning, log=log, clock=clock, store=MemoryStore()) as app,
        serving(app) as port,
    ):
        world = World(app, origin, log)
        worlds.append(world)
        world.url = f"http://127.0.0.1:{port}"
        world.switch(on=True)
        await app.rounds.once()
        await world.reads_again()  # the first tick reads what had no cursor at the start
        yield world


@pytest.fixture
async def world(origin: Origin) -> AsyncIterator[World]:
    async with opened(origin) as world:
        yield world


async def test_a_hub_that_confirms_makes_the_feed_be_read_at_once(world: World, origin: Origin) -> None:
    await world.subscribe()
    (form,) = origin.asked
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", f"{origin.base}/feed")
    assert len(form["hub.secret"]) == 64
    assert origin.echoes == [(200, "a challenge & more")]
    held = world.held
    assert held is not None
    assert (held.asked, held.lease_until) == (None, NOW + timedelta(hours=1))
    assert form["hub.secret"] not in repr(held)
    assert not await world.reads_again()
    assert await origin.push() == 204
    assert await world.reads_again()
    assert not await world.reads_again()


async def test_what_a_hub_sends_is_not_read(world: World, origin: Origin) -> None:
    await world.subscribe()
    false = (
        RSS.format(origin=origin.base).replace("The court met.", "A coup has begun.").replace(">1<", ">2<")
    )
    assert await origin.push(false.encode()) == 204
    assert await world.reads_again()
    with world.app.store.read() as view:
        assert ["coup" in document.text for document in view.documents()] == [False]


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha256=" + "0" * 64, "md5=00", "sha256=é", "sha256", "0" * 64]
)
async def test_a_wrong_signature_changes_nothing(world: World, origin: Origin, signature: str) -> None:
    await world.subscribe()
    assert await origin.push(signature=signature) == 403
    assert not await world.reads_again()


async def test_every_method_of_the_specification_counts_and_the_key_is_the_subscriptions_own(
    world: World, origin: Origin
) -> None:
    await world.subscribe()
    key = origin.asked[0]["hub.secret"]
    for method in ("sha1", "sha256", "sha384", "sha512"):
        seal = hmac.new(key.encode(), b"x", method).hexdigest()
        assert await origin.push(b"x", signature=f"{method}={seal}") == 204
        assert await origin.push(b"y", signature=f"{method}={seal}") == 403


async def test_a_callback_that_nobody_was_given_is_gone(world: World, origin: Origin) -> None:
    await world.subscribe()
    right = origin.asked[0]["hub.callback"]
    base, token = right.rsplit("/", 1)
    for bad in (token[:-2] + "AA", token + "A", "x", token.replace(".", ""), "%00"):
        wrong = f"{base}/{bad}"
        assert await origin.push(callback=wrong) == 410
        assert (await origin.challenge(origin.asked[0] | {"hub.callback": wrong}))[0] == 404
    assert not await world.reads_again()


async def test_content_over_the_limit_is_refused_and_up_to_it_is_taken(world: World, origin: Origin) -> None:
    await world.subscribe()
    assert await origin.push(b"x" * MOST_BYTES) == 204
    assert await world.reads_again()
    assert await origin.push(b"x" * (MOST_BYTES + 1)) == 413
    assert not await world.reads_again()


async def test_only_what_was_asked_is_confirmed_and_only_once(world: World, origin: Origin) -> None:
    origin.does = "silent"
    await world.subscribe()
    form = origin.asked[0]
    assert await origin.push() == 410  # not confirmed yet
    for other in (
        {"mode": "unsubscribe"},
        {"topic": f"{origin.base}/other"},
        {"mode": ""},
        {"challenge": ""},
    ):
        assert (await origin.challenge(form, **other))[0] == 404
    held = world.held
    assert held is not None
    assert held.lease_until is None
    assert await origin.challenge(form) == (200, "a challenge & more")
    before = world.held
    assert (await origin.challenge(form))[0] == 404
    assert (await origin.challenge(form, mode="unsubscribe"))[0] == 404
    assert world.held == before


async def test_a_challenge_arrives_as_plain_text(world: World, origin: Origin) -> None:
    origin.does = "silent"
    await world.subscribe()
    form, script = origin.asked[0], "<script>alert(1)</script>"
    query = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": script}
    async with (
        aiohttp.ClientSession() as session,
        session.get(form["hub.callback"], params=query) as answer,
    ):
        assert (await answer.text(), answer.content_type) == (script, "text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_hub_that_refuses_is_asked_again_ever_later(world: World, origin: Origin) -> None:
    origin.does = "refuse"
    await world.subscribe()
    held = world.held
    assert held is not None
    assert held.error == "the server answered 400"
    for after, asked in ((9, 1), (1, 2), (19, 2), (1, 3), (39, 3), (1, 4)):
        await world.subscribe(timedelta(minutes=after))
        assert len(origin.asked) == asked
    origin.does = "verify"
    await world.subscribe(timedelta(hours=2))
    held = world.held
    assert held is not None
    assert (held.error, held.tries, held.asked) == (None, 0, None)


async def test_a_lease_is_renewed_before_it_ends_and_holds_meanwhile(world: World, origin: Origin) -> None:
    await world.subscribe()
    await world.subscribe(timedelta(minutes=47))
    assert len(origin.asked) == 1
    origin.does = "silent"
    await world.subscribe(timedelta(minutes=2))
    assert [form["hub.mode"] for form in origin.asked] == ["subscribe", "subscribe"]
    assert origin.asked[0] == origin.asked[1]
    assert await origin.push() == 204
    assert (await origin.challenge(origin.asked[1]))[0] == 200
    held = world.held
    assert held is not None
    assert held.lease_until == NOW + timedelta(minutes=49, hours=1)


@pytest.mark.parametrize(
    ("lease", "seconds"),
    [("0", 60), ("999999999", 2592000), ("-5", 864000), ("x", 864000), ("9" * 99, 864000)],
)
async def test_leases_are_bounded(world: World, origin: Origin, lease: str, seconds: int) -> None:
    origin.lease = lease
    await world.subscribe()
    held = world.held
    assert held is not None
    assert held.lease_until == NOW + timedelta(seconds=seconds)


async def test_switched_off_it_unsubscribes_once_and_forgets(world: World, origin: Origin) -> None:
    await world.subscribe()
    world.switch(on=False)
    await world.subscribe()
    assert [form["hub.mode"] for form in origin.asked] == ["subscribe", "unsubscribe"]
    assert origin.echoes[1] == (200, "a challenge & more")
    assert world.held is None
    assert await origin.push() == 410
    await world.subscribe(timedelta(days=1))
    assert len(origin.asked) == 2


@pytest.mark.parametrize("does", ["refuse", "silent"])
async def test_a_hub_that_does_not_let_go_is_left(world: World, origin: Origin, does: str) -> None:
    await world.subscribe()
    origin.does = does
    world.switch(on=False)
    await world.subscribe()
    await world.subscribe(timedelta(minutes=11))
    assert len(origin.asked) == 2
    assert world.held is None


async def test_off_is_the_default_and_asks_nobody(world: World, origin: Origin) -> None:
    world.switch(on=False)
    await world.subscribe()
    assert origin.asked == []
    assert "websub" not in CONFIG


async def test_a_hub_may_end_it_and_says_why(world: World, origin: Origin) -> None:
    await world.subscribe()
    assert (await origin.challenge(origin.asked[0], mode="denied", topic="other", reason="no"))[0] == 404
    assert (await origin.challenge(origin.asked[0], mode="denied", reason="payment\x1b[2Jis due"))[0] == 200
    held = world.held
    assert held is not None
    assert (held.lease_until, held.error) == (None, "denied: payment [2Jis due")
    assert await origin.push() == 410


async def test_another_hub_in_the_header_goes_first_and_voids_the_old_callback(
    world: World, origin: Origin
) -> None:
    await world.subscribe()
    old = origin.asked[0]["hub.callback"]
    origin.header = {"Link": f'<{origin.base}/hub?2>; rel="hub", <{origin.base}/feed2>; rel="self"'}
    with world.app.store.begin() as tx:  # the same bytes would not be read again
        record = tx.source_record("wire")
        assert record is not None
        tx.remove_source("wire")
        tx.save_source_record(record)
    await world.app.rounds.once()
    await world.subscribe()
    assert origin.asked[1]["hub.topic"] == f"{origin.base}/feed2"
    assert origin.asked[1]["hub.callback"] != old
    assert await origin.push(callback=old) == 410


async def test_a_hub_in_a_private_network_is_not_dialled(origin: Origin) -> None:
    async with opened(origin, private=False) as world:
        with world.app.store.begin() as tx:
            cursor = tx.cursor("wire")
            assert cursor is not None
            assert cursor.errors
            hub, topic = f"{origin.base}/hub", "https://wire.example/feed"
            tx.save_cursor(type(cursor)(source_id="wire", hub=hub, topic=topic))
        await world.subscribe()
        held = world.held
        assert held is not None
        assert "must not be dialled" in (held.error or "")
        assert origin.asked == []


async def test_no_secret_is_logged(world: World, origin: Origin) -> None:
    await world.subscribe()
    origin.does = "refuse"
    await world.subscribe(timedelta(hours=1))
    secrets = (origin.asked[0]["hub.secret"], origin.asked[0]["hub.callback"])
    assert world.log.lines
    assert not any(secret in line for secret in secrets for line in world.log.lines)


async def test_the_switch_needs_an_address_under_which_hubs_reach_us() -> None:
    text = CONFIG.format(origin="https://wire.example", private="false") + "  websub: true\n"
    with pytest.raises(ConfigError, match="websub needs public_url"):
        parse_config(text, path=Path("config.yaml"), environ={})
    for more, found in (("", "https://news.example"), ("  websub: false\n", None)):
        whole = text + "  public_url: https://news.example\n"
        whole = whole.replace("  websub: true\n", more) if more else whole
        meaning = plan(parse_config(whole, path=Path("config.yaml"), environ={}))
        async with running(meaning, log=Lines(), store=MemoryStore()) as app:
            assert app.hubs.public_url == found
