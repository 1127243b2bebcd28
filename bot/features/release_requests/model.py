"""Requests to release a customer, and their states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.domain.json_column import JsonColumn
from bot.domain.lateness import DebtUnknown
from bot.domain.money import Currency
from bot.features.holds.model import HoldResult


class State(StrEnum):
    """The state of a request, which is decided once."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def owes_more(balance: Decimal | None, *, than: Decimal | None) -> bool:
    """Return whether more may be owed than at the approval; an unknown balance may be more."""
    return than is not None and (balance is None or balance > than)


class SamePerson(StrEnum):
    """Whether two Slack accounts belong to one person, as far as their Sage IDs tell."""

    SAME = "the same Sage ID"
    APART = "two people"
    UNTOLD = "one of them has a Sage ID that isn't known"


def same_person(mine: str | None, other: str | None) -> SamePerson:
    """Compare two hashed Sage IDs; None: Sage ID didn't say whose sign-in this is."""
    # If neither is known, this Sage ID doesn't send them at all, and only the Slack accounts can be compared: refusing
    # would mean that no two people could ever approve. If one is known, the other person can sign in again.
    if mine is None and other is None:
        return SamePerson.APART
    if mine is None or other is None:
        return SamePerson.UNTOLD
    return SamePerson.SAME if mine == other else SamePerson.APART


GONE = "The account is not in Sage 200 any more."


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """One request, called by its `number` in the workspace.

    `first_by` approved where two must; `decision` says why; `held_for` is Sage's reason for the hold.
    """

    number: int
    reference: str
    name: str
    asked_by: str
    reason: str
    company_name: str = ""
    state: State = State.OPEN
    first_by: str = ""
    decided_by: str = ""
    decision: str = ""
    held_for: str = ""

    def facts(self) -> dict[str, Any]:
        """Return the request as a notice keeps it."""
        return _FACTS.write(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> ReleaseRequest:
        """Return the request of a notice. Raises ValueError."""
        return _FACTS.read(facts)


_FACTS = JsonColumn(ReleaseRequest)


@dataclass(frozen=True, slots=True)
class RequestAccount:
    """The account as the user who decides has to know it, from the copy of `as_of`. None is not known.

    `overdue_unknown` says why what is overdue isn't known, or isn't sure (DIFFERS); `items_read` counts a first
    reading. `held_since` is the day on which the hold was seen, `already_held` that it was older. `paid` is what was
    received since then. `suggested`: released, the account would be suggested for a hold again.
    """

    currency: Currency
    as_of: datetime
    balance: Decimal | None = None
    credit_limit: Decimal | None = None
    open_orders: Decimal | None = None
    overdue: Decimal | None = None
    oldest_days: int = 0
    disputed: Decimal = Decimal(0)
    overdue_unknown: DebtUnknown | None = None
    items_read: int = 0
    held_since: date | None = None
    already_held: bool = False
    held_overdue: Decimal | None = None
    paid: Decimal | None = None
    suggested: bool = False
    promised: Decimal = Decimal(0)
    promised_by: date | None = None


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request as one person may see it; without the account where they are shown no figures of it."""

    request: ReleaseRequest
    account: RequestAccount | None = None
    may_decide: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of asking or deciding. `is_news` False: the request stood so before.

    `done` is what Sage made of a release. `deciding` is the user who is deciding just now; `lapsed` approved first,
    before more was owed.
    """

    request: ReleaseRequest
    is_news: bool
    done: HoldResult | None = None
    deciding: str = ""
    lapsed: str = ""
