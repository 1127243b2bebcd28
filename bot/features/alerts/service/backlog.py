"""Counts alerts that have waited, and merges those that are out of date into one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.alerts.model.messages import OUT_OF_DATE, MessageKind
from storage.queries.alerts import outbox
from storage.tables.alerts import OutboxRow


def counted(rows: Iterable[OutboxRow]) -> dict[str, int]:
    """Return how many changes of each kind these rows tell of.

    A report over many changes is counted as what it reports; a digest is out of date and counts for nothing.
    """
    counts: Counter[str] = Counter()
    for row in rows:
        if row.kind in {MessageKind.GAP, MessageKind.WAITED}:
            counts.update(row.facts["counts"])
        elif row.kind in {MessageKind.CHANGE, MessageKind.SUMMARY}:
            counts[str(row.facts["kind"])] += int(row.facts.get("count", 1))
    return dict(counts)


async def summarise(tx: AsyncSession, *, workspace_id: str, target_id: str, since: datetime, now: datetime) -> None:
    """Make one report for each company of a target's alerts that are out of date after a pause begun at `since`."""
    # A report of several companies would be shown as its first one is, whose class may be another.
    by_company: dict[int | None, list[OutboxRow]] = {}
    for row in await outbox.waiting(tx, workspace_id=workspace_id, target_id=target_id, before=now - OUT_OF_DATE):
        by_company.setdefault(row.company_pk, []).append(row)
    for old in by_company.values():
        facts = {"since": since.isoformat(), "until": now.isoformat(), "reason": "posting", "counts": counted(old)}
        await outbox.merge(tx, old, kind=MessageKind.WAITED, facts=facts, failure="summarised", now=now)
