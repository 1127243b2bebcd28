"""Custody of workspaces' Slack tokens, where Slack's token rotation is on: the same single flight as for Sage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import BotError, NotInstalled
from bot.features.tokens.service.refresher import Refresher
from bot.features.tokens.service.token_pair import StoredTokens, TokenPair
from storage import token_refresh as refreshes
from storage import workspaces
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.tables.core import Workspace

TOKEN, REFRESH = "workspaces.bot_token", "workspaces.bot_refresh_token"
# Slack's tokens live twelve hours; one that is about to end must last for the answer it is used for.
_MARGIN = timedelta(minutes=5)

Rotate = Callable[[str], Awaitable[OAuthTokens]]

log = structlog.get_logger(__name__)


class BotTokens:
    """Hands out bot tokens. `rotate` trades a refresh token at Slack, and raises as `Grant.exchange` does."""

    def __init__(self, *, database: Database, cipher: Cipher, rotate: Rotate, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._renewals = Refresher(database=database, clock=clock)
        self.cipher = cipher
        self.rotate = rotate

    async def fresh(self, row: Workspace) -> str:
        """The workspace's bot token, rotated first when about to end. Raises NotInstalled or TokensUnavailable."""
        if row.bot_refresh_token_sealed is None:
            return self.open(row.bot_token_sealed, TOKEN, workspace_id=row.id)
        return await self._renewals.token(SlackTokenPair(self, row.id), margin=_MARGIN)

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """(workspace id, version) of what is to be rotated now."""
        async with self._database.reading() as tx:
            return await refreshes.due_workspaces(tx, now=self._clock(), limit=most)

    async def renew(self, *, workspace_id: str, version: int) -> bool:
        """Rotate ahead of time, unless somebody has. A workspace that only gets alerts would never do it otherwise."""
        try:
            await self._renewals.renew(SlackTokenPair(self, workspace_id), version=version)
        except BotError as error:
            log.warning("bot token not rotated", workspace=workspace_id, why=type(error).__name__)
            return False
        return True

    async def settled(self) -> None:
        """Wait for rotations under way."""
        await self._renewals.settled()

    def open(self, sealed: str | None, column: str, *, workspace_id: str) -> str:
        """Raises storage.cipher.SealBroken."""
        return self.cipher.open(SealedText(sealed or ""), workspace_id=workspace_id, column=column)


class SlackTokenPair(TokenPair):
    """One workspace's bot token."""

    over = NotInstalled

    def __init__(self, tokens: BotTokens, workspace_id: str) -> None:
        self.place = refreshes.of_workspace(workspace_id)
        self.key = workspace_id
        self._tokens = tokens

    async def read(self, tx: AsyncSession) -> StoredTokens:
        """Raises NotInstalled."""
        row = await workspaces.by_id(tx, self.key)
        if row is None or row.bot_refresh_token_sealed is None or row.bot_token_expires_at is None:
            raise NotInstalled
        return StoredTokens(
            access=self._tokens.open(row.bot_token_sealed, TOKEN, workspace_id=row.id),
            refresh=self._tokens.open(row.bot_refresh_token_sealed, REFRESH, workspace_id=row.id),
            expires_at=row.bot_token_expires_at,
            version=row.token_version,
            failures=row.failures,
            began_at=row.refresh_began_at,
        )

    async def exchange(self, refresh: str) -> OAuthTokens:
        """One `oauth.v2.access`."""
        return await self._tokens.rotate(refresh)

    def stored(self, tokens: OAuthTokens, *, now: datetime) -> dict[str, Any]:
        """Sealed for the workspace's row."""
        seal = self._tokens.cipher.seal
        return {
            "bot_token_sealed": seal(tokens.access, workspace_id=self.key, column=TOKEN),
            "bot_refresh_token_sealed": seal(tokens.refresh, workspace_id=self.key, column=REFRESH),
            "bot_token_expires_at": now + timedelta(seconds=tokens.expires_in),
        }

    def troubled(self, trouble: str, *, now: datetime) -> dict[str, Any]:
        """Nothing to note on a workspace: the log has it."""
        return {}

    async def end(self, tx: AsyncSession, holding: StoredTokens, *, lost: bool, now: datetime) -> None:
        """Only a new installation mends it, and there is no token left to tell anybody with: the operator is told."""
        log.error(
            "Slack no longer accepts a bot token: install the app again", workspace=self.key, answer_was_lost=lost
        )
        await workspaces.forget_rotation(tx, workspace_id=self.key, expected_version=holding.version)

    async def orphaned(self, tokens: OAuthTokens) -> None:
        """Uninstalled or installed afresh meanwhile: Slack has ended it already, or keeps the newer one alone."""
