"""Whether Sage itself has shown somebody's sign-in customers of the company they chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0010"
down_revision = "0009"


def upgrade(op: Operations) -> None:
    """Nobody's is known yet: whom Sage answers again is noted."""
    op.add_column("connections", sa.Column("figures_seen_at", sa.DateTime(timezone=True), nullable=True))
