"""Slack bot tokens of the workspaces, refreshed single-flight where Slack's token rotation is on."""

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
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.queries.connections import token_refresh, workspaces
from storage.tables.core import Workspace

TOKEN, REFRESH = "workspaces.bot_token", "workspaces.bot_refresh_token"
# Slack's tokens live twelve hours; one that is about to end must last for the answer it is used for.
_MARGIN = timedelta(minutes=5)

Rotate = Callable[[str], Awaitable[OAuthTokens]]

log = structlog.get_logger(__name__)


class BotTokens:
    """The source of bot tokens. `rotate` refreshes a pair at Slack and raises what `TokenPair.refresh` raises."""

    def __init__(self, *, database: Database, cipher: Cipher, rotate: Rotate, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._refresher = Refresher(database=database, clock=clock)
        self.cipher = cipher
        self.rotate = rotate

    async def fresh(self, row: Workspace) -> str:
        """Return the workspace's bot token, refreshed if about to expire. Raises NotInstalled or TokensUnavailable."""
        if row.bot_refresh_token_sealed is None:
            return self.open(row.bot_token_sealed, TOKEN, workspace_id=row.id)
        return await self._refresher.token(SlackTokenPair(self, row.id), margin=_MARGIN)

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """Return (workspace id, version) of the token pairs that are due for a refresh."""
        async with self._database.reading() as tx:
            return await token_refresh.due_workspaces(tx, now=self._clock(), limit=most)

    async def refresh(self, *, workspace_id: str, version: int) -> bool:
        """Refresh the pair of this version ahead of time. Return False if it was put off or has ended."""
        try:
            # A workspace that only gets alerts would otherwise never refresh its token.
            await self._refresher.refresh(SlackTokenPair(self, workspace_id), version=version)
        except BotError as error:
            log.warning("bot token not rotated", workspace=workspace_id, why=type(error).__name__)
            return False
        return True

    async def settled(self) -> None:
        """Wait for the refreshes under way."""
        await self._refresher.settled()

    def open(self, sealed: str | None, column: str, *, workspace_id: str) -> str:
        """Decrypt one token of a workspace's row. Raises storage.cipher.SealBroken."""
        return self.cipher.open(SealedText(sealed or ""), workspace_id=workspace_id, column=column)


class SlackTokenPair(TokenPair):
    """One workspace's Slack token pair."""

    service = "slack"
    ended_error = NotInstalled

    def __init__(self, tokens: BotTokens, workspace_id: str) -> None:
        self.token_row = token_refresh.of_workspace(workspace_id)
        self.key = workspace_id
        self._tokens = tokens

    async def read(self, tx: AsyncSession) -> StoredTokens:
        """Read the stored pair. Raises NotInstalled."""
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

    async def refresh(self, refresh_token: str) -> OAuthTokens:
        """Send one `oauth.v2.access` with the refresh token."""
        return await self._tokens.rotate(refresh_token)

    def stored(self, tokens: OAuthTokens, *, now: datetime) -> dict[str, Any]:
        """Return the new pair, encrypted, as columns of the workspace's row."""
        seal = self._tokens.cipher.seal
        return {
            "bot_token_sealed": seal(tokens.access, workspace_id=self.key, column=TOKEN),
            "bot_refresh_token_sealed": seal(tokens.refresh, workspace_id=self.key, column=REFRESH),
            "bot_token_expires_at": now + timedelta(seconds=tokens.expires_in),
        }

    def trouble_columns(self, trouble: str, *, now: datetime) -> dict[str, Any]:
        """Return no columns: a workspace's trouble is only logged."""
        return {}

    async def end(self, tx: AsyncSession, stored_tokens: StoredTokens, *, lost: bool, now: datetime) -> None:
        """Forget the refresh token and log an error for the operator."""
        # Only a new installation helps, and no token is left to message anybody in the workspace.
        log.error(
            "Slack no longer accepts a bot token: install the app again", workspace=self.key, answer_was_lost=lost
        )
        await workspaces.forget_rotation(tx, workspace_id=self.key, expected_version=stored_tokens.version)

    async def orphaned(self, tokens: OAuthTokens) -> None:
        """Do nothing: after an uninstall or reinstall Slack has ended this pair already."""
