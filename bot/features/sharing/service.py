"""A customer shown to a channel: who may, and how much that channel is shown. Asked at every step afresh."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.domain import channel as channels
from bot.domain.channel import Channel
from bot.errors import BadQuestion, NotAllowed, SageMissing
from bot.features.access.model.authorization import Action, Asker, Shown, Visibility
from bot.features.access.service.authorizer import Authorizer
from bot.features.account_detail.service import DetailRequest
from bot.features.audit.service.log import AuditLog
from bot.features.customers.model.lookup import CustomerCard
from bot.features.customers.service.lookup import Customers
from bot.features.sharing.model import Shared
from storage.database import Database

Look = Callable[[str], Awaitable[Channel]]
"""Asks Slack about a channel, by id."""


class Sharing:
    """Nothing that a button, a form or its note says is trusted but which customer and which channel are meant."""

    def __init__(self, *, database: Database, access: Authorizer, customers: Customers, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit
        self._access = access
        self._customers = customers

    async def begin(self, asker: Asker, wanted: DetailRequest, *, now: datetime) -> CustomerCard:
        """The card to share, for those who may share at all. Raises as `ready`."""
        await self._access.require(asker, Action.SHARE, place=Visibility.STATUS)
        card = await self._customers.by_id(asker, wanted.customer_id, now=now)
        if card.customer.reference != wanted.reference:
            raise SageMissing("That card is of another account than this button asks for now.")
        if card.shown is not Shown.FIGURES:
            raise NotAllowed("You can share only customers whose figures you may see yourself.", hint="")
        return card

    async def ready(self, asker: Asker, wanted: DetailRequest, channel_id: str, *, look: Look, now: datetime) -> Shared:
        """What would be posted there just now: of the figures no more than the channel is shown.

        Raises NotAllowed, NotConnected, BadQuestion, ChannelUnknown, SageMissing, or what keeps the asker from Sage.
        """
        card = await self.begin(asker, wanted, now=now)
        if channels.is_conversation(channel_id):
            raise BadQuestion("That is a conversation, not a channel.", hint=_ANOTHER)
        channel = await look(channel_id)
        why = channels.refusal(channel)
        if why:
            raise BadQuestion(why, hint=_ANOTHER)
        if not channel.is_member:
            raise BadQuestion("I'm not in that channel, so I can't post there.", hint=_INVITE)
        place = await self._access.place(asker.workspace_id, channel_id)
        decision = await self._access.require(asker, Action.SHARE, place=place)
        shown = decision.shown_of(card.customer.analysis)
        if shown is None:
            raise NotAllowed("That isn't one of your customers, so you can't share it.", hint="")
        return Shared(card, shown, channel_id, asker.user_id)

    async def share(self, asker: Asker, wanted: DetailRequest, channel_id: str, *, look: Look, now: datetime) -> Shared:
        """What is to be posted there now. Noted in the record first, so that nothing is shared without a line.

        Raises as `ready`.
        """
        ready = await self.ready(asker, wanted, channel_id, look=look, now=now)
        customer = ready.card.customer
        what, where = f"{customer.reference} {customer.name}", f"{channel_id}, shown {ready.shown.value}"
        async with self._database.transaction() as tx:
            await self._audit.did(tx, asker, "share a card", what, ("", where), now=now)
        return ready


_ANOTHER = "Choose another channel."
_INVITE = "Somebody in it can type `/invite @Sage 200` there; then choose it again."
