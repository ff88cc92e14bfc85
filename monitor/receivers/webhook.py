"""A signed generic webhook, as Standard Webhooks 1.0.0 says: https://www.standardwebhooks.com."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from standardwebhooks import Webhook

from monitor.core.errors import DeliveryError
from monitor.core.model import Development, EventSpec
from monitor.core.outgoing import OutboxEntry
from monitor.core.ports import Clock
from monitor.core.routing import DIGEST, NOTICE
from monitor.core.wire import development_json
from monitor.receivers.http import Answer, post

TYPE_ALERT = "development.found"
TYPE_DIGEST = "digest.made"
TYPE_NOTICE = "monitor.notice"
MAX_BODY = 20_000
"""The standard's limit; longer texts are cut, and the message says so by `truncated`."""
_CUTS = (2_000, 500, 120)
MAX_DIGEST_TEXT = 2_500
MAX_DIGEST_IDS = 200


class WebhookReceiver:
    """POSTs developments in the output contract. `webhook-id` is the same on every try.

    `secrets` are `whsec_…` strings; while one is rotated out, both sign. With `cloud_events` the body is a
    CloudEvents 1.0 event in structured JSON, signed in the same way.
    """

    groups = False

    def __init__(
        self,
        name: str,
        url: str,
        secrets: Sequence[str],
        *,
        clock: Clock,
        cloud_events: bool = False,
        allow_private: bool = False,
        timeout_s: float = 20.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._name = name
        self._url = url
        self._signers = [Webhook(secret) for secret in secrets]
        self._clock = clock
        self._cloud_events = cloud_events
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
            kind, data = _content(entry, found, names)
            if kind:
                await self._post(entry, kind, data)

    def body(self, entry: OutboxEntry, kind: str, data: Mapping[str, Any]) -> bytes:
        """Return the message as it is signed, under 20 KB."""
        frame: dict[str, Any]
        if self._cloud_events:
            frame = {
                "specversion": "1.0",
                "id": entry.id,
                "source": "news-event-monitor",
                "type": f"news-event-monitor.{kind}",
                "time": entry.created_at.isoformat(),
                "subject": entry.event_id,
                "datacontenttype": "application/json",
            }
            frame = {key: value for key, value in frame.items() if value is not None}
        else:
            frame = {"type": kind, "timestamp": entry.created_at.isoformat()}
        body = json.dumps(frame | {"data": data}).encode()
        for limit in _CUTS:
            if len(body) <= MAX_BODY:
                break
            body = json.dumps(frame | {"data": _shortened(data, limit) | {"truncated": True}}).encode()
        return body

    async def _post(self, entry: OutboxEntry, kind: str, data: Mapping[str, Any]) -> None:
        now = self._clock().astimezone(UTC)
        body = self.body(entry, kind, data)
        media_type = "application/cloudevents+json" if self._cloud_events else "application/json"
        headers = {
            "Content-Type": f"{media_type}; charset=utf-8" if self._cloud_events else media_type,
            "User-Agent": "news-event-monitor",
            "webhook-id": entry.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(s.sign(entry.id, now, body.decode()) for s in self._signers),
        }
        answer = await post(
            self._url,
            body,
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


def _content(
    entry: OutboxEntry, found: Mapping[str, Development], names: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:
    """Return the type and data of a message; an empty type where there is nothing to say any more."""
    if entry.type == DIGEST:
        return TYPE_DIGEST, _digest_data(entry)
    if entry.type == NOTICE:
        return TYPE_NOTICE, {key: str(entry.payload.get(key) or "") for key in ("subject", "text")}
    development = found.get(entry.development_id or "")
    if development is None:
        return "", {}
    return TYPE_ALERT, development_json(development) | {"event_name": names.get(development.event_id)}


def _shortened(value: Any, limit: int) -> Any:
    """Return JSON data with strings cut to `limit` characters and lists to 50 items."""
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[: limit - 1]}…"
    if isinstance(value, Mapping):
        return {key: _shortened(one, limit) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(one, limit) for one in value[:50]]
    return value


def _digest_data(entry: OutboxEntry) -> dict[str, Any]:
    """Return a digest as data; its text is cut, so that the body stays under the 20 KB of the standard."""
    ids = entry.payload.get("developments")
    return {
        "subject": str(entry.payload.get("subject") or ""),
        "text": str(entry.payload.get("text") or "")[:MAX_DIGEST_TEXT],
        "developments": list(ids)[:MAX_DIGEST_IDS] if isinstance(ids, list | tuple) else [],
    }
