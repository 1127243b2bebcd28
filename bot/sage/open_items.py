"""SageOpenItems: what the customers of a company owe, document by document, and which documents moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import structlog

from bot.domain.debt.debts import DebtItem, ItemKind, due_date, kind_of
from bot.errors import SageForbidden, SageMissing, SageRejected, SageUnreadable
from bot.sage.decoding import columns
from bot.sage.decoding.columns import Rows, required
from bot.sage.decoding.readable import keyset_page
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
_NOTHING = Decimal(0)
_FIELDS_WITHOUT_TIMES = (
    f"{_ID},{_CUSTOMER},transaction_type,transaction_date,due_date,reference,second_reference,query,"
    f"document_gross_value,document_allocated_value,{_OUTSTANDING},currency_symbol"
)
FIELDS = f"{_FIELDS_WITHOUT_TIMES},{_UPDATED}"

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
    """Documents in order of id. `unread` are the ids of those that can't be decoded, `keyless` counts those without."""

    items: tuple[PostedItem, ...]
    unread: frozenset[int]
    last: int
    is_last: bool
    keyless: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """Documents that moved, settled ones too, and the latest of their times."""

    items: tuple[PostedItem, ...]
    latest: datetime | None


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

    async def dated_since(self, begin: date, last: int, *, most: int = USUAL_PAGE) -> ItemPage:
        """Return the next documents dated that day or later, settled or not, of all customers."""
        return await self._page(last, since("transaction_date", begin), most)

    async def changed(self, begin: datetime) -> Changed | None:
        """Return documents posted, allocated or amended at that moment or later; None where Sage won't say."""
        if not self.able.item_times:
            return None
        found: list[PostedItem] = []
        last = 0
        for _ in range(_MOST_PAGES):
            try:
                page = await self._page(last, since(_UPDATED, begin), USUAL_PAGE)
            except (SageMissing, SageForbidden, SageRejected):
                self._lacks("item_times")
                return None
            found += page.items
            last = page.last
            if page.is_last:
                stamps = (item.updated_at for item in found)
                return Changed(tuple(found), max((at for at in stamps if at is not None), default=None))
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
            page = await self._read(await self._asked(_of_group(group, brackets=brackets)), 0, _SHORTEST_FULL)
        except SageRejected:
            if not brackets:
                raise
            # Both forms ask for the same. Only when the other is answered is it known that brackets were refused.
            smaller = next(_groups(group, brackets=False))
            page = await self._read(await self._asked(_of_group(smaller, brackets=False)), 0, _SHORTEST_FULL)
            self._lacks("brackets")
            return None
        # A server that overlooks the filter must not pass other customers' documents off as those asked for.
        if {each.customer_id for each in page.items} - set(group):
            raise SageUnreadable
        return page

    async def _asked(self, query: Mapping[str, str]) -> list[dict[str, object]]:
        """Ask for every field that is stored; on an old site, which keeps no times of change, for all the others."""
        if self.able.item_times:
            try:
                return rows(await self._ask(RESOURCE, {"$select": FIELDS, **query}))
            except SageRejected:
                if _UPDATED in query["$filter"]:
                    raise
                found = rows(await self._ask(RESOURCE, {"$select": _FIELDS_WITHOUT_TIMES, **query}))
                self._lacks("item_times")
                return found
        return rows(await self._ask(RESOURCE, {"$select": _FIELDS_WITHOUT_TIMES, **query}))

    def _lacks(self, ability: str) -> None:
        setattr(self.able, ability, False)
        log.info("this Sage does without", ability=ability)

    async def _page(self, last: int, wanted: ODataFilter, most: int) -> ItemPage:
        query = {"$filter": all_of(wanted, after(_ID, last)).text, "$orderby": f"{_ID} asc", "$top": str(most)}
        return await self._read(await self._asked(query), last, most)

    async def _read(self, found: list[dict[str, object]], last: int, most: int) -> ItemPage:
        full = min(most, _SHORTEST_FULL)
        page = await keyset_page(found, posted_items, of="documents", key=_ID, beyond=last, full=full)
        return ItemPage(page.rows, page.unread, page.last, page.is_last, page.keyless)


def posted_items(found: Rows) -> list[PostedItem]:
    """Decode rows of `sales_transaction_views`. Raises SageUnreadable for one without ids or an amount outstanding."""
    outstanding = required(columns.amounts(found, _OUTSTANDING), _OUTSTANDING)
    kinds = map(kind_of, columns.texts(found, "transaction_type", most=60), outstanding)
    items = map(
        DebtItem,
        columns.numbers(found, _ID),
        kinds,
        outstanding,
        columns.amounts(found, "document_gross_value"),
        columns.days(found, "transaction_date"),
        map(due_date, columns.days(found, "due_date")),
        columns.texts(found, "query", most=1),
        columns.texts(found, "reference", most=20),
        columns.texts(found, "second_reference", most=20),
    )
    return list(
        map(
            PostedItem,
            columns.numbers(found, _CUSTOMER),
            items,
            # Nothing was allocated to it, so no other document changed with it.
            [allocated == _NOTHING for allocated in columns.amounts(found, "document_allocated_value")],
            columns.texts(found, "currency_symbol", most=4),
            columns.moments(found, _UPDATED),
        )
    )


def _groups(ids: Sequence[int], *, brackets: bool) -> Iterator[list[int]]:
    """Yield the ids in groups, each as large as a URL may be."""
    group: list[int] = []
    for each in ids:
        if group and len(encode({"$select": FIELDS, **_of_group([*group, each], brackets=brackets)})) > _LONGEST_QUERY:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _of_group(group: Sequence[int], *, brackets: bool) -> dict[str, str]:
    wanted = each_of([eq(_CUSTOMER, each) for each in group], unlike(_OUTSTANDING, 0), brackets=brackets)
    return {"$filter": wanted.text, "$orderby": f"{_ID} asc", "$top": str(_SHORTEST_FULL)}


def _by_customer(group: Sequence[int], page: ItemPage) -> dict[int, tuple[PostedItem, ...]]:
    found: dict[int, list[PostedItem]] = {each: [] for each in group}
    for each in page.items:
        found[each.customer_id].append(each)
    return {number: tuple(items) for number, items in found.items()}
