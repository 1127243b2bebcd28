"""The code that proves that the user in Slack is the person who signed in at Sage ID."""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.each_alone import each_alone
from bot.coordination.limits import Limited, Limits
from bot.domain.oauth_tokens import OAuthTokens, refresh_at
from bot.errors import CodeExpired, CodeWrong, NotAllowed, NothingToVerify
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.model import Verified
from bot.features.connections.service.connect_link import ACCESS, CODE, REFRESH
from bot.features.tokens.service import sign_in_notices
from bot.features.tokens.service.refresher import spread
from bot.features.tokens.service.sage_tokens import REFRESH as CONNECTION_REFRESH
from bot.features.tokens.service.sage_tokens import SageTokens
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.queries.connections import connect_links, connections, workspaces
from storage.tables.core import CONNECTED, PAUSED, RECONNECT_NEEDED, Connection, ConnectLink

MOST_TRIES = 5
_MOST_REVOKED = 20  # in one job: at a Sage ID that doesn't answer each takes five seconds

log = structlog.get_logger(__name__)


class Verification:
    """Turns pending sign-ins into connections, and deletes those that were never finished."""

    def __init__(
        self, *, database: Database, cipher: Cipher, sage_tokens: SageTokens, limits: Limits, audit: AuditLog
    ) -> None:
        self._limits = limits
        self._audit = audit
        self._database = database
        self._cipher = cipher
        self._sage_tokens = sage_tokens

    async def check_code(self, *, workspace_id: str, user_id: str, code: str, now: datetime) -> ConnectLink:
        """Return the user's pending sign-in if it has this code; a wrong code costs one of five tries.

        Reads only our own database, so that a modal can be answered within three seconds. Raises NothingToVerify,
        CodeExpired, CodeWrong or TooMany.
        """
        self._limits.spend(Limited.CODE, workspace_id=workspace_id, user_id=user_id, now=now)
        async with self._database.transaction() as tx:
            row = await connect_links.pending_of(tx, workspace_id=workspace_id, user_id=user_id)
            if row is None:
                raise NothingToVerify
            if row.expires_at <= now:
                raise CodeExpired
            # Counted before the comparison, by one conditional UPDATE: guesses made at once share the five tries.
            counted = await connect_links.count_try(tx, sign_in_id=row.id, most=MOST_TRIES)
            right = counted and self._is_code(row, code)
            if right:
                await connect_links.give_try_back(tx, sign_in_id=row.id)
            elif not counted:
                await connect_links.kill(tx, sign_in_id=row.id)
        if not counted:
            raise CodeExpired
        if not right:
            raise CodeWrong
        return row

    def _is_code(self, row: ConnectLink, code: str) -> bool:
        return hmac.compare_digest(_typed(code).encode(), self._open(row, row.code_sealed, CODE).encode())

    async def verify(self, session: Session, code: str) -> Verified:
        """Make the pending sign-in a live connection. Raises NotAllowed, or as `check_code`."""
        if not session.asker.is_full_member:
            raise NotAllowed
        waiting = await self.check_code(
            workspace_id=session.workspace_id, user_id=session.user_id, code=code, now=session.now
        )
        async with self._database.transaction() as tx:
            row = await connect_links.take_verified(tx, sign_in_id=waiting.id, now=session.now)
            if row is None:
                raise NothingToVerify
            before = await connections.of_user(tx, workspace_id=session.workspace_id, user_id=session.user_id)
            replaced = self._refresh_token_of(before)
            was = (before.state, before.state_since, before.subject_hash) if before is not None else None
            connection = await self._go_live(tx, session, row)
            named = await workspaces.workspace_connection(tx, workspace_id=session.workspace_id)
            answers_again = named is not None and named.id == connection.id and (was is None or was[0] != CONNECTED)
            if was is not None and was[0] == RECONNECT_NEEDED:
                await sign_in_notices.sign_in_back(tx, connection, away_since=was[1], now=session.now)
            if answers_again:
                await sign_in_notices.channels_back(tx, connection, now=session.now)
            after = "connected; it answers for the workspace again" if answers_again else "connected"
            line = AuditLine(
                session.now, session.user_id, "connect", "own Sage sign-in", was[0] if was else "none", after
            )
            await self._audit.record(tx, line, workspace_id=session.workspace_id)
        if replaced is not None and was is not None:
            await self._sage_tokens.revoke(
                replaced, subject_hash=was[2], workspace_id=session.workspace_id, user_id=session.user_id
            )
        log.info(
            "connected",
            workspace=session.workspace_id,
            connection=connection.id,
            answers_again=answers_again,
        )
        return Verified(connection.id, answers_again)

    async def _go_live(self, tx: AsyncSession, session: Session, row: ConnectLink) -> Connection:
        pair = self._sage_tokens.seal(self._tokens(row), workspace_id=row.workspace_id, user_id=row.user_id)
        assert row.access_expires_at is not None  # noqa: S101 - a verified row always carries its tokens
        return await connections.save(
            tx,
            connection_id=uuid.uuid4().hex,
            workspace_id=row.workspace_id,
            user_id=row.user_id,
            sign_in_id=uuid.uuid4().hex,
            subject_hash=row.subject_hash,
            access_token_sealed=pair.access_token_sealed,
            refresh_token_sealed=pair.refresh_token_sealed,
            access_expires_at=row.access_expires_at,
            due_at=refresh_at(row.access_expires_at, now=session.now, spread=spread()),
            told_founding=row.told_founding,
            now=session.now,
        )

    def _tokens(self, row: ConnectLink) -> OAuthTokens:
        return OAuthTokens(
            access=self._open(row, row.access_token_sealed, ACCESS),
            refresh=self._open(row, row.refresh_token_sealed, REFRESH),
            expires_in=0,
        )

    def _refresh_token_of(self, current: Connection | None) -> str | None:
        """Return the refresh token that the new sign-in replaces, to be revoked afterwards; None if there is none."""
        if current is None or current.state not in {CONNECTED, PAUSED}:
            return None
        try:
            return self._sage_tokens.open(
                current.refresh_token_sealed,
                CONNECTION_REFRESH,
                workspace_id=current.workspace_id,
                user_id=current.user_id,
            )
        except SealBroken:
            # The key that sealed the token is gone, so it can't be revoked.
            log.warning("old sign-in could not be opened", connection=current.id)
            return None

    async def clear_away(self, *, now: datetime, most: int = _MOST_REVOKED) -> int:
        """Revoke (best effort) and erase sign-ins that were never finished. Returns how many held a token."""
        async with self._database.reading() as tx:
            over = await connect_links.to_revoke(tx, now=now, limit=most)
        await each_alone(
            over,
            self._revoke,
            task="revoke an unfinished sign-in",
            ids=lambda row: {"workspace": row.workspace_id, "sign_in": row.id},
        )
        async with self._database.transaction() as tx:
            await connect_links.purge(tx, now=now)
        return len(over)

    async def _revoke(self, row: ConnectLink) -> None:
        try:
            await self._sage_tokens.revoke(
                self._open(row, row.refresh_token_sealed, REFRESH),
                subject_hash=row.subject_hash,
                workspace_id=row.workspace_id,
                user_id=row.user_id,
                but=row.id,
            )
        except SealBroken:
            log.warning("unfinished sign-in could not be opened", sign_in=row.id)
        async with self._database.transaction() as tx:
            await connect_links.erase_tokens(tx, sign_in_id=row.id)

    def _open(self, row: ConnectLink, sealed: str | None, column: str) -> str:
        return self._cipher.open(SealedText(sealed or ""), workspace_id=row.workspace_id, column=column, owner=row.id)


def _typed(code: str) -> str:
    """Return the letters and digits of a typed code in upper case."""
    return "".join(letter for letter in code.upper() if letter.isalnum())
