"""Changing a hold in Sage: as the acting user, once, and never on outdated information."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_names import CUSTOMER
from bot.domain.company import Company
from bot.domain.customer import Customer
from bot.domain.hold_notes import NoteKind
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Action, Policy, Shown
from bot.features.access.model.session import Session
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
from bot.features.holds.service.account_change import (
    AccountChange,
    AccountWriter,
    Intent,
    RecordedAs,
    customer_before,
    own_company,
    require_same_company,
    require_same_sign_in,
)
from bot.features.holds.service.wanted_notes import ChangedHold, notes_of_change
from bot.features.holds.service.write_notes import HoldNoteWriter
from bot.features.mirror.service.rows import CompanyKey

ACTIONS = {HoldAction.HOLD: Action.HOLD, HoldAction.RELEASE: Action.RELEASE}


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

    def __init__(self, *, connections: Connections, writer: AccountWriter, notes: HoldNoteWriter) -> None:
        self._connections = connections
        self._writer = writer
        self._notes = notes

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
        async with self._writer.alone(session, sage, change.customer_id):
            done = await self._change(session, sage, replace(change, reason=reason))
        if done.notes:
            # They are written under the account's lease, which is free only now.
            self._notes.write_soon(CompanyKey(session.workspace_id, sage.answering.pk), change.customer_id)
        return done

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
        notes: tuple[NoteKind, ...] = ()

        async def leave_notes(tx: AsyncSession, company_key: CompanyKey, now: datetime) -> None:
            nonlocal notes
            named, day = (before.id, before.reference, before.name), session.policy.day_of(now)
            made = ChangedHold(company_key, *named, session.user_id, reason, day)
            notes = await notes_of_change(tx, made, change.action.on_hold, session.policy.hold_notes, now=now)

        outcome, after = await self._writer.write(
            session,
            sage,
            before,
            AccountChange(
                Intent(reason, on_hold=change.action.on_hold),
                send=lambda: sage.client.set_hold(before, on_hold=change.action.on_hold, reason=reason),
                outcome=lambda after, answered: _outcome(change.action, reason, before, after, answered=answered),
                record=RecordedAs(change.action, change.reason, stood),
                when_done=leave_notes,
            ),
        )
        return HoldResult(
            change.action, outcome, sage.company, before, after, reason, session.user_id, reason, notes=notes
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


def stood(customer: Customer) -> str:
    """Return the hold state for the audit log."""
    status = "on hold" if customer.on_hold else "not on hold"
    return f"{status}: {customer.status_reason}" if customer.status_reason else status
