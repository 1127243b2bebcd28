"""Changing a credit limit in Sage: as the acting user, once, and never on outdated information."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.customer import Customer
from bot.errors import BotError, SageBusy, saying_what_became
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.lookup import shown_to
from bot.features.holds.model import HoldVersion, LimitResult, Outcome
from bot.features.holds.service.change_hold import (
    NOTHING_CHANGED,
    company_of_change,
    customer_before,
    only_change,
    own_company,
    require_same_sign_in,
)
from bot.features.holds.service.read_back import ReadBack
from bot.features.mirror.service.rows import CompanyKey
from storage.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LimitChange:
    """The credit limit that a user agrees to. `version` is what they saw of the account, `sign_in` theirs then."""

    customer_id: int
    limit: Decimal
    reason: str
    version: HoldVersion
    sign_in: str = ""


class ChangeLimit:
    """Changes credit limits in Sage, one change at a time for each account; a repeated change does nothing."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        read_back: ReadBack,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._connections = connections
        self._read_back = read_back
        self._audit = audit
        self._clock = clock

    def company(self, session: Session) -> SageCompany:
        """Return the company of the asker's own sign-in. Raises NotConnected for the workspace connection."""
        return own_company(self._connections, session, Action.CHANGE_LIMIT)

    async def change(self, session: Session, change: LimitChange) -> LimitResult:
        """Change the limit in Sage and return the result, read back. A result that isn't known is an outcome.

        Raises NotAllowed, NotConnected, ReconnectNeeded, NoCompany, BadQuestion, or a SageError if Sage certainly did
        nothing.
        """
        sage = self.company(session)
        require_same_sign_in(sage, change.sign_in)
        async with only_change(session, sage, change.customer_id, database=self._database, clock=self._clock):
            return await self._change(session, sage, change)

    async def _change(self, session: Session, sage: SageCompany, change: LimitChange) -> LimitResult:
        before = await customer_before(sage, change.customer_id)
        shown_to(sage, before)
        if before.credit_limit == change.limit:
            return LimitResult(Outcome.ALREADY, before, before, change.limit)
        differences = change.version.differences(before)
        if differences:
            session.reads.customer(before.reference, before.name, sage.company.company_name)
            return LimitResult(Outcome.CHANGED_MEANWHILE, before, before, change.limit, differences)
        return await self._write(session, sage, change, before)

    async def _write(self, session: Session, sage: SageCompany, change: LimitChange, before: Customer) -> LimitResult:
        async with self._database.transaction() as tx:
            company = await company_of_change(tx, sage)
        lost: BotError | None = None
        outcome = Outcome.UNKNOWN

        async def settle(tx: AsyncSession, after: Customer | None) -> bool:
            nonlocal outcome
            outcome = _outcome(change, after)
            return True

        async def record(tx: AsyncSession, after: Customer | None) -> None:
            line = _record(session, change, before, after, outcome, at=self._clock())
            await self._audit.record(tx, line, workspace_id=session.workspace_id)

        try:
            await sage.client.set_credit_limit(before, change.limit)
        except BotError as error:
            if error.permanent or isinstance(error, SageBusy):
                raise
            lost = error
            log.warning("the answer to a change was lost", why=type(error).__name__)
        try:
            after = await self._read_back.look(
                CompanyKey(session.workspace_id, company.id),
                read=lambda: sage.client.customer_with_reason(change.customer_id),
                settle=settle,
                record=record,
            )
        except BotError as error:
            log.warning("a change could not be read back", why=type(error).__name__)
            async with self._database.transaction() as tx:
                await record(tx, None)
            return LimitResult(Outcome.UNKNOWN, before, None, change.limit)
        if outcome is Outcome.NOT_DONE and lost is not None:
            with saying_what_became(NOTHING_CHANGED):
                raise lost
        return LimitResult(outcome, before, after, change.limit)


def _outcome(change: LimitChange, after: Customer | None) -> Outcome:
    if after is None:
        return Outcome.UNKNOWN
    return Outcome.DONE if after.credit_limit == change.limit else Outcome.NOT_DONE


def _record(
    session: Session, change: LimitChange, before: Customer, after: Customer | None, outcome: Outcome, *, at: datetime
) -> AuditLine:
    done = "" if outcome is Outcome.DONE else f" ({outcome})"
    what = f"{before.reference} {before.name}: {change.reason}"
    then, now = _stood(before), _stood(after) if after is not None else "not known"
    return AuditLine(at, session.user_id, f"change the credit limit{done}", what, then, now)


def _stood(customer: Customer) -> str:
    limit = customer.credit_limit
    return f"credit limit {limit:.2f} {customer.currency.iso}".rstrip() if limit is not None else "no credit limit"
