"""SageOpenItems: what the customers of a company owe, document by document, and which documents moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import structlog

from bot.domain.debts import DebtItem, ItemKind, due_date, kind_of
from bot.errors import SageRejected, SageUnreadable
from bot.sage.fields import Record, day, moment, money, text, whole
from bot.sage.ledger import Abilities
from bot.sage.odata import ODataFilter, after, all_of, each_of, encode, eq, since, unlike
from bot.sage.protocol import rows

USUAL_PAGE = 2000
"""Documents on a page: 0.9 MB."""
RESOURCE = "sales_transaction_views"
# Sage's own page size where it is not told one: no server cuts a longer page shorter than this.
_SHORTEST_FULL = 500
_MOST_PAGES = 400
# A server on IIS answers a longer query with 404, which would read as a resource that isn't there.
_LONGEST_QUERY = 1900
_ID, _CUSTOMER, _OUTSTANDING = "posted_customer_transaction_id", "customer_id", "document_outstanding_value"
_UPDATED = "transaction_date_time_updated"
FIELDS = (
    f"{_ID},{_CUSTOMER},transaction_type,transaction_date,due_date,reference,second_reference,query,"
    f"document_gross_value,document_allocated_value,{_OUTSTANDING},currency_symbol,{_UPDATED}"
)

Ask = Callable[[str, Mapping[str, str]], Awaitable[object]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PostedItem:
    """A posted document as Sage has it now, settled or not. `symbol` is that of its currency, "" where not given."""

    customer_id: int
    item: DebtItem
    is_untouched: bool
    symbol: str = ""
    updated_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether anything is left to settle."""
        return bool(self.item.outstanding) and self.item.kind is not ItemKind.DELETED


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Documents in order of id. `unread` are the ids of existing documents whose rows can't be decoded."""

    items: tuple[PostedItem, ...]
    unread: frozenset[int]
    last: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class OpenItems:
    """All open documents of some customers, each of whom has an entry. `unread` as for a page."""

    by_customer: Mapping[int, tuple[PostedItem, ...]]
    unread: frozenset[int] = frozenset()


class SageOpenItems:
    """Questions about the documents of all customers. Any may raise what `SageClient` raises.

    All pages are keyset pages, in order of id: rows that come or go meanwhile never shift the next page.
    """

    def __init__(self, ask: Ask, able: Abilities | None = None) -> None:
        self._ask = ask
        self.able = able or Abilities()

    async def open_after(self, last: int, *, most: int = USUAL_PAGE) -> ItemPage:
        """Return the next documents with something left to settle, of all customers."""
        return await self._page(last, unlike(_OUTSTANDING, 0), most)

    async def changed(self, begin: datetime) -> tuple[PostedItem, ...]:
        """Return documents posted, allocated or amended at that moment or later, settled ones too."""
        found: list[PostedItem] = []
        last = 0
        for _ in range(_MOST_PAGES):
            page = await self._page(last, since(_UPDATED, begin), USUAL_PAGE)
            found += page.items
            if page.is_last:
                return tuple(found)
            last = page.last
        raise SageUnreadable

    async def open_of(self, customer_ids: Collection[int]) -> OpenItems:
        """Return every open document of these customers."""
        found: dict[int, tuple[PostedItem, ...]] = {}
        unread: frozenset[int] = frozenset()
        waiting = list(_groups(sorted(set(customer_ids)), brackets=self.able.brackets))
        while waiting:
            group = waiting.pop(0)
            page = await self._open_of_group(group) if len(group) > 1 else await self._all_open_of(group[0])
            if page is None:
                # Brackets were refused: fewer ids fit into a question without them.
                rest = sorted({*group, *(each for other in waiting for each in other)})
                waiting = list(_groups(rest, brackets=False))
            elif not page.is_last:
                middle = len(group) // 2
                waiting[:0] = [group[:middle], group[middle:]]
            else:
                found |= _by_customer(group, page)
                unread |= page.unread
        return OpenItems(found, unread)

    async def _all_open_of(self, customer_id: int) -> ItemPage:
        items: list[PostedItem] = []
        unread: frozenset[int] = frozenset()
        last = 0
        wanted = all_of(eq(_CUSTOMER, customer_id), unlike(_OUTSTANDING, 0))
        for _ in range(_MOST_PAGES):
            page = await self._page(last, wanted, _SHORTEST_FULL)
            if {each.customer_id for each in page.items} - {customer_id}:
                raise SageUnreadable
            items += page.items
            unread |= page.unread
            last = page.last
            if page.is_last:
                return ItemPage(tuple(items), unread, last, is_last=True)
        raise SageUnreadable

    async def _open_of_group(self, group: Sequence[int]) -> ItemPage | None:
        """Return the open documents of a group; None where this Sage turned out to take no brackets."""
        brackets = self.able.brackets
        try:
            page = self._read(rows(await self._ask(RESOURCE, _of_group(group, brackets=brackets))), 0, _SHORTEST_FULL)
        except SageRejected:
            if not brackets:
                raise
            # Both forms ask for the same. Only when the other is answered is it known that brackets were refused.
            smaller = next(_groups(group, brackets=False))
            page = self._read(rows(await self._ask(RESOURCE, _of_group(smaller, brackets=False))), 0, _SHORTEST_FULL)
            self.able.brackets = False
            log.info("this Sage does without", ability="brackets")
            return None
        # A server that overlooks the filter must not pass other customers' documents off as those asked for.
        if {each.customer_id for each in page.items} - set(group):
            raise SageUnreadable
        return page

    async def _page(self, last: int, wanted: ODataFilter, most: int) -> ItemPage:
        query = {"$filter": all_of(wanted, after(_ID, last)).text, "$select": FIELDS, "$orderby": f"{_ID} asc"}
        return self._read(rows(await self._ask(RESOURCE, {**query, "$top": str(most)})), last, most)

    def _read(self, found: list[dict[str, object]], last: int, most: int) -> ItemPage:
        ids = [_whole(row, _ID) for row in found]
        if any(this >= following for this, following in pairwise([last, *ids])):
            raise SageUnreadable
        items: list[PostedItem] = []
        for row in found:
            try:
                items.append(posted_item(row))
            except SageUnreadable:
                continue
        unread = frozenset(ids) - {each.item.id for each in items}
        if unread:
            log.warning("documents that cannot be read", count=len(unread))
        return ItemPage(tuple(items), unread, max(ids, default=last), len(found) < min(most, _SHORTEST_FULL))


def posted_item(row: Record) -> PostedItem:
    """Decode a row of `sales_transaction_views`. Raises SageUnreadable without ids or an amount outstanding."""
    outstanding = money(row, _OUTSTANDING)
    if outstanding is None:
        raise SageUnreadable
    item = DebtItem(
        id=_whole(row, _ID),
        kind=kind_of(text(row, "transaction_type", most=60), outstanding),
        outstanding=outstanding,
        gross=money(row, "document_gross_value"),
        dated=day(row, "transaction_date"),
        due=due_date(day(row, "due_date")),
        query=text(row, "query", most=1),
        reference=text(row, "reference", most=20),
        second_reference=text(row, "second_reference", most=20),
    )
    return PostedItem(
        _whole(row, _CUSTOMER),
        item,
        # Nothing was allocated to it, so no other document changed with it.
        is_untouched=money(row, "document_allocated_value") == Decimal(0),
        symbol=text(row, "currency_symbol", most=4),
        updated_at=moment(row, _UPDATED),
    )


def _groups(ids: Sequence[int], *, brackets: bool) -> Iterator[list[int]]:
    """Yield the ids in groups, each as large as a URL may be."""
    group: list[int] = []
    for each in ids:
        if group and len(encode(_of_group([*group, each], brackets=brackets))) > _LONGEST_QUERY:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _of_group(group: Sequence[int], *, brackets: bool) -> dict[str, str]:
    wanted = each_of([eq(_CUSTOMER, each) for each in group], unlike(_OUTSTANDING, 0), brackets=brackets)
    query = {"$filter": wanted.text, "$select": FIELDS, "$orderby": f"{_ID} asc"}
    return {**query, "$top": str(_SHORTEST_FULL)}


def _by_customer(group: Sequence[int], page: ItemPage) -> dict[int, tuple[PostedItem, ...]]:
    found: dict[int, list[PostedItem]] = {each: [] for each in group}
    for each in page.items:
        found[each.customer_id].append(each)
    return {number: tuple(items) for number, items in found.items()}


def _whole(row: Record, name: str) -> int:
    number = whole(row, name)
    if number is None:
        raise SageUnreadable
    return number
