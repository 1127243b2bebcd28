"""Subscriptions as people have them: made, listed, changed, silenced and handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.subscriptions as rows
from bot.domain import schedules
from bot.domain.access import Asker, Role
from bot.domain.news import Shown, shown_in_channel
from bot.domain.schedules import Region
from bot.domain.subscription_form import Form
from bot.domain.subscriptions import (
    BY_HAND,
    Created,
    Kept,
    Removed,
    Told,
    as_typed,
    filter_kept,
    kept_thresholds,
    refusal,
)
from bot.errors import BadQuestion, NotAllowed
from bot.services.connections import Connections
from bot.services.customers import Customers
from bot.services.subscribed import subscription_of
from bot.services.subscribing import Drafted, Drafting, Look, would_have_told
from storage import targets, workspaces
from storage.database import Database
from storage.news_models import Subscription as Row

MOST = 500
_SEE_ALL = {Role.ADMIN, Role.CONTROLLER}
_LISTED = "`/sage subscriptions` lists those you can change."

log = structlog.get_logger(__name__)


class Subscriptions:
    """Everything about subscriptions. Every call says who asks: only full members, and never more than their role."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        customers: Customers,
        zone: str = "Europe/London",
        region: Region | None = Region.ENGLAND_AND_WALES,
    ) -> None:
        self._database = database
        self._drafting = Drafting(database, connections, customers, zone, region)
        self._zone, self._region = zone, region

    async def create(self, asker: Asker, wish: str | Form, *, here: str, look: Look, now: datetime) -> Created:
        """Subscribe, as typed behind `/sage subscribe` or filled in; `here` is the channel it was asked in.

        Raises NotAllowed, BadQuestion, NotInChannel, or what keeps the asker from Sage.
        """
        drafted = await self._drafting.draft(asker, wish, here=here, look=look)
        async with self._database.transaction() as tx:
            if await rows.count(tx, workspace_id=asker.workspace_id) >= MOST:
                raise BadQuestion(f"This workspace has {MOST} subscriptions already.", mend=_LISTED)
            row = await rows.create(
                tx,
                workspace_id=asker.workspace_id,
                company_pk=drafted.words.company_pk,
                owner=asker.user_id,
                now=now,
                **self._columns(drafted, now),
            )
        log.info("subscribed", workspace=asker.workspace_id, subscription=row.id)
        return await self._created(row, drafted, now)

    async def edit(
        self, asker: Asker, number: int, wish: str | Form, *, here: str, look: Look, now: datetime
    ) -> Created:
        """Have this one be as asked from now on; its owner, number and silence stay. Raises as `create`."""
        async with self._database.reading() as tx:
            before = await _changeable(tx, asker, number)
        drafted = await self._drafting.draft(asker, wish, here=here, look=look, before=before)
        columns = self._columns(drafted, now)
        if columns["schedule_typed"] == before.schedule_typed:
            columns["due_at"] = before.due_at
        if columns["target_id"] != before.target_id and before.paused_reason != BY_HAND:
            columns |= {"paused_reason": "", "paused_since": None}  # what was wrong with the old place
        async with self._database.transaction() as tx:
            await _changeable(tx, asker, number)
            await rows.change(tx, workspace_id=asker.workspace_id, number=number, **columns)
            row = await _row(tx, asker, number)
        return await self._created(row, drafted, now)

    async def problems(self, asker: Asker, form: Form, *, here: str, look: Look, number: int | None) -> dict[str, str]:
        """What is wrong with a form, by field: empty also when that can't be said in time."""
        async with self._database.reading() as tx:
            before = await _changeable(tx, asker, number) if number is not None else None
        return await self._drafting.problems(asker, form, here=here, look=look, before=before)

    async def preview(self, asker: Asker, wish: str | Form, *, here: str, look: Look, now: datetime) -> Told:
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
        async with self._database.reading() as tx:
            role = await _role(tx, asker)
        why = refusal(role, personal=True, narrowed=True)
        if why:
            raise NotAllowed(why)

    async def every(self, asker: Asker) -> tuple[Kept, ...]:
        """All of the workspace for its admins and controllers; their own for everybody else, by number."""
        async with self._database.reading() as tx:
            role = await _role(tx, asker)
            found = await rows.every(tx, workspace_id=asker.workspace_id)
        labels = await self._drafting.labels(asker)
        shown = [(row, name) for row, name in found if role in _SEE_ALL or row.owner == asker.user_id]
        return tuple(_kept(row, name, labels.get(row.company_pk, {})) for row, name in shown)

    async def one(self, asker: Asker, number: int) -> Kept:
        """One that the asker may change. Raises NotAllowed or BadQuestion."""
        async with self._database.reading() as tx:
            row = await _changeable(tx, asker, number)
        return await self._shown(asker, row)

    async def remove(self, asker: Asker, number: int) -> Removed:
        """Unsubscribe, and drop what was still to be posted. Raises NotAllowed or BadQuestion."""
        async with self._database.transaction() as tx:
            row = await _changeable(tx, asker, number)
            await rows.remove(tx, workspace_id=asker.workspace_id, number=number)
        log.info("unsubscribed", workspace=asker.workspace_id, subscription=row.id)
        kept = await self._shown(asker, row)
        # Made again by another, it would be another's.
        return Removed(kept, as_typed(kept.subscription, {}) if row.owner == asker.user_id else "")

    async def pause(self, asker: Asker, number: int, *, now: datetime) -> Kept:
        """Tell nothing until it is resumed. Raises NotAllowed or BadQuestion."""
        return await self._changed(asker, number, paused_reason=BY_HAND, paused_since=now)

    async def resume(self, asker: Asker, number: int) -> Kept:
        """Tell again, of what comes from now on, whyever it was silent. Raises NotAllowed or BadQuestion."""
        await self.may_begin(asker)
        return await self._changed(asker, number, paused_reason="", paused_since=None, muted_until=None)

    async def mute(self, asker: Asker, number: int, *, until: datetime | None) -> Kept:
        """Tell nothing until then; None ends it. Raises NotAllowed or BadQuestion."""
        return await self._changed(asker, number, muted_until=until)

    async def hand_over(self, asker: Asker, number: int, *, to: Asker) -> Kept:
        """Let another own it, who must be allowed to have it. What goes to the owner in private goes to them then."""
        async with self._database.reading() as tx:
            row = await _changeable(tx, asker, number)
            role = await _role(tx, to)
        if row.only_mine:
            raise NotAllowed("It is about its owner's own customers, so nobody else can have it.")
        why = refusal(role, personal=row.is_personal, narrowed=role in _SEE_ALL)
        if why:
            raise NotAllowed(f"They may not have it. {why}")
        moved = {"target_id": to.user_id} if row.is_personal else {}
        return await self._changed(asker, number, owner=to.user_id, **moved)

    async def _changed(self, asker: Asker, number: int, **columns: Any) -> Kept:
        async with self._database.transaction() as tx:
            await _changeable(tx, asker, number)
            await rows.change(tx, workspace_id=asker.workspace_id, number=number, **columns)
            row = await _row(tx, asker, number)
        return await self._shown(asker, row)

    async def _shown(self, asker: Asker, row: Row) -> Kept:
        return _kept(row, "", (await self._drafting.labels(asker)).get(row.company_pk, {}))

    def _columns(self, drafted: Drafted, now: datetime) -> dict[str, Any]:
        wanted = drafted.subscription
        return {
            "topics": ",".join(sorted(wanted.topics)),
            "filter_typed": filter_kept(wanted.filter),
            "only_mine": wanted.only_mine,
            "thresholds": kept_thresholds(wanted.thresholds),
            "target_id": wanted.target.id,
            "is_personal": wanted.target.personal,
            "delivery": wanted.delivery.value,
            "schedule_typed": schedules.as_typed(wanted.schedule) if wanted.schedule else None,
            "zone": wanted.schedule.zone if wanted.schedule else self._zone,
            "region": self._region.value if self._region else None,
            "due_at": schedules.next_due(wanted.schedule, now) if wanted.schedule else None,
        }

    async def _created(self, row: Row, drafted: Drafted, now: datetime) -> Created:
        kept = _kept(row, drafted.words.company_name, drafted.words.labels)
        async with self._database.reading() as tx:
            policy = await targets.figures_class(tx, workspace_id=row.workspace_id, channel_id=row.target_id)
            told = await would_have_told(
                tx, drafted.subscription, workspace_id=row.workspace_id, company_pk=row.company_pk, now=now
            )
        shown = Shown.FIGURES if row.is_personal else shown_in_channel(policy)
        return Created(kept, shown, told)


async def _role(tx: AsyncSession, asker: Asker) -> str | None:
    if not asker.may_see_figures:
        raise NotAllowed
    return await workspaces.role_of(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)


async def _row(tx: AsyncSession, asker: Asker, number: int) -> Row:
    row = await rows.by_number(tx, workspace_id=asker.workspace_id, number=number)
    if row is None:
        raise BadQuestion(f"There is no subscription number {number}.", mend=_LISTED)
    return row


async def _changeable(tx: AsyncSession, asker: Asker, number: int) -> Row:
    """The owner's, or anybody's for an admin of the app; who may not see it is not told that it is there."""
    role = await _role(tx, asker)
    row = await _row(tx, asker, number)
    if row.owner == asker.user_id or role == Role.ADMIN:
        return row
    if role in _SEE_ALL:
        raise NotAllowed("Only its owner or an admin of this app may change a subscription.")
    raise BadQuestion(f"There is no subscription number {number}.", mend=_LISTED)


def _kept(row: Row, company_name: str, labels: Mapping[int, str]) -> Kept:
    return Kept(
        number=row.number,
        owner=row.owner,
        subscription=subscription_of(row),
        company_name=company_name,
        labels=labels,
        paused_since=row.paused_since,
        due_at=row.due_at,
    )
