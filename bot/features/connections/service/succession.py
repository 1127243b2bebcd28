"""Whose sign-in answers for a workspace next: handed over, taken over by a deputy, claimed; only with their consent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.connections.succession as rows
from bot.errors import BadQuestion, NoCompany, NotAllowed
from bot.features.access.model.authorization import Action, Asker, Membership, Role
from bot.features.access.model.session import Session
from bot.features.access.service.admins import Admins
from bot.features.access.service.appointments import NO_ROLE, appoint
from bot.features.access.service.recheck import recheck_admin
from bot.features.access.service.telling import tell, tell_admins
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.model import Dependants, Deputies
from bot.features.connections.service.connections import Connections
from bot.features.delivery.model import (
    CLAIM,
    DEPUTY_AGREED,
    DEPUTY_ENDED,
    DEPUTY_TOOK_OVER,
    HANDED_OVER,
    OFFER_REFUSED,
    ROLE_CHANGED,
)
from bot.features.installations.service.installations import Installations
from bot.features.tokens.service import sign_in_notices
from storage.database import Database
from storage.queries.access import roles
from storage.queries.alerts import outbox
from storage.queries.connections import connections, workspaces
from storage.tables.access import DEPUTY, DEPUTY_ASKED, HANDOVER_ASKED
from storage.tables.core import CONNECTED, Connection

OPEN_FOR = timedelta(days=7)
_ANSWERS = "whose sign-in answers for the workspace"
_DEPUTY = "the deputy of the workspace's sign-in"
_ABOUT = {HANDOVER_ASKED: _ANSWERS, DEPUTY_ASKED: _DEPUTY}
_FULL = {Membership.ADMIN, Membership.MEMBER}

log = structlog.get_logger(__name__)


class Succession:
    """Offers, their answers, deputies and claims. Each change is recorded, and the admins of the app are told."""

    def __init__(
        self,
        *,
        database: Database,
        audit: AuditLog,
        connections: Connections,
        admins: Admins,
        installations: Installations,
    ) -> None:
        self._database = database
        self._audit = audit
        self._connections = connections
        self._admins = admins
        self._installations = installations

    async def offer(self, session: Session, to: Asker, kind: str) -> None:
        """Ask a user to let their sign-in answer, now or as a deputy. An earlier offer of this kind is replaced.

        Nothing else changes before they accept. Raises NotAllowed or BadQuestion.
        """
        session.require(Action.SETTINGS)
        if not to.is_full_member:
            raise BadQuestion("Slack doesn't call them a full member of this workspace.", hint="")
        here = {"workspace_id": session.workspace_id}
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            named = await workspaces.workspace_connection(tx, **here)
            if named is not None and named.user_id == to.user_id and named.state == CONNECTED:
                raise BadQuestion("Their sign-in answers for the workspace already.", hint="")
            theirs = await connections.of_user(tx, **here, user_id=to.user_id)
            if theirs is None or theirs.state != CONNECTED or theirs.company_pk is None:
                raise BadQuestion("They haven't connected a Sage ID. Ask them to run `/sage connect` first.", hint="")
            until = session.now + OPEN_FOR
            before = await self._withdraw(tx, session, kind)
            await rows.put(
                tx, **here, kind=kind, user_id=to.user_id, asked_by=session.user_id, now=session.now, expires_at=until
            )
            facts = {"by": session.user_id, "who": to.user_id, "until": until.isoformat()}
            await tell(tx, session.workspace_id, session.now, kind, [to.user_id], facts)
            await self._audit.did(tx, session, "offer", _ABOUT[kind], (before, to.user_id))

    async def withdraw(self, session: Session, kind: str) -> bool:
        """Withdraw the open offer. Return False if there is none. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = await self._withdraw(tx, session, kind)
            if before:
                await self._audit.did(tx, session, "withdraw offer", _ABOUT[kind], (before, ""))
        return bool(before)

    async def _withdraw(self, tx: AsyncSession, session: Session, kind: str) -> str:
        """Delete the open offer, and what was still to be said of it. Return whose it was; empty if there was none."""
        row = await rows.of(tx, workspace_id=session.workspace_id, kind=kind, now=session.now)
        await rows.remove(tx, workspace_id=session.workspace_id, kind=kind)
        await outbox.call_off(tx, workspace_id=session.workspace_id, prefix=f"{kind}:", failure="withdrawn")
        return row.user_id if row is not None else ""

    async def refuse(self, session: Session, kind: str) -> None:
        """Turn an offer down. Raises BadQuestion if none is open."""
        async with self._database.transaction() as tx:
            offered = await self._offered(tx, session, kind)
            await rows.remove(tx, workspace_id=session.workspace_id, kind=kind)
            facts = {"who": session.user_id, "kind": kind}
            await tell(tx, session.workspace_id, session.now, OFFER_REFUSED, [offered], facts)
            await self._audit.did(tx, session, "refuse offer", _ABOUT[kind], (session.user_id, ""))

    async def accept(self, session: Session, kind: str) -> str:
        """Accept an offer: the sign-in answers for the workspace from now on, or its owner is the deputy.

        Return the name of its company. Sage is asked whether the sign-in opens it. Raises BadQuestion if no offer is
        open, NotAllowed, or what keeps Sage from answering.
        """
        if not session.asker.is_full_member:
            raise NotAllowed
        async with self._database.reading() as tx:
            await self._offered(tx, session, kind)
        company_name = await self._opens(session)
        here = {"workspace_id": session.workspace_id}
        async with self._database.transaction() as tx:
            await roles.lock(tx, **here)
            await self._offered(tx, session, kind)
            own = await connections.of_user(tx, **here, user_id=session.user_id)
            if own is None or own.state != CONNECTED or own.company_pk is None:
                raise NoCompany
            await rows.remove(tx, **here, kind=kind)
            if kind == HANDOVER_ASKED:
                await self._answer(tx, session, own, action="accept hand-over")
            else:
                await self._become_deputy(tx, session, own)
        log.info("an offer was accepted", workspace=session.workspace_id, kind=kind)
        return company_name

    async def _opens(self, session: Session) -> str:
        """Return the name of the company that the asker's sign-in has chosen and Sage opens. Raises NoCompany."""
        found = await self._connections.companies(session)
        chosen = found.chosen
        opened = {each.key for each in found.offered}
        if chosen is None or chosen.key not in opened or not session.may_answer_colleagues:
            raise NoCompany
        return chosen.company_name

    async def _offered(self, tx: AsyncSession, session: Session, kind: str) -> str:
        """Return who made the asker's open offer. Raises BadQuestion if there is none, or from no admin any more."""
        row = await rows.of(tx, workspace_id=session.workspace_id, kind=kind, now=session.now)
        people = await roles.people(tx, workspace_id=session.workspace_id)
        if row is None or row.user_id != session.user_id or people.get(row.asked_by) != Role.ADMIN:
            raise BadQuestion("That offer isn't open any more.", hint="An admin of this app can make a new one.")
        return row.asked_by

    async def _answer(self, tx: AsyncSession, session: Session, own: Connection, *, action: str) -> None:
        """Make this sign-in the workspace's, and tell everybody concerned."""
        here = {"workspace_id": session.workspace_id}
        before = await workspaces.workspace_connection(tx, **here)
        await workspaces.hand_over(tx, **here, connection_id=own.id)
        await rows.remove(tx, **here, kind=DEPUTY, user_id=session.user_id)
        was = before.user_id if before is not None else ""
        facts = {"by": session.user_id, "owner": session.user_id}
        former = [was] if was and was != session.user_id else []
        await tell(tx, session.workspace_id, session.now, HANDED_OVER, former, facts)
        await tell_admins(tx, session.workspace_id, session.now, HANDED_OVER, facts, but=[session.user_id, *former])
        await sign_in_notices.channels_back(tx, own, now=session.now)
        await self._audit.did(tx, session, action, _ANSWERS, (was or "nobody", session.user_id))

    async def hand_over_to_self(self, session: Session) -> str:
        """Let the asker's own sign-in answer for the workspace; return its company's name. Raises as `accept`."""
        session.require(Action.SETTINGS)
        company_name = await self._opens(session)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            own = await connections.of_user(tx, workspace_id=session.workspace_id, user_id=session.user_id)
            if own is None or own.state != CONNECTED or own.company_pk is None:
                raise NoCompany
            named = await workspaces.workspace_connection(tx, workspace_id=session.workspace_id)
            if named is None or named.id != own.id:
                await self._withdraw(tx, session, HANDOVER_ASKED)
                await self._answer(tx, session, own, action="hand over")
        return company_name

    async def _become_deputy(self, tx: AsyncSession, session: Session, own: Connection) -> None:
        here = {"workspace_id": session.workspace_id}
        named = await workspaces.workspace_connection(tx, **here)
        if named is None or named.company_pk != own.company_pk or named.id == own.id:
            raise BadQuestion(
                "A deputy's sign-in has to open the company that the workspace uses.",
                hint="Pick that company with `/sage company`, then accept again.",
            )
        before = await rows.of(tx, **here, kind=DEPUTY, now=session.now)
        await rows.put(
            tx,
            workspace_id=session.workspace_id,
            kind=DEPUTY,
            user_id=own.user_id,
            asked_by=session.user_id,
            now=session.now,
        )
        facts, but = {"who": session.user_id}, {session.user_id}
        await tell_admins(tx, session.workspace_id, session.now, DEPUTY_AGREED, facts, but=but)
        was = before.user_id if before is not None else "nobody"
        await self._audit.did(tx, session, "accept deputy", _DEPUTY, (was, session.user_id))

    async def deputies(self, session: Session) -> Deputies:
        """Return the deputy and the user who was asked. Raises NotAllowed."""
        here: dict[str, Any] = {"workspace_id": session.workspace_id, "now": session.now}
        async with self._database.reading() as tx:
            deputy = await rows.of(tx, **here, kind=DEPUTY)
            asked = await rows.of(tx, **here, kind=DEPUTY_ASKED)
        found = Deputies(deputy.user_id if deputy else "", asked.user_id if asked else "")
        if session.user_id not in {found.deputy, found.asked}:
            session.require(Action.SETTINGS)
        return found

    async def end_deputy(self, session: Session) -> bool:
        """End the deputy and what was asked: by an admin, or by the deputy themself. Return False if there was none.

        Raises NotAllowed.
        """
        found = await self.deputies(session)
        async with self._database.transaction() as tx:
            whose = None
            if session.may(Action.SETTINGS):
                await recheck_admin(tx, session)
                await self._withdraw(tx, session, DEPUTY_ASKED)
            else:
                whose = session.user_id
            ended = await rows.remove(tx, workspace_id=session.workspace_id, kind=DEPUTY, user_id=whose)
            if ended:
                facts = {"who": found.deputy, "by": session.user_id}
                if found.deputy != session.user_id:
                    await tell(tx, session.workspace_id, session.now, DEPUTY_ENDED, [found.deputy], facts)
                but = {session.user_id, found.deputy}
                await tell_admins(tx, session.workspace_id, session.now, DEPUTY_ENDED, facts, but=but)
                await self._audit.did(tx, session, "end deputy", _DEPUTY, (found.deputy, "nobody"))
        return ended

    async def due_take_overs(self, *, most: int) -> list[str]:
        """Return the workspaces whose sign-in doesn't serve while a deputy's could."""
        async with self._database.reading() as tx:
            return await rows.take_overs(tx, limit=most)

    async def take_over(self, workspace_id: str, *, now: datetime) -> bool:
        """Let the deputy's sign-in answer where the workspace's own doesn't serve. Return False if it can't."""
        bot = await self._installations.bot_of(workspace_id)
        async with self._database.reading() as tx:
            deputy = await rows.able_deputy(tx, workspace_id=workspace_id)
        if bot is None or deputy is None or not await self._admins.is_full_member(bot, deputy.user_id):
            return False
        async with self._database.transaction() as tx:
            await roles.lock(tx, workspace_id=workspace_id)
            named = await workspaces.workspace_connection(tx, workspace_id=workspace_id)
            able = await rows.able_deputy(tx, workspace_id=workspace_id)
            if named is None or named.state == CONNECTED or able is None or able.id != deputy.id:
                return False
            await workspaces.hand_over(tx, workspace_id=workspace_id, connection_id=able.id)
            await rows.remove(tx, workspace_id=workspace_id, kind=DEPUTY)
            admins = await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN)
            facts = {"who": able.user_id, "owner": named.user_id}
            told = dict.fromkeys([able.user_id, named.user_id, *admins])
            await tell(tx, workspace_id, now, DEPUTY_TOOK_OVER, told, facts)
            await sign_in_notices.channels_back(tx, able, now=now)
            line = AuditLine(now, "", "deputy takes over", _ANSWERS, named.user_id, able.user_id)
            await self._audit.record(tx, line, workspace_id=workspace_id)
        log.info("a deputy took over", workspace=workspace_id, connection=deputy.id)
        return True

    async def clear_away(self, *, now: datetime) -> int:
        """Delete the offers that have expired. Return how many."""
        async with self._database.transaction() as tx:
            return await rows.purge(tx, now=now)

    async def rests_on(self, session: Session) -> Dependants | None:
        """Return what the asker's sign-in answers, if it is the workspace's own and can still be disconnected."""
        shared = session.workspace_sign_in
        if shared is None or shared.owner != session.user_id or shared.state == "disconnected":
            return None
        async with self._database.reading() as tx:
            found = await rows.dependants(
                tx, workspace_id=session.workspace_id, owner=session.user_id, company_pk=shared.company_pk
            )
            deputy = await rows.able_deputy(tx, workspace_id=session.workspace_id)
        return Dependants(len(found.people), found.groups, found.subscriptions, deputy.user_id if deputy else "")

    async def claim(self, session: Session) -> None:
        """Make a Slack admin an admin of the app, where no admin of the app is a member of Slack any more.

        Raises NotAllowed, or BadQuestion while an admin is there or Slack can't say.
        """
        if session.asker.membership is not Membership.ADMIN:
            raise NotAllowed("Only an admin of this Slack workspace may claim the app.", hint="Ask one of them.")
        bot = await self._installations.bot_of(session.workspace_id)
        named = await self._admins.named(session.workspace_id)
        if bot is None or session.user_id in named or not await self._admins.are_gone(bot, named):
            raise BadQuestion(
                "The app can't be claimed: Slack says that an admin of it is still here.",
                hint="`/sage status` says whose sign-in answers; the admins are on the app's Home.",
            )
        here = {"workspace_id": session.workspace_id}
        async with self._database.transaction() as tx:
            await roles.lock(tx, **here)
            if set(await workspaces.with_role(tx, **here, role=Role.ADMIN)) != set(named):
                raise BadQuestion("Somebody else has become an admin of the app meanwhile.", hint="")
            people = await roles.people(tx, **here)
            facts = {
                "by": session.user_id,
                "who": session.user_id,
                "before": people.get(session.user_id, NO_ROLE),
                "after": Role.ADMIN.value,
                "how": CLAIM,
            }
            everybody = _others([*people, *await self._installer(tx, session)], session.user_id)
            await tell(tx, session.workspace_id, session.now, ROLE_CHANGED, everybody, facts)
            await appoint(tx, self._audit, session, {session.user_id: Role.ADMIN}, action=CLAIM)
        log.info("the app was claimed", workspace=session.workspace_id)

    async def _installer(self, tx: AsyncSession, session: Session) -> list[str]:
        workspace = await workspaces.by_id(tx, session.workspace_id)
        return [workspace.installed_by] if workspace is not None and workspace.installed_by else []


def _others(user_ids: Iterable[str], but: str) -> list[str]:
    return [each for each in dict.fromkeys(user_ids) if each != but]
