"""Over HTTP, on this machine: health and metrics, leaving a list by one click, the page of silences, what hubs send."""

from aiohttp.web import RouteDef, get

from monitor.web.health import Health
from monitor.web.hubs import Hubs
from monitor.web.pages import style
from monitor.web.server import serve
from monitor.web.silences import Silences
from monitor.web.unsubscribe import Unsubscribe

STYLE: RouteDef = get("/style.css", style)

__all__ = ["STYLE", "Health", "Hubs", "RouteDef", "Silences", "Unsubscribe", "serve"]
