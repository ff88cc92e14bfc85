"""The stored state: tables, the unit of work, migrations, backup."""

from monitor.store.memory import MemoryStore
from monitor.store.open import MEMORY, open_store

__all__ = ["MEMORY", "MemoryStore", "open_store"]
