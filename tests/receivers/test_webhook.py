"""Signed webhooks, through a real HTTP receiver that verifies with the standard's own library."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook, WebhookVerificationError

from monitor.core.contract import contract_schema
from monitor.core.errors import DeliveryError
from monitor.core.wire import development_json
from monitor.receivers.webhook import WebhookReceiver

SECRET = "whsec_" + base64.b64encode(b"a" * 24).decode()
NEXT = "whsec_" + base64.b64encode(b"b" * 24).decode()


GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Draft202012Validator(contract_schema("webhook"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def receiver(server, secrets=(SECRET,), zone=UTC, **more) -> WebhookReceiver:
    return WebhookReceiver(
        "hook",
        server.url,
        secrets,
        clock=lambda: datetime.fromtimestamp(time.time(), zone),
        allow_private=True,
        **more,
    )


async def send(one: WebhookReceiver, sample, developments) -> None:
    await one.send(
        "hook", [sample.alert(f"o-{d.id}", d.id) for d in developments], developments, [sample.EVENT]
    )


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-4))])
async def test_a_message_is_signed_and_carries_the_contract(sample, http_server, zone) -> None:
    one = receiver(http_server, zone=zone)
    await send(one, sample, sample.story[:2])
    await send(one, sample, sample.story[:2])
    for headers, body in http_server.seen:
        Webhook(SECRET).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body + b" ", headers)
        assert len(body) < 20_000
    ids = [headers["webhook-id"] for headers, _ in http_server.seen]
    assert ids == ["o-ruling", "o-deaths"] * 2
    message = json.loads(http_server.seen[1][1])
    assert message["type"] == "development.found"
    assert message["data"] == development_json(sample.story[1]) | {"event_name": "Venezuela after 28 July"}


async def test_while_a_secret_is_rotated_both_verify(sample, http_server) -> None:
    await send(receiver(http_server, (SECRET, NEXT)), sample, sample.story[:1])
    headers, body = http_server.seen[0]
    for secret in (SECRET, NEXT):
        Webhook(secret).verify(body, headers)


async def test_a_digest_stays_small(sample, http_server) -> None:
    payload = {
        "subject": "s",
        "text": "é\x01" * 50_000,
        "html": "h",
        "developments": [f"d{i:020}" for i in range(9999)],
    }
    await receiver(http_server).send(
        "hook", [sample.alert("o9", None, type="digest", payload=payload)], [], []
    )
    _, body = http_server.seen[0]
    assert json.loads(body)["type"] == "digest.made"
    assert len(body) <= 20_000


@pytest.mark.parametrize(
    ("status", "retry", "rest"),
    [(302, True, False), (400, True, False), (500, True, False), (410, False, True)],
)
async def test_only_2xx_is_success(sample, http_server, status: int, retry: bool, rest: bool) -> None:
    elsewhere = {"Location": http_server.url} if status == 302 else {}
    http_server.script.append(lambda: web.Response(status=status, headers=elsewhere))
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        await send(receiver(http_server), sample, sample.story[:1])
    assert (caught.value.retry, caught.value.pause_target) == (retry, rest)
    assert len(http_server.seen) == 1, "a redirect was followed"


async def test_retry_after_as_a_date_counts_from_the_answers_own_date(sample, http_server) -> None:
    stamps = {"Retry-After": "Fri, 23 Aug 2024 05:02:00 GMT", "Date": "Fri, 23 Aug 2024 05:00:00 GMT"}
    http_server.script.append(lambda: web.Response(status=503, headers=stamps))
    with pytest.raises(DeliveryError) as caught:
        await send(receiver(http_server), sample, sample.story[:1])
    assert (caught.value.retry_after, caught.value.pause_target) == (120.0, True)


@pytest.mark.parametrize("cloud_events", [False, True])
async def test_every_message_is_as_the_published_schema_says(sample, http_server, cloud_events: bool) -> None:
    one = receiver(http_server, cloud_events=cloud_events)
    await send(one, sample, [*sample.story, sample.hostile])
    digest = {"subject": "s", "text": "t" * 50_000, "developments": ["d1"]}
    await one.send("hook", [sample.alert("o9", None, type="digest", payload=digest)], [], [])
    notice = {"subject": "s", "text": "t"}
    await one.send("hook", [sample.alert("n1", None, type="notice", payload=notice, event_id=None)], [], [])
    assert len(http_server.seen) == len(sample.story) + 3
    for headers, body in http_server.seen:
        SCHEMA.validate(json.loads(body))
        Webhook(SECRET).verify(body, headers)
        assert len(body) <= 20_000


@pytest.mark.parametrize("name", ["standard", "cloudevents"])
def test_the_body_is_as_it_was_looked_at(sample, name: str) -> None:
    one = WebhookReceiver("hook", "", [SECRET], clock=lambda: sample.NOW, cloud_events=name == "cloudevents")
    data = development_json(sample.story[1]) | {"event_name": "Venezuela after 28 July"}
    body = json.loads(one.body(sample.alert("o1", "deaths"), "development.found", data))
    assert body == json.loads((GOLDEN / f"webhook-{name}.json").read_text("utf-8"))


async def test_cloud_events_are_version_1_in_structured_json(sample, http_server) -> None:
    await send(receiver(http_server, cloud_events=True), sample, sample.story[:1])
    headers, body = http_server.seen[0]
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    event = json.loads(body)
    assert {k: event[k] for k in ("specversion", "id", "type", "subject", "datacontenttype")} == {
        "specversion": "1.0",
        "id": headers["webhook-id"],
        "type": "news-event-monitor.development.found",
        "subject": "venezuela",
        "datacontenttype": "application/json",
    }
    assert event["data"]["id"] == "ruling"


async def test_a_message_that_is_cut_says_so_and_keeps_its_ids(sample, http_server) -> None:
    await send(receiver(http_server), sample, [sample.hostile, sample.story[0]])
    cut, whole = (json.loads(body)["data"] for _, body in http_server.seen)
    assert cut["truncated"] is True
    assert (cut["id"], cut["fact"], cut["start"]) == ("bad", "f-bad", 0)
    assert "truncated" not in whole


async def test_hostile_text_is_plain_json(sample, http_server) -> None:
    await send(receiver(http_server), sample, [sample.hostile])
    headers, body = http_server.seen[0]
    Webhook(SECRET).verify(body, headers)
    assert json.loads(body)["data"]["id"] == "bad"
