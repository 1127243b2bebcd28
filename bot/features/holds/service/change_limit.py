"""Changing a credit limit in Sage: as the acting user, once, and never on outdated information."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.customer import Customer
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.lookup import shown_to
from bot.features.holds.model import HoldVersion, LimitResult, Outcome
from bot.features.holds.service.account_change import (
    AccountChange,
    AccountWriter,
    Intent,
    RecordedAs,
    customer_before,
    own_company,
    require_same_sign_in,
)

LIMIT_CHANGED = "change the credit limit"


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

    def __init__(self, *, connections: Connections, writer: AccountWriter) -> None:
        self._connections = connections
        self._writer = writer

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
        async with self._writer.alone(session, sage, change.customer_id):
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
        outcome, after = await self._writer.write(
            session,
            sage,
            before,
            AccountChange(
                Intent(change.reason, credit_limit=change.limit),
                send=lambda: sage.client.set_credit_limit(before, change.limit),
                outcome=lambda after, _: _outcome(change, after),
                record=RecordedAs(LIMIT_CHANGED, change.reason, stood),
            ),
        )
        return LimitResult(outcome, before, after, change.limit)


def _outcome(change: LimitChange, after: Customer | None) -> Outcome:
    if after is None:
        return Outcome.UNKNOWN
    return Outcome.DONE if after.credit_limit == change.limit else Outcome.NOT_DONE


def stood(customer: Customer) -> str:
    """Return the credit limit for the audit log."""
    limit = customer.credit_limit
    return f"credit limit {limit:.2f} {customer.currency.iso}".rstrip() if limit is not None else "no credit limit"
