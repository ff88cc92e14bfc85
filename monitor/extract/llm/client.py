"""One question to an OpenAI-compatible endpoint: guarded at the dial, bounded in time and size, no redirects."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from monitor.core.addresses import refusal

_MAX_BYTES = 1_000_000
_DEFAULT_REST_S = 60.0
_LONGEST_REST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to ask and how. `url` is the base, such as https://api.example.org/v1; `key` is a secret."""

    url: str
    model: str
    key: str | None = None
    allow_private: bool = False
    timeout_s: float = 60.0

    def __repr__(self) -> str:
        """Return what may be logged: not the key, nor the address that may hold one."""
        return f"Endpoint(model={self.model!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The model's content, and the tokens that the endpoint says it cost (0 where it does not say)."""

    content: str
    tokens: int


class AskError(Exception):
    """There is no usable answer. The message names no secret.

    `rest_s`: how long not to ask again. `paid`: whether the endpoint may have worked, so that it counts.
    """

    def __init__(self, message: str, *, rest_s: float = 0.0, paid: bool = False) -> None:
        super().__init__(message)
        self.rest_s = rest_s
        self.paid = paid


class _RefusedAddressError(Exception):
    """An address that must not be dialled. No OSError, or aiohttp would go on to the next address."""


async def ask(endpoint: Endpoint, body: Mapping[str, Any]) -> Reply:
    """POST a chat completion and return the reply; raise AskError for everything else."""
    connector = aiohttp.TCPConnector(
        force_close=True, socket_factory=None if endpoint.allow_private else _guarded_socket
    )
    timeout = aiohttp.ClientTimeout(total=endpoint.timeout_s)
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    url = f"{endpoint.url.rstrip('/')}/chat/completions"
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
            session.post(url, json=dict(body), headers=headers, allow_redirects=False) as response,
        ):
            raw = await _bounded(response)
            if response.status != 200:
                raise AskError(f"it answered {response.status}", rest_s=_rest(response))
            return _reply(raw)
    except _RefusedAddressError as error:
        raise AskError(f"{error}; allow_private permits it", rest_s=_LONGEST_REST_S) from None
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise AskError("its address is no http(s) URL", rest_s=_LONGEST_REST_S) from None
    except TimeoutError:
        raise AskError(
            f"no answer within {endpoint.timeout_s:g} s", rest_s=_DEFAULT_REST_S, paid=True
        ) from None
    except (aiohttp.ClientError, OSError) as error:
        raise AskError(f"cannot be asked: {type(error).__name__}", rest_s=_DEFAULT_REST_S) from None


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for part in response.content.iter_any():
        raw += part
        if len(raw) > _MAX_BYTES:
            raise AskError("its answer is larger than 1 MB", paid=True)
    return bytes(raw)


def _reply(raw: bytes) -> Reply:
    try:
        value = json.loads(raw)
        choice = value["choices"][0]
        content = choice["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise AskError("its answer has not the form of a chat completion", paid=True) from None
    if choice.get("finish_reason") == "length":
        raise AskError("its answer was cut off", paid=True)
    if not isinstance(content, str):
        raise AskError("it refused to answer", paid=True)
    usage = value.get("usage")
    tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
    return Reply(content=content, tokens=tokens if isinstance(tokens, int) and tokens > 0 else 0)


def _rest(response: aiohttp.ClientResponse) -> float:
    """Return how long to leave it alone after a status that is no success."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_REST_S)
    if response.status in {401, 403, 404}:
        return _LONGEST_REST_S
    return _DEFAULT_REST_S if response.status == 429 or response.status >= 500 else 0.0


def _guarded_socket(info: tuple[Any, ...]) -> socket.socket:
    """Make the socket for the very address that is dialled, or refuse: names may change between checks."""
    family, kind, protocol, _, address = info
    reason = refusal(str(address[0]))
    if reason is not None:
        raise _RefusedAddressError(f"its address leads to {address[0]} ({reason})")
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    return made
