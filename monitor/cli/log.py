"""The daemon's log, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def start_log(*, debug: bool) -> Any:
    """Set the log up, on standard error, and return it: readable on a terminal, logfmt elsewhere."""
    level = logging.DEBUG if debug else logging.INFO
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(message)s")
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.LogfmtRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return structlog.get_logger()
