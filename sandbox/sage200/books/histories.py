"""How customers have paid before a world begins: an invoice a month, paid as late as the customer usually is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.sage200.books import transactions
from sandbox.sage200.books.company import USUAL, SandboxCompany, midnight, money
from sandbox.sage200.books.table import Row

_MONTHS, _A_MONTH = 9, timedelta(days=30)
_SHARE = Decimal("0.18")
_LATE_BY = (-4, 1, 9, 24, 41)
_SOMETIMES = (0, 3, -2, 5, 1, -3, 4)
_DISPUTED_EACH, _CREDITED_EACH = 11, 13
_CREDITED = Decimal("0.05")


def post(company: SandboxCompany, *, at: datetime) -> None:
    """Post what each customer was invoiced and has paid, credits that wait, and flag what some dispute."""
    for customer in list(company.customers.values()):
        _post_paid(company, customer, at=at)
        if not customer["id"] % _CREDITED_EACH:
            _credit(company, customer, at=at)
        if not customer["id"] % _DISPUTED_EACH:
            _dispute(company, customer)


def _post_paid(company: SandboxCompany, customer: Row, *, at: datetime) -> None:
    worth = money((customer.get("credit_limit") or Decimal(800)) * _SHARE)
    terms = timedelta(days=customer.get("payment_terms_days", USUAL["payment_terms_days"]))
    for month, late_by in enumerate(_lateness(customer["id"])):
        dated = midnight(at - (_MONTHS - month) * _A_MONTH - timedelta(days=customer["id"] % 28))
        paid = dated + terms + timedelta(days=late_by)
        if paid >= at:
            return
        gross = worth + month * 7
        invoice = transactions.post(
            company,
            customer,
            gross,
            kind=transactions.INVOICE,
            at=dated,
            dated=dated.date(),
            due=(dated + terms).date(),
        )
        receipt = transactions.post(
            company, customer, -gross, kind=transactions.RECEIPT, at=paid, dated=paid.date(), due=paid.date()
        )
        for row in (invoice, receipt):
            row |= {"allocated": row["gross"], "settled": paid, "updated": dated}


def _lateness(number: int) -> Iterator[int]:
    """By the account's number, so that the same account pays alike in every run."""
    usual = _LATE_BY[number % len(_LATE_BY)]
    for month in range(_MONTHS):
        yield usual + _SOMETIMES[(number + month) % len(_SOMETIMES)]


def _credit(company: SandboxCompany, customer: Row, *, at: datetime) -> None:
    """A credit note that nobody has allocated yet, beside as much on another invoice: the balance stays."""
    worth = money((customer.get("credit_limit") or Decimal(800)) * _CREDITED)
    for kind, amount, days in ((transactions.INVOICE, worth, 40), (transactions.CREDIT_NOTE, -worth, 9)):
        dated = midnight(at - timedelta(days=days))
        row = transactions.post(company, customer, amount, kind=kind, at=dated, dated=dated.date())
        row["updated"] = dated


def _dispute(company: SandboxCompany, customer: Row) -> None:
    """Flag the oldest open invoice as in query."""
    open_debts = (row for row in transactions.of(company, customer["id"]) if transactions.outstanding(row) > 0)
    oldest = next(open_debts, None)
    if oldest is not None:
        oldest["query"] = "D"
