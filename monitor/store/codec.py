"""Values of the core as JSON text, and back, exactly.

Every field is written, also one that holds its default: a default that changes in a later version must not
change what is stored. A field that an older version did not know takes its default on reading.
"""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Convert = Callable[[Any], Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return `text` with NUL and lone surrogates, which databases refuse, replaced one for one by U+FFFD.

    The length stays, so that character offsets into the text stay valid.
    """
    if "\x00" not in text:
        if text.isascii():
            return text
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _UNSTORABLE.sub("\ufffd", text)


def key_of(*parts: str) -> int:
    """Return a signed 64-bit lookup key for `parts`; whoever looks up must compare what it finds."""
    joined = clean("\x1f".join(parts)).encode()
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "big", signed=True)


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970 in UTC; ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return (moment - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the UTC time that `to_micros` wrote."""
    return EPOCH + timedelta(microseconds=value)


def pack(signature: Sequence[int]) -> bytes:
    """Return unsigned integers as bytes: 4 each where they fit (MinHash of 32 bits), else 8."""
    code = "I" if max(signature, default=0) < 2**32 else "Q"
    return code.encode() + array(code, signature).tobytes()


def unpack(data: bytes) -> tuple[int, ...]:
    """Return the integers that `pack` wrote."""
    numbers = array(chr(data[0]))
    numbers.frombytes(data[1:])
    return tuple(numbers)


def dumps(value: object) -> str:
    """Return a value of the core (or a plain JSON value) as JSON text that both databases take."""
    kind: Any = type(value)
    plain = _encoder(kind)(value)
    text = _encode(plain)
    if "\\u0000" in text:
        text = _encode(_clean_tree(plain))
    return clean(text)


def loads(kind: type[T], text: str) -> T:
    """Return the value of class `kind` that `dumps` wrote."""
    declared: Any = kind
    value: T = _decoder(declared)(json.loads(text))
    return value


def _clean_tree(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(k): _clean_tree(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_tree(v) for v in value]
    return value


def _same(value: Any) -> Any:
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _encoder(kind: Any) -> Convert:
    """Return the function that makes values of a declared type plain JSON values."""
    kind = _required(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple_encoder(get_args(kind))
    if isinstance(kind, type) and origin is None:
        if is_dataclass(kind):
            return _dataclass_encoder(kind)
        if issubclass(kind, Enum):
            return lambda value: value.value
        if issubclass(kind, datetime):
            return lambda value: value.astimezone(UTC).isoformat()
        if issubclass(kind, date):
            return lambda value: value.isoformat()
        if issubclass(kind, Mapping):
            return dict
    return dict if origin is Mapping else _same


def _tuple_encoder(arguments: tuple[Any, ...]) -> Convert:
    item = _encoder(arguments[0])
    if item is _same:
        return list
    return lambda value: [item(one) for one in value]


def _dataclass_encoder(kind: Any) -> Convert:
    hints = _hints(kind)
    plan = [(f.name, _encoder(hints[f.name])) for f in fields(kind)]

    def encode(value: Any) -> dict[str, Any]:
        out = {}
        for name, convert in plan:
            part = getattr(value, name)
            out[name] = part if part is None or convert is _same else convert(part)
        return out

    return encode


@cache
def _decoder(kind: Any) -> Convert:
    """Return the function that makes plain JSON values a declared type again."""
    kind = _required(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple_decoder(get_args(kind))
    if isinstance(kind, type) and origin is None:
        if is_dataclass(kind):
            return _dataclass_decoder(kind)
        if issubclass(kind, Enum):
            return kind
        if issubclass(kind, datetime | date):
            return kind.fromisoformat
    return _same


def _tuple_decoder(arguments: tuple[Any, ...]) -> Convert:
    item = _decoder(arguments[0])
    if item is _same:
        return tuple
    return lambda value: tuple([item(one) for one in value])


def _dataclass_decoder(kind: Any) -> Convert:
    hints = _hints(kind)
    plan = [(f.name, _decoder(hints[f.name])) for f in fields(kind)]

    def decode(data: dict[str, Any]) -> Any:
        known = {}
        for name, convert in plan:
            if name in data:
                part = data[name]
                known[name] = part if part is None or convert is _same else convert(part)
        return kind(**known)

    return decode


def _required(kind: Any) -> Any:
    """Return X of `X | None`: None is passed through by those who call the converters."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    (only,) = [part for part in get_args(kind) if part is not NoneType]
    return only
