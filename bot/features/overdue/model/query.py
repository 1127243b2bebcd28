"""The words typed behind `/overdue`: `30+`, `<60`, `top 5`, a kind of debt, and a filter or words as of `/onhold`.

`min:500` and `max:500` are of what is overdue here (of what is in query, where that is listed), and not of the balance.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import dropwhile, islice

from bot.domain.filters.customer_filter import Codes, Filter, shown
from bot.domain.filters.customer_states import State, StateIs
from bot.features.alerts.model.topics import DEFAULT_DAYS
from bot.features.customers.model.listing import top_typed
from bot.features.on_hold.model.query import MOST, OnHoldQuery, parse_on_hold_query

_DAYS = re.compile(r">?=?(?P<days>\d{1,9})(?:\+|(?:d|days?)\+?)|>=?(?P<only>\d{1,3})", re.IGNORECASE)
_NUMBER = re.compile(r">?=?(?P<days>\d{1,9})\+?")
_DAY_WORDS, _BEFORE_DAYS = {"day", "days"}, {"over", "than", "more", "least", "at"}
_BETWEEN = re.compile(r"(?P<days>\d{1,3})-(?P<most>\d{1,3})(?:d|days?)?", re.IGNORECASE)
_ALONE = re.compile(r"[1-9]\d{1,2}")
_SIGNS = {"<", "<=", ">", ">="}
_BELOW = re.compile(r"<=?(?P<days>\d{1,9})(?:d|days?)?", re.IGNORECASE)
_MOST_BEFORE_DAYS = 3
_MOST_DAYS = 9_999  # a day so many years ago can still be reckoned with


class DebtKind(StrEnum):
    """Which debt is listed."""

    LATE = "late"
    DISPUTED = "disputed"
    PROMISED = "promised"
    BROKEN = "broken"
    WARNING = "warning"
    CHASE = "chase"
    SUGGESTED = "suggested"


LISTED = {
    DebtKind.LATE: ("account overdue", "accounts overdue"),
    DebtKind.PROMISED: ("account with a promise to pay", "accounts with a promise to pay"),
    DebtKind.BROKEN: ("overdue account with a broken promise", "overdue accounts with a broken promise"),
    DebtKind.DISPUTED: ("account with debt in query", "accounts with debt in query"),
    DebtKind.SUGGESTED: ("account suggested for a hold", "accounts suggested for a hold"),
    DebtKind.WARNING: ("account with an early warning", "accounts with an early warning"),
    DebtKind.CHASE: ("account to chase", "accounts to chase"),
}
"""What each list is of: one account, and several."""


@dataclass(frozen=True, slots=True)
class OverdueQuery:
    """Which accounts: of all these kinds, the oldest so many days late or more, at least so much, of whom.

    `least` and `most`, of what is overdue, are in each customer's own currency. `most_days`: how late the oldest is at
    most. `top`: how many to list of them, the first; 0 for all.
    """

    customers: OnHoldQuery
    kinds: tuple[DebtKind, ...] = ()
    days: int = 1
    least: Decimal | None = None
    most: Decimal | None = None
    most_days: int | None = None
    top: int = 0

    asks_of_debt = True

    @property
    def filter(self) -> Filter:
        """Return the conditions on the customers."""
        return self.customers.filter

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """Return the parts of their names and references, of each group of which one must fit."""
        return self.customers.words

    @property
    def without(self) -> tuple[str, ...]:
        """Return what isn't part of their names and references."""
        return self.customers.without

    @property
    def most_balance(self) -> Decimal | None:
        """Return None: the largest amount is of what is overdue."""
        return None

    @property
    def states(self) -> tuple[StateIs, ...]:
        """Return the states that all hold."""
        return self.customers.states

    @property
    def kind(self) -> DebtKind:
        """Return the kind that the list is called after."""
        return next((kind for kind in reversed(DebtKind) if kind in self.kinds), DebtKind.LATE)

    def as_alerts(self, *, is_narrowed: bool) -> str:
        """Return what to type behind `/sage subscribe` for news of this list; empty where no news fits."""
        if (self.least, self.most, self.most_days) != (None, None, None) or self.top:
            return ""  # subscriptions know amounts of the balance alone, and no upper bounds
        if self.kinds in {(), (DebtKind.LATE,)}:
            days = self.days if self.days > 1 else ",".join(map(str, DEFAULT_DAYS))
            return self.customers.as_alerts(f"overdue {days},overdue-paid", is_narrowed=is_narrowed)
        if self.kinds in {(DebtKind.PROMISED,), (DebtKind.BROKEN,)} and self.days == 1:
            return self.customers.as_alerts("promise-broken", is_narrowed=is_narrowed)
        return ""

    def describe(self, labels: Mapping[int, str]) -> str:
        """Return what narrows the list of this kind in plain English, unescaped; empty for all who are on it."""
        # The head of the list names the kind; only “to chase” doesn't say which accounts it leaves out.
        told = () if self.kind is DebtKind.CHASE else (self.kind,)
        parts = [said for kind, said in _KIND_SAID.items() if kind in self.kinds and kind not in told]
        parts += [f"{self.days} days or more overdue"] if self.days > 1 else []
        parts += [f"at most {self.most_days} days overdue"] if self.most_days is not None else []
        what = "in query" if DebtKind.DISPUTED in self.kinds else "overdue"
        bounds = (("at least", self.least), ("at most", self.most))
        parts += [f"{bound} {shown(self.filter, amount)} {what}" for bound, amount in bounds if amount is not None]
        return ", ".join(filter(None, [*parts, self.customers.describe(labels)]))


_KIND_SAID = {
    DebtKind.PROMISED: "with a promise to pay",
    DebtKind.BROKEN: "with a broken promise",
    DebtKind.DISPUTED: "with debt in query",
    DebtKind.SUGGESTED: "suggested for a hold",
    DebtKind.WARNING: "with an early warning",
    DebtKind.CHASE: "without a promise to pay",
}


def parse_overdue_query(
    typed: str, labels: Mapping[int, str], values: Mapping[int, Collection[str]], *, mine: tuple[Codes, ...]
) -> OverdueQuery:
    """Parse the words; no words mean everybody who is late. Raises BadQuestion as `parse_on_hold_query` does."""
    kinds: list[DebtKind] = []
    ages, rest = _Ages(), list[str]()
    top, typed = top_typed(typed) if len(typed) <= MOST else (0, typed)
    words = deque(typed.split())
    while words:
        word = words.popleft()
        if word in _SIGNS and words and _NUMBER.fullmatch(words[0]):
            word += words.popleft()
        said = word.casefold()
        if said == "not" and words and words[0].casefold() in set(State):
            rest.append(StateIs(State(words.popleft().casefold()), wanted=False).typed)
        elif said in set(DebtKind):
            kinds.append(DebtKind(said))
        elif not ages.take(word, words) and not (said in _BEFORE_DAYS and _counts_days(words)):
            rest.append(word)
    if len(rest) == 1 and ages.days == 1 and _ALONE.fullmatch(rest[0]):
        ages.days = int(rest.pop())
    customers = parse_on_hold_query(" ".join(rest), labels, values, mine=mine)
    least = customers.filter.minimum_balance
    narrowed = replace(customers, filter=replace(customers.filter, minimum_balance=None), most_balance=None)
    kinds = list(dict.fromkeys(kinds))
    return OverdueQuery(narrowed, tuple(kinds), ages.days, least, customers.most_balance, ages.most, top)


@dataclass(slots=True)
class _Ages:
    """How many days late the oldest debt is at least, and at most if that was typed."""

    days: int = 1
    most: int | None = None

    def take(self, word: str, words: deque[str]) -> bool:
        """Read an age, and the "days" behind it off `words`; return whether it was one."""
        has_unit = bool(words) and words[0].casefold() in _DAY_WORDS
        between, below = _BETWEEN.fullmatch(word), _BELOW.fullmatch(word)
        found = _DAYS.fullmatch(word) or (_NUMBER.fullmatch(word) if has_unit else None)
        if between is not None and int(between["days"]) < int(between["most"]):
            self.days, self.most = max(1, int(between["days"])), int(between["most"])
        elif below is not None:
            self.most = min(int(below["days"]), _MOST_DAYS)
        elif found is not None:
            self.days = min(max(1, int(next(filter(None, found.groups())))), _MOST_DAYS)
        else:
            return False
        if has_unit:
            words.popleft()
        return True


def _counts_days(words: Iterable[str]) -> bool:
    """Return whether a number of days follows, as in “more than 60 days”."""
    following = list(islice(words, _MOST_BEFORE_DAYS + 2))
    number, unit, *_ = [*dropwhile(lambda word: word.casefold() in _BEFORE_DAYS, following), "", ""]
    return _DAYS.fullmatch(number) is not None or (
        unit.casefold() in _DAY_WORDS and _NUMBER.fullmatch(number) is not None
    )
