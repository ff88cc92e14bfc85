"""Reading the world: feeds, folders and streams, through one HTTP client and a killable parser."""

from __future__ import annotations

from monitor.sources.reader import Sources, read_paths

__all__ = ["Sources", "read_paths"]
