"""Custody of people's Sage tokens: sealed, renewed ahead of time, and never ended by our own hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.connections as rows
from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import BotError, NotConnected, ReconnectNeeded
from bot.features.tokens.service import sign_in_notices as telling
from bot.features.tokens.service.refresher import Refresher
from bot.features.tokens.service.token_pair import StoredTokens, TokenPair
from bot.sage.auth import SageId
from storage import token_refresh as refreshes
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.tables.core import CONNECTED, DISCONNECTED, Connection

ACCESS, REFRESH = "connections.access_token", "connections.refresh_token"
ENDED = "Sage ID no longer accepts the sign-in"
LOST = "Sage ID's answer to a renewal was lost on its way, and it no longer accepts the token from before"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SealedPair:
    """An access and a refresh token as they are stored."""

    access_token_sealed: SealedText
    refresh_token_sealed: SealedText


class SageTokens:
    """Hands out access tokens, each person's own, and decides when Sage ID may be told to forget one."""

    def __init__(self, *, database: Database, cipher: Cipher, sage_id: SageId, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.sage_id = sage_id
        self._cipher = cipher
        self._clock = clock
        self._renewals = Refresher(database=database, clock=clock)

    def seal(self, tokens: OAuthTokens, *, workspace_id: str, user_id: str) -> SealedPair:
        """Seal a pair for the person's row."""

        def sealed(text: str, column: str) -> SealedText:
            return self._cipher.seal(text, workspace_id=workspace_id, column=column, owner=user_id)

        return SealedPair(sealed(tokens.access, ACCESS), sealed(tokens.refresh, REFRESH))

    def open(self, sealed: str | None, column: str, *, workspace_id: str, user_id: str) -> str:
        """Open one token of the person's row. Raises storage.cipher.SealBroken."""
        return self._cipher.open(SealedText(sealed or ""), workspace_id=workspace_id, column=column, owner=user_id)

    def tokens_of(self, connection: Connection) -> ConnectionTokens:
        """The TokenSource that a SageClient asks."""
        return ConnectionTokens(self, workspace_id=connection.workspace_id, connection_id=connection.id)

    async def access_token(
        self, *, workspace_id: str, connection_id: str, refused: str | None = None, margin: timedelta | None = None
    ) -> str:
        """A token that Sage 200 should take, other than the one it just refused.

        Raises NotConnected, ReconnectNeeded, TokensUnavailable (SageIdUnavailable) or ClientRefused.
        """
        grant = SageTokenPair(self, workspace_id, connection_id)
        return await self._renewals.token(grant, refused=refused, **({} if margin is None else {"margin": margin}))

    async def due(self, *, most: int) -> list[tuple[str, str, int]]:
        """(workspace id, connection id, version) of what is to be renewed now, the longest due first."""
        async with self.database.reading() as tx:
            return await refreshes.due_connections(tx, now=self._clock(), limit=most)

    async def renew(self, *, workspace_id: str, connection_id: str, version: int) -> bool:
        """Renew ahead of time, unless somebody has renewed that version already. False: it was put off or has ended."""
        try:
            await self._renewals.renew(SageTokenPair(self, workspace_id, connection_id), version=version)
        except BotError as error:
            log.warning("renewal failed", connection=connection_id, why=type(error).__name__)
            return False
        return True

    async def settled(self) -> None:
        """Wait for renewals under way; each ends within its lease."""
        await self._renewals.settled()

    async def revoke(
        self, refresh_token: str, *, subject_hash: str | None, workspace_id: str, user_id: str, but: str = ""
    ) -> bool:
        """Ask Sage ID to forget a token that is out of use (best effort), unless that could end another sign-in.

        Auth0, which Sage ID is built on, may end everything of the same person and app when one token is revoked
        (auth0.com, "Revoke Refresh Tokens": Refresh Token Revocation Deletes Grant). `but` is the row at hand.
        """
        async with self.database.reading() as tx:
            shared = await rows.shares_sage_id(
                tx, subject_hash=subject_hash, workspace_id=workspace_id, user_id=user_id, but=but
            )
        if shared:
            log.info("not revoked: another sign-in hangs on the same Sage ID", workspace=workspace_id)
            return False
        return await self.sage_id.revoke(refresh_token)


class SageTokenPair(TokenPair):
    """One person's Sage sign-in."""

    over = ReconnectNeeded

    def __init__(self, sage_tokens: SageTokens, workspace_id: str, connection_id: str) -> None:
        self.place = refreshes.of_connection(workspace_id, connection_id)
        self.key = connection_id
        self._custody = sage_tokens
        self._named = {"workspace_id": workspace_id, "connection_id": connection_id}
        self._row: Connection | None = None

    async def read(self, tx: AsyncSession) -> StoredTokens:
        """Raises NotConnected or ReconnectNeeded."""
        row = self._row = await rows.by_id(tx, **self._named)
        if row is None or row.state == DISCONNECTED:
            raise NotConnected
        if row.state != CONNECTED:
            raise ReconnectNeeded
        whose = {"workspace_id": row.workspace_id, "user_id": row.user_id}
        return StoredTokens(
            access=self._custody.open(row.access_token_sealed, ACCESS, **whose),
            refresh=self._custody.open(row.refresh_token_sealed, REFRESH, **whose),
            expires_at=row.access_expires_at,
            version=row.token_version,
            failures=row.failures,
            began_at=row.refresh_began_at,
        )

    async def exchange(self, refresh: str) -> OAuthTokens:
        """One POST to Sage ID."""
        return await self._custody.sage_id.renew(refresh)

    def stored(self, tokens: OAuthTokens, *, now: datetime) -> dict[str, Any]:
        """Sealed for the person's row; whatever trouble there was is over."""
        row = self._known()
        pair = self._custody.seal(tokens, workspace_id=row.workspace_id, user_id=row.user_id)
        return {
            "access_token_sealed": pair.access_token_sealed,
            "refresh_token_sealed": pair.refresh_token_sealed,
            "access_expires_at": now + timedelta(seconds=tokens.expires_in),
            "refreshed_at": now,
            "trouble": None,
            "trouble_since": None,
        }

    def troubled(self, trouble: str, *, now: datetime) -> dict[str, Any]:
        """Still connected, and since when it has not been renewable."""
        since = self._row.trouble_since if self._row is not None else None
        return {"trouble": trouble, "trouble_since": since or now}

    async def end(self, tx: AsyncSession, holding: StoredTokens, *, lost: bool, now: datetime) -> None:
        """Only its owner can sign in again, so they are told: once, in the transaction that marks the end."""
        row, reason = self._known(), LOST if lost else ENDED
        first = await rows.mark_reconnect_needed(
            tx, **self._named, expected_version=holding.version, reason=reason, now=now
        )
        if first:
            await telling.sign_in_ended(tx, row, reason=reason, now=now)

    async def orphaned(self, tokens: OAuthTokens) -> None:
        """Forgotten at Sage ID too, if nothing else hangs on it."""
        row = self._known()
        await self._custody.revoke(
            tokens.refresh, subject_hash=row.subject_hash, workspace_id=row.workspace_id, user_id=row.user_id
        )

    def _known(self) -> Connection:
        assert self._row is not None  # noqa: S101 - a holding was read from it
        return self._row


class ConnectionTokens:
    """One connection's tokens, as `bot.sage.auth.TokenSource`."""

    def __init__(self, sage_tokens: SageTokens, *, workspace_id: str, connection_id: str) -> None:
        self._custody = sage_tokens
        self._workspace_id = workspace_id
        self._connection_id = connection_id

    async def current(self) -> str:
        """A token believed good."""
        return await self._custody.access_token(workspace_id=self._workspace_id, connection_id=self._connection_id)

    async def renewed(self, refused: str) -> str:
        """A token other than the one Sage refused."""
        return await self._custody.access_token(
            workspace_id=self._workspace_id, connection_id=self._connection_id, refused=refused
        )


def subject_hash(tokens: OAuthTokens) -> str | None:
    """How two sign-ins of one Sage ID are known to be the same person's, without keeping who it is."""
    return hashlib.sha256(b"sage id\0" + tokens.subject.encode()).hexdigest() if tokens.subject else None
