"""Access tokens for XOAUTH2: fetched with a refresh token (RFC 6749, section 6), kept while they last."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from monitor.core.errors import DeliveryError
from monitor.core.ports import Clock
from monitor.receivers.http import post

_EARLY = timedelta(seconds=60)
_LARGEST = 64_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the mail provider gave: where tokens are fetched, and the secrets that fetch them."""

    token_url: str
    client_id: str
    refresh_token: str
    client_secret: str | None = None
    scope: str | None = None
    allow_private: bool = False


class TokenSource:
    """Yields a valid access token."""

    def __init__(self, name: str, grant: Grant, *, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._place = f"email {name} (oauth2)"
        self._grant = grant
        self._clock = clock
        self._tls = tls
        self._token = ""
        self._until: datetime | None = None

    def forget(self) -> None:
        """Fetch a new token next time: the server refused this one."""
        self._until = None

    async def token(self) -> str:
        """Return an access token; DeliveryError when none is to be had."""
        if self._until is None or self._clock() >= self._until - _EARLY:
            await self._fetch()
        return self._token

    async def _fetch(self) -> None:
        grant = self._grant
        form = {
            "grant_type": "refresh_token",
            "refresh_token": grant.refresh_token,
            "client_id": grant.client_id,
            "client_secret": grant.client_secret,
            "scope": grant.scope,
        }
        answer = await post(
            grant.token_url,
            urlencode({k: v for k, v in form.items() if v}).encode(),
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            place=self._place,
            allow_private=grant.allow_private,
            tls=self._tls,
            keep=_LARGEST,
        )
        try:
            data = json.loads(answer.body)
            token, lasts = str(data["access_token"]), float(data.get("expires_in", 3600))
        except (ValueError, KeyError, TypeError):
            # What was answered may hold secrets, so only its status is told.
            raise DeliveryError(
                f"no token: answered {answer.status}",
                place=self._place,
                remedy="make a new refresh token, and check client_id and scope",
                retry=True,
            ) from None
        self._token = token
        self._until = self._clock() + timedelta(seconds=lasts)
