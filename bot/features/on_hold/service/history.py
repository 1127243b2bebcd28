"""The stays on hold of one customer, which Sage doesn't keep."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.hold_episode import HoldEpisode
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import Session
from bot.features.customers.model.lookup import CustomerCard
from bot.features.on_hold.model.history import HoldHistory, Stay
from storage.database import Database
from storage.queries.mirror import hold_episodes, mirror_state

_MOST = 200


class HoldHistories:
    """Reads the history of holds from what the mirror has seen."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def of(self, session: Session, card: CustomerCard) -> HoldHistory:
        """Return the history of a customer whose card the asker was shown. Raises NotAllowed without figures."""
        if card.shown is not Shown.FIGURES:
            raise NotAllowed
        stays: list[Stay] = []
        state = None
        if session.company_pk is not None:
            whose: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.company_pk}
            async with self._database.reading() as tx:
                rows = await hold_episodes.of_customer(tx, **whose, customer_id=card.customer.id, limit=_MOST)
                state = await mirror_state.of_company(tx, **whose)
            stays = [
                Stay(
                    HoldEpisode(row.opened_at, row.closed_at, row.reason, row.ending, row.already_held),
                    row.opened_by,
                    row.closed_by,
                )
                for row in rows
            ]
        session.reads.customer(card.customer.reference, card.customer.name, card.company_name, "hold history")
        since = state.loaded_at if state is not None else None
        return HoldHistory(card, tuple(stays), since, session.now, ZoneInfo(session.policy.zone))
