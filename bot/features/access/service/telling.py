"""Sends one notice to several users: each is told once for one moment and subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from storage.queries.alerts import outbox
from storage.queries.connections import workspaces


async def tell(
    tx: AsyncSession,
    workspace_id: str,
    now: datetime,
    kind: str,
    user_ids: Iterable[str],
    facts: Mapping[str, str],
    *,
    mark: str = "",
    company_pk: int | None = None,
) -> None:
    """Write a notice to each of these users, unless they have had one of this kind with this mark.

    Without a `mark`, it is what the notice is about (`who` of the facts, or else `owner`), and now.
    """
    told = dict.fromkeys(user_ids, facts)
    await tell_each(tx, workspace_id, now, kind, told, mark=mark, company_pk=company_pk)


async def tell_each(
    tx: AsyncSession,
    workspace_id: str,
    now: datetime,
    kind: str,
    told: Mapping[str, Mapping[str, str]],
    *,
    mark: str = "",
    company_pk: int | None = None,
) -> None:
    """Write a notice to each user with the facts of their own; as `tell`."""
    notices = [(user, facts, f"{kind}:{mark or _mark(facts, now)}:{user}") for user, facts in told.items()]
    await outbox.add_notices(tx, notices, workspace_id=workspace_id, kind=kind, now=now, company_pk=company_pk)


def _mark(facts: Mapping[str, str], now: datetime) -> str:
    about = facts.get("who") or facts.get("owner", "")
    after = f":{facts['after']}" if "after" in facts else ""  # two changes within one tick of the clock are two
    return f"{about}{after}:{now.isoformat()}"


async def tell_admins(
    tx: AsyncSession,
    workspace_id: str,
    now: datetime,
    kind: str,
    facts: Mapping[str, str],
    *,
    but: Iterable[str] = (),
    mark: str = "",
) -> None:
    """Write a notice to every admin of the app, except those in `but`."""
    admins = await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN)
    left_out = set(but)
    await tell(tx, workspace_id, now, kind, [each for each in admins if each not in left_out], facts, mark=mark)
