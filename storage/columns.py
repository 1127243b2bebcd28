"""Column types that SQLite and PostgreSQL keep alike: aware UTC times, and exact money."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import BigInteger, DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Refuses naive times. SQLite keeps no zone and PostgreSQL answers in the session's, so both are put right here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To aware UTC on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
