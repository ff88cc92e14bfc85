"""The HTTP server: one application of all routes, each answer with headers that let nothing else in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from monitor.web.pages import HEADERS, page

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BODY = 64_000


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors as plain pages of our own, which echo nothing, and set the headers."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        headers = {k: v for k, v in error.headers.items() if k in {"Location", "WWW-Authenticate", "Allow"}}
        if error.status < 400:
            response = web.Response(status=error.status, headers=headers)
        else:
            response = page("error.html.j2", status=error.status, reason=error.reason)
            response.headers.update(headers)
    response.headers.update(HEADERS)
    return response


@asynccontextmanager
async def serve(routes: Sequence[web.RouteDef], *, host: str, port: int) -> AsyncIterator[int]:
    """Answer on `host` and `port` while inside; yields the port (a free one where `port` is 0)."""
    app = web.Application(middlewares=[_guard], client_max_size=MAX_BODY)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        address: tuple[str, int] = runner.addresses[0]
        yield address[1]
    finally:
        await runner.cleanup()
