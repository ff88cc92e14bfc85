"""Facts are found by English words of offices and bodies, in whatever language they were told.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op
from monitor.store.rekey import FactKeys

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    FactKeys(op.get_bind()).renew()


def downgrade() -> None:
    """The tables are the same; an earlier version makes its own keys for what it hears again."""
