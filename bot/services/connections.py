"""A person's connection to Sage: which company, in what state, and the client that asks with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

import storage.connections as rows
from bot.domain.access import Asker, answered_by_workspace
from bot.domain.companies import Company, Edition
from bot.domain.connections import Companies, Status
from bot.errors import BadQuestion, NoCompanies, NoCompany, NotAllowed, NotConnected, ReconnectNeeded
from bot.sage.auth import SageId, TokenSource
from bot.sage.client import SageClient
from bot.services.tokens import REFRESH, Custody
from storage import workspaces
from storage.cipher import SealBroken
from storage.database import Database
from storage.models import Company as StoredCompany
from storage.models import Connection

OpenSage = Callable[[TokenSource, Company | None], SageClient]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A way to ask Sage: the client, the company it asks, and whose sign-in it is."""

    sage: SageClient
    company: Company
    connection_id: str
    workspace_id: str


class Connections:
    """Everything about connections that are already live."""

    def __init__(self, *, database: Database, custody: Custody, sage_id: SageId, open_sage: OpenSage) -> None:
        self._database = database
        self._custody = custody
        self._sage_id = sage_id
        self._open_sage = open_sage

    async def line_for(self, asker: Asker) -> Line:
        """Ask Sage as the asker; else, if an admin gave them a role, through the workspace's own connection.

        Raises NotAllowed, NotConnected, ReconnectNeeded or NoCompany.
        """
        if not asker.may_see_figures:
            raise NotAllowed
        async with self._database.reading() as tx:
            own = await rows.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            role = await workspaces.role_of(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            workspace = await workspaces.by_id(tx, asker.workspace_id)
            shared_id = workspace.workspace_connection_id if workspace is not None else None
            shared = (
                await rows.by_id(tx, workspace_id=asker.workspace_id, connection_id=shared_id)
                if own is None and shared_id is not None and answered_by_workspace(role)
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
        if connection.state != "connected":
            raise ReconnectNeeded
        if company is None:
            raise NoCompany
        chosen = _company(company)
        sage = self._open_sage(self._custody.tokens_of(connection), chosen)
        return Line(sage, chosen, connection.id, asker.workspace_id)

    async def companies(self, asker: Asker) -> Companies:
        """Every company the person's own Sage ID reaches, asked afresh; a single one is chosen at once.

        Raises NotConnected, ReconnectNeeded, NoCompanies or a SageError.
        """
        connection = await self._own(asker)
        offered = await self._open_sage(self._custody.tokens_of(connection), None).companies()
        if not offered:
            raise NoCompanies
        if len(offered) == 1:
            return Companies(tuple(offered), await self._choose(connection, offered[0]))
        async with self._database.reading() as tx:
            chosen = await rows.company_of(tx, workspace_id=connection.workspace_id, connection_id=connection.id)
        return Companies(tuple(offered), _company(chosen) if chosen is not None else None)

    async def choose(self, asker: Asker, *, number: int) -> Company:
        """Pick by the number `/sage company` showed."""
        offered = (await self.companies(asker)).offered
        if not 1 <= number <= len(offered):
            raise BadQuestion(f"There is no company number {number}: your Sage ID opens {len(offered)}.")
        return await self._choose(await self._own(asker), offered[number - 1])

    async def choose_by_key(self, asker: Asker, *, edition: str, site_id: str, company_id: str) -> Company:
        """Pick what a menu named. The names are checked against what this Sage ID really reaches."""
        for company in (await self.companies(asker)).offered:
            if (company.edition, company.site_id, str(company.company_id)) == (edition, site_id, company_id):
                return await self._choose(await self._own(asker), company)
        raise BadQuestion("Your Sage ID doesn't open that company any more. Run `/sage company` for today's list.")

    async def status(self, asker: Asker) -> Status:
        """How the person's own connection stands."""
        async with self._database.reading() as tx:
            own = await rows.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            if own is None:
                return Status("not connected")
            company = await rows.company_of(tx, workspace_id=asker.workspace_id, connection_id=own.id)
            workspace = await workspaces.by_id(tx, asker.workspace_id)
        return Status(
            own.state.replace("_", " "),
            since=own.state_since,
            reason=own.state_reason or "",
            company=_company(company) if company is not None else None,
            is_workspace_connection=workspace is not None and workspace.workspace_connection_id == own.id,
        )

    async def disconnect(self, asker: Asker) -> None:
        """Erase the person's tokens at once, then tell Sage ID (best effort). Raises NotConnected."""
        async with self._database.transaction() as tx:
            own = await rows.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            if own is None:
                raise NotConnected
            sealed = own.refresh_token_sealed
            await rows.delete(tx, workspace_id=asker.workspace_id, connection_id=own.id)
        log.info("disconnected", workspace=asker.workspace_id)
        try:
            refresh = self._custody.open(sealed, REFRESH, workspace_id=asker.workspace_id, user_id=asker.user_id)
        except SealBroken:
            log.warning("erased a sign-in that could not be opened", workspace=asker.workspace_id)
        else:
            await self._sage_id.revoke(refresh)

    async def _own(self, asker: Asker) -> Connection:
        if not asker.may_see_figures:
            raise NotAllowed
        async with self._database.reading() as tx:
            own = await rows.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
        if own is None:
            raise NotConnected
        if own.state != "connected":
            raise ReconnectNeeded
        return own

    async def _choose(self, connection: Connection, company: Company) -> Company:
        async with self._database.transaction() as tx:
            await rows.choose_company(
                tx,
                workspace_id=connection.workspace_id,
                connection_id=connection.id,
                edition=company.edition.value,
                site_id=company.site_id,
                company_id=company.company_id,
                company_name=company.company_name,
                site_name=company.site_name,
            )
        return company


def _company(row: StoredCompany) -> Company:
    return Company(row.company_name, row.site_name, Edition(row.edition), row.site_id, row.company_id)
