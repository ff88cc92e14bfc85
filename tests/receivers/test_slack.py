"""Slack, through a real HTTP receiver that refuses what Slack would refuse."""

from __future__ import annotations

import asyncio
import json
import re
from types import SimpleNamespace

import pytest
from aiohttp import web
from slackblocks import Block

from monitor.core.errors import DeliveryError
from monitor.receivers.slack import SlackReceiver, escape, slack_messages

TEXT_KEYS = {"mrkdwn": {"type", "text", "verbatim"}, "plain_text": {"type", "text", "emoji"}}
BLOCK_KEYS = {"header": {"type", "text"}, "section": {"type", "text"}, "context": {"type", "elements"}}


def check(message: dict) -> None:
    """Raise AssertionError for what Slack answers with invalid_blocks, or what would ping or unfurl."""
    assert set(message) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert message["unfurl_links"] is False
    assert message["unfurl_media"] is False
    assert 1 <= len(message["blocks"]) <= 50
    assert len(json.dumps(message)) <= 13_200
    assert 1 <= len(message["text"]) <= 3000
    for block in message["blocks"]:
        Block.from_dict(block)
        assert set(block) == BLOCK_KEYS[block["type"]]
        for text in block.get("elements") or [block["text"]]:
            assert set(text) == TEXT_KEYS[text["type"]]
            assert 1 <= len(text["text"]) <= (150 if block["type"] == "header" else 3000)
            if text["type"] == "mrkdwn":
                assert text["verbatim"] is True
                inert(text["text"])
    inert(message["text"])


def inert(text: str) -> None:
    rest = re.sub(r"<https?://[^|<>\s]+\|[^<>]*>", "", text)
    assert "<" not in rest
    assert not re.search(r"&(?!amp;|lt;|gt;)", rest)


def strict(server) -> None:
    original = server.handle

    async def handle(request):
        body = await request.read()
        try:
            check(json.loads(body))
        except Exception as error:
            server.seen.append(({"refused": str(error)}, body))
            return web.Response(status=400, text="invalid_blocks")
        return await original(request)

    server.handle = handle


def receiver(server, **more) -> SlackReceiver:
    return SlackReceiver("ops", server.url, **{"allow_private": True, "pace_s": 0.0} | more)


async def send(one: SlackReceiver, sample: SimpleNamespace, developments) -> None:
    entries = [sample.alert(f"o-{d.id}", d.id) for d in developments]
    await one.send("#ops", entries, developments, [sample.EVENT])


async def test_a_message_is_taken_and_tells_all(sample, http_server) -> None:
    await send(receiver(http_server, kinds=sample.KINDS), sample, sample.story)
    (_, body) = http_server.seen[0]
    message = json.loads(body)
    check(message)
    said = json.dumps(message["blocks"], ensure_ascii=False)
    assert message["blocks"][0]["text"]["text"] == "Venezuela after 28 July"
    assert "at least 11  →  *about 20*" in said
    assert "<https://herald.example/deaths?a=1&amp;b=2|Harbour Herald>" in said


async def test_hostile_text_arrives_inert_and_within_the_limits(sample, http_server) -> None:
    await send(receiver(http_server), sample, [sample.hostile])
    message = json.loads(http_server.seen[0][1])
    check(message)
    said = json.dumps(message)
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said


def test_many_developments_are_split_with_all_of_them_told(sample) -> None:
    many = [
        sample.development(
            f"d{i}", stance="rejects", topic="t" * 90, quote="q" * 400, actors=(sample.actor(f"Actor{i:03}"),)
        )
        for i in range(120)
    ]
    messages = slack_messages(many, [sample.EVENT])
    assert len(messages) > 3
    for message in messages:
        check(dict(message))
    said = json.dumps(messages)
    assert all(f"Actor{i:03}" in said for i in range(120))


def test_nothing_new_is_still_a_message(sample) -> None:
    (message,) = slack_messages([], [], title="Morning")
    check(dict(message))


@pytest.mark.parametrize("limit", range(2, 40))
def test_escaping_never_cuts_an_entity(limit: int) -> None:
    cut = escape("a&b<c>d&&&&<<<<", limit)
    assert len(cut) <= limit
    inert(cut)


@pytest.mark.parametrize(
    ("status", "retry"), [(400, False), (403, False), (404, False), (410, False), (500, True), (503, True)]
)
async def test_errors_tell_permanent_from_passing(sample, http_server, status: int, retry: bool) -> None:
    http_server.script.append(lambda: web.Response(status=status, text="no_service"))
    with pytest.raises(DeliveryError, match=f"{status} no_service") as caught:
        await send(receiver(http_server), sample, sample.story[:1])
    assert caught.value.retry is retry
    assert "secret-token" not in str(caught.value)


async def test_429_rests_the_endpoint_for_retry_after(sample, http_server) -> None:
    http_server.script.append(lambda: web.Response(status=429, headers={"Retry-After": "17"}))
    with pytest.raises(DeliveryError) as caught:
        await send(receiver(http_server), sample, sample.story[:1])
    assert (caught.value.retry, caught.value.retry_after, caught.value.pause_target) == (True, 17.0, True)


async def test_a_lost_answer_is_ambiguous_and_no_server_is_not(sample, http_server) -> None:
    http_server.script.append(lambda: asyncio.sleep(2))
    with pytest.raises(DeliveryError) as caught:
        await send(receiver(http_server, timeout_s=0.3), sample, sample.story[:1])
    assert caught.value.ambiguous
    gone = SlackReceiver("ops", "http://127.0.0.1:1/secret-token", allow_private=True, pace_s=0.0)
    with pytest.raises(DeliveryError, match="cannot connect") as caught:
        await send(gone, sample, sample.story[:1])
    assert (caught.value.retry, caught.value.ambiguous) == (True, False)
    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_private_addresses_are_not_dialled_unless_allowed(sample, http_server, host: str) -> None:
    url = http_server.url.replace("127.0.0.1", host)
    with pytest.raises(DeliveryError, match="loopback") as caught:
        await send(SlackReceiver("ops", url), sample, sample.story[:1])
    assert not caught.value.retry
    assert "allow_private" in (caught.value.remedy or "")
    assert http_server.seen == []


async def test_a_retry_goes_on_after_the_parts_that_were_taken(sample, http_server) -> None:
    many = [
        sample.development(
            f"d{i}", stance="rejects", topic="t" * 90, quote="q" * 400, actors=(sample.actor(f"A{i}"),)
        )
        for i in range(40)
    ]
    parts = len(slack_messages(many, [sample.EVENT]))
    assert parts >= 3
    one = receiver(http_server)
    http_server.script += [lambda: web.Response(text="ok"), lambda: web.Response(status=503)]
    with pytest.raises(DeliveryError):
        await send(one, sample, many)
    await send(one, sample, many)
    bodies = [body for _, body in http_server.seen]
    assert len(bodies) == parts + 1, "the refused part twice, no other"
    assert bodies[1] == bodies[2]


@pytest.mark.parametrize(("status", "disabled"), [(403, True), (404, True), (410, True), (400, False)])
async def test_an_endpoint_that_is_gone_is_disabled_and_one_bad_message_is_not(
    sample, http_server, status: int, disabled: bool
) -> None:
    http_server.script.append(lambda: web.Response(status=status, text="no_service"))
    with pytest.raises(DeliveryError) as caught:
        await send(receiver(http_server), sample, sample.story[:1])
    assert (caught.value.retry, caught.value.pause_target) == (False, disabled)


async def test_a_notice_is_a_message_that_slack_takes(sample, http_server) -> None:
    strict(http_server)
    payload = {"subject": "The receiver hook is disabled", "text": "<!channel> " + "x" * 9000}
    notice = sample.alert("n1", None, type="notice", payload=payload)
    await receiver(http_server).send("ops", [notice], [], [])
    (_, body) = http_server.seen[-1]
    check(json.loads(body))
