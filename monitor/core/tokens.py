"""Signed tokens that let a recipient leave a list without a login."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

_SIGNATURE_BYTES = 16


def make_token(secret: str, list_id: str, recipient: str) -> str:
    """Return a token for an address: URL-safe, the same for the same list and recipient."""
    content = json.dumps([list_id, recipient], separators=(",", ":")).encode()
    return f"{_text(content)}.{_text(_sign(secret, content))}"


def read_token(secret: str, token: str) -> tuple[str, str] | None:
    """Return (list, recipient) of a token that was signed with `secret`, None for any other text."""
    head, _, tail = token.partition(".")
    try:
        content, signature = _bytes(head), _bytes(tail)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(signature, _sign(secret, content)):
        return None
    list_id, recipient = json.loads(content)
    return str(list_id), str(recipient)


def _sign(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), b"unsubscribe:" + content, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
