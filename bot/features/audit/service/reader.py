"""Reading the audit log, and auditing that a list was exported as a file."""

from __future__ import annotations

import asyncio

from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import AuditRow
from bot.features.audit.model.query import AuditQuery, Format, parse_audit_query
from bot.features.audit.service.heads import audit_row
from bot.features.audit.service.log import AuditLog
from storage.database import Database
from storage.queries import audit as rows

_PAGE = 250  # rows between two yields to the event loop
MOST_READ = 5_000


class AuditReader:
    """Reads the audit log: all of it for admins, their own actions for controllers."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._audit = audit
        self._database = database

    async def read(self, session: Session, text: str) -> list[AuditRow]:
        """Return the rows asked for, latest first, at most 5,000. Raises NotAllowed or BadQuestion."""
        return (await self.ask(session, text))[0]

    async def ask(self, session: Session, text: str) -> tuple[list[AuditRow], Format]:
        """Return the rows asked for, latest first, at most 5,000, and in which form. Raises as `read`."""
        sees_all = session.decide(Action.AUDIT_ALL).allowed
        if not sees_all:
            session.require(Action.AUDIT_OWN)
        query, form = parse_audit_query(text, now=session.now, zone=session.policy.zone, me=session.user_id)
        if not sees_all and query.who not in {None, session.user_id}:
            session.require(Action.AUDIT_ALL)
        return await self._read(session.workspace_id, query, None if sees_all else session.user_id), form

    async def _read(self, workspace_id: str, query: AuditQuery, own: str | None) -> list[AuditRow]:
        wanted = rows.Wanted(own or query.who, query.since, query.until, query.chain)
        found: list[AuditRow] = []
        last: rows.Place | None = None
        async with self._database.reading() as tx:
            while len(found) < MOST_READ:
                page = await rows.latest(tx, workspace_id=workspace_id, wanted=wanted, before=last, limit=_PAGE)
                found += [row for row in map(audit_row, page) if query.fits(row)]
                if len(page) < _PAGE:
                    break
                last = rows.place(page[-1])
                await asyncio.sleep(0)
        return found[:MOST_READ]

    async def record_export(self, session: Session, what: str, contents: str) -> None:
        """Audit that the asker exports a list as a file. Call before sending, so that no file leaves unrecorded."""
        async with self._database.transaction() as tx:
            await self._audit.did(tx, session, "export a list", what, ("", contents))
