"""Queries of offers to let one's sign-in answer for a workspace, of deputies, and of what rests on a sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.statements import changed, one, upsert
from storage.tables.access import DEPUTY, GroupRole, SageRefusal, SuccessionRow
from storage.tables.alerts import SubscriptionRow
from storage.tables.core import CONNECTED, Connection, MemberRole, Workspace


@dataclass(frozen=True, slots=True)
class Dependants:
    """Who has a role but no live sign-in of their own, and how many groups and running subscriptions there are."""

    people: tuple[str, ...]
    groups: int
    subscriptions: int


async def put(
    tx: AsyncSession,
    *,
    workspace_id: str,
    kind: str,
    user_id: str,
    asked_by: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Write an offer or the deputy, in place of the one before of this kind."""
    said = {"user_id": user_id, "asked_by": asked_by, "since": now, "expires_at": expires_at}
    key = {"workspace_id": workspace_id, "kind": kind}
    await upsert(tx, SuccessionRow, on=list(key), values={**key, **said}, instead=said)


async def of(tx: AsyncSession, *, workspace_id: str, kind: str, now: datetime) -> SuccessionRow | None:
    """Return the open offer or the deputy of this kind."""
    return await one(
        tx,
        select(SuccessionRow).where(
            SuccessionRow.workspace_id == workspace_id,
            SuccessionRow.kind == kind,
            or_(SuccessionRow.expires_at.is_(None), SuccessionRow.expires_at > now),
        ),
    )


async def remove(tx: AsyncSession, *, workspace_id: str, kind: str, user_id: str | None = None) -> bool:
    """Delete the offer or the deputy, of this user if one is named. Return False if there was none."""
    gone = delete(SuccessionRow).where(SuccessionRow.workspace_id == workspace_id, SuccessionRow.kind == kind)
    return await changed(tx, gone if user_id is None else gone.where(SuccessionRow.user_id == user_id)) == 1


async def purge(tx: AsyncSession, *, now: datetime) -> int:
    """Delete the offers that have expired. Return how many."""
    return await changed(tx, delete(SuccessionRow).where(SuccessionRow.expires_at <= now))


async def take_overs(tx: AsyncSession, *, limit: int) -> list[str]:
    """Return the workspaces whose own sign-in doesn't serve while their deputy's could."""
    able = _able(Workspace.uninstalled_at.is_(None)).with_only_columns(Workspace.id)
    return list(await tx.scalars(able.order_by(Workspace.id).limit(limit)))


async def able_deputy(tx: AsyncSession, *, workspace_id: str) -> Connection | None:
    """Return the deputy's live sign-in, if it opens the company that the workspace's own sign-in answers from."""
    return await one(tx, _able(Workspace.id == workspace_id, even_if_served=True))


async def dependants(tx: AsyncSession, *, workspace_id: str, owner: str, company_pk: int | None) -> Dependants:
    """Return who and what the workspace's own sign-in answers, besides its owner."""
    own = exists().where(
        Connection.workspace_id == MemberRole.workspace_id,
        Connection.user_id == MemberRole.user_id,
        Connection.state == CONNECTED,
    )
    people = select(MemberRole.user_id).where(
        MemberRole.workspace_id == workspace_id, MemberRole.user_id != owner, ~own
    )
    groups = select(func.count()).select_from(GroupRole).where(GroupRole.workspace_id == workspace_id)
    running = (SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.company_pk == company_pk)
    count = select(func.count()).select_from(SubscriptionRow).where(*running, SubscriptionRow.paused_reason == "")
    return Dependants(
        tuple(await tx.scalars(people.order_by(MemberRole.user_id))),
        await tx.scalar(groups) or 0,
        await tx.scalar(count) or 0,
    )


async def subscribed_channels(tx: AsyncSession, *, workspace_id: str, company_pk: int | None) -> list[str]:
    """Return the channels with a running subscription to this company."""
    statement = select(SubscriptionRow.target_id).where(
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.company_pk == company_pk,
        SubscriptionRow.is_personal.is_(False),
        SubscriptionRow.paused_reason == "",
    )
    return list(await tx.scalars(statement.distinct().order_by(SubscriptionRow.target_id)))


def _able(*of: ColumnElement[bool], even_if_served: bool = False) -> Select[Connection]:
    """Return the deputies' live sign-ins, each in the company that the workspace's own sign-in answers from."""
    # What people were given there stays theirs: another company's figures are never shown in its place.
    own = aliased(Connection, name="own")
    refused = exists().where(
        SageRefusal.workspace_id == Connection.workspace_id,
        SageRefusal.company_pk == Connection.company_pk,
        SageRefusal.user_id == Connection.user_id,
    )
    statement = (
        select(Connection)
        .join(Workspace, Workspace.id == Connection.workspace_id)
        .join(own, (own.id == Workspace.workspace_connection_id) & (own.workspace_id == Workspace.id))
        .join(
            SuccessionRow,
            (SuccessionRow.workspace_id == Workspace.id) & (SuccessionRow.user_id == Connection.user_id),
        )
        .where(SuccessionRow.kind == DEPUTY, Connection.state == CONNECTED, Connection.id != own.id)
        .where(Connection.company_pk == own.company_pk, ~refused, *of)
    )
    return statement if even_if_served else statement.where(own.state != CONNECTED)
