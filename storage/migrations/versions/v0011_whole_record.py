"""Every workspace has a record from its installation on, and its end is neither taken away nor moved back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0011"
down_revision = "0010"


def upgrade(op: Operations) -> None:
    """Note who has a record. The others are given their first line by the program: only it has the key that seals."""
    op.add_column("workspaces", sa.Column("has_record", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute("update workspaces set has_record = true where id in (select workspace_id from audit_heads)")
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


# An end goes with its workspace alone. It moves on, or stays where it is and is sealed with another key.
_SQLITE = (
    "create trigger audit_heads_begin after insert on audit_heads "
    "begin update workspaces set has_record = true where id = new.workspace_id; end",
    "create trigger audit_heads_remain before delete on audit_heads "
    "when exists (select 1 from workspaces where id = old.workspace_id) "
    "begin select raise(abort, 'the record is never changed'); end",
    "create trigger audit_heads_go_on before update on audit_heads "
    "when new.workspace_id <> old.workspace_id "
    "or not (new.number > old.number or (new.number = old.number and new.hash = old.hash)) "
    "begin select raise(abort, 'the record is never changed'); end",
    "create trigger workspaces_keep_record before update of has_record on workspaces "
    "when old.has_record and not new.has_record "
    "begin select raise(abort, 'the record is never changed'); end",
)
_POSTGRESQL = (
    "create function audit_heads_begin() returns trigger language plpgsql as $$ begin "
    "update workspaces set has_record = true where id = new.workspace_id; "
    "return null; end $$",
    "create trigger audit_heads_begin after insert on audit_heads for each row execute function audit_heads_begin()",
    "create trigger audit_heads_remain before delete on audit_heads for each row execute function audit_entries_stay()",
    "create function audit_refuse() returns trigger language plpgsql as $$ begin "
    "raise exception 'the record is never changed'; end $$",
    "create trigger audit_heads_go_on before update on audit_heads for each row "
    "when (new.workspace_id <> old.workspace_id "
    "or not (new.number > old.number or (new.number = old.number and new.hash = old.hash))) "
    "execute function audit_refuse()",
    "create trigger workspaces_keep_record before update of has_record on workspaces for each row "
    "when (old.has_record and not new.has_record) execute function audit_refuse()",
    "create trigger audit_entries_whole before truncate on audit_entries "
    "for each statement execute function audit_refuse()",
    "create trigger audit_heads_whole before truncate on audit_heads "
    "for each statement execute function audit_refuse()",
)
