"""Health and metrics over HTTP, for this machine."""

from monitor.web.health import Health, serve

__all__ = ["Health", "serve"]
