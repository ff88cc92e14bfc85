"""A small invented story, hostile text, and real servers on loopback that receivers talk to."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
import trustme
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult

from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Development,
    EventSpec,
    Figure,
    Operator,
    Previous,
)
from monitor.core.outgoing import DigestPeriod, OutboxEntry
from monitor.core.plover import Plover
from monitor.core.policy import KindSpec

NOW = datetime(2024, 8, 23, 5, 0, tzinfo=UTC)
EVENT = EventSpec(id="venezuela", name="Venezuela after 28 July")
KINDS = {
    name: KindSpec(id=name, label=label, plover=Plover(), severity=severity)
    for name, label, severity in (
        ("court_ruling", "Court ruling", 5),
        ("arrest_order", "Arrest order", 5),
        ("figure", "Figure", 4),
        ("statement", "Statement", 2),
        ("coup_rumour", "Coup rumour", 1),
    )
}
HOSTILE = (
    "<!channel> <@U012AB3CD> <https://evil.example|click> *bold* `code` & \r\nBcc: victim@example.org\r\n\r\n"
    "<script>alert(1)</script>\u202e\u2066rtl\u2069 \x00\x07\x1b[31mred\u200b {{ 7*7 }} {% raw %} \ud800 "
)


def actor(name: str, country: str | None = None) -> Actor:
    return Actor(name=name, country=country)


def development(name: str = "d1", **changes: Any) -> Development:
    base = Development(
        id=name,
        event_id="venezuela",
        fact_id=f"f-{name}",
        claim_id=f"c-{name}",
        document_id=f"doc-{name}",
        document=f"{name}.txt",
        source="Harbour Herald",
        url=f"https://herald.example/{name}?a=1&b=2",
        change=Change.NEW,
        reason="no known fact has this key",
        kind="statement",
        plover=Plover(),
        certainty=Certainty.ASSERTED,
        published=date(2024, 8, 22),
        quote="words that say it",
        start=0,
        end=17,
        sources=("Harbour Herald",),
        confidence=0.9,
        found_at=NOW,
    )
    return replace(base, **changes)


def previous(**changes: Any) -> Previous:
    base = Previous(
        id="d0",
        kind="figure",
        figure=None,
        stance=None,
        outcome=None,
        certainty=Certainty.ASSERTED,
        quote="the words before",
        document="zero.txt",
        sources=("Harbour Herald",),
        published=date(2024, 8, 5),
    )
    return replace(base, **changes)


def figure(metric: str, operator: Operator, value: float, unit: str = "count", **more: Any) -> Figure:
    return Figure(metric=metric, operator=operator, value=value, unit=unit, **more)


def story() -> tuple[Development, ...]:
    """One morning of developments, each change and most kinds among them; the wording is invented."""
    deaths = {"about": "people killed in the protests"}
    council, opposition = actor("National Electoral Council", "VEN"), actor("Unitary Platform", "VEN")
    gonzalez, machado = actor("Edmundo González Urrutia", "VEN"), actor("María Corina Machado", "VEN")
    share = {"kind": "figure", "fact_id": "f-share"}
    return (
        development(
            "ruling",
            kind="court_ruling",
            actors=(actor("Supreme Tribunal of Justice", "VEN"),),
            outcome="upholds",
            topic="the election result",
            event_date=date(2024, 8, 22),
            quote="the tribunal's chief justice read out that the result stands",
            independent_sources=2,
        ),
        development(
            "deaths",
            kind="figure",
            change=Change.CHANGED,
            figure=figure("deaths", Operator.ABOUT, 20, **deaths),
            previous=previous(figure=figure("deaths", Operator.GE, 11, **deaths)),
            quote="around twenty people have died since the vote",
        ),
        development(
            "order",
            kind="arrest_order",
            change=Change.CONFIRMED,
            actors=(actor("Public Ministry", "VEN"),),
            recipients=(gonzalez, machado),
            previous=previous(kind="arrest_order", certainty=Certainty.REPORTED),
            independent_sources=3,
            source="River Radio",
            quote="a judge signed the order that prosecutors had asked for",
        ),
        development(
            "share-a",
            **share,
            figure=figure("vote_share", Operator.EQ, 52, "percent", scope=("Nicolás Maduro",)),
            claimed_by=(council,),
            quote="the council gave him 52 percent",
        ),
        development(
            "share-b",
            **share,
            change=Change.CONTRADICTED,
            figure=figure("vote_share", Operator.EQ, 30, "percent", scope=("Nicolás Maduro",)),
            claimed_by=(opposition,),
            previous=previous(
                figure=figure("vote_share", Operator.EQ, 52, "percent", scope=("Nicolás Maduro",))
            ),
            quote="their tally sheets leave him at 30 percent",
        ),
        development(
            "rejects",
            stance="rejects",
            topic="the ruling",
            actors=tuple(actor(n, c) for n, c in (("Chile", "CHL"), ("Costa Rica", "CRI"), ("Peru", "PER"))),
            quote="the three foreign ministries do not accept the ruling",
            source="River Radio",
        ),
        development("backs", stance="supports", topic="the ruling", actors=(actor("Nicaragua", "NIC"),)),
        development(
            "rumour",
            kind="asylum",
            certainty=Certainty.REPORTED,
            actors=(actor("Spain", "ESP"),),
            recipients=(gonzalez,),
            claimed_by=(actor("a diplomat"),),
            quote="a diplomat said that Madrid might take him in",
        ),
    )


def alert(name: str, development_id: str, **changes: Any) -> OutboxEntry:
    base = OutboxEntry(
        id=name,
        type="alert",
        receiver="desk",
        recipient="reader@example.org",
        group_key="g",
        not_before=NOW,
        created_at=NOW,
        development_id=development_id,
        event_id="venezuela",
    )
    return replace(base, **changes)


@pytest.fixture
def sample() -> SimpleNamespace:
    """The story's parts and the makers of its values."""
    return SimpleNamespace(
        NOW=NOW,
        EVENT=EVENT,
        KINDS=KINDS,
        HOSTILE=HOSTILE,
        PERIOD=DigestPeriod(
            subscription_id="morning",
            local_date=date(2024, 8, 23),
            after=datetime(2024, 8, 22, 5, 0, tzinfo=UTC),
            until=NOW,
        ),
        actor=actor,
        development=development,
        figure=figure,
        previous=previous,
        story=story(),
        alert=alert,
        hostile=development(
            "bad",
            quote=HOSTILE + "x" * 1_000_000,
            source=HOSTILE,
            document=HOSTILE,
            topic=HOSTILE,
            reason=HOSTILE,
            stance="rejects",
            actors=(actor(HOSTILE + "y" * 1_000_000),),
            claimed_by=(actor(HOSTILE),),
            url="https://evil.example/\r\nX: y|<script>",
        ),
    )


@dataclass
class HttpServer:
    """A real HTTP server; `script` holds the answers to come, then 200 for ever."""

    url: str = ""
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    script: list[Callable[[], Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(({k.lower(): v for k, v in request.headers.items()}, body))
        if self.script:
            answer = self.script.pop(0)()
            return await answer if asyncio.iscoroutine(answer) else answer
        return web.Response(text="ok")


@pytest_asyncio.fixture
async def http_server() -> AsyncIterator[HttpServer]:
    server = HttpServer()
    app = web.Application(client_max_size=10**7)
    app.router.add_post("/{tail:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/T0/secret-token"
    yield server
    await runner.cleanup()


@dataclass
class Mails:
    """What a real SMTP server took. `replies` maps a step ("rcpt", "data") to the answer it gives instead."""

    port: int = 0
    got: list[tuple[list[str], bytes]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if "rcpt" in self.replies:
            return self.replies["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        if self.replies.get("data") == "drop":
            self.got.append((envelope.rcpt_tos, envelope.content))
            server.transport.abort()
            return "250 OK"
        if "data" in self.replies:
            return self.replies["data"]
        self.got.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


class Server(SMTP):
    """aiosmtpd, which here speaks XOAUTH2 too: `tokens` are those that it accepts."""

    def __init__(self, tokens: list[str] | None, handler: Mails, **more: Any) -> None:
        super().__init__(handler, **more)
        self._tokens = tokens
        self._mails = handler

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode()
        self._mails.logins.append(said.split("\x01")[0])
        return AuthResult(
            success=any(f"auth=Bearer {t}\x01" in said for t in self._tokens or []), handled=False
        )


AUTHORITY = trustme.CA()


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """A client that trusts the test's own certificate authority."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


@pytest_asyncio.fixture
async def smtp_server() -> AsyncIterator[Callable[..., Awaitable[Mails]]]:
    """Starts SMTP servers: `security` is "none", "starttls" or "tls"; with `password` it asks for a login."""
    running: list[asyncio.Server] = []

    async def start(
        security: str = "none", password: str | None = None, tokens: list[str] | None = None
    ) -> Mails:
        mails = Mails()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert("localhost").configure_cert(context)

        def login(server, session, envelope, mechanism, data) -> AuthResult:
            mails.logins.append(data.login.decode())
            return AuthResult(success=data.password.decode() == password, handled=False)

        def factory() -> SMTP:
            return Server(
                tokens,
                mails,
                hostname="localhost",
                tls_context=context if security == "starttls" else None,
                require_starttls=security == "starttls",
                authenticator=login if password or tokens else None,
                auth_required=password is not None or tokens is not None,
                auth_require_tls=security == "starttls",
                enable_SMTPUTF8=True,
                loop=asyncio.get_running_loop(),
            )

        server = await asyncio.get_running_loop().create_server(
            factory, "127.0.0.1", 0, ssl=context if security == "tls" else None
        )
        running.append(server)
        mails.port = server.sockets[0].getsockname()[1]
        return mails

    yield start
    for server in running:
        server.close()
