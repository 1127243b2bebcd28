"""One customer's late debt, from Sage's open items."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, overload

import structlog

from bot.domain.customer import Customer
from bot.domain.debt.debts import NOTHING, debt_on, set_off, with_disputed
from bot.domain.debt.lateness import NOT_ASKED, DebtUnknown, Lateness
from bot.errors import BotError, SageForbidden, SageMissing, SageRejected
from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.card.model.order_check import Amount, OrderCheck, check_order
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard, LookupResult
from bot.features.mirror.service.open_items.item_rows import pennies
from bot.features.promises.model.remembered import (
    NEWEST_NOTES,
    NOTHING_KNOWN,
    Remembered,
    remembered_from,
    with_promises,
)
from storage.database import Database
from storage.queries import promises

log = structlog.get_logger(__name__)


class Debts:
    """Reads what a customer owes late, as the asker."""

    def __init__(self, *, database: Database, sessions: Sessions, connections: Connections) -> None:
        self._database = database
        self._sessions = sessions
        self._connections = connections

    async def of(
        self, session: Session, customer: Customer, known: Remembered = NOTHING_KNOWN, *, is_copy: bool = False
    ) -> Lateness:
        """Return the debt: of the copy where its balance is the customer's, else of Sage's open items of this moment.

        No statement where the reference was typed, else one; a question to Sage too where the copy is too old, or
        another balance stands beside it. `is_copy`: the customer is from the copy, as Sage doesn't answer. With what
        was promised, by what is `known` here.
        """
        lateness = with_promises(await self._of(session, customer, known, is_copy=is_copy), known.promises)
        named = session.named_debt
        if named is not None and named.customer_id == customer.id and named.warnings:
            return replace(lateness, warnings=named.warnings)
        return lateness

    async def _of(self, session: Session, customer: Customer, known: Remembered, *, is_copy: bool) -> Lateness:
        if _is_balance_forward(customer):
            return Lateness(None, DebtUnknown.FORWARD)
        mirror = session.answering.mirror if session.answering is not None else None
        if mirror is None:
            return NOT_ASKED if is_copy else await self.live(session, customer, known)
        items = mirror.items
        why = items.unknown(session.now, session.policy.trust_copy_for)
        if why is DebtUnknown.OLD and not is_copy:
            return await self.live(session, customer, known)
        if why is not None:
            return Lateness(None, why, read=items.count, as_of=items.synced_at)
        lateness, balance = await self._copied(session, customer, known, items.synced_at)
        # No card contradicts itself: a debt that another balance belongs to is asked of Sage.
        is_same = lateness.debt is not None and (customer.balance is None or balance == pennies(customer.balance))
        return lateness if is_copy or is_same else await self.live(session, customer, known)

    async def _copied(
        self, session: Session, customer: Customer, known: Remembered, as_of: datetime | None
    ) -> tuple[Lateness, Decimal | None]:
        """Return the debt by the copy, and the balance that it was read with: none of either without a copy of it."""
        copied = session.named_debt
        if copied is None or copied.customer_id != customer.id:
            copied = await self._sessions.debt_of(session, customer.reference)
        if copied is None or copied.customer_id != customer.id:
            return NOT_ASKED, None
        debt = debt_on(session.today, with_disputed(copied.after, known.disputed))
        balance = debt.outstanding + (copied.difference or NOTHING)
        # Balance and items are read one after the other: what a second reading doesn't find again is no difference.
        if copied.differs_since is not None and differs(copied.difference, balance):
            return Lateness(debt, DebtUnknown.DIFFERS, copied.difference, as_of=as_of), balance
        return Lateness(debt, as_of=as_of), balance

    @overload
    async def with_debt(self, session: Session, found: CustomerCard) -> CustomerCard: ...
    @overload
    async def with_debt(self, session: Session, found: LookupResult) -> LookupResult: ...
    async def with_debt(self, session: Session, found: LookupResult) -> LookupResult:
        """Return a card with the customer's late debt, if its figures are shown; all else as it is."""
        if not isinstance(found, CustomerCard) or found.shown is not Shown.FIGURES:
            return found
        known = await self.remembered(session, found.customer)
        lateness = await self.of(session, found.customer, known, is_copy=found.copied is not None)
        return replace(found, lateness=lateness, remembered=known)

    async def remembered(self, session: Session, customer: Customer) -> Remembered:
        """Return what colleagues know of a customer's debt: promises, disputes and the newest notes.

        One statement; none where the session says that nothing is known.
        """
        named = session.named_debt
        is_unknown = named is not None and named.customer_id == customer.id and not named.is_remembered
        if session.company_pk is None or is_unknown:
            return NOTHING_KNOWN
        whose: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": session.company_pk}
        found = await self._database.look(
            lambda tx: promises.of_customer(tx, **whose, customer_id=customer.id, notes=NEWEST_NOTES)
        )
        return remembered_from(found)

    async def check_order(self, session: Session, card: CustomerCard, asked: Amount) -> OrderCheck:
        """Return whether to take an order. Raises BadQuestion for an amount in another currency.

        The open items are asked of Sage at this moment: a rep ships on the answer.
        """
        is_copy, customer = card.copied is not None, card.customer
        known = await self.remembered(session, customer)
        if is_copy:
            lateness = await self.of(session, customer, known, is_copy=True)
        else:
            lateness = with_promises(await self.live(session, customer, known), known.promises)
        session.reads.customer(customer.reference, customer.name, card.company_name, "order check")
        return check_order(customer, asked, is_copy=is_copy, lateness=lateness, policy=session.policy)

    async def live(self, session: Session, customer: Customer, known: Remembered = NOTHING_KNOWN) -> Lateness:
        """Return the debt by Sage's open items of this moment. A Sage that can't say is no error: it isn't known.

        What is in accepted dispute, by what is `known` here, counts as disputed.
        """
        if _is_balance_forward(customer):
            return Lateness(None, DebtUnknown.FORWARD)
        sage = self._connections.company_for(session)
        try:
            return await self._read(sage, customer, known)
        except (SageMissing, SageForbidden, SageRejected) as refusal:
            log.info("no open items", why=type(refusal).__name__)
            return Lateness(None, DebtUnknown.NOT_GIVEN)
        except BotError as error:
            # A verdict without the debt says so; one that fails as a whole would say nothing of limit and hold.
            log.info("open items not read", why=type(error).__name__)
            return Lateness(None, DebtUnknown.AWAY)

    async def _read(self, sage: SageCompany, customer: Customer, known: Remembered) -> Lateness:
        found = await sage.client.documents().outstanding(customer.id, symbol=customer.currency.symbol)
        session = sage.session
        net = session.policy.sets_off_credit
        debt = debt_on(session.today, set_off(found.rows, disputed=known.disputed, net=net))
        difference = None if customer.balance is None else customer.balance - debt.outstanding
        if found.unread or differs(difference, customer.balance):
            return Lateness(debt, DebtUnknown.DIFFERS, difference, as_of=session.now)
        return Lateness(debt, as_of=session.now)


def _is_balance_forward(customer: Customer) -> bool:
    # Such an account has no invoices, only the periods that the balance is brought forward to.
    return "forward" in customer.account_type.casefold()


def differs(difference: Decimal | None, balance: Decimal | None) -> bool:
    """Return whether balance and open items are too far apart for the debt to be sure: by £1.00 and by 1%."""
    return difference is not None and abs(difference) > max(Decimal(1), abs(balance or NOTHING) / 100)
