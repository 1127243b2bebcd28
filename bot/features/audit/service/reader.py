"""Reading the audit log, and auditing that a list was exported as a file."""

from __future__ import annotations

import asyncio

from bot.domain.folding import same
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import AuditRow, has_words
from bot.features.audit.service.log import AuditLog, audit_row
from storage.database import Database
from storage.queries import audit as rows

_PAGE = 250  # rows between two yields to the event loop
_MOST_WORDS = 20
MOST_READ = 5_000


class AuditReader:
    """Reads the audit log: all of it for admins, their own actions for controllers."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._audit = audit
        self._database = database

    async def read(self, session: Session, words: str) -> list[AuditRow]:
        """Return the rows that contain all these words, latest first, at most 5,000. Raises NotAllowed."""
        sees_all = session.decide(Action.AUDIT_ALL).allowed
        if not sees_all:
            session.require(Action.AUDIT_OWN)
        wanted = tuple(dict.fromkeys(same(words).split()))[:_MOST_WORDS]
        found: list[AuditRow] = []
        last: int | None = None
        async with self._database.reading() as tx:
            while len(found) < MOST_READ:
                page = await rows.latest(
                    tx,
                    workspace_id=session.workspace_id,
                    who=None if sees_all else session.user_id,
                    before=last,
                    limit=_PAGE,
                )
                found += [row for row in map(audit_row, page) if has_words(row.line, wanted)]
                if len(page) < _PAGE:
                    break
                last = page[-1].number
                await asyncio.sleep(0)
        return found[:MOST_READ]

    async def record_export(self, session: Session, what: str, contents: str) -> None:
        """Audit that the asker exports a list as a file. Call before sending, so that no file leaves unrecorded."""
        async with self._database.transaction() as tx:
            await self._audit.did(tx, session, "take out a list", what, ("", contents))
