"""Asking for a release, and deciding about it: never one's own, and by two where so much is owed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.access import Action, Asker
from bot.domain.audit import Line as Record
from bot.domain.customers import Customer
from bot.domain.doing import Deed, Done, Outcome, Seen, mark_of, reason_from
from bot.domain.permits import DECIDERS
from bot.domain.release_requests import Answer, Request, State, owes_more
from bot.errors import BadQuestion, SageMissing
from bot.services import request_news
from bot.services.access import Access
from bot.services.audit import Audit
from bot.services.connections import Connections, Line
from bot.services.customers import shown_to
from bot.services.doing import Doing, Wish, books_of, key_of, needs_second
from bot.services.request_news import books_name, request_of, too_late, what
from storage import release_requests as rows
from storage import roles
from storage.database import Database
from storage.doing_models import ReleaseRequest

LASTS = timedelta(days=5)
_CLAIM = timedelta(minutes=5)  # longer than a release may take
TYPED = "/customer ABS001 request-release REASON"


class ReleaseRequests:
    """Each is decided once, whoever clicks at the same time."""

    def __init__(
        self, *, database: Database, access: Access, connections: Connections, doing: Doing, audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._access = access
        self._connections = connections
        self._doing = doing
        self._audit = audit
        self._clock = clock

    async def may_ask(self, asker: Asker) -> Line:
        """How Sage would be asked for them. Raises what bars them."""
        return await self._connections.line_for(asker, action=Action.REQUEST_RELEASE)

    async def ask(self, asker: Asker, customer_id: int, reason: str, *, company: str = "", now: datetime) -> Answer:
        """Ask those who may decide. Raises NotAllowed, BadQuestion, or what bars from Sage."""
        words = reason_from(reason, typed=TYPED)
        line = await self.may_ask(asker)
        if company and company != key_of(line.company):
            raise BadQuestion("That was another company's card.", mend="Ask for the customer again.")
        customer = await line.sage.customer_by_id(customer_id)
        if customer is None:
            raise SageMissing("That customer is not in your company's Sage 200 any more.")
        shown_to(line, customer)
        if not customer.on_hold:
            raise BadQuestion("That account isn't on hold, so there is nothing to release.", mend="")
        deciders = await self._access.deciders(asker) - {asker.user_id}
        if not deciders:
            raise BadQuestion("There is nobody else who may decide about a release.", mend=_MORE)
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=asker.workspace_id)
            of = await books_of(tx, line)
            row = await rows.ask(
                tx,
                workspace_id=asker.workspace_id,
                company_pk=of.id,
                customer_id=customer.id,
                reference=customer.reference,
                name=customer.name,
                asked_by=asker.user_id,
                reason=words,
                held_for=customer.status_reason,
                asked_at=now,
                expires_at=now + LASTS,
            )
            is_news = row is not None
            row = row or await rows.open_of(
                tx, workspace_id=line.workspace_id, company_pk=of.id, customer_id=customer.id
            )
            if row is None:
                raise BadQuestion("It was decided at this very moment.", mend="Look at the customer again.")
            request = request_of(row, of.company_name)
            if is_news:
                await request_news.asked(tx, row, request, deciders, now=now)
                record = Record(now, asker.user_id, "ask for a release", what(request), "", "open")
                await self._audit.record(tx, record, workspace_id=asker.workspace_id)
        return Answer(request, is_news)

    async def every(self, asker: Asker) -> list[Request]:
        """Those that are open. Raises NotAllowed."""
        await self._access.require(asker, Action.REQUEST_RELEASE)
        sees_all = (await self._access.member(asker)).role in DECIDERS
        async with self._database.reading() as tx:
            found = await rows.every_open(tx, workspace_id=asker.workspace_id)
        return [request_of(row) for row in found if sees_all or row.asked_by == asker.user_id]

    async def may_decide(self, asker: Asker, number: int) -> Request:
        """The request, for those who may decide it. Nothing is asked of Sage."""
        return request_of(await self._row(asker, number))

    async def decline(self, asker: Asker, number: int, reason: str, *, now: datetime) -> Answer:
        """It stays on hold. Raises NotAllowed or BadQuestion."""
        row = await self._row(asker, number)
        words = reason_from(reason, typed=f"/sage decline {number} REASON")
        return await self._close(row, State.DECLINED, by=asker.user_id, decision=words, now=now)

    async def withdraw(self, asker: Asker, number: int, *, now: datetime) -> Answer:
        """Whoever asked asks no more. Raises BadQuestion."""
        row = await self._found(asker.workspace_id, number, of=asker.user_id)
        return await self._close(row, State.WITHDRAWN, by=asker.user_id, decision="", now=now)

    async def approve(self, asker: Asker, number: int, reason: str = "", *, now: datetime) -> Answer:
        """Release it in Sage as the approver; where two must approve, the first only says so.

        Raises NotAllowed, NotConnected, BadQuestion or a SageError: it stays open then.
        """
        row = await self._row(asker, number)
        if row.state != rows.OPEN:
            return Answer(request_of(row), is_news=False)
        line = await self._connections.line_for(asker, action=Action.RELEASE)
        async with self._database.transaction() as tx:
            if (await books_of(tx, line)).id != row.company_pk:
                raise BadQuestion("That request is about another company.", mend="Pick it with `/sage company`.")
            if not await rows.claim(
                tx, workspace_id=asker.workspace_id, number=number, by=asker.user_id, now=now, until=now + _CLAIM
            ):
                return await too_late(tx, row)
        try:
            return await self._approved(asker, line, row, reason, now=now)
        finally:
            # Nothing to let go of once it is decided.
            async with self._database.transaction() as tx:
                await rows.let_go(tx, workspace_id=asker.workspace_id, number=number, by=asker.user_id)

    async def _approved(self, asker: Asker, line: Line, row: ReleaseRequest, reason: str, *, now: datetime) -> Answer:
        customer = await line.sage.customer_by_id(row.customer_id)
        if customer is None or not customer.on_hold:
            return await self._close(row, State.EXPIRED, by=asker.user_id, decision=_GONE, now=now, claimed=True)
        seen = Seen(True, mark_of(row.held_for))
        if not seen.still(customer):
            other = Outcome.CHANGED_MEANWHILE
            done = Done(Deed.RELEASE, other, line.company, customer, customer, row.reason, asker.user_id)
            return await self._another(row, done, now=now)
        policy = await self._access.policy(asker.workspace_id)
        first = await self._first(asker, row)
        lapsed = first if owes_more(customer.balance, than=row.first_balance) else ""
        first = "" if lapsed else first
        if needs_second(customer, policy):
            if first == asker.user_id:
                raise BadQuestion("You have approved it already: somebody else has to as well.", mend="")
            if not first:
                return await self._half(asker, row, customer, lapsed, now=now)
        words = reason_from(reason) if reason.strip() else row.reason
        by_two = first not in {"", asker.user_id}
        wish = Wish(Deed.RELEASE, row.customer_id, words, seen, approved=by_two)
        done = await self._doing.do(asker, wish, now=now)
        if done.outcome is Outcome.CHANGED_MEANWHILE and done.after is done.before:
            return await self._another(row, done, now=now)
        if done.outcome not in {Outcome.DONE, Outcome.ALREADY}:
            return Answer(request_of(row), is_news=False, done=done)
        answer = await self._close(
            row, State.APPROVED, by=asker.user_id, decision=reason.strip() and words, now=self._clock(), claimed=True
        )
        return replace(answer, done=done)

    async def _another(self, row: ReleaseRequest, done: Done, *, now: datetime) -> Answer:
        """It is held for something else than was asked about: nobody has asked to release that."""
        answer = await self._close(row, State.EXPIRED, by=done.by, decision=_OTHER, now=now, claimed=True)
        return replace(answer, done=done)

    async def _half(
        self, asker: Asker, row: ReleaseRequest, customer: Customer, lapsed: str, *, now: datetime
    ) -> Answer:
        """The first of two."""
        async with self._database.transaction() as tx:
            kept = {"first_by": asker.user_id, "first_at": now, "first_balance": customer.balance}
            if not await rows.let_go(tx, workspace_id=row.workspace_id, number=row.number, by=asker.user_id, **kept):
                return await too_late(tx, row)
            request = replace(request_of(row, await books_name(tx, row)), first_by=asker.user_id)
            await request_news.half(tx, row, request, now=now)
            record = Record(now, asker.user_id, "approve a release, first of two", what(request), "open", "open")
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True, lapsed=lapsed)

    async def _first(self, asker: Asker, row: ReleaseRequest) -> str:
        """Whoever approved first, if they still may, and are a full member today."""
        first = row.first_by or ""
        return first if first and first in await self._access.deciders(asker) else ""

    async def expire(self, *, now: datetime, most: int = 100) -> int:
        """Those that nobody decided in time; whoever asked is told. Returns how many."""
        async with self._database.reading() as tx:
            due = await rows.overdue(tx, now=now, limit=most)
        for workspace_id, number in due:
            row = await self._found(workspace_id, number)
            await self._close(row, State.EXPIRED, by="", decision="Nobody decided within five days.", now=now)
        return len(due)

    async def _close(
        self, row: ReleaseRequest, state: State, *, by: str, decision: str, now: datetime, claimed: bool = False
    ) -> Answer:
        """Decided, told and recorded, or none of it."""
        async with self._database.transaction() as tx:
            which: dict[str, Any] = {"workspace_id": row.workspace_id, "number": row.number}
            if not await rows.close(tx, **which, state=state, by=by, decision=decision, now=now, claimed=claimed):
                return await too_late(tx, row)
            request = request_of(row, await books_name(tx, row))
            request = replace(request, state=state, decided_by=by, decision=decision)
            await request_news.decided(tx, row, request, now=now)
            record = Record(now, by, _ACTIONS[state], what(request), "open", f"{state}: {decision}".rstrip(": "))
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True)

    async def _row(self, asker: Asker, number: int) -> ReleaseRequest:
        """For those who may decide it."""
        await self._access.require(asker, Action.REQUEST_RELEASE)  # nobody else learns which numbers there are
        row = await self._found(asker.workspace_id, number)
        await self._access.require(asker, Action.DECIDE_RELEASE, requested_by=row.asked_by)
        return row

    async def _found(self, workspace_id: str, number: int, *, of: str = "") -> ReleaseRequest:
        """One that isn't theirs is refused as one that isn't there: nobody learns which numbers there are."""
        async with self._database.reading() as tx:
            row = await rows.by_number(tx, workspace_id=workspace_id, number=number)
        if row is None or of not in {"", row.asked_by}:
            words = f"There is no request number {number} for you to answer or take back."
            raise BadQuestion(words, mend="`/sage requests` lists them.")
        return row


_MORE = "An admin of this app can make somebody a controller: `/sage roles @ANNA controller`."
_GONE = "It isn't on hold any more."
_OTHER = "It is on hold for another reason now. Ask again if it should be released all the same."
_ACTIONS = {
    State.APPROVED: "approve a release",
    State.DECLINED: "decline a release",
    State.WITHDRAWN: "withdraw a request",
    State.EXPIRED: "let a request lapse",
}
