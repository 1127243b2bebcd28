"""Domain values as JSON columns keep them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cached_property
from types import GenericAlias
from typing import Any, Generic, TypeVar, get_type_hints

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
        self._kept: Any = kept

    def write(self, value: T) -> dict[str, Any]:
        """Return the JSON object of a value."""
        written: dict[str, Any] = self._adapter.dump_python(
            value, mode="json", exclude=self._without, exclude_defaults=True
        )
        return written

    def write_many(self, columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
        """Return the JSON objects of many values, as `write` does of one; all of their fields are given as columns."""
        found: list[dict[str, Any]] = [{} for _ in next(iter(columns.values()))]
        for name, (adapter, usual) in self._fields.items():
            for written, value in zip(found, adapter.dump_python(list(columns[name]), mode="json"), strict=True):
                if value != usual:
                    written[name] = value
        return found

    @cached_property
    def _fields(self) -> dict[str, tuple[TypeAdapter[Any], object]]:
        """Return by name how a column of a field is written, and the value that is left out."""
        made: dict[str, tuple[TypeAdapter[Any], object]] = {}
        kinds = get_type_hints(self._kept)
        for each in fields(self._kept):
            if each.name not in self._without:
                column: Any = GenericAlias(list, (kinds[each.name],))
                adapter: TypeAdapter[Any] = TypeAdapter(column)
                usual = each.default if each.default_factory is MISSING else each.default_factory()
                # A field without a default is always written: no value equals MISSING.
                (written,) = [MISSING] if usual is MISSING else adapter.dump_python([usual], mode="json")
                made[each.name] = adapter, written
        return made

    def read(self, column: object) -> T:
        """Return the value of a JSON object, whose unknown keys are ignored. Raises ValueError."""
        return self._adapter.validate_python(column)


CHANGE_JSON = JsonColumn(Change)
FILTER_JSON = JsonColumn(Filter)
SCHEDULE_JSON = JsonColumn(Schedule)
