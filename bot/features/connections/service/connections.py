"""A person's connection to Sage: which company, in what state, and the client that asks with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.connections as rows
from bot.coordination.sage_throttle import SageGates
from bot.domain.company import Company
from bot.domain.oauth_tokens import warning_due
from bot.errors import (
    BadQuestion,
    NoCompanies,
    NoCompany,
    NotAllowed,
    NotConnected,
    ReconnectNeeded,
    WorkspaceSignInEnded,
)
from bot.features.access.model.authorization import UNDECIDED, Action, Asker, Decision, Visibility
from bot.features.access.model.rules import decide, permissions_of
from bot.features.access.service.authorizer import Authorizer, require_allowed
from bot.features.audit.service.log import AuditLog
from bot.features.connections.model import Companies, ConnectionStatus, WorkspaceSignInStatus
from bot.features.connections.service.company_choice import choose_company, company_from, copy_freshness
from bot.features.connections.service.workspace_connection import SignInLifetime
from bot.features.tokens.service.sage_tokens import REFRESH, SageTokens
from bot.sage.auth import TokenSource
from bot.sage.client import SageClient
from bot.sage.wire import Gate
from storage import workspaces
from storage.cipher import SealBroken
from storage.database import Database
from storage.tables.core import CONNECTED, DISCONNECTED, Connection

OpenSage = Callable[[TokenSource, Company | None, Gate | None], SageClient]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SageCompany:
    """A way to ask Sage: the client, the company it asks, whose sign-in it is, and what its asker may see and do.

    `decision` is of Sage's own answers; `kept` is of what comes from the copy, which another's sign-in read.
    """

    sage: SageClient
    company: Company
    connection_id: str
    workspace_id: str
    is_own: bool = False
    decision: Decision = UNDECIDED
    may: frozenset[Action] = frozenset()
    kept: Decision = UNDECIDED
    sign_in_id: str = ""
    has_role: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What is remembered of one sign-in and one company is for these alone."""
        return self.workspace_id, self.connection_id, self.sign_in_id, self.company.key


class Connections:
    """Everything about connections that are already live."""

    def __init__(
        self,
        *,
        database: Database,
        access: Authorizer,
        sage_tokens: SageTokens,
        life: SignInLifetime,
        gates: SageGates,
        open_sage: OpenSage,
        audit: AuditLog,
    ) -> None:
        self._audit = audit
        self._database = database
        self._access = access
        self._gates = gates
        self._custody = sage_tokens
        self._life = life
        self._open_sage = open_sage

    async def line_for(self, asker: Asker, *, action: Action = Action.FIGURES) -> SageCompany:
        """Ask Sage as the asker; else, if they may do that, through the workspace's own connection.

        Whoever asks for less than FIGURES must look at the line's verdict before showing anything, and so must
        whoever shows single customers: `line.verdict.shown_of(analysis)`. `line.kept` is that of the copy.
        Raises NotAllowed, NotConnected, ReconnectNeeded or NoCompany.
        """
        if not asker.is_full_member:
            raise NotAllowed
        member, policy = await self._access.member(asker), await self._access.policy(asker.workspace_id)
        async with self._database.reading() as tx:
            own = await _own_row(tx, asker)
            # As it is now: what they may through a sign-in of their own holds for that sign-in alone.
            member = replace(member, has_own=own is not None)
            decision = require_allowed(decide(member, action, Visibility.PRIVATE, policy))
            has_role = member.role is not None
            by_role = has_role or own is None or own.figures_seen_at is None
            kept = decide(member, Action.NEWS, Visibility.PRIVATE, policy) if by_role else decision
            may = permissions_of(member, policy).may
            workspace = await workspaces.by_id(tx, asker.workspace_id)
            shared_id = workspace.workspace_connection_id if workspace is not None else None
            shared = (
                await rows.by_id(tx, workspace_id=asker.workspace_id, connection_id=shared_id)
                if own is None and shared_id is not None
                else None
            )
            connection = own or shared
            company = (
                await rows.company_of(tx, workspace_id=asker.workspace_id, connection_id=connection.id)
                if connection is not None
                else None
            )
        if connection is None:
            raise NotConnected
        if connection.state != CONNECTED:
            raise ReconnectNeeded if connection is own else WorkspaceSignInEnded
        if company is None:
            raise NoCompany
        chosen = company_from(company)
        sage = self._open_sage(self._custody.tokens_of(connection), chosen, self._gates.of(chosen))
        whose = (connection.id, asker.workspace_id, connection is own)
        return SageCompany(sage, chosen, *whose, decision, may, kept, connection.sign_in_id, has_role)

    async def companies(self, asker: Asker, *, now: datetime) -> Companies:
        """Every company the person's own Sage ID reaches, asked afresh; a single one is chosen at once.

        Raises NotConnected, ReconnectNeeded, NoCompanies or a SageError.
        """
        connection = await self._own(asker)
        offered = await self._open_sage(self._custody.tokens_of(connection), None, None).companies()
        if not offered:
            raise NoCompanies
        if len(offered) == 1:
            return Companies(tuple(offered), await self._choose(asker, connection, offered[0], now))
        async with self._database.reading() as tx:
            chosen = await rows.company_of(tx, workspace_id=connection.workspace_id, connection_id=connection.id)
        return Companies(tuple(offered), company_from(chosen) if chosen is not None else None)

    async def choose(self, asker: Asker, *, number: int, now: datetime) -> Company:
        """Pick by the number `/sage company` showed."""
        offered = (await self.companies(asker, now=now)).offered
        if not 1 <= number <= len(offered):
            raise BadQuestion(f"There is no company number {number}: your Sage ID opens {len(offered)}.")
        return await self._choose(asker, await self._own(asker), offered[number - 1], now)

    async def choose_by_key(
        self, asker: Asker, *, edition: str, site_id: str, company_id: str, now: datetime
    ) -> Company:
        """Pick what a menu named. The names are checked against what this Sage ID really reaches."""
        for company in (await self.companies(asker, now=now)).offered:
            if (company.edition, company.site_id, str(company.company_id)) == (edition, site_id, company_id):
                return await self._choose(asker, await self._own(asker), company, now)
        raise BadQuestion("Your Sage ID doesn't open that company any more. Run `/sage company` for today's list.")

    async def status(self, asker: Asker, *, now: datetime) -> ConnectionStatus:
        """How the person's own sign-in stands, and the workspace's."""
        async with self._database.reading() as tx:
            own = await rows.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            workspace = await workspaces.by_id(tx, asker.workspace_id)
            shared_id = workspace.workspace_connection_id if workspace is not None else None
            shared = (
                await rows.by_id(tx, workspace_id=asker.workspace_id, connection_id=shared_id) if shared_id else None
            )
            company = await rows.company_of(tx, workspace_id=asker.workspace_id, connection_id=own.id) if own else None
            answers = own if own is not None and own.state != DISCONNECTED else shared
            copy = await copy_freshness(tx, asker, answers.company_pk if answers is not None else None)
        answering = (
            WorkspaceSignInStatus(shared.user_id, self._state(shared, now), shared.state_since) if shared else None
        )
        if own is None:
            return ConnectionStatus("not connected", workspace=answering, copy=copy)
        return ConnectionStatus(
            self._state(own, now),
            since=own.state_since,
            reason=own.state_reason,
            company=company_from(company) if company is not None else None,
            is_workspace_connection=own.id == shared_id,
            ends_at=self._life.end_of(own) if own.state == CONNECTED else None,
            trouble=own.trouble or "",
            trouble_since=own.trouble_since,
            workspace=answering,
            copy=copy,
        )

    def _state(self, row: Connection, now: datetime) -> str:
        if row.state == CONNECTED and warning_due(self._life.end_of(row), now=now) is not None:
            return "expiring"
        return row.state.replace("_", " ")

    async def disconnect(self, asker: Asker, *, now: datetime) -> None:
        """Erase the person's tokens at once, then tell Sage ID (best effort). Raises NotConnected."""
        async with self._database.transaction() as tx:
            own = await _own_row(tx, asker)
            if own is None:
                raise NotConnected
            sealed, subject, was = own.refresh_token_sealed, own.subject_hash, own.state
            await rows.disconnect(
                tx, workspace_id=asker.workspace_id, connection_id=own.id, reason="you disconnected it", now=now
            )
            await self._audit.did(tx, asker, "disconnect", "own Sage sign-in", (was, "disconnected"), now=now)
        log.info("disconnected", workspace=asker.workspace_id)
        whose = {"workspace_id": asker.workspace_id, "user_id": asker.user_id}
        try:
            refresh = self._custody.open(sealed, REFRESH, **whose)
        except SealBroken:
            log.warning("erased a sign-in that could not be opened", workspace=asker.workspace_id)
        else:
            await self._custody.revoke(refresh, subject_hash=subject, **whose)

    async def _own(self, asker: Asker) -> Connection:
        if not asker.is_full_member:
            raise NotAllowed
        async with self._database.reading() as tx:
            own = await _own_row(tx, asker)
        if own is None:
            raise NotConnected
        if own.state != CONNECTED:
            raise ReconnectNeeded
        return own

    async def _choose(self, asker: Asker, connection: Connection, company: Company, now: datetime) -> Company:
        async with self._database.transaction() as tx:
            stood = await choose_company(tx, connection, company)
            if stood is not None:
                await self._audit.did(tx, asker, "choose company", "own Sage sign-in", stood, now=now)
        return company


async def _own_row(tx: AsyncSession, asker: Asker) -> Connection | None:
    """The person's connection while it holds tokens, whatever its state."""
    own = await rows.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
    return None if own is None or own.state == DISCONNECTED else own
