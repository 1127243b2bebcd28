"""Watches: personal subscriptions about one customer alone, or about the customers of a list."""

from __future__ import annotations

from bot.domain.channel import Channel
from bot.domain.text.parsing import quoted
from bot.errors import ChannelUnknown
from bot.features.access.model.session import Session
from bot.features.assistant.model.answers import Unwatched
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import CustomerCard
from bot.features.customers.service.watch_status import watch_number
from bot.features.subscriptions.model.subscription import Created, SubscriptionView
from bot.features.subscriptions.service.subscriptions import Subscriptions

_TOPICS = "holds,releases,over-limit"


class Watching:
    """Serves the card's button, `/customer REF watch` and `unwatch`, and the plain English for them."""

    def __init__(self, *, connections: Connections, subscriptions: Subscriptions) -> None:
        self._connections = connections
        self._subscriptions = subscriptions

    async def watch(self, session: Session, card: CustomerCard) -> Created | SubscriptionView:
        """Return the watch of a customer, made now unless there was one. Raises as `create`."""
        self._connections.company_for(session)  # raises for those who may not see figures
        number = watch_number(session, card.customer.reference)
        if number is not None:
            return await self._subscriptions.one(session, number)
        reference = card.customer.reference
        wish = f"{_TOPICS} in me where customer:{quoted(reference, reference.casefold())}"
        if session.cached.only is not None:
            wish += " mine"
        return await self._subscriptions.create(session, wish, here="", look=_nowhere)

    async def keep_posted(self, session: Session, wish: str) -> Created:
        """Return the subscription to news of a list in private, made now unless there was one. Raises as `create`."""
        self._connections.company_for(session)  # raises for those who may not see figures
        # The button is not taken at its word: it is read as if the user had typed it, and reaches no channel.
        return await self._subscriptions.create(session, wish, here="", look=_nowhere)

    async def unwatch(self, session: Session, card: CustomerCard) -> Unwatched:
        """End the watch of a customer; return its number, None if there was none."""
        self._connections.company_for(session)  # raises for those who may not see figures
        number = watch_number(session, card.customer.reference)
        if number is not None:
            await self._subscriptions.remove(session, number)
        return Unwatched(card, number)


async def _nowhere(channel_id: str) -> Channel:
    """Raise an error: a personal subscription asks about no channel."""
    raise ChannelUnknown
