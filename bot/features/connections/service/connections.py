"""A user's connection to Sage: its company, its state, and the client that asks with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.connections.connections as rows
from bot.command_names import SAGE
from bot.coordination.sage_throttle import KnownPause, SageGates
from bot.domain.company import Company
from bot.domain.oauth_tokens import warning_due
from bot.errors import (
    AlreadyConnected,
    BadQuestion,
    CompanyNotOpened,
    NobodyAnswers,
    NoCompanies,
    NoCompany,
    NotAllowed,
    NotConnected,
    ReconnectNeeded,
    SageAccessRemoved,
    WorkspaceSignInEnded,
)
from bot.features.access.model.authorization import Action, Decision
from bot.features.access.model.session import REFUSED_HINT, REFUSED_WHY, AnsweringCompany, Session, SignIn
from bot.features.access.service.sessions import opens_kept
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.model import Companies, CompanyChosen, ConnectionStatus, WorkspaceSignInStatus
from bot.features.connections.service.company_choice import choose_company, company_from
from bot.features.connections.service.founding import found, is_founded
from bot.features.connections.service.workspace_connection import SignInLifetime
from bot.features.tokens.service import sign_in_notices
from bot.features.tokens.service.sage_tokens import REFRESH, SageTokens, StoredAccess
from bot.sage.auth import TokenSource
from bot.sage.client import SageClient
from bot.sage.transport import Gate
from storage.cipher import SealBroken
from storage.database import Database
from storage.queries.access import sessions
from storage.tables.core import CONNECTED, DISCONNECTED, Connection

_LISTS_THEM = f"`{SAGE} company` lists them."
OpenSage = Callable[[TokenSource, Company | None, Gate | None], SageClient]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SageCompany:
    """The questions that may be put to Sage 200 in one session.

    `decision` is how much of Sage's answers the asker is shown; `session.cached` is that for the mirror, which another
    person's sign-in may have read.
    """

    client: SageClient
    session: Session
    decision: Decision
    sign_in: SignIn
    answering: AnsweringCompany

    @property
    def company(self) -> Company:
        return self.answering.company

    @property
    def is_own(self) -> bool:
        """Return whether Sage is asked with the asker's own sign-in, not the workspace connection."""
        return self.sign_in.is_own

    @property
    def workspace_id(self) -> str:
        return self.session.workspace_id

    @property
    def key(self) -> tuple[object, ...]:
        """Return the cache key of one sign-in and one company."""
        return self.workspace_id, self.sign_in.connection_id, self.sign_in.sign_in_id, self.company.key

    @property
    def company_columns(self) -> dict[str, Any]:
        """Return the company's key as storage calls take it."""
        return {"workspace_id": self.workspace_id, "company_pk": self.answering.pk}


class Connections:
    """Reads and changes live connections."""

    def __init__(
        self,
        *,
        database: Database,
        sage_tokens: SageTokens,
        life: SignInLifetime,
        gates: SageGates,
        open_sage: OpenSage,
        audit: AuditLog,
    ) -> None:
        self._audit = audit
        self._database = database
        self._gates = gates
        self._sage_tokens = sage_tokens
        self._life = life
        self._open_sage = open_sage

    def company_for(self, session: Session, *, action: Action = Action.FIGURES) -> SageCompany:
        """Return the company to ask in this session: with the asker's own sign-in, else the workspace connection.

        If you pass an `action` below FIGURES, or show a single customer, check `decision.shown_of(analysis)` before
        rendering. Raises NotAllowed, NotConnected, ReconnectNeeded or NoCompany. Does no I/O.
        """
        if not session.asker.is_full_member:
            raise NotAllowed
        decision = session.require_answering(action)
        sign_in = session.sign_in
        if sign_in is None:
            raise NobodyAnswers if session.is_answered_by_colleagues else NotConnected
        if sign_in.state != CONNECTED:
            raise _not_live(sign_in, session)
        if session.answering is None:
            raise NoCompany
        if session.own_refusal is not None and not sign_in.is_own:
            # Only Sage can lift the refusal, and only the asker's own sign-in can ask it.
            raise NotAllowed(REFUSED_WHY, hint=REFUSED_HINT)
        return self._asking(session, decision, sign_in, session.answering)

    def own_company(self, session: Session) -> SageCompany | None:
        """Return the company to ask with the asker's own live sign-in; None if none opens it. Does no I/O."""
        if not session.has_own_sign_in or session.sign_in is None or session.answering is None:
            return None
        return self._asking(session, session.cached, session.sign_in, session.answering)

    def _asking(
        self, session: Session, decision: Decision, sign_in: SignIn, answering: AnsweringCompany
    ) -> SageCompany:
        company = answering.company
        stored = StoredAccess(sign_in.owner, sign_in.access_token_sealed, sign_in.access_expires_at)
        tokens = self._sage_tokens.tokens(
            workspace_id=session.workspace_id, connection_id=sign_in.connection_id, stored=stored
        )
        pause = KnownPause(answering.paused_until)
        client = self._open_sage(
            tokens, company, self._gates.of(company, workspace_id=session.workspace_id, pause=pause)
        )
        return SageCompany(client, session, decision, sign_in, answering)

    async def companies(self, session: Session) -> Companies:
        """Return every company that the user's own Sage ID opens, read from Sage. A single one is chosen at once."""
        connection = await self._own(session)
        gate = self._gates.of_workspace(session.workspace_id)
        offered = await self._open_sage(self._sage_tokens.tokens_of(connection), None, gate).companies()
        if not offered:
            raise NoCompanies
        await self._note_opens(connection, offered)
        if len(offered) == 1:
            only = await self._choose(session, connection, offered[0], offered)
            return Companies(tuple(offered), only.company, founded=only.founded)
        async with self._database.reading() as tx:
            chosen = await rows.company_of(tx, workspace_id=connection.workspace_id, connection_id=connection.id)
            founds = connection.told_founding and session.asker.may_found
            founds = founds and not await is_founded(tx, workspace_id=session.workspace_id)
        return Companies(tuple(offered), company_from(chosen) if chosen is not None else None, founds=founds)

    async def others(self, own: SageCompany) -> list[tuple[int, Company, SageClient]]:
        """Return the other companies that the asker's own sign-in opens, each with its number and its client."""
        tokens = self._own_tokens(own)
        offered = await self._open_sage(tokens, None, self._gates.of_workspace(own.workspace_id)).companies()
        return self._clients(own, offered)

    def known_others(self, own: SageCompany) -> list[tuple[int, Company, SageClient]]:
        """Return those that Sage listed last, without asking anew."""
        return self._clients(own, own.sign_in.opens)

    def _clients(self, own: SageCompany, offered: Sequence[Company]) -> list[tuple[int, Company, SageClient]]:
        tokens, here = self._own_tokens(own), own.workspace_id
        return [
            (number, company, self._open_sage(tokens, company, self._gates.of(company, workspace_id=here)))
            for number, company in enumerate(offered, start=1)
            if company.key != own.company.key
        ]

    def _own_tokens(self, own: SageCompany) -> TokenSource:
        sign_in = own.sign_in
        stored = StoredAccess(sign_in.owner, sign_in.access_token_sealed, sign_in.access_expires_at)
        return self._sage_tokens.tokens(
            workspace_id=own.workspace_id, connection_id=sign_in.connection_id, stored=stored
        )

    async def _note_opens(self, connection: Connection, offered: Sequence[Company]) -> None:
        opens = opens_kept(offered)
        if connection.opens != opens:
            async with self._database.transaction() as tx:
                key = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
                await rows.note_opens(tx, **key, opens=opens)

    async def choose(self, session: Session, *, number: int) -> CompanyChosen:
        """Use the company with this number of `/sage company`. Raises BadQuestion, or as `companies`."""
        companies = await self.companies(session)
        if not 1 <= number <= len(companies.offered):
            opened = len(companies.offered)
            message = f"There is no company number {number}: your Sage ID opens {opened}."
            raise BadQuestion(message, hint=_LISTS_THEM)
        return await self._choose_of(session, companies, companies.offered[number - 1])

    async def choose_by_key(self, session: Session, *, edition: str, site_id: str, company_id: str) -> CompanyChosen:
        """Use the company of a menu's value, if this Sage ID really opens it. Raises BadQuestion, or as `companies`."""
        companies = await self.companies(session)
        for company in companies.offered:
            if (company.edition, company.site_id, str(company.company_id)) == (edition, site_id, company_id):
                return await self._choose_of(session, companies, company)
        raise CompanyNotOpened

    async def status(self, session: Session) -> ConnectionStatus:
        """Return the state of the user's own sign-in, the workspace connection and the mirror."""
        async with self._database.reading() as tx:
            own = await rows.of_user(tx, workspace_id=session.workspace_id, user_id=session.user_id)
            shared_id = session.workspace_sign_in.connection_id if session.workspace_sign_in is not None else None
            shared = (
                await rows.by_id(tx, workspace_id=session.workspace_id, connection_id=shared_id) if shared_id else None
            )
            company = (
                await rows.company_of(tx, workspace_id=session.workspace_id, connection_id=own.id) if own else None
            )
        mirror = session.answering.mirror if session.answering is not None else None
        answering = (
            WorkspaceSignInStatus(shared.user_id, self._state(shared, session.now), shared.state_since)
            if shared
            else None
        )
        if own is None:
            return ConnectionStatus("not connected", workspace=answering, mirror=mirror)
        return ConnectionStatus(
            self._state(own, session.now),
            since=own.state_since,
            reason=own.state_reason,
            company=company_from(company) if company is not None else None,
            is_workspace_connection=own.id == shared_id,
            ends_at=self._life.end_of(own) if own.state == CONNECTED else None,
            trouble=own.trouble or "",
            trouble_since=own.trouble_since,
            workspace=answering,
            mirror=mirror,
        )

    def _state(self, row: Connection, now: datetime) -> str:
        if row.state == CONNECTED and warning_due(self._life.end_of(row), now=now) is not None:
            return "expiring"
        return row.state.replace("_", " ")

    async def require_sign_in_due(self, session: Session) -> None:
        """Raise AlreadyConnected where the user's own sign-in serves: a button that offers one may be months old."""
        own = session.sign_in
        if own is None or not own.is_own or own.state != CONNECTED or session.own_refusal is not None:
            return
        status = await self.status(session)
        if status.state == CONNECTED and not status.trouble:
            raise AlreadyConnected

    async def disconnect(self, session: Session) -> None:
        """Erase the user's tokens at once, then revoke them at Sage ID (best effort). Raises NotConnected."""
        async with self._database.transaction() as tx:
            own = await _own_row(tx, session)
            if own is None:
                raise NotConnected
            sealed, subject, was = own.refresh_token_sealed, own.subject_hash, own.state
            await rows.disconnect(
                tx,
                workspace_id=session.workspace_id,
                connection_id=own.id,
                reason="you disconnected it",
                now=session.now,
            )
            await sign_in_notices.disconnected(tx, own, now=session.now)
            await self._audit.did(tx, session, "disconnect", "own Sage sign-in", (was, "disconnected"))
        log.info("disconnected", workspace=session.workspace_id)
        key = {"workspace_id": session.workspace_id, "user_id": session.user_id}
        try:
            refresh = self._sage_tokens.open(sealed, REFRESH, **key)
        except SealBroken:
            log.warning("erased a sign-in that could not be opened", workspace=session.workspace_id)
        else:
            await self._sage_tokens.revoke(refresh, subject_hash=subject, **key)

    async def _own(self, session: Session) -> Connection:
        if not session.asker.is_full_member:
            raise NotAllowed
        async with self._database.reading() as tx:
            own = await _own_row(tx, session)
        if own is None:
            raise NotConnected
        if own.state != CONNECTED:
            raise ReconnectNeeded
        return own

    async def _choose_of(self, session: Session, companies: Companies, company: Company) -> CompanyChosen:
        if len(companies.offered) == 1:
            return CompanyChosen(company, companies.founded)  # chosen already
        return await self._choose(session, await self._own(session), company, companies.offered)

    async def _choose(
        self, session: Session, connection: Connection, company: Company, offered: Sequence[Company]
    ) -> CompanyChosen:
        async with self._database.transaction() as tx:
            await self._refuse_lost(tx, session, connection, offered)
            before_and_after = await choose_company(tx, connection, company)
            if before_and_after is not None:
                await self._audit.did(tx, session, "choose company", "own Sage sign-in", before_and_after)
            if before_and_after is not None:  # the sign-in may answer for the workspace from now on
                chosen = await rows.by_id(tx, workspace_id=session.workspace_id, connection_id=connection.id)
                if chosen is not None:
                    await sign_in_notices.channels_back(tx, chosen, now=session.now)
            founded = await found(tx, self._audit, session, connection)
        return CompanyChosen(company, founded)

    async def _refuse_lost(
        self, tx: AsyncSession, session: Session, connection: Connection, offered: Sequence[Company]
    ) -> None:
        """Store that Sage no longer opens the company that the sign-in answered from, where it isn't among these."""
        # Or a role would show that company on to a user who has another one now.
        left = await rows.company_of(tx, workspace_id=connection.workspace_id, connection_id=connection.id)
        if left is None or company_from(left).key in {each.key for each in offered}:
            return
        refusal, whose = SageAccessRemoved.__name__, {"workspace_id": session.workspace_id, "user_id": session.user_id}
        await sessions.refuse(tx, **whose, company_pk=left.id, refusal=refusal, now=session.now)
        line = AuditLine(session.now, session.user_id, "refused by Sage", left.company_name, "", refusal)
        await self._audit.record(tx, line, workspace_id=session.workspace_id)


def _not_live(sign_in: SignIn, session: Session) -> NotConnected | ReconnectNeeded:
    """Return why the sign-in that would answer doesn't."""
    if sign_in.is_own:
        return ReconnectNeeded()
    if sign_in.owner == session.user_id:  # they disconnected it, so they have none of their own either
        return NotConnected()
    state = "uninstalled" if sign_in.ended_by_uninstall else sign_in.state
    return WorkspaceSignInEnded(owner=sign_in.owner, state=state, since=sign_in.since)


async def _own_row(tx: AsyncSession, session: Session) -> Connection | None:
    """Return the user's connection while it holds tokens, whatever its state."""
    own = await rows.of_user(tx, workspace_id=session.workspace_id, user_id=session.user_id)
    return None if own is None or own.state == DISCONNECTED else own
