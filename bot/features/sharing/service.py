"""Sharing of a customer with a channel; every step checks rights and visibility again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain import channel as channel_rules
from bot.domain.channel import Channel
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Action, Shown, Visibility
from bot.features.access.model.session import Session
from bot.features.access.service.visibility import ChannelVisibility
from bot.features.account_detail.service import DetailRequest
from bot.features.audit.service.log import AuditLog
from bot.features.customers.model.lookup import CustomerCard
from bot.features.customers.service.lookup import Customers
from bot.features.delivery.model import SHARED_CARD
from bot.features.sharing.model import Shared
from storage.database import Database
from storage.queries.alerts import outbox

Look = Callable[[str], Awaitable[Channel]]
"""Asks Slack about a channel, by id."""


class Sharing:
    """Sharing of customers. Of a button or form only the customer and the channel are trusted."""

    def __init__(
        self, *, database: Database, visibility: ChannelVisibility, customers: Customers, audit: AuditLog
    ) -> None:
        self._database = database
        self._audit = audit
        self._visibility = visibility
        self._customers = customers

    async def begin(self, session: Session, wanted: DetailRequest) -> CustomerCard:
        """Return the card to share, for users who may share. Raises as `ready`."""
        session.require(Action.SHARE, place=Visibility.STATUS)
        card = await self._customers.by_id(session, wanted.customer_id, reference=wanted.reference)
        if card.shown is not Shown.FIGURES:
            raise NotAllowed("You can share only customers whose figures you may see yourself.", hint="")
        return card

    async def ready(self, session: Session, wanted: DetailRequest, channel_id: str, *, look: Look) -> Shared:
        """Return what would be posted now: no more of the figures than the channel is shown.

        Raises NotAllowed, NotConnected, BadQuestion, ChannelUnknown, SageMissing, or what keeps the asker from Sage.
        """
        card = await self.begin(session, wanted)
        if channel_rules.is_conversation(channel_id):
            raise BadQuestion("That is a conversation, not a channel.", hint=_ANOTHER)
        channel = await look(channel_id)
        why = channel_rules.refusal(channel)
        if why:
            raise BadQuestion(why, hint=_ANOTHER)
        if channel.is_private and not channel.is_member:
            raise BadQuestion(_NOT_IN, hint=_INVITE)
        place = await self._visibility.of(session.workspace_id, channel_id, company_pk=session.company_pk)
        decision = session.require(Action.SHARE, place=place)
        shown = decision.shown_of(card.customer.analysis)
        if shown is None:
            raise NotAllowed("That isn't one of your customers, so you can't share it.", hint="")
        return Shared(card, shown, channel_id, session.user_id, joins=not channel.is_member)

    async def share(
        self, session: Session, wanted: DetailRequest, channel_id: str, *, look: Look, look_and_join: Look
    ) -> Shared:
        """Return what is to be posted now, after writing it to the audit log. Raises as `ready`.

        A public channel is joined once all else is allowed.
        """
        ready = await self.ready(session, wanted, channel_id, look=look)
        if ready.joins and not (await look_and_join(channel_id)).is_member:
            raise BadQuestion(_NOT_IN, hint=_INVITE)
        customer = ready.card.customer
        what, where = f"{customer.reference} {customer.name}", f"{channel_id}, shown {ready.shown.value}"
        async with self._database.transaction() as tx:
            # Before the post, so that nothing is shared without an entry.
            await self._audit.did(tx, session, "share a card", what, ("", where))
        return ready

    async def stands(self, session: Session, channel_id: str, ts: str) -> None:
        """Store where a shared card stands, so that it is taken back if another company comes to read the channel."""
        async with self._database.transaction() as tx:
            await outbox.add_posted(
                tx,
                workspace_id=session.workspace_id,
                company_pk=session.company_pk,
                channel=channel_id,
                ts=ts,
                kind=SHARED_CARD,
                now=session.now,
            )


_ANOTHER = "Choose another channel."
_NOT_IN = "Sage 200 isn't in that channel, so nothing can be posted there."
_INVITE = "Somebody in it can type `/invite @Sage 200` there; then choose it again."
