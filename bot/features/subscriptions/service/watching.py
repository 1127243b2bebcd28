"""News of one customer to somebody's own messages: an ordinary subscription that is about this customer alone."""

from __future__ import annotations

from datetime import datetime

from bot.domain.channel import Channel
from bot.domain.parsing import quoted
from bot.errors import ChannelUnknown
from bot.features.access.model.authorization import Asker
from bot.features.assistant.model.answers import Unwatched
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import CustomerCard
from bot.features.customers.service.watch_status import WatchStatus
from bot.features.subscriptions.model.subscription import Created, SubscriptionView
from bot.features.subscriptions.service.subscriptions import Subscriptions

_TOPICS = "holds,releases,over-limit"


class Watching:
    """What is behind the card's button, `/customer REF watch`, and the same said in plain English."""

    def __init__(self, *, connections: Connections, subscriptions: Subscriptions, watches: WatchStatus) -> None:
        self._connections = connections
        self._subscriptions = subscriptions
        self._watches = watches

    async def watch(self, asker: Asker, card: CustomerCard, *, now: datetime) -> Created | SubscriptionView:
        """The new subscription, or the one that was there: asked for twice it is one. Raises as `create`."""
        line = await self._connections.line_for(asker)
        number = await self._watches.number(asker, line.connection_id, card.customer.reference)
        if number is not None:
            return await self._subscriptions.one(asker, number)
        reference = card.customer.reference
        wish = f"{_TOPICS} in me where customer:{quoted(reference, reference.casefold())}"
        if line.kept.only is not None:
            wish += " mine"
        return await self._subscriptions.create(asker, wish, here="", look=_nowhere, now=now)

    async def unwatch(self, asker: Asker, card: CustomerCard, *, now: datetime) -> Unwatched:
        """End it; a number of None says that there was none."""
        line = await self._connections.line_for(asker)
        number = await self._watches.number(asker, line.connection_id, card.customer.reference)
        if number is not None:
            await self._subscriptions.remove(asker, number, now=now)
        return Unwatched(card, number)


async def _nowhere(channel_id: str) -> Channel:
    """News to oneself looks at no channel."""
    raise ChannelUnknown
