"""SageLedger: all customers of a company, page by page, and what changed since a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import starmap

import structlog

from bot.domain.customer import Customer, Values
from bot.errors import SageForbidden, SageMissing, SageRejected, SageUnreadable
from bot.sage.decoding import decode
from bot.sage.decoding.fields import Record, moment, number_of
from bot.sage.decoding.readable import KeysetPage, keyset_page, one_by_one
from bot.sage.odata import ODataFilter, after, all_of, any_of, eq, since
from bot.sage.protocol import rows
from bot.sage.site_resources import CUSTOMERS, RECORDS, VIEWS, SiteResources

# A page of customers is some 1 MB; larger ones "can take a long time or time out" (Sage's guide to query parameters).
USUAL_PAGE = 1000
# Sage's own page size where it is not told one: no server cuts a longer page shorter than this.
_SHORTEST_FULL = 500
IDS_A_QUESTION = 40
_IDS_A_PAGE = 5000
_MOST_PAGES = 400
_ANY_TIME = datetime(1990, 1, 1, tzinfo=UTC)
_POSTING_ID, _POSTED = "posted_customer_transaction_id", "transaction_date_time_updated"
# A site refuses a `$select` that names a field which it doesn't have, and `has_promised_payment` is new in 2025 R1
# (Sage's list of API updates, 2 June 2025).
_FIELDS_BEFORE_2025 = (
    "id,reference,name,short_name,account_is_on_hold,account_status_type,currency_iso_code,currency_symbol,balance,"
    "base_balance,credit_limit,value_of_current_orders_in_sop,average_time_to_pay,payment_terms_in_days,payment_terms,"
    "credit_position_name,date_of_last_transaction,last_credit_review,next_credit_review,contact_name,"
    "contact_default_telephone_number,contact_default_email_address,customer_location_post_code,"
    "customer_location_city,date_time_updated," + ",".join(f"analysis_code_{slot}" for slot in range(1, 21))
)
RECORD_FIELDS = (
    "id,reference,name,short_name,on_hold,status_reason,account_status_type,currency_id,balance,credit_limit,"
    "value_of_current_orders_in_sop,average_time_to_pay,payment_terms_days,last_credit_review,next_credit_review,"
    "telephone_country_code,telephone_area_code,telephone_subscriber_number,main_address,date_time_updated,"
    + ",".join(f"analysis_code_{slot}" for slot in range(1, 21))
)
_BEFORE_2025 = {VIEWS: _FIELDS_BEFORE_2025, RECORDS: RECORD_FIELDS}
_ACCOUNT_TYPE, _PROMISED = ",account_type", ",has_promised_payment"
# All fields that `decode.customers` reads; RECORD_FIELDS and these two more are those of `decode.customer_records`.
FIELDS = _FIELDS_BEFORE_2025 + _ACCOUNT_TYPE + _PROMISED
_SELECTIONS = (("promised_payments", _ACCOUNT_TYPE + _PROMISED), ("account_types", _ACCOUNT_TYPE), ("select", ""))

Ask = Callable[[str, Mapping[str, str]], Awaitable[object]]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Abilities:
    """What this Sage turned out to answer. Old Professional servers lack fields, and roles lack whole modules."""

    promised_payments: bool = True
    account_types: bool = True
    select: bool = True
    customer_times: bool = True
    postings: bool = True
    item_times: bool = True
    brackets: bool = True
    orders: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Customers in order of id. `unread` are the ids of customers that exist, or may, and can't be decoded."""

    rows: tuple[Values, ...]
    unread: frozenset[int]
    last: int
    is_last: bool

    @property
    def ids(self) -> list[int]:
        """Return the ids of the customers."""
        return [row[0] for row in self.rows]

    @property
    def customers(self) -> tuple[Customer, ...]:
        """Return the customers, made anew each time."""
        return tuple(starmap(Customer, self.rows))


@dataclass(frozen=True, slots=True)
class Moved:
    """The customers whose documents changed, and the latest of those times."""

    customer_ids: frozenset[int]
    latest: datetime | None


class SageLedger:
    """Questions about all customers of a company. Any may raise what `SageClient` raises.

    All pages are keyset pages, in order of id: rows that come or go meanwhile never shift the next page.
    """

    def __init__(self, ask: Ask, resources: SiteResources, able: Abilities | None = None) -> None:
        self._ask = ask
        self._resources = resources
        self.able = able or Abilities()

    async def customers_after(self, last: int, *, most: int = USUAL_PAGE) -> Page:
        """Return the next customers by id, hidden ones included."""
        return await self._page(last, None, most)

    async def customers_changed(self, begin: datetime, *, last: int = 0, most: int = USUAL_PAGE) -> Page | None:
        """Return customers changed at that moment or later; None where this Sage keeps no times of change."""
        if not self.able.customer_times:
            return None
        try:
            return await self._page(last, since("date_time_updated", begin), most)
        except SageRejected:
            self._lacks("customer_times")
            return None

    async def stamps_since(self, begin: datetime) -> dict[int, datetime] | None:
        """Return the times of change from that moment on, by customer id; None where this Sage keeps none."""
        if not self.able.customer_times:
            return None
        stamps: dict[int, datetime] = {}
        last = 0
        for _ in range(_MOST_PAGES):
            wanted = all_of(since("date_time_updated", begin), after("id", last))
            query = {"$filter": wanted.text, "$select": "id,date_time_updated", "$orderby": "id asc"}
            try:
                found = await self._rows(CUSTOMERS, {**query, "$top": str(_IDS_A_PAGE)})
            except SageRejected:
                self._lacks("customer_times")
                return None
            full = _full(_IDS_A_PAGE)
            page = await keyset_page(found, one_by_one(_stamp), of="times of change", key="id", beyond=last, full=full)
            stamps |= {number: at for number, at in page.rows if at is not None}
            if page.is_last:
                return stamps
            last = page.last
        raise SageUnreadable

    async def customers_with_ids(self, ids: Collection[int]) -> Page:
        """Return these customers, as far as they exist."""
        found: list[Page] = []
        for group in _groups(ids):
            wanted = any_of(*(eq("id", each) for each in group))
            query = {"$filter": wanted.text, "$orderby": "id asc", "$top": str(_SHORTEST_FULL)}
            page = await self._customers(query, beyond=None)
            seen = {row[0] for row in page.rows} | page.unread
            # A server that overlooks the filter must not pass other customers off as those asked for.
            if seen - set(group):
                raise SageUnreadable
            # A row without an id may be any of those that seem to be missing.
            unread = page.unread | (set(group) - seen) if page.keyless else page.unread
            found.append(Page(page.rows, frozenset(unread), 0, is_last=True))
        read = tuple(row for page in found for row in page.rows)
        return Page(read, frozenset().union(*(page.unread for page in found)), 0, is_last=True)

    async def transactions_posted(self, begin: datetime) -> Moved | None:
        """Return customers with postings made or allocated at that moment or later; None where Sage won't say."""
        return await self._moved("postings", "sales_transaction_views", (_POSTING_ID, "customer_id", _POSTED), begin)

    async def orders_changed(self, begin: datetime) -> Moved | None:
        """Return customers with sales orders entered or changed at that moment or later; None where Sage won't say."""
        return await self._moved("orders", "sop_orders", ("id", "customer_id", "date_time_updated"), begin)

    async def latest_change(self) -> datetime | None:
        """Return the customers' latest time of change, by Sage's own clock; None where Sage keeps none."""
        return await self._latest("customer_times", CUSTOMERS, "date_time_updated")

    async def latest_posting(self) -> datetime | None:
        """Return the postings' latest time of change, by Sage's own clock; None where Sage won't say."""
        return await self._latest("postings", ("sales_transaction_views",), _POSTED)

    async def status_reasons(self, ids: Collection[int]) -> dict[int, str]:
        """Return the status reasons of these customers, on hold or not, without those that Sage won't say."""
        reasons: dict[int, str] = {}
        for group in _groups(ids):
            page = await self._reasons(any_of(*(eq("id", each) for each in group)), most=_SHORTEST_FULL)
            if page is None:
                break
            reasons |= {each: reason for each, reason in page.rows if reason is not None}
        return reasons

    async def reasons_on_hold(self) -> dict[int, str]:
        """Return the status reasons of all customers on hold."""
        reasons: dict[int, str] = {}
        last = 0
        for _ in range(_MOST_PAGES):
            page = await self._reasons(all_of(eq("on_hold", True), after("id", last)), most=_IDS_A_PAGE, beyond=last)
            if page is None:
                break
            reasons |= {each: reason for each, reason in page.rows if reason is not None}
            if page.is_last:
                break
            last = page.last
        return reasons

    async def _reasons(
        self, wanted: ODataFilter, *, most: int, beyond: int | None = None
    ) -> KeysetPage[tuple[int, str | None]] | None:
        query = {"$filter": wanted.text, "$select": "id,status_reason", "$orderby": "id asc", "$top": str(most)}
        try:
            found = rows(await self._ask("customers", query))
        except (SageMissing, SageForbidden, SageRejected) as refusal:
            log.info("status reasons not read", why=type(refusal).__name__)
            return None
        return await keyset_page(found, one_by_one(_reason), of="reasons", key="id", beyond=beyond, full=_full(most))

    async def _page(self, last: int, further: ODataFilter | None, most: int) -> Page:
        wanted = all_of(*([] if further is None else [further]), after("id", last))
        query = {"$filter": wanted.text, "$orderby": "id asc", "$top": str(most)}
        page = await self._customers(query, beyond=last, full=_full(most))
        return Page(page.rows, page.unread, page.last, page.is_last)

    async def _customers(
        self, query: Mapping[str, str], *, beyond: int | None, full: int = _IDS_A_PAGE
    ) -> KeysetPage[Values]:
        async def ask(resource: str) -> tuple[str, list[dict[str, object]]]:
            return resource, await self._selected(resource, query)

        resource, found = await self._resources.offered(CUSTOMERS, ask)
        read = await self._resources.reader(resource)
        return await keyset_page(found, read, of="customers", key="id", beyond=beyond, full=full)

    async def _selected(self, resource: str, query: Mapping[str, str]) -> list[dict[str, object]]:
        """Ask for the fields that are stored; where an old site lacks some of them, for fewer, in the end for all."""
        refused: list[str] = []
        for ability, more in _SELECTIONS:
            if getattr(self.able, ability):
                try:
                    found = rows(await self._ask(resource, {"$select": _BEFORE_2025[resource] + more, **query}))
                    break
                except SageRejected:
                    refused.append(ability)
        else:
            found = rows(await self._ask(resource, query))
        # Only now is it known that the fields were refused, and not the rest of the question.
        for ability in refused:
            self._lacks(ability)
        return found

    async def _moved(self, ability: str, resource: str, fields: tuple[str, str, str], begin: datetime) -> Moved | None:
        key, customer, time = fields
        ids: set[int] = set()
        latest: datetime | None = None
        last = 0
        for _ in range(_MOST_PAGES):
            wanted = all_of(since(time, begin), after(key, last))
            query = {"$filter": wanted.text, "$select": ",".join(fields), "$orderby": f"{key} asc"}
            found = await self._able_rows(ability, (resource,), {**query, "$top": str(_IDS_A_PAGE)})
            if found is None:
                return None
            read = one_by_one(partial(_move, customer=customer, time=time))
            page = await keyset_page(found, read, of=resource, key=key, beyond=last, full=_full(_IDS_A_PAGE))
            ids |= {number for number, _ in page.rows}
            latest = max((at for at in (latest, *(at for _, at in page.rows)) if at), default=None)
            if page.is_last:
                return Moved(frozenset(ids), latest)
            last = page.last
        raise SageUnreadable

    async def _latest(self, ability: str, resources: tuple[str, ...], field: str) -> datetime | None:
        query = {"$select": field, "$orderby": f"{field} desc", "$top": "1"}
        found = await self._able_rows(ability, resources, query)
        if found and found[0].get(field) is None:
            # Rows without a time may come first. If no row has one, nothing can be asked by time.
            stamped = {"$filter": since(field, _ANY_TIME).text, **query}
            found = await self._able_rows(ability, resources, stamped)
            if found == []:
                self._lacks(ability)
        return _moment_or_none(found[0], field) if found else None

    async def _able_rows(
        self, ability: str, resources: tuple[str, ...], query: Mapping[str, str]
    ) -> list[dict[str, object]] | None:
        """Return the rows; None, from now on, where this Sage or role lacks the resources."""
        if not getattr(self.able, ability):
            return None
        try:
            return await self._rows(resources, query)
        except (SageMissing, SageForbidden, SageRejected):
            # The nightly full read finds what is missed without the resource.
            self._lacks(ability)
            return None

    async def _rows(self, resources: tuple[str, ...], query: Mapping[str, str]) -> list[dict[str, object]]:
        return rows(await self._resources.offered(resources, lambda resource: self._ask(resource, query)))

    def _lacks(self, ability: str) -> None:
        setattr(self.able, ability, False)
        log.info("this Sage does without", ability=ability)


def _groups(ids: Collection[int]) -> Iterator[list[int]]:
    """Yield the ids in groups so small that the URL stays well below what servers take."""
    ordered = sorted(ids)
    return (ordered[start : start + IDS_A_QUESTION] for start in range(0, len(ordered), IDS_A_QUESTION))


def _full(most: int) -> int:
    """Return the least number of rows of a page that is not the last: old servers may cut pages to their own size."""
    return min(most, _SHORTEST_FULL)


def _reason(row: Record) -> tuple[int, str | None]:
    return number_of(row, "id"), decode.status_reason(row)


def _stamp(row: Record) -> tuple[int, datetime | None]:
    return number_of(row, "id"), moment(row, "date_time_updated")


def _move(row: Record, *, customer: str, time: str) -> tuple[int, datetime | None]:
    # Whose document it is counts, even where its time can't be read.
    return number_of(row, customer), _moment_or_none(row, time)


def _moment_or_none(row: Record, name: str) -> datetime | None:
    try:
        return moment(row, name)
    except SageUnreadable:
        return None
