"""What a customer owes, and how much of it is late: credit set off against debt, disputes apart, unknown never 0."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache

NOTHING = Decimal(0)
_TENTH = Decimal("0.1")
# Sage keeps the query flag in one character; these two values are no queries: finance charge and bad-debt provision.
FINANCE_CHARGE, BAD_DEBT = "F", "W"
# Sage's "no date" is 1 January 1753, the first day that SQL Server's datetime holds.
_FIRST_YEAR = 1900
# One in twenty customers may disagree for reasons of their own, such as items in another currency.
_SURE_OF_SIGNS, _FEWEST_WITH_CREDITS = Decimal("0.95"), 5


class ItemKind(StrEnum):
    """What a posted transaction is."""

    INVOICE = "invoice"
    CREDIT = "credit note"
    RECEIPT = "receipt"
    REFUND = "refund"  # money paid to the customer
    DELETED = "deleted"


def kind_of(transaction_type: str, value: Decimal) -> ItemKind:
    """Return the kind of a transaction by Sage's name of its type; by the value's sign where the name is unknown."""
    named = _named_kind(transaction_type)
    if named is not None:
        return named
    return ItemKind.CREDIT if value < 0 else ItemKind.INVOICE


@lru_cache(maxsize=256)
def _named_kind(transaction_type: str) -> ItemKind | None:
    word = transaction_type.casefold().replace("_", "").replace(" ", "")
    if word.endswith("receipt"):
        return ItemKind.RECEIPT
    if word.endswith(("payment", "refund")):
        return ItemKind.REFUND
    if "credit" in word:
        return ItemKind.CREDIT
    if "invoice" in word or "opening" in word:
        return ItemKind.INVOICE
    if "deleted" in word:
        return ItemKind.DELETED
    return None


@dataclass(frozen=True, slots=True)
class DebtItem:
    """A posted document with an amount outstanding, in the account's currency; negative for credits and receipts.

    `due` is None where Sage has no due date. `is_foreign`: it is in another currency, and in no sum.
    """

    id: int
    kind: ItemKind
    outstanding: Decimal
    gross: Decimal | None = None
    dated: date | None = None
    due: date | None = None
    query: str = ""
    reference: str = ""
    second_reference: str = ""
    is_foreign: bool = False

    @property
    def is_credit(self) -> bool:
        """Return whether the item reduces the debt, or undoes such a reduction: credits, receipts, and refunds paid."""
        return self.outstanding < 0 or self.kind is ItemKind.REFUND

    @property
    def is_queried(self) -> bool:
        """Return whether somebody flagged the item as disputed in Sage."""
        return is_query(self.query)

    def days_late(self, today: date) -> int:
        """Return the days past the due date; 0 if due today or later, or without a due date."""
        return max(0, (today - self.due).days) if self.due is not None else 0


def is_query(flag: str) -> bool:
    """Return whether Sage's flag says that an item is disputed."""
    return flag.upper() not in {"", FINANCE_CHARGE, BAD_DEBT}


def due_date(given: date | None) -> date | None:
    """Return a due date as it counts: a day before 1900 stands for none."""
    return given if given is not None and given.year >= _FIRST_YEAR else None


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A debit that is not in dispute, and what is left of it once credit was set off."""

    item: DebtItem
    rest: Decimal


@dataclass(frozen=True, slots=True)
class SetOff:
    """One customer's open items after the credit was set off against the oldest debt. No day enters into it.

    `disputed` is the sum of debits in dispute, which no credit is set off against. `pool` is the credit there was and
    `pool_left` what no debit took. `refund` was paid back without a credit to match. `queried_credit` is the part of
    the credit that is flagged in Sage (positive); `foreign` the number of items in another currency; `contested` are
    the debits in dispute.
    """

    uncovered: tuple[Uncovered, ...]
    outstanding: Decimal
    disputed: Decimal
    pool: Decimal
    pool_left: Decimal
    refund: Decimal
    queried_credit: Decimal = NOTHING
    foreign: int = 0
    contested: tuple[DebtItem, ...] = ()

    @property
    def undated(self) -> Decimal:
        """Return the uncovered sum of debits without a due date: never overdue."""
        return sum((each.rest for each in self.uncovered if each.item.due is None), NOTHING)

    @property
    def oldest_due(self) -> date | None:
        """Return the earliest due date of what is not covered."""
        return min((each.item.due for each in self.uncovered if each.rest and each.item.due is not None), default=None)


def set_off(items: Iterable[DebtItem], *, disputed: Collection[int] = (), net: bool = True) -> SetOff:
    """Return the items with the credit set off: the earliest due first, provisions and undated debits last.

    `disputed` are ids of items that people dispute here, beside those flagged in Sage. Without `net` no credit is set
    off (for companies that take deposits for orders to come).
    """
    counted = [item for item in items if item.kind is not ItemKind.DELETED]
    own = [item for item in counted if not item.is_foreign]
    credit = sum((item.outstanding for item in own if item.is_credit), NOTHING)
    debits = [item for item in own if not item.is_credit and item.outstanding > 0]
    contested = [item for item in debits if item.is_queried or item.id in disputed]
    taken_out = {item.id for item in contested}
    chased = sorted((item for item in debits if item.id not in taken_out), key=_order)
    pool = max(NOTHING, -credit)
    left = pool
    uncovered: list[Uncovered] = []
    for item in chased:
        covered = min(left, item.outstanding) if net else NOTHING
        left -= covered
        uncovered.append(Uncovered(item, item.outstanding - covered))
    return SetOff(
        tuple(uncovered),
        sum((item.outstanding for item in own), NOTHING),
        sum((item.outstanding for item in contested), NOTHING),
        pool,
        left,
        max(NOTHING, credit),
        -sum((item.outstanding for item in own if item.outstanding < 0 and item.is_queried), NOTHING),
        sum(item.is_foreign for item in counted),
        tuple(contested),
    )


def as_stored(
    items: Sequence[tuple[DebtItem, Decimal]], *, disputed: Decimal, pool_left: Decimal, refund: Decimal
) -> SetOff:
    """Return a set-off that was stored: each item with what credit left of it, and the sums."""
    own = [(item, left) for item, left in items if not item.is_foreign]
    flagged = tuple(item for item, _ in own if not item.is_credit and item.is_queried)
    debits = [(item, left) for item, left in own if not item.is_credit and not item.is_queried]
    return SetOff(
        tuple(Uncovered(item, left) for item, left in sorted(debits, key=lambda each: _order(each[0]))),
        sum((item.outstanding for item, _ in own), NOTHING),
        disputed,
        max(NOTHING, -sum((item.outstanding for item, _ in own if item.is_credit), NOTHING)),
        pool_left,
        refund,
        -sum((item.outstanding for item, _ in own if item.outstanding < 0 and item.is_queried), NOTHING),
        sum(item.is_foreign for item, _ in items),
        flagged,
    )


def with_disputed(after: SetOff, disputed: Collection[int]) -> SetOff:
    """Return a stored set-off with the debits named that people dispute here: as stored, nothing of these is left."""
    ours = tuple(each.item for each in after.uncovered if each.item.id in disputed)
    return replace(after, contested=(*after.contested, *ours)) if ours else after


def _order(item: DebtItem) -> tuple[bool, bool, date, date, int]:
    # Sage's own auto-allocation takes the oldest first, and a provision is no debt that a payment is meant for.
    return item.due is None, item.query.upper() == BAD_DEBT, item.due or date.max, item.dated or date.max, item.id


@dataclass(frozen=True, slots=True)
class Debt:
    """What a customer owes on one day, in the account's currency.

    `outstanding` = `overdue` + `not_due` + `undated` + `disputed` − `pool_left` + `refund`. `gross_overdue` ignores the
    credit. `oldest_days` is 0 and `weighted_days` None where nothing is overdue. `disputed_late` is what of `disputed`
    is past its due date, the earliest of which is `disputed_since`.
    """

    today: date
    outstanding: Decimal
    overdue: Decimal
    gross_overdue: Decimal
    not_due: Decimal
    undated: Decimal
    disputed: Decimal
    pool: Decimal
    pool_left: Decimal
    refund: Decimal
    oldest_due: date | None = None
    weighted_days: Decimal | None = None
    queried_credit: Decimal = NOTHING
    foreign: int = 0
    disputed_late: Decimal = NOTHING
    disputed_since: date | None = None

    @property
    def oldest_days(self) -> int:
        """Return how many days ago the oldest overdue debit was due."""
        return (self.today - self.oldest_due).days if self.oldest_due is not None else 0

    def counting_disputes(self) -> Debt:
        """Return the debt with what is in dispute counted as overdue where it is past its due date."""
        if not self.disputed_late:
            return self
        dues = [due for due in (self.oldest_due, self.disputed_since) if due is not None]
        return replace(self, overdue=self.overdue + self.disputed_late, oldest_due=min(dues))

    @property
    def in_credit(self) -> Decimal:
        """Return by how much the account is in credit; 0 if it isn't."""
        return max(NOTHING, -self.outstanding)


def debt_on(today: date, after: SetOff) -> Debt:
    """Return the debt on a day. What is due that day is not overdue."""
    late = [each for each in after.uncovered if each.rest and each.item.due is not None and each.item.due < today]
    overdue = sum((each.rest for each in late), NOTHING)
    days = sum((each.rest * each.item.days_late(today) for each in late), NOTHING)
    contested = [(item.due, item.outstanding) for item in after.contested if item.due is not None and item.due < today]
    return Debt(
        today=today,
        outstanding=after.outstanding,
        overdue=overdue,
        gross_overdue=sum(
            (each.item.outstanding for each in after.uncovered if each.item.due is not None and each.item.due < today),
            NOTHING,
        ),
        not_due=sum(
            (each.rest for each in after.uncovered if each.item.due is not None and each.item.due >= today), NOTHING
        ),
        undated=after.undated,
        disputed=after.disputed,
        pool=after.pool,
        pool_left=after.pool_left,
        refund=after.refund,
        oldest_due=min((each.item.due for each in late if each.item.due is not None), default=None),
        weighted_days=_tenth(days / overdue) if overdue else None,
        queried_credit=after.queried_credit,
        foreign=after.foreign,
        disputed_late=sum((amount for _, amount in contested), NOTHING),
        disputed_since=min((due for due, _ in contested), default=None),
    )


def are_credits_unsigned(customers: Sequence[tuple[Decimal, Sequence[DebtItem]]]) -> bool:
    """Return whether this Sage gives credits and receipts without their minus.

    `customers` are (balance, open items) of customers with credits. Five or more are needed, and their items have to
    come to the balance with the signs turned, and not as they stand, for 95% of them.
    """
    judged = [(balance, items) for balance, items in customers if any(map(_may_be_unsigned, items))]
    if len(judged) < _FEWEST_WITH_CREDITS:
        return False
    turned = sum(
        sum((item.outstanding for item in map(with_sign, items)), NOTHING) == balance for balance, items in judged
    )
    return turned >= _SURE_OF_SIGNS * len(judged)


def with_sign(item: DebtItem) -> DebtItem:
    """Return an item of a Sage that gives credits without their minus, as any other Sage would give it."""
    return replace(item, outstanding=-item.outstanding) if _may_be_unsigned(item) else item


def _may_be_unsigned(item: DebtItem) -> bool:
    return item.kind in {ItemKind.CREDIT, ItemKind.RECEIPT} and item.outstanding > 0


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, rounding=ROUND_HALF_UP)
