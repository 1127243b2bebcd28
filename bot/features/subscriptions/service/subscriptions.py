"""The subscriptions service: create, list, edit, silence, end and hand over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.alerts.subscriptions as rows
from bot.coordination.limits import SUBSCRIPTIONS_OF_MEMBER, SUBSCRIPTIONS_OF_WORKSPACE
from bot.domain.company import in_company, key_of
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Action, Asker, Shown, Visibility, shown_in
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.visibility import channel_visibility
from bot.features.alerts.service.fan_out import called, stands, subscription_of
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.company_choice import company_from
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.lookup import Customers
from bot.features.subscriptions.model.form import SubscriptionForm
from bot.features.subscriptions.model.subscription import (
    BY_HAND,
    Created,
    Preview,
    Removed,
    SubscriptionView,
    as_typed,
    is_equal,
)
from bot.features.subscriptions.service.authority import LISTED, SubscriptionRights, changeable, row_of
from bot.features.subscriptions.service.drafting import Drafted, Drafting, Look, would_have_told
from storage.database import Database
from storage.queries.access import roles
from storage.queries.mirror import mirror_state
from storage.tables.alerts import SubscriptionRow as Row
from storage.tables.core import CONNECTED

log = structlog.get_logger(__name__)


class Subscriptions:
    """Serves the subscription commands. Every call is decided by the rights of the session that asks."""

    def __init__(
        self, *, database: Database, sessions: Sessions, connections: Connections, customers: Customers, audit: AuditLog
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._audit = audit
        self._drafting = Drafting(database, connections, customers)

    async def create(self, session: Session, wish: str | SubscriptionForm, *, here: str, look: Look) -> Created:
        """Subscribe as typed behind `/sage subscribe` or filled in; `here` is the channel of the request.

        An equal subscription is returned as it is. Raises NotAllowed, BadQuestion, NotInChannel, or what keeps the
        asker from Sage.
        """
        drafted = await self._drafting.draft(session, wish, here=here, look=look)
        wanted = drafted.subscription
        async with self._database.transaction() as tx:
            others = await rows.of_target(
                tx,
                workspace_id=session.workspace_id,
                company_pk=drafted.words.company_pk,
                target_id=wanted.target.id,
            )
            equal = next((each for each in others if is_equal(subscription_of(each), wanted)), None)
            row = equal or await self._add(tx, session, drafted)
        if equal is not None:
            return replace(await self._created(row, drafted, session.now), was_there=True)
        log.info("subscribed", workspace=session.workspace_id, subscription=row.id)
        overlapping = tuple(each.number for each in others if not wanted.topics.isdisjoint(each.topics))
        return replace(await self._created(row, drafted, session.now), overlapping=overlapping)

    async def _add(self, tx: AsyncSession, session: Session, drafted: Drafted) -> Row:
        await _refuse_too_many(tx, session.workspace_id, session.user_id)
        row = await rows.create(
            tx,
            workspace_id=session.workspace_id,
            company_pk=drafted.words.company_pk,
            owner=session.user_id,
            now=session.now,
            **drafted.columns(session.now),
        )
        await self._audit.did(tx, session, "subscribe", called(row), ("", stands(row)))
        return row

    async def edit(
        self, session: Session, number: int, wish: str | SubscriptionForm, *, here: str, look: Look
    ) -> Created:
        """Change a subscription to what is asked; owner, number and silence stay. Raises as `create`."""
        reach = _rights(session)
        async with self._database.reading() as tx:
            before = await changeable(tx, reach, number)
        drafted = await self._drafting.draft(session, wish, here=here, look=look, before=before)
        columns = drafted.columns(session.now)
        if drafted.subscription.schedule == subscription_of(before).schedule:
            columns["due_at"] = before.due_at
        if columns["target_id"] != before.target_id and before.paused_reason != BY_HAND:
            columns |= {"paused_reason": "", "paused_since": None}  # what was wrong with the old place
        row = await self._write(reach, number, "change a subscription", columns)
        return await self._created(row, drafted, session.now)

    async def problems(
        self, session: Session, form: SubscriptionForm, *, here: str, look: Look, number: int | None
    ) -> dict[str, str]:
        """Return the mistakes of a form by field, as far as they can be known in time."""
        reach = _rights(session)
        async with self._database.reading() as tx:
            before = await changeable(tx, reach, number) if number is not None else None
        return await self._drafting.problems(session, form, here=here, look=look, before=before)

    async def preview(self, session: Session, wish: str | SubscriptionForm, *, here: str, look: Look) -> Preview:
        """Return what the subscription would have told in the last 30 days; nothing is kept. Raises as `create`."""
        drafted = await self._drafting.draft(session, wish, here=here, look=look)
        async with self._database.reading() as tx:
            return await would_have_told(
                tx,
                drafted.subscription,
                workspace_id=session.workspace_id,
                company_pk=drafted.words.company_pk,
                now=session.now,
            )

    async def may_begin(self, session: Session) -> None:
        """Raise NotAllowed for a user who may not subscribe at all."""
        session.require(Action.SUBSCRIBE_SELF)

    async def every(self, session: Session) -> tuple[SubscriptionView, ...]:
        """Return the subscriptions by number: the workspace's for admins and controllers, else the asker's own."""
        reach = _rights(session)
        async with self._database.reading() as tx:
            found = await rows.every(tx, workspace_id=session.workspace_id)
            unread = await unread_companies(tx, session, {row.company_pk for row, _ in found})
        labels = await self._drafting.labels(session)
        shown = [(row, name) for row, name in found if reach.sees_all or row.owner == session.user_id]
        return tuple(
            subscription_view(row, name, labels.get(row.company_pk, {}), stopped=row.company_pk in unread)
            for row, name in shown
        )

    async def one(self, session: Session, number: int) -> SubscriptionView:
        """Return a subscription that the asker may change. Raises NotAllowed or BadQuestion."""
        reach = _rights(session)
        async with self._database.reading() as tx:
            row = await changeable(tx, reach, number)
        return await self._shown(session, row)

    async def company_of(self, session: Session, number: int) -> int:
        """Return our number of the company of a subscription that the asker may change. Raises as `one`."""
        async with self._database.reading() as tx:
            return (await changeable(tx, _rights(session), number)).company_pk

    async def remove(self, session: Session, number: int) -> Removed:
        """End a subscription, and drop its alerts that were still to be posted. Raises NotAllowed or BadQuestion."""
        reach = _rights(session)
        async with self._database.transaction() as tx:
            row = await changeable(tx, reach, number, lock=True)
            await rows.remove(tx, workspace_id=session.workspace_id, number=number)
            if row.is_default:
                await rows.switch_off_defaults(
                    tx, workspace_id=session.workspace_id, user_id=row.owner, now=session.now
                )
            company = await mirror_state.company(tx, workspace_id=session.workspace_id, company_pk=row.company_pk)
            await self._audit.did(tx, session, "unsubscribe", called(row), (stands(row), ""))
        log.info("unsubscribed", workspace=session.workspace_id, subscription=row.id)
        kept = await self._shown(session, row)
        # Made again by another, it would be another's.
        if company is None or row.owner != session.user_id:
            return Removed(kept, "")
        return Removed(kept, in_company(key_of(company_from(company)), as_typed(kept.subscription, {})))

    async def switch_off_defaults(self, session: Session) -> tuple[int, ...]:
        """End what was made for the asker without being asked for, for good; return the numbers."""
        whose = {"workspace_id": session.workspace_id, "user_id": session.user_id}
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=session.workspace_id)
            ended = await rows.remove_defaults(tx, workspace_id=session.workspace_id, owner=session.user_id)
            await rows.switch_off_defaults(tx, **whose, now=session.now)
            for number in ended:
                await self._audit.did(tx, session, "unsubscribe", f"subscription {number}", ("by default", ""))
        return tuple(ended)

    async def pause(self, session: Session, number: int) -> SubscriptionView:
        """Pause a subscription until it is resumed. Raises NotAllowed or BadQuestion."""
        return await self._changed(
            session, number, "pause a subscription", paused_reason=BY_HAND, paused_since=session.now
        )

    async def resume(self, session: Session, number: int) -> SubscriptionView:
        """End a pause or mute of any origin; news from now on is told. Raises NotAllowed or BadQuestion."""
        await self.may_begin(session)
        return await self._changed(
            session, number, "resume a subscription", paused_reason="", paused_since=None, muted_until=None
        )

    async def mute(self, session: Session, number: int, *, until: datetime | None) -> SubscriptionView:
        """Mute a subscription until a moment; None ends the silence. Raises NotAllowed or BadQuestion."""
        return await self._changed(session, number, "mute a subscription", muted_until=until)

    async def hand_over(self, session: Session, number: int, *, to: Asker) -> SubscriptionView:
        """Make another user, who must be allowed to have it, the owner of a channel's subscription."""
        reach = _rights(session)
        async with self._database.reading() as tx:
            row = await changeable(tx, reach, number)
        if subscription_of(row).only_mine:
            raise NotAllowed("It is about its owner's own customers, so nobody else can have it.")
        if row.is_personal and to.user_id != row.owner:
            raise NotAllowed(_NOT_UNASKED, hint=_THEY_SUBSCRIBE)
        their = await self._sessions.of(to, now=session.now)
        decision = their.decide(Action.SUBSCRIBE_CHANNEL, place=Visibility.STATUS)
        if not decision.allowed:
            raise NotAllowed(f"They may not have it. {decision.why}", hint=decision.hint)
        if decision.only is not None:
            raise NotAllowed("They may not have it. They can subscribe to their own customers.", hint="")
        # The new owner hasn't been told that their sign-in would be used.
        return await self._changed(session, number, "hand over a subscription", owner=to.user_id, reads_as_owner=False)

    async def _changed(self, session: Session, number: int, action: str, **columns: Any) -> SubscriptionView:
        reach = _rights(session)
        return await self._shown(session, await self._write(reach, number, action, columns))

    async def _write(self, reach: SubscriptionRights, number: int, action: str, columns: dict[str, Any]) -> Row:
        """Change the row, and write an audit line if the subscription's state differs. Return the row."""
        session = reach.session
        async with self._database.transaction() as tx:
            was = stands(await changeable(tx, reach, number, lock=True))
            await rows.change(tx, workspace_id=session.workspace_id, number=number, **columns)
            row = await row_of(tx, session, number)
            if stands(row) != was:
                await self._audit.did(tx, session, action, called(row), (was, stands(row)))
        return row

    async def _shown(self, session: Session, row: Row) -> SubscriptionView:
        return subscription_view(row, "", (await self._drafting.labels(session)).get(row.company_pk, {}))

    async def _created(self, row: Row, drafted: Drafted, now: datetime) -> Created:
        kept = subscription_view(row, drafted.words.company_name, drafted.words.labels)
        async with self._database.reading() as tx:
            place = await channel_visibility(
                tx, workspace_id=row.workspace_id, company_pk=row.company_pk, channel_id=row.target_id
            )
            told = await would_have_told(
                tx, drafted.subscription, workspace_id=row.workspace_id, company_pk=row.company_pk, now=now
            )
        shown = shown_in(Visibility.PRIVATE if row.is_personal else place)
        return Created(kept, shown or Shown.STATUS, told, drafted.reads_as_owner)


async def _refuse_too_many(tx: AsyncSession, workspace_id: str, owner: str) -> None:
    """Raise BadQuestion where the owner or the workspace has as many subscriptions as they may."""
    of_workspace, of_owner = await rows.counts(tx, workspace_id=workspace_id, owner=owner)
    if of_owner >= SUBSCRIPTIONS_OF_MEMBER:
        words = f"One person may have {SUBSCRIPTIONS_OF_MEMBER} subscriptions."
        raise BadQuestion(f"{words} Remove one you no longer need first.", hint=LISTED)
    if of_workspace >= SUBSCRIPTIONS_OF_WORKSPACE:
        raise BadQuestion(f"This workspace has {SUBSCRIPTIONS_OF_WORKSPACE} subscriptions already.", hint=LISTED)


async def unread_companies(tx: AsyncSession, session: Session, company_pks: Iterable[int]) -> frozenset[int]:
    """Return those of these companies that no live sign-in reads, so that nothing can be told of them."""
    shared, unread = session.workspace_sign_in, set[int]()
    for company_pk in company_pks:
        if shared is not None and (shared.state, shared.company_pk) == (CONNECTED, company_pk):
            continue
        reader = await mirror_state.reader(tx, workspace_id=session.workspace_id, company_pk=company_pk)
        if reader is None or reader.connection.state != CONNECTED:
            unread.add(company_pk)
    return frozenset(unread)


def subscription_view(
    row: Row, company_name: str, labels: Mapping[int, str], *, stopped: bool = False
) -> SubscriptionView:
    return SubscriptionView(
        number=row.number,
        owner=row.owner,
        subscription=subscription_of(row),
        company_name=company_name,
        labels=labels,
        paused_since=row.paused_since,
        due_at=row.due_at,
        stopped=stopped,
    )


def _rights(session: Session) -> SubscriptionRights:
    if not session.asker.is_full_member:
        raise NotAllowed
    sees = session.decide(Action.SEE_SUBSCRIPTIONS)
    changes = session.decide(Action.CHANGE_SUBSCRIPTIONS)
    return SubscriptionRights(session, sees.allowed, changes.allowed, changes.why)


_NOT_UNASKED = "It goes to its owner in private, and nobody is sent messages they did not ask for."
_THEY_SUBSCRIBE = "They can make it themselves with `/sage subscribe`."
