"""Money as Sage keeps it: a Decimal of two places in a named currency, shown the British way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_PENNY = Decimal("0.01")
_UNAMBIGUOUS = {"GBP": "£", "EUR": "€"}


_TYPED = re.compile(r"[£€$]?(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(\.\d{1,2})?([km]?)", re.ASCII | re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_LEAST_TOO_LARGE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by ISO code ("GBP") and Sage's own symbol; either may be empty on old sites."""

    iso: str = ""
    symbol: str = ""

    def show(self, amount: Decimal) -> str:
        """Return `£1,234.56`, `−£36.00` or `USD 1,234.56` ("$" alone would not say whose dollars)."""
        pennies = amount.quantize(_PENNY, rounding=ROUND_HALF_UP)
        sign = "−" if pennies < 0 else ""
        return f"{sign}{self._mark()}{abs(pennies):,.2f}"

    def _mark(self) -> str:
        if self.iso in _UNAMBIGUOUS:
            return _UNAMBIGUOUS[self.iso]
        if self.iso:
            return f"{self.iso} "
        return self.symbol


# A ledger has few, and each of ten thousand customers names one.
@lru_cache(maxsize=256)
def currency_of(iso: str, symbol: str) -> Currency:
    """Return the currency of these, one object for the same ones."""
    return Currency(iso, symbol)


def percent_used(balance: Decimal | None, limit: Decimal | None) -> Decimal | None:
    """Return the balance as a percentage of the credit limit; None where either is unknown, or no limit is set.

    It is exact, for bands and thresholds: 79.6 has not reached 80, although `percent_shown` makes 80 of it. What has
    been reached is decided by this number alone, never by the one that is shown.
    """
    return None if balance is None or not limit else 100 * balance / limit


def percent_shown(percent: Decimal | None) -> int | None:
    """Round a percentage for people: whole, half up as money is. None: there is none, or the customer is in credit."""
    if percent is None or percent < 0:
        return None
    return int(percent.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def read_amount(typed: str) -> Decimal | None:
    """Return an amount typed as `500`, `£1,500`, `1500.50` or `1.5k`, below a thousand million; None for anything else.

    Its currency sign, where there is one, is the typist's own word: nothing is converted.
    """
    found = _TYPED.fullmatch(typed)
    if found is None:
        return None
    amount = Decimal(found[1].replace(",", "") + (found[2] or "")) * _TIMES[found[3].lower()]
    return amount if amount < _LEAST_TOO_LARGE else None


STERLING = Currency("GBP", "£")
