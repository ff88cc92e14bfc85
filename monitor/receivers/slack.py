"""Slack incoming webhooks: Block Kit messages within Slack's limits, in which no feed text can act.

Limits (https://docs.slack.dev/reference/block-kit/blocks, and a measured whole-message cap near 13,200): 50
blocks, 3000 characters a text, 150 a header.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.core.errors import DeliveryError
from monitor.core.model import Change, Development, EventSpec, stable_id
from monitor.core.outgoing import OutboxEntry
from monitor.core.policy import KindSpec
from monitor.core.routing import NOTICE
from monitor.receivers.http import Answer, post
from monitor.receivers.text import Told, describe, plain

MAX_BLOCKS = 50
MAX_TEXT = 2900
MAX_HEADER = 150
BUDGET = 12_000
_SIGNS = {
    Change.NEW: ":large_blue_circle:",
    Change.CHANGED: ":large_orange_circle:",
    Change.CONFIRMED: ":large_green_circle:",
    Change.CONTRADICTED: ":red_circle:",
}
_PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 413})
_GONE = frozenset({403, 404, 410})

Block = dict[str, Any]


class SlackReceiver:
    """Posts to one incoming webhook, at most one message in `pace_s` seconds."""

    groups = True

    def __init__(
        self,
        name: str,
        url: str,
        *,
        kinds: Mapping[str, KindSpec] | None = None,
        allow_private: bool = False,
        pace_s: float = 1.0,
        timeout_s: float = 20.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._name = name
        self._url = url
        self._kinds = kinds or {}
        self._allow_private = allow_private
        self._pace_s = pace_s
        self._timeout_s = timeout_s
        self._tls = tls
        self._turn = asyncio.Lock()
        self._taken: dict[str, int] = {}

    async def send(
        self,
        recipient: str,  # noqa: ARG002  the channel is the recipient
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        """Send one message, split where Slack's limits ask for it.

        A retry goes on after the parts that Slack took, while this process lives.
        """
        payload = entries[0].payload
        title = plain(str(payload.get("subject") or ""), MAX_HEADER)
        if entries[0].type == NOTICE:
            messages = slack_notice(title, str(payload.get("text") or ""))
        else:
            messages = slack_messages(developments, events, kinds=self._kinds, title=title)
        key = stable_id("", *sorted(e.id for e in entries))
        while (number := self._taken.get(key, 0)) < len(messages):
            async with self._turn:
                answer = await self._post(messages[number])
                await asyncio.sleep(self._pace_s)
            self._judge(answer)
            self._taken[key] = number + 1
        self._taken.pop(key, None)

    async def _post(self, message: Mapping[str, Any]) -> Answer:
        return await post(
            self._url,
            json.dumps(message).encode(),
            {"Content-Type": "application/json; charset=utf-8"},
            place=f"slack {self._name}",
            allow_private=self._allow_private,
            timeout_s=self._timeout_s,
            tls=self._tls,
        )

    def _judge(self, answer: Answer) -> None:
        if 200 <= answer.status < 300:
            return
        retry = answer.status not in _PERMANENT
        said = plain(answer.body, 80)
        remedy = "make a new incoming webhook and set its URL" if answer.status in _GONE else None
        raise DeliveryError(
            f"answered {answer.status} {said}".strip(),
            place=f"slack {self._name}",
            remedy=remedy,
            retry=retry,
            retry_after=answer.retry_after_s or (30.0 if answer.status == 429 else None),
            pause_target=answer.status == 429 or answer.status in _GONE,
        )


def slack_messages(
    developments: Sequence[Development],
    events: Sequence[EventSpec],
    *,
    kinds: Mapping[str, KindSpec] | None = None,
    title: str = "",
) -> tuple[Mapping[str, Any], ...]:
    """Return the payloads that tell `developments`, grouped by event; at least one, also for nothing new."""
    names = {e.id: e.name for e in events}
    groups: dict[str, list[Development]] = {}
    for development in developments:
        groups.setdefault(development.event_id, []).append(development)
    parts: list[list[Block]] = [[_header(title)]] if title else []
    for event_id, group in groups.items():
        for number, development in enumerate(group):
            blocks = _development(development, kinds or {})
            parts.append([_header(names.get(event_id, event_id)), *blocks] if number == 0 else blocks)
    if not developments:
        parts.append([_section("Nothing new.")])
    fallback = _fallback(developments, kinds or {}, title)
    return tuple(_message(blocks, fallback) for blocks in _split(parts))


def slack_notice(title: str, text: str) -> tuple[Mapping[str, Any], ...]:
    """Return the payload of a notice about this program."""
    return (_message([_header(title), _section(_inert(text, MAX_TEXT // 2))], escape(title, 200)),)


def escape(text: str, limit: int = MAX_TEXT) -> str:
    """Return `text` for mrkdwn with exactly & < > escaped, cut to `limit` without cutting an entity."""
    out: list[str] = []
    used = 0
    entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    for char in text:
        piece = entities.get(char, char)
        if used + len(piece) > limit - 1:
            return "".join(out) + "…"
        out.append(piece)
        used += len(piece)
    return "".join(out)


def link(url: str, words: str) -> str:
    """Return a Slack link, or just the words where the address is none."""
    if not url:
        return escape(words, 200)
    safe = url.replace("&", "&amp;").replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{safe}|{_inert(words, 200)}>"


def _inert(text: str, limit: int) -> str:
    """Escape, and take the power from the signs with which mrkdwn formats."""
    word_joiner = "\u2060"
    return "".join(f"{c}{word_joiner}" if c in "*_~`" else c for c in escape(text, limit))


def _development(development: Development, kinds: Mapping[str, KindSpec]) -> list[Block]:
    told = describe(development, kinds)
    lines = [f"{_SIGNS[development.change]} *{told.badge}*  {_inert(told.headline, 600)}"]
    if told.old:
        lines.append(f"{_inert(told.old, 150)}  {told.turn}  *{_inert(told.new, 150)}*")
    if told.quote:
        lines.append(f"&gt; {_inert(told.quote, 800)}".replace("&gt; ", "> ", 1))
    return [_section("\n".join(lines)), {"type": "context", "elements": [_mrkdwn(_source_line(told))]}]


def _source_line(told: Told) -> str:
    word = f"according to {_inert(told.word, 200)}" if told.word else ""
    where = link(told.url, told.source or told.document)
    return "  ·  ".join(p for p in (where, told.date, word, told.standing) if p)


def _header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": plain(text, MAX_HEADER) or "News", "emoji": False},
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _fallback(developments: Sequence[Development], kinds: Mapping[str, KindSpec], title: str) -> str:
    lines = [f"{t.badge}: {t.headline}" for t in (describe(d, kinds) for d in developments[:5])]
    if len(developments) > 5:
        lines.append(f"and {len(developments) - 5} more")
    return escape(" | ".join([p for p in (title,) if p] + lines) or "Nothing new.", 1000)


def _message(blocks: Sequence[Block], fallback: str) -> Mapping[str, Any]:
    return {"text": fallback, "blocks": list(blocks), "unfurl_links": False, "unfurl_media": False}


def _split(parts: Sequence[list[Block]]) -> list[list[Block]]:
    """Pack parts into messages; a development's blocks stay together."""
    budget = BUDGET - 1500  # for the fallback text and the frame
    messages: list[list[Block]] = [[]]
    used = 0
    for part in parts:
        size = len(json.dumps(part))
        if messages[-1] and (len(messages[-1]) + len(part) > MAX_BLOCKS or used + size > budget):
            messages.append([])
            used = 0
        messages[-1].extend(part)
        used += size
    return messages
