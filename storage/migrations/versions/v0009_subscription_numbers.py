"""The number of a subscription that was deleted is not given again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0009"
down_revision = "0008"


def upgrade(op: Operations) -> None:
    """The highest number given so far; none means that of the subscriptions there are."""
    op.add_column("workspaces", sa.Column("subscriptions_given", sa.Integer(), nullable=False, server_default="0"))
