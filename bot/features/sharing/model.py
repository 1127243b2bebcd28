"""A customer as a channel is shown it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.features.access.model.authorization import Shown
from bot.features.customers.model.lookup import CustomerCard

LONGEST_COMMENT = 500


@dataclass(frozen=True, slots=True)
class Shared:
    """Whose card, how much of it, in which channel, and who shares it."""

    card: CustomerCard
    shown: Shown
    channel_id: str
    by_user: str
