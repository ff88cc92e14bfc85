"""A signed generic webhook, as Standard Webhooks 1.0.0 says: https://www.standardwebhooks.com."""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from datetime import UTC

from standardwebhooks import Webhook

from monitor.core.errors import DeliveryError
from monitor.core.model import Development, EventSpec, OutboxEntry, stable_id
from monitor.core.ports import Clock
from monitor.core.wire import development_json
from monitor.receivers.http import Answer, post

TYPE_ALERT = "developments.found"
TYPE_DIGEST = "digest.made"


class WebhookReceiver:
    """POSTs developments in the output contract. `webhook-id` is the same on every try of a message.

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
        """Send one message; 2xx is success, 410 means for good, all else is tried again."""
        now = self._clock().astimezone(UTC)
        message_id = message_key(entries)
        digest = entries[0].type == "digest"
        body = json.dumps(
            {
                "type": TYPE_DIGEST if digest else TYPE_ALERT,
                "timestamp": min(e.created_at for e in entries).isoformat(),
                "data": {
                    "events": [{"id": e.id, "name": e.name} for e in events],
                    "developments": [development_json(d) for d in developments],
                },
            },
            ensure_ascii=True,
        )
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "news-event-monitor",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(s.sign(message_id, now, body) for s in self._signers),
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


def message_key(entries: Sequence[OutboxEntry]) -> str:
    """Return the id of the message that carries `entries`: one entry's own, else one of all of theirs."""
    return entries[0].id if len(entries) == 1 else stable_id("m", *sorted(e.id for e in entries))
