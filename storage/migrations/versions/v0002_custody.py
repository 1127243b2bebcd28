"""Renewal as intent, lease and due time; states that outlive tokens; notices; leases by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Widen what there is, then add."""
    _renewed(op, "workspaces", adding={"token_version": "1", "failures": "0"})
    _renewed(op, "connections", adding={"failures": "0"})
    _connections(op)
    with op.batch_alter_table("sign_ins") as table:
        table.add_column(sa.Column("subject_hash", sa.String(), nullable=True))
    _notices(op)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_index("ix_leases_until", "leases", ["until"])


def _renewed(op: Operations, name: str, *, adding: dict[str, str]) -> None:
    with op.batch_alter_table(name) as table:
        for column, default in adding.items():
            table.add_column(sa.Column(column, sa.Integer(), nullable=False, server_default=default))
        if name == "workspaces":
            table.add_column(sa.Column("lease_owner", sa.String(), nullable=True))
            table.add_column(sa.Column("lease_until", _MOMENT, nullable=True))
        table.add_column(sa.Column("renewal_began_at", _MOMENT, nullable=True))
        table.add_column(sa.Column("renewal_due_at", _MOMENT, nullable=True))
    # The defaults were only for the rows that are there.
    with op.batch_alter_table(name) as table:
        for column in adding:
            table.alter_column(column, existing_type=sa.Integer(), server_default=None)
    op.create_index(f"ix_{name}_renewal_due_at", name, ["renewal_due_at"])


def _connections(op: Operations) -> None:
    with op.batch_alter_table("connections") as table:
        table.add_column(sa.Column("family", sa.String(32), nullable=False, server_default=""))
        table.add_column(sa.Column("subject_hash", sa.String(), nullable=True))
        table.add_column(sa.Column("trouble", sa.String(), nullable=True))
        table.add_column(sa.Column("trouble_since", _MOMENT, nullable=True))
        table.alter_column("access_token_sealed", existing_type=sa.Text(), nullable=True)
        table.alter_column("refresh_token_sealed", existing_type=sa.Text(), nullable=True)
        table.drop_index("ix_connections_access_expires_at")
    with op.batch_alter_table("connections") as table:
        table.alter_column("family", existing_type=sa.String(32), server_default=None)
    op.create_index("ix_connections_subject_hash", "connections", ["subject_hash"])
    # Every sign-in that is live today is looked at once, soon.
    op.execute("UPDATE connections SET renewal_due_at = access_expires_at WHERE state = 'connected'")


def _notices(op: Operations) -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("workspace_id", "dedupe_key", name="uq_notices_workspace_id_dedupe_key"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_notices_workspace_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_due_at", "notices", ["due_at"])
