"""The stored state: tables, the unit of work, migrations, backup."""

from monitor.store.open import open_store

__all__ = ["open_store"]
