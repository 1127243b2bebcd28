"""Giving roles and customers, and taking them away: admins of the app only, and never the last of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.domain import customer_filter as filters
from bot.domain.customer_filter import Codes, codes_from
from bot.errors import BadQuestion, BotError
from bot.features.access.model.authorization import AccessChange, Action, Asker, Membership, Role, RoleOverview
from bot.features.access.service.admin_lock import recheck_admin
from bot.features.access.service.authorizer import Authorizer
from bot.features.admin.model import role_command as role_words
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import vocabulary_for
from bot.features.customers.service.lookup import Customers
from storage import roles as rows
from storage import workspaces
from storage.database import Database

NONE = "none"
_WHY_NOT = {
    Membership.GUEST: "They are a guest in this workspace, and guests can't be given a role.",
    Membership.STRANGER: "They are from another company, and can't be given a role.",
    Membership.UNKNOWN: (
        "I couldn't confirm that they are a full member of this workspace: no bot or guest gets a role."
    ),
}

log = structlog.get_logger(__name__)


class Roles:
    """Every change says what it was before."""

    def __init__(
        self, *, database: Database, access: Authorizer, connections: Connections, customers: Customers, audit: AuditLog
    ) -> None:
        self._database = database
        self._access = access
        self._connections = connections
        self._customers = customers
        self._audit = audit

    async def overview(self, asker: Asker) -> RoleOverview:
        """Who has which role, and whose customers are whose in the asker's company. Raises NotAllowed."""
        await self._access.require(asker, Action.SETTINGS)
        async with self._database.reading() as tx:
            people = await rows.people(tx, workspace_id=asker.workspace_id)
            groups = {row.group_id: row.role for row in await rows.groups(tx, workspace_id=asker.workspace_id)}
        try:
            words = await vocabulary_for(self._database, self._connections, self._customers, asker)
        except BotError:
            return RoleOverview(people, groups)  # roles are shown all the same: they may be what is wrong
        async with self._database.reading() as tx:
            kept = await rows.codes_of(tx, workspace_id=asker.workspace_id, company_pk=words.company_pk)
        customers = {user: _described(codes_from(codes), words.labels) for user, codes in kept.items()}
        return RoleOverview(people, groups, customers, words.company_name)

    async def give(self, asker: Asker, to: Asker, role: Role | None, *, now: datetime) -> AccessChange:
        """Give a person a role in place of theirs, or take it away. Raises NotAllowed or BadQuestion."""
        await self._access.require(asker, Action.SETTINGS)
        if role is not None and to.membership in _WHY_NOT:
            raise BadQuestion(_WHY_NOT[to.membership], hint="")
        by_groups = await self._access.role_by_groups(asker)
        async with self._database.transaction() as tx:
            people = await recheck_admin(tx, asker, by_groups)
            before = people.get(to.user_id)
            _keep_an_admin(people, to.user_id, role)
            whom = {"workspace_id": asker.workspace_id, "user_id": to.user_id}
            if role is None:
                await rows.withdraw(tx, **whom)
            else:
                await workspaces.grant(tx, **whom, role=role.value, granted_by=asker.user_id, now=now)
            made = AccessChange("role", to.user_id, before or NONE, role.value if role else NONE)
            await self._audit.changed(tx, asker, made, now=now)
        log.info("a role was changed", workspace=asker.workspace_id, before=before or NONE, after=role or NONE)
        return made

    async def give_group(self, asker: Asker, group_id: str, role: Role | None, *, now: datetime) -> AccessChange:
        """The same for a user group of Slack's, which must be one that Slack lets us see. Raises as `give`.

        No group is an admin: whoever may edit it in Slack could make themselves one.
        """
        await self._access.require(asker, Action.SETTINGS)
        if role is Role.ADMIN:
            raise BadQuestion(
                "A user group can't be an admin of this app: whoever edits it in Slack could make themselves one.",
                hint="Name the people, as in `/sage roles @ANNA admin`. A group can be `controller` or `sales`.",
            )
        count = await self._count(asker, group_id) if role is not None else 0
        by_groups = await self._access.role_by_groups(asker)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, asker, by_groups)
            found = await rows.groups(tx, workspace_id=asker.workspace_id)
            before = next((row.role for row in found if row.group_id == group_id), None)
            which = {"workspace_id": asker.workspace_id, "group_id": group_id}
            if role is None:
                await rows.withdraw_group(tx, **which)
            else:
                given = {"team_id": asker.team_id, "role": role.value, "granted_by": asker.user_id}
                await rows.grant_group(tx, **which, **given, now=now)
            made = AccessChange("group", group_id, before or NONE, role.value if role else NONE, count=count)
            await self._audit.changed(tx, asker, made, now=now)
        log.info("a group's role was changed", workspace=asker.workspace_id, before=before or NONE, after=role or NONE)
        return made

    async def group_called(self, asker: Asker, handle: str) -> str | None:
        """The id of the user group of this handle; None where there is none, or Slack can't say. Raises NotAllowed."""
        return (await self.groups(asker)).get(handle.casefold())

    async def groups(self, asker: Asker) -> dict[str, str]:
        """The user groups that a role can be given to, ids by handle; none where Slack can't say. Raises NotAllowed."""
        await self._access.require(asker, Action.SETTINGS)
        try:
            return await self._access.groups(asker)
        except (BotError, TimeoutError) as error:
            log.warning("could not ask for the user groups", why=type(error).__name__)
            return {}

    async def labels(self, asker: Asker) -> Mapping[int, str]:
        """What the asker's company calls its analysis codes. Raises NotAllowed, or what bars from Sage."""
        await self._access.require(asker, Action.SETTINGS)
        return (await vocabulary_for(self._database, self._connections, self._customers, asker)).labels

    async def give_customers(self, asker: Asker, to: Asker, words: str, *, now: datetime) -> AccessChange:
        """Say which customers are a person's own, in the asker's company. Raises as `give`, or what bars from Sage."""
        await self._access.require(asker, Action.SETTINGS)
        known = await vocabulary_for(self._database, self._connections, self._customers, asker)
        codes = role_words.codes(words, known.labels, known.values) if words else ()
        if not words:
            raise BadQuestion("Which customers?", offered=known.labels.values(), hint=role_words.EXAMPLE)
        if codes and to.membership in _WHY_NOT:
            raise BadQuestion(_WHY_NOT[to.membership], hint="")
        whose = {"workspace_id": asker.workspace_id, "user_id": to.user_id}
        by_groups = await self._access.role_by_groups(asker)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, asker, by_groups)
            kept = await rows.codes_of(tx, company_pk=known.company_pk, **whose)
            before = codes_from(kept.get(to.user_id, {}))
            chosen = {each.slot: each.values for each in codes}
            await rows.set_codes(tx, company_pk=known.company_pk, codes=chosen, set_by=asker.user_id, now=now, **whose)
            undo = filters.filter_as_typed(role_words.describe_codes(before), known.labels) if before else NONE
            said = (_described(before, known.labels), _described(codes, known.labels))
            made = AccessChange("customers", to.user_id, *said, undo=undo, company_name=known.company_name)
            await self._audit.changed(tx, asker, made, now=now)
        log.info("somebody's customers were changed", workspace=asker.workspace_id, codes=len(codes))
        return made

    async def _count(self, asker: Asker, group_id: str) -> int:
        try:
            members = await self._access.group_members(asker.workspace_id, group_id, team_id=asker.team_id)
        except (BotError, TimeoutError) as error:
            log.warning("could not ask who is in a user group", why=type(error).__name__)
            raise BadQuestion(
                "Slack doesn't let me see who is in that user group.",
                hint="Check that it exists and isn't disabled. If the app was installed before it could use user "
                "groups, an admin of Slack has to install it again.",
            ) from None
        return len(members)


def _keep_an_admin(people: dict[str, str], user_id: str, role: Role | None) -> None:
    """Groups don't count: whoever manages them in Slack could empty them and leave nobody."""
    admins = {each for each, held in people.items() if held == Role.ADMIN}
    if admins == {user_id} and role is not Role.ADMIN:
        raise BadQuestion(
            "That is the last admin of this app, and there must be one.",
            hint="Make another person an admin first: `/sage roles @ANNA admin`.",
        )


def _described(codes: tuple[Codes, ...], labels: Mapping[int, str]) -> str:
    return filters.describe_filter(role_words.describe_codes(codes), labels) if codes else NONE
