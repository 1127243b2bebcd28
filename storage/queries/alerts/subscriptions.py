"""Subscriptions: who wants which news where, by the number that people call each by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, case, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn, inserting, one, table_of, upsert
from storage.tables.alerts import DefaultsOff, SubscriptionRow
from storage.tables.core import CompanyRow, Workspace

_FANNED_OUT_BY = (
    *("id", "workspace_id", "number", "company_pk", "owner", "topics", "filter", "thresholds", "days", "target_id"),
    *("is_personal", "delivery", "schedule", "muted_until", "paused_reason", "pings"),
)


async def create(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, owner: str, now: datetime, **columns: Any
) -> SubscriptionRow:
    """Keep a new one under the workspace's next number. The caller has seen that the company is the workspace's."""
    [row] = await create_each(
        tx, [{"owner": owner, **columns}], workspace_id=workspace_id, company_pk=company_pk, now=now
    )
    return row


async def create_each(
    tx: AsyncSession, rows: Sequence[Mapping[str, Any]], *, workspace_id: str, company_pk: int, now: datetime
) -> list[SubscriptionRow]:
    """Keep new ones, all of the same columns, under the workspace's next numbers in their order. As `create`."""
    first = await _next_numbers(tx, workspace_id, len(rows))
    alike = {"workspace_id": workspace_id, "company_pk": company_pk, "paused_reason": "", "created_at": now}
    values = [{**alike, **row, "number": number} for number, row in enumerate(rows, first)]
    statement = inserting(tx, SubscriptionRow).returning(SubscriptionRow)
    made = await tx.scalars(statement, values, execution_options={"populate_existing": True})
    return sorted(made, key=lambda row: row.number)


async def _next_numbers(tx: AsyncSession, workspace_id: str, many: int) -> int:
    """Return the first of so many that were never given: people type the numbers that they read in old messages."""
    # The workspace's row is the queue: two that subscribe at once would otherwise read the same.
    whose = Workspace.id == workspace_id
    queue = select(Workspace.subscriptions_given).where(whose).with_for_update(key_share=True)
    given = await tx.scalar(queue) or 0
    highest = select(func.max(SubscriptionRow.number)).where(SubscriptionRow.workspace_id == workspace_id)
    first = max(given, await tx.scalar(highest) or 0) + 1
    await changed(tx, update(Workspace).where(whose).values(subscriptions_given=first + many - 1))
    return first


async def every(tx: AsyncSession, *, workspace_id: str) -> list[tuple[SubscriptionRow, str]]:
    """Return a workspace's subscriptions with the names of their companies, by number."""
    statement = (
        select(SubscriptionRow, CompanyRow.company_name)
        .join(CompanyRow, CompanyRow.id == SubscriptionRow.company_pk)
        .where(SubscriptionRow.workspace_id == workspace_id)
        .order_by(SubscriptionRow.number)
    )
    found = await tx.execute(statement, execution_options={"populate_existing": True})
    return [(row, name) for row, name in found]


async def counts(tx: AsyncSession, *, workspace_id: str, owner: str) -> tuple[int, int]:
    """Return the number of subscriptions of a workspace, and of this owner."""
    own = func.count(case((SubscriptionRow.owner == owner, 1)))
    statement = select(func.count(), own).where(SubscriptionRow.workspace_id == workspace_id)
    of_workspace, of_owner = (await tx.execute(statement)).one()
    return of_workspace, of_owner


async def counts_by_owner(tx: AsyncSession, *, workspace_id: str) -> dict[str, int]:
    """Return the number of subscriptions of each owner in a workspace."""
    owner = SubscriptionRow.owner
    statement = select(owner, func.count()).where(SubscriptionRow.workspace_id == workspace_id).group_by(owner)
    return {row.owner: row[1] for row in await tx.execute(statement)}


async def by_number(tx: AsyncSession, *, workspace_id: str, number: int, lock: bool = False) -> SubscriptionRow | None:
    """Return a workspace's subscription by its number; locked where the caller compares before and after."""
    statement = select(SubscriptionRow).where(_named(workspace_id, number))
    return await one(tx, statement.with_for_update() if lock else statement)


async def by_id(tx: AsyncSession, *, workspace_id: str, subscription_id: int) -> SubscriptionRow | None:
    """Return a workspace's subscription by row id."""
    mine = (SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.id == subscription_id)
    return await one(tx, select(SubscriptionRow).where(*mine))


async def of_company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> Sequence[Any]:
    """Return what news of one company is wanted, oldest first, by silent ones too: rows whose JSON columns are text.

    A row has what alerts are fanned out by, and nothing of when the subscription was made or is due.
    """
    # Mapped objects, each with its own copy of the few filters that many have, would cost several times as much.
    columns = table_of(SubscriptionRow).c
    asked = (columns[name] for name in _FANNED_OUT_BY)
    read = (cast(each, Text).label(each.name) if isinstance(each.type, JSON) else each for each in asked)
    mine = (columns.workspace_id == workspace_id, columns.company_pk == company_pk)
    return (await tx.execute(select(*read).where(*mine).order_by(columns.id))).all()


async def of_target(tx: AsyncSession, *, workspace_id: str, company_pk: int, target_id: str) -> list[SubscriptionRow]:
    """Return those of one company's news that go to one place, by number; the workspace's row stays locked.

    Until the transaction ends no other subscription of the workspace is made, so that what isn't there can be created.
    """
    await tx.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update(key_share=True))
    there = (
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.company_pk == company_pk,
        SubscriptionRow.target_id == target_id,
    )
    statement = select(SubscriptionRow).where(*there).order_by(SubscriptionRow.number)
    return list(await tx.scalars(statement, execution_options={"populate_existing": True}))


async def personal(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, owners: Iterable[str]
) -> list[SubscriptionRow]:
    """Return these users' personal subscriptions to one company's news, oldest first."""
    mine = (
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.company_pk == company_pk,
        SubscriptionRow.owner.in_(owners),
        SubscriptionRow.target_id == SubscriptionRow.owner,
        SubscriptionRow.is_personal.is_(True),
    )
    statement = select(SubscriptionRow).where(*mine).order_by(SubscriptionRow.id)
    return list(await tx.scalars(statement, execution_options={"populate_existing": True}))


async def thresholds_of(tx: AsyncSession, *, company_pk: int) -> frozenset[int]:
    """Return the thresholds asked for of one company, in per cent.

    Those of silent subscriptions are among them: left out, they would all be passed at once on their return.
    """
    kept = await tx.scalars(select(SubscriptionRow.thresholds).where(SubscriptionRow.company_pk == company_pk))
    return frozenset(threshold for each in kept for threshold in each)


async def days_of(tx: AsyncSession, *, company_pk: int) -> frozenset[int]:
    """Return the days of overdue debt asked for of one company; those of silent subscriptions are among them."""
    kept = await tx.scalars(select(SubscriptionRow.days).where(SubscriptionRow.company_pk == company_pk))
    return frozenset(day for each in kept for day in each)


async def change(tx: AsyncSession, *, workspace_id: str, number: int, **columns: Any) -> bool:
    """Write these columns. False: there is none of that number here."""
    statement = update(SubscriptionRow).where(_named(workspace_id, number))
    return await changed(tx, statement.values(**columns)) == 1


async def pause(tx: AsyncSession, *, workspace_id: str, number: int, reason: str, now: datetime) -> bool:
    """Tell nothing until it is resumed. True for the first to pause it, so that its owner is told once."""
    running = (_named(workspace_id, number), SubscriptionRow.paused_reason == "")
    paused = {"paused_reason": reason, "paused_since": now}
    return await changed(tx, update(SubscriptionRow).where(*running).values(**paused)) == 1


async def resume(tx: AsyncSession, *, workspace_id: str, number: int) -> bool:
    """Tell again, of what comes from now on. False: it was running."""
    paused = (_named(workspace_id, number), SubscriptionRow.paused_reason != "")
    running = {"paused_reason": "", "paused_since": None}
    return await changed(tx, update(SubscriptionRow).where(*paused).values(**running)) == 1


async def mute(tx: AsyncSession, *, workspace_id: str, number: int, until: datetime | None) -> bool:
    """Tell nothing until then; None ends it now. False: there is none of that number here."""
    return await change(tx, workspace_id=workspace_id, number=number, muted_until=until)


async def remove(tx: AsyncSession, *, workspace_id: str, number: int) -> bool:
    """Delete it, and what was still to be posted for it."""
    return await changed(tx, delete(SubscriptionRow).where(_named(workspace_id, number))) == 1


async def remove_defaults(
    tx: AsyncSession, *, workspace_id: str, owner: str, company_pk: int | None = None
) -> list[int]:
    """Delete the subscriptions that were made for a person, of one company or of all. Return their numbers."""
    row = SubscriptionRow
    theirs = [row.workspace_id == workspace_id, row.owner == owner, row.is_default.is_(True)]
    theirs += [row.company_pk == company_pk] if company_pk is not None else []
    return sorted(await tx.scalars(delete(row).where(*theirs).returning(row.number)))


async def switched_off_defaults(tx: AsyncSession, *, workspace_id: str, user_ids: Iterable[str]) -> set[str]:
    """Return who of these people ended a subscription that was made for them."""
    off = select(DefaultsOff.user_id).where(DefaultsOff.workspace_id == workspace_id)
    return set(await tx.scalars(off.where(DefaultsOff.user_id.in_(user_ids))))


async def switch_off_defaults(tx: AsyncSession, *, workspace_id: str, user_id: str, now: datetime) -> None:
    """Keep that no subscription is made for a person again."""
    values = {"workspace_id": workspace_id, "user_id": user_id, "since": now}
    await upsert(tx, DefaultsOff, on=["workspace_id", "user_id"], values=values, instead={"since": now})


async def due(tx: AsyncSession, *, now: datetime, limit: int) -> Sequence[tuple[str, int]]:
    """(workspace id, subscription id) of the digests whose time has come, where the app is still installed."""
    longest = (SubscriptionRow.due_at, SubscriptionRow.id)
    statement = (
        select(SubscriptionRow.workspace_id, SubscriptionRow.id)
        .join(Workspace, Workspace.id == SubscriptionRow.workspace_id)
        .where(SubscriptionRow.due_at <= now, Workspace.uninstalled_at.is_(None))
        .order_by(in_turn(SubscriptionRow.workspace_id, *longest), *longest)
        .limit(limit)
    )
    return [(row.workspace_id, row.id) for row in await tx.execute(statement)]


async def digest_taken(
    tx: AsyncSession,
    *,
    workspace_id: str,
    subscription_id: int,
    was_due: datetime,
    due_at: datetime | None,
    digested_at: datetime | None,
) -> bool:
    """Move on to the next digest. True for the one process that may write this one."""
    this = (
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.id == subscription_id,
        SubscriptionRow.due_at == was_due,
    )
    moved = {"due_at": due_at, "digested_at": digested_at}
    return await changed(tx, update(SubscriptionRow).where(*this).values(**moved)) == 1


def _named(workspace_id: str, number: int) -> ColumnElement[bool]:
    return (SubscriptionRow.workspace_id == workspace_id) & (SubscriptionRow.number == number)
