"""Releases that end by themselves: on a day, or once one order has been entered; and when that is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.json_column import JsonColumn
from bot.domain.schedule import working_days_after
from bot.domain.working_hours import closing_on
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy
from bot.features.account_detail.model import Order
from bot.features.holds.model import LONGEST_REASON, HoldResult
from bot.features.promises.model.day_typed import NoSuchDay, day_typed

ONE_ORDER = "one"
"""The order of a release for one order that isn't named: the next that is entered."""
LONGEST_AHEAD = timedelta(days=92)
LOOK_EVERY = timedelta(minutes=10)
_UNTIL = re.compile(r"(?:until|till|to)\s+", re.IGNORECASE)
_FOR_ONE = re.compile(r"for\s+(?:one|1|an|a|this|the next)\s+order\b[\s:,;.]*", re.IGNORECASE)
_FOR_ORDER = re.compile(
    r"for\s+order\s+(?:no\.?\s+|number\s+)?#?(?P<number>[\w/-]*\d[\w/-]*)\b[\s:,;.]*", re.IGNORECASE
)
_LONGEST_ORDER = 20
_AGREED = "on hold again as agreed after"
_OWN_NAME = re.compile(r"\s*\([^()]*, Slack\)\s*$")


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long an account is off hold: until the end of a day's work, or for one order."""

    until: date | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class TimedRelease:
    """A release with what it was agreed for; no `terms` where it is for good, or nothing waits.

    `due_at` is when the account is on hold again at the latest. `stays`: it was to be on hold again, and is not now.
    """

    done: HoldResult
    terms: Terms | None = None
    due_at: datetime | None = None
    stays: bool = False


@dataclass(frozen=True, slots=True)
class RetakenHold:
    """The end of a release for a time: the account is on hold again, or `why` it could not be put on hold."""

    id: int
    reference: str
    name: str
    agreed_by: str
    due_at: datetime
    for_order: str = ""
    why: str = ""

    def facts(self) -> dict[str, Any]:
        """Return it as a notice keeps it."""
        return _FACTS.write(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> RetakenHold:
        """Return that of a notice. Raises ValueError."""
        return _FACTS.read(facts)


_FACTS = JsonColumn(RetakenHold)


@dataclass(frozen=True, slots=True)
class WaitingHold:
    """An account that is off hold for a time, in a list. `failed` says why it could not be put on hold again."""

    company_pk: int
    customer_id: int
    reference: str
    name: str
    agreed_by: str
    due_at: datetime
    for_order: str = ""
    failed: str = ""


def parse_terms(words: str, today: date) -> tuple[Terms | None, str]:
    """Return the terms with which the words begin, and the others: `until Friday`, `for order 12345`, `for one order`.

    Words that begin otherwise are a reason. Raises BadQuestion for a day that can't be.
    """
    text = words.strip()
    one = _FOR_ONE.match(text)
    if one is not None:
        return Terms(order=ONE_ORDER), text[one.end() :]
    order = _FOR_ORDER.match(text)
    if order is not None and len(order["number"]) <= _LONGEST_ORDER:
        return Terms(order=order["number"]), text[order.end() :]
    begun = _UNTIL.match(text)
    if begun is None:
        return None, text
    rest = text[begun.end() :].split()
    try:
        found = day_typed(rest, today)
    except NoSuchDay:
        raise BadQuestion("There is no such day.", typed=text, hint="") from None
    if found is None:
        return None, text
    until, count = found
    return Terms(checked_until(until, today)), " ".join(rest[count:])


def checked_until(until: date, today: date) -> date:
    """Return the day. Raises BadQuestion for one that is past, or too far ahead."""
    if until < today:
        raise BadQuestion("That day is past.", hint="Pick today or a later day.")
    if until > today + LONGEST_AHEAD:
        raise BadQuestion("That is more than three months away.", hint="Pick an earlier day.")
    return until


def due_at(terms: Terms, now: datetime, policy: Policy) -> datetime:
    """Return the moment at which the account is put on hold again at the latest. Raises BadQuestion if it is past.

    That is the end of work on the day; for an order, on the next working day.
    """
    today = policy.day_of(now)
    day = terms.until if terms.until is not None else working_days_after(today, 1, policy.region)
    end = closing_on(day, policy.working_hours, policy.zone)
    if end <= now:
        raise BadQuestion(
            f"Work ended at {policy.working_hours.closes:%H:%M} today.", hint="Pick the next day, such as `tomorrow`."
        )
    return end


def hold_reason(held_for: str, terms: Terms) -> str:
    """Return the reason of the new hold: that of the hold before, and that it was agreed."""
    # What stood first is first again, so that it counts as a hold for the same reason.
    before = _OWN_NAME.sub("", held_for).strip()
    agreed = f"{_AGREED} {described(terms)}"
    room = LONGEST_REASON - len(agreed) - 2
    return f"{before[:room]}; {agreed}" if before else agreed[:1].upper() + agreed[1:]


def reason_before(reason: str) -> str:
    """Return the reason of the hold before, out of one that `hold_reason` made."""
    before, found, _ = reason.partition(f"; {_AGREED}")
    return before if found else ""


def described(terms: Terms) -> str:
    """Return `a release until 4 December 2026`."""
    if terms.until is not None:
        return f"a release until {terms.until.day} {terms.until:%B %Y}"
    return "a release for one order" if terms.order == ONE_ORDER else f"a release for order {terms.order}"


def is_entered(order: str, open_then: int | None, newest_then: int | None, orders: Collection[Order]) -> bool:
    """Return whether the order of a release is through, of the orders that are open now.

    One that was open at the release is through once it is open no more; another once it is entered.
    """
    if open_then is not None:
        return all(each.id != open_then for each in orders)
    if order != ONE_ORDER:
        return any(each.is_called(order) or same_order(each.customers_number, order) for each in orders)
    return any(each.id > (newest_then or 0) for each in orders)


def same_order(number: str, typed: str) -> bool:
    """Return whether a customer's own order number is the one typed."""
    return bool(number.strip()) and number.strip().casefold() == typed.casefold()
