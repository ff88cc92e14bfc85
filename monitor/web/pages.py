"""Pages of HTML: from templates of our own, everything escaped, without any script."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}

_TEMPLATES = Environment(
    loader=PackageLoader("monitor.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, *, status: int = 200, **values: Any) -> web.Response:
    """Return the page of the template `name`."""
    text = _TEMPLATES.get_template(name).render(values | {"status": status})
    return web.Response(text=text, status=status, content_type="text/html")


async def style(_: web.Request) -> web.Response:
    """Answer the style sheet of all pages."""
    return web.Response(text=_TEMPLATES.get_template("style.css").render(), content_type="text/css")
