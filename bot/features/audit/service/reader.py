"""Reading the record, and noting in it what was taken out as a file."""

from __future__ import annotations

from datetime import datetime

from bot.features.access.model.authorization import Action, Asker
from bot.features.access.service.authorizer import Authorizer
from bot.features.audit.model.hash_chain import AuditRow, has_words
from bot.features.audit.service.log import AuditLog, audit_row
from storage import audit as rows
from storage.database import Database

_PAGE = 1_000
MOST_READ = 5_000


class AuditReader:
    """Reading the record: admins all of it, controllers what they did themselves."""

    def __init__(self, *, database: Database, access: Authorizer, audit: AuditLog) -> None:
        self._audit = audit
        self._database = database
        self._access = access

    async def read(self, asker: Asker, words: str) -> list[AuditRow]:
        """The lines in which all these words are, the latest first. Raises NotAllowed."""
        sees_all = (await self._access.decide(asker, Action.AUDIT_ALL)).allowed
        if not sees_all:
            await self._access.require(asker, Action.AUDIT_OWN)
        wanted = words.casefold().split()
        found: list[AuditRow] = []
        last: int | None = None
        async with self._database.reading() as tx:
            while len(found) < MOST_READ:
                page = await rows.latest(
                    tx,
                    workspace_id=asker.workspace_id,
                    who=None if sees_all else asker.user_id,
                    before=last,
                    limit=_PAGE,
                )
                found += [kept for kept in map(audit_row, page) if has_words(kept.line, wanted)]
                if len(page) < _PAGE:
                    break
                last = page[-1].number
        return found[:MOST_READ]

    async def taken_out(self, asker: Asker, what: str, contents: str, *, now: datetime) -> None:
        """Somebody takes a list out of the app. Noted before it is sent, so that none leaves without a line."""
        async with self._database.transaction() as tx:
            await self._audit.did(tx, asker, "take out a list", what, ("", contents), now=now)
