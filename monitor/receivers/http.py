"""POSTing to Slack and webhooks: guarded at every dial, no redirects, bounded."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from monitor.core.addresses import refusal
from monitor.core.errors import DeliveryError

_KEPT = 500
_DEFAULT_REST_S = 60.0
_LONGEST_REST_S = 86_400.0


class _RefusedAddressError(Exception):
    """An address that must not be dialled. No OSError, or aiohttp would go on to the next address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said: status, seconds of its Retry-After (0: none), start of its body."""

    status: int
    retry_after_s: float
    body: str


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    place: str,
    allow_private: bool = False,
    timeout_s: float = 20.0,
    tls: ssl.SSLContext | None = None,
    keep: int = _KEPT,
) -> Answer:
    """POST `body` and return the answer, whatever its status; 3xx is not followed.

    Of the answer's body at most `keep` bytes are kept.
    Raises DeliveryError when there is no answer. `url` is a secret and never part of a message; `place` is.
    """
    connector = aiohttp.TCPConnector(
        force_close=True,
        ssl=tls or True,
        socket_factory=None if allow_private else _guarded_socket,
    )
    timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=timeout_s / 2)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
            session.post(url, data=body, headers=dict(headers), allow_redirects=False) as response,
        ):
            kept = b""
            while len(kept) < keep and (part := await response.content.read(keep - len(kept))):
                kept += part
            text = kept.decode("utf-8", "replace")
            return Answer(status=response.status, retry_after_s=_rest(response.headers), body=text)
    except _RefusedAddressError as error:
        remedy = "set allow_private: true on the receiver if this is your own network"
        raise DeliveryError(str(error), place=place, remedy=remedy, retry=False) from None
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise DeliveryError("its address is no http(s) URL", place=place, retry=False) from None
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DeliveryError(f"cannot connect: {reason}", place=place, retry=True) from None
    except (TimeoutError, aiohttp.ClientError) as error:
        # The request was under way: it may have been taken.
        message = f"no answer: {type(error).__name__}"
        raise DeliveryError(message, place=place, retry=True, ambiguous=True) from None


def _guarded_socket(info: tuple[Any, ...]) -> socket.socket:
    """Make the socket for the very address that is dialled, or refuse: names may change between checks."""
    family, kind, protocol, _, address = info
    reason = refusal(str(address[0]))
    if reason is not None:
        raise _RefusedAddressError(f"its address leads to {address[0]} ({reason})")
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    return made


def _rest(headers: Mapping[str, str]) -> float:
    """Return Retry-After in seconds; a date counts from the answer's own Date, so no clock is needed."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return 0.0
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_REST_S)
    try:
        span = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return _DEFAULT_REST_S
    return min(max(span.total_seconds(), 0.0), _LONGEST_REST_S)
