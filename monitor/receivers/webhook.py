"""A signed generic webhook, as Standard Webhooks 1.0.0 says: https://www.standardwebhooks.com."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from standardwebhooks import Webhook

from monitor.core.errors import DeliveryError
from monitor.core.model import Development, EventSpec, OutboxEntry
from monitor.core.ports import Clock
from monitor.core.wire import development_json
from monitor.receivers.http import Answer, post

TYPE_ALERT = "development.found"
TYPE_DIGEST = "digest.made"
MAX_DIGEST_TEXT = 2_500
MAX_DIGEST_IDS = 200


class WebhookReceiver:
    """POSTs developments in the output contract. `webhook-id` is the same on every try.

    `secrets` are `whsec_…` strings; while one is rotated out, both sign.
    """

    def __init__(
        self,
        name: str,
        url: str,
        secrets: Sequence[str],
        *,
        clock: Clock,
        allow_private: bool = False,
        timeout_s: float = 20.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._name = name
        self._url = url
        self._signers = [Webhook(secret) for secret in secrets]
        self._clock = clock
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._tls = tls

    async def send(
        self,
        recipient: str,  # noqa: ARG002  the endpoint is the recipient
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        """Send each entry as a message of its own, so that its id is the same however entries are grouped.

        2xx is success, 410 means for good, all else is tried again.
        """
        names = {e.id: e.name for e in events}
        found = {d.id: d for d in developments}
        for entry in entries:
            if entry.type == "digest":
                await self._post(entry, TYPE_DIGEST, _digest_data(entry))
            elif entry.development_id in found:
                development = found[entry.development_id]
                data = development_json(development) | {"event_name": names.get(development.event_id)}
                await self._post(entry, TYPE_ALERT, data)

    async def _post(self, entry: OutboxEntry, kind: str, data: Mapping[str, Any]) -> None:
        now = self._clock().astimezone(UTC)
        body = json.dumps({"type": kind, "timestamp": entry.created_at.isoformat(), "data": data})
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "news-event-monitor",
            "webhook-id": entry.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(s.sign(entry.id, now, body) for s in self._signers),
        }
        answer = await post(
            self._url,
            body.encode(),
            headers,
            place=f"webhook {self._name}",
            allow_private=self._allow_private,
            timeout_s=self._timeout_s,
            tls=self._tls,
        )
        self._judge(answer)

    def _judge(self, answer: Answer) -> None:
        place = f"webhook {self._name}"
        if 200 <= answer.status < 300:
            return
        if answer.status == 410:
            remedy = "it said that it is gone and is not asked again; remove it or replay its messages"
            raise DeliveryError("answered 410", place=place, remedy=remedy, retry=False, pause_target=True)
        moved = 300 <= answer.status < 400
        raise DeliveryError(
            f"answered {answer.status}",
            place=place,
            remedy="give the final address, redirects are not followed" if moved else None,
            retry=True,
            retry_after=answer.retry_after_s or None,
            pause_target=answer.status in {429, 503} and answer.retry_after_s > 0,
        )


def _digest_data(entry: OutboxEntry) -> dict[str, Any]:
    """Return a digest as data; its text is cut, so that the body stays under the 20 KB of the standard."""
    ids = entry.payload.get("developments")
    return {
        "subject": str(entry.payload.get("subject") or ""),
        "text": str(entry.payload.get("text") or "")[:MAX_DIGEST_TEXT],
        "developments": list(ids)[:MAX_DIGEST_IDS] if isinstance(ids, list | tuple) else [],
    }
