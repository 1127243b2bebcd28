"""Reads what a person who was given a role is told: just before the message is sent, since it may wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.filters import customer_filter as filters
from bot.domain.filters.customer_filter import Filter
from bot.features.access.model.session import Session
from bot.features.access.model.welcome import RoleWelcome
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.connections.model import ConnectLinkOffer
from bot.features.connections.service.connect_link import ConnectLinks
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.conditions import condition_of
from bot.features.customers.service.lookup import Customers
from bot.features.delivery.service.reps import CompanyLabels
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.alerts import subscriptions
from storage.queries.mirror import mirrored_customers

_EXAMPLES = 2


class RoleWelcomes:
    """Makes the welcome, with a connect link of the person's own if they lack a sign-in."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        customers: Customers,
        connect_links: ConnectLinks,
        slack_directory: SlackDirectory,
    ) -> None:
        self._database = database
        self.labels = CompanyLabels(connections=connections, customers=customers)
        self._connect_links = connect_links
        self._slack_directory = slack_directory

    async def of(self, bot: Bot, session: Session) -> RoleWelcome | None:
        """Return the welcome; None for a person without a role. Raises SlackPosting."""
        if session.role is None:
            return None
        own = session.sign_in
        is_connected = own is not None and own.is_own and own.state == "connected"
        decision = session.cached
        welcome = RoleWelcome(
            session.role,
            sees_all=decision.allowed and decision.only is None,
            is_connected=is_connected,
            link=None if is_connected else await self._link(bot, session),
        )
        if session.answering is None:
            return welcome
        welcome = replace(welcome, company_name=session.answering.company.company_name)
        company: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.answering.pk}
        async with self._database.reading() as tx:
            if decision.allowed and decision.shown is not None:
                seen = condition_of(filters.EVERYONE, decision.only)
                _, examples = await mirrored_customers.examples(tx, **company, wanted=seen, most=_EXAMPLES)
                welcome = replace(welcome, examples=tuple(examples))
            if session.own_customers:
                theirs = condition_of(Filter(mine=session.own_customers))
                count, _ = await mirrored_customers.examples(tx, **company, wanted=theirs, most=0)
                theirs_told = await subscriptions.personal(tx, **company, owners=[session.user_id])
                is_followed = any(each.is_default for each in theirs_told)
                welcome = replace(welcome, own_count=count, is_followed=is_followed)
        if session.own_customers:
            # In words, any of the codes: each is a condition of its own.
            chosen = Filter(codes=session.own_customers, either=len(session.own_customers) > 1)
            welcome = replace(welcome, own=filters.describe_filter(chosen, await self.labels.of(session)))
        return welcome

    async def _link(self, bot: Bot, session: Session) -> ConnectLinkOffer | None:
        """Return a new connect link, with the name that its page shows; None as for `offer_unasked`."""
        name = await self._slack_directory.name(bot, session.user_id)
        named = replace(session, asker=replace(session.asker, name=name))
        return await self._connect_links.offer_unasked(named)
