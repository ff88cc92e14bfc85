"""What people note of a source, and what a source held, beside the cursors.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_sources")),
    )
    op.create_table(
        "source_memories",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_memories")),
    )
    op.create_index(
        "ix_source_cursors_next_poll_at_source_id",
        "source_cursors",
        ["next_poll_at", "source_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_source_cursors_next_poll_at_source_id", table_name="source_cursors")
    op.drop_table("source_memories")
    op.drop_table("sources")
