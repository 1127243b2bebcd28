"""Changing a hold in Sage: as the acting user, once, and never on outdated information."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_names import CUSTOMER
from bot.coordination.lease import hold_lease
from bot.domain.company import Company, key_of
from bot.domain.customer import Customer
from bot.domain.hold_notes import NoteKind
from bot.errors import (
    AccountBusy,
    BadQuestion,
    BotError,
    NotAllowed,
    NotConnected,
    SageBusy,
    SageMissing,
    saying_what_became,
)
from bot.features.access.model.authorization import Action, Policy, Shown
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.lookup import shown_to
from bot.features.holds.model import (
    FIGURES,
    Difference,
    HoldAction,
    HoldResult,
    HoldVersion,
    Outcome,
    is_kept,
    reason_from,
    sage_reason,
)
from bot.features.holds.service.read_back import ReadBack
from bot.features.holds.service.wanted_notes import ChangedHold, notes_of_change
from bot.features.mirror.service.rows import CompanyKey
from storage.database import Database
from storage.queries import connections as rows
from storage.queries import hold_intents
from storage.tables.core import CompanyRow as StoredCompany

ACTIONS = {HoldAction.HOLD: Action.HOLD, HoldAction.RELEASE: Action.RELEASE}

NOTHING_CHANGED = "Nothing was changed"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HoldChange:
    """The hold change that a user wants. `version` is what the user saw, `company` the key of their card's company.

    `approved`: enough users have agreed to a release. `sign_in`: the sign-in they agreed with; no other may do it.
    """

    action: HoldAction
    customer_id: int
    reason: str
    version: HoldVersion | None = None
    company: str = ""
    approved: bool = False
    sign_in: str = ""


class ChangeHold:
    """Changes holds in Sage, one change at a time for each account; a repeated change does nothing."""

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

    def may(self, session: Session, action: HoldAction, *, card: str = "") -> Company:
        """Return the company in which the asker may do this, without asking Sage. Raises what keeps them from it."""
        # `card` is the company key of the card that was pressed, which must be this company's.
        sage = own_company(self._connections, session, ACTIONS[action])
        require_same_company(sage.company, card)
        return sage.company

    async def change(self, session: Session, change: HoldChange) -> HoldResult:
        """Change the hold in Sage and return the result, read back. A result that isn't known is an outcome.

        Raises NotAllowed, NotConnected, ReconnectNeeded, NoCompany, BadQuestion, or a SageError if Sage certainly did
        nothing.
        """
        reason = reason_from(change.reason)
        sage = own_company(self._connections, session, ACTIONS[change.action])
        require_same_company(sage.company, change.company)
        require_same_sign_in(sage, change.sign_in)
        async with only_change(session, sage, change.customer_id, database=self._database, clock=self._clock):
            return await self._change(session, sage, replace(change, reason=reason))

    async def _change(self, session: Session, sage: SageCompany, change: HoldChange) -> HoldResult:
        before = await customer_before(sage, change.customer_id)
        shown = shown_to(sage, before)
        found = HoldResult(change.action, Outcome.ALREADY, sage.company, before, before, change.reason, session.user_id)
        if before.on_hold == change.action.on_hold:
            return found
        differences = _differences(change.version, before, shown)
        if differences:
            if any(each.what in FIGURES for each in differences):
                session.reads.customer(before.reference, before.name, sage.company.company_name)
            return replace(found, outcome=Outcome.CHANGED_MEANWHILE, differences=differences)
        if change.action is HoldAction.RELEASE and not change.approved:
            refuse_alone(before, session.policy)
        return await self._write(session, sage, change, before)

    async def _write(self, session: Session, sage: SageCompany, change: HoldChange, before: Customer) -> HoldResult:
        reason = sage_reason(change.reason, session.asker.name)
        company_key, intent_id = await self._begin(session, sage, change, before, reason)
        lost: BotError | None = None
        outcome = Outcome.UNKNOWN
        notes: tuple[NoteKind, ...] = ()

        async def settle(tx: AsyncSession, after: Customer | None) -> bool:
            nonlocal outcome, notes
            outcome = _outcome(change.action, reason, before, after, answered=lost is None)
            whose, now = {"workspace_id": session.workspace_id}, self._clock()
            if not await hold_intents.complete(tx, **whose, intent_id=intent_id, outcome=outcome, now=now):
                return False
            if outcome is Outcome.DONE:
                named, day = (before.id, before.reference, before.name), session.policy.day_of(now)
                made = ChangedHold(company_key, *named, session.user_id, reason, day)
                notes = await notes_of_change(tx, made, change.action.on_hold, session.policy.hold_notes, now=now)
            return True

        async def record(tx: AsyncSession, after: Customer | None) -> None:
            line = _record(session, change, before, after, outcome, at=self._clock())
            await self._audit.record(tx, line, workspace_id=session.workspace_id)

        try:
            await sage.client.set_hold(before, on_hold=change.action.on_hold, reason=reason)
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
                company_key,
                read=lambda: sage.client.customer_with_reason(change.customer_id),
                settle=settle,
                record=record,
            )
        except BotError as error:
            # The intent stays open: IntentRecovery closes it after the next sync.
            log.warning("a change could not be read back", why=type(error).__name__)
            return HoldResult(change.action, Outcome.UNKNOWN, sage.company, before, None, reason, session.user_id)
        if outcome is Outcome.NOT_DONE and lost is not None:
            with saying_what_became(NOTHING_CHANGED):
                raise lost
        done = HoldResult(change.action, outcome, sage.company, before, after, reason, session.user_id, reason)
        return replace(done, notes=notes)

    async def _begin(
        self, session: Session, sage: SageCompany, change: HoldChange, before: Customer, reason: str
    ) -> tuple[CompanyKey, int]:
        """Store the intent before Sage is asked, and return (company key, intent id)."""
        # Write-ahead: the mirror may see the change before the answer arrives.
        async with self._database.transaction() as tx:
            company = await company_of_change(tx, sage)
            intent_id = await hold_intents.begin(
                tx,
                workspace_id=session.workspace_id,
                company_pk=company.id,
                customer_id=before.id,
                reference=before.reference,
                user_id=session.user_id,
                on_hold=change.action.on_hold,
                reason=reason,
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
    """Return the company row that `sage` asks. Raises BadQuestion if its owner has just connected or chosen another."""
    sign_in = await rows.by_id(tx, workspace_id=sage.workspace_id, connection_id=sage.sign_in.connection_id)
    if sign_in is None or sign_in.sign_in_id != sage.sign_in.sign_in_id:
        raise _connected_again()
    row = await rows.company_of(tx, workspace_id=sage.workspace_id, connection_id=sage.sign_in.connection_id)
    if row is None or (row.edition, row.site_id, row.company_id) != sage.company.key:
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
        raise BadQuestion(
            "That was another company's card, and you have changed companies since.",
            hint="Ask for the customer again, or pick the company with `/sage company`.",
        )


def needs_second(customer: Customer, policy: Policy) -> bool:
    """Return whether two users must approve a release; an unknown balance counts as too large."""
    above = policy.second_approver_above
    return above is not None and (customer.balance is None or customer.balance > max(above, Decimal(0)))


def refuse_alone(customer: Customer, policy: Policy) -> None:
    """Raise NotAllowed if two users must approve the release."""
    if needs_second(customer, policy):
        raise NotAllowed(
            "That account owes more than one person may release alone: two have to approve it.",
            hint=f"Ask for it: `{CUSTOMER} {customer.reference[:20]} request-release REASON`.",
        )


def _differences(version: HoldVersion | None, customer: Customer, shown: Shown) -> tuple[Difference, ...]:
    """Return what changed since the user looked, without the figures that they aren't shown."""
    if version is None:
        return ()
    return (version if shown is Shown.FIGURES else version.without_figures()).differences(customer)


def _outcome(action: HoldAction, written: str, before: Customer, after: Customer | None, *, answered: bool) -> Outcome:
    """Return DONE if Sage has the wanted hold state and, as far as it keeps a reason, ours.

    `answered`: Sage said that it made the change. Then a reason that it doesn't keep at all is no sign of another user.
    """
    if after is None:
        return Outcome.UNKNOWN
    if after.on_hold != action.on_hold:
        return Outcome.NOT_DONE
    kept = after.status_reason
    is_ours = kept is None or is_kept(written, kept) or (answered and kept in {"", before.status_reason})
    return Outcome.DONE if is_ours else Outcome.CHANGED_MEANWHILE


def _record(
    session: Session, change: HoldChange, before: Customer, after: Customer | None, outcome: Outcome, *, at: datetime
) -> AuditLine:
    done = "" if outcome is Outcome.DONE else f" ({outcome})"
    what = f"{before.reference} {before.name}: {change.reason}"
    return AuditLine(
        at, session.user_id, f"{change.action}{done}", what, stood(before), stood(after) if after else "not known"
    )


def stood(customer: Customer) -> str:
    """Return the hold state for the audit log."""
    status = "on hold" if customer.on_hold else "not on hold"
    return f"{status}: {customer.status_reason}" if customer.status_reason else status
