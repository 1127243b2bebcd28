"""The port between the mirror, which finds changes, and the alerts, which decide who is sent them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import Change


@dataclass(frozen=True, slots=True)
class ObservedChange:
    """A stored change. `by_user` made it through us; None: it was made in Sage itself. `asked_by` had asked for it."""

    id: int
    change: Change
    seen_at: datetime
    episode_id: int | None = None
    by_user: str | None = None
    asked_by: str | None = None


class ChangeListener(Protocol):
    """Writes the alerts that changes cause, in the transaction that writes the mirror."""

    async def thresholds(self, tx: AsyncSession, *, company_pk: int) -> frozenset[int]:
        """Return every utilisation threshold, in per cent, that the company's subscriptions ask for."""
        ...

    async def publish(
        self, tx: AsyncSession, *, workspace_id: str, company_pk: int, seen: Sequence[ObservedChange], now: datetime
    ) -> None:
        """Write the alerts of one run's changes, one per change and target; very many changes become a summary."""
        ...

    async def outage_over(
        self,
        tx: AsyncSession,
        *,
        workspace_id: str,
        company_pk: int,
        since: datetime,
        seen: Sequence[ObservedChange],
        was_away: bool,
        now: datetime,
    ) -> None:
        """Write one report per target about what changed since then, in place of `publish`.

        `was_away`: Sage could not be reached, which is reported even where nothing changed; else this app did not run.
        """
        ...
