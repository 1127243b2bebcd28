"""A workspace's settings, the roles of user groups, and whose customers are whose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Make the tables."""
    op.create_table(
        "workspace_settings",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("status_for_everyone", sa.Boolean(), nullable=False),
        sa.Column("sales_only_theirs", sa.Boolean(), nullable=False),
        sa.Column("trust_copy_minutes", sa.Integer(), nullable=False),
        sa.Column("second_approver_above", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspace_settings"),
        _key("workspace_settings", "workspace_id", "workspaces.id"),
    )
    op.create_table(
        "group_roles",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "group_id", name="pk_group_roles"),
        _key("group_roles", "workspace_id", "workspaces.id"),
    )
    op.create_table(
        "rep_codes",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "company_pk", "user_id", "slot", "value", name="pk_rep_codes"),
        _key("rep_codes", "workspace_id", "workspaces.id"),
        _key("rep_codes", "company_pk", "companies.id"),
    )


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")
