"""Callbacks of WebSub hubs: they verify what we asked, and tell that a feed has changed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from monitor.websub import LEASE_S, WebSub

MOST_BYTES = 5 * 1024 * 1024
WITHIN_S = 20.0
_METHODS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
"""The methods of the specification. HMAC with SHA-1 is not broken, and old hubs know no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hubs:
    """Answers under /websub/TOKEN; `changed` is called with the id of a source whose hub tells of a change."""

    websub: WebSub
    changed: Callable[[str], None]

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/websub/{token}", self.verify, allow_head=False),
            web.post("/websub/{token}", self.distribute),
        ]

    async def verify(self, request: web.Request) -> web.Response:
        """Repeat the challenge of a hub that was asked for just this, and of nobody else."""
        token, query = request.match_info["token"], request.query
        mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
        if mode == "denied":
            if not self.websub.denied(token, topic, query.get("hub.reason", "no reason given")):
                raise web.HTTPNotFound
            return web.Response(text="noted\n")
        lease = query.get("hub.lease_seconds", "")
        lease_s = int(lease) if lease.isascii() and lease.isdigit() and len(lease) < 10 else LEASE_S
        challenge = query.get("hub.challenge", "")
        if not challenge or not self.websub.verify(token, mode, topic, lease_s):
            raise web.HTTPNotFound
        return web.Response(text=challenge)

    async def distribute(self, request: web.Request) -> web.Response:
        """Check the signature and make the source due; the content goes through the hash and nowhere else."""
        found = self.websub.distributed(request.match_info["token"])
        if found is None:
            raise web.HTTPGone  # which tells a hub to forget this callback
        source_id, key = found
        method, _, signature = request.headers.get("X-Hub-Signature", "").partition("=")
        if method.lower() not in _METHODS:
            raise web.HTTPForbidden
        seal = hmac.new(key, digestmod=_METHODS[method.lower()])
        if not hmac.compare_digest(await _sealed(request, seal), signature.strip().lower().encode()):
            raise web.HTTPForbidden
        self.changed(source_id)
        return web.Response(status=204)


async def _sealed(request: web.Request, seal: hmac.HMAC) -> bytes:
    """Return the signature of the body, in hexadecimal digits."""
    size = 0
    try:
        async with asyncio.timeout(WITHIN_S):
            async for chunk in request.content.iter_chunked(64 * 1024):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=size)
                seal.update(chunk)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return seal.hexdigest().encode()
