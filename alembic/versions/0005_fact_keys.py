"""Facts are found by the keys that this version makes of them: pairs for statements, months for crowds.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op
from monitor.store.rekey import FactKeys

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    FactKeys(op.get_bind()).renew()


def downgrade() -> None:
    """The tables are the same; an earlier version makes its own keys for what it hears again."""
