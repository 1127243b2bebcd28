"""Connecting a Sage ID: link → landing page → Sage ID → callback → pending → code → live."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.limits import Limited, Limits
from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import LinkExpired, LinkUnknown, LinkUsed, NotAllowed, WrongBrowser
from bot.features.access.model.session import Session
from bot.features.connections.model import CodeShown, ConnectLinkOffer, Landing
from bot.features.connections.service.founding import is_founded
from bot.features.tokens.service.sage_tokens import SageTokens, subject_hash
from bot.sage.auth import SageId
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.queries import connect_links, workspaces
from storage.tables.core import CONNECTED, ConnectLink

LIFETIME = timedelta(minutes=10)
VERIFIER, CODE = "sign_ins.verifier", "sign_ins.code"
ACCESS, REFRESH = "sign_ins.access_token", "sign_ins.refresh_token"
# No I, O, 0 or 1: the code is read off one screen and typed on another.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 6


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a random 32-byte secret, by which it is looked up without being stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_browser_secret() -> str:
    """Return a random value for the landing page's cookie."""
    return secrets.token_urlsafe(32)


class ConnectLinks:
    """The steps of connecting. Each is a conditional update of one row, so that none can happen twice."""

    def __init__(
        self,
        *,
        database: Database,
        cipher: Cipher,
        sage_id: SageId,
        sage_tokens: SageTokens,
        public_url: str,
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._database = database
        self._cipher = cipher
        self._sage_id = sage_id
        self._sage_tokens = sage_tokens
        self._public_url = public_url

    async def offer(self, session: Session) -> ConnectLinkOffer:
        """Create the user's link; earlier unused ones die. Raises NotAllowed for guests and strangers, TooMany."""
        if not session.asker.is_full_member:
            raise NotAllowed
        self._limits.spend(Limited.LINK, workspace_id=session.workspace_id, user_id=session.user_id, now=session.now)
        ticket = secrets.token_urlsafe(32)
        async with self._database.transaction() as tx:
            row = await connect_links.offer(
                tx,
                workspace_id=session.workspace_id,
                team_id=session.asker.team_id,
                user_id=session.user_id,
                user_name=session.asker.name,
                ticket_hash=fingerprint(ticket),
                told_founding=session.asker.may_found and not await is_founded(tx, workspace_id=session.workspace_id),
                now=session.now,
                expires_at=session.now + LIFETIME,
            )
            landing = await _landing(tx, row)
        return ConnectLinkOffer(
            f"{self._public_url}/sage/connect/{ticket}",
            landing.becomes_workspace_connection,
            session.now + LIFETIME,
            answers_again=landing.answers_again,
        )

    async def landing(self, ticket: str, *, now: datetime) -> Landing:
        """Return what the landing page shows. Raises LinkUnknown, LinkUsed or LinkExpired; changes nothing."""
        async with self._database.reading() as tx:
            row = _usable(await connect_links.by_ticket(tx, fingerprint(ticket)), stage="offered", now=now)
            return await _landing(tx, row)

    async def start(self, ticket: str, *, browser: str, now: datetime) -> str:
        """Use the link up and return Sage ID's address for one sign-in, tied to this browser. Raises as `landing`."""
        sign_in = self._sage_id.sign_in()
        async with self._database.transaction() as tx:
            row = _usable(await connect_links.by_ticket(tx, fingerprint(ticket)), stage="offered", now=now)
            verifier = self._cipher.seal(sign_in.verifier, workspace_id=row.workspace_id, column=VERIFIER, owner=row.id)
            started = await connect_links.start(
                tx,
                ticket_hash=fingerprint(ticket),
                state_hash=fingerprint(sign_in.state),
                verifier_sealed=verifier,
                browser_hash=fingerprint(browser),
                now=now,
            )
        if not started:
            raise LinkUsed
        return sign_in.url

    async def decline(self, *, state: str, browser: str, now: datetime) -> None:
        """Use the state up after a cancel at Sage ID, so that it can't be replayed. Raises a ConnectError."""
        await self._take_return(state=state, browser=browser, now=now)

    async def finish(self, *, state: str, code: str, browser: str, now: datetime) -> CodeShown:
        """Use the state up, exchange the code, and store the tokens sealed until the user types a code in Slack.

        Raises a ConnectError, GrantRefused, ClientRefused or SageIdUnavailable; then nothing is connected.
        """
        row = await self._take_return(state=state, browser=browser, now=now)
        verifier = self._cipher.open(
            SealedText(row.verifier_sealed or ""), workspace_id=row.workspace_id, column=VERIFIER, owner=row.id
        )
        tokens = await self._sage_id.exchange(code=code, verifier=verifier)
        typed = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        landing = await self._store_pending(row, tokens, typed, now=now)
        if landing is None:
            await self._sage_tokens.revoke(
                tokens.refresh,
                subject_hash=subject_hash(tokens),
                workspace_id=row.workspace_id,
                user_id=row.user_id,
                but=row.id,
            )
            raise LinkExpired
        return CodeShown(landing, f"{typed[:3]}-{typed[3:]}")

    async def _take_return(self, *, state: str, browser: str, now: datetime) -> ConnectLink:
        state_hash, browser_hash = fingerprint(state), fingerprint(browser)
        async with self._database.transaction() as tx:
            row = _usable(await connect_links.by_state(tx, state_hash), stage="opened", now=now)
            if not hmac.compare_digest(row.browser_hash or "", browser_hash):
                raise WrongBrowser
            taken = await connect_links.take_return(tx, state_hash=state_hash, browser_hash=browser_hash, now=now)
        if taken is None:
            raise LinkUsed
        return taken

    async def _store_pending(
        self, row: ConnectLink, tokens: OAuthTokens, code: str, *, now: datetime
    ) -> Landing | None:
        """Store the sign-in with what its code page says; return that, or None if nothing was stored."""

        def sealed(text: str, column: str) -> SealedText:
            return self._cipher.seal(text, workspace_id=row.workspace_id, column=column, owner=row.id)

        async with self._database.transaction() as tx:
            landing = await _landing(tx, row)
            stored = await connect_links.keep_pending(
                tx,
                sign_in_id=row.id,
                access_token_sealed=sealed(tokens.access, ACCESS),
                refresh_token_sealed=sealed(tokens.refresh, REFRESH),
                access_expires_at=now + timedelta(seconds=tokens.expires_in),
                code_sealed=sealed(code, CODE),
                subject_hash=subject_hash(tokens),
                told_founding=landing.becomes_workspace_connection,
                now=now,
                expires_at=now + LIFETIME,
            )
        return landing if stored else None


def _usable(row: ConnectLink | None, *, stage: str, now: datetime) -> ConnectLink:
    if row is None:
        raise LinkUnknown
    if row.stage == "dead":
        raise LinkExpired("A newer link has replaced this one.")
    if row.stage != stage:
        raise LinkUsed
    if row.expires_at <= now:
        raise LinkExpired
    return row


async def _landing(tx: AsyncSession, row: ConnectLink) -> Landing:
    workspace = await workspaces.by_id(tx, row.workspace_id)
    if workspace is None:
        raise LinkUnknown
    founds = row.told_founding and not await is_founded(tx, workspace_id=row.workspace_id)
    named = await workspaces.workspace_connection(tx, workspace_id=row.workspace_id)
    # Whose sign-in answered until it ended, answers again with the next one.
    again = named is not None and named.user_id == row.user_id and named.state != CONNECTED
    return Landing(workspace.name, row.user_name, founds, again)
