"""The write buffer of a sync run, and a prefetching pager."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from bot.domain.customer import Customer, Values
from bot.features.mirror.service.apply_reading import Reading
from bot.features.mirror.service.open_items.apply_items import ItemsReading
from bot.features.mirror.service.rows import differs, rows_of
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.ledger import Page
from storage.queries.mirror.mirrored_customers import Stored

# Customers in memory. A bulk hold of 10,000 is one summary; a larger one is told in several.
MOST_AT_ONCE = 20_000
_REREAD_AT_ONCE = 2_000
# Between two yields to the event loop.
_COMPARED_AT_ONCE = 100


class Batch:
    """Customers read in this sync run and not yet written, each once."""

    def __init__(self, run: SyncRun) -> None:
        self._run = run
        self._customers: dict[int, Customer] = {}
        self._gone: set[int] = set()
        self._read: set[int] = set()

    async def add(self, page: Page) -> None:
        """Add the customers of a page; write the buffer when it is full."""
        self._read |= {*page.unread, *page.ids}
        self._customers |= zip(page.ids, page.customers, strict=True)
        if len(self._customers) >= MOST_AT_ONCE:
            await self._write()

    async def add_differing(self, page: Page, stored: Mapping[int, Stored]) -> None:
        """Add the customers of a page that differ from their stored rows."""
        run = self._run
        changed: list[Values] = []
        for start in range(0, len(page.rows), _COMPARED_AT_ONCE):
            part = page.rows[start : start + _COMPARED_AT_ONCE]
            known = [stored.get(number) for number, *_ in part]
            rows = rows_of(part, run.company, stored=known, now=run.began)
            pairs = zip(part, rows, known, strict=True)
            changed += [values for values, row, old in pairs if old is None or differs(old, row)]
            await asyncio.sleep(0)
        await self.add(Page(tuple(changed), frozenset(), page.last, is_last=page.is_last))

    async def reread(self, ids: Iterable[int]) -> None:
        """Read customers again whose documents changed, unless this run has read them already."""
        ordered = sorted(set(ids) - self._read)
        for start in range(0, len(ordered), _REREAD_AT_ONCE):
            await self.add(await self._run.sage.customers_with_ids(ordered[start : start + _REREAD_AT_ONCE]))

    def remove(self, ids: Iterable[int]) -> None:
        """Note the ids of customers that Sage no longer has."""
        self._gone |= set(ids)

    @property
    def customers(self) -> Mapping[int, Customer]:
        """Return the customers in the buffer, by id."""
        return self._customers

    async def finish(self, *, items: ItemsReading | None = None, **progress: Any) -> None:
        """Write the rest of the buffer, the open items read in the same run, and the run's progress."""
        await self._write(items=items, **progress)

    async def _write(self, *, items: ItemsReading | None = None, **progress: Any) -> None:
        customers = list(self._customers.values())
        reading = Reading(customers, self._gone, await self._run.reasons(customers))
        await self._run.write(reading, items=items, **progress)
        self._customers, self._gone = {}, set()


class _Page(Protocol):
    """A keyset page."""

    @property
    def last(self) -> int: ...

    @property
    def is_last(self) -> bool: ...


P = TypeVar("P", bound=_Page)


async def pages(ask: Callable[[int], Coroutine[Any, Any, P]], last: int) -> AsyncGenerator[P, None]:
    """Yield every page beyond an id, the next one fetched meanwhile. Close the generator (`aclosing`)."""
    coming = asyncio.create_task(ask(last))
    try:
        while True:
            page = await coming
            if not page.is_last:
                coming = asyncio.create_task(ask(page.last))
            yield page
            if page.is_last:
                return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
