"""Writing one change of an account to Sage: once, as the acting user, its intent stored before, read back after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.lease import hold_lease
from bot.domain.company import Company, key_of
from bot.domain.customer import Customer
from bot.errors import (
    NOTHING_CHANGED,
    AccountBusy,
    BadQuestion,
    BotError,
    NotConnected,
    OtherCompanysCard,
    SageBusy,
    SageMissing,
    saying_what_became,
)
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import opens_from
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.holds.model import Outcome
from bot.features.holds.service.read_back import ReadBack
from bot.features.mirror.service.rows import CompanyKey
from storage.database import Database
from storage.queries.connections import connections as rows
from storage.queries.holds import change_intents
from storage.queries.mirror import mirror_state
from storage.tables.core import CompanyRow as StoredCompany

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is wanted of an account: a hold state or a credit limit, and why, as it is kept until it is known done."""

    reason: str
    on_hold: bool | None = None
    credit_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RecordedAs:
    """How a change stands in the audit log: its name, its reason, and how an account stood before and after."""

    action: str
    reason: str
    stood: Callable[[Customer], str]

    def line(
        self, session: Session, before: Customer, after: Customer | None, outcome: Outcome, *, at: datetime
    ) -> AuditLine:
        """Return the line for what became of the change."""
        done = "" if outcome is Outcome.DONE else f" ({outcome})"
        what = f"{before.reference} {before.name}: {self.reason}"
        now = self.stood(after) if after is not None else "not known"
        return AuditLine(at, session.user_id, f"{self.action}{done}", what, self.stood(before), now)


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One change: what is stored before, sent, judged by the customer read back, and recorded.

    `outcome` takes the customer (None: not known) and whether Sage answered that it made the change. `when_done` adds
    to the transaction in which the change is seen to be done.
    """

    intent: Intent
    send: Callable[[], Awaitable[None]]
    outcome: Callable[[Customer | None, bool], Outcome]
    record: RecordedAs
    when_done: Callable[[AsyncSession, CompanyKey, datetime], Awaitable[None]] | None = None


class AccountWriter:
    """Writes changes of accounts, one at a time for each account. A dead process's change is found by its intent."""

    def __init__(
        self, *, database: Database, read_back: ReadBack, audit: AuditLog, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._read_back = read_back
        self._audit = audit
        self._clock = clock

    def alone(self, session: Session, sage: SageCompany, customer_id: int) -> AbstractAsyncContextManager[None]:
        """Hold the account's lease. Raises AccountBusy while another change of the account holds it."""
        return only_change(session, sage, customer_id, database=self._database, clock=self._clock)

    async def write(
        self, session: Session, sage: SageCompany, before: Customer, change: AccountChange
    ) -> tuple[Outcome, Customer | None]:
        """Return (outcome, the customer read back); (UNKNOWN, None) if the customer couldn't be read back.

        Raises BadQuestion if the user has connected again or changed companies, or the SageError with which Sage
        certainly did nothing.
        """
        company_key, intent_id = await self._begin(session, sage, before, change.intent)
        lost: BotError | None = None
        outcome = Outcome.UNKNOWN

        async def settle(tx: AsyncSession, after: Customer | None) -> bool:
            nonlocal outcome
            outcome = change.outcome(after, lost is None)
            whose, now = {"workspace_id": session.workspace_id}, self._clock()
            if not await change_intents.complete(tx, **whose, intent_id=intent_id, outcome=outcome, now=now):
                return False
            if outcome is Outcome.DONE and change.when_done is not None:
                await change.when_done(tx, company_key, now)
            return True

        async def record(tx: AsyncSession, after: Customer | None) -> None:
            line = change.record.line(session, before, after, outcome, at=self._clock())
            await self._audit.record(tx, line, workspace_id=session.workspace_id)

        try:
            with saying_what_became(NOTHING_CHANGED):
                await change.send()
        except BotError as error:
            if error.permanent or isinstance(error, SageBusy):
                async with self._database.transaction() as tx:
                    if await settle(tx, before):
                        await record(tx, before)
                raise
            lost = error
            log.warning("the answer to a change was lost", why=type(error).__name__)
        try:
            after = await self._read_back.look(
                company_key, read=lambda: sage.client.customer_with_reason(before.id), settle=settle, record=record
            )
        except BotError as error:
            # The intent stays open: IntentRecovery closes it after the next sync.
            log.warning("a change could not be read back", why=type(error).__name__)
            return Outcome.UNKNOWN, None
        if outcome is Outcome.NOT_DONE and lost is not None:
            raise lost
        return outcome, after

    async def _begin(
        self, session: Session, sage: SageCompany, before: Customer, intent: Intent
    ) -> tuple[CompanyKey, int]:
        """Store the intent before Sage is asked, and return (company key, intent id)."""
        # Write-ahead: the mirror may see the change before the answer arrives.
        async with self._database.transaction() as tx:
            company = await company_of_change(tx, sage)
            intent_id = await change_intents.begin(
                tx,
                workspace_id=session.workspace_id,
                company_pk=company.id,
                customer_id=before.id,
                reference=before.reference,
                user_id=session.user_id,
                on_hold=intent.on_hold,
                credit_limit=intent.credit_limit,
                reason=intent.reason,
                now=session.now,
            )
        return CompanyKey(session.workspace_id, company.id), intent_id


def own_company(connections: Connections, session: Session, action: Action) -> SageCompany:
    """Return the company of the asker's own sign-in. Raises NotConnected for the workspace connection."""
    # Sage's permissions and Sage's own audit trail must be those of the acting user.
    sage = connections.company_for(session, action=action)
    if not sage.is_own:
        raise NotConnected
    return sage


async def company_of_change(tx: AsyncSession, sage: SageCompany) -> StoredCompany:
    """Return the company row that `sage` asks. Raises BadQuestion if its owner has just connected again.

    Or where Sage lists the company for the sign-in no more.
    """
    sign_in = await rows.by_id(tx, workspace_id=sage.workspace_id, connection_id=sage.sign_in.connection_id)
    if sign_in is None or sign_in.sign_in_id != sage.sign_in.sign_in_id:
        raise _connected_again()
    opened = {each.key for each in opens_from(sign_in.opens)}
    row = await mirror_state.company(tx, workspace_id=sage.workspace_id, company_pk=sage.answering.pk)
    if row is None or (sign_in.company_pk != row.id and not (sage.is_own and sage.company.key in opened)):
        raise BadQuestion("You have just changed companies.", hint="Ask for the customer again.")
    return row


@asynccontextmanager
async def only_change(
    session: Session, sage: SageCompany, customer_id: int, *, database: Database, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Hold the lease under which one customer is changed. Raises AccountBusy while another change holds the lease."""
    # It keeps its first word, so that two versions of the app running side by side share the lease.
    name = f"deed {':'.join(map(str, sage.company.key))} {customer_id}"[:200]
    async with hold_lease(f"{session.workspace_id} {name}", database=database, clock=clock) as lease:
        if lease is None:
            raise AccountBusy
        yield


async def customer_before(sage: SageCompany, customer_id: int) -> Customer:
    """Return the customer as Sage has them before a change. Raises SageMissing, and says that nothing was changed."""
    with saying_what_became(NOTHING_CHANGED):
        before = await sage.client.customer_with_reason(customer_id)
    if before is None:
        raise SageMissing("Sage 200 doesn't show that customer any more. Nothing was changed.")
    return before


def require_same_sign_in(sage: SageCompany, sign_in: str) -> None:
    """Raise BadQuestion if the user has connected again since they agreed with `sign_in`; empty: any will do."""
    if sign_in not in {"", sage.sign_in.sign_in_id}:
        raise _connected_again()


def _connected_again() -> BadQuestion:
    return BadQuestion("The Sage sign-in for this has just been changed.", hint="Ask for it again.")


def require_same_company(company: Company, card: str) -> None:
    """Raise BadQuestion if a card or form was another company's: the same id is another customer there."""
    if card and card != key_of(company):
        raise OtherCompanysCard
