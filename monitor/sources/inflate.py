"""Reading a response body under a cap, inflating as it comes."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from monitor.core.errors import SourceError

_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class _Inflater:
    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inner = zlib.decompressobj(_CODINGS[coding])
        self._started = False

    @property
    def finished(self) -> bool:
        return self._inner.eof

    def feed(self, chunk: bytes, room: int) -> bytes:
        """Return at most `room` + 1 bytes of what `chunk` inflates to."""
        if self._coding == "deflate" and not self._started and chunk[:1] and chunk[0] & 0x0F != 8:
            self._inner = zlib.decompressobj(-15)  # many servers send raw deflate under this name
        self._started = True
        return b"" if self._inner.eof else self._inner.decompress(chunk, room + 1)


async def read_body(chunks: AsyncIterator[bytes], *, coding: str, cap: int, place: str) -> bytes:
    """Return the whole body, inflated. Raises SourceError: over `cap` bytes, broken, cut short."""
    if coding not in {"", "identity"} and coding not in _CODINGS:
        raise SourceError(f"it was sent in an encoding that was not asked for ({coding[:40]!r})", place=place)
    inflater = _Inflater(coding) if coding in _CODINGS else None
    body = bytearray()
    try:
        async for chunk in chunks:
            body += inflater.feed(chunk, cap - len(body)) if inflater else chunk
            if len(body) > cap:
                raise SourceError(
                    f"it is larger than {cap / 2**20:.3g} MiB",
                    place=place,
                    remedy="this is no ordinary feed; look at it, or remove the source",
                )
    except zlib.error as error:
        raise SourceError("its compressed body is broken", place=place) from error
    if inflater and body and not inflater.finished:
        raise SourceError("the answer was cut short", place=place, remedy="it is tried again later")
    return bytes(body)
