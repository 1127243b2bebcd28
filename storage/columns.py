"""Column types that SQLite and PostgreSQL store alike: aware UTC times, and exact money."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import BigInteger, DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC; naive times raise ValueError."""

    # SQLite stores no zone and PostgreSQL answers in the session's zone; both are converted here.
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert an aware time to UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a stored time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_PENNY = Decimal("0.01")


class Pennies(TypeDecorator[Decimal]):
    """A Decimal of two places, stored as whole pennies: SQLite would store a float."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Convert pounds to whole pennies, rounded half up."""
        return None if value is None else int(value.quantize(_PENNY, rounding=ROUND_HALF_UP) * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return stored pennies as pounds."""
        return None if value is None else Decimal(value).scaleb(-2)
