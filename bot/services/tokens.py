"""Custody of Sage tokens: who may use them, and renewal that happens once however many ask."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

import storage.connections as rows
from bot.errors import BotError, GrantRefused, NotConnected, ReconnectNeeded, SageIdUnavailable
from bot.sage.auth import TOKEN_TIMEOUT, SageId, Tokens
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.models import Connection

ACCESS, REFRESH = "connections.access_token", "connections.refresh_token"
_STALE = timedelta(seconds=60)
# A lease outlives the token request it covers, so nobody can start a second one beside it.
_LEASE = timedelta(seconds=2 * TOKEN_TIMEOUT + 4)
_LOOK_AGAIN = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SealedPair:
    """An access and a refresh token as they are stored."""

    access_token_sealed: SealedText
    refresh_token_sealed: SealedText


class Custody:
    """Hands out access tokens; renews through a lease on the row so that Sage sees each refresh token once."""

    def __init__(self, *, database: Database, cipher: Cipher, sage_id: SageId, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._cipher = cipher
        self._sage_id = sage_id
        self._clock = clock
        self._renewals: set[asyncio.Task[str]] = set()

    def seal(self, tokens: Tokens, *, workspace_id: str, user_id: str) -> SealedPair:
        """Seal a pair for the person's row."""

        def sealed(text: str, column: str) -> SealedText:
            return self._cipher.seal(text, workspace_id=workspace_id, column=column, owner=user_id)

        return SealedPair(sealed(tokens.access, ACCESS), sealed(tokens.refresh, REFRESH))

    def open(self, sealed: str, column: str, *, workspace_id: str, user_id: str) -> str:
        """Open one token of the person's row. Raises storage.cipher.SealBroken."""
        return self._cipher.open(SealedText(sealed), workspace_id=workspace_id, column=column, owner=user_id)

    def tokens_of(self, connection: Connection) -> ConnectionTokens:
        """The TokenSource that a SageClient asks."""
        return ConnectionTokens(self, workspace_id=connection.workspace_id, connection_id=connection.id)

    async def access_token(
        self, *, workspace_id: str, connection_id: str, refused: str | None = None, margin: timedelta = _STALE
    ) -> str:
        """A token believed good for `margin` and not the one Sage just refused; renewed first if need be.

        Raises NotConnected, ReconnectNeeded, SageIdUnavailable or ClientRefused.
        """
        give_up = self._clock() + _LEASE
        while True:
            connection = await self._read(workspace_id, connection_id)
            access = self._opened(connection, ACCESS)
            if access != refused and connection.access_expires_at > self._clock() + margin:
                return access
            owner = secrets.token_hex(8)
            if await self._lease(connection, owner):
                return await self._to_the_end(self._renew_leased(connection, owner, refused=refused, margin=margin))
            if self._clock() > give_up:
                raise SageIdUnavailable
            await asyncio.sleep(_LOOK_AGAIN)

    async def _to_the_end(self, renewal: Coroutine[Any, Any, str]) -> str:
        """Whoever asked may give up; a renewal once begun is stored, or Sage's new pair would be lost."""
        task = asyncio.create_task(renewal)
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Wait for renewals under way; each ends within its lease."""
        await asyncio.gather(*self._renewals, return_exceptions=True)

    async def _read(self, workspace_id: str, connection_id: str) -> Connection:
        async with self._database.reading() as tx:
            connection = await rows.by_id(tx, workspace_id=workspace_id, connection_id=connection_id)
        if connection is None:
            raise NotConnected
        if connection.state != "connected":
            raise ReconnectNeeded
        return connection

    def _opened(self, connection: Connection, column: str) -> str:
        sealed = connection.access_token_sealed if column == ACCESS else connection.refresh_token_sealed
        return self.open(sealed, column, workspace_id=connection.workspace_id, user_id=connection.user_id)

    async def _lease(self, connection: Connection, owner: str) -> bool:
        now = self._clock()
        async with self._database.transaction() as tx:
            return await rows.lease(
                tx,
                workspace_id=connection.workspace_id,
                connection_id=connection.id,
                owner=owner,
                now=now,
                until=now + _LEASE,
            )

    async def _renew_leased(self, seen: Connection, owner: str, *, refused: str | None, margin: timedelta) -> str:
        """With the lease held: look again, since another may have renewed while we waited for it; else renew."""
        try:
            connection = await self._read(seen.workspace_id, seen.id)
            access = self._opened(connection, ACCESS)
            if access != refused and connection.access_expires_at > self._clock() + margin:
                return access
            return await self._renew(connection, owner, usable=access if access != refused else None)
        finally:
            await self._release(seen, owner)

    async def _renew(self, connection: Connection, owner: str, *, usable: str | None) -> str:
        try:
            tokens = await self._sage_id.renew(self._opened(connection, REFRESH))
        except GrantRefused:
            await self._end(connection)
            raise ReconnectNeeded from None
        except SageIdUnavailable:
            if usable is not None and connection.access_expires_at > self._clock():
                return usable
            raise
        await self._store(connection, owner, tokens)
        return tokens.access

    async def _store(self, connection: Connection, owner: str, tokens: Tokens) -> None:
        """The new pair is ours only once it is stored: it is committed before anybody uses it."""
        pair = self.seal(tokens, workspace_id=connection.workspace_id, user_id=connection.user_id)
        now = self._clock()
        async with self._database.transaction() as tx:
            kept = await rows.store_renewed(
                tx,
                workspace_id=connection.workspace_id,
                connection_id=connection.id,
                owner=owner,
                expected_version=connection.token_version,
                access_token_sealed=pair.access_token_sealed,
                refresh_token_sealed=pair.refresh_token_sealed,
                access_expires_at=now + timedelta(seconds=tokens.expires_in),
                now=now,
            )
        if not kept:
            # Disconnected or signed in afresh while Sage answered: the new pair belongs to nobody any more.
            await self._sage_id.revoke(tokens.refresh)
            raise NotConnected

    async def _end(self, connection: Connection) -> None:
        async with self._database.transaction() as tx:
            await rows.mark_reconnect_needed(
                tx,
                workspace_id=connection.workspace_id,
                connection_id=connection.id,
                expected_version=connection.token_version,
                reason="Sage ID no longer accepts the sign-in",
                now=self._clock(),
            )
        log.warning("sign-in ended", connection=connection.id)

    async def _release(self, connection: Connection, owner: str) -> None:
        async with self._database.transaction() as tx:
            await rows.release(tx, workspace_id=connection.workspace_id, connection_id=connection.id, owner=owner)

    async def renew_due(self, *, margin: timedelta, most: int) -> int:
        """Renew what ends within `margin`; one person's trouble never stops the next. Returns how many renewed."""
        async with self._database.reading() as tx:
            due = await rows.due_for_renewal(tx, before=self._clock() + margin, limit=most)
        renewed = 0
        for connection in due:
            try:
                await self.access_token(
                    workspace_id=connection.workspace_id, connection_id=connection.id, margin=margin
                )
            except BotError as error:
                log.warning("renewal failed", connection=connection.id, why=type(error).__name__)
            else:
                renewed += 1
        return renewed


class ConnectionTokens:
    """One connection's tokens, as `bot.sage.auth.TokenSource`."""

    def __init__(self, custody: Custody, *, workspace_id: str, connection_id: str) -> None:
        self._custody = custody
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
