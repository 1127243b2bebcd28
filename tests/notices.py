"""The notices that a test's product has written."""

from __future__ import annotations

from sqlalchemy import select

from storage.database import Database
from storage.tables.alerts import OutboxRow


async def notices_in(database: Database) -> list[OutboxRow]:
    """Return every outbox row that is no alert, oldest first."""
    async with database.reading() as tx:
        statement = select(OutboxRow).where(OutboxRow.subscription_id.is_(None))
        return list(await tx.scalars(statement.order_by(OutboxRow.id)))
