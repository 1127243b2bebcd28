"""What is known of one customer's late debt: the figures, what was promised, or why nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.debt.debts import NOTHING, Debt, SetOff
from bot.domain.debt.early_warning import WarningPoint


class DebtUnknown(StrEnum):
    """Why a customer's overdue debt isn't known, or isn't sure. Unknown is never 0."""

    READING = "reading"  # the open items are being read for the first time
    NOT_GIVEN = "not given"  # this Sage gives no transactions, or not to this sign-in
    OLD = "old"  # the copy is older than the workspace trusts
    AWAY = "away"  # Sage doesn't answer, and nothing is copied
    FORWARD = "balance forward"  # such an account has no invoices, only periods
    DIFFERS = "differs"  # balance and open items don't agree


@dataclass(frozen=True, slots=True)
class Lateness:
    """A customer's debt, with what was promised. `debt` is None where it isn't known.

    `why` says why not; with DIFFERS there is a debt that isn't sure, and `difference` is balance − open items. `read`
    counts the items of a first reading so far. `promised` is the sum of open promises, `promised_by` the latest of
    their days; `broken_since` the day for which a promise was broken that nothing has made up for. `warnings` is
    what has got worse of late.
    """

    debt: Debt | None
    why: DebtUnknown | None = None
    difference: Decimal | None = None
    read: int = 0
    as_of: datetime | None = None
    promised: Decimal = NOTHING
    promised_by: date | None = None
    promised_who: str = ""
    broken_since: date | None = None
    warnings: tuple[WarningPoint, ...] = ()

    @property
    def sure(self) -> Debt | None:
        """Return the debt, if it is known and sure."""
        return self.debt if self.why is None else None


@dataclass(frozen=True, slots=True)
class CopiedDebt:
    """A customer's debt as the mirror of open items has it; no day enters into it.

    `difference` is balance − open items of the last reading, and `differs_since` when a second reading found it again.
    `is_remembered`: people here know something of it (a promise, a dispute, a note). `warnings` is what has got worse.
    """

    customer_id: int
    after: SetOff
    difference: Decimal | None = None
    differs_since: datetime | None = None
    is_remembered: bool = True
    warnings: tuple[WarningPoint, ...] = ()


NOT_ASKED = Lateness(None, DebtUnknown.AWAY)
"""For a card whose debt nobody could look up."""
