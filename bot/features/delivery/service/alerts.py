"""Turns an alert's outbox row into the message that the alert's readers may be shown now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.batched import Batched
from bot.errors import BotError
from bot.features.access.model.authorization import Decision, Shown
from bot.features.alerts.model.messages import ChangeAlert, ChannelTrouble, MessageKind, News
from bot.features.alerts.model.topics import DeliveryMode
from bot.features.alerts.service.compose import Episodes, compose_alert, disclosed, episodes_of, silence
from bot.features.delivery.service.audience import Audience
from bot.features.delivery.service.placement import Alert, Placed, Ready
from bot.features.delivery.service.reps import OwnCodes, Reps
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.access import roles
from storage.queries.alerts.outbox import Claimed
from storage.queries.mirror import hold_episodes
from storage.queries.mirror.hold_episodes import Stay
from storage.tables.alerts import LiveCard, OutboxRow, SubscriptionRow

UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, BotError)

log = structlog.get_logger(__name__)


class Alerts:
    """Authorizes the readers of an alert immediately before the alert is posted, and composes what they are shown."""

    def __init__(self, *, database: Database, audience: Audience, reps: Reps, clock: Callable[[], datetime]) -> None:
        self._reps = reps
        self._database = database
        self._audience = audience
        self._clock = clock
        self._composed = Batched(self._compose)

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
            # A list may take a while, and nobody else's news is to wait for it.
            wanted, is_short = _Wanted(row, subscription, found), row.kind == MessageKind.CHANGE
            news, card, codes = await self._composed.ask(wanted) if is_short else (await self._compose([wanted]))[0]
            if isinstance(news, Exception):
                raise news
            shown = _heard(news, card) or disclosed(news, subscription, found)
        except UNREADABLE as error:
            log.exception("an outbox row can't be read", row=row.id)
            return f"unreadable: {type(error).__name__}"
        if not isinstance(shown, Shown):
            return shown
        if isinstance(news, ChangeAlert):
            news = await self._with_reps(bot, news, subscription, codes)
        in_thread = subscription.delivery == DeliveryMode.THREAD
        return Ready(
            bot, row, Alert(news, shown, company_pk=subscription.company_pk), claimed.in_doubt, card, in_thread
        )

    async def _with_reps(
        self, bot: Bot, news: ChangeAlert, subscription: SubscriptionRow, codes: OwnCodes
    ) -> ChangeAlert:
        """Return the news with the customer's people, unless these are the reader alone."""
        reps = await self._reps.of(bot, subscription, news.change.customer.analysis, codes)
        is_readers = subscription.is_personal and [rep.user_id for rep in reps] == [subscription.target_id]
        return replace(news, reps=() if is_readers else reps)

    async def settle(self, tx: AsyncSession, sent: Iterable[tuple[Ready, Placed]]) -> None:
        """Store where messages stand as the live messages of their alerts' hold episodes."""
        cards = {_stay(ready.row): (placed.channel, placed.ts) for ready, placed in sent if placed.is_card}
        await hold_episodes.save_live_cards(tx, {stay: where for stay, where in cards.items() if stay is not None})

    async def _compose(self, wanted: Sequence[_Wanted]) -> list[tuple[News | Exception, LiveCard | None, OwnCodes]]:
        """Return the news of each, or why it can't be read, the live message that it belongs to, and whose codes."""
        stays = {stay for each in wanted if (stay := _stay(each.row)) is not None}
        companies = {each.company for each in wanted}
        codes = await self._database.look(lambda connection: roles.codes_of_companies(connection, companies))
        async with self._database.reading() as tx:
            episodes = await episodes_of(tx, (each.row for each in wanted))
            cards = await hold_episodes.live_cards(tx, stays=stays) if stays else {}
            return [
                (await self._news(tx, each, episodes), _in(cards, _stay(each.row)), codes[each.company])
                for each in wanted
            ]

    async def _news(self, tx: AsyncSession, wanted: _Wanted, episodes: Episodes) -> News | Exception:
        try:
            return await compose_alert(
                tx, wanted.row, wanted.subscription, wanted.decision, episodes=episodes, now=self._clock()
            )
        except UNREADABLE as error:
            return error


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """An alert to compose, for readers of whom this was decided."""

    row: OutboxRow
    subscription: SubscriptionRow
    decision: Decision

    @property
    def company(self) -> tuple[str, int]:
        return self.row.workspace_id, self.subscription.company_pk


def _heard(news: News | Exception, card: LiveCard | None) -> str:
    """Return why news that its reader has is dropped; empty for other news, and where their card is still to change."""
    is_known = isinstance(news, ChangeAlert) and news.is_known and card is None
    return "told by the answer to the request" if is_known else ""


def _stay(row: OutboxRow) -> Stay | None:
    return (row.workspace_id, row.target_id, row.episode_id) if row.episode_id is not None else None


def _in(cards: Mapping[Stay, LiveCard], stay: Stay | None) -> LiveCard | None:
    return cards.get(stay) if stay is not None else None
