"""The one HTTP client: conditional, bounded in time and size, polite to hosts, guarded at every dial."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from monitor.core.errors import SourceError
from monitor.sources.guard import guarded_socket, refuse_literal
from monitor.sources.html import safe_link
from monitor.sources.httptimes import max_age_s, retry_after_s
from monitor.sources.inflate import read_body
from monitor.sources.names import Names
from monitor.sources.wire_errors import HOST_PAUSES, LATER, HttpError, plain, refused

__all__ = ["HostRestsError", "HttpClient", "HttpError", "Response"]

USER_AGENT = "news-event-monitor/0.1 (+https://news-event-monitor.example/)"
MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_SAME_METHOD = frozenset({307, 308})
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


class HostRestsError(SourceError):
    """The host asked for rest, so it was not asked at all."""

    def __init__(self, place: str, until: datetime) -> None:
        super().__init__(f"its host asked for rest until {until:%Y-%m-%d %H:%M} UTC", place=place)
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A 2xx or 304 answer. Validators are verbatim; `moved_to` is set when all redirects were permanent.

    `whole` is False when nothing in the protocol tells whether the body is complete. `hub` and `topic` are the links
    "hub" and "self" of the answer's header (WebSub).
    """

    status: int
    url: str
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    max_age_s: float
    moved_to: str | None
    whole: bool
    hub: str | None = None
    topic: str | None = None


class HttpClient:
    """Fetches URLs. One request a host at a time; a 429 or 503 lets the whole host rest.

    With a `proxy` it is the proxy that looks names up and dials, so that the guard sees literal addresses only.
    """

    def __init__(
        self,
        *,
        timeout_s: float = 60.0,
        max_bytes: int = MAX_BYTES,
        connections: int = 200,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        user_agent: str = USER_AGENT,
        proxy: str | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._connections = connections
        self._resolver = resolver
        self._names: Names | None = None
        self._tls = tls
        self._user_agent = user_agent
        self._proxy = proxy
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._rests: dict[str, datetime] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        if self._names is not None:
            await self._names.close()
            self._names = None

    async def get(
        self,
        url: str,
        *,
        now: datetime,
        headers: Sequence[tuple[str, str]] = (),
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = _ACCEPT,
        allow_private: bool = False,
    ) -> Response:
        """Return the answer to a conditional GET.

        Raises HttpError, HostRestsError, BlockedAddressError or another SourceError.
        """
        asked = {"Accept": accept, "Accept-Encoding": "gzip, deflate", "User-Agent": self._user_agent}
        if etag:
            asked["If-None-Match"] = etag
        if last_modified:
            asked["If-Modified-Since"] = last_modified
        first = current = _parsed(url)
        permanent, moved = True, None
        for _ in range(MAX_REDIRECTS + 1):
            # A token for one origin is none of another's business.
            sent = {**asked, **dict(headers)} if headers and _same_origin(current, first) else asked
            answer = await self._one(current, sent, now=now, allow_private=allow_private)
            if isinstance(answer, Response):
                return replace(answer, moved_to=moved) if moved else answer
            status, target = answer
            permanent = permanent and status in _PERMANENT
            moved = target if permanent else None
            current = _parsed(target)
        raise SourceError(
            f"more than {MAX_REDIRECTS} redirects", place=url, remedy="check the source's address"
        )

    async def post_form(
        self, url: str, form: Mapping[str, str], *, now: datetime, allow_private: bool = False
    ) -> None:
        """Send a form; a 2xx answer is success, and its body is not read. Raises as `get` does."""
        headers = {"User-Agent": self._user_agent}
        current = _parsed(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._one(current, headers, now=now, allow_private=allow_private, form=form)
            if isinstance(answer, Response):
                return
            current = _parsed(answer[1])
        raise SourceError(f"more than {MAX_REDIRECTS} redirects", place=url, remedy=LATER)

    async def _one(
        self,
        url: URL,
        headers: Mapping[str, str],
        *,
        now: datetime,
        allow_private: bool,
        form: Mapping[str, str] | None = None,
    ) -> Response | tuple[int, str]:
        host = _host(url)
        async with _Turn(self._locks, host):
            until = self._rests.get(host)
            if until is not None:
                if now < until:
                    raise HostRestsError(str(url), until)
                del self._rests[host]
            try:
                if self._proxy and not allow_private:
                    refuse_literal(url.raw_host or "")
                async with asyncio.timeout(self._timeout_s):
                    session = self._session(allow_private=allow_private)
                    if form is not None:
                        return await self._send(session, url, headers, form, now=now)
                    return await self._exchange(session, url, headers, now=now)
            except TimeoutError as error:
                raise SourceError(
                    f"no complete answer within {self._timeout_s:g} seconds",
                    place=str(url),
                    remedy=LATER,
                ) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise plain(error, str(url)) from error

    async def _exchange(
        self, session: aiohttp.ClientSession, url: URL, headers: Mapping[str, str], *, now: datetime
    ) -> Response | tuple[int, str]:
        async with session.get(url, headers=headers, allow_redirects=False) as answer:
            status = answer.status
            if status in _REDIRECTS:
                return status, _target(answer, url)
            if status not in {200, 203, 226, 304}:
                raise self._refused(answer, url, now)
            body = b""
            if status != 304:
                coding = answer.headers.get("Content-Encoding", "").strip().lower()
                body = await read_body(_chunks(answer), coding=coding, cap=self._max_bytes, place=str(url))
            return _response(answer, url, body, now)

    async def _send(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        headers: Mapping[str, str],
        form: Mapping[str, str],
        *,
        now: datetime,
    ) -> Response | tuple[int, str]:
        async with session.post(url, headers=headers, data=form, allow_redirects=False) as answer:
            if answer.status in _SAME_METHOD:
                return answer.status, _target(answer, url)
            if not 200 <= answer.status < 300:
                raise self._refused(answer, url, now)
            return _response(answer, url, b"", now)

    def _refused(self, answer: aiohttp.ClientResponse, url: URL, now: datetime) -> HttpError:
        wait = retry_after_s(answer.headers.get("Retry-After"), now)
        rest = max(wait, 60.0)
        if answer.status in HOST_PAUSES:
            self._rests[_host(url)] = now + timedelta(seconds=rest)
        return refused(answer.status, str(url), wait_s=wait, rest_s=rest)

    def _session(self, *, allow_private: bool) -> aiohttp.ClientSession:
        if allow_private not in self._sessions:
            if self._resolver is None and self._names is None:
                self._names = Names()
            connector = aiohttp.TCPConnector(
                limit=self._connections,
                resolver=self._resolver or self._names,
                use_dns_cache=False,
                force_close=True,  # thousands of idle TLS connections cost 630 MB (measured)
                ssl=self._tls or True,
                socket_factory=None if allow_private or self._proxy else guarded_socket,
            )
            self._sessions[allow_private] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                proxy=self._proxy,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(20.0, self._timeout_s)),
            )
        return self._sessions[allow_private]


class _Turn:
    """A host's turn, as an asynchronous context manager; locks of hosts that nobody waits for are forgotten."""

    __slots__ = ("_host", "_locks")

    def __init__(self, locks: dict[str, tuple[asyncio.Lock, int]], host: str) -> None:
        self._locks = locks
        self._host = host

    async def __aenter__(self) -> None:
        lock, users = self._locks.get(self._host) or (asyncio.Lock(), 0)
        self._locks[self._host] = (lock, users + 1)
        try:
            await lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._locks[self._host][0].release()
        self._leave()

    def _leave(self) -> None:
        lock, users = self._locks.pop(self._host)
        if users > 1:
            self._locks[self._host] = (lock, users - 1)


def _parsed(url: str) -> URL:
    """Return the address in parts, taken apart once a request. Raises SourceError."""
    try:
        parsed = URL(url)
        if parsed.raw_host and parsed.port:
            return parsed
    except ValueError:
        pass
    raise SourceError("this is not a usable web address", place=url, remedy="check the source's address")


def _host(url: URL) -> str:
    """Return whom to be polite to: the name, with its port where that is an unusual one."""
    return f"{url.raw_host}:{url.port}" if url.port not in {80, 443} else url.raw_host or ""


def _same_origin(one: URL, other: URL) -> bool:
    return (one.scheme, one.raw_host, one.port) == (other.scheme, other.raw_host, other.port)


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for chunk in answer.content.iter_chunked(64 * 1024):
        yield chunk


def _target(answer: aiohttp.ClientResponse, url: URL) -> str:
    location = answer.headers.get("Location", "").strip()
    target = safe_link(urljoin(str(url), location)) if location else None
    if target is None:
        raise HttpError("it redirects to no web address", place=str(url), status=answer.status)
    return target


def _linked(answer: aiohttp.ClientResponse, rel: str) -> str | None:
    """Return the address of a link in the answer's header; a header that makes no sense holds none."""
    try:
        return safe_link(str(answer.links[rel]["url"]))
    except (KeyError, ValueError):
        return None


def _response(answer: aiohttp.ClientResponse, url: URL, body: bytes, now: datetime) -> Response:
    headers = answer.headers
    return Response(
        status=answer.status,
        url=str(url),
        body=body,
        content_type=headers.get("Content-Type"),
        etag=headers.get("ETag"),
        last_modified=headers.get("Last-Modified"),
        max_age_s=max_age_s(headers.get("Cache-Control"), headers.get("Expires"), now),
        moved_to=None,
        whole="Content-Length" in headers
        or "chunked" in headers.get("Transfer-Encoding", "").lower()
        or headers.get("Content-Encoding", "").strip().lower() in {"gzip", "x-gzip", "deflate"},
        hub=_linked(answer, "hub") if "Link" in headers else None,
        topic=_linked(answer, "self") if "Link" in headers else None,
    )
