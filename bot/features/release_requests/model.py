"""Requests to release a customer, for a credit limit, or to let an order go; and their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from statistics import median
from typing import Any

from bot.command_names import CUSTOMER
from bot.domain.customer import Customer
from bot.domain.debt.lateness import DebtUnknown
from bot.domain.json_column import JsonColumn
from bot.domain.money import Currency
from bot.errors import BadQuestion
from bot.features.card.model import order_check
from bot.features.holds.model import Difference, HoldResult, HoldVersion, LimitResult
from bot.features.promises.model.promise_typed import is_of


class State(StrEnum):
    """The state of a request, which is decided once."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RequestKind(StrEnum):
    """What a request asks for."""

    RELEASE = "release"
    LIMIT = "limit"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for, with the reason. `limit` is the credit limit, `order_number` the order to be let go."""

    reason: str
    kind: RequestKind = RequestKind.RELEASE
    limit: Decimal | None = None
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The figures that were shown to a user when they decided; None was not shown, and is not compared."""

    balance: Decimal | None = None
    credit_limit: Decimal | None = None

    def differences(self, customer: Customer) -> tuple[Difference, ...]:
        """Return what differs in Sage now."""
        shown = HoldVersion(customer.on_hold, credit_limit=self.credit_limit, balance=self.balance)
        return shown.differences(customer)


SEEN = JsonColumn(Seen)


def parse_limit(typed: str, customer: Customer) -> Wanted:
    """Parse `6000 REASON` or `£6,000 REASON`. Raises BadQuestion."""
    first, _, reason = typed.strip().partition(" ")
    hint = f"Type `{CUSTOMER} {customer.reference[:20]} request-limit 6000 REASON`."
    try:
        asked = order_check.amount(first)
    except BadQuestion:
        raise BadQuestion("Say what credit limit you want, and why.", typed=first, hint=hint) from None
    if asked.currency and not is_of(customer.currency, asked.currency):
        kept = customer.currency.iso or "another currency"
        raise BadQuestion(f"The account is kept in {kept}.", typed=first, hint=hint)
    if asked.value >= _MOST_LIMIT:
        raise BadQuestion("That is too large for a credit limit.", typed=first, hint=hint)
    return Wanted(reason.strip(), RequestKind.LIMIT, asked.value)


def parse_order(typed: str, customer: Customer) -> Wanted:
    """Parse `0000012345 REASON`. Raises BadQuestion."""
    first, _, reason = typed.strip().partition(" ")
    number = first.lstrip("#").strip(",;:")
    if not number or not any(sign.isdigit() for sign in number) or len(number) > _LONGEST_ORDER:
        hint = f"Type `{CUSTOMER} {customer.reference[:20]} request-order 0000012345 REASON`."
        raise BadQuestion("Say which order, by its number, and why.", typed=first, hint=hint)
    return Wanted(reason.strip(), RequestKind.ORDER, order_number=number)


_MOST_LIMIT = Decimal(10) ** 9
_LONGEST_ORDER = 20


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

    `first_by` approved where two must; `decision` says why; `held_for` is Sage's reason for the hold. `limit` is the
    credit limit asked for, in the account's `currency`; `order_number` is the order to be let go.
    `question` was asked back by `question_by`.
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
    kind: RequestKind = RequestKind.RELEASE
    limit: Decimal | None = None
    currency: Currency = field(default_factory=Currency)
    order_number: str = ""
    question: str = ""
    question_by: str = ""
    answer: str = ""

    @property
    def waits_for_answer(self) -> bool:
        """Return whether the user who asked has been asked something back, and hasn't answered yet."""
        return self.state is State.OPEN and bool(self.question) and not self.answer

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
    received since then. `suggested`: released, the account would be suggested for a hold again. `held_by` are the users
    who put it on hold within a year, each with how often; empty for holds made in Sage.
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
    held_by: tuple[tuple[str, int], ...] = ()

    @property
    def times_held(self) -> int:
        """Return how often the account was put on hold within a year."""
        return sum(count for _, count in self.held_by)


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request as one person may see it; without the account where they are shown no figures of it."""

    request: ReleaseRequest
    account: RequestAccount | None = None
    may_decide: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of asking or deciding. `is_news` False: the request stood so before.

    `done` is what Sage made of a release, `limited` of a credit limit. `changed` is what differs in Sage from what the
    user was shown, so that nothing was done, and `customer` as it is now. `deciding` is the user who is deciding just
    now; `lapsed` approved first, before more was owed. `posted_in` are the channels that show the new request.
    """

    request: ReleaseRequest
    is_news: bool
    done: HoldResult | None = None
    limited: LimitResult | None = None
    changed: tuple[Difference, ...] = ()
    customer: Customer | None = None
    deciding: str = ""
    lapsed: str = ""
    posted_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decider:
    """How many requests a user has approved and declined, and how long the median of them waited."""

    user_id: str
    approved: int
    declined: int
    median: timedelta


def deciders(decided: Iterable[tuple[str, State, timedelta]]) -> tuple[Decider, ...]:
    """Return the users who decided, those of the most decisions first, of (user, state, how long it waited)."""
    waited: dict[str, list[timedelta]] = {}
    approved: dict[str, int] = {}
    for user_id, state, span in decided:
        waited.setdefault(user_id, []).append(span)
        approved[user_id] = approved.get(user_id, 0) + (state is State.APPROVED)
    made = (
        Decider(
            user_id,
            approved[user_id],
            len(spans) - approved[user_id],
            timedelta(seconds=median(span.total_seconds() for span in spans)),
        )
        for user_id, spans in waited.items()
    )
    return tuple(sorted(made, key=lambda each: (-each.approved - each.declined, each.user_id)))
