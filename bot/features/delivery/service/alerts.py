"""Turns an alert's outbox row into the message that the alert's readers may be shown now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import BotError
from bot.features.access.model.authorization import Shown
from bot.features.alerts.model.messages import ChangeAlert, ChannelTrouble
from bot.features.alerts.model.topics import DeliveryMode
from bot.features.alerts.service.compose import compose_alert, disclosed, silence
from bot.features.delivery.service.audience import Audience
from bot.features.delivery.service.placement import Alert, Placed, Ready
from bot.features.delivery.service.reps import Reps
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.mirror import hold_episodes
from storage.queries.outbox import Claimed
from storage.tables.alerts import LiveCard, OutboxRow, SubscriptionRow

log = structlog.get_logger(__name__)


class Alerts:
    """Authorizes the readers of an alert immediately before the alert is posted, and composes what they are shown."""

    def __init__(self, *, database: Database, audience: Audience, reps: Reps, clock: Callable[[], datetime]) -> None:
        self._reps = reps
        self._database = database
        self._audience = audience
        self._clock = clock

    async def ready(
        self, bot: Bot | None, claimed: Claimed, subscription: SubscriptionRow
    ) -> Ready | ChannelTrouble | str:
        """Return the message, the trouble that keeps every message from the target, or why this alert is dropped.

        Raises SlackPosting.
        """
        if why := silence(subscription, self._clock()):
            return why
        if bot is None:
            return ChannelTrouble.NOT_INSTALLED
        row = claimed.row
        found = await self._audience.of(
            bot,
            row.recipient,
            is_personal=row.is_personal,
            company_pk=subscription.company_pk,
            owner=subscription.owner,
        )
        if isinstance(found, ChannelTrouble):
            return found
        try:
            async with self._database.reading() as tx:
                news = await compose_alert(tx, row, subscription, found, now=self._clock())
                card = await _card(tx, row)
            shown = disclosed(news, subscription, found)
        except (KeyError, ValueError, TypeError, AttributeError, BotError) as error:
            log.exception("an outbox row can't be read", row=row.id)
            return f"unreadable: {type(error).__name__}"
        if not isinstance(shown, Shown):
            return shown
        if isinstance(news, ChangeAlert):
            news = await self._with_reps(bot, news, subscription)
        in_thread = subscription.delivery == DeliveryMode.THREAD
        return Ready(
            bot, row, Alert(news, shown, company_pk=subscription.company_pk), claimed.in_doubt, card, in_thread
        )

    async def _with_reps(self, bot: Bot, news: ChangeAlert, subscription: SubscriptionRow) -> ChangeAlert:
        """Return the news with the customer's people, unless these are the reader alone."""
        reps = await self._reps.of(bot, subscription, news.change.customer.analysis)
        is_readers = subscription.is_personal and [rep.user_id for rep in reps] == [subscription.target_id]
        return replace(news, reps=() if is_readers else reps)

    async def settle(self, tx: AsyncSession, ready: Ready, placed: Placed) -> None:
        """Store where the message stands as the live message of the alert's hold episode."""
        row = ready.row
        if placed.is_card and row.episode_id is not None:
            await hold_episodes.save_live_card(tx, **_stay(row), channel=placed.channel, ts=placed.ts)


async def _card(tx: AsyncSession, row: OutboxRow) -> LiveCard | None:
    return await hold_episodes.live_card(tx, **_stay(row)) if row.episode_id is not None else None


def _stay(row: OutboxRow) -> dict[str, Any]:
    return {"workspace_id": row.workspace_id, "target_id": row.target_id, "episode_id": row.episode_id}
