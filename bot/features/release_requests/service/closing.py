"""Closing of a release request: its decision, notices and audit entry in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.release_requests.model import Answer, State
from bot.features.release_requests.service import notifications
from bot.features.release_requests.service.notifications import company_name_of, request_of, too_late, what
from storage.database import Database
from storage.queries import release_requests as rows
from storage.tables.holds import ReleaseRequestRow

_ACTIONS = {
    State.APPROVED: "approve a release",
    State.DECLINED: "decline a release",
    State.WITHDRAWN: "withdraw a request",
    State.EXPIRED: "let a request lapse",
}


class Closing:
    """Closes each request once, also under concurrent decisions."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def close(
        self, row: ReleaseRequestRow, state: State, *, by: str, decision: str, now: datetime, claimed: bool = False
    ) -> Answer:
        """Close the request. `claimed`: only the user who claimed it may. `is_news` is False if another was first."""
        async with self._database.transaction() as tx:
            which: dict[str, Any] = {"workspace_id": row.workspace_id, "number": row.number}
            if not await rows.close(tx, **which, state=state, by=by, decision=decision, now=now, claimed=claimed):
                return await too_late(tx, row)
            request = request_of(row, await company_name_of(tx, row))
            request = replace(request, state=state, decided_by=by, decision=decision)
            await notifications.decided(tx, row, request, now=now)
            record = AuditLine(now, by, _ACTIONS[state], what(request), "open", f"{state}: {decision}".rstrip(": "))
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True)
