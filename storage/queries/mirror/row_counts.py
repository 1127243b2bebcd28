"""What PostgreSQL counts after a first load, so that it goes about its questions as the tables now are."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import table_of
from storage.tables.alerts import (
    CodeSetRow,
    CodeValueRow,
    CustomerWordRow,
    HoldEpisodeRow,
    MirroredCustomer,
    NameWordRow,
)
from storage.tables.debts import CustomerDebtRow, OpenItemRow
from storage.tables.row import Row

CUSTOMERS: tuple[type[Row], ...] = (
    MirroredCustomer,
    CustomerWordRow,
    NameWordRow,
    CodeSetRow,
    CodeValueRow,
    HoldEpisodeRow,
)
ITEMS: tuple[type[Row], ...] = (OpenItemRow, CustomerDebtRow)


async def count(tx: AsyncSession, tables: tuple[type[Row], ...]) -> None:
    """Have PostgreSQL count these tables, of which it looks at a sample; SQLite was told of sizes when it was made.

    Until its own time to count comes it takes a table just filled to be empty: a part of a name was then looked for
    among 1,200 customers for more than a second.
    """
    if (await tx.connection()).dialect.name == "postgresql":
        await tx.execute(text(f"ANALYZE {', '.join(table_of(each).name for each in tables)}"))
