"""Telling: rendered contents kept once, who unsubscribed, what a digest told, and where to look rows up.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contents")),
    )
    op.create_table(
        "unsubscribed",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "recipient", name=op.f("pk_unsubscribed")),
    )
    op.create_table(
        "digest_items",
        sa.Column("development_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("development_id", "subscription_id", name=op.f("pk_digest_items")),
    )
    op.create_index("ix_outbox_development_id", "outbox", ["development_id"], unique=False)
    op.create_index("ix_outbox_group_key_seq", "outbox", ["group_key", "seq"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_outbox_group_key_seq", table_name="outbox")
    op.drop_index("ix_outbox_development_id", table_name="outbox")
    op.drop_table("digest_items")
    op.drop_table("unsubscribed")
    op.drop_table("contents")
