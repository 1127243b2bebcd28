"""Workspaces, members, companies, sign-ins and connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Make the first tables."""
    _workspaces(op)
    _requests(op)
    _members(op)
    _companies(op)
    _sign_ins(op)
    _connections(op)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _string(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def _sealed(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_workspace_id"
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def _workspaces(op: Operations) -> None:
    op.create_table(
        "workspaces",
        _id("id"),
        _string("slack_id"),
        sa.Column("is_enterprise", sa.Boolean(), nullable=False),
        _string("name"),
        _string("domain"),
        _string("app_id"),
        _string("bot_user_id"),
        _string("bot_id"),
        sa.Column("bot_scopes", sa.Text(), nullable=False),
        _sealed("bot_token_sealed"),
        _sealed("bot_refresh_token_sealed"),
        _moment("bot_token_expires_at", nullable=True),
        _string("installed_by"),
        _moment("installed_at"),
        _moment("uninstalled_at", nullable=True),
        _id("workspace_connection_id", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
        sa.UniqueConstraint("slack_id", name="uq_workspaces_slack_id"),
    )


def _requests(op: Operations) -> None:
    op.create_table(
        "install_states",
        _string("state_hash"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("state_hash", name="pk_install_states"),
    )
    op.create_index("ix_install_states_expires_at", "install_states", ["expires_at"])
    op.create_table(
        "seen_requests",
        sa.Column("key", sa.String(200), nullable=False),
        _moment("seen_at"),
        sa.PrimaryKeyConstraint("key", name="pk_seen_requests"),
    )
    op.create_index("ix_seen_requests_seen_at", "seen_requests", ["seen_at"])


def _members(op: Operations) -> None:
    op.create_table(
        "members",
        _id("workspace_id"),
        _string("user_id"),
        _string("role"),
        _string("granted_by"),
        _moment("granted_at"),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_members"),
        _of_workspace("members"),
    )


def _companies(op: Operations) -> None:
    key = ("workspace_id", "edition", "site_id", "company_id")
    op.create_table(
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        _id("workspace_id"),
        _string("edition"),
        _string("site_id"),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        _string("company_name"),
        _string("site_name"),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
        sa.UniqueConstraint(*key, name="uq_companies_workspace_id_edition_site_id_company_id"),
        _of_workspace("companies"),
        sqlite_autoincrement=True,
    )


def _sign_ins(op: Operations) -> None:
    op.create_table(
        "sign_ins",
        _id("id"),
        _id("workspace_id"),
        _string("user_id"),
        _string("user_name"),
        _string("team_id"),
        _string("ticket_hash"),
        _string("stage"),
        sa.Column("may_found", sa.Boolean(), nullable=False),
        _string("state_hash", nullable=True),
        _sealed("verifier_sealed"),
        _string("browser_hash", nullable=True),
        _moment("opened_at", nullable=True),
        _sealed("access_token_sealed"),
        _sealed("refresh_token_sealed"),
        _moment("access_expires_at", nullable=True),
        _sealed("code_sealed"),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.UniqueConstraint("ticket_hash", name="uq_sign_ins_ticket_hash"),
        sa.UniqueConstraint("state_hash", name="uq_sign_ins_state_hash"),
        _of_workspace("sign_ins"),
    )
    op.create_index("ix_sign_ins_workspace_id", "sign_ins", ["workspace_id"])
    op.create_index("ix_sign_ins_expires_at", "sign_ins", ["expires_at"])


def _connections(op: Operations) -> None:
    op.create_table(
        "connections",
        _id("id"),
        _id("workspace_id"),
        _string("user_id"),
        sa.Column("company_pk", sa.Integer(), nullable=True),
        _string("state"),
        _string("state_reason"),
        _moment("state_since"),
        _sealed("access_token_sealed", nullable=False),
        _sealed("refresh_token_sealed", nullable=False),
        _moment("access_expires_at"),
        sa.Column("token_version", sa.Integer(), nullable=False),
        _string("lease_owner", nullable=True),
        _moment("lease_until", nullable=True),
        _moment("connected_at"),
        _moment("renewed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("workspace_id", "user_id", name="uq_connections_workspace_id_user_id"),
        _of_workspace("connections"),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_connections_company_pk"),
    )
    op.create_index("ix_connections_access_expires_at", "connections", ["access_expires_at"])
