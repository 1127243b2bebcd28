"""A customer that is snoozed in a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SnoozedCustomer:
    """A customer of which nothing is told in a place until a moment; None: it isn't snoozed.

    `is_news`: it was otherwise before.
    """

    reference: str
    name: str
    target_id: str
    is_personal: bool
    until: datetime | None
    is_news: bool = True
