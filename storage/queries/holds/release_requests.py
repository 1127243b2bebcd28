"""Queries of release requests: at most one open per customer, decided by one user at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn, inserting, one
from storage.tables.alerts import HoldEpisodeRow, MirroredCustomer, MirrorStateRow
from storage.tables.debts import CustomerDebtRow, OpenItemRow, SeenReceipt
from storage.tables.holds import RELEASE, ChangeIntent, ReleaseRequestRow

OPEN, APPROVED, DECLINED, WITHDRAWN, EXPIRED = "open", "approved", "declined", "withdrawn", "expired"
_OF_CUSTOMER = (
    "currency_iso",
    "currency_symbol",
    "balance",
    "credit_limit",
    "open_orders",
    "analysis",
)
_IN_TURN = (in_turn(ReleaseRequestRow.workspace_id, ReleaseRequestRow.id), ReleaseRequestRow.id)


async def ask(tx: AsyncSession, *, workspace_id: str, **columns: Any) -> ReleaseRequestRow | None:
    """Add a request with the next number. Return None if the customer has an open one.

    The caller holds the workspace's lock.
    """
    last = await tx.scalar(
        select(func.coalesce(func.max(ReleaseRequestRow.number), 0)).where(
            ReleaseRequestRow.workspace_id == workspace_id
        )
    )
    statement = inserting(tx, ReleaseRequestRow).values(
        workspace_id=workspace_id,
        number=(last or 0) + 1,
        state=OPEN,
        decision="",
        question="",
        answer="",
        reminded=0,
        **columns,
    )
    made = await tx.scalars(statement.on_conflict_do_nothing().returning(ReleaseRequestRow))
    return made.one_or_none()


async def released_for(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, by: Mapping[int, str], since: datetime
) -> dict[int, str]:
    """Return, by customer, who asked for the release that these users (`by` customer) have made, or are making."""
    # The mirror may see the release before its request is closed.
    decided = and_(ReleaseRequestRow.state == APPROVED, ReleaseRequestRow.decided_at >= since)
    decides = func.coalesce(ReleaseRequestRow.decided_by, ReleaseRequestRow.claimed_by)
    statement = (
        select(ReleaseRequestRow.customer_id, ReleaseRequestRow.asked_by, decides)
        .where(
            ReleaseRequestRow.workspace_id == workspace_id,
            ReleaseRequestRow.company_pk == company_pk,
            ReleaseRequestRow.customer_id.in_(by),
            ReleaseRequestRow.kind == RELEASE,
            or_(ReleaseRequestRow.state == OPEN, decided),
        )
        .order_by(ReleaseRequestRow.id)
    )
    found = await tx.execute(statement)
    return {customer_id: asker for customer_id, asker, decider in found if decider == by[customer_id]}


_OfCustomer = HoldEpisodeRow | ChangeIntent | MirroredCustomer | CustomerDebtRow | OpenItemRow | SeenReceipt


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """What somebody has asked since a moment: how many, the first, and the last for one customer that they withdrew."""

    count: int
    first_at: datetime | None
    withdrawn_at: datetime | None


async def asked_before(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, asked_by: str, since: datetime
) -> AskedBefore:
    """Return what this user has asked since then."""
    request = ReleaseRequestRow
    same = (request.company_pk == company_pk, request.customer_id == customer_id, request.state == WITHDRAWN)
    statement = select(func.count(), func.min(request.asked_at), func.max(case((and_(*same), request.asked_at)))).where(
        request.workspace_id == workspace_id, request.asked_by == asked_by, request.asked_at > since
    )
    count, first_at, withdrawn_at = (await tx.execute(statement)).one()
    return AskedBefore(count, first_at, withdrawn_at)


async def open_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, kind: str, order_number: str
) -> ReleaseRequestRow | None:
    """Return the customer's open request of this kind, about this order if it is about one."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.company_pk == company_pk)
    same = (ReleaseRequestRow.kind == kind, ReleaseRequestRow.order_number == order_number)
    statement = select(ReleaseRequestRow).where(*whose, ReleaseRequestRow.customer_id == customer_id, *same)
    return await one(tx, statement.where(ReleaseRequestRow.state == OPEN))


async def by_number(tx: AsyncSession, *, workspace_id: str, number: int) -> ReleaseRequestRow | None:
    """Return a request of this workspace."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.number == number)
    return await one(tx, select(ReleaseRequestRow).where(*whose))


async def locked(tx: AsyncSession, *, workspace_id: str, number: int) -> ReleaseRequestRow | None:
    """Return a request of this workspace, its row locked until the transaction ends."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.number == number)
    return await one(tx, select(ReleaseRequestRow).where(*whose).with_for_update())


async def every_open(tx: AsyncSession, *, workspace_id: str, limit: int = 50) -> list[ReleaseRequestRow]:
    """Return the open requests, the oldest first."""
    whose = (ReleaseRequestRow.workspace_id == workspace_id, ReleaseRequestRow.state == OPEN)
    return list(await tx.scalars(select(ReleaseRequestRow).where(*whose).order_by(ReleaseRequestRow.id).limit(limit)))


async def accounts(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, numbers: Collection[int], today: date
) -> dict[int, Row[Any]]:
    """Return what the mirror has of the customers of these requests, by the request's number.

    Columns: of the customer, how fresh the mirror is, of the hold, and `overdue`, `oldest_due` and `paid` (the receipts
    first met since the hold was seen).
    """
    request, item, receipt = ReleaseRequestRow, OpenItemRow, SeenReceipt
    late = (*_same_customer(item), item.uncovered != Decimal(0), item.due < today)
    # Not only of requests that wait: what was decided a moment ago is shown with its outcome.
    held = and_(*_same_customer(HoldEpisodeRow), HoldEpisodeRow.closed_at.is_(None))
    paid = (*_same_customer(receipt), receipt.seen_at > HoldEpisodeRow.opened_at)
    columns = (
        request.number,
        *(getattr(MirroredCustomer, name) for name in _OF_CUSTOMER),
        MirrorStateRow.phase,
        MirrorStateRow.synced_at,
        MirrorStateRow.items_phase,
        MirrorStateRow.items_read_count,
        MirrorStateRow.items_synced_at,
        HoldEpisodeRow.opened_at,
        HoldEpisodeRow.already_held,
        HoldEpisodeRow.overdue.label("held_overdue"),
        CustomerDebtRow.disputed,
        CustomerDebtRow.difference,
        CustomerDebtRow.differs_since,
        select(func.sum(item.uncovered)).where(*late).correlate(request).scalar_subquery().label("overdue"),
        select(func.min(item.due)).where(*late).correlate(request).scalar_subquery().label("oldest_due"),
        select(func.sum(receipt.amount))
        .where(*paid)
        .correlate(request, HoldEpisodeRow)
        .scalar_subquery()
        .label("paid"),
    )
    state = and_(MirrorStateRow.workspace_id == request.workspace_id, MirrorStateRow.company_pk == request.company_pk)
    statement = (
        select(*columns)
        .select_from(request)
        .join(MirroredCustomer, and_(*_same_customer(MirroredCustomer)))
        .join(MirrorStateRow, state)
        .outerjoin(HoldEpisodeRow, held)
        .outerjoin(CustomerDebtRow, and_(*_same_customer(CustomerDebtRow)))
        .where(
            request.workspace_id == workspace_id, request.company_pk == company_pk, request.number.in_(sorted(numbers))
        )
    )
    return {row.number: row for row in await tx.execute(statement)}


async def holders(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_ids: Collection[int], since: datetime
) -> dict[int, list[tuple[str, int]]]:
    """Return who put these customers on hold since then, each with how often, by customer; "" for holds in Sage."""
    episode, by = HoldEpisodeRow, func.coalesce(HoldEpisodeRow.opened_by, "")
    statement = (
        select(episode.customer_id, by.label("who"), func.count().label("often"))
        .where(
            episode.workspace_id == workspace_id,
            episode.company_pk == company_pk,
            episode.customer_id.in_(sorted(customer_ids)),
            episode.opened_at >= since,
        )
        .group_by(episode.customer_id, by)
        .order_by(func.count().desc(), by)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for row in await tx.execute(statement):
        found.setdefault(row.customer_id, []).append((row.who, row.often))
    return found


async def overdue(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace, number) of open requests that have expired."""
    statement = select(ReleaseRequestRow.workspace_id, ReleaseRequestRow.number).where(
        ReleaseRequestRow.state == OPEN, ReleaseRequestRow.expires_at <= now
    )
    found = await tx.execute(statement.order_by(*_IN_TURN).limit(limit))
    return [(row.workspace_id, row.number) for row in found]


async def ended(tx: AsyncSession, *, ending: str, limit: int) -> list[tuple[str, int]]:
    """Return (workspace, number) of open requests whose customer's hold episode ended this way after the request."""
    return await _open_where(tx, _episode_ended(HoldEpisodeRow.ending == ending), limit=limit)


async def released(tx: AsyncSession, *, limit: int) -> list[tuple[str, int]]:
    """Return (workspace, number) of open requests whose customer was released since, in Sage or through us."""
    # An episode that ended since the request counts, whatever the hold is now: the user saw it on hold before that. One
    # that ended earlier says nothing of the next hold. Releases through us are known even without a mirror.
    is_over = or_(_episode_ended(), _released_through_us(), _seen_released())
    return await _open_where(tx, and_(ReleaseRequestRow.kind == RELEASE, is_over), limit=limit)


def _episode_ended(*how: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*_same_customer(HoldEpisodeRow), HoldEpisodeRow.closed_at > ReleaseRequestRow.asked_at, *how)


def _released_through_us() -> ColumnElement[bool]:
    """Return the condition that the customer was released through us after the request."""
    # A release begun before the request counts too: the customer was still on hold. One that the mirror saw before does
    # not: its intent may be completed long after, when the customer is on hold again.
    asked_at = ReleaseRequestRow.asked_at
    return exists().where(
        *_same_customer(ChangeIntent),
        ChangeIntent.on_hold.is_(False),
        ChangeIntent.outcome == "done",
        ChangeIntent.completed_at > asked_at,
        or_(ChangeIntent.attributed_at.is_(None), ChangeIntent.attributed_at > asked_at),
    )


def _seen_released() -> ColumnElement[bool]:
    """Return the condition that a sync run which began after the request found the customer not on hold."""
    whose = (
        MirrorStateRow.workspace_id == ReleaseRequestRow.workspace_id,
        MirrorStateRow.company_pk == ReleaseRequestRow.company_pk,
    )
    # A run that began before the request stamps the release with its own, earlier beginning.
    is_free = MirroredCustomer.on_hold.is_(False)
    return exists().where(
        *_same_customer(MirroredCustomer), is_free, *whose, MirrorStateRow.synced_at > ReleaseRequestRow.asked_at
    )


def _same_customer(table: type[_OfCustomer]) -> tuple[ColumnElement[bool], ...]:
    return (
        table.workspace_id == ReleaseRequestRow.workspace_id,
        table.company_pk == ReleaseRequestRow.company_pk,
        table.customer_id == ReleaseRequestRow.customer_id,
    )


async def _open_where(tx: AsyncSession, happened: ColumnElement[bool], *, limit: int) -> list[tuple[str, int]]:
    request = ReleaseRequestRow
    statement = select(request.workspace_id, request.number).where(request.state == OPEN, happened)
    found = await tx.execute(statement.order_by(*_IN_TURN).limit(limit))
    return [(row.workspace_id, row.number) for row in found]


async def claim(tx: AsyncSession, *, workspace_id: str, number: int, by: str, now: datetime, until: datetime) -> bool:
    """Claim the request for deciding. Return True for one user at a time."""
    statement = update(ReleaseRequestRow).where(_free(workspace_id, number, now))
    return await changed(tx, statement.values(claimed_by=by, claimed_until=until)) == 1


async def release_claim(tx: AsyncSession, *, workspace_id: str, number: int, by: str, **columns: Any) -> bool:
    """Give back the claim; the request stays open. Return False if another user has claimed it."""
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
    """Close the request with its decision. Return False if it was decided or another user has claimed it.

    With `claimed`, only the user who claimed it may close it.
    """
    which = _mine(workspace_id, number, by) if claimed else _free(workspace_id, number, now)
    outcome = {"state": state, "decided_by": by, "decided_at": now, "decision": decision}
    forgotten = {"asked_subject": None, "first_subject": None}  # needed only until the request is decided
    statement = update(ReleaseRequestRow).where(which)
    return await changed(tx, statement.values(claimed_by=None, claimed_until=None, **outcome, **forgotten)) == 1


async def decided(
    tx: AsyncSession, *, workspace_id: str, since: datetime
) -> Sequence[Row[str | None, str, datetime, datetime | None]]:
    """Return (who, state, asked at, decided at) of the requests approved or declined since then."""
    request = ReleaseRequestRow
    statement = select(request.decided_by, request.state, request.asked_at, request.decided_at).where(
        request.workspace_id == workspace_id, request.state.in_((APPROVED, DECLINED)), request.decided_at >= since
    )
    return (await tx.execute(statement)).all()


async def change_open(tx: AsyncSession, *, workspace_id: str, number: int, now: datetime, **columns: Any) -> bool:
    """Set columns of an open request. Return False if it was decided, or a user is deciding just now."""
    return await changed(tx, update(ReleaseRequestRow).where(_free(workspace_id, number, now)).values(**columns)) == 1


async def to_remind(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace, number) of open requests of which somebody is to be reminded now."""
    return await _open_where(tx, ReleaseRequestRow.remind_at <= now, limit=limit)


async def reminded(tx: AsyncSession, *, workspace_id: str, number: int, before: int, next_at: datetime | None) -> bool:
    """Count a reminder of an open request. Return False if it was counted already, or the request is decided."""
    which = (_open(workspace_id, number), ReleaseRequestRow.reminded == before)
    statement = update(ReleaseRequestRow).where(*which).values(reminded=before + 1, remind_at=next_at)
    return await changed(tx, statement) == 1


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
