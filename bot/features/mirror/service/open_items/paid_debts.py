"""News of late debt that was paid: a receipt never met before, and less overdue than before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import Change, ChangeKind, LateDebt
from bot.features.access.service.sessions import policy_from
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.mirror.service.open_items.apply_items import PaidDebt
from bot.features.mirror.service.rows import CompanyKey, snapshot_of
from bot.features.mirror.service.seen_changes import observed
from storage.queries import settings
from storage.queries.mirror import mirrored_customers


async def paid_debts(
    tx: AsyncSession, company: CompanyKey, paid: Sequence[PaidDebt], *, now: datetime
) -> list[ObservedChange]:
    """Store the news of these payments: of those by which what is overdue fell by as much as the workspace minds."""
    if not paid:
        return []
    policy = policy_from(await settings.of_workspace(tx, workspace_id=company.workspace_id))
    today = policy.day_of(now)
    known = await mirrored_customers.with_ids(tx, **company.named, ids=[each.customer_id for each in paid])
    changes = []
    for each in paid:
        before, after = each.overdue(today)
        # A row that was only deleted in Sage lowers it too: without a receipt nobody has paid.
        if before - after < policy.overdue_least or before <= after or each.customer_id not in known:
            continue
        snapshot = snapshot_of(known[each.customer_id])
        late = LateDebt(after, each.oldest_days(today))
        changes.append(Change(ChangeKind.OVERDUE_PAID, snapshot, snapshot, amount=each.received, late=late))
    return await observed(tx, changes, **company.named, now=now)
