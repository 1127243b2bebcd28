"""Sage token pairs of the connected users: encrypted, refreshed ahead of time, revoked only when safe."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.connections.connections as rows
from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import BotError, NotConnected, ReconnectNeeded, SignInSealed
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.tokens.service import sign_in_notices
from bot.features.tokens.service.refresher import STALE, Refresher
from bot.features.tokens.service.token_pair import StoredTokens, TokenPair
from bot.sage.auth import SageId
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.queries.connections import token_refresh
from storage.tables.core import CONNECTED, DISCONNECTED, Connection

ACCESS, REFRESH = "connections.access_token", "connections.refresh_token"
ENDED = "Sage ID no longer accepts the sign-in"
LOST = "Sage ID's answer to a renewal was lost on its way, and it no longer accepts the token from before"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SealedPair:
    """An encrypted access and refresh token, as stored."""

    access_token_sealed: SealedText
    refresh_token_sealed: SealedText


@dataclass(frozen=True, slots=True)
class StoredAccess:
    """A connection's encrypted access token, its owner's user id, and when the token expires."""

    owner: str
    sealed: str | None = field(repr=False)
    expires_at: datetime


class SageTokens:
    """The source of users' Sage access tokens; decides when a token may be revoked at Sage ID."""

    def __init__(
        self,
        *,
        database: Database,
        cipher: Cipher,
        sage_id: SageId,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self.database = database
        self.audit = audit
        self.sage_id = sage_id
        self._cipher = cipher
        self._clock = clock
        self._refresher = Refresher(database=database, clock=clock)

    def seal(self, tokens: OAuthTokens, *, workspace_id: str, user_id: str) -> SealedPair:
        """Encrypt a pair for the user's row."""

        def sealed(text: str, column: str) -> SealedText:
            return self._cipher.seal(text, workspace_id=workspace_id, column=column, owner=user_id)

        return SealedPair(sealed(tokens.access, ACCESS), sealed(tokens.refresh, REFRESH))

    def open(self, sealed: str | None, column: str, *, workspace_id: str, user_id: str) -> str:
        """Decrypt one token of the user's row. Raises storage.cipher.SealBroken."""
        return self._cipher.open(SealedText(sealed or ""), workspace_id=workspace_id, column=column, owner=user_id)

    def tokens_of(self, connection: Connection) -> ConnectionTokens:
        """Return the TokenSource that a SageClient asks."""
        stored = StoredAccess(connection.user_id, connection.access_token_sealed, connection.access_expires_at)
        return self.tokens(workspace_id=connection.workspace_id, connection_id=connection.id, stored=stored)

    def tokens(self, *, workspace_id: str, connection_id: str, stored: StoredAccess) -> ConnectionTokens:
        """Return the TokenSource of a connection whose access token has just been read."""
        return ConnectionTokens(self, workspace_id=workspace_id, connection_id=connection_id, stored=stored)

    def still_good(self, stored: StoredAccess, *, workspace_id: str) -> str | None:
        """Decrypt a stored access token. Return None for one that must be refreshed or can't be decrypted."""
        if stored.expires_at <= self._clock() + STALE:
            return None
        try:
            return self.open(stored.sealed, ACCESS, workspace_id=workspace_id, user_id=stored.owner)
        except SealBroken:
            return None

    async def access_token(
        self, *, workspace_id: str, connection_id: str, refused: str | None = None, margin: timedelta | None = None
    ) -> str:
        """Return an access token other than `refused`, refreshed if need be.

        Raises NotConnected, ReconnectNeeded, TokensUnavailable (SageIdUnavailable) or ClientRefused (SignInSealed).
        """
        pair = SageTokenPair(self, workspace_id, connection_id)
        try:
            return await self._refresher.token(pair, refused=refused, **({} if margin is None else {"margin": margin}))
        except SealBroken:
            # The operator's mistake, not the end of a sign-in: it serves again once the key is back.
            log.error("a sign-in can't be opened with ENCRYPTION_KEYS", connection=connection_id)  # noqa: TRY400
            raise SignInSealed from None

    async def due(self, *, most: int) -> list[tuple[str, str, int]]:
        """Return (workspace id, connection id, version) of the pairs due for a refresh, the longest due first."""
        async with self.database.reading() as tx:
            return await token_refresh.due_connections(tx, now=self._clock(), limit=most)

    async def refresh(self, *, workspace_id: str, connection_id: str, version: int) -> bool:
        """Refresh the pair of this version ahead of time. Return False if it was put off or has ended."""
        try:
            await self._refresher.refresh(SageTokenPair(self, workspace_id, connection_id), version=version)
        except BotError as error:
            log.warning("refresh failed", connection=connection_id, why=type(error).__name__)
            return False
        return True

    async def settled(self) -> None:
        """Wait for the refreshes under way; each ends within its lease."""
        await self._refresher.settled()

    async def revoke(
        self, refresh_token: str, *, subject_hash: str | None, workspace_id: str, user_id: str, but: str = ""
    ) -> bool:
        """Revoke an unused token at Sage ID (best effort), unless that could end another sign-in.

        `but` is the id of the row at hand. Return whether the token was revoked.
        """
        async with self.database.reading() as tx:
            # Auth0, which Sage ID is built on, may end every grant of the user and app when one token is revoked
            # (auth0.com, "Revoke Refresh Tokens": Refresh Token Revocation Deletes Grant).
            shared = await rows.shares_sage_id(
                tx, subject_hash=subject_hash, workspace_id=workspace_id, user_id=user_id, but=but
            )
        if shared:
            log.info("not revoked: another sign-in hangs on the same Sage ID", workspace=workspace_id)
            return False
        return await self.sage_id.revoke(refresh_token)


class SageTokenPair(TokenPair):
    """One user's Sage token pair."""

    service = "sage"
    ended_error = ReconnectNeeded

    def __init__(self, sage_tokens: SageTokens, workspace_id: str, connection_id: str) -> None:
        self.token_row = token_refresh.of_connection(workspace_id, connection_id)
        self.key = connection_id
        self._sage_tokens = sage_tokens
        self._named = {"workspace_id": workspace_id, "connection_id": connection_id}
        self._row: Connection | None = None

    async def read(self, tx: AsyncSession) -> StoredTokens:
        """Read the stored pair. Raises NotConnected or ReconnectNeeded."""
        row = self._row = await rows.by_id(tx, **self._named)
        if row is None or row.state == DISCONNECTED:
            raise NotConnected
        if row.state != CONNECTED:
            raise ReconnectNeeded
        whose = {"workspace_id": row.workspace_id, "user_id": row.user_id}
        return StoredTokens(
            access=self._sage_tokens.open(row.access_token_sealed, ACCESS, **whose),
            refresh=self._sage_tokens.open(row.refresh_token_sealed, REFRESH, **whose),
            expires_at=row.access_expires_at,
            version=row.token_version,
            failures=row.failures,
            began_at=row.refresh_began_at,
        )

    async def refresh(self, refresh_token: str) -> OAuthTokens:
        """Send one refresh request to Sage ID."""
        return await self._sage_tokens.sage_id.refresh(refresh_token)

    def stored(self, tokens: OAuthTokens, *, now: datetime) -> dict[str, Any]:
        """Return the new pair, encrypted, as columns of the connection's row; earlier trouble is cleared."""
        row = self._known()
        pair = self._sage_tokens.seal(tokens, workspace_id=row.workspace_id, user_id=row.user_id)
        return {
            "access_token_sealed": pair.access_token_sealed,
            "refresh_token_sealed": pair.refresh_token_sealed,
            "access_expires_at": now + timedelta(seconds=tokens.expires_in),
            "refreshed_at": now,
            "trouble": None,
            "trouble_since": None,
        }

    def trouble_columns(self, trouble: str, *, now: datetime) -> dict[str, Any]:
        """Return the trouble and since when, as columns; the connection stays connected."""
        since = self._row.trouble_since if self._row is not None else None
        return {"trouble": trouble, "trouble_since": since or now}

    async def end(self, tx: AsyncSession, stored_tokens: StoredTokens, *, lost: bool, now: datetime) -> None:
        """Mark the sign-in as ended, and write its notices once, in the same transaction."""
        row, reason = self._known(), LOST if lost else ENDED
        first = await rows.mark_reconnect_needed(
            tx, **self._named, expected_version=stored_tokens.version, reason=reason, now=now
        )
        if first:
            await sign_in_notices.sign_in_ended(tx, row, reason=reason, now=now)
            line = AuditLine(now, row.user_id, "sign-in ended", "own Sage sign-in", "connected", reason)
            await self._sage_tokens.audit.record(tx, line, workspace_id=row.workspace_id)

    async def orphaned(self, tokens: OAuthTokens) -> None:
        """Revoke the pair at Sage ID, if no other sign-in depends on it."""
        row = self._known()
        await self._sage_tokens.revoke(
            tokens.refresh, subject_hash=row.subject_hash, workspace_id=row.workspace_id, user_id=row.user_id
        )

    def _known(self) -> Connection:
        assert self._row is not None  # noqa: S101 - tokens were read from it
        return self._row


class ConnectionTokens:
    """One connection's tokens, an implementation of `bot.sage.auth.TokenSource`."""

    def __init__(self, sage_tokens: SageTokens, *, workspace_id: str, connection_id: str, stored: StoredAccess) -> None:
        self._sage_tokens = sage_tokens
        self._workspace_id = workspace_id
        self._connection_id = connection_id
        self._stored = stored

    async def current(self) -> str:
        """Return the access token read with the connection while it is good, else a refreshed one."""
        known = self._sage_tokens.still_good(self._stored, workspace_id=self._workspace_id)
        if known is not None:
            return known
        return await self._sage_tokens.access_token(workspace_id=self._workspace_id, connection_id=self._connection_id)

    async def refreshed(self, refused: str) -> str:
        """Return an access token other than the one that Sage refused."""
        return await self._sage_tokens.access_token(
            workspace_id=self._workspace_id, connection_id=self._connection_id, refused=refused
        )


def subject_hash(tokens: OAuthTokens) -> str | None:
    """Return a hash that is equal for two sign-ins of one Sage ID, without storing the id; None if unknown."""
    return hashlib.sha256(b"sage id\0" + tokens.subject.encode()).hexdigest() if tokens.subject else None
