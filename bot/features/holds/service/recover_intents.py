"""Deeds whose process died, or lost sight of Sage, before anybody knew what came of them: the mirror knows later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.holds.model import Outcome
from storage import hold_intents as rows
from storage import mirror_state as ledgers
from storage import mirrored_customers as mirror
from storage.database import Database
from storage.tables.holds import HoldIntent

_AT_WORK = timedelta(minutes=3)
_GIVEN_UP = timedelta(days=1)
_KEPT = timedelta(days=7)


class IntentRecovery:
    """Looked after by the timetable."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def settle(self, *, now: datetime, most: int = 100) -> int:
        """Say of each what came of it, as soon as the mirror has been read since. Returns how many were settled."""
        async with self._database.reading() as tx:
            left = await rows.uncompleted(tx, before=now - _AT_WORK, limit=most)
        settled = 0
        for row in left:
            async with self._database.transaction() as tx:
                found = await _found(tx, row, now=now)
                if found is None:
                    continue
                outcome, after = found
                if await rows.complete(tx, workspace_id=row.workspace_id, deed_id=row.id, outcome=outcome, now=now):
                    settled += 1
                    action = f"{'hold' if row.on_hold else 'release'} ({outcome}, as seen later)"
                    line = AuditLine(now, row.user_id, action, f"{row.reference}: {row.reason}", "", after)
                    await self._audit.record(tx, line, workspace_id=row.workspace_id)
        async with self._database.transaction() as tx:
            await rows.purge(tx, before=now - _KEPT)
        return settled


async def _found(tx: AsyncSession, row: HoldIntent, *, now: datetime) -> tuple[Outcome, str] | None:
    books: dict[str, Any] = {"workspace_id": row.workspace_id, "company_pk": row.company_pk}
    ledger = await ledgers.of_company(tx, **books)
    if ledger is not None and ledger.synced_at is not None and ledger.synced_at > row.began_at + _AT_WORK:
        kept = (await mirror.with_ids(tx, **books, ids=[row.customer_id])).get(row.customer_id)
        if kept is not None:
            after = "on hold" if kept["on_hold"] else "not on hold"
            # The mirror put a change down to it: it was done, whatever was done since.
            is_done = row.attributed_at is not None or (kept["on_hold"], kept["status_reason"]) == (
                row.on_hold,
                row.reason,
            )
            return (Outcome.DONE if is_done else Outcome.NOT_DONE), after
    return (Outcome.UNKNOWN, "not known") if row.began_at < now - _GIVEN_UP else None
