"""Money as Sage keeps it: a Decimal of two places in a named currency, shown the British way."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_PENNY = Decimal("0.01")
_UNAMBIGUOUS = {"GBP": "£", "EUR": "€"}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by ISO code ("GBP") and Sage's own symbol; either may be empty on old sites."""

    iso: str = ""
    symbol: str = ""

    def show(self, amount: Decimal) -> str:
        """`£1,234.56`, `−£36.00`, `USD 1,234.56` ("$" alone would not say whose dollars)."""
        pennies = amount.quantize(_PENNY, rounding=ROUND_HALF_UP)
        sign = "−" if pennies < 0 else ""
        return f"{sign}{self._mark()}{abs(pennies):,.2f}"

    def _mark(self) -> str:
        if self.iso in _UNAMBIGUOUS:
            return _UNAMBIGUOUS[self.iso]
        if self.iso:
            return f"{self.iso} "
        return self.symbol


STERLING = Currency("GBP", "£")
