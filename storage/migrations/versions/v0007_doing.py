"""What people do through the app: deeds, requests for a release, and the record of everything."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Make the tables, and the triggers that keep the record as it was written."""
    _deeds(op)
    _requests(op)
    _record(op)
    op.add_column("notices", sa.Column("channel", sa.String(), nullable=True))
    op.add_column("notices", sa.Column("message_ts", sa.String(), nullable=True))
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)


def _deeds(op: Operations) -> None:
    op.create_table(
        "deeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("on_hold", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deeds"),
        _key("deeds", "workspace_id", "workspaces.id"),
        _key("deeds", "company_pk", "companies.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deeds_workspace_id", "deeds", ["workspace_id"])
    op.create_index("ix_deeds_began_at", "deeds", ["began_at"])
    op.create_index("ix_deeds_company_pk_customer_id", "deeds", ["company_pk", "customer_id"])


def _requests(op: Operations) -> None:
    op.create_table(
        "release_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_for", sa.Text(), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=True),
        sa.Column("first_at", _MOMENT, nullable=True),
        sa.Column("first_balance", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_release_requests"),
        sa.UniqueConstraint("workspace_id", "number", name="uq_release_requests_workspace_id_number"),
        _key("release_requests", "workspace_id", "workspaces.id"),
        _key("release_requests", "company_pk", "companies.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_release_requests_expires_at", "release_requests", ["expires_at"])
    op.create_index(
        "uq_release_requests_open",
        "release_requests",
        ["company_pk", "customer_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _record(op: Operations) -> None:
    op.create_table(
        "audit_entries",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_audit_entries"),
        _key("audit_entries", "workspace_id", "workspaces.id"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("head_sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_audit_heads"),
        _key("audit_heads", "workspace_id", "workspaces.id"),
    )


# Gone with the workspace alone: when its rows are deleted in its wake, it is gone already.
_SQLITE = (
    "create trigger audit_entries_stay before update on audit_entries "
    "begin select raise(abort, 'the record is never changed'); end",
    "create trigger audit_entries_remain before delete on audit_entries "
    "when exists (select 1 from workspaces where id = old.workspace_id) "
    "begin select raise(abort, 'the record is never changed'); end",
)
_POSTGRESQL = (
    "create function audit_entries_stay() returns trigger language plpgsql as $$ begin "
    "if tg_op = 'DELETE' and not exists (select 1 from workspaces where id = old.workspace_id) "
    "then return old; end if; "
    "raise exception 'the record is never changed'; end $$",
    "create trigger audit_entries_stay before update or delete on audit_entries "
    "for each row execute function audit_entries_stay()",
)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")
