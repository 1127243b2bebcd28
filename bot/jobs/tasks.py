"""What the worker does: one service call a job. A job run twice does no harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.services.services import Services

RENEWAL_MARGIN = timedelta(minutes=15)
_RENEWALS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Tasks:
    """The jobs by name, as the timetable knows them."""

    services: Services
    clock: Callable[[], datetime]

    async def renew_tokens(self) -> None:
        """Renew sign-ins that end within the margin, so that nobody waits for it."""
        await self.services.custody.renew_due(margin=RENEWAL_MARGIN, most=_RENEWALS_AT_ONCE)

    async def clear_away(self) -> None:
        """Forget unfinished sign-ins (revoking them at Sage ID), spent states and old request keys."""
        await self.services.verification.clear_away(now=self.clock())
        await self.services.installations.clear_away(now=self.clock())
