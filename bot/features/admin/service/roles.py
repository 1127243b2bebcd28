"""Giving and removing roles and own customers: by admins of the app only, and never the last admin's role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import structlog

from bot.domain.filters.customer_filter import codes_from
from bot.domain.filters.filter_examples import examples_of
from bot.errors import BadQuestion, BotError, SlackPosting, allow
from bot.features.access.model.authorization import (
    AccessChange,
    Action,
    Asker,
    Membership,
    Role,
    RoleOverview,
    role_from,
    roles_above,
)
from bot.features.access.model.session import Session
from bot.features.access.service import own_alerts
from bot.features.access.service.appointments import NO_ROLE as NONE
from bot.features.access.service.appointments import appoint
from bot.features.access.service.recheck import recheck_admin
from bot.features.access.service.telling import tell, tell_admins
from bot.features.access.service.user_groups import UserGroups
from bot.features.admin.model import role_command as role_words
from bot.features.admin.service.own_customers import assign, described
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import FilterVocabulary, vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.delivery.model import OWN_ROLE_CHANGED, ROLE_CHANGED, ROLE_GIVEN
from storage.database import Database
from storage.queries.access import roles as rows

_WHY_NOT = {
    Membership.GUEST: "They are a guest in this workspace, and guests can't be given a role.",
    Membership.STRANGER: "They are from another company, and can't be given a role.",
    Membership.UNKNOWN: (
        "Slack doesn't say that they are a full member of this workspace: no bot or guest gets a role."
    ),
}

MOST_TOLD = 100
"""Members of a user group who each get a message of its role."""

log = structlog.get_logger(__name__)


class Roles:
    """Reads and changes the roles and own customers of a workspace. Each change is audited with its old value."""

    def __init__(
        self,
        *,
        database: Database,
        user_groups: UserGroups,
        connections: Connections,
        customers: Customers,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._user_groups = user_groups
        self._connections = connections
        self._customers = customers
        self._audit = audit

    async def overview(self, session: Session) -> RoleOverview:
        """Return all roles, and each user's own customers in the asker's company. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        async with self._database.reading() as tx:
            people = await rows.people(tx, workspace_id=session.workspace_id)
            groups = {row.group_id: row.role for row in await rows.groups(tx, workspace_id=session.workspace_id)}
        try:
            words = await self._vocabulary(session)
        except BotError:
            return RoleOverview(people, groups)  # shown all the same: a wrong role may be the cause
        async with self._database.reading() as tx:
            stored = await rows.codes_of(tx, workspace_id=session.workspace_id, company_pk=words.company_pk)
        customers = {user: described(codes_from(codes), words.labels) for user, codes in stored.items()}
        return RoleOverview(people, groups, customers, words.company_name)

    async def give(self, session: Session, to: Asker, role: Role | None) -> AccessChange:
        """Replace a user's role, or remove it with None. Raises NotAllowed or BadQuestion."""
        session.require(Action.SETTINGS)
        if role is not None and to.membership in _WHY_NOT:
            raise BadQuestion(_WHY_NOT[to.membership], hint="")
        async with self._database.transaction() as tx:
            people = await recheck_admin(tx, session)
            before = people.get(to.user_id)
            _keep_an_admin(people, to.user_id, role)
            await appoint(tx, self._audit, session, {to.user_id: role})
            made = AccessChange("role", to.user_id, before or NONE, role.value if role else NONE)
        if made.is_news:
            log.info("a role was changed", workspace=session.workspace_id, before=before or NONE, after=role or NONE)
        return made

    async def give_group(self, session: Session, group_id: str, role: Role | None) -> AccessChange:
        """Replace a user group's role, or remove it with None. Raises as `give`, also if Slack hides the group."""
        session.require(Action.SETTINGS)
        # Anybody who may edit the group in Slack could join it and become an admin.
        if role is Role.ADMIN:
            raise BadQuestion(
                "A user group can't be an admin of this app: anybody who edits it in Slack could make themselves one.",
                hint=(
                    "Name the people, such as `/sage roles @ANNA admin`. "
                    "A group can be `controller`, `sales` or `viewer`."
                ),
            )
        members = await self._members(session, group_id, surely=role is not None)
        async with self._database.transaction() as tx:
            people = await recheck_admin(tx, session)
            found = await rows.groups(tx, workspace_id=session.workspace_id)
            before = next((row.role for row in found if row.group_id == group_id), None)
            which = {"workspace_id": session.workspace_id, "group_id": group_id}
            if role is None:
                await rows.withdraw_group(tx, **which)
            else:
                given = {"team_id": session.asker.team_id, "role": role.value, "granted_by": session.user_id}
                await rows.grant_group(tx, **which, **given, now=session.now)
            made = AccessChange("group", group_id, before or NONE, role.value if role else NONE, count=len(members))
            if made.is_news:
                facts = {"by": session.user_id, "who": group_id, "before": made.before, "after": made.after, "how": ""}
                told = to_tell(members - {session.user_id}, people, role_from(made.before, made.after))
                await tell(tx, session.workspace_id, session.now, _kind(made), told, facts)
                made = replace(made, told=len(told))
                if role is not None:
                    await own_alerts.follow(tx, self._audit, session, told)
                await tell_admins(tx, session.workspace_id, session.now, ROLE_CHANGED, facts, but=[session.user_id])
            await self._audit.changed(tx, session, made)
        if made.is_news:
            log.info(
                "a group's role was changed", workspace=session.workspace_id, before=before or NONE, after=role or NONE
            )
        return made

    async def group_called(self, session: Session, handle: str) -> str | None:
        """Return the id of the user group with this handle; None if none or Slack can't say. Raises NotAllowed."""
        return (await self.groups(session)).get(handle.casefold())

    async def groups(self, session: Session) -> dict[str, str]:
        """Return the user groups that can get a role, ids by handle; none if Slack can't say. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        try:
            return await self._user_groups.ids_by_handle(session.workspace_id, team_id=session.asker.team_id)
        except (BotError, TimeoutError) as error:
            log.warning("could not ask for the user groups", why=type(error).__name__)
            return {}

    async def labels(self, session: Session) -> Mapping[int, str]:
        """Return what the asker's company calls its analysis codes. Raises NotAllowed, or what keeps Sage away."""
        session.require(Action.SETTINGS)
        return (await self._vocabulary(session)).labels

    async def give_customers(self, session: Session, to: Asker, words: str) -> AccessChange:
        """Set a user's own customers in the asker's company. Raises as `give`, or what keeps Sage from answering."""
        session.require(Action.SETTINGS)
        known = await self._vocabulary(session)
        codes = role_words.codes(words, known.labels, known.values) if words else ()
        if not words:
            hint = f"Try `/sage roles @ben customers {examples_of(known.labels, known.values).condition}`."
            raise BadQuestion("Which customers?", offered=known.labels.values(), hint=hint)
        if codes and to.membership in _WHY_NOT:
            raise BadQuestion(_WHY_NOT[to.membership], hint="")
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            [made] = await assign(tx, self._audit, session, {to.user_id: codes}, known)
        if made.is_news:
            log.info("somebody's customers were changed", workspace=session.workspace_id, codes=len(codes))
        return made

    async def _vocabulary(self, session: Session) -> FilterVocabulary:
        return await vocabulary_for(self._database, self._customers, self._connections.company_for(session))

    async def _members(self, session: Session, group_id: str, *, surely: bool) -> frozenset[str]:
        """Return the user ids in the group. Raises BadQuestion with `surely`; else nobody is in it if Slack is mute."""
        try:
            return await self._user_groups.ask_members(session.workspace_id, group_id, team_id=session.asker.team_id)
        except (BotError, TimeoutError) as error:
            log.warning("could not ask who is in a user group", why=type(error).__name__)
            if not surely:
                return frozenset()
            is_lacking = isinstance(error, SlackPosting) and error.why == "missing_scope"
            hint = allow("usergroups:read") if is_lacking else "Check that it exists and isn't disabled."
            raise BadQuestion("Slack doesn't say who is in that user group.", hint=hint) from None


def to_tell(members: Iterable[str], people: Mapping[str, str], role: Role | None) -> list[str]:
    """Return the members of a user group for whom its role counts: their own is lower, or they have none.

    None where these are too many: a group of half the company is told by the admin who gave it the role.
    """
    counts = [each for each in members if role in roles_above(role_from(people.get(each)))]
    return sorted(counts) if len(counts) <= MOST_TOLD else []


def _kind(made: AccessChange) -> str:
    return ROLE_GIVEN if made.before == NONE else OWN_ROLE_CHANGED


def _keep_an_admin(people: dict[str, str], user_id: str, role: Role | None) -> None:
    """Raise BadQuestion if this would remove the last admin."""
    # Groups don't count: who manages them in Slack could empty them and leave no admin.
    admins = {each for each, held in people.items() if held == Role.ADMIN}
    if admins == {user_id} and role is not Role.ADMIN:
        raise BadQuestion(
            "That is the last admin of this app, and there must be one.",
            hint="Make another person an admin first: `/sage roles @ANNA admin`.",
        )
