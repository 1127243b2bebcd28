"""Promises to pay: noted, and withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_names import CUSTOMER
from bot.domain.company import Company, key_of
from bot.domain.debt.promise import PromiseState
from bot.errors import BadQuestion, BotError, NotAllowed, OtherCompanysCard
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard
from bot.features.promises.model.outcome import PromiseNoted
from bot.features.promises.model.promise_typed import PromiseTyped, refuse_beyond
from bot.features.promises.service.asking import company_of
from bot.features.promises.service.promise_rows import facts_of, judge_at, last_day, what
from storage.database import Database
from storage.queries import promises as rows
from storage.tables.promises import PromiseRow

BACKDATED = timedelta(days=30)
"""By how much a receipt may be dated before the day on which it is posted: many are dated by the bank's day."""
_OTHERS = "A colleague noted that promise, so a controller or an admin of this app has to withdraw it."

log = structlog.get_logger(__name__)


class Promises:
    """Notes what customers promised to pay. Nothing of it is written to Sage."""

    def __init__(self, *, database: Database, connections: Connections, audit: AuditLog) -> None:
        self._database = database
        self._connections = connections
        self._audit = audit

    def company(self, session: Session, action: Action, *, card: str) -> Company:
        """Return the company in which the asker may do this, without asking Sage. Raises what keeps them from it."""
        # `card` is the company key of the card that was used: the same id is another customer elsewhere.
        session.require(action)
        company = self._connections.company_for(session, action=Action.STATUS).company
        if card != key_of(company):
            raise OtherCompanysCard
        return company

    def may(self, session: Session, card: CustomerCard) -> None:
        """Raise NotAllowed, or what keeps the asker from Sage, unless they may note a promise of this customer."""
        company_of(self._connections, session, card, Action.PROMISE)

    def today(self, session: Session) -> date:
        """Return the day it is in the workspace's zone."""
        return session.today

    async def note(self, session: Session, card: CustomerCard, typed: PromiseTyped) -> PromiseNoted:
        """Note a promise; one of the same amount and day stays as it is. Raises NotAllowed, BadQuestion."""
        sage = company_of(self._connections, session, card, Action.PROMISE)
        customer, today = card.customer, session.today
        refuse_beyond(typed, customer, card.lateness.sure if card.lateness is not None else None)
        # What was received before doesn't keep the promise, whatever its day: so Sage is asked for it now.
        before = await _paid_before(sage, customer.id, today) if card.copied is None else None
        async with self._database.transaction() as tx:
            whose = {**sage.company_columns, "customer_id": customer.id}
            found = await rows.open_promises(tx, **whose)
            same = next((row for row in found if (row.amount, row.due) == (typed.amount, typed.due)), None)
            if same is not None:
                return _noted(session, same, is_news=False)
            row = await rows.add_promise(
                tx,
                **whose,
                reference=customer.reference,
                name=customer.name,
                currency_iso=customer.currency.iso,
                currency_symbol=customer.currency.symbol,
                amount=typed.amount,
                due=typed.due,
                made_on=today,
                said_by=typed.said_by,
                made_by=session.user_id,
                made_at=session.now,
                receipts_before=before,
                judge_at=judge_at(typed.due, session.policy, now=session.now),
                judged_balance=customer.balance,
            )
            await self._audit.did(tx, session, "note a promise", what(row), ("none", PromiseState.OPEN))
        return _noted(session, row)

    async def withdraw_all(self, session: Session, card: CustomerCard) -> list[PromiseNoted]:
        """Withdraw every open promise of a customer that the asker may withdraw. Raises NotAllowed, BadQuestion."""
        sage = company_of(self._connections, session, card, Action.PROMISE)
        async with self._database.transaction() as tx:
            found = await rows.open_promises(tx, **sage.company_columns, customer_id=card.customer.id)
            theirs = [row for row in found if _may_withdraw(session, row)]
            if found and not theirs:
                raise NotAllowed(_OTHERS, hint="")
            done = await self._withdraw(tx, session, theirs)
        if not done:
            reference = card.customer.reference
            hint = f"Type `{CUSTOMER} {reference} promise 500 by Friday` to note one."
            raise BadQuestion("No promise of that customer is open.", hint=hint)
        return [_noted(session, row, state=PromiseState.WITHDRAWN) for row in done]

    async def withdraw(self, session: Session, promise_id: int) -> PromiseNoted:
        """Withdraw one promise, if it is open. Raises NotAllowed, BadQuestion."""
        session.require(Action.PROMISE)
        async with self._database.transaction() as tx:
            row = await rows.promise(tx, workspace_id=session.workspace_id, promise_id=promise_id)
            if row is None or row.company_pk != session.company_pk or session.refusal is not None:
                raise BadQuestion("That promise isn't there any more.", hint="Ask for the customer again.")
            if not _may_withdraw(session, row):
                raise NotAllowed(_OTHERS, hint="")
            if row.state != PromiseState.OPEN or not await self._withdraw(tx, session, [row]):
                return _noted(session, row, is_news=False)
        return _noted(session, row, state=PromiseState.WITHDRAWN)

    async def _withdraw(self, tx: AsyncSession, session: Session, found: Sequence[PromiseRow]) -> list[PromiseRow]:
        ended = {"ended_by": session.user_id, "closed_at": session.now, "judge_at": None}
        done = [row for row in found if await rows.move_promise(tx, row, to=PromiseState.WITHDRAWN, **ended)]
        stood = (PromiseState.OPEN, PromiseState.WITHDRAWN)
        for row in done:
            await self._audit.did(tx, session, "withdraw a promise", what(row), stood)
        return done


async def _paid_before(sage: SageCompany, customer_id: int, today: date) -> list[int] | None:
    """Return the ids of the receipts and refunds of late; None where Sage can't say."""
    try:
        found = await sage.client.documents().payments(customer_id, begin=today - BACKDATED)
    except BotError as error:
        log.info("a promise without the receipts before it", why=type(error).__name__)
        return None
    return [item.id for item in found.rows]


def _may_withdraw(session: Session, row: PromiseRow) -> bool:
    return row.made_by == session.user_id or session.may(Action.DECIDE_DISPUTE)


def _noted(session: Session, row: PromiseRow, *, state: str = "", is_news: bool = True) -> PromiseNoted:
    company = session.answering.company if session.answering is not None else None
    named = (company.company_name, key_of(company)) if company is not None else ("", "")
    return PromiseNoted(facts_of(row, *named, state=state), last_day(row.due, session.policy), is_news)
