"""Deleting what is past its retention while the app stays installed. docs/data.md says what and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.each_alone import each_alone
from bot.features.access.model.authorization import Role
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import NO_ADMIN_LEFT
from bot.features.tokens.service.sage_tokens import REFRESH, SageTokens
from storage.cipher import SealBroken
from storage.database import Database
from storage.queries import answer_counts, promises
from storage.queries import personal_data as rows
from storage.queries.access import roles
from storage.queries.alerts import outbox, snoozes
from storage.queries.connections import workspaces
from storage.queries.mirror import open_items
from storage.tables.core import Connection

# Sage shows a receipt again for as long as it is not allocated; what is older than this is no news.
_RECEIPTS = timedelta(days=90)
# Promises, disputes and notes: 24 months after they were closed or written.
_CLOSED = timedelta(days=731)
# What was asked in plain English: counts and presses, and the words where admins keep them.
_COUNTED, _WORDS = timedelta(days=90), timedelta(days=30)
_MOST = 100  # sign-ins and copies in one run; what is left is due at the next

HasLeft = Callable[[str, str], Awaitable[bool]]
"""(workspace id, user id): whether Slack says that this person was deactivated."""

log = structlog.get_logger(__name__)


class DataRetention:
    """Deletes history, copies that nobody needs, and what is left of sign-ins and people that are gone."""

    def __init__(
        self,
        *,
        database: Database,
        sage_tokens: SageTokens,
        audit: AuditLog,
        retention: timedelta,
        history: timedelta,
    ) -> None:
        self._database = database
        self._sage_tokens = sage_tokens
        self._audit = audit
        self._retention = retention
        self._history = history

    async def clear_away(self, *, now: datetime) -> None:
        """Delete everything that is past its retention."""
        async with self._database.transaction() as tx:
            gone = await rows.purge_history(tx, before=now - self._history)
            await open_items.forget_receipts(tx, before=now - _RECEIPTS)
            await snoozes.forget_past(tx, now=now)
            await promises.purge(tx, before=now - _CLOSED)
            await answer_counts.purge(tx, before=now - _COUNTED, words_before=now - _WORDS)
        if any(gone.values()):
            log.info("history was deleted", **gone)
        await self._drop_copies(now=now)
        await self._erase_dead_sign_ins(now=now)

    async def _drop_copies(self, *, now: datetime) -> None:
        before = now - self._retention
        async with self._database.reading() as tx:
            found = await rows.unneeded_copies(tx, before=before, limit=_MOST)
        await each_alone(found, self._drop_copy, task="delete a copy", ids=lambda each: {"workspace": each[0]})

    async def _drop_copy(self, which: tuple[str, int]) -> None:
        workspace_id, company_pk = which
        async with self._database.transaction() as tx:
            # Somebody may have begun to need it meanwhile; then it is loaded anew, and tells no old news.
            count = await rows.drop_copy(tx, workspace_id=workspace_id, company_pk=company_pk)
        log.info("a copy that nobody needs was deleted", workspace=workspace_id, customers=count)

    async def _erase_dead_sign_ins(self, *, now: datetime) -> None:
        async with self._database.reading() as tx:
            found = await rows.dead_sign_ins(tx, before=now - self._retention, limit=_MOST)

        async def erase(row: Connection) -> None:
            async with self._database.transaction() as tx:
                if not await rows.erase_tokens(tx, row):
                    return
                line = AuditLine(now, row.user_id, "sign-in erased", "own Sage sign-in", row.state, "tokens erased")
                await self._audit.record(tx, line, workspace_id=row.workspace_id)
            await self._revoke(row)

        await each_alone(found, erase, task="erase a dead sign-in", ids=lambda row: {"workspace": row.workspace_id})

    async def _revoke(self, row: Connection) -> None:
        whose = {"workspace_id": row.workspace_id, "user_id": row.user_id}
        try:
            token = self._sage_tokens.open(row.refresh_token_sealed, REFRESH, **whose)
        except SealBroken:
            return
        await self._sage_tokens.revoke(token, subject_hash=row.subject_hash, **whose, but=row.id)

    async def withdraw_left(self, has_left: HasLeft, *, now: datetime) -> int:
        """Take roles and own customers from people whom Slack has deactivated. Return from how many.

        The last admin of the app keeps the role, so that the app is claimed, not founded anew; everybody with a role is
        told, once.
        """
        async with self._database.reading() as tx:
            people = await rows.with_a_role(tx)

        async def withdraw(who: tuple[str, str]) -> bool:
            return await has_left(*who) and await self._withdraw(*who, now=now)

        done = await each_alone(
            people, withdraw, task="withdraw a role of one who left", ids=lambda who: {"workspace": who[0]}
        )
        return sum(done)

    async def _withdraw(self, workspace_id: str, user_id: str, *, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=workspace_id)
            if await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN) == [user_id]:
                await self._tell_of_last_admin(tx, workspace_id, user_id, now=now)
                return False
            role = await rows.withdraw(tx, workspace_id=workspace_id, user_id=user_id)
            line = AuditLine(now, "", "change role", user_id, role or "none", "none: deactivated in Slack")
            await self._audit.record(tx, line, workspace_id=workspace_id)
        return True

    async def _tell_of_last_admin(self, tx: AsyncSession, workspace_id: str, user_id: str, *, now: datetime) -> None:
        """Tell everybody with a role, and the installer, that the app may be claimed."""
        workspace = await workspaces.by_id(tx, workspace_id)
        installer = workspace.installed_by if workspace is not None else ""
        for each in dict.fromkeys([installer, *await roles.people(tx, workspace_id=workspace_id)]):
            if each and each != user_id:
                await outbox.add_notice(
                    tx,
                    workspace_id=workspace_id,
                    user_id=each,
                    kind=NO_ADMIN_LEFT,
                    facts={"who": user_id},
                    dedupe_key=f"{NO_ADMIN_LEFT}:{user_id}:{each}",
                    now=now,
                    company_pk=None,
                )
