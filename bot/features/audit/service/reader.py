"""Reading the record, and noting in it what was taken out as a file."""

from __future__ import annotations

from datetime import datetime

from bot.features.access.model.authorization import Action, Asker
from bot.features.access.service.authorizer import Access
from bot.features.audit.model.hash_chain import Kept, has_words
from bot.features.audit.service.log import Audit, kept_of
from storage import audit as rows
from storage.database import Database

_PAGE = 1_000
MOST_READ = 5_000


class Records:
    """Reading the record: admins all of it, controllers what they did themselves."""

    def __init__(self, *, database: Database, access: Access, audit: Audit) -> None:
        self._audit = audit
        self._database = database
        self._access = access

    async def read(self, asker: Asker, words: str) -> list[Kept]:
        """The lines in which all these words are, the latest first. Raises NotAllowed."""
        sees_all = (await self._access.decide(asker, Action.AUDIT_ALL)).allowed
        if not sees_all:
            await self._access.require(asker, Action.AUDIT_OWN)
        wanted = words.casefold().split()
        found: list[Kept] = []
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
                found += [kept for kept in map(kept_of, page) if has_words(kept.line, wanted)]
                if len(page) < _PAGE:
                    break
                last = page[-1].number
        return found[:MOST_READ]

    async def taken_out(self, asker: Asker, what: str, contents: str, *, now: datetime) -> None:
        """Somebody takes a list out of the app. Noted before it is sent, so that none leaves without a line."""
        async with self._database.transaction() as tx:
            await self._audit.did(tx, asker, "take out a list", what, ("", contents), now=now)
