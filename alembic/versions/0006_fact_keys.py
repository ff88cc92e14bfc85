"""Facts are found by the keys that this version makes: a figure's value by months, given names, matters of measures.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op
from monitor.store.rekey import FactKeys

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    FactKeys(op.get_bind()).renew()


def downgrade() -> None:
    """The tables are the same; an earlier version makes its own keys for what it hears again."""
