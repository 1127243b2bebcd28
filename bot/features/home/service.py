"""Collects a user's App Home from the database, so that Home works while Sage is away."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.filters.customer_filter import EVERYONE
from bot.errors import BotError
from bot.features.access.model.authorization import Action, Decision, Role, RoleOverview, Shown
from bot.features.access.model.session import Session
from bot.features.admin.service.settings import WorkspaceSettings
from bot.features.connections.service.company_choice import company_from
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.service.conditions import condition_of
from bot.features.customers.service.listing import trusted_mirror
from bot.features.customers.service.lookup import Customers
from bot.features.customers.service.own_access import OwnAccess
from bot.features.home.model import MOST_ACCOUNTS, MOST_LATE, Accounts, Home, LateAccounts, Part, Setup, SystemState
from bot.features.on_hold.model.list import Account
from bot.features.on_hold.service.list import longest_held
from bot.features.overdue.service.list import latest_payers, suggestions
from bot.features.release_requests.model import ShownRequest
from bot.features.release_requests.service.requests import ReleaseRequests
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.features.subscriptions.service.subscriptions import subscription_view, unread_companies
from bot.features.temporary_releases.model import WaitingHold
from bot.features.temporary_releases.service.releases import TemporaryReleases
from storage.database import Database
from storage.queries.access import roles
from storage.queries.alerts import subscriptions
from storage.queries.mirror import mirror_state, open_items
from storage.tables.core import CompanyRow

_T = TypeVar("_T")

log = structlog.get_logger(__name__)


class HomeReader:
    """Reads a Home, each part under the rule of the command that shows the same."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        customers: Customers,
        settings: WorkspaceSettings,
        own_access: OwnAccess,
        release_requests: ReleaseRequests,
        temporary_releases: TemporaryReleases,
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._settings = settings
        self._own_access = own_access
        self._release_requests = release_requests
        self._temporary_releases = temporary_releases

    async def of(self, session: Session) -> Home:
        """Return the session's Home, empty for guests, strangers and unknown users. Raises no expected error."""
        if not session.asker.is_full_member:
            return Home()
        missing: list[Part] = []

        async def part(name: Part, collecting: Awaitable[_T], otherwise: _T) -> _T:
            try:
                return await collecting
            except (BotError, SQLAlchemyError, TimeoutError) as error:
                log.warning("a part of a Home is missing", part=name, why=type(error).__name__)
                missing.append(name)
                return otherwise

        becomes_workspace_connection, admins, setup = await part(Part.SETUP, self._setup(session), (False, (), None))
        requests, off_hold = await part(Part.REQUESTS, self._waiting(session), ((), ()))
        accounts, late = await part(Part.ACCOUNTS, self._figures(session), (None, None))
        return Home(
            permissions=session.permissions,
            role=session.role,
            becomes_workspace_connection=becomes_workspace_connection,
            connection=await part(Part.CONNECTION, self._connections.status(session), None),
            setup=setup,
            subscriptions=await part(Part.SUBSCRIPTIONS, self._subscriptions(session), ()),
            requests=requests,
            off_hold=off_hold,
            accounts=accounts,
            late=late,
            system=await part(Part.SETTINGS, self._system(session), None) if session.may(Action.SETTINGS) else None,
            admins=admins,
            missing=tuple(missing),
        )

    async def _waiting(self, session: Session) -> tuple[tuple[ShownRequest, ...], tuple[WaitingHold, ...]]:
        """Return the requests that the user may decide or asked for, and the accounts that could not be held again."""
        if not session.may_unasked(Action.REQUEST_RELEASE):
            return (), ()
        found = await self._release_requests.every(session)
        sorted_ = tuple(sorted(found, key=lambda each: not (each.may_decide or each.request.waits_for_answer)))
        return sorted_, tuple(each for each in await self._temporary_releases.waiting(session) if each.failed)

    async def _setup(self, session: Session) -> tuple[bool, tuple[str, ...], Setup | None]:
        """Return (whether this user's sign-in would become the workspace connection, admin ids, setup steps)."""
        here = {"workspace_id": session.workspace_id}
        async with self._database.reading() as tx:
            people, groups = await roles.people(tx, **here), await roles.groups(tx, **here)
            count, _ = await subscriptions.counts(tx, **here, owner=session.user_id)
        answers = session.workspace_sign_in is not None
        admins = tuple(sorted(user for user, role in people.items() if role == Role.ADMIN))
        becomes_workspace_connection = not admins and session.asker.may_found
        if not session.may(Action.SETTINGS) and not becomes_workspace_connection:
            return becomes_workspace_connection, admins, None
        others = any(user != session.user_id for user in people) or bool(groups)
        return (
            becomes_workspace_connection,
            admins,
            Setup(session.has_own_sign_in or answers, session.company_pk is not None, others, count > 0),
        )

    async def _subscriptions(self, session: Session) -> tuple[SubscriptionView, ...]:
        """Return the user's own subscriptions. Those that only an admin may change are in `/sage subscriptions`."""
        async with self._database.reading() as tx:
            found = await subscriptions.every(tx, workspace_id=session.workspace_id)
            mine = [(row, name) for row, name in found if row.owner == session.user_id]
            rows = [(row, name, await _company(tx, session, row.company_pk)) for row, name in mine]
            unread = await unread_companies(tx, session, {row.company_pk for row, _ in mine})
        return tuple(
            subscription_view(
                row,
                name,
                self._customers.cached_labels(session.workspace_id, company_from(company)),
                stopped=row.company_pk in unread,
            )
            for row, name, company in rows
            if company is not None
        )

    async def _figures(self, session: Session) -> tuple[Accounts | None, LateAccounts | None]:
        """Return what the mirror has of accounts, as far as the user may see them."""
        if session.cached.allowed:
            session = await self._own_access.confirmed(session)
        return await self._accounts(session), await self._late(session)

    async def _late(self, session: Session) -> LateAccounts | None:
        """Return who is overdue, for a user who is shown figures; None where that isn't known."""
        decision, as_of = session.cached, trusted_mirror(session)
        if decision.shown is not Shown.FIGURES or not decision.allowed or isinstance(as_of, NotKnown):
            return None
        visible = condition_of(EVERYONE, decision.only)
        theirs = condition_of(EVERYONE, session.own_customers or None, decision.only)
        here: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.company_pk or 0}
        async with self._database.reading() as tx:
            found = await latest_payers(tx, session, theirs, as_of=as_of, most=MOST_LATE)
            if found is None:
                return None
            holds = session.may(Action.DECIDE_RELEASE, requested_by="-")
            suggested = await suggestions(tx, session, visible) if holds else 0
            differing = await open_items.differing(tx, **here) if session.may(Action.SETTINGS) else 0
        session.reads.list("accounts overdue, on Home", "", found.company_name, found.totals.count)
        return LateAccounts(found, bool(session.own_customers), suggested, differing)

    async def _accounts(self, session: Session) -> Accounts | None:
        """Return the accounts on hold in the mirror, as far as the user may see them."""
        decision = session.cached
        if not decision.allowed:
            return Accounts(unassigned=True) if session.lacks_own_customers else None
        if session.answering is None:
            return None
        as_of = trusted_mirror(session)
        if isinstance(as_of, NotKnown):
            return Accounts(as_of)
        hidden = decision.only if decision.others is None else None
        figures = decision.shown is Shown.FIGURES and (decision.only is None or decision.others is None)
        wanted = condition_of(EVERYONE, session.own_customers or None, hidden)
        async with self._database.reading() as tx:
            # Where a balance isn't shown, the order must not tell which is the largest.
            listing = await longest_held(tx, session, as_of, wanted, most=MOST_ACCOUNTS, by_debt=figures)
        shown = tuple(_shown(account, decision) for account in listing.accounts)
        listing = replace(listing, accounts=shown, is_narrowed=decision.only is not None)
        if decision.shown is Shown.FIGURES:
            company = session.answering.company.company_name
            session.reads.list("accounts on hold, on Home", "", company, listing.totals.count)
        return Accounts(listing, own_only=bool(session.own_customers))

    async def _system(self, session: Session) -> SystemState:
        """Return roles and settings, without own customers: reading those needs labels from Sage."""
        chosen = await self._settings.chosen(session)
        async with self._database.reading() as tx:
            people = await roles.people(tx, workspace_id=session.workspace_id)
            groups = {row.group_id: row.role for row in await roles.groups(tx, workspace_id=session.workspace_id)}
        return SystemState(RoleOverview(people, groups), chosen)


async def _company(tx: AsyncSession, session: Session, company_pk: int) -> CompanyRow | None:
    return await mirror_state.company(tx, workspace_id=session.workspace_id, company_pk=company_pk)


def _shown(account: Account, decision: Decision) -> Account:
    """Return an account as this user may see it, without hidden figures."""
    held, customer = account.held, account.held.customer
    if decision.shown_of(customer.analysis) is Shown.FIGURES:
        return account
    bare = type(customer)(customer.customer_id, customer.reference, customer.name, customer.on_hold)
    return Account(replace(held, customer=bare))
