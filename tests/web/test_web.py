"""The HTTP doors, asked as strangers ask them, over real sockets."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio

from monitor.bootstrap.plan import make_silence
from monitor.core.outgoing import OutboxEntry, Silence
from monitor.core.ports import LAST_TICK
from monitor.core.tokens import make_token, read_token
from monitor.store.memory import MemoryStore
from monitor.web import STYLE, Health, Silences, Unsubscribe, serve

NOW = datetime(2024, 8, 23, 8, 0, tzinfo=UTC)
SECRET = "a secret of some length"
READER = "reader+news@example.org"
LOGIN = {"Authorization": "Basic " + base64.b64encode("me:correct horse ñ".encode()).decode()}


def make(conditions: Sequence[str], now: datetime, ends_at: datetime, comment: str, author: str) -> Silence:
    return make_silence(conditions, now=now, ends_at=ends_at, comment=comment, author=author)


class Site:
    def __init__(self, store: MemoryStore, session: aiohttp.ClientSession, base: str) -> None:
        self.store = store
        self.session = session
        self.base = base

    async def ask(self, method: str, path: str, **more) -> tuple[int, str, aiohttp.ClientResponse]:
        async with self.session.request(method, self.base + path, allow_redirects=False, **more) as answer:
            return answer.status, await answer.text(), answer

    def gone(self) -> dict[tuple[str, str], datetime]:
        with self.store.read() as view:
            return view.unsubscribed()

    def silences(self) -> tuple[Silence, ...]:
        with self.store.read() as view:
            return view.silences(NOW)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    store = MemoryStore()
    clock = lambda: NOW  # noqa: E731
    routes = [
        STYLE,
        *Health(store=store, sources=(), clock=clock).routes(),
        *Unsubscribe(store=store, clock=clock, secret=SECRET, title="News").routes(),
        *Silences(store=store, clock=clock, password="correct horse ñ", make=make).routes(),
    ]
    async with serve(routes, host="127.0.0.1", port=0) as port, aiohttp.ClientSession() as session:
        yield Site(store, session, f"http://127.0.0.1:{port}")


def address(list_id: str = "digest:morning", recipient: str = READER) -> str:
    return f"/unsubscribe/{make_token(SECRET, list_id, recipient)}"


async def test_one_click_leaves_the_list_without_login_and_asking_changes_nothing(site: Site) -> None:
    for method in ("GET", "HEAD"):
        status, text, _ = await site.ask(method, address())
        assert status == 200
        assert site.gone() == {}
    status, text, _ = await site.ask("GET", address())
    assert READER in text
    assert 'method="post"' in text
    one_click = {
        "data": "List-Unsubscribe=One-Click",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    for _ in range(2):
        status, text, _ = await site.ask("POST", address(), **one_click)
        assert (status, "gets no more of the digest “morning”" in text) == (200, True)
    assert site.gone() == {("digest:morning", READER): NOW}


async def test_multipart_and_empty_posts_leave_too(site: Site) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("List-Unsubscribe", "One-Click")
    assert (await site.ask("POST", address("alerts:mail"), data=form))[0] == 200
    assert (await site.ask("POST", address("digest:x")))[0] == 200
    assert set(site.gone()) == {("alerts:mail", READER), ("digest:x", READER)}


@pytest.mark.parametrize("bad", ["x", "x.y", ".", "W10.AAAA", "é.é", "<script>alert(1)</script>"])
async def test_a_token_that_we_did_not_sign_leaves_nothing_and_is_not_echoed(site: Site, bad: str) -> None:
    for method in ("GET", "POST"):
        status, text, _ = await site.ask(method, f"/unsubscribe/{bad}")
        assert status == 404
        assert "script" not in text
    assert site.gone() == {}


def test_every_bit_of_a_token_counts() -> None:
    token = make_token(SECRET, "digest:ñ", "a b@example.org")
    assert read_token(SECRET, token) == ("digest:ñ", "a b@example.org")
    assert read_token("another secret!!", token) is None
    assert re.fullmatch(r"[\w.-]+", token)
    for at in range(len(token) - 1):
        other = "A" if token[at] != "A" else "B"
        assert read_token(SECRET, token[:at] + other + token[at + 1 :]) is None


async def test_the_page_of_silences_asks_for_the_password_on_every_route(site: Site) -> None:
    wrong = {"Authorization": "Basic " + base64.b64encode(b"me:wrong").decode()}
    for method, path in (("GET", "/silences"), ("POST", "/silences"), ("POST", "/silences/s1/expire")):
        for headers in ({}, wrong, {"Authorization": "Basic %%%"}, {"Authorization": "Bearer x"}):
            status, _, answer = await site.ask(method, path, headers=headers)
            assert status == 401
            assert "Basic" in answer.headers["WWW-Authenticate"]
    assert site.silences() == ()


async def test_a_silence_is_made_and_ended_on_the_page(site: Site) -> None:
    form = {
        "conditions": "kind = protest\ncountry=VEN",
        "comment": "<b>known</b>",
        "author": "Ana",
        "hours": "24",
    }
    status, _, answer = await site.ask("POST", "/silences", data=form, headers=LOGIN)
    assert (status, answer.headers["Location"]) == (303, "/silences")
    (made,) = site.silences()
    assert (made.ends_at, made.comment, made.created_by) == (NOW + timedelta(days=1), "<b>known</b>", "Ana")
    assert [(m.field, m.op, m.value) for m in made.matchers] == [
        ("kind", "=", "protest"),
        ("country", "=", "VEN"),
    ]
    status, text, _ = await site.ask("GET", "/silences", headers=LOGIN)
    assert "&lt;b&gt;known" in text
    assert "<b>" not in text
    status, _, _ = await site.ask("POST", f"/silences/{made.id}/expire", headers=LOGIN)
    assert (status, site.silences()) == (303, ())
    assert (await site.ask("POST", f"/silences/{made.id}/expire", headers=LOGIN))[0] == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"comment": " "}, "Say why"),
        ({"conditions": "colour = red"}, "unknown field"),
        ({"conditions": "nonsense"}, "not a condition"),
        ({"conditions": ""}, "at least one"),
        ({"hours": "1e9"}, "Choose an end"),
    ],
)
async def test_a_silence_that_cannot_work_says_why_and_keeps_what_was_typed(
    site: Site, change, said: str
) -> None:
    form = {"conditions": "kind = protest", "comment": "why not", "author": "", "hours": "4"} | change
    status, text, _ = await site.ask("POST", "/silences", data=form, headers=LOGIN)
    assert status == 400
    assert said in text
    assert form["conditions"] in text
    assert site.silences() == ()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_form_of_another_site_is_turned_away(site: Site, headers) -> None:
    form = {"conditions": "kind = protest", "comment": "c", "author": "", "hours": "4"}
    assert (await site.ask("POST", "/silences", data=form, headers=LOGIN | headers))[0] == 403
    assert site.silences() == ()


async def test_every_answer_forbids_scripts_frames_and_storing(site: Site) -> None:
    paths = ("/healthz", "/readyz", "/metrics", "/nothing", address(), "/silences", "/style.css")
    for path in paths:
        _, _, answer = await site.ask("GET", path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_health_readiness_and_metrics(site: Site) -> None:
    assert (await site.ask("GET", "/healthz"))[:2] == (200, "ok\n")
    status, text, _ = await site.ask("GET", "/readyz")
    assert (status, "never" in text) == (503, True)
    row = OutboxEntry(
        id="o1", type="alert", receiver="mail", recipient="a", group_key="g", not_before=NOW, created_at=NOW
    )
    with site.store.begin() as tx:
        tx.set_meta(LAST_TICK, NOW.isoformat())
        tx.add_outbox([row])
    assert (await site.ask("GET", "/readyz"))[0] == 200
    _, text, _ = await site.ask("GET", "/metrics")
    assert 'monitor_outbox_messages{receiver="mail",state="pending"} 1\n' in text
    assert "monitor_outbox_waiting 1\n" in text
    assert (await site.ask("POST", "/metrics"))[0] == 405
