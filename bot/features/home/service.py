"""Collects a person's App Home from the database alone: Sage is never asked, so Home is there when Sage is not."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import BotError
from bot.features.access.model.authorization import Action, Asker, Decision, Member, Policy, Role, RoleOverview, Shown
from bot.features.access.model.rules import decide, permissions_of
from bot.features.access.service.authorizer import Authorizer, answering_company
from bot.features.admin.service.settings import WorkspaceSettings
from bot.features.alerts.model.messages import longest_first
from bot.features.connections.service.company_choice import company_from
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import FilterVocabulary
from bot.features.customers.service.lookup import Customers
from bot.features.home.model import Accounts, Home, Part, Setup, SystemState
from bot.features.on_hold.model.list import Account, Listing, NotKnown
from bot.features.on_hold.service.list import account_of, trusted
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.features.subscriptions.service.subscriptions import subscription_view
from storage import mirror_state as ledgers
from storage import roles, targets, workspaces
from storage import subscriptions as subscribed
from storage.database import Database
from storage.tables.core import CompanyRow

_T = TypeVar("_T")

log = structlog.get_logger(__name__)


class HomeReader:
    """Who asks is looked at afresh each time, and every part by the rule of the command that shows the same."""

    def __init__(
        self,
        *,
        database: Database,
        access: Authorizer,
        connections: Connections,
        customers: Customers,
        settings: WorkspaceSettings,
    ) -> None:
        self._database = database
        self._access = access
        self._connections = connections
        self._customers = customers
        self._settings = settings

    async def of(self, asker: Asker, *, now: datetime) -> Home:
        """Guests, strangers and people who can't be looked up have an empty one. Raises nothing that is expected."""
        if not asker.is_full_member:
            return Home(asker.workspace_name)
        member, policy = await self._access.member(asker), await self._access.policy(asker.workspace_id)
        missing: list[Part] = []

        async def part(name: Part, collecting: Awaitable[_T], otherwise: _T) -> _T:
            try:
                return await collecting
            except (BotError, SQLAlchemyError, TimeoutError) as error:
                log.warning("a part of a Home is missing", part=name, why=type(error).__name__)
                missing.append(name)
                return otherwise

        becomes_workspace_connection, admins, setup = await part(
            Part.SETUP, self._setup(asker, member), (False, (), None)
        )
        return Home(
            workspace_name=asker.workspace_name,
            reach=permissions_of(member, policy),
            role=member.role,
            becomes_workspace_connection=becomes_workspace_connection,
            stands=await part(Part.STANDS, self._connections.status(asker, now=now), None),
            setup=setup,
            subscriptions=await part(Part.SUBSCRIPTIONS, self._subscriptions(asker), ()),
            accounts=await part(Part.ACCOUNTS, self._accounts(asker, member, policy, now=now), None),
            running=await part(Part.SETTINGS, self._running(asker), None) if member.role is Role.ADMIN else None,
            admins=admins,
            missing=tuple(missing),
        )

    async def _setup(self, asker: Asker, member: Member) -> tuple[bool, tuple[str, ...], Setup | None]:
        """Whether this person would found the workspace's sign-in, who its admins are, and for those what is left."""
        here = {"workspace_id": asker.workspace_id}
        async with self._database.reading() as tx:
            workspace = await workspaces.by_id(tx, asker.workspace_id)
            people, groups = await roles.people(tx, **here), await roles.groups(tx, **here)
            count = await subscribed.count(tx, **here)
            own, company_pk = await answering_company(tx, asker)
        answers = workspace is not None and workspace.workspace_connection_id is not None
        becomes_workspace_connection = not answers and asker.may_own_workspace
        admins = tuple(sorted(user for user, role in people.items() if role == Role.ADMIN))
        if member.role is not Role.ADMIN and not becomes_workspace_connection:
            return becomes_workspace_connection, admins, None
        others = any(user != asker.user_id for user in people) or bool(groups)
        return becomes_workspace_connection, admins, Setup(own or answers, company_pk is not None, others, count > 0)

    async def _subscriptions(self, asker: Asker) -> tuple[SubscriptionView, ...]:
        """Their own: those that only an admin may change are listed by `/sage subscriptions`."""
        async with self._database.reading() as tx:
            found = await subscribed.every(tx, workspace_id=asker.workspace_id)
            mine = [(row, name) for row, name in found if row.owner == asker.user_id]
            kept = [(row, name, await _company(tx, asker, row.company_pk)) for row, name in mine]
        return tuple(
            subscription_view(row, name, self._customers.labels_kept(asker.workspace_id, company_from(company)))
            for row, name, company in kept
            if company is not None
        )

    async def _accounts(self, asker: Asker, member: Member, policy: Policy, *, now: datetime) -> Accounts | None:
        """By the rule of news: the copy was read with another's sign-in, and Sage isn't asked, so the role decides."""
        decision = decide(member, Action.NEWS, policy=policy)
        if not decision.allowed:
            uncoded = member.role is Role.SALES
            return Accounts(uncoded=True) if uncoded else None
        async with self._database.reading() as tx:
            _, company_pk = await answering_company(tx, asker)
            if company_pk is None:
                return None
            company = await _company(tx, asker, company_pk)
            if company is None:
                return None
            known = FilterVocabulary(company.id, company.company_name, {}, {}, member.mine)
            as_of = await trusted(tx, asker, known, policy, now=now)
            if isinstance(as_of, NotKnown):
                return Accounts(as_of)
            found = await targets.held(tx, company_pk=company.id)
        zone = ZoneInfo(policy.zone)
        every = [_shown(account_of(row, stay, now, zone), member, decision) for row, stay in found]
        accounts = sorted(filter(None, every), key=lambda account: longest_first(account.held))
        narrowed = decision.only is not None
        listing = Listing(tuple(accounts), company.company_name, as_of, is_narrowed=narrowed)
        return Accounts(listing, theirs=bool(member.mine))

    async def _running(self, asker: Asker) -> SystemState:
        """As `/sage roles` and `/sage settings` show it, without whose customers are whose: those need Sage's words."""
        chosen = await self._settings.chosen(asker)
        async with self._database.reading() as tx:
            people = await roles.people(tx, workspace_id=asker.workspace_id)
            groups = {row.group_id: row.role for row in await roles.groups(tx, workspace_id=asker.workspace_id)}
        return SystemState(RoleOverview(people, groups), chosen)


async def _company(tx: AsyncSession, asker: Asker, company_pk: int) -> CompanyRow | None:
    return await ledgers.company(tx, workspace_id=asker.workspace_id, company_pk=company_pk)


def _shown(account: Account, member: Member, decision: Decision) -> Account | None:
    """An account as this person may see it here: their own where there are such, and without what they may not see."""
    held, analysis = account.held, account.held.customer.analysis
    if member.mine and not any(codes.fit(analysis) for codes in member.mine):
        return None
    shown = decision.shown_of(analysis)
    if shown is None or shown is Shown.FIGURES:
        return account if shown is not None else None
    customer = held.customer
    bare = type(customer)(customer.customer_id, customer.reference, customer.name, customer.on_hold)
    return Account(replace(held, customer=bare))
