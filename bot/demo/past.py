"""The demo's past: holds of the year before, as if the product had been running, since no Sage keeps them.

The product learns of a hold by seeing it begin and end. A demo is minutes old, so the stays that it would have seen are
written into its database once it has read a company.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import Database
from storage.queries.mirror import hold_episodes, mirror_state
from storage.tables.alerts import LIVE, MirroredCustomer, MirrorStateRow

_EACH_SECONDS = 1.0
_A_YEAR_AND_MORE = timedelta(days=400)
_FIRST = "ABS001"  # the account that the tour looks at
_ONE_IN, _MOST = 8, 60


@dataclass(frozen=True, slots=True)
class PastHold:
    """A stay on hold that began so many days ago. Without a user somebody changed it in Sage 200 itself."""

    days_ago: int
    days: int
    reason: str
    ending: str
    opened_by: str | None = None
    closed_by: str | None = None

    def columns(self, customer_id: int, *, now: datetime) -> dict[str, Any]:
        """Return the stay as a row. Each began and ended in the working day."""
        opened = (now - timedelta(days=self.days_ago)).replace(hour=9, minute=20 + self.days, second=0, microsecond=0)
        return {
            "customer_id": customer_id,
            "opened_at": opened,
            "closed_at": opened + timedelta(days=self.days, hours=5),
            "reason": _signed(self.reason, self.opened_by),
            "ending": _signed(self.ending, self.closed_by),
            "already_held": False,
            "opened_by": self.opened_by,
            "closed_by": self.closed_by,
            "overdue": None,
        }


CLARE, PRIYA = "U0CLARE", "U0PRIYA"
_NAMES = {CLARE: "Clare", PRIYA: "Priya"}
_PASTS = (
    (
        PastHold(318, 9, "Awaiting payment: cheque returned", "Replacement cheque cleared", CLARE, CLARE),
        PastHold(97, 16, "Overdue: two reminders unanswered", "Paid in full", CLARE, PRIYA),
    ),
    (PastHold(205, 31, "Direct debit failed", "New mandate in place", None, CLARE),),
    (
        PastHold(
            260, 6, "Over limit: large order before month end", "Part paid, the rest agreed by month end", CLARE, CLARE
        ),
        PastHold(151, 22, "Overdue: promised payment missed", "Paid in full", CLARE, CLARE),
        PastHold(46, 11, "Over terms", "Payment plan agreed"),
    ),
    (PastHold(120, 5, "Disputed: short delivery", "Credit note issued", PRIYA, CLARE),),
    (PastHold(288, 27, "Awaiting credit review", "Limit raised after review"),),
)
_HELD_FOR = (23, 12, 5, 29)  # days that those have been on hold who are now: since their last stay ended


def _signed(words: str, by: str | None) -> str:
    """Return a reason as the product writes it into Sage 200 for a person."""
    return f"{words} ({_NAMES[by]}, Slack)" if by else words


async def remember(database_url: str, clock: Callable[[], datetime]) -> None:
    """Write the past of each company once it has been read, until cancelled."""
    database = Database(database_url)
    try:
        while True:
            await asyncio.sleep(_EACH_SECONDS)
            try:
                await write_past(database, now=clock())
            except SQLAlchemyError:
                continue  # the tables aren't there yet, or a writer takes long: in a second again
    finally:
        await database.close()


async def write_past(database: Database, *, now: datetime) -> None:
    """Write the past of every company that has been read and has none yet."""
    async with database.reading() as tx:
        begun = MirrorStateRow.loaded_at > now - _A_YEAR_AND_MORE / 2
        wanted = select(MirrorStateRow.workspace_id, MirrorStateRow.company_pk)
        found = (await tx.execute(wanted.where(MirrorStateRow.phase == LIVE, begun))).all()
    for workspace_id, company_pk in found:
        async with database.transaction() as tx:
            await _write(tx, {"workspace_id": workspace_id, "company_pk": company_pk}, now=now)


async def _write(tx: AsyncSession, whose: dict[str, Any], *, now: datetime) -> None:
    customers = await _with_a_past(tx, whose)
    stays = [
        stay.columns(customer_id, now=now)
        for place, customer_id in enumerate(customers)
        for stay in _PASTS[place % len(_PASTS)]
    ]
    held_now = await hold_episodes.open_of(tx, **whose, ids=customers)
    for days_ago, held in zip(cycle(_HELD_FOR), held_now.values(), strict=False):
        held.opened_at, held.already_held = now - timedelta(days=days_ago), False
    await hold_episodes.open_many(tx, **whose, episodes=stays)
    # By this the history says from when on holds are known.
    await mirror_state.note(tx, **whose, loaded_at=now - _A_YEAR_AND_MORE)


async def _with_a_past(tx: AsyncSession, whose: dict[str, Any]) -> list[int]:
    """Return the customers who have been on hold before: the tour's first, those on hold now, and some others."""
    row = MirroredCustomer
    of = (row.workspace_id == whose["workspace_id"], row.company_pk == whose["company_pk"])
    which = or_(row.reference == _FIRST, row.on_hold, row.customer_id % _ONE_IN == 0)
    found = select(row.customer_id).where(*of, which).order_by(row.reference != _FIRST, row.customer_id)
    return list(await tx.scalars(found.limit(_MOST)))
