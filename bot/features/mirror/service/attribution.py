"""Whose a change is that the mirror sees: somebody's who made it through us, or Sage's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import ChangeKind, Snapshot
from bot.features.holds.model import Outcome
from bot.features.mirror.service.rows import CompanyKey
from storage import hold_intents as deeds
from storage.tables.holds import HoldIntent

HOLD_KINDS = frozenset({ChangeKind.PUT_ON_HOLD, ChangeKind.RELEASED})
_EXPLAINS_FOR = timedelta(days=1)
"""A mirror that was away for longer tells what changed in a report that names nobody."""


async def authors_of(
    tx: AsyncSession, books: CompanyKey, flips: Mapping[int, Snapshot], *, now: datetime
) -> dict[int, str]:
    """By customer, who put these on hold or released them through us. Each deed explains one change at most."""
    if not flips:
        return {}
    found: dict[int, str] = {}
    spent: list[int] = []
    for row in await deeds.unused(tx, **books.named, ids=flips, since=now - _EXPLAINS_FOR):
        if row.customer_id in found:
            spent.append(row.id)  # an earlier one of the same account, which this change came after
        elif _explains(row, flips[row.customer_id]):
            found[row.customer_id] = row.user_id
            spent.append(row.id)
    await deeds.use(tx, **books.named, deed_ids=spent, now=now)
    return found


def _explains(row: HoldIntent, after: Snapshot) -> bool:
    """The reason names who asked; where it couldn't be read, only a deed that Sage was seen to have done will do."""
    if row.on_hold != after.on_hold:
        return False
    if after.status_reason is None:
        return row.outcome == Outcome.DONE
    return after.status_reason == row.reason
