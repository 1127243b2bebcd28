"""A promise to pay: an amount by a day, judged by what was received since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.domain.schedule import Region, working_days_after

USUAL_GRACE = 2
# A bank's charge or a rounding does not break a promise.
_SHORT_BY = Decimal("1.00")


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    SETTLED = "settled otherwise"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Promise:
    """An amount promised by a day, in the account's currency. `who` is the customer's person who said so."""

    amount: Decimal
    due: date
    made: date
    who: str = ""

    def last_day(self, region: Region | None, grace: int = USUAL_GRACE) -> date:
        """Return the day at whose end the promise is broken: so many working days after the promised one."""
        return working_days_after(self.due, grace, region)


def judge_promise(
    promise: Promise,
    *,
    received: Decimal,
    outstanding: Decimal,
    today: date,
    region: Region | None,
    grace: int = USUAL_GRACE,
) -> PromiseState:
    """Return what became of a promise.

    `received` is receipts less refunds since it was made. It has to be asked for again until the last day is over: a
    receipt that bounces within the grace opens a kept promise again.
    """
    if received >= promise.amount - _SHORT_BY:
        return PromiseState.KEPT
    if outstanding <= 0:
        return PromiseState.SETTLED
    return PromiseState.BROKEN if today > promise.last_day(region, grace) else PromiseState.OPEN
