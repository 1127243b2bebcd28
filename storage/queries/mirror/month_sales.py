"""Queries of a company's sales by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, upsert
from storage.tables.alerts import MirroredCustomer
from storage.tables.debts import MonthSalesRow


async def owed(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> dict[tuple[str, str], Decimal]:
    """Return the sum of the balances by (currency code, symbol)."""
    row = MirroredCustomer
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk)
    sums = select(row.currency_iso, row.currency_symbol, func.sum(row.balance)).where(*whose)
    found = await tx.execute(sums.group_by(row.currency_iso, row.currency_symbol))
    return {(iso, symbol): total or Decimal(0) for iso, symbol, total in found}


async def keep(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    rows: Sequence[Mapping[str, Any]],
    forget_before: date,
) -> None:
    """Store months, each with all of its columns; forget those before a day."""
    for each in rows:
        key = {name: each[name] for name in ("month", "currency_iso", "currency_symbol")}
        values = {"workspace_id": workspace_id, "company_pk": company_pk, **each}
        fresh = {"invoiced": each["invoiced"], "outstanding": each["outstanding"]}
        await upsert(tx, MonthSalesRow, on=["company_pk", *key], values=values, instead=fresh)
    whose = (MonthSalesRow.workspace_id == workspace_id, MonthSalesRow.company_pk == company_pk)
    await changed(tx, delete(MonthSalesRow).where(*whose, MonthSalesRow.month < forget_before))


async def of_company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> Sequence[Row[Any]]:
    """Return (month, currency_iso, currency_symbol, invoiced, outstanding) of every month kept, the latest first."""
    row = MonthSalesRow
    columns = (row.month, row.currency_iso, row.currency_symbol, row.invoiced, row.outstanding)
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk)
    order = (row.month.desc(), row.currency_iso, row.currency_symbol)
    rows: Sequence[Any] = (await tx.execute(select(*columns).where(*whose).order_by(*order))).all()
    return rows
