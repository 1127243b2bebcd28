"""A ranking of customers: over their limit, or owing the most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.customer import Customer
from bot.features.assistant.model.questions import Largest, OverLimit


@dataclass(frozen=True, slots=True)
class Ranking:
    """Customers in order. `asked` says what the words meant; `is_narrowed`: the asker sees only their own customers.

    `meant` are filters to suggest to a user who found nobody.
    """

    question: OverLimit | Largest
    customers: tuple[Customer, ...]
    company_name: str
    as_of: datetime
    asked: str = ""
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()
