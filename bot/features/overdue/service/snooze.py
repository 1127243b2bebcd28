"""Putting a suggestion for a hold off for some days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.command_names import OVERDUE
from bot.errors import OutOfDate, SageMissing
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections
from bot.features.overdue.model.suggestion import SNOOZES, SnoozedAccount
from storage.database import Database
from storage.queries.alerts import snoozes
from storage.queries.mirror import mirrored_customers


class Snoozing:
    """Puts suggestions off, for people who may put accounts on hold."""

    def __init__(self, *, database: Database, connections: Connections, audit: AuditLog) -> None:
        self._database = database
        self._connections = connections
        self._audit = audit

    async def snooze(self, session: Session, customer_id: int, days: int) -> SnoozedAccount:
        """Leave a customer of the session's company out of the suggestions for some days.

        Raises NotAllowed, NotConnected, BadQuestion, SageMissing.
        """
        self._connections.company_for(session, action=Action.HOLD)
        if days not in SNOOZES or session.company_pk is None:
            raise OutOfDate("list", hint=f"Type `{OVERDUE} suggested` for a new one.")
        until = session.now + timedelta(days=days)
        here: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.company_pk}
        async with self._database.transaction() as tx:
            found = (await mirrored_customers.with_ids(tx, **here, ids=[customer_id])).get(customer_id)
            if found is None:
                raise SageMissing("That customer is not in your company's Sage 200 any more.")
            await snoozes.snooze(tx, **here, customer_id=customer_id, until=until, set_by=session.user_id)
            what = f"{found['reference']} {found['name']}"
            await self._audit.did(tx, session, "snooze a suggestion", what, ("", f"until {until:%Y-%m-%d}"))
        return SnoozedAccount(found["reference"], found["name"], until)
