"""Turns a notice's outbox row into the message that its recipient may still be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.customers.service.own_access import OwnAccess
from bot.features.delivery.model import RELEASE_ANSWERED, RELEASE_ASKED, RELEASE_HIDDEN, RELEASE_SHOWN, Notice
from bot.features.delivery.service.placement import Placed, Ready
from bot.features.installations.service.installations import Bot
from bot.features.release_requests.model import ReleaseRequest
from bot.features.release_requests.service.account import accounts_of
from bot.features.release_requests.service.notifications import catch_up
from storage.database import Database
from storage.queries import outbox, release_requests
from storage.queries.outbox import Claimed
from storage.tables.holds import ReleaseRequestRow

# Requests for a release name a customer and a reason. What is told of sign-ins and the like needs no right.
_NEEDS = {
    RELEASE_ASKED: Action.DECIDE_RELEASE,
    RELEASE_SHOWN: Action.DECIDE_RELEASE,
    RELEASE_ANSWERED: Action.REQUEST_RELEASE,
}


class Notices:
    """Authorizes the recipient of a notice immediately before the notice is sent."""

    def __init__(self, *, database: Database, sessions: Sessions, own_access: OwnAccess) -> None:
        self._database = database
        self._sessions = sessions
        self._own_access = own_access

    async def ready(self, bot: Bot | None, claimed: Claimed) -> Ready | str | None:
        """Return the message, why the recipient is told nothing, or None for a notice that was called off meanwhile.

        Raises SlackPosting or TokensUnavailable where Slack can't say who the recipient is.
        """
        if bot is None:
            return "not installed"
        row = claimed.row
        place = (row.channel, row.message_ts) if row.channel and row.message_ts else None
        notice = await self._recheck(bot, Notice(row.recipient, row.kind, row.facts, place))
        if notice is None:
            return "not theirs to know any more"
        # Asking Slack takes a while, in which the facts may have changed.
        async with self._database.reading() as tx:
            now = await outbox.still_due(tx, row_id=row.id)
        if now is None:
            return None
        if notice.kind == now.kind:
            notice = replace(notice, facts=now.facts)
        return Ready(bot, now, notice, claimed.in_doubt)

    async def settle(self, tx: AsyncSession, ready: Ready, placed: Placed, *, now: datetime) -> None:
        """Queue an edit of the message that was just sent if the release request has changed meanwhile."""
        await catch_up(tx, ready.row, (placed.channel, placed.ts), now=now)

    async def _recheck(self, bot: Bot, notice: Notice) -> Notice | None:
        """Return how much the recipient may be told today; None for nothing."""
        action = _NEEDS.get(notice.kind)
        if action is None:
            return notice
        number = ReleaseRequest.of(notice.facts).number
        async with self._database.reading() as tx:
            request = await release_requests.by_number(tx, workspace_id=bot.workspace_id, number=number)
        if request is not None:
            session = await self._sessions.of_member(bot, notice.user_id, company_pk=request.company_pk)
            session = await self._own_access.confirmed(session)
            if session.opens_company and session.may_unasked(action, requested_by=request.asked_by):
                return await self._with_account(notice, request, session)
        # What stands there already would stay, with its buttons.
        return replace(notice, kind=RELEASE_HIDDEN, facts={}) if notice.place is not None else None

    async def _with_account(self, notice: Notice, request: ReleaseRequestRow, session: Session) -> Notice:
        """Return the notice, with the account for a recipient who is to decide and is shown its figures."""
        if notice.kind == RELEASE_ANSWERED or request.state != release_requests.OPEN:
            return notice
        async with self._database.reading() as tx:
            return replace(notice, account=(await accounts_of(tx, session, [request])).get(request.number))
