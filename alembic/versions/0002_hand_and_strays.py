"""What people changed by hand, and documents that no event takes.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite makes a primary key the row's own number only under the name INTEGER.
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "edits",
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_edits")),
        sa.UniqueConstraint("id", name=op.f("uq_edits_id")),
    )
    op.create_index("ix_edits_event_id_seq", "edits", ["event_id", "seq"], unique=False)
    op.create_table(
        "strays",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_strays")),
    )
    op.create_index(op.f("ix_strays_seen_at"), "strays", ["seen_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_strays_seen_at"), table_name="strays")
    op.drop_table("strays")
    op.drop_index("ix_edits_event_id_seq", table_name="edits")
    op.drop_table("edits")
