"""Companies and their sales ledgers, held in memory and changed by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sandbox.sage200.books import histories, orders, transactions
from sandbox.sage200.books.company import KNOWN, MONEY, USUAL, SandboxCompany, money
from sandbox.sage_id.people import CompanyKey, Person


class AccountOnHold(Exception):
    """Sage takes no new order for an account on hold from somebody without the permission to override it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A customer changed through the API: by whom (their email), and each field before and after."""

    at: datetime
    by: str
    company: str
    reference: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(slots=True)
class World:
    """Everything in the sandbox's Sage 200. Calls that name no company mean the first one."""

    companies: list[SandboxCompany]
    people: list[Person] = field(default_factory=list)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    changes: list[Change] = field(default_factory=list)
    # Nobody knows whether a posting touches the customer's own `date_time_updated`; act out both.
    balance_bumps_customer: bool = False
    orders_bump_customer: bool = False

    def company(self, key: CompanyKey) -> SandboxCompany | None:
        """The company of this key, if there is one."""
        return next((company for company in self.companies if company.key == key), None)

    def customer(self, reference: str, *, company: SandboxCompany | None = None) -> dict[str, Any]:
        """A copy of a customer with the usual values filled in. Raises KeyError."""
        return {**USUAL, **self._of(company).row(reference)}

    def put_on_hold(self, reference: str, reason: str = "", *, company: SandboxCompany | None = None) -> None:
        """What a credit controller does in Sage itself."""
        self.update(reference, company=company, on_hold=True, status_reason=reason)

    def release(self, reference: str, reason: str = "", *, company: SandboxCompany | None = None) -> None:
        """And its opposite."""
        self.update(reference, company=company, on_hold=False, status_reason=reason)

    def update(self, reference: str, *, company: SandboxCompany | None = None, **fields: Any) -> None:
        """Change a customer and its `date_time_updated`. Names as in `customer`; None leaves the field out."""
        books = self._of(company)
        row = books.row(reference)
        row.update(_checked(fields), date_time_updated=self._now())
        if fields.get("balance") is not None:
            transactions.settle(books, row, at=self._now())

    def change(self, reference: str, fields: Mapping[str, Any], *, company: SandboxCompany, by: str) -> None:
        """What somebody (their email) changed through the API; it is remembered in `changes`."""
        row = company.row(reference)
        before = {name: row.get(name, USUAL.get(name)) for name in fields}
        self.update(reference, company=company, **fields)
        self.changes.append(Change(self._now(), by, company.company_name, reference, before, dict(fields)))

    def set_limit(self, reference: str, limit: Any, *, company: SandboxCompany | None = None) -> None:
        """Another credit limit; 0 is no limit."""
        self.update(reference, company=company, credit_limit=limit)

    def bulk_hold(
        self, references: Iterable[str] | int, reason: str = "", *, company: SandboxCompany | None = None
    ) -> list[str]:
        """Put these accounts on hold at one moment, or as many of those that are not; who it was."""
        books, now = self._of(company), self._now()
        free = (row["reference"] for row in books.customers.values() if not row.get("on_hold"))
        held = list(islice(free, references) if isinstance(references, int) else references)
        for reference in held:
            books.row(reference).update(on_hold=True, status_reason=reason, date_time_updated=now)
        return held

    def post_invoice(
        self,
        reference: str,
        amount: Any,
        *,
        due: date | None = None,
        dated: date | None = None,
        company: SandboxCompany | None = None,
    ) -> int:
        """An invoice of this gross amount; its transaction id. Due by the customer's terms unless told."""
        return self._post(reference, _positive(amount), transactions.INVOICE, due=due, dated=dated, company=company)

    def post_credit(
        self, reference: str, amount: Any, *, dated: date | None = None, company: SandboxCompany | None = None
    ) -> int:
        """A credit note, not allocated; its transaction id."""
        return self._post(reference, -_positive(amount), transactions.CREDIT_NOTE, dated=dated, company=company)

    def post_receipt(
        self, reference: str, amount: Any, *, dated: date | None = None, company: SandboxCompany | None = None
    ) -> int:
        """Money received, allocated to the oldest invoices first; its transaction id."""
        books = self._of(company)
        number = self._post(reference, -_positive(amount), transactions.RECEIPT, dated=dated, company=books)
        transactions.allocate(books, books.transactions[number], at=self._now())
        return number

    def post_refund(self, reference: str, amount: Any, *, company: SandboxCompany | None = None) -> int:
        """Money paid back to a customer, not matched to a credit note; its transaction id."""
        return self._post(reference, _positive(amount), transactions.REFUND, dated=None, company=company)

    def allocate(self, credit: int, *, company: SandboxCompany | None = None) -> None:
        """Settle the oldest debts with a receipt or credit note that is posted already. Raises KeyError."""
        books = self._of(company)
        transactions.allocate(books, books.transactions[credit], at=self._now())

    def amend(
        self, number: int, *, is_stamped: bool = True, company: SandboxCompany | None = None, **fields: Any
    ) -> None:
        """Change a posting's `query`, `due_date` or currency `symbol`; with or without its time of change."""
        row = self._of(company).transactions[number]
        if unknown := fields.keys() - {"query", "due_date", "symbol"}:
            raise KeyError(f"no such field: {', '.join(sorted(unknown))}")
        row.update(fields)
        if is_stamped:
            row["updated"] = self._now()

    def delete_posting(self, number: int, *, keep_balance: bool = False, company: SandboxCompany | None = None) -> None:
        """Delete a posting; with `keep_balance` the account's balance says that it is still owed. Raises KeyError."""
        books = self._of(company)
        gone = transactions.delete(books, number)
        row = books.customers[gone["customer_id"]]
        if not keep_balance:
            row["balance"] = money((row.get("balance") or 0) - transactions.outstanding(gone))
            self._bump(row, wanted=self.balance_bumps_customer)

    def place_order(
        self,
        reference: str,
        amount: Any,
        *,
        promised: date | None = None,
        override: bool = False,
        company: SandboxCompany | None = None,
    ) -> int:
        """A sales order of this gross amount; its id. Raises AccountOnHold without the right to `override`."""
        books = self._of(company)
        row = books.row(reference)
        if row.get("on_hold") and not override:
            raise AccountOnHold(reference)
        order = orders.place(books, row, _positive(amount), promised=promised, at=self._now())
        self._bump(row, wanted=self.orders_bump_customer)
        return order

    def despatch_order(self, order: int, *, invoice: bool = False, company: SandboxCompany | None = None) -> None:
        """The goods are gone: the order is complete, and with `invoice` its value is owed. Raises KeyError."""
        books = self._of(company)
        row, value = orders.close(books, order, status=orders.COMPLETE, at=self._now())
        self._bump(row, wanted=self.orders_bump_customer)
        if invoice:
            self.post_invoice(row["reference"], value, company=books)

    def cancel_order(self, order: int, *, company: SandboxCompany | None = None) -> None:
        """The order is off. Raises KeyError."""
        row, _ = orders.close(self._of(company), order, status=orders.CANCELLED, at=self._now())
        self._bump(row, wanted=self.orders_bump_customer)

    def open_books(self) -> None:
        """Give every balance that has no transactions yet the invoices it is made of; orders where wanted."""
        for company in self.companies:
            if company.has_open_orders and not company.are_books_open:
                orders.place_opening(company, at=self._now())
            is_new = not company.are_books_open
            transactions.open_books(company, at=self._now())
            if is_new and company.has_histories:
                histories.post(company, at=self._now())

    def add(self, *, company: SandboxCompany | None = None, **fields: Any) -> int:
        """Open an account with at least `reference` and `name`; its new id."""
        rows = self._of(company).customers
        number, now = rows.next_id(first=27001), self._now()
        given = {"short_name": str(fields["name"])[:8], "date_time_created": now, "date_time_updated": now}
        rows[number] = {**given, **_checked(fields), "id": number}
        transactions.settle(self._of(company), rows[number], at=now)
        return number

    def remove(self, reference: str, *, company: SandboxCompany | None = None) -> None:
        """Delete an account and what was posted to it. Raises KeyError."""
        books = self._of(company)
        number = books.row(reference)["id"]
        del books.customers[number]
        for posted in books.transactions_of.pop(number, []):
            del books.transactions[posted]
        for order in [each["id"] for each in books.orders.values() if each["customer_id"] == number]:
            del books.orders[order]

    def _post(
        self,
        reference: str,
        amount: Decimal,
        kind: str,
        *,
        dated: date | None,
        due: date | None = None,
        company: SandboxCompany | None,
    ) -> int:
        books, now = self._of(company), self._now()
        row = books.row(reference)
        transactions.open_books(books, at=now)
        posted = transactions.post(books, row, amount, kind=kind, dated=dated, due=due, at=now)
        row["balance"] = money((row.get("balance") or 0) + amount)
        row["date_of_last_transaction"] = posted["transaction_date"]
        self._bump(row, wanted=self.balance_bumps_customer)
        return int(posted["id"])

    def _bump(self, row: dict[str, Any], *, wanted: bool) -> None:
        if wanted:
            row["date_time_updated"] = self._now()

    def _of(self, company: SandboxCompany | None) -> SandboxCompany:
        return company or self.companies[0]

    def _now(self) -> datetime:
        now = self.clock().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)  # SQL Server's datetime has no finer grain


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Money becomes a Decimal of two places; a name that nobody reads is a mistake in the test."""
    if unknown := (fields.keys() - KNOWN) | (fields.keys() & {"id"}):
        raise KeyError(f"no such field: {', '.join(sorted(unknown))}")
    return {name: money(value) if name in MONEY and value is not None else value for name, value in fields.items()}


def _positive(amount: Any) -> Decimal:
    found = money(amount)
    if found <= 0:
        raise ValueError(f"an amount is more than nothing, and {amount} is not")
    return found
