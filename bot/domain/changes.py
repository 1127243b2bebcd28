"""What changed in an account between two readings of Sage."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.domain.customer import Customer
from bot.domain.money import Currency, percent_used

ACCOUNT_DELETED = "account deleted"
BAND = 5
_PENNY = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A customer as the mirror has it at a moment. `None` is unknown, and no unknown field is ever news."""

    customer_id: int
    reference: str
    name: str
    on_hold: bool
    balance: Decimal | None = None
    credit_limit: Decimal | None = None
    open_orders: Decimal | None = None
    currency: Currency = field(default_factory=Currency)
    analysis: Mapping[int, str] = field(default_factory=dict)
    hidden: bool = False
    status_reason: str | None = None

    @classmethod
    def of(cls, customer: Customer) -> Snapshot:
        """Return the fields of a customer whose changes can be news."""
        return cls(
            customer_id=customer.id,
            reference=customer.reference,
            name=customer.name,
            on_hold=customer.on_hold,
            balance=customer.balance,
            credit_limit=customer.credit_limit,
            open_orders=customer.open_orders,
            currency=customer.currency,
            analysis=customer.analysis,
            hidden=customer.hidden,
            status_reason=customer.status_reason,
        )

    @property
    def over_limit(self) -> bool | None:
        """Return whether the balance exceeds a limit other than zero, Sage's rule; None when either is unknown."""
        if self.balance is None or self.credit_limit is None:
            return None
        return self.credit_limit != 0 and self.balance > self.credit_limit

    @property
    def percent_used(self) -> Decimal | None:
        """Return the exact use of the limit in per cent, by `money.percent_used`."""
        return percent_used(self.balance, self.credit_limit)


class ChangeKind(StrEnum):
    """The kinds of change that can be news."""

    PUT_ON_HOLD = "put_on_hold"
    RELEASED = "released"
    OVER_LIMIT = "over_limit"
    BACK_UNDER_LIMIT = "back_under_limit"
    UTILISATION = "utilisation"
    PAID_WHILE_HELD = "paid_while_held"
    ORDER_WHILE_HELD = "order_while_held"
    OVERDUE = "overdue"
    OVERDUE_PAID = "overdue_paid"
    PROMISE_BROKEN = "promise_broken"


@dataclass(frozen=True, slots=True)
class LateDebt:
    """What is overdue at a moment, and what is promised of it by when. `oldest_days` is 0 where nothing is overdue."""

    overdue: Decimal
    oldest_days: int
    promised: Decimal = Decimal(0)
    promised_by: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change that may be news. `after` is None when Sage no longer has the account.

    `amount` is by how much the balance fell or the open orders rose, what was received, or what was promised; `crossed`
    the thresholds passed, rising: per cent of the limit or, of late debt, days. `late` is the late debt, where it is
    news.
    """

    kind: ChangeKind
    before: Snapshot
    after: Snapshot | None
    amount: Decimal | None = None
    crossed: tuple[int, ...] = ()
    reason: str = ""
    late: LateDebt | None = None

    @property
    def customer(self) -> Snapshot:
        """Return the account as last known."""
        return self.after or self.before

    @property
    def debt_cleared(self) -> bool:
        """Return whether nothing is owed any more."""
        return self.customer.balance is not None and self.customer.balance <= 0

    @property
    def within_limit(self) -> bool:
        """Return whether a limit is set and the balance is known to be within it."""
        return bool(self.customer.credit_limit) and self.customer.over_limit is False


def changes(
    before: Snapshot | None,
    after: Snapshot | None,
    *,
    thresholds: Collection[int] = (),
    fired_thresholds: Collection[int] = (),
) -> tuple[Change, ...]:
    """Return the changes between two readings of one account, the hold first.

    `before` None is the first reading, which is never news; `after` None is an account deleted in Sage. `thresholds`
    are those of all the company's subscriptions and `fired_thresholds` those already told: see `utilisation`.
    """
    if before is None:
        return ()
    if after is None:
        return (Change(ChangeKind.RELEASED, before, None, reason=ACCOUNT_DELETED),) if before.on_hold else ()
    if before.customer_id != after.customer_id:
        raise ValueError("two different customers cannot be compared")
    return tuple(_changes(before, after, utilisation(before, after, thresholds, fired_thresholds)[0]))


def _changes(before: Snapshot, after: Snapshot, crossed_now: tuple[int, ...]) -> Iterator[Change]:
    if before.on_hold != after.on_hold:
        kind = ChangeKind.PUT_ON_HOLD if after.on_hold else ChangeKind.RELEASED
        yield Change(kind, before, after, reason=reason_given(before, after))
    if None not in {before.over_limit, after.over_limit} and before.over_limit != after.over_limit:
        yield Change(ChangeKind.OVER_LIMIT if after.over_limit else ChangeKind.BACK_UNDER_LIMIT, before, after)
    if crossed_now:
        yield Change(ChangeKind.UTILISATION, before, after, crossed=crossed_now)
    # Amounts in two currencies can't be compared; an account that went on or off hold in between is news already.
    if before.on_hold and after.on_hold and before.currency.iso == after.currency.iso:
        paid, ordered = _rise(after.balance, before.balance), _rise(before.open_orders, after.open_orders)
        # Sage gives balances, not receipts: a credit note looks the same. One already in credit has nothing to pay.
        if paid and before.balance is not None and before.balance > 0:
            yield Change(ChangeKind.PAID_WHILE_HELD, before, after, amount=paid)
        if ordered:
            yield Change(ChangeKind.ORDER_WHILE_HELD, before, after, amount=ordered)


def reason_given(before: Snapshot, after: Snapshot) -> str:
    """Return the reason for the hold or release; a reason left over from the hold is not the release's."""
    reason = after.status_reason or ""
    return reason if after.on_hold or reason != (before.status_reason or "") else ""


def _rise(low: Decimal | None, high: Decimal | None) -> Decimal | None:
    """Return by how much `high` exceeds `low`; None if either is unknown, or for a penny of rounding."""
    return high - low if low is not None and high is not None and high - low > _PENNY else None


def crossed(
    before_percent: Decimal | None, after_percent: Decimal | None, threshold: int, armed: bool, band: int = BAND
) -> tuple[bool, bool]:
    """Return (fires, armed): a threshold fires once on the way up, and again only after a fall by `band` points."""
    if after_percent is None:
        return False, armed
    if after_percent >= threshold:
        return armed and before_percent is not None and before_percent < threshold, False
    return False, armed or after_percent <= threshold - band


def utilisation(
    before: Snapshot | None, after: Snapshot | None, thresholds: Collection[int], fired_thresholds: Collection[int]
) -> tuple[tuple[int, ...], frozenset[int]]:
    """Return the thresholds passed now, rising, and those to keep as fired until the next reading."""
    was, now = before.percent_used if before else None, after.percent_used if after else None
    results = {each: crossed(was, now, each, each not in fired_thresholds) for each in sorted(set(thresholds))}
    fired = tuple(each for each, (fires, _) in results.items() if fires)
    return fired, frozenset(each for each, (_, armed) in results.items() if not armed)
