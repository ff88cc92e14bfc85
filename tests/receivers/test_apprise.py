"""Apprise, which posts to a real HTTP server of ours."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from aiohttp import web

from monitor.core.errors import ConfigError, DeliveryError
from monitor.receivers.apprise import MAX_BODY, AppriseReceiver

pytest.importorskip("apprise")


def receiver(server, sample: SimpleNamespace) -> AppriseReceiver:
    return AppriseReceiver("phone", server.url.replace("http://", "json://"), kinds=sample.KINDS)


async def test_developments_arrive_as_plain_text(sample, http_server) -> None:
    await receiver(http_server, sample).send(
        "phone", [sample.alert("o1", "deaths")], sample.story[1:3], [sample.EVENT]
    )
    message = json.loads(http_server.seen[0][1])
    assert message["title"] == "Venezuela after 28 July"
    assert "CHANGED: Deaths: about 20" in message["message"]
    assert "at least 11 → about 20" in message["message"]
    assert "https://herald.example/order?a=1&b=2" in message["message"]


@pytest.mark.parametrize("kind", ["digest", "notice"])
async def test_digests_and_notices_arrive_as_their_text(sample, http_server, kind: str) -> None:
    payload = {"subject": "S", "text": "line\n" * 5000, "html": "<p>no</p>"}
    await receiver(http_server, sample).send(
        "phone", [sample.alert("o1", None, type=kind, payload=payload)], [], []
    )
    message = json.loads(http_server.seen[0][1])
    assert message["title"] == "S"
    assert len(message["message"]) <= MAX_BODY + 2
    assert message["message"].endswith("…"), "what is left out is said"


async def test_hostile_text_is_one_bounded_plain_text(sample, http_server) -> None:
    await receiver(http_server, sample).send("phone", [sample.alert("o1", "bad")], [sample.hostile], [])
    said = json.loads(http_server.seen[0][1])["message"]
    assert len(said) <= MAX_BODY + 2
    for char in "\u202e\u2066\x00\x07\x1b\u200b":
        assert char not in said


async def test_a_refusal_is_tried_again(sample, http_server) -> None:
    http_server.script.append(lambda: web.Response(status=500))
    with pytest.raises(DeliveryError, match="apprise phone") as caught:
        await receiver(http_server, sample).send("phone", [sample.alert("o1", "x")], sample.story[:1], [])
    assert caught.value.retry
    assert "secret-token" not in str(caught.value)


def test_an_address_that_apprise_does_not_know_is_refused_without_telling_it() -> None:
    with pytest.raises(ConfigError, match="does not understand") as caught:
        AppriseReceiver("phone", "nonsense://secret")
    assert "secret" not in str(caught.value)


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"news-event-monitor\[apprise\]"):
        AppriseReceiver("phone", "json://localhost")
