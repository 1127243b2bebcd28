"""Asking for access, and deciding it: once, by an admin of the app as of the press."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import BadQuestion, TooMany
from bot.features.access.model.access_request import (
    AGAIN_AFTER,
    ASKED_FOR,
    LONGEST_REASON,
    AccessAsked,
    AccessRequest,
)
from bot.features.access.model.authorization import Action, Asker, Role
from bot.features.access.model.session import Session
from bot.features.access.service import access_notices as notices
from bot.features.access.service.appointments import appoint
from bot.features.access.service.recheck import recheck_admin
from bot.features.audit.service.log import AuditLog
from storage.database import Database
from storage.queries.access import access_requests as rows
from storage.queries.access import roles
from storage.queries.connections import workspaces
from storage.tables.access import AccessRequestRow

log = structlog.get_logger(__name__)


class AccessRequests:
    """Requests for access. All of it happens under the lock on the workspace's roles."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def ask(self, session: Session, reason: str) -> AccessAsked:
        """Ask the admins for a role; a request that is open already stays as it is. Raises BadQuestion, TooMany."""
        reason = " ".join(reason.split())
        if len(reason) > LONGEST_REASON:
            raise BadQuestion(f"At most {LONGEST_REASON} characters, please.", hint="")
        if session.role is not None:
            raise BadQuestion(
                f"You have a role in this app already: {session.role.value}.",
                hint="An admin of this app can change it.",
            )
        whose = {"workspace_id": session.workspace_id, "asked_by": session.user_id}
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=session.workspace_id)
            admins = await workspaces.with_role(tx, workspace_id=session.workspace_id, role=Role.ADMIN)
            if not admins:
                raise BadQuestion(
                    "There is no admin of this app to ask.",
                    hint="Connect your own Sage ID with `/sage connect`. A Slack admin can become one: `/sage claim`.",
                )
            last = await rows.last_of(tx, **whose)
            if last is not None and last.state == rows.OPEN:
                if session.now - last.asked_at < ASKED_FOR:
                    return AccessAsked(notices.request_of(last), is_new=False, admins=len(admins))
                await notices.close(tx, last, state=rows.EXPIRED, decided_by="", now=session.now)
            _refuse_so_soon(last, session)
            row = await rows.ask(tx, **whose, reason=reason, now=session.now)
            await notices.asked(tx, row, admins, now=session.now)
            await self._audit.did(tx, session, "ask for access", reason, ("", rows.OPEN))
        log.info("access was asked for", workspace=session.workspace_id, admins=len(admins))
        return AccessAsked(notices.request_of(row), is_new=True, admins=len(admins))

    async def request(self, session: Session, number: int) -> AccessRequest:
        """Return a request, for who may decide it. Raises NotAllowed or BadQuestion."""
        session.require(Action.SETTINGS)
        async with self._database.reading() as tx:
            return notices.request_of(await _row(tx, session, number))

    async def decide(self, session: Session, number: int, to: Asker, role: Role | None) -> AccessRequest:
        """Give the asker, as Slack has them now, the role or, with None, say no. Return the request as it stands.

        A request that is closed stays as it was decided first. Raises NotAllowed or BadQuestion.
        """
        session.require(Action.SETTINGS)
        if role is not None and not to.is_full_member:
            raise BadQuestion("They aren't a full member of this workspace, so they can't be given a role.", hint="")
        async with self._database.transaction() as tx:
            people = await recheck_admin(tx, session)
            row = await _row(tx, session, number)
            if row.state != rows.OPEN or row.asked_by != to.user_id:
                return notices.request_of(row)
            if role is None:
                closed = await notices.close(tx, row, state=rows.REFUSED, decided_by=session.user_id, now=session.now)
                await self._audit.did(tx, session, "refuse access", row.asked_by, (rows.OPEN, rows.REFUSED))
            else:
                # The admins have a message of this already, which shows the outcome.
                admins = frozenset(each for each, held in people.items() if held == Role.ADMIN)
                await appoint(tx, self._audit, session, {row.asked_by: role}, but=admins)
                closed = None
            return closed or notices.request_of(await _row(tx, session, number))


def _refuse_so_soon(last: AccessRequestRow | None, session: Session) -> None:
    """Raise TooMany within a day of a no."""
    if last is None or last.state != rows.REFUSED or last.decided_at is None:
        return
    if session.now - last.decided_at < AGAIN_AFTER:
        raise TooMany("An admin of this app has just said no.", hint="You can ask again tomorrow.")


async def _row(tx: AsyncSession, session: Session, number: int) -> AccessRequestRow:
    row = await rows.by_id(tx, workspace_id=session.workspace_id, request_id=number)
    if row is None:
        raise BadQuestion("That request isn't there any more.", hint="`/sage roles @PERSON sales` gives a role.")
    return row
