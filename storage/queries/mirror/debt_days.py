"""Queries of how debt ages: what is judged each morning, and what was overdue on an earlier day to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.columns import Pennies
from storage.queries.mirror.customer_condition import CustomerCondition
from storage.queries.mirror.open_items import late_on
from storage.statements import changed, inserting, table_of
from storage.tables.alerts import MirroredCustomer
from storage.tables.core import CompanyRow
from storage.tables.debts import CustomerDebtRow, DebtDay

_AT_ONCE = 500
_NOTHING, _PENNY = Decimal(0), Decimal("0.01")
NEW, CLEARED, ROSE, FELL = "new", "cleared", "rose", "fell"


@dataclass(frozen=True, slots=True)
class Weeks:
    """Two days to compare: `today`, as the open items stand, and `since`, as it was kept; None: there is none.

    Changes below `least` don't count.
    """

    customers: CustomerCondition
    today: date
    since: date | None
    least: Decimal


async def debts_beyond(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, limit: int
) -> Sequence[Row[Any]]:
    """Return the next debts by id.

    Columns: `customer_id`, `oldest_due`, `outstanding`, `difference`, `differs_since`, `disarmed`, `marks`, `warnings`,
    and of the customer `balance`, `credit_limit`, `details`.
    """
    debt, customer = CustomerDebtRow, MirroredCustomer
    columns = (debt.customer_id, debt.oldest_due, debt.outstanding, debt.difference, debt.differs_since, debt.disarmed)
    judged = (debt.marks, debt.warnings, customer.balance, customer.credit_limit, customer.details)
    whose = (debt.workspace_id == workspace_id, debt.company_pk == company_pk, debt.customer_id > beyond)
    same = and_(customer.company_pk == debt.company_pk, customer.customer_id == debt.customer_id)
    statement = select(*columns, *judged).join(customer, same).where(*whose)
    rows: Sequence[Any] = (await tx.execute(statement.order_by(debt.customer_id).limit(limit))).all()
    return rows


async def disarm(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, told: Mapping[tuple[int, ...], Sequence[int]]
) -> None:
    """Store which thresholds count as told: `told` has the customers by their thresholds."""
    debt = CustomerDebtRow
    for thresholds, ids in told.items():
        for start in range(0, len(ids), _AT_ONCE):
            whose = (debt.workspace_id == workspace_id, debt.company_pk == company_pk)
            some = update(debt).where(*whose, debt.customer_id.in_(ids[start : start + _AT_ONCE]))
            await changed(tx, some.values(disarmed=list(thresholds)))


async def warn(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, worse: Mapping[int, tuple[Sequence[Any], Sequence[Any]]]
) -> None:
    """Store by customer the marks of the months, and what has got worse."""
    debt = table_of(CustomerDebtRow)
    whose = (debt.c.workspace_id == workspace_id, debt.c.company_pk == company_pk)
    names = ("marks", "warnings", "is_warned")
    written: dict[str, Any] = {name: bindparam(f"new_{name}", type_=debt.c[name].type) for name in names}
    statement = update(debt).where(*whose, debt.c.customer_id == bindparam("number")).values(**written)
    rows = [
        {"number": number, "new_marks": list(marks), "new_warnings": list(points), "new_is_warned": bool(points)}
        for number, (marks, points) in sorted(worse.items())
    ]
    for start in range(0, len(rows), _AT_ONCE):
        await (await tx.connection()).execute(statement, rows[start : start + _AT_ONCE])


async def keep_day(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, day: date, overdue: Mapping[int, Decimal], until: date
) -> None:
    """Store what each customer owes late on a day; forget the days before `until`."""
    whose = (DebtDay.workspace_id == workspace_id, DebtDay.company_pk == company_pk)
    await changed(tx, delete(DebtDay).where(*whose, (DebtDay.day == day) | (DebtDay.day < until)))
    here = {"workspace_id": workspace_id, "company_pk": company_pk, "day": day}
    rows = [{**here, "customer_id": number, "overdue": amount} for number, amount in sorted(overdue.items())]
    for start in range(0, len(rows), _AT_ONCE):
        await (await tx.connection()).execute(inserting(tx, DebtDay), rows[start : start + _AT_ONCE])


async def day_to_compare(tx: AsyncSession, *, workspace_id: str, company_pk: int, up_to: date) -> date | None:
    """Return the latest day kept that is not after `up_to`."""
    whose = (DebtDay.workspace_id == workspace_id, DebtDay.company_pk == company_pk, DebtDay.day <= up_to)
    day: date | None = await tx.scalar(select(func.max(DebtDay.day)).where(*whose))
    return day


async def totals(tx: AsyncSession, *, workspace_id: str, company_pk: int, weeks: Weeks) -> Sequence[Row[Any]]:
    """Return by currency: `currency_iso`, `currency_symbol`, `total` and `accounts` today, `total_then`, and how many
    accounts are `new` and `cleared` since."""
    columns = _compared(workspace_id, company_pk, weeks).subquery().c
    kinds = _kinds(columns, weeks)
    statement = select(
        columns.currency_iso,
        columns.currency_symbol,
        func.sum(columns.now).label("total"),
        func.count(case((columns.now > _NOTHING, 1))).label("accounts"),
        func.sum(columns.then).label("total_then"),
        *(func.count(case((kinds[kind][1], 1))).label(kind) for kind in (NEW, CLEARED)),
    )
    currency = (columns.currency_iso, columns.currency_symbol)
    rows: Sequence[Any] = (await tx.execute(statement.group_by(*currency).order_by(*currency))).all()
    return rows


async def movers(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    weeks: Weeks,
    currencies: Sequence[tuple[str, str]],
    most: int,
    by_amount: bool,
) -> Sequence[Row[Any]]:
    """Return the customers that changed, so many of each of these currencies and kind.

    With `by_amount` those that changed most: new, cleared, risen and fallen; else the first by reference of those new
    and cleared.

    Columns: `kind`, `reference`, `name`, `currency_iso`, `currency_symbol`, `now`, `then`, and `oldest_due` of now.
    """
    if weeks.since is None or not currencies:
        return []
    # Compared once; of each currency and kind the first few are kept as the list goes by, and nothing is put in order.
    found, customer = _compared(workspace_id, company_pk, weeks).cte(), MirroredCustomer
    changes, kinds = found.c, _kinds(found.c, weeks)
    same = and_(customer.company_pk == company_pk, customer.customer_id == changes.customer_id)
    firsts = []
    for (iso, symbol), kind in product(currencies, kinds if by_amount else (NEW, CLEARED)):
        by, fits = kinds[kind]
        first = select(*changes, by.label("moved"), literal(kind).label("kind"))
        first = first.where(fits, changes.currency_iso == iso, changes.currency_symbol == symbol)
        if by_amount:
            first = first.order_by(by.desc(), changes.customer_id)
        else:
            first = first.add_columns(customer.reference, customer.name).join_from(found, customer, same)
            first = first.order_by(customer.reference, changes.customer_id)
        firsts.append(select(first.limit(most).subquery()))
    few = union_all(*firsts).subquery()
    statement = select(few)
    order: tuple[ColumnElement[Any], ...] = ()
    if by_amount:
        # So only these few are looked up.
        same = and_(customer.company_pk == company_pk, customer.customer_id == few.c.customer_id)
        statement = select(few, customer.reference, customer.name).join(customer, same)
        order = (few.c.moved.desc(), customer.reference.expression)
    else:
        order = (few.c.reference,)
    rows: Sequence[Any] = (await tx.execute(statement.order_by(few.c.currency_iso, *order, few.c.customer_id))).all()
    return rows


def _kinds(either: Any, weeks: Weeks) -> dict[str, tuple[ColumnElement[Any], ColumnElement[bool]]]:
    """Return of each kind of change by how much the debt moved, and the condition; none is where nothing is compared.

    Each is asked of every customer with late debt, so each is the least that tells it.
    """
    now, then = either.now, either.then
    rise, fall = (type_coerce(each, Pennies()) for each in (now - then, then - now))
    least = max(weeks.least, _PENNY)
    found = {
        NEW: (now, and_(then == _NOTHING, now >= least)),
        CLEARED: (then, and_(now == _NOTHING, then >= least)),
        ROSE: (rise, and_(rise >= least, then != _NOTHING)),
        FELL: (fall, and_(fall >= least, now != _NOTHING)),
    }
    return {kind: (by, fits if weeks.since is not None else false()) for kind, (by, fits) in found.items()}


def _compared(workspace_id: str, company_pk: int, weeks: Weeks) -> CompoundSelect[Any]:
    """Select each customer with late debt today or then, with both amounts."""
    debt, earlier, customer = CustomerDebtRow, DebtDay, MirroredCustomer
    is_late = (debt.workspace_id == workspace_id, debt.company_pk == company_pk, debt.oldest_due < weeks.today)
    # Of the workspace is the company, which is asked once: so a day is read by the table's key.
    company = select(CompanyRow.id).where(CompanyRow.id == company_pk, CompanyRow.workspace_id == workspace_id)
    kept = (earlier.company_pk == company.scalar_subquery(), earlier.day == weeks.since)
    today = (
        select(
            *(debt.customer_id, debt.currency_iso, debt.currency_symbol, debt.oldest_due),
            late_on(weeks.today).label("now"),
            func.coalesce(earlier.overdue, literal(_NOTHING, Pennies())).label("then"),
        )
        .outerjoin(earlier, and_(*kept, earlier.customer_id == debt.customer_id))
        .where(*is_late, weeks.customers.of_id(debt.customer_id.expression, company_pk))
    )
    cleared = (
        select(
            *(customer.customer_id, customer.currency_iso, customer.currency_symbol, null()),
            literal(_NOTHING, Pennies()),
            earlier.overdue,
        )
        .join(earlier, and_(*kept, earlier.customer_id == customer.customer_id))
        .where(customer.company_pk == company_pk, earlier.customer_id.not_in(select(debt.customer_id).where(*is_late)))
        .where(weeks.customers.of_id(earlier.customer_id.expression, company_pk))
    )
    return union_all(today, cleared)
