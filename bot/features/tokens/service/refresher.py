"""Single-flight refresh of a token pair, over tasks and processes. See docs/adr/0004.

1. Take the lease on the row; the same statement writes down the intent.
2. Read again: another process may have refreshed while we waited. Then release the lease.
3. Send the refresh token. An answer that was lost is asked for once more, at once, while the service may still honour
   the old token.
4. Store the new pair by compare-and-swap on its version, before anybody uses it.
5. A process that dies in between leaves the intent; the row falls due when its lease ends, and the worker goes on at 3.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import stamina
import structlog
from cachetools import TTLCache
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.oauth_tokens import OAuthTokens, ask_again_at, refresh_at, try_again_at
from bot.errors import BotError, ClientRefused, GrantRefused, TokensUnavailable
from bot.features.tokens.service.token_pair import StoredTokens, TokenPair
from bot.observability.metrics import REFRESHES
from bot.sage.auth import TOKEN_TIMEOUT
from storage.cipher import SealBroken
from storage.database import Database
from storage.queries.connections import token_refresh as rows

Enough = Callable[[StoredTokens], bool]

STALE = timedelta(seconds=60)
# A lease outlives the request it covers, so nobody starts a second one beside it; and ends soon after, because what a
# killed process left must be asked for again within Sage ID's overlap, perhaps more than once.
_LEASE = timedelta(seconds=TOKEN_TIMEOUT + 2)
_LOOK_AGAIN = 0.1
_MOST_REFUSALS = 5  # refreshes a minute because Sage 200 refused a token that had not run out

log = structlog.get_logger(__name__)


class Refresher:
    """The source of access tokens, which refreshes each pair in one place at a time."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._refreshes: dict[str, asyncio.Task[StoredTokens]] = {}
        self._refusals: TTLCache[str, int] = TTLCache(maxsize=10_000, ttl=60)
        self._storing = stamina.AsyncRetryingCaller(attempts=None, timeout=60.0, wait_max=2.0).on(SQLAlchemyError)

    async def token(self, pair: TokenPair, *, refused: str | None = None, margin: timedelta = STALE) -> str:
        """Return an access token good for `margin` and other than `refused`, refreshing the pair if need be."""
        seen = await self._read(pair)
        if refused == seen.access and self._refusals.get(pair.key, 0) >= _MOST_REFUSALS:
            # Sage 200 says 401 for other reasons too: new tokens don't help, so they are not asked for any more.
            return seen.access

        def is_enough(held: StoredTokens) -> bool:
            newer = held.version != seen.version
            return held.access != refused and held.expires_at > self._clock() + (timedelta() if newer else margin)

        try:
            held = await self._refresh_until(pair, is_enough, seen)
        except (TokensUnavailable, ClientRefused):
            if seen.access == refused or seen.expires_at <= self._clock():
                raise
            return seen.access  # the refresh was early; this token still works
        if refused is not None:
            self._refusals[pair.key] = self._refusals.get(pair.key, 0) + 1
        return held.access

    async def refresh(self, pair: TokenPair, *, version: int) -> None:
        """Refresh the pair of this version, unless another task or process has. Put off one that can't be opened."""
        try:
            held = await self._read(pair)
        except SealBroken:
            owner = secrets.token_hex(8)
            if await self._take_lease(pair, owner, now=self._clock()):
                await self._put_off_unopened(pair, owner)
            return
        await self._refresh_until(pair, lambda held: held.version != version, held)

    async def settled(self) -> None:
        """Wait for the refreshes under way; each ends within its lease."""
        await asyncio.gather(*self._refreshes.values(), return_exceptions=True)

    async def _refresh_until(self, pair: TokenPair, is_enough: Enough, held: StoredTokens) -> StoredTokens:
        """Refresh the pair until `is_enough` says so; return the stored tokens."""
        while not is_enough(held):
            refreshing = self._refreshes.get(pair.key)
            if refreshing is None:
                refreshing = asyncio.create_task(self._refresh_once(pair, is_enough))
                self._refreshes[pair.key] = refreshing
                refreshing.add_done_callback(lambda done: self._on_refreshed(pair.key, done))
            # The caller may be cancelled; a refresh once begun must be stored, or the new pair would be lost.
            held = await asyncio.shield(refreshing)
        return held

    def _on_refreshed(self, key: str, refreshing: asyncio.Task[StoredTokens]) -> None:
        del self._refreshes[key]
        if not refreshing.cancelled():
            refreshing.exception()  # retrieved: asyncio complains where every caller was cancelled

    async def _refresh_once(self, pair: TokenPair, is_enough: Enough) -> StoredTokens:
        """Refresh the pair, or wait for the process that does."""
        give_up, failures = self._clock() + 2 * _LEASE, None
        while True:
            held = await self._read(pair)
            if is_enough(held):
                return held
            failures = held.failures if failures is None else failures
            if held.failures > failures:
                raise TokensUnavailable  # the process we waited for failed and has set the next due time
            owner, now = secrets.token_hex(8), self._clock()
            if await self._take_lease(pair, owner, now=now):
                return await self._refresh_with_lease(pair, owner, is_enough, since=now)
            if self._clock() > give_up:
                raise TokensUnavailable
            await asyncio.sleep(_LOOK_AGAIN)

    async def _read(self, pair: TokenPair) -> StoredTokens:
        async with self._database.reading() as tx:
            return await pair.read(tx)

    async def _take_lease(self, pair: TokenPair, owner: str, *, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            return await rows.lease(tx, pair.token_row, owner=owner, now=now, until=now + _LEASE)

    async def _refresh_with_lease(
        self, pair: TokenPair, owner: str, is_enough: Enough, *, since: datetime
    ) -> StoredTokens:
        try:
            held = await self._read(pair)
        except BotError:
            await self._release_lease(pair, owner, due_at=None)
            raise
        except SealBroken:
            await self._put_off_unopened(pair, owner)
            raise
        if is_enough(held):
            await self._release_lease(pair, owner, due_at=self._refresh_at(held.expires_at))
            return held
        return await self._send_refresh(pair, owner, held, lost=held.began_at is not None and held.began_at < since)

    async def _send_refresh(
        self, pair: TokenPair, owner: str, held: StoredTokens, *, lost: bool, again: bool = False
    ) -> StoredTokens:
        """Send the refresh token and store the answer.

        `lost`: an answer to this token may be lost already. `again`: this is the second request under one lease.
        """
        try:
            tokens = await pair.refresh(held.refresh)
            REFRESHES.labels(pair.service, "refreshed").inc()
        except GrantRefused:
            REFRESHES.labels(pair.service, "ended").inc()
            await self._end(pair, held, lost=lost)
            raise pair.ended_error() from None
        except ClientRefused:
            REFRESHES.labels(pair.service, "set-up refused").inc()
            await self._reschedule(
                pair, owner, failures=held.failures, trouble="this app's own set-up at Sage is refused"
            )
            raise
        except TokensUnavailable as error:
            REFRESHES.labels(pair.service, "answer lost" if error.answer_lost else "unavailable").inc()
            if error.answer_lost and not again and await self._extend(pair, owner):
                return await self._send_refresh(pair, owner, held, lost=True, again=True)
            await self._reschedule(
                pair,
                owner,
                failures=held.failures,
                trouble=error.message,
                lost_since=(held.began_at or self._clock()) if lost or error.answer_lost else None,
                pause=error.retry_after,
            )
            raise
        return await self._store(pair, held, tokens)

    async def _store(self, pair: TokenPair, held: StoredTokens, tokens: OAuthTokens) -> StoredTokens:
        """Store the new pair, waiting for a database that is away for a moment. Return the stored tokens."""

        # Nobody may use the new pair before it is stored.
        async def store() -> bool:
            now = self._clock()
            columns = pair.stored(tokens, now=now)
            expires_at = now + timedelta(seconds=tokens.expires_in)
            async with self._database.transaction() as tx:
                due_at = self._refresh_at(expires_at)
                return await rows.store(tx, pair.token_row, expected_version=held.version, due_at=due_at, **columns)

        if not await self._storing(store):
            # Disconnected, signed in again, or refreshed by a process that took our lease for dead.
            await pair.orphaned(tokens)
        return await self._read(pair)

    async def _end(self, pair: TokenPair, held: StoredTokens, *, lost: bool) -> None:
        async with self._database.transaction() as tx:
            await pair.end(tx, held, lost=lost, now=self._clock())
        log.warning("a token pair has ended", pair=pair.key, answer_was_lost=lost)

    async def _reschedule(
        self,
        pair: TokenPair,
        owner: str,
        *,
        failures: int,
        trouble: str,
        lost_since: datetime | None = None,
        pause: float | None = None,
    ) -> None:
        now = self._clock()
        again = try_again_at(now, failures=failures, spread=spread(), pause=pause)
        if lost_since is not None and pause is None:
            again = ask_again_at(now, began_at=lost_since) or again
        columns = pair.trouble_columns(trouble, now=now)
        async with self._database.transaction() as tx:
            await rows.reschedule(
                tx, pair.token_row, owner=owner, due_at=again, answer_lost=lost_since is not None, **columns
            )

    async def _put_off_unopened(self, pair: TokenPair, owner: str) -> None:
        REFRESHES.labels(pair.service, "not opened").inc()
        log.error("a sign-in can't be opened with ENCRYPTION_KEYS", pair=pair.key)
        await self._reschedule(pair, owner, failures=10, trouble="it can't be opened with this app's keys")

    async def _release_lease(self, pair: TokenPair, owner: str, *, due_at: datetime | None) -> None:
        async with self._database.transaction() as tx:
            await rows.release(tx, pair.token_row, owner=owner, due_at=due_at)

    async def _extend(self, pair: TokenPair, owner: str) -> bool:
        async with self._database.transaction() as tx:
            return await rows.extend(tx, pair.token_row, owner=owner, until=self._clock() + _LEASE)

    def _refresh_at(self, expires_at: datetime) -> datetime:
        return refresh_at(expires_at, now=self._clock(), spread=spread())


def spread() -> float:
    """Return a random number from 0 to 1, so that pairs made together don't fall due together."""
    return secrets.randbelow(1000) / 1000
