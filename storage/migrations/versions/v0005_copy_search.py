"""Looking through the mirror by name while Sage is away."""

from __future__ import annotations

from alembic.operations import Operations

revision = "0005"
down_revision = "0004"

_READ = ["workspace_id", "company_pk", "name", "customer_id", "reference", "short_name", "postcode"]


def upgrade(op: Operations) -> None:
    """An index that holds all that such a look-up reads."""
    op.create_index("ix_mirrored_customers_names", "mirrored_customers", _READ)
