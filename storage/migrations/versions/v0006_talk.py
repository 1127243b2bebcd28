"""Whom a conversation is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0006"
down_revision = "0005"


def upgrade(op: Operations) -> None:
    """Make the table."""
    op.create_table(
        "spoken_of",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("thread", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("spoken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel", "thread", "user_id", name="pk_spoken_of"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_spoken_of_workspace_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_spoken_of_company_pk", ondelete="CASCADE"),
    )
    op.create_index("ix_spoken_of_spoken_at", "spoken_of", ["spoken_at"])
