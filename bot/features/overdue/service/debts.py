"""One customer's late debt, from Sage's open items."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import structlog

from bot.domain.customer import Customer
from bot.domain.debts import NOTHING, debt_on, set_off
from bot.domain.lateness import NOT_ASKED, DebtUnknown, Lateness
from bot.errors import BotError, SageForbidden, SageMissing, SageRejected
from bot.features.access.model.session import Session
from bot.features.card.model.order_check import Amount, OrderCheck, check_order
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard

log = structlog.get_logger(__name__)


class Debts:
    """Reads what a customer owes late, as the asker."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def check_order(self, session: Session, card: CustomerCard, asked: Amount) -> OrderCheck:
        """Return whether to take an order. Raises BadQuestion for an amount in another currency.

        The open items are asked of Sage at this moment: a rep ships on the answer.
        """
        lateness = NOT_ASKED if card.copied is not None else await self.live(session, card.customer)
        customer = card.customer
        session.reads.customer(customer.reference, customer.name, card.company_name, "order check")
        return check_order(customer, asked, is_copy=card.copied is not None, lateness=lateness, policy=session.policy)

    async def live(self, session: Session, customer: Customer) -> Lateness:
        """Return the debt by Sage's open items of this moment. A Sage that can't say is no error: it isn't known."""
        sage = self._connections.company_for(session)
        try:
            return await self._read(sage, customer)
        except (SageMissing, SageForbidden, SageRejected) as refusal:
            log.info("no open items", why=type(refusal).__name__)
            return Lateness(None, DebtUnknown.NOT_GIVEN)
        except BotError as error:
            # A verdict without the debt says so; one that fails as a whole would say nothing of limit and hold.
            log.info("open items not read", why=type(error).__name__)
            return Lateness(None, DebtUnknown.AWAY)

    async def _read(self, sage: SageCompany, customer: Customer) -> Lateness:
        found = await sage.client.documents().outstanding(customer.id, symbol=customer.currency.symbol)
        session = sage.session
        today = session.now.astimezone(ZoneInfo(session.policy.zone)).date()
        debt = debt_on(today, set_off(found.rows))
        difference = None if customer.balance is None else customer.balance - debt.outstanding
        if found.unread or differs(difference, customer.balance):
            return Lateness(debt, DebtUnknown.DIFFERS, difference, as_of=session.now)
        return Lateness(debt, as_of=session.now)


def differs(difference: Decimal | None, balance: Decimal | None) -> bool:
    """Return whether balance and open items are too far apart for the debt to be sure: by £1.00 and by 1 %."""
    return difference is not None and abs(difference) > max(Decimal(1), abs(balance or NOTHING) / 100)
