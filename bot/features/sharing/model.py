"""A customer as shown to a channel."""

from __future__ import annotations

from dataclasses import dataclass

from bot.features.access.model.authorization import Shown
from bot.features.customers.model.lookup import CustomerCard

LONGEST_COMMENT = 500


@dataclass(frozen=True, slots=True)
class Shared:
    """A card, how much of it is shown, in which channel, and the user who shares it.

    `joins`: the app is not in the channel, which is public, and joins it first.
    """

    card: CustomerCard
    shown: Shown
    channel_id: str
    by_user: str
    joins: bool = False
