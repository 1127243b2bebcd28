"""One renewal of a pair of tokens, however many ask, in however many processes. See docs/adr/0004.

1. Take the lease on the row; the same statement writes down the intent.
2. Read again: another may have renewed while we waited. Then let go.
3. Trade the refresh token. An answer that was lost on its way is asked for once more, at once, while the service may
   still honour the old token.
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
from bot.sage.auth import TOKEN_TIMEOUT
from storage import token_refresh as rows
from storage.cipher import SealBroken
from storage.database import Database

Enough = Callable[[StoredTokens], bool]

STALE = timedelta(seconds=60)
# A lease outlives the request it covers, so nobody starts a second one beside it; and ends soon after, because what a
# killed process left must be asked for again within Sage ID's overlap, perhaps more than once.
_LEASE = timedelta(seconds=TOKEN_TIMEOUT + 2)
_LOOK_AGAIN = 0.1
_MOST_REFUSALS = 5  # renewals a minute because Sage 200 refused a token that had not run out

log = structlog.get_logger(__name__)


class Refresher:
    """Hands out access tokens, and renews each pair in one place at a time."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._flights: dict[str, asyncio.Task[StoredTokens]] = {}
        self._refusals: TTLCache[str, int] = TTLCache(maxsize=10_000, ttl=60)
        self._storing = stamina.AsyncRetryingCaller(attempts=None, timeout=60.0, wait_max=2.0).on(SQLAlchemyError)

    async def token(self, grant: TokenPair, *, refused: str | None = None, margin: timedelta = STALE) -> str:
        """A token believed good for `margin` and not the one just refused; renewed first if need be."""
        seen = await self._read(grant)
        if refused == seen.access and self._refusals.get(grant.key, 0) >= _MOST_REFUSALS:
            # Sage 200 says 401 for other reasons too: new tokens don't help, so they are not asked for any more.
            return seen.access

        def enough(held: StoredTokens) -> bool:
            newer = held.version != seen.version
            return held.access != refused and held.expires_at > self._clock() + (timedelta() if newer else margin)

        try:
            held = await self._until(grant, enough, seen)
        except (TokensUnavailable, ClientRefused):
            if seen.access == refused or seen.expires_at <= self._clock():
                raise
            return seen.access  # it would have been renewed early; it still works
        if refused is not None:
            self._refusals[grant.key] = self._refusals.get(grant.key, 0) + 1
        return held.access

    async def renew(self, grant: TokenPair, *, version: int) -> None:
        """Renew the pair of that version, unless somebody has."""
        await self._until(grant, lambda held: held.version != version, await self._read(grant))

    async def settled(self) -> None:
        """Wait for renewals under way; each ends within its lease."""
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    async def _until(self, grant: TokenPair, enough: Enough, held: StoredTokens) -> StoredTokens:
        """Whoever asked may give up; a renewal once begun is stored, or the new pair would be lost."""
        while not enough(held):
            flight = self._flights.get(grant.key)
            if flight is None:
                flight = asyncio.create_task(self._refresh_once(grant, enough))
                self._flights[grant.key] = flight
                flight.add_done_callback(lambda done: self._on_refreshed(grant.key, done))
            held = await asyncio.shield(flight)
        return held

    def _on_refreshed(self, key: str, flight: asyncio.Task[StoredTokens]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # looked at, or asyncio complains where every caller has given up

    async def _refresh_once(self, grant: TokenPair, enough: Enough) -> StoredTokens:
        """Renew, or wait for the process that does."""
        give_up, failures = self._clock() + 2 * _LEASE, None
        while True:
            held = await self._read(grant)
            if enough(held):
                return held
            failures = held.failures if failures is None else failures
            if held.failures > failures:
                raise TokensUnavailable  # the one we waited for could not; it has said when to ask again
            owner, now = secrets.token_hex(8), self._clock()
            if await self._take_lease(grant, owner, now=now):
                return await self._refresh_with_lease(grant, owner, enough, since=now)
            if self._clock() > give_up:
                raise TokensUnavailable
            await asyncio.sleep(_LOOK_AGAIN)

    async def _read(self, grant: TokenPair) -> StoredTokens:
        async with self._database.reading() as tx:
            return await grant.read(tx)

    async def _take_lease(self, grant: TokenPair, owner: str, *, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            return await rows.lease(tx, grant.place, owner=owner, now=now, until=now + _LEASE)

    async def _refresh_with_lease(
        self, grant: TokenPair, owner: str, enough: Enough, *, since: datetime
    ) -> StoredTokens:
        try:
            held = await self._read(grant)
        except BotError:
            await self._release_lease(grant, owner, due_at=None)
            raise
        except SealBroken:
            log.error("a sign-in can't be opened with ENCRYPTION_KEYS", grant=grant.key)  # noqa: TRY400
            await self._reschedule(grant, owner, failures=10, trouble="it can't be opened with this app's keys")
            raise
        if enough(held):
            await self._release_lease(grant, owner, due_at=self._refresh_at(held.expires_at))
            return held
        return await self._exchange(grant, owner, held, lost=held.began_at is not None and held.began_at < since)

    async def _exchange(
        self, grant: TokenPair, owner: str, held: StoredTokens, *, lost: bool, again: bool = False
    ) -> StoredTokens:
        """`lost`: an answer to this token may be lost already. `again`: this is the second request in one lease."""
        try:
            tokens = await grant.exchange(held.refresh)
        except GrantRefused:
            await self._end(grant, held, lost=lost)
            raise grant.over() from None
        except ClientRefused:
            await self._reschedule(
                grant, owner, failures=held.failures, trouble="this app's own set-up at Sage is refused"
            )
            raise
        except TokensUnavailable as error:
            if error.answer_lost and not again and await self._extend(grant, owner):
                return await self._exchange(grant, owner, held, lost=True, again=True)
            await self._reschedule(
                grant,
                owner,
                failures=held.failures,
                trouble=error.message,
                lost_since=(held.began_at or self._clock()) if lost or error.answer_lost else None,
                pause=error.retry_after,
            )
            raise
        return await self._keep(grant, held, tokens)

    async def _keep(self, grant: TokenPair, held: StoredTokens, tokens: OAuthTokens) -> StoredTokens:
        """The new pair is ours only once it is stored, so a database that is away for a moment is waited for."""

        async def store() -> bool:
            now = self._clock()
            columns = grant.stored(tokens, now=now)
            expires_at = now + timedelta(seconds=tokens.expires_in)
            async with self._database.transaction() as tx:
                due_at = self._refresh_at(expires_at)
                return await rows.store(tx, grant.place, expected_version=held.version, due_at=due_at, **columns)

        if not await self._storing(store):
            # Disconnected, signed in afresh, or renewed by one who took our lease for dead.
            await grant.orphaned(tokens)
        return await self._read(grant)

    async def _end(self, grant: TokenPair, held: StoredTokens, *, lost: bool) -> None:
        async with self._database.transaction() as tx:
            await grant.end(tx, held, lost=lost, now=self._clock())
        log.warning("a grant has ended", grant=grant.key, answer_was_lost=lost)

    async def _reschedule(
        self,
        grant: TokenPair,
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
        columns = grant.troubled(trouble, now=now)
        async with self._database.transaction() as tx:
            await rows.reschedule(
                tx, grant.place, owner=owner, due_at=again, answer_lost=lost_since is not None, **columns
            )

    async def _release_lease(self, grant: TokenPair, owner: str, *, due_at: datetime | None) -> None:
        async with self._database.transaction() as tx:
            await rows.release(tx, grant.place, owner=owner, due_at=due_at)

    async def _extend(self, grant: TokenPair, owner: str) -> bool:
        async with self._database.transaction() as tx:
            return await rows.extend(tx, grant.place, owner=owner, until=self._clock() + _LEASE)

    def _refresh_at(self, expires_at: datetime) -> datetime:
        return refresh_at(expires_at, now=self._clock(), spread=spread())


def spread() -> float:
    """At random, so that what began together does not fall due together."""
    return secrets.randbelow(1000) / 1000
