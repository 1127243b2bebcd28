"""Which Sage ID asked for a release and which approved it first: two Slack accounts may be one person's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0012"
down_revision = "0011"


def upgrade(op: Operations) -> None:
    """Of requests that are open nobody's is known: what was approved already has to be approved again."""
    op.add_column("release_requests", sa.Column("asked_subject", sa.String(), nullable=True))
    op.add_column("release_requests", sa.Column("first_subject", sa.String(), nullable=True))
