"""A user's template, rendered in a process of its own that is killed when it takes too long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.core.errors import MonitorError

LIMIT_S = 10.0
"""Wall clock; the process itself stops after three seconds of work."""
_ROOT = str(Path(__file__).resolve().parents[2])


class UserTemplateError(MonitorError):
    """A user's template brought no text."""


def render_users(folder: Path, name: str, data: Mapping[str, Any], *, limit_s: float = LIMIT_S) -> str:
    """Return the text of the template `name` in `folder`; raise UserTemplateError when there is none.

    Nothing of this process's environment (secrets) goes to it.
    """
    request = json.dumps({"folder": str(folder), "name": name, "data": data})
    environment = {"PYTHONPATH": _ROOT, "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    place = f"template {name}"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "monitor.receivers.render_child"],
            input=request,
            capture_output=True,
            text=True,
            timeout=limit_s,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserTemplateError(f"took longer than {limit_s:g} s", place=place) from None
    if done.returncode < 0:
        raise UserTemplateError("took too long, or too much memory, and was killed", place=place)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise UserTemplateError("could not be rendered", place=place) from None
    if "text" not in answer:
        raise UserTemplateError(str(answer["error"]), place=place)
    return str(answer["text"])
