"""Domain values as JSON columns keep them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from bot.domain.changes import Change
from bot.domain.filters.customer_filter import Filter
from bot.domain.schedule import Schedule

T = TypeVar("T")


class JsonColumn(Generic[T]):
    """Write dataclasses of one type to a JSON column, and read them back equal.

    A Decimal is written as text, so that no float ever holds money. A field that has its default is left out: a
    default that changes has to be migrated.
    """

    def __init__(self, kept: type[T], *, without: Collection[str] = ()) -> None:
        """Keep all fields of the type but those `without`, which other columns keep."""
        self._adapter = TypeAdapter(kept)
        self._without = set(without)

    def write(self, value: T) -> dict[str, Any]:
        """Return the JSON object of a value."""
        written: dict[str, Any] = self._adapter.dump_python(
            value, mode="json", exclude=self._without, exclude_defaults=True
        )
        return written

    def read(self, column: object) -> T:
        """Return the value of a JSON object, whose unknown keys are ignored. Raises ValueError."""
        return self._adapter.validate_python(column)


CHANGE_JSON = JsonColumn(Change)
FILTER_JSON = JsonColumn(Filter)
SCHEDULE_JSON = JsonColumn(Schedule)
