"""What a credit controller does inside Sage 200, each with a sentence that says what is so now."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from sandbox.sage200 import World
from sandbox.sage200.books import transactions
from sandbox.sage200.books.company import USUAL, SandboxCompany, money
from sandbox.sage200.books.world import AccountOnHold
from sandbox.sage200.odd_rows import ODDITIES

Body = dict[str, Any]
_MOST_FOUND = 20
_MOST_HELD = 100
_MOST_MONEY = Decimal(100_000_000)
_LONGEST_REASON = 256


class Books:
    """Reads a request's body, changes the world, and answers `{said, customer?}`. Raises ValueError in words."""

    def __init__(self, world: World) -> None:
        self._world = world

    def companies(self) -> list[str]:
        """Their names, the first the usual one."""
        return [company.company_name for company in self._world.companies]

    def found(self, words: str, *, company: int) -> list[Body]:
        """Accounts by reference, name, town or postcode; the exact reference first."""
        books = self._company(company)
        wanted = words.strip().casefold()
        exact = [row for row in books.customers.values() if row["reference"].casefold() == wanted]
        others = (row for row in self._matching(books, wanted) if row not in exact)
        return [_shown(books, row) for row in [*exact, *islice(others, _MOST_FOUND - len(exact))]]

    def hold(self, body: Body) -> Body:
        """`{company, reference, reason}`."""
        books, row = self._account(body)
        if row.get("on_hold"):
            raise ValueError(f"{_named(row)} is on hold already.")
        self._world.put_on_hold(row["reference"], _reason(body), company=books)
        return self._done(books, row, f"{_named(row)} is on hold now.")

    def release(self, body: Body) -> Body:
        """`{company, reference, reason}`."""
        books, row = self._account(body)
        if not row.get("on_hold"):
            raise ValueError(f"{_named(row)} is not on hold.")
        self._world.release(row["reference"], _reason(body), company=books)
        return self._done(books, row, f"{_named(row)} is released.")

    def receipt(self, body: Body) -> Body:
        """`{company, reference, amount}`."""
        books, row = self._account(body)
        amount = _amount(body)
        self._world.post_receipt(row["reference"], amount, company=books)
        return self._done(books, row, f"A receipt of {_money(books, row, amount)} is posted to {_named(row)}.")

    def invoice(self, body: Body) -> Body:
        """`{company, reference, amount}`."""
        books, row = self._account(body)
        amount = _amount(body)
        self._world.post_invoice(row["reference"], amount, company=books)
        return self._done(books, row, f"An invoice of {_money(books, row, amount)} is posted to {_named(row)}.")

    def credit(self, body: Body) -> Body:
        """`{company, reference, amount}`: a credit note that nothing is settled with."""
        books, row = self._account(body)
        amount = _amount(body)
        self._world.post_credit(row["reference"], amount, company=books)
        return self._done(books, row, f"A credit note of {_money(books, row, amount)} is posted to {_named(row)}.")

    def allocate(self, body: Body) -> Body:
        """`{company, reference}`: the oldest debts are settled with whatever credit is not allocated."""
        books, row = self._account(body)
        loose = [each for each in transactions.of(books, row["id"]) if transactions.outstanding(each) < 0]
        if not loose:
            raise ValueError(f"{_named(row)} has no credit that is not allocated.")
        for each in loose:
            self._world.allocate(each["id"], company=books)
        return self._done(books, row, f"The credit of {_named(row)} is allocated to the oldest debt.")

    def refund(self, body: Body) -> Body:
        """`{company, reference, amount}`."""
        books, row = self._account(body)
        amount = _amount(body)
        self._world.post_refund(row["reference"], amount, company=books)
        return self._done(books, row, f"{_money(books, row, amount)} is paid back to {_named(row)}.")

    def query(self, body: Body) -> Body:
        """`{company, reference}`: the oldest open invoice is in query from now on; all are out of it where one was."""
        books, row = self._account(body)
        owed = [each for each in transactions.of(books, row["id"]) if transactions.outstanding(each) > 0]
        if not owed:
            raise ValueError(f"{_named(row)} has no open invoice.")
        queried = [each for each in owed if each.get("query")]
        for each in queried or owed[:1]:
            self._world.amend(each["id"], query="" if queried else "D", company=books)
        how = "None of the invoices is" if queried else f"{owed[0]['reference']} is"
        return self._done(books, row, f"{how} in query now.")

    def order(self, body: Body) -> Body:
        """`{company, reference, amount}`."""
        books, row = self._account(body)
        amount = _amount(body)
        try:
            self._world.place_order(row["reference"], amount, company=books)
        except AccountOnHold:
            raise ValueError(f"{_named(row)} is on hold, so Sage 200 takes no order.") from None
        return self._done(books, row, f"An order of {_money(books, row, amount)} is entered for {_named(row)}.")

    def limit(self, body: Body) -> Body:
        """`{company, reference, amount}`; 0 is no limit."""
        books, row = self._account(body)
        amount = _amount(body, least=Decimal(0))
        self._world.set_limit(row["reference"], amount, company=books)
        limit = f"{_money(books, row, amount)} now" if amount else "gone: none is set"
        return self._done(books, row, f"The credit limit of {_named(row)} is {limit}.")

    def odd(self, body: Body) -> Body:
        """`{company, reference, kind}`: from now on Sage gives the account's rows so; without a kind as they are."""
        books, row = self._account(body)
        kind = str(body.get("kind") or "")
        if kind and kind not in ODDITIES:
            raise ValueError(f"A row is odd in one of these ways: {', '.join(ODDITIES)}.")
        books.oddities.pop(row["id"], None)
        if kind:
            books.oddities[row["id"]] = kind
        how = f"odd from now on: {kind}" if kind else "as they should be"
        return self._done(books, row, f"Sage 200's rows of {_named(row)} are {how}.")

    def bulk_hold(self, body: Body) -> Body:
        """`{company, count, reason}`: so many accounts over their limit, then others that owe something."""
        books = self._company(body.get("company", 0))
        count = body.get("count")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST_HELD:
            raise ValueError(f"Say how many accounts: 1 to {_MOST_HELD}.")
        owing = [row for row in books.customers.values() if not row.get("on_hold") and (row.get("balance") or 0) > 0]
        owing.sort(key=lambda row: not _is_over(row))
        held = self._world.bulk_hold([row["reference"] for row in owing[:count]], _reason(body), company=books)
        return {"said": f"{len(held)} {'account is' if len(held) == 1 else 'accounts are'} put on hold at once."}

    def _matching(self, books: SandboxCompany, wanted: str) -> Iterator[Body]:
        for row in books.customers.values():
            fields = (row["reference"], row["name"], row.get("postcode"), row.get("city"))
            if any(wanted in field.casefold() for field in fields if field):
                yield row

    def _account(self, body: Body) -> tuple[SandboxCompany, Body]:
        books = self._company(body.get("company", 0))
        reference = str(body.get("reference", ""))
        try:
            return books, books.row(reference)
        except KeyError:
            raise ValueError(f"There is no account {reference[:20]} in {books.company_name}.") from None

    def _company(self, number: Any) -> SandboxCompany:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(self._world.companies):
            raise ValueError("There is no such company.")
        return self._world.companies[number]

    def _done(self, books: SandboxCompany, row: Body, said: str) -> Body:
        return {"said": said, "customer": _shown(books, row)}


def _shown(books: SandboxCompany, stored: Body) -> Body:
    row = {**USUAL, **stored}
    return {
        **{name: row[name] or "" for name in ("reference", "name", "city", "postcode", "status_reason")},
        "on_hold": bool(row["on_hold"]),
        "is_over_limit": _is_over(row),
        "balance": _money(books, row, row["balance"]),
        "limit": _money(books, row, row["credit_limit"]) if row["credit_limit"] else "none",
        "orders": _money(books, row, row["value_of_current_orders_in_sop"]),
    }


def _is_over(row: Body) -> bool:
    limit = row.get("credit_limit") or 0
    return bool(limit) and (row.get("balance") or 0) > limit


def _named(row: Body) -> str:
    return f"{row['name']} ({row['reference']})"


def _money(books: SandboxCompany, row: Body, amount: Decimal | None) -> str:
    symbol = books.currency(row.get("currency_id", USUAL["currency_id"])).symbol
    value = amount or Decimal(0)
    return f"{'−' if value < 0 else ''}{symbol}{abs(value):,.2f}"


def _amount(body: Body, *, least: Decimal = Decimal("0.01")) -> Decimal:
    """What somebody typed: `1,250.50`, with a currency sign or not."""
    typed = str(body.get("amount", "")).strip().lstrip("£€$").replace(",", "")
    try:
        amount = money(typed)
    except InvalidOperation:
        raise ValueError("Type an amount, such as 1,250.50.") from None
    if not amount.is_finite() or not least <= amount <= _MOST_MONEY:
        raise ValueError(f"Type an amount between {least} and {_MOST_MONEY:,}.")
    return amount


def _reason(body: Body) -> str:
    reason = str(body.get("reason", "")).strip()
    if len(reason) > _LONGEST_REASON:
        raise ValueError(f"A reason has at most {_LONGEST_REASON} characters.")
    return reason
