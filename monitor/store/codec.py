"""Values of the core as JSON text, and back, exactly.

Written and read by pydantic-core, which every configuration loads anyhow: it takes a third of the time of a tree of
plain values in between. It only moves values: what a field holds is neither checked nor converted.

Every field is written, also one that holds its default: a default that changes in a later version must not
change what is stored. A field that an older version did not know takes its default on reading.
"""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic_core import CoreSchema, PydanticSerializationError, SchemaSerializer, SchemaValidator
from pydantic_core import core_schema as cs

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
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


@lru_cache(maxsize=16_384)
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
    kind = type(value)
    if not is_dataclass(kind):
        return _dumps_plain(dict(value) if isinstance(value, Mapping) else value)
    try:
        text = _writer(kind).to_json(value, warnings=False).decode()
    except PydanticSerializationError:  # a lone surrogate
        return _dumps_plain(_writer(kind).to_python(value, mode="json", warnings=False))
    return _encode(_clean_tree(json.loads(text))) if "\\u0000" in text else text


def _dumps_plain(value: Any) -> str:
    text = _encode(value)
    if "\\u0000" in text:
        text = _encode(_clean_tree(value))
    return clean(text)


def loads(kind: type[T], text: str) -> T:
    """Return the value of class `kind` that `dumps` wrote."""
    declared: Any = kind
    value: T = _reader(declared).validate_json(text)
    return value


def _clean_tree(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(k): _clean_tree(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_tree(v) for v in value]
    return value


_CONFIG = cs.CoreConfig(ser_json_inf_nan="constants")


@cache
def _writer(kind: type) -> SchemaSerializer:
    return SchemaSerializer(_schema(kind), _CONFIG)


@cache
def _reader(kind: type) -> SchemaValidator:
    return SchemaValidator(_schema(kind), _CONFIG)


def _schema(kind: Any) -> CoreSchema:
    """Return how values of a declared type are written and read; anything may be None."""
    kind = _required(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return cs.nullable_schema(cs.tuple_variable_schema(_schema(get_args(kind)[0])))
    if origin is Mapping:
        return cs.any_schema(
            serialization=cs.plain_serializer_function_ser_schema(dict, when_used="unless-none")
        )
    if origin is not None or not isinstance(kind, type):
        return cs.any_schema()
    if is_dataclass(kind):
        return cs.nullable_schema(_dataclass_schema(kind))
    if issubclass(kind, Enum):  # one that is a text is written as such: to ask for its `value` is slow
        writing = cs.simple_ser_schema("str") if issubclass(kind, str) else None
        return cs.nullable_schema(cs.enum_schema(kind, list(kind), serialization=writing))
    if issubclass(kind, datetime):
        return _by(datetime.fromisoformat, _instant)
    if issubclass(kind, date):
        return _by(date.fromisoformat, date.isoformat)
    return cs.any_schema()


def _by(read: Callable[[str], Any], write: Callable[[Any], str]) -> CoreSchema:
    """Return the schema of what two functions read and write."""
    writing = cs.plain_serializer_function_ser_schema(
        write, return_schema=cs.str_schema(), when_used="unless-none"
    )
    return cs.nullable_schema(cs.no_info_plain_validator_function(read, serialization=writing))


@lru_cache(maxsize=1_024)
def _instant(value: datetime) -> str:
    """Return a time in UTC; all that a document tells bears the same few."""
    return value.astimezone(UTC).isoformat()


def _dataclass_schema(kind: Any) -> CoreSchema:
    hints = get_type_hints(kind)
    parts = [
        cs.dataclass_field(f.name, _with_default(f, _schema(hints[f.name])), kw_only=True)
        for f in fields(kind)
    ]
    names = [f.name for f in fields(kind)]
    return cs.dataclass_schema(kind, cs.dataclass_args_schema(kind.__name__, parts), names, slots=True)


def _with_default(field: Field[Any], schema: CoreSchema) -> CoreSchema:
    if field.default_factory is not MISSING:
        return cs.with_default_schema(schema, default_factory=field.default_factory)
    return schema if field.default is MISSING else cs.with_default_schema(schema, default=field.default)


def _required(kind: Any) -> Any:
    """Return X of `X | None`."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    (only,) = [part for part in get_args(kind) if part is not NoneType]
    return only
