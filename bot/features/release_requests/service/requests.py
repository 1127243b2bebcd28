"""Asking for a release, and deciding about it: never one's own, and by two where so much is owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.changes import ACCOUNT_DELETED
from bot.errors import BadQuestion, SageMissing
from bot.features.access.model.authorization import Action, Asker
from bot.features.access.model.rules import DECIDERS
from bot.features.access.service.absent_member import AbsentMember
from bot.features.access.service.authorizer import Authorizer
from bot.features.audit.model.hash_chain import AuditLine as Record
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.lookup import shown_to
from bot.features.holds.model import reason_from
from bot.features.holds.service.change_hold import ChangeHold, company_of_change, require_same_company
from bot.features.installations.service.installations import Installations
from bot.features.release_requests.model import GONE, Answer, ReleaseRequest, State
from bot.features.release_requests.service import notifications as request_news
from bot.features.release_requests.service.approval import Approval
from bot.features.release_requests.service.closing import Closing
from bot.features.release_requests.service.notifications import request_of, what
from storage import connections as connect_links
from storage import release_requests as rows
from storage import roles
from storage.database import Database
from storage.tables.holds import ReleaseRequestRow

LASTS = timedelta(days=5)
TYPED = "/customer ABS001 request-release REASON"


class ReleaseRequests:
    """Each is decided once, whoever clicks at the same time."""

    def __init__(
        self, *, database: Database, installations: Installations, access: Authorizer, absent_member: AbsentMember,
        connections: Connections, doing: ChangeHold, audit: AuditLog, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._access = access
        self._connections = connections
        self._audit = audit
        self._clock = clock
        self._closing = Closing(database=database, audit=audit)
        self._approving = Approval(
            database=database, installations=installations, access=access, absent_member=absent_member,
            connections=connections, doing=doing, audit=audit, closing=self._closing, clock=clock,
        )  # fmt: skip

    async def may_ask(self, asker: Asker, *, card: str = "") -> SageCompany:
        """How Sage would be asked for them, from a `card` of the same books. Raises what bars them."""
        line = await self._connections.line_for(asker, action=Action.REQUEST_RELEASE)
        require_same_company(line.company, card)
        return line

    async def ask(self, asker: Asker, customer_id: int, reason: str, *, company: str = "", now: datetime) -> Answer:
        """Ask those who may decide. Raises NotAllowed, BadQuestion, or what bars from Sage."""
        words = reason_from(reason, typed=TYPED)
        line = await self.may_ask(asker, card=company)
        customer = await line.sage.customer_by_id(customer_id)
        if customer is None:
            raise SageMissing("That customer is not in your company's Sage 200 any more.")
        shown_to(line, customer)
        if not customer.on_hold:
            raise BadQuestion("That account isn't on hold, so there is nothing to release.", hint="")
        deciders = await self._access.deciders(asker) - {asker.user_id}
        if not deciders:
            raise BadQuestion("There is nobody else who may decide about a release.", hint=_MORE)
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=asker.workspace_id)
            of = await company_of_change(tx, line)
            own = await connect_links.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            row = await rows.ask(
                tx,
                workspace_id=asker.workspace_id,
                company_pk=of.id,
                customer_id=customer.id,
                reference=customer.reference,
                name=customer.name,
                asked_by=asker.user_id,
                asked_subject=own.subject_hash if own is not None else None,
                reason=words,
                held_for=customer.status_reason,
                asked_at=self._clock(),  # after it was read: a release from now on is of this very hold
                expires_at=now + LASTS,
            )
            is_news = row is not None
            row = row or await rows.open_of(
                tx, workspace_id=line.workspace_id, company_pk=of.id, customer_id=customer.id
            )
            if row is None:
                raise BadQuestion("It was decided at this very moment.", hint="Look at the customer again.")
            request = request_of(row, of.company_name)
            if is_news:
                await request_news.asked(tx, row, request, deciders, now=now)
                record = Record(now, asker.user_id, "ask for a release", what(request), "", "open")
                await self._audit.record(tx, record, workspace_id=asker.workspace_id)
        return Answer(request, is_news)

    async def every(self, asker: Asker) -> list[ReleaseRequest]:
        """Those that are open. Raises NotAllowed."""
        await self._access.require(asker, Action.REQUEST_RELEASE)
        sees_all = (await self._access.member(asker)).role in DECIDERS
        async with self._database.reading() as tx:
            found = await rows.every_open(tx, workspace_id=asker.workspace_id)
        return [request_of(row) for row in found if sees_all or row.asked_by == asker.user_id]

    async def may_decide(self, asker: Asker, number: int) -> ReleaseRequest:
        """The request, for those who may decide it. Nothing is asked of Sage."""
        return request_of(await self._row(asker, number))

    async def decline(self, asker: Asker, number: int, reason: str, *, now: datetime) -> Answer:
        """It stays on hold. Raises NotAllowed or BadQuestion."""
        row = await self._row(asker, number)
        words = reason_from(reason, typed=f"/sage decline {number} REASON")
        return await self._closing.close(row, State.DECLINED, by=asker.user_id, decision=words, now=now)

    async def withdraw(self, asker: Asker, number: int, *, now: datetime) -> Answer:
        """Whoever asked asks no more. Raises BadQuestion."""
        row = await self._found(asker.workspace_id, number, of=asker.user_id)
        return await self._closing.close(row, State.WITHDRAWN, by=asker.user_id, decision="", now=now)

    async def approve(self, asker: Asker, number: int, reason: str = "", *, now: datetime) -> Answer:
        """Release it in Sage as the approver; where two must approve, the first only says so.

        Raises NotAllowed, NotConnected, BadQuestion or a SageError: it stays open then.
        """
        return await self._approving.approve(asker, await self._row(asker, number), reason, now=now)

    async def expire(self, *, now: datetime, most: int = 100) -> int:
        """Those gone, released otherwise, or decided by nobody in time; whoever asked is told. Returns how many."""
        async with self._database.reading() as tx:
            gone = await rows.ended(tx, ending=ACCOUNT_DELETED, limit=most)
            released = await rows.released(tx, limit=most)
            overdue = await rows.overdue(tx, now=now, limit=most)
        due = [(gone, GONE), (released, _RELEASED), (overdue, _LATE)]  # the first reason of each is told
        return sum([await self._lapse(which, why, now=now) for which, why in due])

    async def _lapse(self, due: list[tuple[str, int]], why: str, *, now: datetime) -> int:
        """One that somebody is deciding just now is left to them."""
        answers = [
            await self._closing.close(await self._found(*which), State.EXPIRED, by="", decision=why, now=now)
            for which in due
        ]
        return sum(answer.is_news for answer in answers)

    async def _row(self, asker: Asker, number: int) -> ReleaseRequestRow:
        """For those who may decide it."""
        await self._access.require(asker, Action.REQUEST_RELEASE)  # nobody else learns which numbers there are
        row = await self._found(asker.workspace_id, number)
        await self._access.require(asker, Action.DECIDE_RELEASE, requested_by=row.asked_by)
        return row

    async def _found(self, workspace_id: str, number: int, *, of: str = "") -> ReleaseRequestRow:
        """One that isn't theirs is refused as one that isn't there: nobody learns which numbers there are."""
        async with self._database.reading() as tx:
            row = await rows.by_number(tx, workspace_id=workspace_id, number=number)
        if row is None or of not in {"", row.asked_by}:
            words = f"There is no request number {number} for you to answer or take back."
            raise BadQuestion(words, hint="`/sage requests` lists them.")
        return row


_MORE = "An admin of this app can make somebody a controller: `/sage roles @ANNA controller`."
_RELEASED = "It was released in the meantime."
_LATE = "Nobody decided within five days."
