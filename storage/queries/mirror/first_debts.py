"""Queries of the first load: the debts of customers without credit, which are sums alone, worked out where they are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, exists, func, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.columns import Pennies, UtcDateTime
from storage.statements import inserting, table_of
from storage.tables.alerts import MirroredCustomer
from storage.tables.debts import CustomerDebtRow, OpenItemRow
from storage.tables.promises import DisputeRow

_ITEM, _DEBT, _CUSTOMER = table_of(OpenItemRow), table_of(CustomerDebtRow), table_of(MirroredCustomer)
_NOTHING = literal(Decimal(0), Pennies())


async def owners_to_set_off(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, limit: int, refund: str
) -> list[int]:
    """Return the next customers, by id, with items that sums alone don't tell the debt of.

    They have credit, a refund (a kind of item), a document in dispute here, or a debt that was stored before.
    """
    of_item = and_(DisputeRow.company_pk == _ITEM.c.company_pk, DisputeRow.customer_id == _ITEM.c.customer_id)
    harder = or_(
        _ITEM.c.outstanding < Decimal(0), _ITEM.c.kind == refund, _has_debt(), exists().where(of_item).correlate(_ITEM)
    )
    whose = (_of_items(workspace_id, company_pk), _ITEM.c.customer_id > beyond, harder)
    statement = select(_ITEM.c.customer_id).where(*whose).distinct().order_by(_ITEM.c.customer_id).limit(limit)
    return list(await tx.scalars(statement))


async def add_sums(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, limit: int, before: date, now: datetime
) -> int | None:
    """Add the debts of the next customers with items and without a debt: all that is left of each item is owed.

    `late` counts what was due `before` a day. Return the id of the last of these customers; None without any.
    """
    owners = select(_ITEM.c.customer_id).where(_of_items(workspace_id, company_pk), _ITEM.c.customer_id > beyond)
    some = owners.distinct().order_by(_ITEM.c.customer_id).limit(limit).subquery()
    last: int | None = await tx.scalar(select(func.max(some.c.customer_id)))
    if last is None:
        return None
    left, due = _ITEM.c.uncovered, _ITEM.c.due
    is_left = left != Decimal(0)
    whose = (_of_items(workspace_id, company_pk), _ITEM.c.customer_id.between(beyond + 1, last), ~_has_debt())
    # Summed apart: joined, SQLite would look through all these items for each customer.
    sums = (
        select(
            _ITEM.c.customer_id,
            _sum(_ITEM.c.outstanding, _ITEM.c.is_foreign.is_(False)).label("outstanding"),
            _sum(left, is_left).label("chased"),
            _sum(left, due.is_(None)).label("undated"),
            func.min(due).filter(is_left).label("oldest_due"),
            _sum(left, due < before).label("late"),
            func.min(due).filter(is_left, due >= before).label("next_due"),
        )
        .where(*whose)
        .group_by(_ITEM.c.customer_id)
        .subquery()
    )
    columns: dict[str, ColumnElement[Any]] = {
        "company_pk": literal(company_pk),
        "customer_id": sums.c.customer_id,
        "workspace_id": literal(workspace_id),
        "outstanding": sums.c.outstanding,
        "pool_left": _NOTHING,
        # No credit covers anything, so what isn't chased of a debit is in dispute.
        "disputed": sums.c.outstanding - sums.c.chased,
        "undated": sums.c.undated,
        "refund": _NOTHING,
        "oldest_due": sums.c.oldest_due,
        "late": sums.c.late,
        "next_due": sums.c.next_due,
        "currency_iso": _CUSTOMER.c.currency_iso,
        "currency_symbol": _CUSTOMER.c.currency_symbol,
        "difference": _CUSTOMER.c.balance - sums.c.outstanding,
        "differs_since": null(),
        "disarmed": literal([], JSON()),
        "marks": literal([], JSON()),
        "warnings": literal([], JSON()),
        "is_warned": literal(False),
        "read_at": literal(now, UtcDateTime()),
    }
    same = (_CUSTOMER.c.company_pk == company_pk, _CUSTOMER.c.customer_id == sums.c.customer_id)
    debts = select(*columns.values()).select_from(sums, _CUSTOMER).where(*same)
    # A debt that is counted meanwhile, for a dispute, is left as it is.
    await tx.execute(inserting(tx, CustomerDebtRow).from_select(list(columns), debts).on_conflict_do_nothing())
    return last


def _sum(column: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column).filter(condition), _NOTHING, type_=Pennies())


def _has_debt() -> ColumnElement[bool]:
    same = and_(_DEBT.c.company_pk == _ITEM.c.company_pk, _DEBT.c.customer_id == _ITEM.c.customer_id)
    return exists().where(same).correlate(_ITEM)


def _of_items(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return and_(_ITEM.c.workspace_id == workspace_id, _ITEM.c.company_pk == company_pk)
