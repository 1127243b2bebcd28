"""The workspace connection: pausing it when its owner leaves, and warning before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import storage.queries.connections.connections as rows
from bot.coordination.each_alone import each_alone
from bot.domain.oauth_tokens import refresh_ends, warning_due
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.tokens.service import sign_in_notices
from storage.database import Database
from storage.queries.connections import workspaces
from storage.tables.core import CONNECTED, PAUSED, Connection

LEFT = "its owner's Slack account was deactivated"
_FIRST_WARNING = timedelta(days=14)
_PAGE = 500


@dataclass(frozen=True, slots=True)
class SignInLifetime:
    """How long Sage lets a sign-in be refreshed (at most 90 days), and whether a refresh extends it, if known."""

    life: timedelta
    sliding: bool | None = None

    def end_of(self, row: Connection) -> datetime:
        """Return when this sign-in ends, as far as it can be known."""
        return refresh_ends(row.connected_at, row.refreshed_at, life=self.life, sliding=self.sliding)


class WorkspaceConnections:
    """Manages the owners of workspace connections."""

    def __init__(self, *, database: Database, life: SignInLifetime, audit: AuditLog) -> None:
        self._audit = audit
        self._database = database
        self._life = life

    async def owner_left(self, *, workspace_id: str, user_id: str, now: datetime) -> bool:
        """Pause the sign-in of a user whom Slack deactivated. Returns False if it was not in use."""
        async with self._database.transaction() as tx:
            row = await rows.pause(tx, workspace_id=workspace_id, user_id=user_id, reason=LEFT, now=now)
            if row is not None:
                await sign_in_notices.owner_left(tx, row, now=now)
                line = AuditLine(now, user_id, "sign-in paused", "own Sage sign-in", "connected", f"paused: {LEFT}")
                await self._audit.record(tx, line, workspace_id=workspace_id)
        return row is not None

    async def owner_back(self, *, workspace_id: str, user_id: str, now: datetime) -> bool:
        """Resume the sign-in of a user whom Slack activated again. Returns False if none was paused."""
        async with self._database.transaction() as tx:
            row = await rows.resume(tx, workspace_id=workspace_id, user_id=user_id, now=now)
            if row is not None:
                line = AuditLine(now, user_id, "sign-in recovered", "own Sage sign-in", "paused", "connected")
                await sign_in_notices.channels_back(tx, row, now=now)
                await self._audit.record(tx, line, workspace_id=workspace_id)
        return row is not None

    async def is_paused(self, *, workspace_id: str, user_id: str) -> bool | None:
        """Return whether the user's sign-in is paused; None if they have none that a pause would change."""
        async with self._database.reading() as tx:
            row = await rows.of_user(tx, workspace_id=workspace_id, user_id=user_id)
        return row.state == PAUSED if row is not None and row.state in {CONNECTED, PAUSED} else None

    async def owners(self, *, most: int = 10_000) -> list[tuple[str, str]]:
        """Return (workspace id, user id) of every owner of a workspace connection."""
        async with self._database.reading() as tx:
            return await workspaces.owners(tx, limit=most)

    async def warn_ending(self, *, now: datetime) -> int:
        """Warn owners 14, 7 and 1 days before a sign-in ends, once each. Returns how many were warned."""
        warned, last = 0, ""
        before = now - self._life.life + _FIRST_WARNING
        while True:
            async with self._database.reading() as tx:
                page = await rows.living(tx, connected_before=before, after=last, limit=_PAGE)
            warned += sum(
                await each_alone(
                    page,
                    lambda row: self._warn(row, now=now),
                    task="warn of an ending sign-in",
                    ids=lambda row: {"workspace": row.workspace_id, "connection": row.id},
                )
            )
            if len(page) < _PAGE:
                return warned
            last = page[-1].id

    async def _warn(self, row: Connection, *, now: datetime) -> bool:
        ends_at = self._life.end_of(row)
        days = warning_due(ends_at, now=now)
        if days is None:
            return False
        async with self._database.transaction() as tx:
            return await sign_in_notices.sign_in_ending(tx, row, ends_at=ends_at, days=days, now=now)
