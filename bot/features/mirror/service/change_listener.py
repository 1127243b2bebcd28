"""Between the mirror, which finds changes, and the alerts, which decide who hears of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import Change


@dataclass(frozen=True, slots=True)
class ObservedChange:
    """A change that the mirror has written down. `by_user` made it through us; None: in Sage itself."""

    id: int
    change: Change
    seen_at: datetime
    episode_id: int | None = None
    by_user: str | None = None


class ChangeListener(Protocol):
    """Writes the deliveries that changes cause. Every call is part of the transaction that writes the mirror."""

    async def thresholds(self, tx: AsyncSession, *, company_pk: int) -> frozenset[int]:
        """Every utilisation threshold that somebody of this company's workspace asked for, in per cent."""
        ...

    async def publish(
        self, tx: AsyncSession, *, workspace_id: str, company_pk: int, seen: Sequence[ObservedChange], now: datetime
    ) -> None:
        """All the changes of one cycle: each is told once to each target that wants it; very many become a summary."""
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
        """Nobody watched since then; what changed meanwhile is one report for each target, in place of `publish`.

        `was_away`: Sage could not be reached, which is told even where nothing changed; else we ourselves did not look.
        """
        ...
