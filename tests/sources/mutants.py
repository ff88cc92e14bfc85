"""Feeds that were damaged at random, for the tests and for the benchmark."""

from __future__ import annotations

import random

_PIECES = [b"", b"<", b"&", b"\0", b"\xff", b"]]>", b"x", b" ", b"&amp;", b"<b/>", b"</a>", b"&#0;", b"<!--"]


def mutant(raw: bytes, chance: random.Random) -> bytes:
    """Return `raw` with up to eight pieces replaced."""
    out = bytearray(raw)
    for _ in range(chance.randint(1, chance.choice([1, 8]))):
        start = chance.randrange(len(out) + 1)
        out[start : start + chance.choice([0, 1, 5, 40])] = chance.choice(_PIECES)
    return bytes(out)
