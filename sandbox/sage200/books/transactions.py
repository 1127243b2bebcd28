"""Postings to a customer's account: every balance is the sum of what is outstanding on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.sage200.books.company import USUAL, SandboxCompany, midnight, money
from sandbox.sage200.books.table import Row

# The words of `transaction_type` in the views are not documented; those of the posted transactions do not fit it.
INVOICE, RECEIPT, CREDIT_NOTE, OPENING, REFUND = "Invoice", "Receipt", "Credit note", "Opening balance", "Payment"
_FIRST_ID = 50001
_MANY = 5000
_AGES = ((Decimal("0.5"), 12), (Decimal("0.3"), 48), (Decimal("0.2"), 140))


def post(
    company: SandboxCompany,
    customer: Row,
    amount: Decimal,
    *,
    kind: str,
    at: datetime,
    dated: date | None = None,
    due: date | None = None,
) -> Row:
    """A new posting, debts positive; the balance is the caller's to change."""
    number = company.transactions.next_id(first=_FIRST_ID)
    day = _day(dated) or midnight(at)
    terms = timedelta(days=customer.get("payment_terms_days", USUAL["payment_terms_days"]) or 0)
    row: Row = {
        "id": number,
        "customer_id": customer["id"],
        "kind": kind,
        "reference": f"{_LETTERS[kind]}{number}",
        "transaction_date": day,
        "due_date": _day(due) or (day + terms if amount > 0 else day),
        "posted_date": midnight(at),
        "gross": amount,
        "allocated": Decimal("0.00"),
        "updated": at,
    }
    company.transactions[number] = row
    company.transactions_of.setdefault(customer["id"], []).append(number)
    return row


def of(company: SandboxCompany, customer_id: int) -> list[Row]:
    """A customer's postings, in the order of their dates."""
    rows = [company.transactions[number] for number in company.transactions_of.get(customer_id, [])]
    return sorted(rows, key=lambda row: (row["transaction_date"], row["id"]))


def outstanding(row: Row) -> Decimal:
    """What is not settled yet; negative for money that waits for an invoice."""
    left: Decimal = row["gross"] - row["allocated"]
    return left


def allocate(company: SandboxCompany, credit: Row, *, at: datetime) -> None:
    """Settle the oldest debts first with a receipt or credit note."""
    for debt in of(company, credit["customer_id"]):
        take = min(outstanding(debt), -outstanding(credit))
        if take > 0:
            debt["allocated"] += take
            credit["allocated"] -= take
            for each in (debt, credit):
                if not outstanding(each):
                    each["settled"] = max(debt["transaction_date"], credit["transaction_date"])
            if company.stamps_allocations:
                debt["updated"] = credit["updated"] = at


def open_books(company: SandboxCompany, *, at: datetime) -> None:
    """The postings behind the balances that a world begins with; once."""
    if company.are_books_open:
        return
    company.are_books_open = True
    shares = ((Decimal(1), 48),) if len(company.customers) > _MANY else _AGES
    for customer in company.customers.values():
        balance: Decimal = customer.get("balance") or Decimal(0)
        aged = company.ages_of_debt(customer) if company.ages_of_debt else shares
        for amount, age in _parts(balance, aged):
            moment = at - timedelta(days=age)
            row = post(company, customer, amount, kind=OPENING, at=moment, dated=moment.date())
            row["updated"] = midnight(moment)


def _parts(balance: Decimal, shares: tuple[tuple[Decimal, int], ...]) -> Iterator[tuple[Decimal, int]]:
    """A debt is of several ages, the oldest making up the sum; money on account is recent."""
    *newer, (_, oldest) = shares if balance > 0 else ((Decimal(1), 5),)
    for share, age in newer:
        yield money(balance * share), age
    rest = balance - sum(money(balance * share) for share, _ in newer)
    if rest:
        yield rest, oldest


def settle(company: SandboxCompany, customer: Row, *, at: datetime) -> None:
    """Post what a balance that was simply set differs from the postings by."""
    if not company.are_books_open or customer.get("balance") is None:
        return
    missing = customer["balance"] - sum(map(outstanding, of(company, customer["id"])))
    if missing:
        post(company, customer, missing, kind=INVOICE if missing > 0 else CREDIT_NOTE, at=at)


def _day(given: date | None) -> datetime | None:
    if given is None:
        return None
    return midnight(given if isinstance(given, datetime) else datetime.combine(given, time()))


def delete(company: SandboxCompany, number: int) -> Row:
    """Take a posting out of the books, as Sage's own tool for it does; the balance is the caller's. Raises KeyError."""
    row: Row = company.transactions[number]
    del company.transactions[number]
    company.transactions_of[row["customer_id"]].remove(number)
    return row


_LETTERS: dict[str, Any] = {INVOICE: "INV", RECEIPT: "REC", CREDIT_NOTE: "CRN", OPENING: "OB", REFUND: "PAY"}
