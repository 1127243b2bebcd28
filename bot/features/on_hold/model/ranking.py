"""Customers in order: everybody over their limit, or those who owe the most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.customer import Customer
from bot.features.assistant.model.questions import Largest, OverLimit


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first first. `asked` says what the words meant; `is_narrowed`: the asker sees only their own customers.

    `meant` are filters that somebody who found nobody may have wanted.
    """

    question: OverLimit | Largest
    customers: tuple[Customer, ...]
    company_name: str
    as_of: datetime
    asked: str = ""
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()
