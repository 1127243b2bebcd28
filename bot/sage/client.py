"""SageClient: one coroutine for each question that this app asks of Sage 200."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from itertools import pairwise

import httpx
import structlog

from bot.domain.company import Company, Edition
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
from bot.sage import decode
from bot.sage.auth import TokenSource
from bot.sage.documents import SageDocuments
from bot.sage.ledger import Abilities, SageLedger
from bot.sage.odata import ODataFilter, after, eq
from bot.sage.protocol import change, request, rows
from bot.sage.spellings import by_reference, by_words
from bot.sage.wire import Gate, Transport

_PATIENCE = 20.0
_PATIENCE_FOR_A_DETAIL = 5.0
_LARGEST_PAGE = 5000
# Sage's own page size where it is not told one: no server cuts a longer page shorter than this.
_DEFAULT_PAGE = 500
_MOST_PAGES = 200
_MAY_CHANGE = "Ask your Sage 200 administrator to let your role amend customer accounts."

log = structlog.get_logger(__name__)


class SageClient:
    """Sage 200 as one connection sees it; all but `companies` is about the one company given.

    Each request is answered within 20 seconds or raises SageUnavailable. Any method may raise SageError, whatever
    the TokenSource raises, and NoCompany when a company is needed and none was given. The `gate` is the company's:
    what reads the whole ledger waits there for its turn.
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
        self._wire = Transport(http, base_url=base_url, tokens=tokens, gate=gate)
        self._gate = gate
        self._company = company
        self._subscription_key = subscription_key

    def ledger(self, able: Abilities | None = None) -> SageLedger:
        """The questions about the whole ledger; `able` remembers for the next time what this Sage won't answer."""
        return SageLedger(self._ask, able)

    def documents(self) -> SageDocuments:
        """The questions about what one customer's account is made of."""
        return SageDocuments(self._ask)

    def heavy(self) -> AbstractAsyncContextManager[None]:
        """The company's turn for a read that is much work for Sage."""
        return self._gate.heavy() if self._gate is not None else nullcontext()

    async def companies(self) -> list[Company]:
        """Every company of both editions that this sign-in reaches, in reading order.

        An edition that this sign-in may not use (a permanent error) is left out if the other one answers. A transient
        error of either is raised even then: a list with a hole would be taken for the whole. If both refuse, the
        more telling refusal is raised.
        """
        answers = await asyncio.gather(*(self._sites(edition) for edition in Edition), return_exceptions=True)
        lists = [answer for answer in answers if isinstance(answer, list)]
        faults = [answer for answer in answers if isinstance(answer, BaseException)]
        grave = [fault for fault in faults if not lists or not isinstance(fault, SageError) or not fault.permanent]
        if grave:
            raise min(grave, key=_telling)
        for fault in faults:
            log.info("edition not open to this sign-in", why=type(fault).__name__)
        return sorted(company for companies in lists for company in companies)

    async def customer(self, reference: str) -> Customer | None:
        """The account with this reference, whatever its case; None if there is none."""
        wanted = by_reference(reference)
        return None if wanted is None else await self._customer(wanted, reference.upper())

    async def customer_by_id(self, id: int) -> Customer | None:  # noqa: A002 - Sage's own word
        """The account with this id in this company; None if there is none."""
        return await self._customer(eq("id", id), id)

    async def set_hold(self, customer: Customer, *, on_hold: bool, reason: str) -> None:
        """Change these two fields of an account, once; read it afterwards to know what came of it.

        Raises SageForbidden or SageRejected where Sage won't; after any transient error it may be done all the same.
        """
        fields = {"on_hold": on_hold, "status_reason": reason}
        try:
            await self._change(f"customers/{customer.id}", fields)
        except SageRejected:
            # The schema calls these two required; whether a change needs them isn't documented. A refusal did nothing.
            named = {"reference": customer.reference, "name": customer.name}
            await self._change(f"customers/{customer.id}", {**named, **fields})

    async def find(self, words: str, *, most: int = 26) -> list[CustomerName]:
        """Up to `most` accounts whose reference, name, short name or postcode fits, by name; hidden ones included."""
        likely = by_words(words)
        if likely is None:
            return []
        query = {"$filter": likely.text, "$orderby": "name asc", "$top": str(most)}
        return [decode.customer_name(row) for row in rows(await self._ask("lookup_customers", query))][:most]

    async def names(self) -> list[CustomerName]:
        """Every account of the company by id, hidden ones included, asked for page by page."""
        names: list[CustomerName] = []
        async with self.heavy():
            for _ in range(_MOST_PAGES):
                page = await self._names_after(names[-1].id if names else None)
                names += page
                if len(page) < _DEFAULT_PAGE:
                    return names
        raise SageUnreadable

    async def analysis_labels(self) -> dict[int, str]:
        """What this company calls its customers' analysis codes, by slot (1..20); unnamed slots are left out."""
        return decode.customer_labels(rows(await self._ask("analysis_code_mappings", {"$top": str(_LARGEST_PAGE)})))

    async def _sites(self, edition: Edition, *, seconds: float = _PATIENCE) -> list[Company]:
        ask = request("sites", edition=edition, subscription_key=self._subscription_key)
        return [decode.company(row, edition) for row in rows(await self._wire.get(ask, seconds=seconds))]

    async def _customer(self, wanted: ODataFilter, key: str | int) -> Customer | None:
        """The view leaves the status reason out, so that is asked for separately."""
        query = {"$filter": wanted.text, "$top": "2"}
        found = [decode.customer(row) for row in rows(await self._ask("customer_views", query))]
        if not found:
            return None
        # A server that overlooks the filter must not make us show somebody else's figures.
        fitting = [customer for customer in found if key in {customer.id, customer.reference.upper()}]
        if len(fitting) != 1:
            raise SageUnreadable
        return replace(fitting[0], status_reason=await self._status_reason(fitting[0].id))

    async def _status_reason(self, customer_id: int) -> str | None:
        """None where this Sage, this role or the moment won't say: the figures are worth showing without it."""
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

    async def _names_after(self, last: int | None) -> list[CustomerName]:
        """One page in order of id. Keyset paging: rows that come or go meanwhile never shift the next page."""
        beyond = {} if last is None else {"$filter": after("id", last).text}
        query = {**beyond, "$orderby": "id asc", "$top": str(_LARGEST_PAGE)}
        page = [decode.customer_name(row) for row in rows(await self._ask("lookup_customers", query))]
        ids = [*([] if last is None else [last]), *(name.id for name in page)]
        if any(this >= following for this, following in pairwise(ids)):
            raise SageUnreadable
        return page

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
            return await self._wire.get(ask, seconds=seconds)
        except SageSignInRefused:
            await self._raise_if_removed(self._company)
            raise

    async def _change(self, resource: str, fields: Mapping[str, object]) -> None:
        if self._company is None:
            raise NoCompany
        ask = request(
            resource, edition=self._company.edition, company=self._company, subscription_key=self._subscription_key
        )
        try:
            await self._wire.put(change(ask, fields), seconds=_PATIENCE)
        except SageSignInRefused:
            await self._raise_if_removed(self._company)
            raise
        except SageForbidden:
            raise SageForbidden("Your Sage 200 role doesn't let you change customers.", hint=_MAY_CHANGE) from None

    async def _raise_if_removed(self, company: Company) -> None:
        """Sage says 401 for a bad token and for a company out of reach alike; only `sites` tells them apart.

        Where that can't be asked, its own error is raised: nobody should be told to sign in again on a guess.
        """
        reached = await self._sites(company.edition, seconds=_PATIENCE_FOR_A_DETAIL)
        if company.key not in {other.key for other in reached}:
            raise SageAccessRemoved


def _telling(fault: BaseException) -> int:
    """A rank, the most telling fault lowest: what is not Sage's, then outages, then refusals by what can be done."""
    if not isinstance(fault, SageError):
        return -2
    ranks = (SageSignInRefused, SageForbidden, SageRejected, SageMissing)
    return ranks.index(type(fault)) if type(fault) in ranks else -1
