"""How every list of customers from the mirror begins: who may see it, what the words mean, and is the mirror fresh."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from bot.domain.debt.lateness import DebtUnknown
from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.filters.customer_states import StateIs
from bot.domain.text.folding import folded, same
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import ItemsFreshness, Session
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.customers.service.conditions import condition_of
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.filter_vocabulary import FilterVocabulary, vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.overdue.model.list import DebtNotKnown
from storage.database import Database
from storage.queries.mirror.customer_condition import CustomerCondition


class ListQuery(Protocol):
    """What a list's words were read as."""

    @property
    def filter(self) -> Filter:
        """Return the conditions on the customers."""
        ...

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """Return the parts of their names and references, of each group of which one must fit."""
        ...

    @property
    def without(self) -> tuple[str, ...]:
        """Return what isn't part of their names and references."""
        ...

    @property
    def most_balance(self) -> Decimal | None:
        """Return the largest balance, in each customer's own currency; None for any."""
        ...

    @property
    def states(self) -> tuple[StateIs, ...]:
        """Return the states that all hold."""
        ...

    @property
    def asks_of_debt(self) -> bool:
        """Return whether open items must be known to answer."""
        ...


Query = TypeVar("Query", bound=ListQuery)
Query_co = TypeVar("Query_co", bound=ListQuery, covariant=True)


class Parse(Protocol[Query_co]):
    """Reads words with a company's labels, its values, and the asker's own codes. Raises BadQuestion."""

    def __call__(
        self, typed: str, labels: Mapping[int, str], values: Mapping[int, Collection[str]], *, mine: tuple[Codes, ...]
    ) -> Query_co:
        """Return the query."""
        ...


@dataclass(frozen=True, slots=True)
class ListAsked(Generic[Query]):
    """A list that may be shown: of which company, its words folded and as read, of which customers, and as of when.

    `only`: the codes whose customers the user may see figures of; None for everybody's.
    """

    sage: SageCompany
    words: str
    query: Query
    known: FilterVocabulary
    only: tuple[Codes, ...] | None
    as_of: datetime

    def condition(self, today: date, *, in_reason: bool = False) -> CustomerCondition:
        """Return which customers, of those that the user may see; `today` is the user's day.

        `in_reason`: the words are looked for in the reason of a hold too.
        """
        query = self.query
        found = condition_of(query.filter, self.only, words=query.words, states=query.states, today=today)
        without = [same(word) for word in query.without]
        return replace(found, without=without, maximum_balance=query.most_balance, in_reason=in_reason)


class Lists:
    """The beginning of every list of the asker's company."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, permission: CachePermission
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._permission = permission

    async def admit(self, session: Session) -> tuple[SageCompany, tuple[Codes, ...] | None]:
        """Return the company, and the codes whose customers the user may see figures of; None for everybody's.

        Raises NotAllowed, NotConnected, ReconnectNeeded, NoCompany, or Sage's refusal.
        """
        sage = self._connections.company_for(session)
        decision = await self._permission.admit(sage)
        if decision.shown is not Shown.FIGURES:
            raise NotAllowed(
                "A list of figures is only for those who may see them all.",
                hint="Ask an admin of this app: `/sage roles @YOU customers`.",
            )
        return sage, decision.only

    async def read(
        self, session: Session, words: str, parse: Parse[Query]
    ) -> ListAsked[Query] | NotKnown | DebtNotKnown:
        """Return what is asked for, or why the mirror can't be trusted. Raises as `admit`, and BadQuestion."""
        sage, only = await self.admit(session)
        known = await vocabulary_for(self._database, self._customers, sage)
        typed = folded(words)
        query = parse(typed, known.labels, known.values, mine=known.mine)
        known.check_mine(query.filter)
        as_of = trusted_mirror(session)
        if isinstance(as_of, NotKnown):
            return as_of
        if query.asks_of_debt:
            items_as_of = trusted_items(session, known.company_name)
            if isinstance(items_as_of, DebtNotKnown):
                return items_as_of
            as_of = min(as_of, items_as_of)
        return ListAsked(sage, typed, query, known, only, as_of)


def trusted_mirror(session: Session) -> datetime | NotKnown:
    """Return when the mirror last matched Sage, or why it can't be trusted."""
    answering = session.answering
    if answering is None or answering.mirror is None:
        return NotKnown(Unknown.NOT_KEPT, answering.company.company_name if answering is not None else "")
    mirror_state, name = answering.mirror, answering.company.company_name
    if mirror_state.synced_at is None:
        return NotKnown(Unknown.READING, name, customers=mirror_state.customers)
    if session.now - mirror_state.synced_at > session.policy.trust_copy_for:
        return NotKnown(Unknown.OLD, name, as_of=mirror_state.synced_at)
    return mirror_state.synced_at


def open_items(session: Session) -> ItemsFreshness:
    """Return how current the mirror of the open items is."""
    mirror = session.answering.mirror if session.answering is not None else None
    return mirror.items if mirror is not None else ItemsFreshness(False)


def trusted_items(session: Session, company_name: str) -> datetime | DebtNotKnown:
    """Return when the open items last matched Sage, or why they can't be trusted."""
    items = open_items(session)
    why = items.unknown(session.now, session.policy.trust_copy_for)
    if why is not None or items.synced_at is None:
        return DebtNotKnown(why or DebtUnknown.READING, company_name, items.count, items.synced_at)
    return items.synced_at
