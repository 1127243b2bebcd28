"""Turns a notice's outbox row into the message that its recipient may still be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import SlackPosting
from bot.features.access.model.authorization import Action, Shown
from bot.features.access.model.session import Session
from bot.features.access.service import access_notices
from bot.features.access.service.sessions import Sessions
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.customers.service.own_access import OwnAccess
from bot.features.delivery.model import (
    ACCESS_ASKED,
    ACCESS_SHOWN,
    COPY_FRESH,
    COPY_OLD,
    DISPUTE_ANSWERED,
    DISPUTE_RAISED,
    HOLD_NOTE_FAILED,
    HOLD_RETAKEN,
    OWN_CUSTOMERS,
    OWN_ROLE_CHANGED,
    PROMISE_JUDGED,
    REHOLD_FAILED,
    RELEASE_ANSWERED,
    RELEASE_ASKED,
    RELEASE_HIDDEN,
    RELEASE_QUESTION,
    RELEASE_REMINDED,
    RELEASE_REPLIED,
    RELEASE_SHOWN,
    ROLE_GIVEN,
    WORKER_AWAY,
    WORKER_BACK,
    Notice,
)
from bot.features.delivery.service.audience import Audience
from bot.features.delivery.service.placement import Placed, Ready
from bot.features.delivery.service.welcome import RoleWelcomes
from bot.features.holds.model import FailedNote
from bot.features.installations.service.installations import Bot
from bot.features.promises.model.remembered import DisputeFacts, PromiseFacts
from bot.features.release_requests.model import ReleaseRequest
from bot.features.release_requests.service.account import accounts_of
from bot.features.release_requests.service.notifications import catch_up
from bot.features.temporary_releases.model import RetakenHold
from storage.database import Database
from storage.queries import promises
from storage.queries.alerts import outbox, targets
from storage.queries.alerts.outbox import Claimed
from storage.queries.holds import hold_notes, release_requests, temporary_releases
from storage.queries.mirror import mirrored_customers
from storage.tables.alerts import OutboxRow
from storage.tables.holds import ReleaseRequestRow

# Requests for a release name a customer and a reason. What is told of sign-ins and the like needs no right.
_NEEDS = {
    ACCESS_ASKED: Action.SETTINGS,
    ACCESS_SHOWN: Action.SETTINGS,
    WORKER_AWAY: Action.SETTINGS,
    WORKER_BACK: Action.SETTINGS,
    COPY_OLD: Action.SETTINGS,
    COPY_FRESH: Action.SETTINGS,
    RELEASE_ASKED: Action.DECIDE_RELEASE,
    RELEASE_SHOWN: Action.DECIDE_RELEASE,
    RELEASE_ANSWERED: Action.REQUEST_RELEASE,
    RELEASE_QUESTION: Action.REQUEST_RELEASE,
    RELEASE_REPLIED: Action.DECIDE_RELEASE,
    RELEASE_REMINDED: Action.DECIDE_RELEASE,
    PROMISE_JUDGED: Action.PROMISE,
    HOLD_RETAKEN: Action.REQUEST_RELEASE,
    REHOLD_FAILED: Action.REQUEST_RELEASE,
    HOLD_NOTE_FAILED: Action.REQUEST_RELEASE,
    DISPUTE_RAISED: Action.DECIDE_DISPUTE,
    DISPUTE_ANSWERED: Action.DISPUTE,
}


_WITH_ACCOUNT = {RELEASE_ASKED, RELEASE_SHOWN, RELEASE_REMINDED}


class Notices:
    """Authorizes the recipient of a notice immediately before the notice is sent."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        own_access: OwnAccess,
        welcomes: RoleWelcomes,
        audience: Audience,
    ) -> None:
        self._database = database
        self._audience = audience
        self._welcomes = welcomes
        self._sessions = sessions
        self._own_access = own_access

    async def ready(self, bot: Bot | None, claimed: Claimed) -> Ready | ChannelTrouble | str | None:
        """Return the message, why the recipient is told nothing, or None for a notice that was called off meanwhile.

        ChannelTrouble is what keeps a channel from being posted to.

        Raises SlackPosting or TokensUnavailable where Slack can't say who the recipient is.
        """
        if bot is None:
            return "not installed"
        row = claimed.row
        place = (row.channel, row.message_ts) if row.channel and row.message_ts else None
        if row.kind == OWN_CUSTOMERS and await self._is_welcomed(row):
            return "told with the role"
        recheck = self._recheck if row.is_personal else self._in_channel
        notice = await recheck(bot, Notice(row.recipient, row.kind, row.facts, place))
        if isinstance(notice, ChannelTrouble):
            return notice
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
        place = (placed.channel, placed.ts)
        await catch_up(tx, ready.row, place, now=now)
        await access_notices.catch_up(tx, ready.row, place, now=now)

    async def _recheck(self, bot: Bot, notice: Notice) -> Notice | None:
        """Return how much the recipient may be told today; None for nothing."""
        if notice.kind in {ROLE_GIVEN, OWN_CUSTOMERS}:
            return await self._welcomed(bot, notice)
        if notice.kind == OWN_ROLE_CHANGED and notice.facts["who"] != notice.user_id:
            # A user group's role: guests in the group never had it.
            session = await self._sessions.of_member(bot, notice.user_id)
            return notice if session.asker.is_full_member else None
        action = _NEEDS.get(notice.kind)
        if action is None:
            return notice
        if action is Action.SETTINGS:
            session = await self._sessions.of_member(bot, notice.user_id)
            return notice if session.may(action) else _hidden(notice)
        async with self._database.reading() as tx:
            about = await _about(tx, bot.workspace_id, notice)
        if about is not None:
            session = await self._sessions.of_member(bot, notice.user_id, company_pk=about.company_pk)
            # Whoever opens the company may decide there, whichever they use: the buttons act in it.
            session = await self._own_access.confirmed(session)
            if session.opens_company and session.may_unasked(action, requested_by=about.asked_by):
                return await self._of_company(notice, about, session, action)
        # What stands there already would stay, with its buttons.
        return _hidden(notice)

    async def _in_channel(self, bot: Bot, notice: Notice) -> Notice | ChannelTrouble | None:
        """Return a request as its channel may be shown it today, or what keeps every message from the channel.

        That news has stopped or is on again names nobody: that needs no right here either.
        """
        if notice.kind not in _NEEDS:
            return notice
        async with self._database.reading() as tx:
            about = await _about(tx, bot.workspace_id, notice)
            where: dict[str, Any] = {"workspace_id": bot.workspace_id, "company_pk": about.company_pk if about else 0}
            takes = notice.user_id in await targets.request_channels(tx, **where)
        if about is None or about.request is None or (not takes and notice.place is None):
            return _hidden(notice)
        shown = await self._audience.in_channel(bot, notice.user_id, company_pk=about.company_pk)
        if isinstance(shown, ChannelTrouble):
            return shown
        notice = replace(notice, shown=shown)
        if shown is not Shown.FIGURES:
            return notice
        # The figures are those that the user who asked is shown: a channel has no rights in Sage of its own.
        session = await self._asker(bot, about)
        return await self._with_account(notice, about.request, session) if session is not None else notice

    async def _asker(self, bot: Bot, about: _About) -> Session | None:
        """Return the session of the user who asked; None if they may ask no more, or have left."""
        try:
            session = await self._sessions.of_member(bot, about.asked_by, company_pk=about.company_pk)
        except SlackPosting as error:
            if error.permanent:
                return None
            raise
        session = await self._own_access.confirmed(session)
        return session if session.opens_company and session.may_unasked(Action.REQUEST_RELEASE) else None

    async def _is_welcomed(self, row: OutboxRow) -> bool:
        """Return whether the message of a role, which says whose customers are theirs, says this too."""
        told: dict[str, Any] = {"workspace_id": row.workspace_id, "target_id": row.target_id, "since": row.created_at}
        async with self._database.reading() as tx:
            return await outbox.is_told(tx, kind=ROLE_GIVEN, **told)

    async def _welcomed(self, bot: Bot, notice: Notice) -> Notice | None:
        """Return the notice with the welcome; None for a role that was taken away again, which is told by itself."""
        session = await self._own_access.confirmed(await self._sessions.of_member(bot, notice.user_id))
        welcome = await self._welcomes.of(bot, session)
        return replace(notice, welcome=welcome) if welcome is not None else None

    async def _of_company(self, notice: Notice, about: _About, session: Session, action: Action) -> Notice | None:
        """Return the notice for a recipient who may do this in its company; None if the customer is not theirs."""
        if about.request is not None:
            return await self._with_account(notice, about.request, session)
        async with self._database.reading() as tx:
            copied = await mirrored_customers.with_ids(
                tx, workspace_id=session.workspace_id, company_pk=about.company_pk, ids=[about.customer_id]
            )
        row = copied.get(about.customer_id)
        analysis = {int(slot): value for slot, value in row["analysis"].items()} if row is not None else {}
        return notice if session.decide(action).shown_of(analysis) is Shown.FIGURES else None

    async def _with_account(self, notice: Notice, request: ReleaseRequestRow, session: Session) -> Notice:
        """Return the notice, with the account for a recipient who is to decide and is shown its figures."""
        if notice.kind not in _WITH_ACCOUNT or request.state != release_requests.OPEN:
            return notice
        async with self._database.reading() as tx:
            return replace(notice, account=(await accounts_of(tx, session, [request])).get(request.number))


def _hidden(notice: Notice) -> Notice | None:
    return replace(notice, kind=RELEASE_HIDDEN, facts={}) if notice.place is not None else None


@dataclass(frozen=True, slots=True)
class _About:
    """The customer whom a notice names, and who asked for what it tells of, if somebody decides that."""

    company_pk: int
    customer_id: int
    asked_by: str = ""
    request: ReleaseRequestRow | None = None


async def _about(tx: AsyncSession, workspace_id: str, notice: Notice) -> _About | None:
    if notice.kind == PROMISE_JUDGED:
        promise = await promises.promise(tx, workspace_id=workspace_id, promise_id=PromiseFacts.of(notice.facts).id)
        return _About(promise.company_pk, promise.customer_id) if promise is not None else None
    if notice.kind in {DISPUTE_RAISED, DISPUTE_ANSWERED}:
        dispute = await promises.dispute(tx, workspace_id=workspace_id, dispute_id=DisputeFacts.of(notice.facts).id)
        return _About(dispute.company_pk, dispute.customer_id) if dispute is not None else None
    if notice.kind in {HOLD_RETAKEN, REHOLD_FAILED}:
        release_id = RetakenHold.of(notice.facts).id
        held = await temporary_releases.by_id(tx, workspace_id=workspace_id, release_id=release_id)
        return _About(held.company_pk, held.customer_id) if held is not None else None
    if notice.kind == HOLD_NOTE_FAILED:
        left = await hold_notes.by_id(tx, workspace_id=workspace_id, note_id=FailedNote.of(notice.facts).id)
        return _About(left.company_pk, left.customer_id) if left is not None else None
    number = ReleaseRequest.of(notice.facts).number
    request = await release_requests.by_number(tx, workspace_id=workspace_id, number=number)
    if request is None:
        return None
    return _About(request.company_pk, request.customer_id, request.asked_by, request)
