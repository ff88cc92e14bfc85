"""Config -> wired objects. The only room that knows all the others, and the only one that reads the clock."""

from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.state import backup_state, check_state, last_tick, reading, upgrade, writing
from monitor.bootstrap.wiring import (
    App,
    make_ingest,
    make_reader,
    read_documents,
    replay,
    running,
    serving,
    try_source,
    utc_now,
)

__all__ = [
    "App",
    "Plan",
    "backup_state",
    "check_state",
    "last_tick",
    "make_ingest",
    "make_reader",
    "plan",
    "read_documents",
    "reading",
    "replay",
    "running",
    "serving",
    "try_source",
    "upgrade",
    "utc_now",
    "writing",
]
