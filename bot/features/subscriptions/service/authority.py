"""The rights of a user over subscriptions, their own and others'."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.alerts.subscriptions as rows
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.session import Session
from storage.tables.alerts import SubscriptionRow as Row

LISTED = "`/sage subscriptions` lists those you can change."


@dataclass(frozen=True, slots=True)
class SubscriptionRights:
    """Whether a user sees and changes other people's subscriptions, and why not."""

    session: Session
    sees_all: bool
    changes_all: bool
    why: str


async def row_of(tx: AsyncSession, session: Session, number: int, *, lock: bool = False) -> Row:
    """Return the subscription of this number in the asker's workspace. Raises BadQuestion."""
    row = await rows.by_number(tx, workspace_id=session.workspace_id, number=number, lock=lock)
    if row is None:
        raise BadQuestion(f"There is no subscription number {number}.", hint=LISTED)
    return row


async def changeable(tx: AsyncSession, reach: SubscriptionRights, number: int, *, lock: bool = False) -> Row:
    """Return the subscription if the asker is its owner or an admin of the app.

    Raises NotAllowed, or BadQuestion as for an unknown number where the asker may not even see the subscription.
    """
    row = await row_of(tx, reach.session, number, lock=lock)
    if row.owner == reach.session.user_id or reach.changes_all:
        return row
    if reach.sees_all:
        raise NotAllowed(reach.why)
    raise BadQuestion(f"There is no subscription number {number}.", hint=LISTED)
