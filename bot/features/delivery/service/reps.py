"""Whose customer an alert is about: the people whom an admin said so of, or else the name in Sage's own code for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from cachetools import TTLCache

from bot.domain.filters.customer_filter import codes_from
from bot.errors import BotError
from bot.features.access.model.authorization import Asker, Membership
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import Rep
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.lookup import Customers
from bot.features.installations.service.installations import Bot
from bot.features.subscriptions.model.subscription import is_reps
from storage.tables.alerts import SubscriptionRow

_MOST = 3
_FRESH = 900  # seconds for which a name in Slack, or none, and the codes that name reps are cached
_IN_TIME = 2.0  # seconds for Sage's names of the analysis codes

OwnCodes = Mapping[str, Mapping[int, tuple[str, ...]]]
"""By user id, the values by slot of the codes that say whose own customers a company's are."""

log = structlog.get_logger(__name__)


class CompanyLabels:
    """The names of a company's analysis codes, as its sign-in has them or as they are cached."""

    def __init__(self, *, connections: Connections, customers: Customers) -> None:
        self._connections = connections
        self._customers = customers

    async def of(self, session: Session) -> Mapping[int, str]:
        """Return the names by slot; none if Sage doesn't say in time."""
        try:
            async with asyncio.timeout(_IN_TIME):
                return await self._customers.labels(self._connections.company_for(session))
        except (TimeoutError, BotError):
            return {}


class Reps:
    """Finds the people of a customer, by their names in Slack."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        labels: CompanyLabels,
        slack_directory: SlackDirectory,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._labels = labels
        self._slack_directory = slack_directory
        self._clock = clock
        self._names: TTLCache[tuple[str, str], str] = TTLCache(5_000, _FRESH, timer=lambda: clock().timestamp())
        # Asked for once for a queue of alerts, not for each.
        self._rep_slots: TTLCache[tuple[str, int], tuple[int, ...]] = TTLCache(
            1_000, _FRESH, timer=lambda: clock().timestamp()
        )

    async def of(
        self, bot: Bot, subscription: SubscriptionRow, analysis: Mapping[int, str], stored: OwnCodes
    ) -> tuple[Rep, ...]:
        """Return the first people whose customer this is; or the one that Sage names, who has no user id.

        `stored` are the codes of the company's own customers.
        """
        owners = sorted(user for user, codes in stored.items() if any(c.fit(analysis) for c in codes_from(codes)))
        named = [Rep(await self._name(bot, user), user) for user in owners[:_MOST]]
        found = tuple(rep for rep in named if rep.name)
        if found or not analysis:
            return found
        values = (analysis.get(slot, "").strip() for slot in await self._slots(bot, subscription))
        return tuple(Rep(value) for value in values if value)[:1]

    async def _slots(self, bot: Bot, subscription: SubscriptionRow) -> tuple[int, ...]:
        """Return the codes of the company that name a rep; none if Sage doesn't say in time."""
        key = (bot.workspace_id, subscription.company_pk)
        if key not in self._rep_slots:
            asker = Asker(bot.workspace_id, bot.name, bot.slack_id, subscription.owner, "", Membership.MEMBER)
            try:
                session = await self._sessions.of(asker, now=self._clock(), company_pk=subscription.company_pk)
            except BotError:
                return ()
            labels = await self._labels.of(session)
            if not labels:
                return ()
            self._rep_slots[key] = tuple(slot for slot, label in sorted(labels.items()) if is_reps(label))
        return self._rep_slots[key]

    async def _name(self, bot: Bot, user_id: str) -> str:
        key = (bot.workspace_id, user_id)
        if key not in self._names:
            try:
                self._names[key] = await self._slack_directory.name(bot, user_id)
            except BotError as error:
                log.info("could not ask for a name", why=type(error).__name__)
                return ""
        return self._names[key]
