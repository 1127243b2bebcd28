"""Approval of a request: done in Sage as the approver, and by two users above a certain amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.customer import Customer
from bot.errors import NOTHING_CHANGED, BadQuestion, NotAllowed, SlackPosting, TokensUnavailable, saying_what_became
from bot.features.access.model.authorization import Action, Policy
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.elsewhere import require_opened
from bot.features.holds.model import HoldAction, HoldResult, HoldVersion, Outcome, reason_from
from bot.features.holds.service.account_change import company_of_change
from bot.features.holds.service.change_hold import HoldChange, needs_second
from bot.features.holds.service.change_limit import ChangeLimit, LimitChange
from bot.features.installations.service.installations import Installations
from bot.features.release_requests.model import (
    GONE,
    Answer,
    RequestKind,
    SamePerson,
    Seen,
    State,
    owes_more,
    same_person,
)
from bot.features.release_requests.service import notifications
from bot.features.release_requests.service.closing import APPROVES, Closing
from bot.features.release_requests.service.notifications import company_name_of, request_of, too_late, what
from bot.features.temporary_releases.model import Terms, described, due_at
from bot.features.temporary_releases.service.releases import TemporaryReleases
from storage.database import Database
from storage.queries.connections import connections
from storage.queries.holds import release_requests as rows
from storage.tables.core import CONNECTED
from storage.tables.holds import LIMIT, RELEASE, ReleaseRequestRow

_CLAIM = timedelta(minutes=5)  # longer than a release may take
# An order is let go in Sage by a person; who agrees to it is to be known as surely as for a release.
_NEEDS = {
    RequestKind.RELEASE: Action.RELEASE,
    RequestKind.LIMIT: Action.CHANGE_LIMIT,
    RequestKind.ORDER: Action.RELEASE,
}


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A claimed request: the session, company and hashed Sage ID of the user who decides, and the row as claimed.

    `askers` are the hashed Sage IDs of the user who asked: when they asked, and today.
    """

    session: Session
    sage: SageCompany
    subject: str | None
    askers: frozenset[str | None]
    row: ReleaseRequestRow


class Approval:
    """Approval of requests: claimed by one user, done in Sage as that user, then closed.

    The caller has checked that the user may decide, and hands their session in the request's company.
    """

    def __init__(
        self, *, database: Database, installations: Installations, sessions: Sessions,
        connections: Connections, limit_changes: ChangeLimit,
        temporary_releases: TemporaryReleases, audit: AuditLog, closing: Closing, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._installations = installations
        self._sessions = sessions
        self._connections = connections
        self._limit_changes = limit_changes
        self._temporary_releases = temporary_releases
        self._audit = audit
        self._closing = closing
        self._clock = clock

    async def approve(
        self, session: Session, row: ReleaseRequestRow, reason: str, seen: Seen | None, terms: Terms | None
    ) -> Answer:
        """Do what is asked for, or approve as the first of two. `terms` are for a release alone.

        Raises NotAllowed, NotConnected, BadQuestion or a SageError.
        """
        if row.state != rows.OPEN:
            return Answer(request_of(row), is_news=False)
        words = reason_from(reason) if reason.strip() else ""
        if terms is not None:
            if row.kind != RELEASE:
                raise BadQuestion("Only a release can be for a limited time or for one order.", hint="")
            due_at(terms, session.now, session.policy)
        sage = self._company_of(session, row)
        async with self._database.transaction() as tx:
            claimed = await self._claim(tx, session, sage, row)
            if claimed is None:
                return await too_late(tx, row)
        try:
            return await self._approved(claimed, words, seen or Seen(), terms, now=session.now)
        finally:
            # A decided request has no claim to give back.
            async with self._database.transaction() as tx:
                await rows.release_claim(tx, workspace_id=session.workspace_id, number=row.number, by=session.user_id)

    async def require(self, session: Session, row: ReleaseRequestRow) -> None:
        """Raise what would bar the approval now, as far as it is known without asking Sage."""
        sage = self._company_of(session, row)
        async with self._database.reading() as tx:
            await _told_apart(tx, sage, row)

    def _company_of(self, session: Session, row: ReleaseRequestRow) -> SageCompany:
        """Return the request's company, which the session is in, to ask as the user. Raises what bars them from it."""
        return self._connections.company_for(require_opened(session), action=_NEEDS[RequestKind(row.kind)])

    async def _claim(
        self, tx: AsyncSession, session: Session, sage: SageCompany, row: ReleaseRequestRow
    ) -> _Claimed | None:
        """Claim the request and settle which Sage ID decides."""
        which: dict[str, Any] = {"workspace_id": session.workspace_id, "number": row.number}
        if not await rows.claim(tx, **which, by=session.user_id, now=session.now, until=session.now + _CLAIM):
            return None
        # A user who connects another Sage ID meanwhile is refused before Sage is asked.
        subject, askers = await _told_apart(tx, sage, row)
        return _Claimed(session, sage, subject, askers, await rows.by_number(tx, **which) or row)

    async def _approved(
        self, claimed: _Claimed, words: str, seen: Seen, terms: Terms | None, *, now: datetime
    ) -> Answer:
        sage, row = claimed.sage, claimed.row
        with saying_what_became(NOTHING_CHANGED):
            customer = await sage.client.customer_with_reason(row.customer_id)
        if customer is None or (row.kind == RELEASE and not customer.on_hold):
            by, why = claimed.session.user_id, GONE if customer is None else _RELEASED
            return await self._closing.close(row, State.EXPIRED, by=by, decision=why, now=now, claimed=True)
        if row.kind == RELEASE and not HoldVersion(True, row.held_for).matches(customer):
            other, action, by = Outcome.CHANGED_MEANWHILE, HoldAction.RELEASE, claimed.session.user_id
            done = HoldResult(action, other, sage.company, customer, customer, row.reason, by)
            return await self._another(row, done, now=now)
        return await self._changed(claimed, customer, seen) or await self._agreed(
            claimed, customer, words, terms, now=now
        )

    async def _agreed(
        self, claimed: _Claimed, customer: Customer, words: str, terms: Terms | None, *, now: datetime
    ) -> Answer:
        """Do what is asked for, if enough users have agreed to it."""
        row = claimed.row
        by_two = _takes_two(row, customer, claimed.session.policy)
        if by_two:
            first = await self._first(claimed)
            lapsed = first if owes_more(customer.balance, than=row.first_balance) else ""
            if lapsed or not first:
                return await self._half(claimed, customer, lapsed, now=now)
            _refuse_twice(claimed, first)
        if row.kind == RELEASE:
            return await self._release(claimed, words, terms, by_two=by_two, now=now)
        if row.kind == LIMIT:
            return await self._set_limit(claimed, words, customer)
        # Sage offers no way to take an order off hold: that is done in Sage, by a person.
        return await self._close(claimed, words)

    async def _changed(self, claimed: _Claimed, customer: Customer, seen: Seen) -> Answer | None:
        """Return the answer where Sage has other figures than those shown; None where it hasn't.

        The next approval is of the figures as they are now.
        """
        row, session = claimed.row, claimed.session
        if row.kind == LIMIT and seen.credit_limit is None:
            seen = replace(seen, credit_limit=row.seen_limit)
        changed = seen.differences(customer)
        # A limit that is as asked for was set by an approval whose end was lost, or in Sage.
        if not changed or (row.kind == LIMIT and customer.credit_limit == row.amount):
            return None
        session.reads.customer(customer.reference, customer.name, claimed.sage.company.company_name)
        async with self._database.transaction() as tx:
            await rows.release_claim(
                tx,
                workspace_id=row.workspace_id,
                number=row.number,
                by=session.user_id,
                seen_limit=customer.credit_limit,
            )
        return Answer(request_of(row), is_news=False, changed=changed, customer=customer)

    async def _release(
        self, claimed: _Claimed, words: str, terms: Terms | None, *, by_two: bool, now: datetime
    ) -> Answer:
        row = claimed.row
        change = HoldChange(
            HoldAction.RELEASE,
            row.customer_id,
            words or row.reason,
            HoldVersion(True, row.held_for),
            approved=by_two,
            sign_in=claimed.sage.sign_in.sign_in_id,
        )
        released = await self._temporary_releases.release(claimed.session, change, terms, asked_by=row.asked_by)
        done = released.done
        if done.outcome is Outcome.CHANGED_MEANWHILE and done.after is done.before:
            return await self._another(row, done, now=now)
        if done.outcome not in {Outcome.DONE, Outcome.ALREADY}:
            return Answer(request_of(row), is_news=False, done=done)
        decision = words
        if released.terms is not None:
            decision = f"for {described(released.terms)}; then on hold again" + (f". {words}" if words else "")
        return replace(await self._close(claimed, decision), done=done)

    async def _set_limit(self, claimed: _Claimed, words: str, customer: Customer) -> Answer:
        row = claimed.row
        change = LimitChange(
            row.customer_id,
            row.amount or Decimal(0),
            words or row.reason,
            HoldVersion(customer.on_hold, credit_limit=customer.credit_limit, updated_at=customer.updated_at),
            sign_in=claimed.sage.sign_in.sign_in_id,
        )
        done = await self._limit_changes.change(claimed.session, change)
        if done.outcome not in {Outcome.DONE, Outcome.ALREADY}:
            return Answer(request_of(row), is_news=False, limited=done, changed=done.differences, customer=done.before)
        return replace(await self._close(claimed, words), limited=done)

    async def _close(self, claimed: _Claimed, words: str) -> Answer:
        """Close the request as approved."""
        by, now = claimed.session.user_id, self._clock()
        return await self._closing.close(claimed.row, State.APPROVED, by=by, decision=words, now=now, claimed=True)

    async def _another(self, row: ReleaseRequestRow, done: HoldResult, *, now: datetime) -> Answer:
        """Close a request whose customer is on hold for another reason now: nobody asked to release that."""
        answer = await self._closing.close(row, State.EXPIRED, by=done.by, decision=_OTHER, now=now, claimed=True)
        return replace(answer, done=done)

    async def _half(self, claimed: _Claimed, customer: Customer, lapsed: str, *, now: datetime) -> Answer:
        """Store the first of two approvals."""
        session, row = claimed.session, claimed.row
        async with self._database.transaction() as tx:
            await company_of_change(tx, claimed.sage)
            approval = {"first_by": session.user_id, "first_at": now, "first_balance": customer.balance}
            approval |= {"first_subject": claimed.subject}
            if not await rows.release_claim(
                tx, workspace_id=row.workspace_id, number=row.number, by=session.user_id, **approval
            ):
                return await too_late(tx, row)
            request = replace(request_of(row, await company_name_of(tx, row)), first_by=session.user_id)
            await notifications.half(tx, row, request, now=now)
            record = AuditLine(
                now, session.user_id, f"{APPROVES[RequestKind(row.kind)]}, first of two", what(request), "open", "open"
            )
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True, lapsed=lapsed)

    async def _first(self, claimed: _Claimed) -> str:
        """Return the first approver if they still may decide and are another person than asker and user.

        Raises NotAllowed where Slack can't say it; their approval stays.
        """
        row, here = claimed.row, claimed.session.user_id
        first = row.first_by or ""
        if first and first != here and claimed.subject is not None and row.first_subject is None:
            # These two couldn't be told apart later, so this approval replaces the first, and either can approve again.
            return ""
        if row.first_subject is not None and row.first_subject in claimed.askers:
            return ""  # the user who asked has connected the same Sage ID since
        if first in {"", here}:
            return first  # checked before the claim: this user may decide
        try:
            bot = await self._installations.bot_of(row.workspace_id)
            if bot is None:
                raise NotAllowed
            absent = await self._sessions.of_member(bot, first)
            may = absent.may(Action.DECIDE_RELEASE, requested_by=row.asked_by)
        except (SlackPosting, TokensUnavailable):
            raise NotAllowed(_SILENT, hint="Please try again in a minute.") from None
        return first if may else ""


async def _told_apart(
    tx: AsyncSession, sage: SageCompany, row: ReleaseRequestRow
) -> tuple[str | None, frozenset[str | None]]:
    """Return the hashed Sage IDs of the user who decides and of the one who asked: when they asked, and today.

    Raises BadQuestion where the user's sign-in has just changed, and NotAllowed if both users are one person, or may
    be.
    """
    await company_of_change(tx, sage)
    own_connection = await connections.by_id(
        tx, workspace_id=sage.workspace_id, connection_id=sage.sign_in.connection_id
    )
    asker_connection = await connections.of_user(tx, workspace_id=sage.workspace_id, user_id=row.asked_by)
    subject = own_connection.subject_hash if own_connection is not None else None
    # The asker may have connected only after asking. Without a sign-in of their own there is nothing to compare,
    # since only Slack knows them. A sign-in whose Sage ID isn't known may be that of the user who decides.
    askers = {row.asked_subject} - {None}
    if asker_connection is not None and (
        asker_connection.subject_hash is not None or asker_connection.state == CONNECTED
    ):
        askers |= {asker_connection.subject_hash}
    for other in askers:
        _refuse_own(subject, other)
    return subject, frozenset(askers)


def _takes_two(row: ReleaseRequestRow, customer: Customer, policy: Policy) -> bool:
    """Return whether two users must approve: of a limit, by how much is asked for; else by what is owed."""
    if row.kind != LIMIT:
        return needs_second(customer, policy)
    return policy.second_approver_above is not None and (row.amount or Decimal(0)) > policy.second_approver_above


def _refuse_own(own_connection: str | None, other: str | None) -> None:
    """Raise NotAllowed if the user has asked for the release, or may have, by another Slack account."""
    found = same_person(own_connection, other)
    if found is SamePerson.SAME:
        words = "You have asked for it yourself, as another Slack account with the same Sage ID"
        raise NotAllowed(f"{words}: somebody else has to decide.", hint="")
    if found is SamePerson.UNTOLD and own_connection is None:
        raise NotAllowed(_UNTOLD, hint=_AGAIN)
    if found is SamePerson.UNTOLD:
        raise NotAllowed(_UNTOLD_ASKER, hint="They sign in again with `/sage connect`, and you approve it then.")


def _refuse_twice(claimed: _Claimed, first: str) -> None:
    """Raise BadQuestion if both approvals are one person's, or may be."""
    if first == claimed.session.user_id:
        raise BadQuestion("You have approved it already: somebody else has to as well.", hint="")
    found = same_person(claimed.subject, claimed.row.first_subject)
    if found is SamePerson.SAME:
        words = "You have approved it already, as another Slack account with the same Sage ID"
        raise BadQuestion(f"{words}: somebody else has to as well.", hint="")
    if found is SamePerson.UNTOLD:
        raise BadQuestion(_UNTOLD, hint=_AGAIN)


_UNTOLD = "Sage ID doesn't say who you are, so this may be the person who approved before."
_UNTOLD_ASKER = "Sage ID doesn't say who asked for it, so that may have been you."
_SILENT = "Slack doesn't say at the moment whether the person who approved it first may still decide."
_AGAIN = "Sign in again with `/sage connect`."
_RELEASED = "It is off hold already."
_OTHER = "It is on hold for another reason now. Ask again if it should still be released."
