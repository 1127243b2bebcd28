"""Money in the database: exact on both kinds of it, and in order."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

_PENNY = Decimal("0.01")


class Pennies(TypeDecorator[Decimal]):
    """A Decimal of two places, kept as whole pennies: SQLite would keep it as a float."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """To pennies on the way in."""
        return None if value is None else int(value.quantize(_PENNY, rounding=ROUND_HALF_UP).scaleb(2))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """To pounds on the way out."""
        return None if value is None else Decimal(value).scaleb(-2)
