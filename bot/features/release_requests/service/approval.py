"""Approving a release: in Sage as the approver, and by two people where so much is owed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.customer import Customer
from bot.errors import BadQuestion, NotAllowed, SlackPosting, TokensUnavailable
from bot.features.access.model.authorization import Action, Asker
from bot.features.access.service.absent_member import AbsentMember
from bot.features.access.service.authorizer import Authorizer
from bot.features.audit.model.hash_chain import AuditLine as Record
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.holds.model import HoldAction, HoldResult, HoldVersion, Outcome, reason_digest, reason_from
from bot.features.holds.service.change_hold import ChangeHold, HoldChange, company_of_change, needs_second
from bot.features.installations.service.installations import Installations
from bot.features.release_requests.model import GONE, Answer, SamePerson, State, owes_more, same_person
from bot.features.release_requests.service import notifications as request_news
from bot.features.release_requests.service.closing import Closing
from bot.features.release_requests.service.notifications import books_name, request_of, too_late, what
from storage import connections
from storage import release_requests as rows
from storage.database import Database
from storage.tables.core import CONNECTED
from storage.tables.holds import ReleaseRequestRow

_CLAIM = timedelta(minutes=5)  # longer than a release may take


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Whoever decides now, their own sign-in and its Sage ID, and the request as it stood when they claimed it.

    `askers` are the Sage IDs of whoever asked for it: as they asked, and today.
    """

    asker: Asker
    line: SageCompany
    subject: str | None
    askers: frozenset[str | None]
    row: ReleaseRequestRow


class Approval:
    """Claimed by one decider, released as that person, then closed. The caller has seen that they may decide it."""

    def __init__(
        self, *, database: Database, installations: Installations, access: Authorizer, absent_member: AbsentMember,
        connections: Connections, doing: ChangeHold, audit: AuditLog, closing: Closing, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._installations = installations
        self._access = access
        self._still_may = absent_member
        self._connections = connections
        self._doing = doing
        self._audit = audit
        self._closing = closing
        self._clock = clock

    async def approve(self, asker: Asker, row: ReleaseRequestRow, reason: str, *, now: datetime) -> Answer:
        """Release it, or be the first of two. Raises NotAllowed, NotConnected, BadQuestion or a SageError."""
        if row.state != rows.OPEN:
            return Answer(request_of(row), is_news=False)
        line = await self._connections.line_for(asker, action=Action.RELEASE)
        async with self._database.transaction() as tx:
            claimed = await self._claim(tx, asker, line, row, now=now)
            if claimed is None:
                return await too_late(tx, row)
        try:
            return await self._approved(claimed, reason, now=now)
        finally:
            # Nothing to let go of once it is decided.
            async with self._database.transaction() as tx:
                await rows.let_go(tx, workspace_id=asker.workspace_id, number=row.number, by=asker.user_id)

    async def _claim(
        self, tx: AsyncSession, asker: Asker, line: SageCompany, row: ReleaseRequestRow, *, now: datetime
    ) -> _Claimed | None:
        """Whose Sage ID decides is settled here: whoever connects another meanwhile is refused before Sage is asked."""
        which: dict[str, Any] = {"workspace_id": asker.workspace_id, "number": row.number}
        if (await company_of_change(tx, line)).id != row.company_pk:
            raise BadQuestion("That request is about another company.", hint="Pick it with `/sage company`.")
        if not await rows.claim(tx, **which, by=asker.user_id, now=now, until=now + _CLAIM):
            return None
        mine = await connections.by_id(tx, workspace_id=line.workspace_id, connection_id=line.connection_id)
        theirs = await connections.of_user(tx, workspace_id=line.workspace_id, user_id=row.asked_by)
        subject = mine.subject_hash if mine is not None else None
        # They may have connected only afterwards. Without a sign-in of their own there is nothing to compare, and
        # nobody knows them but Slack; one whose Sage ID isn't known may be of whoever decides.
        askers = {row.asked_subject} - {None}
        if theirs is not None and (theirs.subject_hash is not None or theirs.state == CONNECTED):
            askers |= {theirs.subject_hash}
        for other in askers:
            _refuse_own(subject, other)
        return _Claimed(asker, line, subject, frozenset(askers), await rows.by_number(tx, **which) or row)

    async def _approved(self, claimed: _Claimed, reason: str, *, now: datetime) -> Answer:
        asker, line, row = claimed.asker, claimed.line, claimed.row
        customer = await line.sage.customer_by_id(row.customer_id)
        if customer is None or not customer.on_hold:
            by, why = asker.user_id, GONE if customer is None else _RELEASED
            return await self._closing.close(row, State.EXPIRED, by=by, decision=why, now=now, claimed=True)
        seen = HoldVersion(True, reason_digest(row.held_for))
        if not seen.still(customer):
            other = Outcome.CHANGED_MEANWHILE
            done = HoldResult(HoldAction.RELEASE, other, line.company, customer, customer, row.reason, asker.user_id)
            return await self._another(row, done, now=now)
        policy = await self._access.policy(asker.workspace_id)
        by_two = needs_second(customer, policy)
        if by_two:
            first = await self._first(claimed)
            lapsed = first if owes_more(customer.balance, than=row.first_balance) else ""
            if lapsed or not first:
                return await self._half(claimed, customer, lapsed, now=now)
            _refuse_twice(claimed, first)
        words = reason_from(reason) if reason.strip() else row.reason
        wish = HoldChange(HoldAction.RELEASE, row.customer_id, words, seen, approved=by_two, sign_in=line.sign_in_id)
        done = await self._doing.do(asker, wish, now=now)
        if done.outcome is Outcome.CHANGED_MEANWHILE and done.after is done.before:
            return await self._another(row, done, now=now)
        if done.outcome not in {Outcome.DONE, Outcome.ALREADY}:
            return Answer(request_of(row), is_news=False, done=done)
        decision, now = (words if reason.strip() else ""), self._clock()
        answer = await self._closing.close(
            row, State.APPROVED, by=asker.user_id, decision=decision, now=now, claimed=True
        )
        return replace(answer, done=done)

    async def _another(self, row: ReleaseRequestRow, done: HoldResult, *, now: datetime) -> Answer:
        """It is held for something else than was asked about: nobody has asked to release that."""
        answer = await self._closing.close(row, State.EXPIRED, by=done.by, decision=_OTHER, now=now, claimed=True)
        return replace(answer, done=done)

    async def _half(self, claimed: _Claimed, customer: Customer, lapsed: str, *, now: datetime) -> Answer:
        """The first of two."""
        asker, row = claimed.asker, claimed.row
        async with self._database.transaction() as tx:
            await company_of_change(tx, claimed.line)
            kept = {"first_by": asker.user_id, "first_at": now, "first_balance": customer.balance}
            kept |= {"first_subject": claimed.subject}
            if not await rows.let_go(tx, workspace_id=row.workspace_id, number=row.number, by=asker.user_id, **kept):
                return await too_late(tx, row)
            request = replace(request_of(row, await books_name(tx, row)), first_by=asker.user_id)
            await request_news.half(tx, row, request, now=now)
            record = Record(now, asker.user_id, "approve a release, first of two", what(request), "open", "open")
            await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return Answer(request, is_news=True, lapsed=lapsed)

    async def _first(self, claimed: _Claimed) -> str:
        """Whoever approved first, if they may today, and could be another than whoever asked and who is here now.

        Raises NotAllowed where Slack can't say it: their approval stays as it is.
        """
        row, here = claimed.row, claimed.asker.user_id
        first = row.first_by or ""
        if first and first != here and claimed.subject is not None and row.first_subject is None:
            # Nobody could tell these two apart later: this approval takes its place, and they can approve again.
            return ""
        if row.first_subject is not None and row.first_subject in claimed.askers:
            return ""  # whoever asked has connected the same Sage ID since
        if first in {"", here}:
            return first  # that they may decide was seen before it was claimed
        try:
            bot = await self._installations.bot_of(row.workspace_id)
            if bot is None:
                raise NotAllowed
            may = await self._still_may.do(bot, first, Action.DECIDE_RELEASE, requested_by=row.asked_by)
        except (SlackPosting, TokensUnavailable):
            raise NotAllowed(_SILENT, hint="Please try again in a minute.") from None
        return first if may else ""


def _refuse_own(mine: str | None, other: str | None) -> None:
    """Raises NotAllowed where whoever decides has asked for it, as another Slack account, or may have."""
    found = same_person(mine, other)
    if found is SamePerson.SAME:
        words = "You have asked for it yourself, as another Slack account with the same Sage ID"
        raise NotAllowed(f"{words}: somebody else has to decide.", hint="")
    if found is SamePerson.UNTOLD and mine is None:
        raise NotAllowed(_UNTOLD, hint=_AGAIN)
    if found is SamePerson.UNTOLD:
        raise NotAllowed(_UNTOLD_ASKER, hint="They sign in again with `/sage connect`, and you approve it then.")


def _refuse_twice(claimed: _Claimed, first: str) -> None:
    """Raises BadQuestion where both approvals are one person's, or may be."""
    if first == claimed.asker.user_id:
        raise BadQuestion("You have approved it already: somebody else has to as well.", hint="")
    found = same_person(claimed.subject, claimed.row.first_subject)
    if found is SamePerson.SAME:
        words = "You have approved it already, as another Slack account with the same Sage ID"
        raise BadQuestion(f"{words}: somebody else has to as well.", hint="")
    if found is SamePerson.UNTOLD:
        raise BadQuestion(_UNTOLD, hint=_AGAIN)


_UNTOLD = "Sage ID hasn't told me who you are, so I can't see that you are another person than the one before you."
_UNTOLD_ASKER = "Sage ID hasn't told me who asked for it, so I can't see that you are another person."
_SILENT = "Slack can't tell me just now whether whoever approved it first may still decide."
_AGAIN = "Sign in again with `/sage connect`."
_RELEASED = "It isn't on hold any more."
_OTHER = "It is on hold for another reason now. Ask again if it should be released all the same."
