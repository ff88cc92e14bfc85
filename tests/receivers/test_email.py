"""Mail, through a real SMTP server."""

from __future__ import annotations

import email
import email.policy
import re
import ssl
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from monitor.core.errors import ConfigError, DeliveryError
from monitor.receivers.email import EmailReceiver, Mailbox
from monitor.receivers.oauth import Grant, TokenSource
from monitor.receivers.render import Renderer
from monitor.receivers.text import UNSUBSCRIBE_MARK

READER = "reader@example.org"


def receiver(sample: SimpleNamespace, port: int, tls: ssl.SSLContext | None = None, **more) -> EmailReceiver:
    settings = {
        "host": "localhost",
        "port": port,
        "sender": "Monitor <monitor@example.org>",
        "security": "none",
    }
    return EmailReceiver(
        "desk",
        Mailbox(**settings | {"timeout_s": 5.0} | more),
        render_alert=Renderer(kinds=sample.KINDS, title="Monitor").alert,
        tls=tls,
    )


async def send(one: EmailReceiver, sample: SimpleNamespace, *, to: str = READER, development=None) -> None:
    chosen = development or sample.story[0]
    await one.send(to, [sample.alert("o1", chosen.id)], [chosen], [sample.EVENT])


def parsed(raw: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


async def test_a_mail_has_a_text_and_an_html_part_and_the_headers_of_automatic_mail(
    sample, smtp_server
) -> None:
    mails = await smtp_server()
    one = receiver(sample, mails.port, unsubscribe=("https://m.example/u/{recipient}", "mailto:u@m.example"))
    await send(one, sample)
    await send(one, sample)
    (to, raw), (_, again) = mails.got
    mail = parsed(raw)
    assert to == [READER]
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "upheld the election result" in mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Monitor: Venezuela after 28 July"
    assert mail["Message-ID"] == parsed(again)["Message-ID"]
    assert mail["References"].startswith("<event-")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"].endswith(".example.org>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"List-Unsubscribe: <https://m.example/u/reader@example.org>, <mailto:u@m.example>\r\n" in raw


async def test_a_long_unsubscribe_address_stays_one_raw_line(sample, smtp_server) -> None:
    mails = await smtp_server()
    link = "https://m.example/unsubscribe/" + "t" * 200
    await send(receiver(sample, mails.port, unsubscribe=(link,)), sample)
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in mails.got[0][1]


async def test_a_digest_goes_out_as_it_was_rendered(sample, smtp_server) -> None:
    mails = await smtp_server()
    payload = {"subject": "Morning: ñ", "text": "plain ñ", "html": "<p>rich ñ</p>"}
    entry = sample.alert("o2", None, type="digest", payload=payload, event_id=None)
    await receiver(sample, mails.port).send(READER, [entry], [], [])
    mail = parsed(mails.got[0][1])
    assert mail["Subject"] == "Morning: ñ"
    assert mail.get_body(("html",)).get_content().strip() == "<p>rich ñ</p>"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_tls_is_verified_and_the_login_given(sample, smtp_server, trusting, security: str) -> None:
    mails = await smtp_server(security, password="right")
    await send(
        receiver(sample, mails.port, trusting, security=security, username="u", password="right"), sample
    )
    assert (len(mails.got), mails.logins) == (1, ["u"])
    with pytest.raises(DeliveryError, match="certificate cannot be verified") as caught:
        await send(receiver(sample, mails.port, security=security, username="u", password="right"), sample)
    assert caught.value.retry
    with pytest.raises(DeliveryError, match="login refused") as caught:
        await send(
            receiver(sample, mails.port, trusting, security=security, username="u", password="no"), sample
        )
    assert "no" not in str(caught.value).split()
    assert caught.value.retry


async def test_a_server_without_starttls_gets_no_mail(sample, smtp_server) -> None:
    mails = await smtp_server()
    with pytest.raises(DeliveryError):
        await send(receiver(sample, mails.port, security="starttls"), sample)
    assert mails.got == []


@pytest.mark.parametrize(
    ("step", "reply", "retry"),
    [
        ("rcpt", "550 no such user", False),
        ("rcpt", "451 greylisted", True),
        ("data", "554 spam", False),
        ("data", "451 later", True),
    ],
)
async def test_refusals_say_whether_to_try_again(
    sample, smtp_server, step: str, reply: str, retry: bool
) -> None:
    mails = await smtp_server()
    mails.replies[step] = reply
    with pytest.raises(DeliveryError, match=reply) as caught:
        await send(receiver(sample, mails.port), sample)
    assert (caught.value.retry, caught.value.ambiguous) == (retry, False)


async def test_a_connection_lost_after_the_text_may_have_delivered_it(sample, smtp_server) -> None:
    mails = await smtp_server()
    mails.replies["data"] = "drop"
    with pytest.raises(DeliveryError) as caught:
        await send(receiver(sample, mails.port), sample)
    assert caught.value.retry
    assert caught.value.ambiguous


async def test_no_server_is_one_clear_line(sample, smtp_server) -> None:
    with pytest.raises(DeliveryError, match="email desk") as caught:
        await send(receiver(sample, 1), sample)
    assert caught.value.retry
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


async def test_hostile_text_adds_no_header_and_no_recipient(sample, smtp_server) -> None:
    mails = await smtp_server()
    await send(receiver(sample, mails.port), sample, development=sample.hostile)
    to, raw = mails.got[0]
    mail = parsed(raw)
    assert to == [READER]
    assert mail["Bcc"] is None
    html = mail.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "{{ 7*7 }}" in html
    assert len(raw) < 100_000


@pytest.mark.parametrize(
    "bad", ["a@example.org, b@example.org", "nobody", "a@example.org\r\nBcc: c@example.org", ""]
)
async def test_what_is_no_single_address_is_refused(sample, smtp_server, bad: str) -> None:
    mails = await smtp_server()
    with pytest.raises(ConfigError):
        await send(receiver(sample, mails.port), sample, to=bad)
    assert mails.got == []


def one_click(list_id: str, recipient: str) -> str:
    return f"https://m.example/unsubscribe/{list_id}/{recipient}"


def with_one_click(sample: SimpleNamespace, port: int, **more) -> EmailReceiver:
    box = Mailbox(
        host="localhost", port=port, sender="monitor@example.org", security="none", timeout_s=5.0, **more
    )
    render = Renderer(kinds=sample.KINDS, title="Monitor", unsubscribes=True).alert
    return EmailReceiver("desk", box, render_alert=render, one_click=one_click)


async def test_each_recipient_has_an_address_of_their_own_to_leave_that_very_list(
    sample, smtp_server
) -> None:
    mails = await smtp_server()
    one = with_one_click(sample, mails.port, unsubscribe=("mailto:leave@example.org",))
    await send(one, sample)
    payload = {
        "subject": "S",
        "text": f"leave: {UNSUBSCRIBE_MARK}",
        "html": f'<a href="{UNSUBSCRIBE_MARK}">x</a>',
    }
    digest = sample.alert("o2", None, type="digest", payload=payload, group_key="digest:morning:2024-08-23")
    await one.send("other@example.org", [digest], [], [])
    alert, morning = mails.got[0][1], mails.got[1][1]
    link = f"https://m.example/unsubscribe/alerts:desk/{READER}"
    assert f"List-Unsubscribe: <{link}>, <mailto:leave@example.org>\r\n".encode() in alert
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in alert
    assert f'href="{link}"' in parsed(alert).get_body(("html",)).get_content()
    assert link in parsed(alert).get_body(("plain",)).get_content()
    theirs = "https://m.example/unsubscribe/digest:morning/other@example.org"
    assert f"List-Unsubscribe: <{theirs}>,".encode() in morning
    assert parsed(morning).get_body(("plain",)).get_content().strip() == f"leave: {theirs}"
    assert b"unsubscribe.invalid" not in alert + morning


async def test_a_notice_to_the_operator_is_plain_text_and_no_list(sample, smtp_server) -> None:
    mails = await smtp_server()
    notice = sample.alert("n1", None, type="notice", payload={"subject": "S", "text": "gone"}, event_id=None)
    await with_one_click(sample, mails.port).send(READER, [notice], [], [])
    mail = parsed(mails.got[0][1])
    assert mail.get_content().strip() == "gone"
    assert mail["List-Unsubscribe"] is None


async def test_alerts_of_one_event_are_one_conversation(sample, smtp_server) -> None:
    mails = await smtp_server()
    one = receiver(sample, mails.port)
    for number, development in enumerate(sample.story[:3]):
        entry = sample.alert(f"o{number}", development.id)
        await one.send(READER, [entry], [development], [sample.EVENT])
    found = [parsed(raw) for _, raw in mails.got]
    assert len({m["Message-ID"] for m in found}) == 3
    assert len({(m["References"], m["In-Reply-To"], m["Subject"]) for m in found}) == 1


def grant(server, **more) -> Grant:
    settings = {"client_id": "id", "refresh_token": "refresh-secret", "allow_private": True}
    return Grant(token_url=server.url, **settings | more)


async def test_xoauth2_fetches_a_token_keeps_it_and_fetches_again_when_it_is_refused(
    sample, smtp_server, http_server
) -> None:
    accepted = ["first"]
    mails = await smtp_server(tokens=accepted)
    names = iter(("first", "second", "third"))
    http_server.script += [
        lambda: web.json_response({"access_token": next(names), "expires_in": 3600, "pad": "x" * 3000})
    ] * 3
    clock = [sample.NOW]
    tokens = TokenSource("desk", grant(http_server, client_secret="s"), clock=lambda: clock[0])
    one = receiver(sample, mails.port, username="me@example.org", tokens=tokens)
    await send(one, sample)
    await send(one, sample)
    assert (len(mails.got), len(http_server.seen)) == (2, 1)
    assert dict(parse_qsl(http_server.seen[0][1].decode())) == {
        "grant_type": "refresh_token", "refresh_token": "refresh-secret", "client_id": "id", "client_secret": "s",
    }  # fmt: skip
    assert set(mails.logins) == {"user=me@example.org"}
    accepted[:] = ["second", "third"]
    with pytest.raises(DeliveryError, match="login refused") as caught:
        await send(one, sample)
    assert caught.value.retry
    assert "first" not in str(caught.value)
    await send(one, sample)
    clock[0] += timedelta(seconds=3599)
    await send(one, sample)
    assert (len(mails.got), len(http_server.seen)) == (4, 3)


async def test_a_refresh_token_that_is_refused_is_one_clear_line_without_secrets(sample, http_server) -> None:
    http_server.script.append(lambda: web.json_response({"error": "refresh-secret is bad"}, status=400))
    with pytest.raises(DeliveryError, match="no token: answered 400") as caught:
        await TokenSource("desk", grant(http_server), clock=lambda: sample.NOW).token()
    assert "secret" not in str(caught.value)
    assert "refresh token" in (caught.value.remedy or "")


def test_the_whole_mail_is_as_it_was_looked_at(sample) -> None:
    one = with_one_click(sample, 25)
    payload = {
        "subject": "Mañana",
        "text": "wörter",
        "html": f"<p>wörter <a href='{UNSUBSCRIBE_MARK}'>leave</a></p>",
    }
    entry = sample.alert("o1", None, type="digest", event_id=None, group_key="digest:morning:2024-08-23")
    raw = one.compose(READER, [entry], payload).as_bytes().decode("ascii")
    boundary = re.search(r'boundary="([^"]+)"', raw)
    assert boundary is not None
    golden = (Path(__file__).parent / "golden" / "mail.eml").read_text("ascii")
    assert raw.replace(boundary[1], "BOUNDARY").replace("\r\n", "\n") == golden
