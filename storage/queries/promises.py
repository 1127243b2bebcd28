"""Queries of promises to pay, disputes and notes on a customer's debt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Row,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.columns import Pennies
from storage.queries.mirror.customer_condition import CustomerCondition
from storage.statements import changed, inserting, one
from storage.tables.alerts import MirroredCustomer
from storage.tables.promises import DebtNoteRow, DisputeRow, PromiseRow

PROMISE, DISPUTE, NOTE = "promise", "dispute", "note"
OPEN, KEPT, BROKEN, RAISED, ACCEPTED = "open", "kept", "broken", "raised", "accepted"
_AT_ONCE = 500
_STANDS = or_(PromiseRow.state == OPEN, and_(PromiseRow.state == BROKEN, PromiseRow.made_up_at.is_(None)))
_COUNTS = and_(DisputeRow.accepted_at.is_not(None), DisputeRow.closed_at.is_(None))


def of_customer(
    tx: Connection, *, workspace_id: str, company_pk: int, customer_id: int, notes: int
) -> Sequence[Row[Any]]:
    """Return what is known here of one customer's debt, the newest first.

    That is: promises that are open, or broken and not made up for; disputes that are not closed; so many notes.
    Columns: `kind`, `id`, `at`, `by`, `words`, `state`, `amount`, `due`, `document` and `transaction_id`.
    """
    # One statement: each card asks for it.
    whose = (workspace_id, company_pk, customer_id)
    made, disputed, written = PromiseRow, DisputeRow, DebtNoteRow
    promises = select(
        *(literal(PROMISE).label("kind"), made.id, made.made_at.label("at"), made.made_by.label("by")),
        *(made.said_by.label("words"), made.state, made.amount, made.due),
        *(_nothing(String, "document"), _nothing(BigInteger, "transaction_id")),
    ).where(_of(made, *whose), _STANDS)
    state = case((disputed.accepted_at.is_(None), RAISED), else_=ACCEPTED).label("state")
    disputes = select(
        *(literal(DISPUTE).label("kind"), disputed.id, disputed.raised_at.label("at"), disputed.raised_by.label("by")),
        *(disputed.reason.label("words"), state, _nothing(Pennies, "amount"), _nothing(Date, "due")),
        *(disputed.document, disputed.transaction_id),
    ).where(_of(disputed, *whose), disputed.closed_at.is_(None))
    newest = (
        select(
            *(literal(NOTE).label("kind"), written.id, written.written_at.label("at"), written.written_by.label("by")),
            *(written.words, _nothing(String, "state"), _nothing(Pennies, "amount"), _nothing(Date, "due")),
            *(_nothing(String, "document"), _nothing(BigInteger, "transaction_id")),
        )
        .where(_of(written, *whose))
        .order_by(written.id.desc())
        .limit(notes)
        .subquery()
    )
    found = union_all(promises, disputes, select(newest)).subquery()
    return tx.execute(select(found).order_by(found.c.at.desc(), found.c.id.desc())).all()


async def promised_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, list[PromiseRow]]:
    """Return the promises of these customers that are open, or broken and not made up for, in order of their days."""
    found: dict[int, list[PromiseRow]] = {}
    for chunk in _chunks(sorted(ids)):
        whose = (PromiseRow.workspace_id == workspace_id, PromiseRow.company_pk == company_pk)
        statement = select(PromiseRow).where(*whose, PromiseRow.customer_id.in_(chunk), _STANDS)
        for row in await tx.scalars(statement.order_by(PromiseRow.due, PromiseRow.id)):
            found.setdefault(row.customer_id, []).append(row)
    return found


async def broken_since(tx: AsyncSession, *, workspace_id: str, company_pk: int, since: datetime) -> dict[int, int]:
    """Return how many promises of each customer were broken since a moment, also where it paid later."""
    row = PromiseRow
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk)
    broken = select(row.customer_id, func.count()).where(*whose, row.state == BROKEN, row.closed_at >= since)
    return dict((await tx.execute(broken.group_by(row.customer_id))).all())


async def counts(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    customers: CustomerCondition,
    due_by: date,
    broken_since: datetime,
) -> tuple[int, int]:
    """Return (open promises due by a day, promises broken since a moment) of the customers that fit."""
    due = func.count(case((and_(PromiseRow.state == OPEN, PromiseRow.due <= due_by), 1)))
    broken = func.count(case((and_(PromiseRow.state == BROKEN, PromiseRow.closed_at >= broken_since), 1)))
    same = and_(
        MirroredCustomer.company_pk == PromiseRow.company_pk, MirroredCustomer.customer_id == PromiseRow.customer_id
    )
    whose = (PromiseRow.workspace_id == workspace_id, PromiseRow.company_pk == company_pk, customers.sql(company_pk))
    found = (await tx.execute(select(due, broken).join(MirroredCustomer, same).where(*whose))).one()
    return found[0], found[1]


async def add_promise(tx: AsyncSession, **columns: Any) -> PromiseRow:
    """Add an open promise. Return its row."""
    row = PromiseRow(state=OPEN, **columns)
    tx.add(row)
    await tx.flush()
    return row


async def promise(tx: AsyncSession, *, workspace_id: str, promise_id: int) -> PromiseRow | None:
    """Return a promise of this workspace."""
    return await one(tx, select(PromiseRow).where(PromiseRow.workspace_id == workspace_id, PromiseRow.id == promise_id))


async def open_promises(tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int) -> list[PromiseRow]:
    """Return the open promises of a customer, in order of their days."""
    whose = _of(PromiseRow, workspace_id, company_pk, customer_id)
    statement = select(PromiseRow).where(whose, PromiseRow.state == OPEN)
    return list(await tx.scalars(statement.order_by(PromiseRow.due, PromiseRow.id)))


async def move_promise(tx: AsyncSession, row: PromiseRow, *, to: str, **columns: Any) -> bool:
    """Bring a promise from the state of `row` into another. Return False if it was moved meanwhile."""
    same = (PromiseRow.workspace_id == row.workspace_id, PromiseRow.id == row.id, PromiseRow.state == row.state)
    return await changed(tx, update(PromiseRow).where(*same).values(state=to, **columns)) == 1


async def judged(tx: AsyncSession, row: PromiseRow, **columns: Any) -> None:
    """Store when a promise is judged again, and what was known at this judgement."""
    same = (PromiseRow.workspace_id == row.workspace_id, PromiseRow.id == row.id)
    await changed(tx, update(PromiseRow).where(*same).values(**columns))


async def companies_to_judge(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, company) where a promise is to be judged."""
    statement = select(PromiseRow.workspace_id, PromiseRow.company_pk).where(_to_judge(now)).distinct()
    found = statement.order_by(PromiseRow.workspace_id, PromiseRow.company_pk).limit(limit)
    return [(row.workspace_id, row.company_pk) for row in await tx.execute(found)]


async def to_judge(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, now: datetime, limit: int
) -> dict[int, list[PromiseRow]]:
    """Return the promises of the customers of whom one is to be judged, in order of their days.

    That is: those that can still change; and those kept since the oldest of these was made, for what they took.
    """
    row = PromiseRow
    here = (row.workspace_id == workspace_id, row.company_pk == company_pk)
    whose = select(row.customer_id).where(*here, _to_judge(now)).distinct().order_by(row.customer_id).limit(limit)
    ids = list(await tx.scalars(whose))
    found: dict[int, list[PromiseRow]] = {}
    statement = select(row).where(*here, row.customer_id.in_(ids), or_(row.judge_at.is_not(None), row.state == KEPT))
    for each in await tx.scalars(statement.order_by(row.due, row.id)):
        found.setdefault(each.customer_id, []).append(each)
    return {number: _that_count(promised) for number, promised in found.items()}


def _that_count(promised: Sequence[PromiseRow]) -> list[PromiseRow]:
    oldest = min(each.made_at for each in promised if each.judge_at is not None)
    return [each for each in promised if each.judge_at is not None or (each.closed_at or oldest) > oldest]


def _to_judge(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a promise's time has come, or that the copy has another balance of its customer."""
    # A receipt, a refund and a reversal move the balance; an allocation does not, and changes nothing here.
    row, copied = PromiseRow, MirroredCustomer
    moved = exists().where(
        copied.company_pk == row.company_pk,
        copied.customer_id == row.customer_id,
        copied.balance.is_distinct_from(row.judged_balance),
    )
    may_ask = or_(row.not_before.is_(None), row.not_before <= now)
    return and_(row.judge_at.is_not(None), may_ask, or_(row.judge_at <= now, moved))


async def raise_dispute(tx: AsyncSession, **columns: Any) -> DisputeRow | None:
    """Add a dispute. Return None if the document is in dispute already."""
    insert = inserting(tx, DisputeRow).values(**columns).on_conflict_do_nothing()
    return (await tx.scalars(insert.returning(DisputeRow))).one_or_none()


async def dispute(tx: AsyncSession, *, workspace_id: str, dispute_id: int) -> DisputeRow | None:
    """Return a dispute of this workspace."""
    return await one(tx, select(DisputeRow).where(DisputeRow.workspace_id == workspace_id, DisputeRow.id == dispute_id))


async def open_disputes(tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int) -> list[DisputeRow]:
    """Return the disputes of a customer that are not closed, accepted or not, the oldest first."""
    statement = select(DisputeRow).where(
        _of(DisputeRow, workspace_id, company_pk, customer_id), DisputeRow.closed_at.is_(None)
    )
    return list(await tx.scalars(statement.order_by(DisputeRow.id)))


async def accept_dispute(tx: AsyncSession, row: DisputeRow, *, by: str, now: datetime) -> bool:
    """Let a dispute count. Return False if it does already, or is closed."""
    same = (DisputeRow.workspace_id == row.workspace_id, DisputeRow.id == row.id)
    waits = (DisputeRow.accepted_at.is_(None), DisputeRow.closed_at.is_(None))
    return await changed(tx, update(DisputeRow).where(*same, *waits).values(accepted_by=by, accepted_at=now)) == 1


async def close_dispute(tx: AsyncSession, row: DisputeRow, *, by: str, now: datetime) -> bool:
    """Close a dispute. Return False if it was closed meanwhile."""
    same = (DisputeRow.workspace_id == row.workspace_id, DisputeRow.id == row.id, DisputeRow.closed_at.is_(None))
    return await changed(tx, update(DisputeRow).where(*same).values(ended_by=by, closed_at=now)) == 1


async def disputed_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, set[int]]:
    """Return the ids of the documents in accepted dispute, by customer."""
    found: dict[int, set[int]] = {}
    for chunk in _chunks(sorted(ids)):
        whose = (DisputeRow.workspace_id == workspace_id, DisputeRow.company_pk == company_pk)
        statement = select(DisputeRow.customer_id, DisputeRow.transaction_id).where(*whose, _COUNTS)
        for row in await tx.execute(statement.where(DisputeRow.customer_id.in_(chunk))):
            found.setdefault(row.customer_id, set()).add(row.transaction_id)
    return found


async def add_note(tx: AsyncSession, **columns: Any) -> None:
    """Add a note."""
    tx.add(DebtNoteRow(**columns))
    await tx.flush()


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete the promises and disputes closed before a moment, and the notes written before it. Return how many."""
    return sum(
        [
            await changed(tx, delete(PromiseRow).where(PromiseRow.closed_at < before)),
            await changed(tx, delete(DisputeRow).where(DisputeRow.closed_at < before)),
            await changed(tx, delete(DebtNoteRow).where(DebtNoteRow.written_at < before)),
        ]
    )


def _of(table: Any, workspace_id: str, company_pk: int, customer_id: int) -> ColumnElement[bool]:
    return and_(table.workspace_id == workspace_id, table.company_pk == company_pk, table.customer_id == customer_id)


def _nothing(kind: Any, name: str) -> ColumnElement[Any]:
    # PostgreSQL wants to know the type of a column that is empty in one part of a union.
    return cast(null(), kind).label(name)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
