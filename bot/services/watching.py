"""News of one customer to somebody's own messages: an ordinary subscription that is about this customer alone."""

from __future__ import annotations

from datetime import datetime

from bot.domain.access import Asker
from bot.domain.channels import Channel
from bot.domain.lookups import Card
from bot.domain.subscriptions import Created, Kept
from bot.domain.talk import Unwatched
from bot.domain.typed import quoted
from bot.errors import ChannelUnknown
from bot.services.connections import Connections
from bot.services.subscriptions import Subscriptions
from bot.services.watches import Watches

_TOPICS = "holds,releases,over-limit"


class Watching:
    """What is behind the card's button, `/customer REF watch`, and the same said in plain English."""

    def __init__(self, *, connections: Connections, subscriptions: Subscriptions, watches: Watches) -> None:
        self._connections = connections
        self._subscriptions = subscriptions
        self._watches = watches

    async def watch(self, asker: Asker, card: Card, *, now: datetime) -> Created | Kept:
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

    async def unwatch(self, asker: Asker, card: Card, *, now: datetime) -> Unwatched:
        """End it; a number of None says that there was none."""
        line = await self._connections.line_for(asker)
        number = await self._watches.number(asker, line.connection_id, card.customer.reference)
        if number is not None:
            await self._subscriptions.remove(asker, number, now=now)
        return Unwatched(card, number)


async def _nowhere(channel_id: str) -> Channel:
    """News to oneself looks at no channel."""
    raise ChannelUnknown
