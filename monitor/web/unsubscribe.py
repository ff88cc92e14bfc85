"""Leaving a list without a login (RFC 8058): the POST leaves it, the GET only asks."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from monitor.core.ports import Clock, Store
from monitor.core.tokens import read_token
from monitor.web.pages import page


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """Answers under /unsubscribe/TOKEN; whoever holds a token may leave that list for that recipient."""

    store: Store
    clock: Clock
    secret: str
    title: str

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/unsubscribe/{token}", self.ask),
            web.post("/unsubscribe/{token}", self.leave),
        ]

    async def ask(self, request: web.Request) -> web.Response:
        """Ask whether the recipient means it; mail scanners open links, so this changes nothing."""
        list_id, recipient = self._read(request)
        return page(
            "unsubscribe.html.j2", title=self.title, what=_words(list_id), recipient=recipient, done=False
        )

    async def leave(self, request: web.Request) -> web.Response:
        """Leave the list, for good; a second time is the same."""
        list_id, recipient = self._read(request)
        with self.store.begin() as tx:
            tx.unsubscribe(list_id, recipient, self.clock())
        return page(
            "unsubscribe.html.j2", title=self.title, what=_words(list_id), recipient=recipient, done=True
        )

    def _read(self, request: web.Request) -> tuple[str, str]:
        found = read_token(self.secret, request.match_info["token"])
        if found is None:
            raise web.HTTPNotFound
        return found


def _words(list_id: str) -> str:
    kind, _, name = list_id.partition(":")
    return f"the digest “{name}”" if kind == "digest" else "alerts"
