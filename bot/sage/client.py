"""SageClient: one coroutine for each question that this app asks of Sage 200."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from decimal import Decimal
from functools import partial

import httpx
import structlog

from bot.domain.company import Company, Edition, SiteWays
from bot.domain.customer import Customer, CustomerName
from bot.errors import (
    BotError,
    NoCompany,
    SageAccessRemoved,
    SageError,
    SageForbidden,
    SageMissing,
    SageRejected,
    SageSignInRefused,
    SageUnreadable,
)
from bot.sage.auth import TokenSource
from bot.sage.decoding import decode
from bot.sage.decoding.readable import KeysetPage, Readable, keyset_page, one_by_one, readable
from bot.sage.documents import SageDocuments
from bot.sage.ledger import Abilities, SageLedger
from bot.sage.notes import SageNotes
from bot.sage.odata import ODataFilter, after, eq
from bot.sage.open_items import SageOpenItems
from bot.sage.protocol import change, request, rows
from bot.sage.search_variants import by_reference, by_words
from bot.sage.site_resources import CUSTOMERS, NAMES, RECORDS, VIEWS, SiteResources
from bot.sage.transport import Gate, Transport

_PATIENCE = 20.0
_PATIENCE_FOR_A_DETAIL = 5.0
_LARGEST_PAGE = 5000
# Sage's own page size where it is not told one: no server cuts a longer page shorter than this.
_DEFAULT_PAGE = 500
_MOST_PAGES = 200
# More than one customer, for a view may give the customer once for each contact.
_A_FEW = "10"
_MAY_CHANGE = "Ask your Sage 200 administrator to let your role amend customer accounts."

log = structlog.get_logger(__name__)


class SageClient:
    """Sage 200 as one connection sees it; all but `companies` is about the one company given.

    Each request is answered within 20 seconds or raises SageUnavailable. Any method may raise SageError, whatever the
    TokenSource raises, and NoCompany when a company is needed and none was given. The `gate` is the company's throttle,
    where heavy reads wait.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        tokens: TokenSource,
        company: Company | None = None,
        gate: Gate | None = None,
        subscription_key: str = "",
    ) -> None:
        self._transport = Transport(http, base_url=base_url, tokens=tokens, gate=gate)
        self._gate = gate
        self._company = company
        self._subscription_key = subscription_key
        self._resources = SiteResources(self._ask, company.ways if company is not None else SiteWays(), self._remember)

    def look_again(self) -> None:
        """Ask anew for the resources that this Sage lacked: it may have been upgraded."""
        self._resources.look_again()

    def ledger(self, able: Abilities | None = None) -> SageLedger:
        """Return the questions about all customers; `able` remembers what this Sage won't answer."""
        return SageLedger(self._ask, self._resources, able)

    def open_items(self, able: Abilities | None = None) -> SageOpenItems:
        """Return the questions about what all customers owe; `able` remembers what this Sage won't answer."""
        return SageOpenItems(self._ask, able)

    def documents(self) -> SageDocuments:
        """Return the questions about one customer's documents."""
        return SageDocuments(self._ask)

    def notes(self) -> SageNotes:
        """Return the questions about one customer's alerts and memos, and their changes."""
        return SageNotes(self._ask, self._change)

    def heavy(self) -> AbstractAsyncContextManager[None]:
        """Wait for the company's lease for heavy reads, and hold it while the block runs."""
        return self._gate.heavy() if self._gate is not None else nullcontext()

    async def companies(self) -> list[Company]:
        """Return every company of both editions that this sign-in reaches, in reading order.

        A permanent error of one edition only leaves it out. A transient error of either is raised. If both refuse, the
        more telling refusal is raised.
        """
        answers = await asyncio.gather(*(self._sites(edition) for edition in Edition), return_exceptions=True)
        lists = [answer.rows for answer in answers if isinstance(answer, Readable)]
        faults = [answer for answer in answers if isinstance(answer, BaseException)]
        # A transient error is raised even if the other edition answers: a list with a hole would be taken for the
        # whole.
        grave = [fault for fault in faults if not lists or not isinstance(fault, SageError) or not fault.permanent]
        if grave:
            raise min(grave, key=_telling)
        for fault in faults:
            log.info("edition not open to this sign-in", why=type(fault).__name__)
        return sorted(company for companies in lists for company in companies)

    async def customer(self, reference: str) -> Customer | None:
        """Return the customer with this reference, in any case; None if there is none."""
        wanted = by_reference(reference)
        return None if wanted is None else await self._customer(wanted, reference.upper())

    async def customer_by_id(self, id: int) -> Customer | None:  # noqa: A002 - Sage's own word
        """Return the customer with this id in this company; None if there is none."""
        return await self._customer(eq("id", id), id)

    async def customer_with_reason(self, id: int) -> Customer | None:  # noqa: A002 - Sage's own word
        """Return the customer with the status reason, on hold or not; None if there is none."""
        if VIEWS in self._resources.ways.lacks:
            return await self._viewed(eq("id", id), id)  # with the reason
        # Both at once. The reason of a customer not on hold is needed to compare what was written.
        found, reason = await asyncio.gather(self._viewed(eq("id", id), id), self._status_reason(id))
        if found is None or found.status_reason is not None:
            return found
        return replace(found, status_reason=reason)

    async def set_hold(self, customer: Customer, *, on_hold: bool, reason: str) -> None:
        """Change the hold and its reason, once. Raises SageForbidden or SageRejected where Sage won't."""
        await self._change_customer(customer, {"on_hold": on_hold, "status_reason": reason})

    async def set_credit_limit(self, customer: Customer, limit: Decimal) -> None:
        """Change the credit limit, once. Raises SageForbidden or SageRejected where Sage won't."""
        # Below 10**12 the shortest form of a float has the two places exactly.
        await self._change_customer(customer, {"credit_limit": float(limit)})

    async def _change_customer(self, customer: Customer, fields: Mapping[str, object]) -> None:
        """Change these fields alone."""
        # After any transient error the change may have been made all the same: the caller reads the customer
        # afterwards.
        # The schema calls these two required; whether a change needs them isn't documented. A refusal did nothing, so
        # the other form is tried, and the one that is taken remembered.
        named = {"reference": customer.reference, "name": customer.name, **fields}
        ways = self._resources.ways
        usual, other = (named, fields) if ways.change_names_customer else (fields, named)
        try:
            await self._change("PUT", f"customers/{customer.id}", usual)
        except SageRejected:
            await self._change("PUT", f"customers/{customer.id}", other)
            await self._resources.learn(replace(ways, change_names_customer=other is named))

    async def find(self, words: str, *, most: int = 26) -> list[CustomerName]:
        """Return up to `most` customers, by name, whose reference, names or postcode fit; hidden ones too."""
        if by_words(words) is None:
            return []

        async def ask(resource: str) -> object:
            likely = by_words(words, has_postcodes=resource != RECORDS)
            if likely is None:
                return []
            query = {**_names_of(resource), "$filter": likely.text, "$orderby": "name asc", "$top": str(most)}
            return await self._ask(resource, query)

        found = rows(await self._resources.offered(NAMES, ask))
        return list(readable(found, decode.customer_name, of="names", key=lambda name: name.id).rows)[:most]

    async def names(self) -> list[CustomerName]:
        """Return every customer of the company by id, hidden ones included, read page by page."""
        names: list[CustomerName] = []
        last: int | None = None
        async with self.heavy():
            for _ in range(_MOST_PAGES):
                page = await self._names_after(last)
                names += page.rows
                if page.is_last:
                    return names
                last = page.last
        raise SageUnreadable

    async def analysis_labels(self) -> dict[int, str]:
        """Return the company's labels of its customers' analysis codes, by slot (1..20), without unnamed slots."""
        return decode.customer_labels(rows(await self._ask("analysis_code_mappings", {"$top": str(_LARGEST_PAGE)})))

    async def rows_of(self, resource: str, query: Mapping[str, str]) -> list[dict[str, object]]:
        """Return rows as Sage sent them, whatever they are like: for the self-test alone."""
        return rows(await self._ask(resource, query))

    async def _sites(self, edition: Edition, *, seconds: float = _PATIENCE) -> Readable[Company]:
        ask = request("sites", edition=edition, subscription_key=self._subscription_key)
        found = rows(await self._transport.get(ask, seconds=seconds))
        return readable(found, partial(decode.company, edition=edition), of="sites", key=lambda company: company.key)

    async def _customer(self, wanted: ODataFilter, key: str | int) -> Customer | None:
        """Return the customer; for one on hold with its status reason, which the view leaves out."""
        found = await self._viewed(wanted, key)
        if found is None or not found.on_hold or found.status_reason is not None:
            return found
        return replace(found, status_reason=await self._status_reason(found.id))

    async def _viewed(self, wanted: ODataFilter, key: str | int) -> Customer | None:
        query = {"$filter": wanted.text, "$top": _A_FEW}

        async def ask(resource: str) -> tuple[str, object]:
            return resource, await self._ask(resource, query)

        resource, answer = await self._resources.offered(CUSTOMERS, ask)
        found = rows(answer)
        if not found:
            return None
        read = await self._resources.reader(resource)
        customers = readable(
            found, lambda row: Customer(*read([row])[0]), of="customers", key=lambda customer: customer.id
        ).rows
        # A server that overlooks the filter must not make us show another customer's figures.
        fitting = [customer for customer in customers if key in {customer.id, customer.reference.upper()}]
        if len(fitting) != 1:
            raise SageUnreadable
        return fitting[0]

    async def _status_reason(self, customer_id: int) -> str | None:
        """Return the reason; None where this Sage, this role or the moment won't say."""
        # The figures are worth showing without the reason.
        query = {"$select": "status_reason"}
        try:
            return decode.status_reason(
                await self._ask(f"customers/{customer_id}", query, seconds=_PATIENCE_FOR_A_DETAIL)
            )
        except (SageMissing, SageForbidden, SageRejected):
            return None
        except BotError as error:
            if error.permanent:
                raise
            log.warning("status reason not read", why=type(error).__name__)
            return None

    async def _names_after(self, last: int | None) -> KeysetPage[CustomerName]:
        # Keyset paging: rows that come or go never shift the next page.
        beyond = {} if last is None else {"$filter": after("id", last).text}
        query = {**beyond, "$orderby": "id asc", "$top": str(_LARGEST_PAGE)}
        asking = self._resources.offered(NAMES, lambda resource: self._ask(resource, {**_names_of(resource), **query}))
        found = rows(await asking)
        return await keyset_page(
            found, one_by_one(decode.customer_name), of="names", key="id", beyond=last, full=_DEFAULT_PAGE
        )

    async def _ask(self, resource: str, query: Mapping[str, str], *, seconds: float = _PATIENCE) -> object:
        if self._company is None:
            raise NoCompany
        ask = request(
            resource,
            edition=self._company.edition,
            company=self._company,
            query=query,
            subscription_key=self._subscription_key,
        )
        try:
            return await self._transport.get(ask, seconds=seconds)
        except SageSignInRefused:
            await self._raise_if_removed(self._company)
            raise

    async def _remember(self, ways: SiteWays) -> None:
        if self._gate is not None:
            await self._gate.remember(ways)

    async def _change(self, method: str, resource: str, fields: Mapping[str, object]) -> object:
        if self._company is None:
            raise NoCompany
        ask = request(
            resource, edition=self._company.edition, company=self._company, subscription_key=self._subscription_key
        )
        try:
            return await self._transport.change(change(ask, fields, method=method), seconds=_PATIENCE)
        except SageSignInRefused:
            await self._raise_if_removed(self._company)
            raise
        except SageForbidden:
            raise SageForbidden("Your Sage 200 role doesn't let you change customers.", hint=_MAY_CHANGE) from None

    async def _raise_if_removed(self, company: Company) -> None:
        """Raise SageAccessRemoved if `sites` no longer has the company. Raises what `sites` raises."""
        # Sage says 401 for a bad token and for a company out of reach alike; only `sites` tells them apart. An error of
        # `sites` is raised as it is: a guess must not send anybody to sign in again.
        reached = await self._sites(company.edition, seconds=_PATIENCE_FOR_A_DETAIL)
        # A row that can't be read may be this company's.
        if not reached.unread and company.key not in {other.key for other in reached.rows}:
            raise SageAccessRemoved


def _names_of(resource: str) -> dict[str, str]:
    """Return the selection of a name's fields, where the resource has many more."""
    return {"$select": "id,reference,name,short_name"} if resource == RECORDS else {}


def _telling(fault: BaseException) -> int:
    """Return a rank, lowest for the most telling fault: not Sage's, then outages, then refusals by what can be done."""
    if not isinstance(fault, SageError):
        return -2
    ranks = (SageSignInRefused, SageForbidden, SageRejected, SageMissing)
    return ranks.index(type(fault)) if type(fault) in ranks else -1
