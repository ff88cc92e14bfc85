"""The process that renders a user's template: bounded in time and memory, and it may be killed.

Reads one JSON object from standard input ({"folder", "name", "data"}), prints one: {"text"} or {"error"}.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from monitor.receivers.environment import environment

CPU_S = 3
MEMORY = 1 << 29
MAX_TEXT = 1_000_000


def answer(request: dict[str, Any]) -> dict[str, str]:
    """Return what rendering brought."""
    try:
        template = environment(Path(request["folder"])).get_template(request["name"])
        text = template.render(request["data"])
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    except RecursionError:
        return {"error": "it includes itself, or is nested too deeply"}
    except MemoryError:
        return {"error": "it needs more memory than allowed"}
    if len(text) > MAX_TEXT:
        return {"error": f"it makes more than {MAX_TEXT:,} characters"}
    return {"text": text}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(answer(json.loads(sys.stdin.read()))))
