"""The lexicon in layers: the built-in folder, then the user's, merged file by file.

A user's folder has the form of the built-in one: `kinds.toml`, `places.toml`, and for each language a folder with
`grammar.toml`, `verbs.toml`, `words.toml`, `roles.toml`, `metrics.toml` and `frames/*.toml`. Tables are merged key by
key, lists are joined, single values replace. Frames are laid over by their id.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from monitor.core.errors import ConfigError

Folders = tuple[Path, ...]
"""Folders of the user, each laid over the ones before it."""

_HEADER = re.compile(r"^\s*\[\[\s*frame\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `[[frame]]` as it was written, its defaults filled in; `place` is `file:line` for the user."""

    values: Mapping[str, Any]
    place: str


def lexicon_folder(code: str = "") -> Traversable:
    """Return the folder of a language's data inside the package; without `code` the one above it."""
    root = files("monitor.extract") / "lexicon"
    return root / code if code else root


def available(code: str, folders: Folders = ()) -> bool:
    """Whether some layer has a grammar of the language."""
    return any((f / code / "grammar.toml").is_file() for f in (lexicon_folder(), *folders))


def read_layers(name: str, folders: Folders = ()) -> dict[str, Any]:
    """Return the content of `name` ("en/verbs.toml") over all layers; empty where no layer has it."""
    out: dict[str, Any] = {}
    for folder in (lexicon_folder(), *folders):
        out = _merged(out, read_toml(folder.joinpath(*name.split("/"))))
    return out


def read_toml(path: Traversable) -> dict[str, Any]:
    """Return a TOML file's content; empty where it does not exist. Raises ConfigError with place and line."""
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf8"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        place = f"{path}:{line[1] if line else len(path.read_text('utf8').splitlines())}"
        raise ConfigError(f"not valid TOML: {error}", place=place, remedy="correct the file") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {error}", place=str(path)) from error


def frame_entries(code: str, folders: Folders = ()) -> list[Entry]:
    """Return the frames of a language over all layers; a later layer's keys replace those of the same id."""
    out = list(_entries(lexicon_folder(code)))
    for folder in folders:
        by_id = {e.values.get("id"): k for k, e in enumerate(out)}
        for entry in _entries(folder / code):
            k = by_id.get(entry.values.get("id"))
            if k is None:
                out.append(entry)
            else:
                out[k] = Entry({**out[k].values, **entry.values}, entry.place)
    return out


def own_entries(code: str, folders: Folders) -> list[Entry]:
    """Return the frames of the user's folders alone, as they were written."""
    return [entry for folder in folders for entry in _entries(folder / code)]


def _entries(folder: Traversable) -> Iterator[Entry]:
    frames = folder / "frames"
    if not frames.is_dir():
        return
    for path in sorted(frames.iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".toml"):
            continue
        data = read_toml(path)
        found = data.pop("frame", [])
        if not isinstance(found, list) or not all(isinstance(e, dict) for e in found):
            raise ConfigError("frame must be a list", place=str(path), remedy="write [[frame]] for each")
        extra = sorted(set(data) - {"kind"})
        if extra:
            raise ConfigError(
                f"unknown key {extra[0]!r}", place=str(path), remedy="a file has `kind` and [[frame]] tables"
            )
        lines = _lines(path, len(found))
        for entry, line in zip(found, lines, strict=True):
            yield Entry({**data, **entry}, f"{path}:{line}" if line else str(path))


def _lines(path: Traversable, count: int) -> list[int]:
    """Return the line of each `[[frame]]`; zeros where they are written in another way."""
    text = path.read_text("utf8")
    lines = [text.count("\n", 0, m.end()) + 1 for m in _HEADER.finditer(text)]
    return lines if len(lines) == count else [0] * count


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            out[key] = _merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            out[key] = [*old, *value]
        else:
            out[key] = value
    return out
