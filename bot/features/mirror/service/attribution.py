"""Attribution of an observed hold change to the user who made it through us; None: made in Sage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import ChangeKind, Snapshot
from bot.features.holds.model import Outcome, is_kept
from bot.features.mirror.service.rows import CompanyKey
from storage.queries.holds import change_intents, release_requests
from storage.tables.holds import ChangeIntent

HOLD_KINDS = frozenset({ChangeKind.PUT_ON_HOLD, ChangeKind.RELEASED})
_EXPLAINS_FOR = timedelta(days=1)
"""How old an intent may be. After a longer outage the changes are told in a report that names nobody."""


async def authors_of(
    tx: AsyncSession, company: CompanyKey, flips: Mapping[int, Snapshot], *, now: datetime
) -> dict[int, str]:
    """Return, by customer, the user who put these on hold or released them through us."""
    if not flips:
        return {}
    found: dict[int, str] = {}
    spent: list[int] = []
    for row in await change_intents.unused(tx, **company.named, ids=flips, since=now - _EXPLAINS_FOR):
        if row.customer_id in found:
            spent.append(row.id)  # superseded: an earlier intent of this customer
        elif _explains(row, flips[row.customer_id]):
            found[row.customer_id] = row.user_id
            spent.append(row.id)
    # An intent explains one change at most.
    await change_intents.use(tx, **company.named, intent_ids=spent, now=now)
    return found


async def askers_of(
    tx: AsyncSession,
    company: CompanyKey,
    authors: Mapping[int, str],
    flips: Mapping[int, Snapshot],
    *,
    now: datetime,
) -> dict[int, str]:
    """Return, by customer, the user on whose request the author released these."""
    released = {number: author for number, author in authors.items() if not flips[number].on_hold}
    if not released:
        return {}
    return await release_requests.released_for(tx, **company.named, by=released, since=now - _EXPLAINS_FOR)


def _explains(row: ChangeIntent, after: Snapshot) -> bool:
    """Return whether this intent caused the change."""
    if row.on_hold != after.on_hold:
        return False
    if not after.status_reason:
        # The reason names the user. Without a reason, only an intent that Sage was seen to have carried out will do.
        return row.outcome == Outcome.DONE
    return is_kept(row.reason, after.status_reason)
