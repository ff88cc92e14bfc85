"""Everything else (Teams, Telegram, Matrix, ntfy, …) through Apprise, as plain text and best effort.

Apprise says only whether a message was taken: why not, and for how long to rest, it keeps to itself.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.core.errors import ConfigError, DeliveryError
from monitor.core.model import Development, EventSpec
from monitor.core.outgoing import OutboxEntry
from monitor.core.policy import KindSpec
from monitor.receivers.text import describe, plain

MAX_BODY = 4_000
"""Most services cut or refuse longer messages; what is left out is said."""


class AppriseReceiver:
    """Sends to one Apprise address. `url` is a secret and never part of a message of ours."""

    groups = True

    def __init__(self, name: str, url: str, *, kinds: Mapping[str, KindSpec] | None = None) -> None:
        self._name = name
        self._kinds = kinds or {}
        self._apprise = _load(name)
        self._target: Any = self._apprise.Apprise()
        if not self._target.add(url):
            raise ConfigError(
                "Apprise does not understand the address",
                place=f"receiver {name}",
                remedy="see the list of services in Apprise's documentation",
            )

    async def send(
        self,
        recipient: str,  # noqa: ARG002  the address is the recipient
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        """Send one message as plain text."""
        title, body = self.message(entries, developments, events)
        # Apprise blocks, whatever its asynchronous face says, so it runs on a thread.
        taken = await asyncio.to_thread(
            self._target.notify, title=title, body=body, body_format=self._apprise.NotifyFormat.TEXT
        )
        if not taken:
            raise DeliveryError(
                "Apprise could not deliver", place=f"apprise {self._name}", retry=True, ambiguous=True
            )

    def message(
        self, entries: Sequence[OutboxEntry], developments: Sequence[Development], events: Sequence[EventSpec]
    ) -> tuple[str, str]:
        """Return title and body."""
        payload = entries[0].payload
        title = plain(str(payload.get("subject") or ", ".join(e.name for e in events) or "News"), 150)
        if "text" in payload:
            return title, _cut(str(payload["text"]).splitlines())
        lines: list[str] = []
        for development in developments:
            told = describe(development, self._kinds)
            lines.append(f"{told.badge}: {told.headline}")
            if told.old:
                lines.append(f"{told.old} {told.turn} {told.new}")
            lines += [
                f"“{told.quote}”",
                " · ".join(p for p in (told.source, told.standing, told.url) if p),
                "",
            ]
        return title, _cut(lines)


def _cut(lines: Sequence[str]) -> str:
    """Return whole lines up to the limit, and say so when some are left out."""
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > MAX_BODY:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept).strip()


def _load(name: str) -> Any:
    try:
        return importlib.import_module("apprise")
    except ImportError:
        raise ConfigError(
            "the library Apprise is not installed",
            place=f"receiver {name}",
            remedy="install the program with its extra: pip install 'news-event-monitor[apprise]'",
        ) from None
