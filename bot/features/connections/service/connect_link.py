"""Connecting a Sage ID: link → landing page → Sage ID → callback → pending → code → live."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.limits import Limited, Limits
from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import LinkExpired, LinkUnknown, LinkUsed, NotAllowed, TooMany, WrongBrowser
from bot.features.access.model.session import Session
from bot.features.connections.model import CodeShown, ConnectLinkOffer, Landing
from bot.features.connections.service.founding import is_founded
from bot.features.tokens.service.sage_tokens import SageTokens, subject_hash
from bot.sage.auth import SageId, SignIn
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.queries.connections import connect_links, workspaces
from storage.tables.core import CONNECTED, OPENED, PENDING, RETURNED, ConnectLink

LIFETIME = timedelta(minutes=10)
REPEATED = timedelta(minutes=1)
"""How long the second click of a double click, or a request that the browser sends again, leads where the first did."""
VERIFIER, CODE = "sign_ins.verifier", "sign_ins.code"
ACCESS, REFRESH = "sign_ins.access_token", "sign_ins.refresh_token"
# No I, O, 0 or 1: the code is read off one screen and typed on another.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 6
# How often, and how many times, a repeated callback looks for the code: longer than Sage ID may take to answer.
_LOOK_SECONDS, _LOOKS = 0.2, 40


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a random 32-byte secret, by which it is looked up without being stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_browser_secret() -> str:
    """Return a random value for the landing page's cookie."""
    return secrets.token_urlsafe(32)


def _state_of(ticket: str, browser: str) -> str:
    """Return the OAuth state of a link in one browser: the same at every click, and nobody else's to guess."""
    digest = hmac.digest(browser.encode(), b"state of " + ticket.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class ConnectLinks:
    """The steps of connecting. Each is a conditional update of one row, so that none can happen twice."""

    # People click twice, and browsers send a request again: what they then see is the answer to the second. So it is
    # the first one's, for a minute and in the same browser.

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
        return await self._offer(session, Limited.LINK)

    async def offer_unasked(self, session: Session) -> ConnectLinkOffer | None:
        """Create a link for an answer or message that is about something else, if the user may connect.

        Return None for a user who is signing in just now, which a new link would end, or who was shown too many.
        """
        if not session.asker.is_full_member or await self.is_under_way(session):
            return None
        try:
            return await self._offer(session, Limited.SHOWN_LINK)
        except TooMany:
            return None

    async def _offer(self, session: Session, limited: Limited) -> ConnectLinkOffer:
        self._limits.spend(limited, workspace_id=session.workspace_id, user_id=session.user_id, now=session.now)
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

    async def is_under_way(self, session: Session) -> bool:
        """Return whether the user is signing in just now, or has yet to type a code: a new link would end that."""
        async with self._database.reading() as tx:
            return await connect_links.is_under_way(
                tx, workspace_id=session.workspace_id, user_id=session.user_id, now=session.now
            )

    async def landing(self, ticket: str, *, now: datetime) -> Landing:
        """Return what the landing page shows. Raises LinkUnknown, LinkUsed or LinkExpired; changes nothing."""
        async with self._database.reading() as tx:
            row = _usable(await connect_links.by_ticket(tx, fingerprint(ticket)), stage="offered", now=now)
            return await _landing(tx, row)

    async def start(self, ticket: str, *, browser: str, now: datetime) -> str:
        """Use the link up and return Sage ID's address for one sign-in, tied to this browser. Raises as `landing`."""
        sign_in = self._sage_id.sign_in(state=_state_of(ticket, browser))
        with suppress(LinkUsed):
            if await self._started(ticket, sign_in, browser=browser, now=now):
                return sign_in.url
        row = await self._started_before(ticket, browser=browser, now=now)
        if row is None:
            raise LinkUsed
        return self._sage_id.sign_in(state=_state_of(ticket, browser), verifier=self._verifier(row)).url

    async def _started(self, ticket: str, sign_in: SignIn, *, browser: str, now: datetime) -> bool:
        """Use the link up. Return False if another click did at this moment. Raises as `landing`."""
        async with self._database.transaction() as tx:
            row = _usable(await connect_links.by_ticket(tx, fingerprint(ticket)), stage="offered", now=now)
            verifier = self._cipher.seal(sign_in.verifier, workspace_id=row.workspace_id, column=VERIFIER, owner=row.id)
            return await connect_links.start(
                tx,
                ticket_hash=fingerprint(ticket),
                state_hash=fingerprint(sign_in.state),
                verifier_sealed=verifier,
                browser_hash=fingerprint(browser),
                now=now,
            )

    async def _started_before(self, ticket: str, *, browser: str, now: datetime) -> ConnectLink | None:
        """Return the link if this browser has used it up just now, and has not come back from Sage ID yet."""
        async with self._database.reading() as tx:
            row = await connect_links.by_ticket(tx, fingerprint(ticket))
        if row is None or row.stage != OPENED or row.opened_at is None or not _is_of(browser, row):
            return None
        return row if now < min(row.opened_at + REPEATED, row.expires_at) else None

    async def decline(self, *, state: str, browser: str, now: datetime) -> None:
        """Use the state up after a cancel at Sage ID, so that it can't be replayed. Raises a ConnectError."""
        try:
            await self._take_return(state=state, browser=browser, now=now, without_code=True)
        except LinkUsed:
            if not await self._ended_before(state=state, browser=browser):
                raise

    async def finish(self, *, state: str, code: str, browser: str, now: datetime) -> CodeShown:
        """Use the state up, exchange the code, and store the tokens sealed until the user types a code in Slack.

        Raises a ConnectError, GrantRefused, ClientRefused or SageIdUnavailable; then nothing is connected.
        """
        try:
            row = await self._take_return(state=state, browser=browser, now=now)
        except LinkUsed:
            return await self._finished_before(state=state, browser=browser, now=now)
        try:
            tokens = await self._sage_id.exchange(code=code, verifier=self._verifier(row))
        except BaseException:
            await self._end(row)
            raise
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
        return CodeShown(landing, _shown(typed))

    async def _finished_before(self, *, state: str, browser: str, now: datetime) -> CodeShown:
        """Return what this browser's first callback shows, once the code is there. Raises LinkUsed."""
        for _ in range(_LOOKS):
            async with self._database.reading() as tx:
                row = await connect_links.by_state(tx, fingerprint(state))
                if row is None or not _is_of(browser, row):
                    raise LinkUsed
                if row.stage == PENDING and now < row.expires_at - LIFETIME + REPEATED:
                    return CodeShown(await _landing(tx, row), _shown(self._open(row, row.code_sealed, CODE)))
            if row.stage != RETURNED or row.verifier_sealed is None:
                raise LinkUsed
            await asyncio.sleep(_LOOK_SECONDS)
        raise LinkUsed

    async def _ended_before(self, *, state: str, browser: str) -> bool:
        """Return whether this browser's first callback ended the sign-in without a code."""
        async with self._database.reading() as tx:
            row = await connect_links.by_state(tx, fingerprint(state))
        is_over = row is not None and row.stage == RETURNED and row.verifier_sealed is None
        return is_over and row is not None and _is_of(browser, row)

    async def _end(self, row: ConnectLink) -> None:
        """Erase the verifier of a sign-in that gets no code: a repeated callback then waits for none."""
        async with self._database.transaction() as tx:
            await connect_links.erase_verifier(tx, sign_in_id=row.id)

    def _verifier(self, row: ConnectLink) -> str:
        return self._open(row, row.verifier_sealed, VERIFIER)

    def _open(self, row: ConnectLink, sealed: str | None, column: str) -> str:
        return self._cipher.open(SealedText(sealed or ""), workspace_id=row.workspace_id, column=column, owner=row.id)

    async def _take_return(self, *, state: str, browser: str, now: datetime, without_code: bool = False) -> ConnectLink:
        """Use the state up. Without a code nothing follows, and the verifier goes with the same write."""
        state_hash, browser_hash = fingerprint(state), fingerprint(browser)
        async with self._database.transaction() as tx:
            row = _usable(await connect_links.by_state(tx, state_hash), stage="opened", now=now)
            if not _is_of(browser, row):
                raise WrongBrowser
            taken = await connect_links.take_return(
                tx, state_hash=state_hash, browser_hash=browser_hash, now=now, without_code=without_code
            )
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


def _is_of(browser: str, row: ConnectLink) -> bool:
    return hmac.compare_digest(row.browser_hash or "", fingerprint(browser))


def _shown(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"


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
    return Landing(workspace.name, row.user_name, founds, again, workspace.app_id, row.team_id)
