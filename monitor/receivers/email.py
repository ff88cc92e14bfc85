"""Mail over SMTP: one multipart message per recipient, under a Message-ID that is the same on every try."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

import aiosmtplib

from monitor.core.errors import ConfigError, DeliveryError
from monitor.core.model import Development, EventSpec, stable_id
from monitor.core.outgoing import OutboxEntry
from monitor.core.routing import ALERT, NOTICE, alert_list
from monitor.receivers.oauth import TokenSource
from monitor.receivers.text import UNSUBSCRIBE_MARK, plain

# The default of 78 folds a long List-Unsubscribe token into an encoded word and so breaks it (measured).
_POLICY = SMTP.clone(max_line_length=998)

OneClick = Callable[[str, str], str]
"""Returns the https address at which a recipient (second) leaves a list (first) by one click, RFC 8058."""

RenderAlert = Callable[[Sequence[Development], Sequence[EventSpec]], Mapping[str, str]]
"""Returns subject, text and html of an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """How mail leaves: the server and how it is protected ("starttls", "tls" or "none"), and in whose name.

    `unsubscribe` are addresses (https: or mailto:) for List-Unsubscribe; `{recipient}` in them is filled in.
    `tokens` yields access tokens for XOAUTH2, instead of a password.
    """

    host: str
    port: int
    sender: str
    security: str = "starttls"
    username: str | None = None
    password: str | None = None
    tokens: TokenSource | None = None
    unsubscribe: tuple[str, ...] = ()
    timeout_s: float = 30.0


class EmailReceiver:
    """Sends digests as they were rendered, and alerts with `render_alert`. Certificates are verified."""

    groups = True

    def __init__(
        self,
        name: str,
        mailbox: Mailbox,
        *,
        render_alert: RenderAlert,
        one_click: OneClick | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._name = name
        self._one_click = one_click
        self._mailbox = mailbox
        self._render_alert = render_alert
        self._tls = tls or ssl.create_default_context()
        self._sender = address(mailbox.sender)

    async def send(
        self,
        recipient: str,
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        """Send one message to `recipient`."""
        if entries[0].type == ALERT:
            # A user's template may take its time, and other messages need not wait for it.
            payload = dict(await asyncio.to_thread(self._render_alert, developments, events))
        else:
            payload = {key: str(entries[0].payload.get(key) or "") for key in ("subject", "text", "html")}
        await self._deliver(self.compose(recipient, entries, payload), recipient)

    def compose(
        self, recipient: str, entries: Sequence[OutboxEntry], payload: Mapping[str, str]
    ) -> EmailMessage:
        """Return the message; all that comes from feeds is one bounded line in its headers."""
        first = entries[0]
        domain = self._sender.domain
        message = EmailMessage(policy=_POLICY)
        message["From"] = self._sender
        message["To"] = address(recipient)
        message["Subject"] = plain(payload["subject"], 200) or "News"
        message["Date"] = format_datetime(min(e.created_at for e in entries))
        message["Message-ID"] = f"<{stable_id('', *sorted(e.id for e in entries))}@{domain}>"
        if first.event_id:
            # Alerts of one event, whose subject is constant, are one conversation.
            thread = f"<{stable_id('event-', first.event_id)}@{domain}>"
            message["In-Reply-To"] = thread
            message["References"] = thread
        message["List-Id"] = f"<{stable_id('list-', self._name)}.{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        links = self._links(recipient, first)
        if links:
            message["List-Unsubscribe"] = ", ".join(f"<{link}>" for link in links)
        if any(link.startswith("https://") for link in links):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        unsubscribe = links[0] if links else ""
        text = payload["text"].replace(UNSUBSCRIBE_MARK, unsubscribe)
        message.set_content(text, charset="utf-8", cte="quoted-printable")
        if payload.get("html"):
            html = payload["html"].replace(UNSUBSCRIBE_MARK, escape(unsubscribe))
            message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
        return message

    def _links(self, recipient: str, entry: OutboxEntry) -> list[str]:
        """Return the addresses for List-Unsubscribe, our own first; none for notices to the operator."""
        if entry.type == NOTICE:
            return []
        links = [
            link.replace("{recipient}", quote(recipient, safe="@")) for link in self._mailbox.unsubscribe
        ]
        if self._one_click is not None:
            list_id = alert_list(self._name) if entry.type == ALERT else entry.group_key.rpartition(":")[0]
            links.insert(0, self._one_click(list_id, recipient))
        return links

    async def _deliver(self, message: EmailMessage, recipient: str) -> None:
        client = aiosmtplib.SMTP(
            hostname=self._mailbox.host,
            port=self._mailbox.port,
            use_tls=self._mailbox.security == "tls",
            start_tls=self._mailbox.security == "starttls",
            tls_context=self._tls,
            timeout=self._mailbox.timeout_s,
        )
        try:
            await self._connect(client)
            try:
                await client.sendmail(
                    self._sender.addr_spec, [address(recipient).addr_spec], message.as_bytes(policy=_POLICY)
                )
            except aiosmtplib.SMTPException as error:
                raise self._failure(error, ambiguous=_cut_off(error)) from error
        finally:
            await self._leave(client)

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.connect()
            if self._mailbox.tokens is not None:
                await self._log_in_by_token(client, self._mailbox.tokens)
            elif self._mailbox.username:
                await client.login(self._mailbox.username, self._mailbox.password or "")
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._failure(error, ambiguous=False) from error

    async def _log_in_by_token(self, client: aiosmtplib.SMTP, tokens: TokenSource) -> None:
        try:
            await client.auth_xoauth2(self._mailbox.username or self._sender.addr_spec, await tokens.token())
        except aiosmtplib.SMTPAuthenticationError:
            tokens.forget()
            raise

    async def _leave(self, client: aiosmtplib.SMTP) -> None:
        """Part from the server. The message was taken or refused before, so what QUIT brings is no matter."""
        try:
            if client.is_connected:
                await client.quit()
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            client.close()

    def _failure(self, error: Exception, *, ambiguous: bool) -> DeliveryError:
        box = self._mailbox
        place = f"email {self._name} ({box.host}:{box.port})"
        code, said = _reply(error)
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            message, remedy = (
                f"login refused: {code} {said}",
                "check username and password, or the refresh token",
            )
        elif _is_certificate(error):
            message, remedy = "its certificate cannot be verified", "check host, or install the authority"
        elif code:
            message, remedy = f"refused: {code} {said}", None
        else:
            message, remedy = f"cannot deliver: {said}", "check host, port and security"
        permanent = 500 <= code < 600 and not isinstance(error, aiosmtplib.SMTPAuthenticationError)
        return DeliveryError(message, place=place, remedy=remedy, retry=not permanent, ambiguous=ambiguous)


def address(text: str) -> Address:
    """Return one mail address, with a name before it or not; a second one after a comma is refused."""
    name, _, rest = text.rpartition("<")
    spec = rest.removesuffix(">") if name or rest.endswith(">") else text
    try:
        return Address(display_name=plain(name.strip().strip('"'), 100), addr_spec=spec.strip())
    except (ValueError, IndexError, MessageError) as error:
        message = f'"{plain(text, 80)}" is no mail address'
        raise ConfigError(message, place="email", remedy="write one address, name@domain") from error


def _cut_off(error: Exception) -> bool:
    """Return whether the answer got lost after the text went out: it may have been accepted."""
    return isinstance(
        error,
        aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPTimeoutError | aiosmtplib.SMTPReadTimeoutError,
    )


def _reply(error: Exception) -> tuple[int, str]:
    refused = getattr(error, "recipients", None)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and refused:
        error = refused[0]
    code = int(getattr(error, "code", 0) or 0)
    return code, plain(str(getattr(error, "message", "") or error or type(error).__name__), 160)


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        if "certificate verify failed" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False
