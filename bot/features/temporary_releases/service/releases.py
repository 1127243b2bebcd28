"""Releasing an account for a time, and putting it on hold again as the person who agreed to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.customer import Customer
from bot.errors import BotError, SageForbidden, SageMissing
from bot.features.access.model.authorization import Action, Role
from bot.features.access.model.session import Session
from bot.features.account_detail.model import Order
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.delivery.model import HOLD_RETAKEN, REHOLD_FAILED
from bot.features.holds.model import HoldAction, Outcome
from bot.features.holds.service.account_change import company_of_change
from bot.features.holds.service.change_hold import ChangeHold, HoldChange
from bot.features.holds.service.later import ActingLater, next_try
from bot.features.temporary_releases.model import (
    LOOK_EVERY,
    RetakenHold,
    Terms,
    TimedRelease,
    WaitingHold,
    described,
    due_at,
    hold_reason,
    is_entered,
    reason_before,
)
from storage.database import Database
from storage.queries.alerts import outbox
from storage.queries.connections import workspaces
from storage.queries.holds import temporary_releases as rows
from storage.tables.holds import CANCELLED, DONE, FAILED, WAITING, TemporaryRelease

_MOST_LISTED = 50
_MEANWHILE = "it was put on hold meanwhile"

log = structlog.get_logger(__name__)


class TemporaryReleases:
    """Releases accounts for a time. Without terms, a release is for good, and ends what waited for the account."""

    def __init__(
        self,
        *,
        database: Database,
        acting_later: ActingLater,
        connections: Connections,
        hold_changes: ChangeHold,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._acting_later = acting_later
        self._connections = connections
        self._hold_changes = hold_changes
        self._audit = audit
        self._clock = clock

    async def release(
        self, session: Session, change: HoldChange, terms: Terms | None, *, asked_by: str = ""
    ) -> TimedRelease:
        """Release the account as ChangeHold does, and keep when it is to be on hold again.

        An account that is off hold already gets the new terms; without terms, it stays off hold. Raises what
        `ChangeHold.change` raises, and BadQuestion for terms that are over.
        """
        self._hold_changes.may(session, HoldAction.RELEASE, card=change.company)
        sage = self._connections.company_for(session, action=Action.RELEASE)
        until = due_at(terms, session.now, session.policy) if terms is not None else None
        before, began, failed = await self._begin(session, sage, change, terms, until, asked_by)
        try:
            done = await self._hold_changes.change(session, change)
        except BaseException:
            await self._undo(session, before, began)
            raise
        # Where it isn't known, it may be off hold; where it was off hold for other terms, these are in their place.
        stands = done.outcome in {Outcome.DONE, Outcome.UNKNOWN}
        decided = before is not None or (failed and done.outcome is Outcome.ALREADY)
        if stands or (done.outcome is Outcome.ALREADY and decided):
            await self._settle(failed, by=session.user_id)
            return TimedRelease(done, terms, until, stays=terms is None and bool(decided))
        await self._undo(session, before, began)
        return TimedRelease(done)

    async def _begin(
        self,
        session: Session,
        sage: SageCompany,
        change: HoldChange,
        terms: Terms | None,
        until: datetime | None,
        asked_by: str,
    ) -> tuple[TemporaryRelease | None, TemporaryRelease | None, list[TemporaryRelease]]:
        """Write the terms before Sage is asked; return what waited before, what waits now, and what had failed."""
        # Write-ahead: a process that dies in between leaves a row that is looked at, and cancelled where it is on hold.
        customer: Customer | None = None
        orders: tuple[Order, ...] = ()
        if terms is not None:
            customer = await sage.client.customer_with_reason(change.customer_id)
            if customer is None:
                raise SageMissing("Sage 200 doesn't show that customer any more. Nothing was changed.")
            orders = (await _open_orders(sage, change.customer_id) or ()) if terms.order else ()
        async with self._database.transaction() as tx:
            company = await company_of_change(tx, sage)
            here: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": company.id}
            open_ = await rows.unsettled(tx, **here, customer_id=change.customer_id, limit=_MOST_LISTED)
            before = next((row for row in open_ if row.state == WAITING), None)
            failed = [row for row in open_ if row.state == FAILED]
            if before is not None:
                outcome = f"{session.user_id} chose another day" if terms is not None else f"{session.user_id} ended it"
                await self._end(tx, before, CANCELLED, outcome, by=session.user_id)
            if terms is None or customer is None or until is None:
                return before, None, failed
            named = next((order for order in orders if terms.order and order.is_called(terms.order)), None)
            held_for = customer.status_reason or ""
            if before is not None and not customer.on_hold:
                held_for = reason_before(before.reason)
            began = await rows.begin(
                tx,
                **here,
                customer_id=customer.id,
                reference=customer.reference,
                name=customer.name,
                agreed_by=session.user_id,
                agreed_name=session.asker.name,
                asked_by=asked_by or None,
                reason=hold_reason(held_for, terms),
                released_at=self._clock(),
                due_at=until,
                look_at=min(until, session.now + LOOK_EVERY) if terms.order else until,
                for_order=terms.order,
                order_id=named.id if named is not None else None,
                newest_order_id=max((order.id for order in orders), default=None),
            )
            line = f"{began.reference} {began.name}: {described(terms)}"
            record = AuditLine(
                session.now, session.user_id, "agree to a release for a time", line, "", until.isoformat()
            )
            await self._audit.record(tx, record, workspace_id=session.workspace_id)
        return before, began, failed

    async def _settle(self, failed: Sequence[TemporaryRelease], *, by: str) -> None:
        """End what could not be put on hold again: somebody has decided that the account stays off hold."""
        if not failed:
            return
        async with self._database.transaction() as tx:
            for row in failed:
                await self._end(tx, row, CANCELLED, f"{by} left it off hold", by=by)

    async def _undo(self, session: Session, before: TemporaryRelease | None, began: TemporaryRelease | None) -> None:
        """Take back the terms of a release that was not made."""
        async with self._database.transaction() as tx:
            if began is not None:
                await self._end(tx, began, CANCELLED, "the account was not released", by=session.user_id)
            if before is not None:
                await rows.restore(tx, workspace_id=session.workspace_id, release_id=before.id)

    async def waiting(self, session: Session) -> list[WaitingHold]:
        """Return the accounts of the session's company that are off hold for a time, for users who may decide."""
        if not session.may_unasked(Action.DECIDE_RELEASE, requested_by="-") or session.company_pk is None:
            return []
        async with self._database.reading() as tx:
            found = await rows.unsettled(
                tx, workspace_id=session.workspace_id, company_pk=session.company_pk, limit=_MOST_LISTED
            )
        return [
            WaitingHold(
                row.company_pk,
                row.customer_id,
                row.reference,
                row.name,
                row.agreed_by,
                row.due_at,
                row.for_order,
                _why_failed(row),
            )
            for row in found
        ]

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """Return (workspace, id) of the releases to look at now."""
        async with self._database.reading() as tx:
            return await rows.due(tx, now=self._clock(), limit=most)

    async def look(self, *, workspace_id: str, release_id: int) -> None:
        """Put the account on hold again if its time has come, as the person who agreed to it."""
        now = self._clock()
        async with self._database.reading() as tx:
            row = await rows.by_id(tx, workspace_id=workspace_id, release_id=release_id)
            if row is None or row.state != WAITING or row.look_at > now:
                return
            is_over = await rows.was_held_since(tx, row)
        if is_over:
            async with self._database.transaction() as tx:
                await self._end(tx, row, CANCELLED, _MEANWHILE, by="")
            return
        try:
            await self._look(row, now)
        except BotError as error:
            await self._failed(row, error, error.message, now)

    async def _look(self, row: TemporaryRelease, now: datetime) -> None:
        absent = await self._acting_later.session_of(
            row.agreed_by, workspace_id=row.workspace_id, company_pk=row.company_pk
        )
        session = replace(absent, asker=replace(absent.asker, name=row.agreed_name))
        if row.for_order and now < row.due_at:
            again = await self._not_before(session, row, now)
            if again is not None:
                async with self._database.transaction() as tx:
                    await rows.look_again(tx, workspace_id=row.workspace_id, release_id=row.id, at=again)
                return
        done = await self._hold_changes.change(session, HoldChange(HoldAction.HOLD, row.customer_id, row.reason))
        if done.outcome is Outcome.ALREADY:
            async with self._database.transaction() as tx:
                await self._end(tx, row, CANCELLED, _MEANWHILE, by="")
        elif done.outcome is Outcome.DONE:
            await self._done(row)
        else:
            await self._failed(row, None, "Sage 200 didn't say that it was done", now)

    async def _not_before(self, session: Session, row: TemporaryRelease, now: datetime) -> datetime | None:
        """Return when to look at the order again; None if it is through."""
        sage = self._connections.company_for(session, action=Action.HOLD)
        orders = await _open_orders(sage, row.customer_id)
        if orders is None:
            return row.due_at  # the time alone decides
        is_through = is_entered(row.for_order, row.order_id, row.newest_order_id, orders)
        return None if is_through else min(row.due_at, now + LOOK_EVERY)

    async def _done(self, row: TemporaryRelease) -> None:
        async with self._database.transaction() as tx:
            now = self._clock()
            if not await self._end(tx, row, DONE, "", by=row.agreed_by):
                return
            for user_id in sorted({row.agreed_by, row.asked_by or row.agreed_by}):
                await _tell(tx, row, user_id, HOLD_RETAKEN, "", now=now)

    async def _failed(self, row: TemporaryRelease, error: BotError | None, why: str, now: datetime) -> None:
        at = next_try(error, tries=row.tries, now=now)
        if at is None:
            return await self._give_up(row, why)
        log.info("an account could not be put on hold again yet", release=row.id)
        async with self._database.transaction() as tx:
            await rows.look_again(tx, workspace_id=row.workspace_id, release_id=row.id, at=at, failed=True)
        return None

    async def _give_up(self, row: TemporaryRelease, why: str) -> None:
        """Tell the person who agreed, and the admins of the app, that the account is still off hold."""
        async with self._database.transaction() as tx:
            now = self._clock()
            if not await self._end(tx, row, FAILED, why, by=row.agreed_by):
                return
            admins = await workspaces.with_role(tx, workspace_id=row.workspace_id, role=Role.ADMIN)
            for user_id in sorted({row.agreed_by, *admins}):
                await _tell(tx, row, user_id, REHOLD_FAILED, why, now=now)

    async def _end(self, tx: AsyncSession, row: TemporaryRelease, state: str, outcome: str, *, by: str) -> bool:
        now = self._clock()
        which: dict[str, Any] = {"workspace_id": row.workspace_id, "release_id": row.id}
        if not await rows.end(tx, **which, was=row.state, state=state, outcome=outcome, now=now):
            return False
        what = f"{row.reference} {row.name}"
        after = f"{state}: {outcome}".rstrip(": ")
        record = AuditLine(now, by, "end a release for a time", what, row.due_at.isoformat(), after)
        await self._audit.record(tx, record, workspace_id=row.workspace_id)
        return True


async def _open_orders(sage: SageCompany, customer_id: int) -> tuple[Order, ...] | None:
    """Return the open orders; None where this Sage 200 gives none to apps."""
    try:
        return (await sage.client.documents().open_orders(customer_id)).rows
    except (SageMissing, SageForbidden):
        return None


def _why_failed(row: TemporaryRelease) -> str:
    return row.outcome if row.state == FAILED else ""


async def _tell(tx: AsyncSession, row: TemporaryRelease, user_id: str, kind: str, why: str, *, now: datetime) -> None:
    facts = RetakenHold(row.id, row.reference, row.name, row.agreed_by, row.due_at, row.for_order, why).facts()
    await outbox.add_notice(
        tx,
        workspace_id=row.workspace_id,
        user_id=user_id,
        kind=kind,
        facts=facts,
        dedupe_key=f"temporary:{row.id}:{kind}:{user_id}",
        now=now,
        company_pk=row.company_pk,
    )
