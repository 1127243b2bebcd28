"""Snoozing one customer: nothing is told of it in one place until a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain import channel as channels
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Action, Visibility
from bot.features.access.model.session import Session
from bot.features.audit.service.log import AuditLog
from bot.features.customers.model.lookup import CustomerCard
from bot.features.subscriptions.model.snooze import SnoozedCustomer
from storage.database import Database
from storage.queries.alerts import snoozes


class CustomerSnoozes:
    """Snoozes for the asker's own messages or, for who may subscribe a channel, for that channel."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def snooze(
        self, session: Session, card: CustomerCard, *, until: datetime | None, channel_id: str = ""
    ) -> SnoozedCustomer:
        """Snooze the customer until then, or end that with None. Raises NotAllowed, or BadQuestion.

        In a direct conversation and without a channel, the asker's own messages are meant.
        """
        personal = channels.is_conversation(channel_id)
        if personal:
            session.require(Action.SUBSCRIBE_SELF)
        elif not session.may(Action.SUBSCRIBE_CHANNEL, place=Visibility.STATUS):
            raise NotAllowed(
                "Only admins of this app and controllers may snooze a customer for a channel.",
                hint="Leave out `here` to snooze it for your own messages.",
            )
        if session.company_pk is None:
            raise BadQuestion("Pick your company first.", hint="Run `/sage company`.")
        target_id, customer = session.user_id if personal else channel_id, card.customer
        here: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.company_pk}
        about = {**here, "customer_id": customer.id, "target_id": target_id}
        async with self._database.transaction() as tx:
            before = await snoozes.until(tx, **about, now=session.now)
            if until is None:
                await snoozes.end(tx, **about)
            elif until != before:
                await snoozes.snooze(tx, **about, until=until, set_by=session.user_id)
            what = f"{customer.reference} {customer.name} for {target_id}"
            await self._audit.did(tx, session, "snooze a customer", what, (_stands(before), _stands(until)))
        is_news = until != before
        return SnoozedCustomer(customer.reference, customer.name, target_id, personal, until, is_news)

    async def every(self, session: Session) -> tuple[SnoozedCustomer, ...]:
        """Return what is snoozed for the asker and, for who sees everybody's subscriptions, for channels."""
        if session.company_pk is None:
            return ()
        sees_all = session.may(Action.SEE_SUBSCRIPTIONS)
        here: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.company_pk}
        async with self._database.reading() as tx:
            found = await snoozes.listed(tx, **here, now=session.now)
        return tuple(
            SnoozedCustomer(reference, name, target, target == session.user_id, until)
            for target, reference, name, until in found
            if target == session.user_id or (sees_all and target.startswith(("C", "G")))
        )


def _stands(until: datetime | None) -> str:
    return f"until {until:%Y-%m-%d %H:%M} UTC" if until is not None else "not snoozed"
