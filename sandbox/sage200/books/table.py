"""Rows by id, with the ids kept in order: a page of a large ledger is found without looking at the rest."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, Protocol

Row = dict[str, Any]
_UNCHANGING = (str, int, Decimal, date, NoneType)


class InOrder(Protocol):
    """Rows that can be walked by id from any place: a table, or a view that works its rows out when they are read."""

    @property
    def ids(self) -> list[int]:
        """Every id, ascending."""

    def __getitem__(self, number: int, /) -> Mapping[str, Any]:
        """The row of that id."""


class Table(dict[int, Row]):
    """A dict of rows that knows its ids in order. Change it by `[]`, `del` and `pop` only."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[int] = []
        self._places: dict[str, int] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        """A copy: the usual way would give it every id twice, and look into each of a row's words and figures."""
        made = Table()
        for number, row in self.items():
            made[number] = {
                name: value if isinstance(value, _UNCHANGING) else deepcopy(value, memo) for name, value in row.items()
            }
        return made

    def __setitem__(self, number: int, row: Row) -> None:
        """Put a row in its place; almost always that is the end."""
        if number not in self:
            if self.ids and number < self.ids[-1]:
                insort(self.ids, number)
            else:
                self.ids.append(number)
        super().__setitem__(number, row)

    def __delitem__(self, number: int) -> None:
        """Raises KeyError."""
        super().__delitem__(number)
        del self.ids[bisect_left(self.ids, number)]

    def pop(self, number: int) -> Row:  # type: ignore[override]  # no default: nobody needs it
        """Take a row out. Raises KeyError."""
        row = self[number]
        del self[number]
        return row

    def next_id(self, *, first: int) -> int:
        """One more than the greatest so far."""
        return self.ids[-1] + 1 if self.ids else first

    def find(self, name: str, value: str) -> Row:
        """The row whose field has this value; a second search is quick. Raises KeyError."""
        row = self.get(self._places.get(value, -1))
        if row is not None and row[name] == value:
            return row
        self._places = {each[name]: number for number, each in reversed(self.items())}
        return self[self._places[value]]
