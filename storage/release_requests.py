"""Requests for a release: one open one for each customer, and one person at a time who decides it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, one
from storage.tables.alerts import HoldEpisodeRow, MirroredCustomer, MirrorStateRow
from storage.tables.holds import HoldIntent, ReleaseRequestRow

OPEN, APPROVED, DECLINED, WITHDRAWN, EXPIRED = "open", "approved", "declined", "withdrawn", "expired"


async def ask(tx: AsyncSession, *, workspace_id: str, **columns: Any) -> ReleaseRequestRow | None:
    """A new one with the next number; the caller holds the workspace's lock. None: one of this customer is open."""
    last = await tx.scalar(
        select(func.coalesce(func.max(ReleaseRequestRow.number), 0)).where(
            ReleaseRequestRow.workspace_id == workspace_id
        )
    )
    statement = inserting(tx, ReleaseRequestRow).values(
        workspace_id=workspace_id, number=(last or 0) + 1, state=OPEN, decision="", **columns
    )
    made = await tx.scalars(statement.on_conflict_do_nothing().returning(ReleaseRequestRow))
    return made.one_or_none()


async def open_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int
) -> ReleaseRequestRow | None:
    """The open one of a customer."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.company_pk == company_pk)
    statement = select(ReleaseRequestRow).where(*whose, ReleaseRequestRow.customer_id == customer_id)
    return await one(tx, statement.where(ReleaseRequestRow.state == OPEN))


async def by_number(tx: AsyncSession, *, workspace_id: str, number: int) -> ReleaseRequestRow | None:
    """One of this workspace's."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.number == number)
    return await one(tx, select(ReleaseRequestRow).where(*whose))


async def locked(tx: AsyncSession, *, workspace_id: str, number: int) -> ReleaseRequestRow | None:
    """The same; nobody decides it, nor changes what is told of it, until this is over."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.number == number)
    return await one(tx, select(ReleaseRequestRow).where(*whose).with_for_update())


async def every_open(tx: AsyncSession, *, workspace_id: str, limit: int = 50) -> list[ReleaseRequestRow]:
    """Those still to be decided, the oldest first."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.state == OPEN)
    return list(await tx.scalars(select(ReleaseRequestRow).where(*whose).order_by(ReleaseRequestRow.id).limit(limit)))


async def overdue(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """(workspace, number) of those that nobody decided in time."""
    statement = select(ReleaseRequestRow.workspace_id, ReleaseRequestRow.number).where(
        ReleaseRequestRow.state == OPEN, ReleaseRequestRow.expires_at <= now
    )
    found = await tx.execute(statement.order_by(ReleaseRequestRow.id).limit(limit))
    return [(row.workspace_id, row.number) for row in found]


async def ended(tx: AsyncSession, *, ending: str, limit: int) -> list[tuple[str, int]]:
    """(workspace, number) of open ones whose customer's stay on hold ended so since they were asked."""
    return await _open_where(tx, _stay_ended(HoldEpisodeRow.ending == ending), limit=limit)


async def released(tx: AsyncSession, *, limit: int) -> list[tuple[str, int]]:
    """(workspace, number) of open ones whose customer was released since they were asked: in Sage, or through us.

    A stay that has ended since tells it, however the account stands by now: who asked saw it on hold before that. A
    stay that ended before says nothing of the next hold. Through us it is known even where no mirror looks.
    """
    return await _open_where(tx, or_(_stay_ended(), _released_through_us(), _seen_released()), limit=limit)


def _stay_ended(*how: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*_same_customer(HoldEpisodeRow), HoldEpisodeRow.closed_at > ReleaseRequestRow.asked_at, *how)


def _released_through_us() -> ColumnElement[bool]:
    """One that had begun when it was asked counts too: the account was still on hold then.

    What the mirror saw before doesn't: such a deed may be settled long after, and the account be on hold again.
    """
    asked_at = ReleaseRequestRow.asked_at
    return exists().where(
        *_same_customer(HoldIntent),
        HoldIntent.on_hold.is_(False),
        HoldIntent.outcome == "done",
        HoldIntent.completed_at > asked_at,
        or_(HoldIntent.attributed_at.is_(None), HoldIntent.attributed_at > asked_at),
    )


def _seen_released() -> ColumnElement[bool]:
    """It isn't on hold, as a pass has it that began later.

    One that had begun before and saw the release dates it by its own beginning, which is before it was asked.
    """
    whose = (
        MirrorStateRow.workspace_id == ReleaseRequestRow.workspace_id,
        MirrorStateRow.company_pk == ReleaseRequestRow.company_pk,
    )
    is_free = MirroredCustomer.on_hold.is_(False)
    return exists().where(
        *_same_customer(MirroredCustomer), is_free, *whose, MirrorStateRow.synced_at > ReleaseRequestRow.asked_at
    )


def _same_customer(table: type[HoldEpisodeRow | HoldIntent | MirroredCustomer]) -> tuple[ColumnElement[bool], ...]:
    return (
        table.workspace_id == ReleaseRequestRow.workspace_id,
        table.company_pk == ReleaseRequestRow.company_pk,
        table.customer_id == ReleaseRequestRow.customer_id,
    )


async def _open_where(tx: AsyncSession, happened: ColumnElement[bool], *, limit: int) -> list[tuple[str, int]]:
    request = ReleaseRequestRow
    statement = select(request.workspace_id, request.number).where(request.state == OPEN, happened)
    found = await tx.execute(statement.order_by(request.id).limit(limit))
    return [(row.workspace_id, row.number) for row in found]


async def claim(tx: AsyncSession, *, workspace_id: str, number: int, by: str, now: datetime, until: datetime) -> bool:
    """True for the one who decides it now."""
    statement = update(ReleaseRequestRow).where(_free(workspace_id, number, now))
    return await changed(tx, statement.values(claimed_by=by, claimed_until=until)) == 1


async def let_go(tx: AsyncSession, *, workspace_id: str, number: int, by: str, **columns: Any) -> bool:
    """It stays open. False: another has it by now."""
    statement = update(ReleaseRequestRow).where(_mine(workspace_id, number, by))
    return await changed(tx, statement.values(claimed_by=None, claimed_until=None, **columns)) == 1


async def close(
    tx: AsyncSession,
    *,
    workspace_id: str,
    number: int,
    state: str,
    by: str,
    decision: str,
    now: datetime,
    claimed: bool = False,
) -> bool:
    """Decided, once. False: it was decided, or another is at it; with `claimed`, only whoever claimed it may."""
    which = _mine(workspace_id, number, by) if claimed else _free(workspace_id, number, now)
    outcome = {"state": state, "decided_by": by, "decided_at": now, "decision": decision}
    forgotten = {"asked_subject": None, "first_subject": None}  # of use only until it is decided
    statement = update(ReleaseRequestRow).where(which)
    return await changed(tx, statement.values(claimed_by=None, claimed_until=None, **outcome, **forgotten)) == 1


def _open(workspace_id: str, number: int) -> ColumnElement[bool]:
    return (
        (ReleaseRequestRow.workspace_id == workspace_id)
        & (ReleaseRequestRow.number == number)
        & (ReleaseRequestRow.state == OPEN)
    )


def _free(workspace_id: str, number: int, now: datetime) -> ColumnElement[bool]:
    return _open(workspace_id, number) & or_(
        ReleaseRequestRow.claimed_until.is_(None), ReleaseRequestRow.claimed_until <= now
    )


def _mine(workspace_id: str, number: int, by: str) -> ColumnElement[bool]:
    return _open(workspace_id, number) & (ReleaseRequestRow.claimed_by == by)
