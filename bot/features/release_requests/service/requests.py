"""Release requests: asking, deciding and expiry. Nobody decides their own; a large balance takes two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_names import named
from bot.coordination.each_alone import each_alone
from bot.coordination.limits import ASK_AGAIN_AFTER, REQUESTS_AN_HOUR, try_again
from bot.domain.changes import ACCOUNT_DELETED
from bot.domain.customer import Customer
from bot.domain.working_hours import after_working
from bot.errors import NOTHING_SENT, BadQuestion, SageForbidden, SageMissing, TooMany, saying_what_became
from bot.features.access.model.authorization import Action, Policy, Role
from bot.features.access.model.session import Session
from bot.features.access.service.deciders import Deciders
from bot.features.access.service.sessions import Sessions, policy_from
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.elsewhere import Elsewhere
from bot.features.customers.service.lookup import shown_to
from bot.features.customers.service.own_access import OwnAccess
from bot.features.holds.model import HoldAction, reason_from
from bot.features.holds.service.account_change import company_of_change, require_same_company
from bot.features.holds.service.change_hold import ChangeHold
from bot.features.holds.service.change_limit import ChangeLimit
from bot.features.installations.service.installations import Installations
from bot.features.release_requests.model import (
    GONE,
    Answer,
    Decider,
    ReleaseRequest,
    RequestKind,
    Seen,
    ShownRequest,
    State,
    Wanted,
    deciders,
)
from bot.features.release_requests.service import notifications
from bot.features.release_requests.service.account import accounts_of
from bot.features.release_requests.service.approval import Approval
from bot.features.release_requests.service.closing import Closing
from bot.features.release_requests.service.notifications import request_of, what
from bot.features.temporary_releases.model import Terms
from bot.features.temporary_releases.service.releases import TemporaryReleases
from storage.database import Database
from storage.queries import settings
from storage.queries.access import roles
from storage.queries.connections import connections as connection_rows
from storage.queries.connections import workspaces
from storage.queries.holds import release_requests as rows
from storage.tables.holds import ReleaseRequestRow

NO_WORDS = "Please write something."
COUNTED = timedelta(days=90)
LASTS = timedelta(days=5)
REMIND_AFTER = timedelta(hours=2)
"""Working hours before people are reminded, and again before the next are told."""
TYPED = {
    RequestKind.RELEASE: "{customer} ABS001 request-release REASON",
    RequestKind.LIMIT: "{customer} ABS001 request-limit 6000 REASON",
    RequestKind.ORDER: "{customer} ABS001 request-order 0000012345 REASON",
}


class ReleaseRequests:
    """Release requests; each is decided once, also under concurrent clicks."""

    def __init__(
        self, *, database: Database, installations: Installations, deciders: Deciders, sessions: Sessions,
        elsewhere: Elsewhere, own_access: OwnAccess, connections: Connections, hold_changes: ChangeHold,
        limit_changes: ChangeLimit, temporary_releases: TemporaryReleases, audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._deciders = deciders
        self._elsewhere = elsewhere
        self._own_access = own_access
        self._connections = connections
        self._hold_changes = hold_changes
        self._audit = audit
        self._clock = clock
        self._closing = Closing(database=database, audit=audit)
        self._approving = Approval(
            database=database, installations=installations, sessions=sessions,
            connections=connections, limit_changes=limit_changes, temporary_releases=temporary_releases,
            audit=audit, closing=self._closing, clock=clock,
        )  # fmt: skip

    def may_ask(self, session: Session, *, card: str = "") -> SageCompany:
        """Return the Sage company for a request from a `card` of the same company. Raises what bars the user."""
        sage = self._connections.company_for(session, action=Action.REQUEST_RELEASE)
        require_same_company(sage.company, card)
        return sage

    async def ask(self, session: Session, customer_id: int, wanted: Wanted, *, company: str = "") -> Answer:
        """Ask the users who may decide. Raises NotAllowed, BadQuestion, or what bars from Sage."""
        words = reason_from(wanted.reason, typed=named(TYPED[wanted.kind]))
        sage = self.may_ask(session, card=company)
        with saying_what_became(NOTHING_SENT):
            customer = await sage.client.customer_by_id(customer_id)
            if customer is None:
                raise SageMissing("That customer is not in your company's Sage 200 any more.")
            shown_to(sage, customer)
            await _require_open_matter(sage, customer, wanted)
        deciders = await self._deciders.of(session.workspace_id, but=session.user_id)
        if not deciders:
            raise BadQuestion("Nobody else can decide this request.", hint=_MORE)
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=session.workspace_id)
            of = await company_of_change(tx, sage)
            await _refuse_too_many(tx, session, of.id, customer.id)
            own = await connection_rows.of_user(tx, workspace_id=session.workspace_id, user_id=session.user_id)
            row = await rows.ask(
                tx,
                workspace_id=session.workspace_id,
                company_pk=of.id,
                customer_id=customer.id,
                reference=customer.reference,
                name=customer.name,
                asked_by=session.user_id,
                asked_subject=own.subject_hash if own is not None else None,
                kind=wanted.kind,
                amount=wanted.limit,
                seen_limit=customer.credit_limit,
                currency_iso=customer.currency.iso[:3],
                currency_symbol=customer.currency.symbol[:8],
                order_number=wanted.order_number,
                reason=words,
                held_for=customer.status_reason,
                asked_at=self._clock(),  # after the customer was read: a later release is of this very hold
                expires_at=session.now + LASTS,
                remind_at=remind_at(session.now, REMIND_AFTER, session.policy),
            )
            is_news = row is not None
            row = row or await rows.open_of(
                tx,
                workspace_id=sage.workspace_id,
                company_pk=of.id,
                customer_id=customer.id,
                kind=wanted.kind,
                order_number=wanted.order_number,
            )
            if row is None:
                raise BadQuestion("Someone has just decided this.", hint="Look at the customer again.")
            request = request_of(row, of.company_name)
            posted_in: list[str] = []
            if is_news:
                await notifications.asked(tx, row, request, deciders, now=session.now)
                posted_in = await notifications.posted(tx, row, request, now=session.now)
                record = AuditLine(session.now, session.user_id, _ASKED[wanted.kind], what(request), "", "open")
                await self._audit.record(tx, record, workspace_id=session.workspace_id)
        return Answer(request, is_news, posted_in=tuple(posted_in))

    async def every(self, session: Session) -> list[ShownRequest]:
        """Return the open requests that the user may see. Raises NotAllowed."""
        session.require(Action.REQUEST_RELEASE)
        sees_all = Action.DECIDE_RELEASE in session.permissions.may
        async with self._database.reading() as tx:
            found = await rows.every_open(tx, workspace_id=session.workspace_id)
        found = [row for row in found if sees_all or row.asked_by == session.user_id]
        shown: dict[int, ShownRequest] = {}
        for company_pk in {row.company_pk for row in found}:
            there = await self._knowing(session, company_pk)
            if there is not None:
                shown |= await self._shown(there, [row for row in found if row.company_pk == company_pk])
        return [shown[row.number] for row in found if row.number in shown]

    async def decided(self, session: Session) -> tuple[Decider, ...]:
        """Return who decided how many requests within 90 days, and how fast. Raises NotAllowed."""
        session.require(Action.AUDIT_ALL)
        async with self._database.reading() as tx:
            found = await rows.decided(tx, workspace_id=session.workspace_id, since=session.now - COUNTED)
        return deciders(
            (row.decided_by or "", State(row.state), row.decided_at - row.asked_at) for row in found if row.decided_at
        )

    async def may_decide(self, session: Session, number: int, *, approving: bool = False) -> ShownRequest:
        """Return the request, for a user who may decide it.

        With `approving`, what would bar the approval is raised now, before anything is written for it, as far as it is
        known without asking Sage. Raises NotAllowed, NotConnected, BadQuestion.
        """
        row, there = await self._row(session, number)
        if approving and row.state == rows.OPEN:
            await self._approving.require(there, row)
        return (await self._shown(there, [row]))[row.number]

    def require_sign_in(self, session: Session) -> None:
        """Raise what bars the user from releasing anything, such as NotConnected. Does no I/O."""
        self._hold_changes.may(session, HoldAction.RELEASE)

    async def account_of(self, session: Session, number: int) -> tuple[int, int]:
        """Return the numbers of the request's company and customer, for a user who may see it.

        Raises NotAllowed, BadQuestion.
        """
        session.require(Action.REQUEST_RELEASE)
        sees_all = Action.DECIDE_RELEASE in session.permissions.may
        row = await self._found(session.workspace_id, number, of="" if sees_all else session.user_id)
        return row.company_pk, row.customer_id

    async def _shown(self, there: Session, found: Sequence[ReleaseRequestRow]) -> dict[int, ShownRequest]:
        """Return requests of one company by number, with the accounts as far as the session there is shown figures."""
        async with self._database.reading() as tx:
            accounts = await accounts_of(tx, there, found)
        name = there.answering.company.company_name if there.answering is not None else ""
        for row in found:
            if row.number in accounts:
                there.reads.customer(row.reference, row.name, name, "release request")
        return {
            row.number: ShownRequest(
                request_of(row, name),
                accounts.get(row.number),
                may_decide=there.may(Action.DECIDE_RELEASE, requested_by=row.asked_by),
                is_own=row.asked_by == there.user_id,
            )
            for row in found
        }

    async def decline(self, session: Session, number: int, reason: str) -> Answer:
        """Decline the request; the customer stays on hold. Raises NotAllowed or BadQuestion."""
        row, _ = await self._row(session, number)
        words = reason_from(reason, typed=f"/sage decline {number} REASON")
        return await self._closing.close(row, State.DECLINED, by=session.user_id, decision=words, now=session.now)

    async def ask_back(self, session: Session, number: int, question: str) -> Answer:
        """Ask the user who asked; the request stays open. Raises NotAllowed or BadQuestion."""
        row, _ = await self._row(session, number)
        words = reason_from(question, typed=f"/sage ask-back {number} QUESTION", missing=NO_WORDS)
        columns = {"question": words, "question_by": session.user_id, "answer": ""}
        return await self._spoken(session, row, columns, "ask back about a request", words, notifications.questioned)

    async def may_answer(self, session: Session, number: int) -> ReleaseRequest:
        """Return the user's own request, which waits for their answer. Raises BadQuestion."""
        row = await self._found(session.workspace_id, number, of=session.user_id)
        request = request_of(row)
        if not request.waits_for_answer:
            raise BadQuestion(f"Request {number} isn't waiting for an answer from you.", hint="")
        return request

    async def answer(self, session: Session, number: int, words: str) -> Answer:
        """Answer what was asked back about the user's own request. Raises BadQuestion."""
        await self.may_answer(session, number)
        row = await self._found(session.workspace_id, number, of=session.user_id)
        words = reason_from(words, typed=f"/sage answer {number} WORDS", missing=NO_WORDS)
        columns = {"answer": words}
        return await self._spoken(session, row, columns, "answer about a request", words, notifications.replied)

    async def _spoken(
        self,
        session: Session,
        row: ReleaseRequestRow,
        columns: dict[str, Any],
        action: str,
        words: str,
        tell: Callable[..., Awaitable[None]],
    ) -> Answer:
        """Write a question or its answer, show it to everybody, and begin to count the time anew."""
        again: dict[str, Any] = {"remind_at": remind_at(session.now, REMIND_AFTER, session.policy), "reminded": 0}
        which: dict[str, Any] = {"workspace_id": row.workspace_id, "number": row.number}
        async with self._database.transaction() as tx:
            if not await rows.change_open(tx, **which, now=session.now, **columns, **again):
                return await notifications.too_late(tx, row)
            changed = await rows.by_number(tx, **which) or row
            request = request_of(changed, await notifications.company_name_of(tx, changed))
            await tell(tx, changed, request, now=session.now)
            record = AuditLine(session.now, session.user_id, action, what(request), "", words)
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True)

    async def remind(self, *, now: datetime, most: int = 100) -> int:
        """Remind people of requests that have waited for so many working hours. Return of how many."""
        async with self._database.reading() as tx:
            due = await rows.to_remind(tx, now=now, limit=most)
        done = await each_alone(
            due,
            lambda which: self._remind(*which, now=now),
            task="remind of a request",
            ids=lambda which: {"workspace": which[0], "number": which[1]},
        )
        return sum(done)

    async def _remind(self, workspace_id: str, number: int, *, now: datetime) -> bool:
        row = await self._found(workspace_id, number)
        deciders = await self._deciders.of(workspace_id, but=row.asked_by)
        async with self._database.transaction() as tx:
            policy = policy_from(await settings.of_workspace(tx, workspace_id=workspace_id))
            is_first = row.reminded == 0
            next_at = remind_at(now, REMIND_AFTER, policy) if is_first else None
            which: dict[str, Any] = {"workspace_id": workspace_id, "number": number}
            if not await rows.reminded(tx, **which, before=row.reminded, next_at=next_at):
                return False
            request = request_of(row, await notifications.company_name_of(tx, row))
            if request.waits_for_answer:
                await notifications.remind_of_question(tx, row, request, now=now)
                return True
            # The first time, those who were asked; the second, whoever has come to decide since, and every admin.
            await notifications.asked(tx, row, request, deciders, now=now)
            admins = await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN)
            people = deciders - set(admins) if is_first else set(admins) - {row.asked_by}
            await notifications.remind(tx, row, request, people or deciders, now=now)
        return True

    async def withdraw(self, session: Session, number: int) -> Answer:
        """Withdraw the user's own request. Raises BadQuestion."""
        row = await self._found(session.workspace_id, number, of=session.user_id)
        return await self._closing.close(row, State.WITHDRAWN, by=session.user_id, decision="", now=session.now)

    async def approve(
        self, session: Session, number: int, reason: str = "", *, seen: Seen | None = None, terms: Terms | None = None
    ) -> Answer:
        """Do what is asked for as the approver; where two must approve, only note the first approval.

        With `terms` an account is released until a day, or for one order. Nothing is done where Sage has other figures
        than were `seen`. Raises NotAllowed, NotConnected, BadQuestion or a SageError: the request stays open then.
        """
        row, there = await self._row(session, number)
        return await self._approving.approve(there, row, reason, seen, terms)

    async def expire(self, *, now: datetime, most: int = 100) -> int:
        """Close requests that are overdue, or whose customer is deleted or released. Return how many."""
        async with self._database.reading() as tx:
            gone = await rows.ended(tx, ending=ACCOUNT_DELETED, limit=most)
            released = await rows.released(tx, limit=most)
            overdue = await rows.overdue(tx, now=now, limit=most)
        due = [
            (gone, GONE),
            (released, _RELEASED),
            (overdue, _LATE),
        ]  # a request in several lists gets the first reason
        return sum([await self._lapse(which, why, now=now) for which, why in due])

    async def _lapse(self, due: list[tuple[str, int]], why: str, *, now: datetime) -> int:
        """Close these requests as expired, except those that a user is deciding just now."""

        async def close(which: tuple[str, int]) -> Answer:
            return await self._closing.close(await self._found(*which), State.EXPIRED, by="", decision=why, now=now)

        answers = await each_alone(
            due, close, task="let a request lapse", ids=lambda which: {"workspace": which[0], "number": which[1]}
        )
        return sum(answer.is_news for answer in answers)

    async def _row(self, session: Session, number: int) -> tuple[ReleaseRequestRow, Session]:
        """Return the request's row, for a user who may decide it, and their session in its company."""
        session.require(Action.REQUEST_RELEASE)  # nobody else learns which numbers exist
        row = await self._found(session.workspace_id, number)
        session.require(Action.DECIDE_RELEASE, requested_by=row.asked_by)
        there = await self._knowing(session, row.company_pk)
        if there is None:
            raise _unknown(number)
        return row, there

    async def _knowing(self, session: Session, company_pk: int) -> Session | None:
        """Return the user's session in this company; None if Sage has closed the company to them."""
        is_here = company_pk == session.company_pk
        there = session if is_here else await self._elsewhere.session_of(session, company_pk)
        there = replace(await self._own_access.confirmed(there), reads=session.reads)
        return there if there.opens_company and there.refusal is None else None

    async def _found(self, workspace_id: str, number: int, *, of: str = "") -> ReleaseRequestRow:
        """Return the row. Raises BadQuestion for an unknown number, and for another user's request."""
        async with self._database.reading() as tx:
            row = await rows.by_number(tx, workspace_id=workspace_id, number=number)
        if row is None or of not in {"", row.asked_by}:
            raise _unknown(number)
        return row


def remind_at(since: datetime, after: timedelta, policy: Policy) -> datetime:
    """Return when so much working time has passed."""
    return after_working(since, after, policy.working_hours, policy.zone, policy.region)


def _unknown(number: int) -> BadQuestion:
    # One message for all: nobody learns which numbers exist.
    words = f"There is no request number {number} for you to answer or take back."
    return BadQuestion(words, hint="`/sage requests` lists them.")


async def _require_open_matter(sage: SageCompany, customer: Customer, wanted: Wanted) -> None:
    """Raise BadQuestion for what is so in Sage already, or an order that isn't open there."""
    if wanted.kind is RequestKind.RELEASE and not customer.on_hold:
        raise BadQuestion("That account isn't on hold, so there is nothing to release.", hint="")
    if wanted.kind is RequestKind.LIMIT and customer.credit_limit == wanted.limit:
        raise BadQuestion("That is already the credit limit.", hint="")
    if wanted.kind is not RequestKind.ORDER:
        return
    try:
        orders = (await sage.client.documents().open_orders(customer.id)).rows
    except (SageMissing, SageForbidden):
        return  # this Sage 200 gives no orders: the number is taken as typed
    if not any(order.is_called(wanted.order_number) for order in orders):
        raise BadQuestion(
            "That account has no open order with that number.",
            typed=wanted.order_number,
            offered=[order.number for order in orders[:_MOST_OFFERED]],
            hint="",
        )


async def _refuse_too_many(tx: AsyncSession, session: Session, company_pk: int, customer_id: int) -> None:
    """Raise TooMany for a user who has asked often in the last hour, or withdrew a request for this customer just now.

    The caller holds the workspace's lock.
    """
    before = await rows.asked_before(
        tx,
        workspace_id=session.workspace_id,
        company_pk=company_pk,
        customer_id=customer_id,
        asked_by=session.user_id,
        since=session.now - _HOUR,
    )
    if before.withdrawn_at is not None and session.now < before.withdrawn_at + ASK_AGAIN_AFTER:
        after = before.withdrawn_at + ASK_AGAIN_AFTER - session.now
        raise TooMany("You have just taken back a request for this account.", hint=try_again(after))
    if before.first_at is not None and before.count >= REQUESTS_AN_HOUR:
        after = before.first_at + _HOUR - session.now
        raise TooMany(f"You have made {before.count} requests within an hour.", hint=try_again(after))


_HOUR = timedelta(hours=1)
_MOST_OFFERED = 5
_ASKED = {
    RequestKind.RELEASE: "ask for a release",
    RequestKind.LIMIT: "ask for a credit limit",
    RequestKind.ORDER: "ask to let an order go",
}
_MORE = "An admin of this app can make somebody a controller: `/sage roles @ANNA controller`."
_RELEASED = "It was released in the meantime."
_LATE = "Nobody decided within five days."
