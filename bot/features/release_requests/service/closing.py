"""Closing of a release request: its decision, notices and audit entry in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.release_requests.model import Answer, ReleaseRequest, RequestKind, State
from bot.features.release_requests.service import notifications
from bot.features.release_requests.service.notifications import company_name_of, request_of, too_late, what
from storage.database import Database
from storage.queries.holds import release_requests as rows
from storage.tables.holds import ReleaseRequestRow

APPROVES = {
    RequestKind.RELEASE: "approve a release",
    RequestKind.LIMIT: "approve a credit limit",
    RequestKind.ORDER: "approve an order",
}
_DECLINES = {
    RequestKind.RELEASE: "decline a release",
    RequestKind.LIMIT: "decline a credit limit",
    RequestKind.ORDER: "decline an order",
}


def _action(request: ReleaseRequest) -> str:
    """Return what was done about the request, as the record has it."""
    return {
        State.APPROVED: APPROVES[request.kind],
        State.DECLINED: _DECLINES[request.kind],
        State.WITHDRAWN: "withdraw a request",
    }.get(request.state, "let a request lapse")


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
            record = AuditLine(now, by, _action(request), what(request), "open", f"{state}: {decision}".rstrip(": "))
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True)
