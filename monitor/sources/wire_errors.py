"""What goes wrong between us and a site, in one clear line: what happened, where, and what to do."""

from __future__ import annotations

import errno
import ssl
from datetime import timedelta

import aiohttp

from monitor.core.errors import BlockedAddressError, SourceError
from monitor.core.health import span
from monitor.sources.guard import RefusedAddress

LATER = "it is tried again later"
_ALLOW_REMEDY = "set allow_private: true (by command --allow-private) if this is your own network"
_STATUS = {
    401: (
        "the server wants a login (401)",
        "describe the source in the configuration, with a token or headers",
    ),
    402: ("the server wants to be paid (402)", "remove the source, or subscribe and give a token"),
    403: ("the server refuses access (403)", "open the address in a browser; it may block readers"),
    404: ("there is nothing at this address (404)", "look on the site for the feed's new address"),
    410: ("the feed is gone for good (410)", "remove the source, or give its new address"),
    451: ("the server may not show it here, for legal reasons (451)", "remove the source"),
}
_RESTS = {
    429: "the server asks for fewer requests (429)",
    503: "the server is not available (503)",
}
HOST_PAUSES = frozenset(_RESTS)
_REASONS = {
    errno.ECONNREFUSED: "nobody answers there (connection refused)",
    errno.ECONNRESET: "the connection was cut",
    errno.ETIMEDOUT: "nobody answers there",
    errno.EHOSTUNREACH: "no way leads there (host unreachable)",
    errno.ENETUNREACH: "no way leads there (network unreachable)",
}


class HttpError(SourceError):
    """An answer that is no success. `retry_after_s` is what the server asked for, in seconds."""

    def __init__(
        self,
        message: str,
        *,
        place: str,
        remedy: str | None = None,
        status: int = 0,
        retry_after_s: float = 0,
    ) -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.status = status
        self.retry_after_s = retry_after_s


def refused(status: int, url: str, *, wait_s: float, rest_s: float) -> HttpError:
    """Return the error of an answer that is no success; its host rests for `rest_s` seconds."""
    if status in _RESTS:
        message = _RESTS[status]
        remedy = f"its whole host is left alone for {span(timedelta(seconds=rest_s))}"
    elif status in _STATUS:
        message, remedy = _STATUS[status]
    elif status >= 500:
        message, remedy = f"the server has trouble of its own ({status})", LATER
    else:
        message, remedy = f"the server answered {status}", "open the address in a browser; " + LATER
    return HttpError(message, place=url, remedy=remedy, status=status, retry_after_s=wait_s)


def plain(error: Exception, url: str) -> SourceError:
    """Return what an exchange that failed means."""
    address = _refused_address(error)
    if address is not None:
        return BlockedAddressError(
            f"its address must not be dialled: {address}", place=url, remedy=_ALLOW_REMEDY
        )
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return SourceError(
            "the proxy cannot be reached or refuses", place=url, remedy="check `proxy` in the configuration"
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        message = f"its TLS certificate is not valid{_certificate(error)}"
        return SourceError(message, place=url, remedy="tell the site, or correct the address")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return SourceError(
            "its host name is not known", place=url, remedy="check the source's address and your DNS"
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        code = error.os_error.errno
        message = _REASONS.get(code or 0, f"no connection (error {code})")
        return SourceError(f"cannot be reached: {message}", place=url, remedy=LATER)
    if isinstance(error, aiohttp.ClientPayloadError):
        return SourceError("the answer was cut short", place=url, remedy=LATER)
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return SourceError("this is not a usable web address", place=url, remedy="check the source's address")
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return SourceError("the server hung up without an answer", place=url, remedy=LATER)
    if isinstance(error, aiohttp.ClientResponseError):
        return SourceError(
            "what it answers is not HTTP", place=url, remedy="check the source's address and its port"
        )
    return SourceError(f"the exchange failed ({type(error).__name__})", place=url, remedy=LATER)


def _certificate(error: BaseException) -> str:
    """Return why, as OpenSSL words it: "self-signed certificate", "certificate has expired"."""
    cause = error.__cause__
    return f" ({cause.verify_message})" if isinstance(cause, ssl.SSLCertVerificationError) else ""


def _refused_address(error: BaseException | None) -> str | None:
    while error is not None:
        if isinstance(error, RefusedAddress):
            return str(error.strerror)
        error = getattr(error, "os_error", None) or error.__cause__
    return None
