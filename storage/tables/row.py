"""The declarative base of all tables."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase

from storage.cipher import SealedText
from storage.columns import Pennies, UtcDateTime


class Row(DeclarativeBase):
    """The declarative base: named constraints (SQLite can only change named ones), UTC times, exact money."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime(), SealedText: Text(), Decimal: Pennies()}


def only_where(column: str) -> dict[str, Any]:
    """Return the arguments of an index of the rows where a column is true."""
    # As `is_(True)` is written: SQLite uses such an index only where it reads the same words.
    return {"sqlite_where": text(f"{column} IS 1"), "postgresql_where": text(f"{column} IS true")}
