"""Disputes and notes: raised by anybody with a role, accepted by a controller, and closed. Sage has none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_names import CUSTOMER
from bot.domain.company import key_of
from bot.domain.debt.debts import DebtItem
from bot.domain.text.folding import same
from bot.domain.text.parsing import nearest
from bot.errors import NOTHING_NOTED, BadQuestion, saying_what_became
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.access.service.deciders import Deciders
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard
from bot.features.delivery.model import DISPUTE_ANSWERED, DISPUTE_RAISED
from bot.features.mirror.service.open_items.apply_items import count_again
from bot.features.mirror.service.rows import CompanyKey
from bot.features.promises.model.outcome import ACCEPTED, CLOSED, RAISED, DisputeSaid
from bot.features.promises.model.promise_typed import DisputeTyped, reason_of
from bot.features.promises.model.remembered import DisputeFacts
from bot.features.promises.service.asking import company_of
from storage.database import Database
from storage.queries import promises as rows
from storage.queries.alerts import outbox
from storage.tables.promises import DisputeRow

_GONE = "That dispute isn't there any more."
_MOST_OFFERED = 5


class Disputes:
    """Keeps disputes and notes. What is in accepted dispute counts as overdue no more, in the same transaction."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        deciders: Deciders,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._connections = connections
        self._deciders = deciders
        self._audit = audit
        self._clock = clock

    async def dispute(self, session: Session, card: CustomerCard, typed: DisputeTyped) -> DisputeSaid:
        """Raise a dispute about an open invoice; of a controller, accept it too. Raises NotAllowed, BadQuestion, …

        A controller who names what is raised already accepts it, and needs no reason.
        """
        sage = company_of(self._connections, session, card, Action.DISPUTE)
        decides = session.may(Action.DECIDE_DISPUTE)
        raised = await self._named(sage, card, typed)
        if raised is not None:
            return await self._accept(session, raised) if decides else DisputeSaid(self._facts(session, raised), False)
        reason = reason_of(typed, card.customer)
        item = await _document(sage, card, typed)
        told = frozenset() if decides else await self._deciders.of(session.workspace_id, but=session.user_id)
        customer = card.customer
        async with self._database.transaction() as tx:
            row = await rows.raise_dispute(
                tx,
                **sage.company_columns,
                customer_id=customer.id,
                reference=customer.reference,
                name=customer.name,
                transaction_id=item.id,
                document=item.reference or typed.document,
                reason=reason,
                raised_by=session.user_id,
                raised_at=session.now,
                accepted_by=session.user_id if decides else None,
                accepted_at=session.now if decides else None,
            )
            if row is None:
                raise BadQuestion("That invoice is in dispute already.", hint="")
            facts = self._facts(session, row)
            if decides:
                await self._count_again(tx, row)
            for user_id in sorted(told):
                await _tell(tx, row, facts, DISPUTE_RAISED, user_id, now=session.now)
            await self._audit.did(tx, session, "raise a dispute", _what(row), ("none", facts.state))
        return DisputeSaid(facts)

    async def resolve(self, session: Session, card: CustomerCard, typed: DisputeTyped) -> DisputeSaid:
        """Close the dispute about a document. Raises NotAllowed, or BadQuestion where there is none."""
        sage = company_of(self._connections, session, card, Action.DISPUTE)
        row = await self._named(sage, card, typed)
        if row is None:
            open_now = await self._open(sage, card)
            reference = card.customer.reference
            hint = f"Type `{CUSTOMER} {reference} resolve {open_now[0].document}`." if open_now else ""
            raise BadQuestion(
                "No dispute about that document is open." if open_now else "That customer has no open dispute.",
                typed=typed.document,
                offered=[each.document for each in open_now[:_MOST_OFFERED]],
                hint=hint,
            )
        return await self._close(session, row)

    async def accept(self, session: Session, dispute_id: int) -> DisputeSaid:
        """Accept a dispute by its id. Raises NotAllowed, BadQuestion."""
        return await self._accept(session, await self._found(session, dispute_id, Action.DECIDE_DISPUTE))

    async def close(self, session: Session, dispute_id: int) -> DisputeSaid:
        """Close a dispute by its id, accepted or not. Raises NotAllowed, BadQuestion."""
        return await self._close(session, await self._found(session, dispute_id, Action.DISPUTE))

    async def write_note(self, session: Session, card: CustomerCard, words: str) -> None:
        """Keep a note. Raises NotAllowed."""
        sage = company_of(self._connections, session, card, Action.NOTE)
        customer = card.customer
        whose = {**sage.company_columns, "customer_id": customer.id, "reference": customer.reference}
        async with self._database.transaction() as tx:
            await rows.add_note(tx, **whose, words=words, written_by=session.user_id, written_at=session.now)
            await self._audit.did(tx, session, "write a note", f"{customer.reference} {customer.name}", ("", ""))

    async def _accept(self, session: Session, row: DisputeRow) -> DisputeSaid:
        async with self._database.transaction() as tx:
            if not await rows.accept_dispute(tx, row, by=session.user_id, now=session.now):
                now = await rows.dispute(tx, workspace_id=row.workspace_id, dispute_id=row.id)
                return DisputeSaid(self._facts(session, now or row), False)
            facts = self._facts(session, row, state=ACCEPTED)
            await self._count_again(tx, row)
            if row.raised_by not in {"", session.user_id}:
                await _tell(tx, row, facts, DISPUTE_ANSWERED, row.raised_by, now=session.now)
            await self._audit.did(tx, session, "accept a dispute", _what(row), (RAISED, ACCEPTED))
        return DisputeSaid(facts)

    async def _close(self, session: Session, row: DisputeRow) -> DisputeSaid:
        if row.raised_by != session.user_id:
            session.require(Action.DECIDE_DISPUTE)
        async with self._database.transaction() as tx:
            before = _state(row)
            if not await rows.close_dispute(tx, row, by=session.user_id, now=session.now):
                return DisputeSaid(self._facts(session, row, state=CLOSED), False)
            facts = self._facts(session, row, state=CLOSED)
            await self._count_again(tx, row)
            if row.raised_by not in {"", session.user_id}:
                await _tell(tx, row, facts, DISPUTE_ANSWERED, row.raised_by, now=session.now)
            await self._audit.did(tx, session, "close a dispute", _what(row), (before, CLOSED))
        return DisputeSaid(facts)

    async def _count_again(self, tx: AsyncSession, row: DisputeRow) -> None:
        """Work out the customer's stored debt with the disputes as they are now in this transaction."""
        await count_again(tx, CompanyKey(row.workspace_id, row.company_pk), [row.customer_id], now=self._clock())

    async def _named(self, sage: SageCompany, card: CustomerCard, typed: DisputeTyped) -> DisputeRow | None:
        """Return the open dispute about the document that was typed."""
        wanted = same(typed.document)
        return next((row for row in await self._open(sage, card) if same(row.document) == wanted), None)

    async def _open(self, sage: SageCompany, card: CustomerCard) -> Sequence[DisputeRow]:
        async with self._database.reading() as tx:
            return await rows.open_disputes(tx, **sage.company_columns, customer_id=card.customer.id)

    async def _found(self, session: Session, dispute_id: int, action: Action) -> DisputeRow:
        session.require(action)
        async with self._database.reading() as tx:
            row = await rows.dispute(tx, workspace_id=session.workspace_id, dispute_id=dispute_id)
        if row is None or row.company_pk != session.company_pk or session.refusal is not None:
            raise BadQuestion(_GONE, hint="Ask for the customer again.")
        return row

    def _facts(self, session: Session, row: DisputeRow, *, state: str = "") -> DisputeFacts:
        company = session.answering.company if session.answering is not None else None
        return DisputeFacts(
            id=row.id,
            customer_id=row.customer_id,
            reference=row.reference,
            name=row.name,
            document=row.document,
            reason=row.reason,
            raised_by=row.raised_by,
            state=state or _state(row),
            decided_by=session.user_id if state else row.ended_by or row.accepted_by or "",
            company_name=company.company_name if company is not None else "",
            company_key=key_of(company) if company is not None else "",
        )


async def _document(sage: SageCompany, card: CustomerCard, typed: DisputeTyped) -> DebtItem:
    """Return the open invoice of that number, ours or theirs. Raises BadQuestion, with the nearest numbers."""
    customer = card.customer
    with saying_what_became(NOTHING_NOTED):
        found = await sage.client.documents().outstanding(customer.id, symbol=customer.currency.symbol)
    debits = [item for item in found.rows if not item.is_credit and item.outstanding > 0]
    wanted = same(typed.document)
    own = [item for item in debits if same(item.reference) == wanted]
    theirs = [item for item in debits if same(item.second_reference) == wanted]
    matching = own or theirs
    if not matching:
        known = [item.reference for item in debits if item.reference]
        offered = nearest(typed.document, known) or tuple(known[:_MOST_OFFERED])
        hint = f"Type `{CUSTOMER} {customer.reference} dispute {offered[0]} REASON`." if offered else ""
        raise BadQuestion(
            "No open invoice of that customer has that number.", typed=typed.document, offered=offered, hint=hint
        )
    # Sage takes a number twice; the oldest is the one that people talk about.
    return min(matching, key=lambda item: (item.due is None, item.due or date.max, item.id))


async def _tell(
    tx: AsyncSession, row: DisputeRow, facts: DisputeFacts, kind: str, user_id: str, *, now: datetime
) -> None:
    await outbox.add_notice(
        tx,
        workspace_id=row.workspace_id,
        user_id=user_id,
        kind=kind,
        facts=facts.facts(),
        dedupe_key=f"dispute:{row.id}:{facts.state}:{user_id}",
        now=now,
        company_pk=row.company_pk,
    )


def _state(row: DisputeRow) -> str:
    if row.closed_at is not None:
        return CLOSED
    return ACCEPTED if row.accepted_at is not None else RAISED


def _what(row: DisputeRow) -> str:
    return f"{row.reference} {row.name}, {row.document}"
