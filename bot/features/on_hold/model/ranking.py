"""A ranking of customers: over their limit, or owing the most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.customer import Customer
from bot.features.assistant.model.questions import Largest, OverLimit

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first customers in order, and how many there are.

    `asked` says what the words meant; `is_narrowed`: the asker sees only their own customers.

    `meant` are filters to suggest to a user who found nobody.
    """

    question: OverLimit | Largest
    customers: tuple[Customer, ...]
    count: int
    company_name: str
    as_of: datetime
    asked: str = ""
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()
