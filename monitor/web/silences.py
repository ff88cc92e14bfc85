"""The page of silences: see those in force, make one, end one. Only with the password."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from monitor.core.errors import MonitorError
from monitor.core.matching import label_of
from monitor.core.outgoing import Silence
from monitor.core.ports import Clock, Store
from monitor.web.pages import page

MakeSilence = Callable[[Sequence[str], datetime, datetime, str, str], Silence]
"""Conditions, now, end, comment, author -> silence; raises MonitorError for what cannot work."""

_HOURS = {"1": "1 hour", "4": "4 hours", "24": "1 day", "168": "1 week", "720": "30 days"}
_EMPTY = {"conditions": "", "comment": "", "author": "", "hours": "4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    """Answers under /silences."""

    store: Store
    clock: Clock
    password: str
    make: MakeSilence

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/silences", self.show),
            web.post("/silences", self.add),
            web.post("/silences/{id}/expire", self.expire),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Show the silences in force and the form."""
        self._admit(request)
        return self._page(_EMPTY)

    async def add(self, request: web.Request) -> web.Response:
        """Make a silence of the form."""
        self._admit(request)
        form = {key: str(value) for key, value in (await request.post()).items()}
        filled = _EMPTY | {key: form[key] for key in _EMPTY if key in form}
        conditions = [line.strip() for line in filled["conditions"].splitlines() if line.strip()]
        if not filled["comment"].strip():
            return self._page(filled, error="Say why, so that others understand it.", status=400)
        if filled["hours"] not in _HOURS:
            return self._page(filled, error="Choose an end.", status=400)
        now = self.clock()
        ends_at = now + timedelta(hours=int(filled["hours"]))
        author = filled["author"].strip() or "page"
        try:
            made = self.make(conditions, now, ends_at, filled["comment"].strip(), author)
        except MonitorError as error:
            return self._page(filled, error=str(error), status=400)
        with self.store.begin() as tx:
            tx.add_silence(made)
        raise web.HTTPSeeOther("/silences")

    async def expire(self, request: web.Request) -> web.Response:
        """End a silence now."""
        self._admit(request)
        now = self.clock()
        with self.store.begin() as tx:
            found = next((s for s in tx.silences(now) if s.id == request.match_info["id"]), None)
            if found is None:
                raise web.HTTPNotFound
            tx.add_silence(replace(found, ends_at=now))
        raise web.HTTPSeeOther("/silences")

    def _page(self, form: dict[str, str], *, error: str = "", status: int = 200) -> web.Response:
        now = self.clock()
        with self.store.read() as view:
            rows = [_row(one) for one in view.silences(now)]
        return page("silences.html.j2", status=status, rows=rows, form=form, hours=_HOURS, error=error)

    def _admit(self, request: web.Request) -> None:
        """Let only in who knows the password; a form of another site is turned away."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        try:
            _, _, given = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        right = hmac.compare_digest(given.encode(), self.password.encode())
        if scheme.lower() != "basic" or not right:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="monitor", charset="UTF-8"'})
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.host
        if request.method == "POST" and (foreign or request.headers.get("Sec-Fetch-Site") == "cross-site"):
            raise web.HTTPForbidden


def _row(one: Silence) -> dict[str, Any]:
    return {
        "id": one.id,
        "matchers": [label_of(m) for m in one.matchers],
        "ends_at": f"{one.ends_at:%Y-%m-%d %H:%M} UTC",
        "comment": one.comment,
        "author": one.created_by,
    }
