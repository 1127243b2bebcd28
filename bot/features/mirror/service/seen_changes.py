"""Storage of changes that have no hold episode: of what is owed late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import Change
from bot.domain.json_column import CHANGE_JSON
from bot.features.mirror.service.change_listener import ObservedChange
from storage.queries.mirror import hold_episodes


async def observed(
    tx: AsyncSession, changes: Sequence[Change], *, workspace_id: str, company_pk: int, now: datetime
) -> list[ObservedChange]:
    """Store changes that nobody made through us. Return them with their ids."""
    rows = [
        {
            "customer_id": change.customer.customer_id,
            "kind": change.kind.value,
            "seen_at": now,
            "by_user": None,
            "episode_id": None,
            "facts": CHANGE_JSON.write(change),
        }
        for change in changes
    ]
    ids = await hold_episodes.write_changes(tx, workspace_id=workspace_id, company_pk=company_pk, changes=rows)
    return [ObservedChange(number, change, now) for number, change in zip(ids, changes, strict=True)]
