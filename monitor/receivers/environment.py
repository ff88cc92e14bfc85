"""Jinja environments for templates: sandboxed, without globals, on plain data."""

from __future__ import annotations

from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment


def environment(folder: Path | None = None) -> ImmutableSandboxedEnvironment:
    """Return the environment of the built-in templates, which those in `folder` replace by their names."""
    built_in = PackageLoader("monitor.receivers", "templates")
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder), built_in]) if folder else built_in,
        autoescape=lambda name: name is None or name.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    return made
