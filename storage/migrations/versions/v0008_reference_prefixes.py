"""References are found by what they begin with, whatever collation PostgreSQL sorts text by."""

from __future__ import annotations

from alembic.operations import Operations

revision = "0008"
down_revision = "0007"

_NAME, _TABLE = "ix_mirrored_customers_company_pk_reference", "mirrored_customers"


def upgrade(op: Operations) -> None:
    """The index sorted by bytes; SQLite's is that already."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index(_NAME, table_name=_TABLE)
    op.create_index(_NAME, _TABLE, ["company_pk", "reference"], postgresql_ops={"reference": "text_pattern_ops"})
