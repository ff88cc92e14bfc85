"""Reads config.yaml: positions from ruamel.yaml, checks from pydantic, secrets from outside."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from monitor.config.settings import Config, RouteSettings
from monitor.core.errors import ConfigError

MAX_BYTES = 1_000_000
_VARIABLE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})")
_REMEDY = "see docs/reference.md, or print the schema with `monitor check-config --schema`"

Loc = tuple[int | str, ...]


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration in `path`; raise ConfigError with `file:line:column` on anything wrong."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            "there is no such file", place=str(path), remedy="name it with --config, or start in its folder"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", place=str(path)) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError("is larger than 1 MB, which no configuration is", place=str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError("is not UTF-8", place=f"{path}:{line}", remedy="save it as UTF-8") from None
    return parse_config(text, path=path, environ=environ)


def parse_config(text: str, *, path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration in `text`; `path` names it, and relative paths start in its folder."""
    tree = _tree(text, path)
    problems = [*_expand(tree, (), path.parent, environ)]
    if problems:
        raise _error(path, tree, problems)
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        found = [(_known(tree, e["loc"]), _message(e)) for e in errors]
        raise _error(path, tree, found) from None
    problems = [*_references(config)]
    if problems:
        raise _error(path, tree, problems)
    return _rooted(config, path.parent)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of config.yaml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Config.model_json_schema(by_alias=True),
    }


def _tree(text: str, path: Path) -> CommentedMap:
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        tree = yaml.load(StringIO(text))
    except DuplicateKeyError as error:
        mark = error.problem_mark
        key = re.search(r'found duplicate key "([^"]*)"', str(error.problem))
        raise ConfigError(
            f'the key "{key[1] if key else "?"}" stands here twice',
            place=f"{path}:{mark.line + 1}:{mark.column + 1}",
            remedy="keep one of them",
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ConfigError(f"not YAML: {error.problem or error.context}", place=place) from None
    except YAMLError as error:
        raise ConfigError(f"not YAML: {str(error).splitlines()[0]}", place=str(path)) from None
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        raise ConfigError("must hold keys and values, such as `database: …`", place=f"{path}:1:1")
    return tree


def _expand(node: Any, loc: Loc, root: Path, environ: Mapping[str, str]) -> Iterator[tuple[Loc, str]]:
    """Replace ${VARIABLE} and read `*_file` secrets in place; yield what failed."""
    if not isinstance(node, CommentedMap | CommentedSeq):
        return
    for key, value in list(node.items() if isinstance(node, CommentedMap) else enumerate(node)):
        here: Loc = (*loc, key)
        if isinstance(value, str):
            used = [m for m in _VARIABLE.finditer(value) if m[2]]
            missing = [m[2] for m in used if m[3] is None and m[2] not in environ]
            if missing:
                yield here, f"the environment variable {missing[0]} is not set"
                continue
            node[key] = _VARIABLE.sub(lambda m: "$" if m[1] else environ.get(m[2], m[3] or ""), value)
        yield from _expand(value, here, root, environ)
    if isinstance(node, CommentedMap):
        for key in [k for k in node if isinstance(k, str) and k.endswith("_file")]:
            yield from _secret(node, key, loc, root)


def _secret(node: CommentedMap, key: str, loc: Loc, root: Path) -> Iterator[tuple[Loc, str]]:
    target = key.removesuffix("_file")
    if target in node:
        yield (*loc, key), f"{target} and {key} exclude each other"
        return
    try:
        node[target] = (root / str(node[key])).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        yield (*loc, key), f"the file {node[key]} cannot be read: {reason}"


def _references(config: Config) -> Iterator[tuple[Loc, str]]:
    """Yield what names something that is not there, or what is there twice."""
    for section, attribute in (("events", "id"), ("sources", "id"), ("receivers", "name"), ("digests", "id")):
        names: set[str] = set()
        for index, item in enumerate(getattr(config, section)):
            name = getattr(item, attribute)
            if name in names:
                yield (section, index, attribute), f'"{name}" is taken already'
            names.add(name)
    receivers = [r.name for r in config.receivers]
    people = {r.name: list(r.email.to) if r.email else [r.name] for r in config.receivers}
    if config.operator is not None:
        yield from _in(config.operator, receivers, ("operator",), "receiver")
    events = [e.id for e in config.events]
    for index, digest in enumerate(config.digests):
        yield from _in(digest.receiver, receivers, ("digests", index, "receiver"), "receiver")
        for place, who in enumerate(digest.to):
            known = people.get(digest.receiver, [])
            yield from _in(who, known, ("digests", index, "to", place), "recipient")
        for place, event in enumerate(digest.events):
            yield from _in(event, events, ("digests", index, "events", place), "event")
    if config.route is not None:
        if config.route.receiver is None and not config.route.routes:
            yield ("route",), "needs a receiver"
        yield from _route_references(config.route, ("route",), people, None)


def _route_references(
    route: RouteSettings, loc: Loc, people: dict[str, list[str]], above: str | None
) -> Iterator[tuple[Loc, str]]:
    if route.receiver is not None:
        yield from _in(route.receiver, list(people), (*loc, "receiver"), "receiver")
    receiver = route.receiver or above
    for place, who in enumerate(route.to):
        yield from _in(who, people.get(receiver or "", []), (*loc, "to", place), "recipient")
    for index, child in enumerate(route.routes):
        yield from _route_references(child, (*loc, "routes", index), people, receiver)


def _in(name: str, names: list[str], loc: Loc, what: str) -> Iterator[tuple[Loc, str]]:
    if name not in names:
        yield loc, f'there is no {what} "{name}"{_suggest(name, names)}'


def _suggest(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f'; did you mean "{near[0]}"?' if near else ""


def _message(error: Any) -> str:
    kind, loc = error["type"], error["loc"]
    if kind == "extra_forbidden":
        return f'unknown key "{loc[-1]}"{_suggest(str(loc[-1]), _keys_at(loc[:-1]))}'
    if kind == "missing":
        return f'the key "{loc[-1]}" is missing'
    if kind == "value_error":
        return str(error["ctx"]["error"])
    message: str = error["msg"]
    return message[:1].lower() + message[1:]


def _keys_at(loc: Loc) -> list[str]:
    """Return the keys that the section at `loc` may have."""
    model: type[BaseModel] | None = Config
    for part in loc:
        if model is None or not isinstance(part, str):
            continue
        found = next((f for n, f in model.model_fields.items() if part in {n, f.alias}), None)
        model = _model_in(found.annotation) if found else None
    return [f.alias or n for n, f in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _model_in(a))), None)


def _known(tree: Any, loc: Loc) -> Loc:
    """Return the part of `loc` that is in the file (pydantic adds names of its own), and one key more."""
    out: list[int | str] = []
    node = tree
    for part in loc:
        out.append(part)
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return tuple(out)


def _error(path: Path, tree: CommentedMap, problems: list[tuple[Loc, str]]) -> ConfigError:
    lines = []
    for loc, message in problems:
        line, column = _position(tree, loc)
        dotted = ".".join(map(str, loc))
        lines.append(f"{path}:{line}:{column}{' ' + dotted if dotted else ''}: {message}")
    return ConfigError("\n".join(lines), remedy=_REMEDY)


def _position(tree: Any, loc: Loc) -> tuple[int, int]:
    """Return line and column, from 1, of the value at `loc`, or of its key, or of what should hold it."""
    place = (0, 0)
    node = tree
    for part in loc:
        try:
            if isinstance(node, CommentedMap):
                place = node.lc.key(part)
            elif isinstance(node, CommentedSeq):
                place = node.lc.item(part)
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return place[0] + 1, place[1] + 1


def _rooted(config: Config, root: Path) -> Config:
    """Return the configuration with paths that start in the folder of the file."""
    sources = tuple(
        source.model_copy(update={source.type: _path(root, source.location)})
        if not re.match(r"https?://", source.location)
        else source
        for source in config.sources
    )
    database = config.database
    if database.startswith("sqlite:///"):
        database = f"sqlite:///{_path(root, database.removeprefix('sqlite:///'))}"
    update: dict[str, object] = {"sources": sources, "database": database}
    update |= {
        key: _path(root, value)
        for key in ("kinds", "lexicon", "templates")
        if (value := getattr(config, key))
    }
    if config.llm is not None:
        update["llm"] = config.llm.model_copy(update={"cache": _path(root, config.llm.cache)})
    return config.model_copy(update=update)


def _path(root: Path, location: str) -> str:
    return str((root / Path(location.removeprefix("file://")).expanduser()).absolute())
