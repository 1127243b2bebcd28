"""Subscriptions as people have them: made, listed, changed, silenced and handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

import storage.subscriptions as rows
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Action, Asker, Shown, Visibility, shown_in, visibility_of
from bot.features.access.service.authorizer import Authorizer
from bot.features.alerts.service.fan_out import called, stands, subscription_of
from bot.features.audit.service.log import AuditLog
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
)
from bot.features.subscriptions.service.authority import LISTED, SubscriptionRights, changeable, row_of
from bot.features.subscriptions.service.drafting import Drafted, Drafting, Look, would_have_told
from storage import targets
from storage.database import Database
from storage.tables.alerts import SubscriptionRow as Row

MOST = 500

log = structlog.get_logger(__name__)


class Subscriptions:
    """Everything about subscriptions. Every call says who asks: only full members, and never more than their role."""

    def __init__(
        self, *, database: Database, access: Authorizer, connections: Connections, customers: Customers, audit: AuditLog
    ) -> None:
        self._database = database
        self._access = access
        self._audit = audit
        self._drafting = Drafting(database, connections, customers, access)

    async def create(
        self, asker: Asker, wish: str | SubscriptionForm, *, here: str, look: Look, now: datetime
    ) -> Created:
        """Subscribe, as typed behind `/sage subscribe` or filled in; `here` is the channel it was asked in.

        Raises NotAllowed, BadQuestion, NotInChannel, or what keeps the asker from Sage.
        """
        drafted = await self._drafting.draft(asker, wish, here=here, look=look)
        async with self._database.transaction() as tx:
            if await rows.count(tx, workspace_id=asker.workspace_id) >= MOST:
                raise BadQuestion(f"This workspace has {MOST} subscriptions already.", hint=LISTED)
            row = await rows.create(
                tx,
                workspace_id=asker.workspace_id,
                company_pk=drafted.words.company_pk,
                owner=asker.user_id,
                now=now,
                **drafted.columns(now),
            )
            await self._audit.did(tx, asker, "subscribe", called(row), ("", stands(row)), now=now)
        log.info("subscribed", workspace=asker.workspace_id, subscription=row.id)
        return await self._created(row, drafted, now)

    async def edit(
        self, asker: Asker, number: int, wish: str | SubscriptionForm, *, here: str, look: Look, now: datetime
    ) -> Created:
        """Have this one be as asked from now on; its owner, number and silence stay. Raises as `create`."""
        reach = await self._reach(asker)
        async with self._database.reading() as tx:
            before = await changeable(tx, reach, number)
        drafted = await self._drafting.draft(asker, wish, here=here, look=look, before=before)
        columns = drafted.columns(now)
        if columns["schedule_typed"] == before.schedule_typed:
            columns["due_at"] = before.due_at
        if columns["target_id"] != before.target_id and before.paused_reason != BY_HAND:
            columns |= {"paused_reason": "", "paused_since": None}  # what was wrong with the old place
        row = await self._write(reach, number, "change a subscription", columns, now)
        return await self._created(row, drafted, now)

    async def problems(
        self, asker: Asker, form: SubscriptionForm, *, here: str, look: Look, number: int | None
    ) -> dict[str, str]:
        """What is wrong with a form, by field: empty also when that can't be said in time."""
        reach = await self._reach(asker)
        async with self._database.reading() as tx:
            before = await changeable(tx, reach, number) if number is not None else None
        return await self._drafting.problems(asker, form, here=here, look=look, before=before)

    async def preview(
        self, asker: Asker, wish: str | SubscriptionForm, *, here: str, look: Look, now: datetime
    ) -> Preview:
        """What such a subscription would have told in the last 30 days; nothing is kept. Raises as `create`."""
        drafted = await self._drafting.draft(asker, wish, here=here, look=look)
        async with self._database.reading() as tx:
            return await would_have_told(
                tx,
                drafted.subscription,
                workspace_id=asker.workspace_id,
                company_pk=drafted.words.company_pk,
                now=now,
            )

    async def may_begin(self, asker: Asker) -> None:
        """Raises NotAllowed for those who may subscribe to nothing at all."""
        await self._access.require(asker, Action.SUBSCRIBE_SELF)

    async def every(self, asker: Asker) -> tuple[SubscriptionView, ...]:
        """All of the workspace for its admins and controllers; their own for everybody else, by number."""
        reach = await self._reach(asker)
        async with self._database.reading() as tx:
            found = await rows.every(tx, workspace_id=asker.workspace_id)
        labels = await self._drafting.labels(asker)
        shown = [(row, name) for row, name in found if reach.sees_all or row.owner == asker.user_id]
        return tuple(subscription_view(row, name, labels.get(row.company_pk, {})) for row, name in shown)

    async def one(self, asker: Asker, number: int) -> SubscriptionView:
        """One that the asker may change. Raises NotAllowed or BadQuestion."""
        reach = await self._reach(asker)
        async with self._database.reading() as tx:
            row = await changeable(tx, reach, number)
        return await self._shown(asker, row)

    async def remove(self, asker: Asker, number: int, *, now: datetime) -> Removed:
        """Unsubscribe, and drop what was still to be posted. Raises NotAllowed or BadQuestion."""
        reach = await self._reach(asker)
        async with self._database.transaction() as tx:
            row = await changeable(tx, reach, number, lock=True)
            await rows.remove(tx, workspace_id=asker.workspace_id, number=number)
            await self._audit.did(tx, asker, "unsubscribe", called(row), (stands(row), ""), now=now)
        log.info("unsubscribed", workspace=asker.workspace_id, subscription=row.id)
        kept = await self._shown(asker, row)
        # Made again by another, it would be another's.
        return Removed(kept, as_typed(kept.subscription, {}) if row.owner == asker.user_id else "")

    async def pause(self, asker: Asker, number: int, *, now: datetime) -> SubscriptionView:
        """Tell nothing until it is resumed. Raises NotAllowed or BadQuestion."""
        return await self._changed(asker, number, "pause a subscription", now, paused_reason=BY_HAND, paused_since=now)

    async def resume(self, asker: Asker, number: int, *, now: datetime) -> SubscriptionView:
        """Tell again, of what comes from now on, whyever it was silent. Raises NotAllowed or BadQuestion."""
        await self.may_begin(asker)
        return await self._changed(
            asker, number, "resume a subscription", now, paused_reason="", paused_since=None, muted_until=None
        )

    async def mute(self, asker: Asker, number: int, *, until: datetime | None, now: datetime) -> SubscriptionView:
        """Tell nothing until then; None ends it. Raises NotAllowed or BadQuestion."""
        return await self._changed(asker, number, "mute a subscription", now, muted_until=until)

    async def hand_over(self, asker: Asker, number: int, *, to: Asker, now: datetime) -> SubscriptionView:
        """Let another own it, who must be allowed to have it. What goes to the owner in private goes to them then."""
        reach = await self._reach(asker)
        async with self._database.reading() as tx:
            row = await changeable(tx, reach, number)
        if row.only_mine:
            raise NotAllowed("It is about its owner's own customers, so nobody else can have it.")
        action, place = (
            (Action.SUBSCRIBE_SELF, Visibility.PRIVATE)
            if row.is_personal
            else (Action.SUBSCRIBE_CHANNEL, Visibility.STATUS)
        )
        decision = await self._access.decide(to, action, place=place)
        if not decision.allowed:
            raise NotAllowed(f"They may not have it. {decision.why}", hint=decision.hint)
        if decision.only is not None:
            raise NotAllowed("They may not have it. They can subscribe to their own customers.", hint="")
        moved = {"target_id": to.user_id} if row.is_personal else {}
        return await self._changed(asker, number, "hand over a subscription", now, owner=to.user_id, **moved)

    async def _changed(self, asker: Asker, number: int, action: str, now: datetime, **columns: Any) -> SubscriptionView:
        reach = await self._reach(asker)
        return await self._shown(asker, await self._write(reach, number, action, columns, now))

    async def _write(
        self, reach: SubscriptionRights, number: int, action: str, columns: dict[str, Any], now: datetime
    ) -> Row:
        """Change it, with a line in the record where it stands otherwise than before."""
        asker = reach.asker
        async with self._database.transaction() as tx:
            was = stands(await changeable(tx, reach, number, lock=True))
            await rows.change(tx, workspace_id=asker.workspace_id, number=number, **columns)
            row = await row_of(tx, asker, number)
            if stands(row) != was:
                await self._audit.did(tx, asker, action, called(row), (was, stands(row)), now=now)
        return row

    async def _reach(self, asker: Asker) -> SubscriptionRights:
        if not asker.is_full_member:
            raise NotAllowed
        sees = await self._access.decide(asker, Action.SEE_SUBSCRIPTIONS)
        changes = await self._access.decide(asker, Action.CHANGE_SUBSCRIPTIONS)
        return SubscriptionRights(asker, sees.allowed, changes.allowed, changes.why)

    async def _shown(self, asker: Asker, row: Row) -> SubscriptionView:
        return subscription_view(row, "", (await self._drafting.labels(asker)).get(row.company_pk, {}))

    async def _created(self, row: Row, drafted: Drafted, now: datetime) -> Created:
        kept = subscription_view(row, drafted.words.company_name, drafted.words.labels)
        async with self._database.reading() as tx:
            kept_class = await targets.figures_class(tx, workspace_id=row.workspace_id, channel_id=row.target_id)
            told = await would_have_told(
                tx, drafted.subscription, workspace_id=row.workspace_id, company_pk=row.company_pk, now=now
            )
        shown = shown_in(Visibility.PRIVATE if row.is_personal else visibility_of(kept_class))
        return Created(kept, shown or Shown.STATUS, told)


def subscription_view(row: Row, company_name: str, labels: Mapping[int, str]) -> SubscriptionView:
    return SubscriptionView(
        number=row.number,
        owner=row.owner,
        subscription=subscription_of(row),
        company_name=company_name,
        labels=labels,
        paused_since=row.paused_since,
        due_at=row.due_at,
    )
