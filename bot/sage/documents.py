"""SageDocuments: one customer's aged debt, outstanding documents, open orders and address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Generic, TypeVar

from bot.domain.debt.debts import DebtItem, ItemKind, due_date, kind_of
from bot.domain.debt.payment_history import Settled
from bot.errors import SageRejected, SageUnreadable
from bot.features.account_detail.model import AgeBy, Bucket, Order, label_of
from bot.sage.decoding.fields import Record, day, flag, money, number_of, odd, text, whole
from bot.sage.decoding.readable import Readable, keyset_page, one_by_one, readable
from bot.sage.odata import ODataFilter, after, all_of, eq, since, unlike
from bot.sage.protocol import rows

_PERIODS = range(1, 9)
_A_PAGE = 500
_MOST_PAGES = 20
_A_FEW, _NEWEST = "10", "50"
_TRANSACTIONS = (
    "posted_customer_transaction_id,customer_id,transaction_type,transaction_date,due_date,reference,second_reference,"
    "query,document_gross_value,document_outstanding_value,currency_symbol"
)
_POSTED = "id,customer_id,trader_transaction_type,due_date,full_settlement_date,document_gross_value"
_ORDERS = (
    "id,customer_id,document_no,document_date,document_status,promised_delivery_date,requested_delivery_date,"
    "total_gross_value,customer_document_no,is_credit_limit_exceeded"
)
_ADDRESS = ("address_line_1", "address_line_2", "address_line_3", "address_line_4", "city", "county", "post_code")
_STATUS = "EnumDocumentStatus"
_OVER = ("Complete", "Cancelled")
_NO_ORDERS_YET = {"Draft"}

T = TypeVar("T")

Ask = Callable[[str, Mapping[str, str]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Ageing:
    """A company's setting for aged debt; `by` is None where Sage has none, or one that its views don't offer."""

    by: AgeBy | None
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind(Generic[T]):
    """A kind of document: where and in what order it is asked for, and how a row of it is decoded."""

    resource: str
    key: str
    fields: str
    read: Callable[[Record], T]


class SageDocuments:
    """Questions about one customer of a company. Any may raise what `SageClient` raises.

    A row of another customer raises SageUnreadable: a server may overlook the filter.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def ageing(self) -> Ageing:
        """Return the ageing setting of the sales ledger."""
        found = rows(await self._ask("sales_ledger_settings", {"$top": "1"}))
        return _ageing(found[0]) if found else Ageing(None)

    async def aged(self, customer_id: int, *, by: AgeBy, starts: tuple[int, ...] = ()) -> tuple[Bucket, ...]:
        """Return the debt by age, in the customer's currency, the youngest first; empty where nothing was ever posted.

        The periods have Sage's names, or `starts` where Sage gives none. Raises SageMissing on servers older than
        September 2020.
        """
        query = {"$filter": eq("customer_id", customer_id).text, "$ageingdatetype": by.value, "$top": _A_FEW}
        found = rows(await self._ask("sales_aged_debtor_summary_views", query))
        _check_owner(found, "customer_id", customer_id)
        buckets = readable(found, partial(_aged, by=by, starts=starts), of="aged debt", key=lambda aged: aged).rows
        if len(buckets) > 1:
            raise SageUnreadable  # one customer with two different debts
        return buckets[0] if buckets else ()

    async def outstanding(self, customer_id: int, *, symbol: str = "") -> Readable[DebtItem]:
        """Return every document with something left to settle, credits included, in order of id.

        One in another currency than that of the account's `symbol` is marked so.
        """
        wanted = (eq("customer_id", customer_id), unlike("document_outstanding_value", 0))
        kind = replace(_OUTSTANDING, read=partial(_item, symbol=symbol))
        items = await self._pages(kind, customer_id, wanted)
        return replace(items, rows=tuple(item for item in items.rows if item.outstanding))

    async def payments(self, customer_id: int, *, begin: date) -> Readable[DebtItem]:
        """Return the receipts and refunds dated that day or later, settled ones too, in order of id."""
        whose = eq("customer_id", customer_id)
        try:
            found = await self._pages(_OUTSTANDING, customer_id, (whose, since("transaction_date", begin)))
        except SageRejected:  # a site that can't compare days: what is older is left out here
            found = await self._pages(_OUTSTANDING, customer_id, (whose,))
        paid = (item for item in found.rows if item.kind in {ItemKind.RECEIPT, ItemKind.REFUND})
        return replace(found, rows=tuple(item for item in paid if item.dated is None or item.dated >= begin))

    async def settled(self, customer_id: int, *, begin: date) -> Readable[Settled]:
        """Return the invoices that were paid in full that day or later, in order of id."""
        whose = eq("customer_id", customer_id)
        try:
            found = await self._pages(_SETTLED, customer_id, (whose, since("full_settlement_date", begin)))
        except SageRejected:  # a site that can't compare days: what is older is left out here
            found = await self._pages(_SETTLED, customer_id, (whose,))
        invoices = (each for each in found.rows if each is not None and each.settled >= begin)
        return Readable(tuple(invoices), found.unread)

    async def newest_postings(self, customer_id: int) -> Readable[DebtItem]:
        """Return the newest postings, settled or not, the newest first: fifty at most."""
        query = {
            "$filter": eq("customer_id", customer_id).text,
            "$select": _TRANSACTIONS,
            "$orderby": "transaction_date desc",
            "$top": _NEWEST,
        }
        answer = rows(await self._ask("sales_transaction_views", query))
        _check_owner(answer, "customer_id", customer_id)
        found = readable(answer, _item, of="documents", key=lambda item: item.id)
        return replace(found, rows=tuple(sorted(found.rows, key=_by_day, reverse=True)))

    async def open_orders(self, customer_id: int) -> Readable[Order]:
        """Return every sales order that is neither complete nor cancelled, the newest first."""
        whose = eq("customer_id", customer_id)
        unfinished = [unlike("document_status", _STATUS + name) for name in _OVER]
        try:
            read = await self._pages(_OPEN_ORDERS, customer_id, (whose, *unfinished))
        except SageRejected:  # Professional before July 2017 can't compare enumerations
            read = await self._pages(_OPEN_ORDERS, customer_id, (whose,))
        orders = [order for order in read.rows if order is not None]
        return Readable(tuple(sorted(orders, key=lambda order: order.id, reverse=True)), read.unread)

    async def address(self, customer_id: int) -> tuple[str, ...]:
        """Return the address by line, without blank lines."""
        fields = ",".join(f"customer_location_{name}" for name in _ADDRESS)
        query = {"$filter": eq("id", customer_id).text, "$select": f"id,{fields}", "$top": _A_FEW}
        found = rows(await self._ask("customer_views", query))
        _check_owner(found, "id", customer_id)
        addresses = readable(found, _address, of="addresses").rows
        return addresses[0] if addresses else ()

    async def _pages(self, kind: _Kind[T], customer_id: int, wanted: tuple[ODataFilter, ...]) -> Readable[T]:
        """Return what the keyset pages hold, in order of id. Raises SageUnreadable where none of it can be read."""
        found: list[T] = []
        unread, last = 0, 0
        for _ in range(_MOST_PAGES):
            query = {
                "$filter": all_of(*wanted, after(kind.key, last)).text,
                "$select": kind.fields,
                "$orderby": f"{kind.key} asc",
            }
            answer = rows(await self._ask(kind.resource, {**query, "$top": str(_A_PAGE)}))
            _check_owner(answer, "customer_id", customer_id)
            page = await keyset_page(
                answer, one_by_one(kind.read), of=kind.resource, key=kind.key, beyond=last, full=_A_PAGE
            )
            found += page.rows
            unread += len(page.unread) + page.keyless
            if page.is_last:
                if unread and not found:
                    raise SageUnreadable
                return Readable(tuple(found), unread)
            last = page.last
        raise SageUnreadable


def _ageing(row: Record) -> Ageing:
    # "StatementAgeingTermsTypeEnumInstrumentDate" by default; its other values are documented nowhere.
    terms = text(row, "statement_ageing_terms").casefold()
    by = next((by for word, by in _TERMS.items() if word in terms), None)
    periods = row.get("ageing_periods")
    listed = [period for period in periods if isinstance(period, dict)] if isinstance(periods, list) else []
    starts = readable(listed, partial(whole, name="days_period_starts_after"), of="ageing periods").rows
    return Ageing(by, tuple(sorted({days for days in starts if days is not None})))


_TERMS = {"due": AgeBy.DUE_DATE, "instrument": AgeBy.TRANSACTION_DATE, "transaction": AgeBy.TRANSACTION_DATE}


def _buckets(row: Record, by: AgeBy, starts: tuple[int, ...]) -> list[Bucket]:
    """Return the company's own periods, and of the others those that are not empty."""
    names = [text(row, f"aged_period_{place}", most=40) for place in _PERIODS]
    if not any(names):
        names = [str(days) for days in starts] + [""] * len(names)
    made = [Bucket(label, amount) for label, name in _ENDS[by] if (amount := _amount(row, name)) or name == "current"]
    for place, name, following in zip(_PERIODS, names, [*names[1:], ""], strict=False):
        amount = _amount(row, f"period_{place}")
        if name or amount:
            made.append(Bucket(label_of(name, by=by, upto=following) or f"Period {place}", amount))
    past = _amount(row, "past")
    return [*made, Bucket("Older than every period", past)] if past else made


_ENDS = {
    AgeBy.DUE_DATE: (("Not due yet", "future"), ("Current", "current")),
    AgeBy.TRANSACTION_DATE: (("Dated later than today", "future"), ("Current", "current")),
    AgeBy.CALENDAR_MONTH: (("Dated later than today", "future"), ("Current", "current")),
}


def _amount(row: Record, name: str) -> Decimal:
    return money(row, f"doc_{name}") or Decimal(0)


def _check_owner(found: Sequence[Record], field: str, customer_id: int) -> None:
    """Raise SageUnreadable if a row is another customer's: then the server overlooked the filter."""
    for row in found:
        try:
            owner = whole(row, field)
        except SageUnreadable:
            continue
        if owner not in {customer_id, None}:
            raise SageUnreadable


def _aged(row: Record, *, by: AgeBy, starts: tuple[int, ...]) -> tuple[Bucket, ...]:
    number_of(row, "customer_id")
    return tuple(_buckets(row, by, starts))


def _address(row: Record) -> tuple[str, ...]:
    number_of(row, "id")
    lines = (text(row, f"customer_location_{name}") for name in _ADDRESS)
    return tuple(line for line in lines if line)


def _item(row: Record, *, symbol: str = "") -> DebtItem:
    outstanding = money(row, "document_outstanding_value")
    if outstanding is None:
        raise odd("document_outstanding_value", None)
    number_of(row, "customer_id")
    return DebtItem(
        id=number_of(row, "posted_customer_transaction_id"),
        reference=text(row, "reference", most=20),
        outstanding=outstanding,
        gross=money(row, "document_gross_value"),
        kind=kind_of(text(row, "transaction_type", most=60), outstanding),
        second_reference=text(row, "second_reference", most=20),
        dated=day(row, "transaction_date"),
        due=due_date(day(row, "due_date")),
        query=text(row, "query", most=1),
        is_foreign=bool(symbol and symbol != (text(row, "currency_symbol", most=8) or symbol)),
    )


def _settled(row: Record) -> Settled | None:
    """Decode an invoice that was paid in full; None for all other documents, and without a due date."""
    number_of(row, "customer_id")
    number_of(row, "id")
    gross = money(row, "document_gross_value")
    due, settled = due_date(day(row, "due_date")), due_date(day(row, "full_settlement_date"))
    if gross is None or gross <= 0 or due is None or settled is None:
        return None
    kind = kind_of(text(row, "trader_transaction_type", most=60), gross)
    return Settled(gross, due, settled) if kind is ItemKind.INVOICE else None


def _by_day(item: DebtItem) -> tuple[date, int]:
    return item.dated or date.min, item.id


def _order(row: Record) -> Order | None:
    """Decode an order; None for one that is over, or a draft that was never placed."""
    number_of(row, "customer_id")
    status = text(row, "document_status", most=60).removeprefix(_STATUS)
    if status in _OVER or status in _NO_ORDERS_YET:
        return None
    return Order(
        id=number_of(row, "id"),
        number=text(row, "document_no", most=20).lstrip("0") or str(number_of(row, "id")),
        gross=money(row, "total_gross_value"),
        dated=day(row, "document_date"),
        promised=day(row, "promised_delivery_date") or day(row, "requested_delivery_date"),
        customers_number=text(row, "customer_document_no", most=30),
        is_on_hold=status == "OnHold",
        is_disputed=status == "Dispute",
        is_over_limit=flag(row, "is_credit_limit_exceeded") or False,
    )


_OUTSTANDING = _Kind("sales_transaction_views", "posted_customer_transaction_id", _TRANSACTIONS, _item)
_SETTLED = _Kind("sales_posted_transactions", "id", _POSTED, _settled)
_OPEN_ORDERS = _Kind("sop_orders", "id", _ORDERS, _order)
