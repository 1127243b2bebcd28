"""Who somebody is to this app just now, what its admins chose, and where something would be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from cachetools import TTLCache
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import channel as channels
from bot.domain.customer_filter import Codes, codes_from
from bot.errors import BotError, NotAllowed, NotConnected, SlackPosting
from bot.features.access.model.authorization import (
    RANK,
    Action,
    Asker,
    Decision,
    Member,
    Membership,
    Policy,
    Role,
    Visibility,
    role_from,
    visibility_of,
)
from bot.features.access.model.commands import Permissions
from bot.features.access.model.rules import DECIDERS, decide, permissions_of
from bot.features.access.service.policy import policy_from
from bot.features.access.service.slack_directory import SlackDirectory, is_silence
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot, Installations
from storage import connections, roles, settings, targets, workspaces
from storage.database import Database
from storage.tables.access import GroupRole
from storage.tables.core import CONNECTED, DISCONNECTED

_FRESH = 180  # seconds that the members of a user group are good for
_MOST_TOLD = 30
_IN_TIME = 2.0  # seconds that Slack may take to say who is in one

log = structlog.get_logger(__name__)


class Authorizer:
    """Asked at every command, click, submission and sending; nothing of a person is kept but their user groups."""

    def __init__(
        self,
        *,
        database: Database,
        installations: Installations,
        slack_directory: SlackDirectory,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._installations = installations
        self._onlookers = slack_directory
        self._members: TTLCache[tuple[str, str], frozenset[str]] = TTLCache(
            maxsize=1_000, ttl=_FRESH, timer=lambda: clock().timestamp()
        )

    async def require(
        self, asker: Asker, action: Action, *, place: Visibility = Visibility.PRIVATE, requested_by: str = ""
    ) -> Decision:
        """The verdict where they may. Raises NotConnected where a sign-in of their own would do, else NotAllowed."""
        return require_allowed(await self.decide(asker, action, place=place, requested_by=requested_by))

    async def decide(
        self,
        asker: Asker,
        action: Action,
        *,
        place: Visibility = Visibility.PRIVATE,
        requested_by: str = "",
        surely: bool = False,
    ) -> Decision:
        """The verdict, whatever it is. `surely`: raises SlackPosting where Slack can't say who is in a user group."""
        policy = await self.policy(asker.workspace_id)
        return decide(await self.member(asker, surely=surely), action, place, policy, requested_by=requested_by)

    async def reach(self, asker: Asker) -> Permissions:
        """All that they may do, for those who ask what they can type."""
        return permissions_of(await self.member(asker), await self.policy(asker.workspace_id))

    async def member(self, asker: Asker, *, company_pk: int | None = None, surely: bool = False) -> Member:
        """Their role, sign-in and customers: in the company that answers them, unless another is named.

        Guests and strangers are members without anything, and nothing is asked for them.
        """
        if not asker.is_full_member:
            return Member(asker)
        async with self._database.reading() as tx:
            personal = await workspaces.role_of(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
            given = await roles.groups(tx, workspace_id=asker.workspace_id)
            signed_in, answers = await answering_company(tx, asker)
            mine = await codes_in(tx, asker, company_pk or answers)
        # A sign-in says nothing about another company than the one it was pointed at.
        has_own = signed_in and answers is not None and answers == (company_pk or answers)
        role = await self._highest(asker, role_from(personal), given, surely=surely)
        return Member(asker, role, has_own, mine)

    async def may_own(self, asker: Asker) -> bool:
        """Whether subscriptions for channels may be theirs. Raises SlackPosting where Slack can't say it just now."""
        async with self._database.reading() as tx:
            own = role_from(await workspaces.role_of(tx, workspace_id=asker.workspace_id, user_id=asker.user_id))
            given = await roles.groups(tx, workspace_id=asker.workspace_id)
        if decide(Member(asker, own), Action.SUBSCRIBE_CHANNEL, Visibility.STATUS).allowed:
            return True
        role = await self._highest(asker, own, given, surely=True)
        return decide(Member(asker, role), Action.SUBSCRIBE_CHANNEL, Visibility.STATUS).allowed

    async def role_by_groups(self, asker: Asker) -> Role | None:
        """The highest that their user groups give them, asked of Slack; none where Slack can't say."""
        async with self._database.reading() as tx:
            given = await roles.groups(tx, workspace_id=asker.workspace_id)
        return await self._highest(asker, None, given) if asker.is_full_member else None

    async def policy(self, workspace_id: str) -> Policy:
        """What the admins of the app chose, or the defaults."""
        async with self._database.reading() as tx:
            return policy_from(await settings.of_workspace(tx, workspace_id=workspace_id))

    async def place(self, workspace_id: str, channel_id: str) -> Visibility:
        """A channel as Slack has it just now, with the class it was given; the asker's own conversation is PRIVATE."""
        if channels.is_conversation(channel_id):
            return Visibility.PRIVATE
        try:
            bot = await self._installations.bot_of(workspace_id)
            trouble = (
                await self._onlookers.channel_trouble(bot, channel_id) if bot is not None else ChannelTrouble.UNCHECKED
            )
        except BotError as error:
            log.info("could not look at a channel", why=type(error).__name__)
            return Visibility.CLOSED
        async with self._database.reading() as tx:
            kept = await targets.figures_class(tx, workspace_id=workspace_id, channel_id=channel_id)
        return visibility_of(kept, is_open=trouble in {None, ChannelTrouble.NOT_IN})

    async def group_members(self, workspace_id: str, group_id: str, *, team_id: str) -> frozenset[str]:
        """Who is in a user group, asked afresh. Raises NotAllowed, SlackPosting, TokensUnavailable or TimeoutError."""
        bot = await self._installations.bot_of(workspace_id)
        if bot is None:
            raise NotAllowed
        found = await self._ask(bot, group_id, team_id)
        self._members[workspace_id, group_id] = found
        return found

    async def deciders(self, asker: Asker) -> frozenset[str]:
        """Every admin and controller of the asker's workspace who is a full member today, as far as Slack can say."""
        bot = await self._installations.bot_of(asker.workspace_id)
        if bot is None:
            raise NotAllowed
        async with self._database.reading() as tx:
            people = await roles.people(tx, workspace_id=asker.workspace_id)
            given = await roles.groups(tx, workspace_id=asker.workspace_id)
        found = {user_id for user_id, role in people.items() if role_from(role) in DECIDERS}
        for row in given:
            if role_from(row.role) in DECIDERS:
                found |= await self._members_of(row)
        standings = await asyncio.gather(*(self._standing(bot, user_id) for user_id in sorted(found)[:_MOST_TOLD]))
        return frozenset(user_id for user_id, full in standings if full)

    async def _standing(self, bot: Bot, user_id: str) -> tuple[str, bool]:
        try:
            return user_id, await self._onlookers.membership(bot, user_id) in {Membership.ADMIN, Membership.MEMBER}
        except BotError as error:
            log.warning("could not look somebody up", why=type(error).__name__)
            return user_id, False

    async def groups(self, asker: Asker) -> dict[str, str]:
        """The user groups of the asker's workspace, ids by handle. Raises as `group_members`."""
        bot = await self._installations.bot_of(asker.workspace_id)
        if bot is None:
            raise NotAllowed
        async with asyncio.timeout(_IN_TIME):
            return await self._onlookers.groups(bot, team_id=asker.team_id)

    async def _ask(self, bot: Bot, group_id: str, team_id: str) -> frozenset[str]:
        async with asyncio.timeout(_IN_TIME):
            return await self._onlookers.group_members(bot, group_id, team_id=team_id)

    async def _highest(
        self, asker: Asker, own: Role | None, given: Iterable[GroupRole], *, surely: bool = False
    ) -> Role | None:
        """Only groups that would raise them are asked about: Slack is not needed for what it could not change.

        Where Slack can't say a group gives nothing or, when it is to be known `surely`, SlackPosting is raised.
        """
        by_role: dict[Role, list[GroupRole]] = {}
        for row in given:
            role = role_from(row.role)
            if role is not None:
                by_role.setdefault(role, []).append(row)
        for role in RANK:
            if role is own:
                break
            found = await asyncio.gather(*(self._is_in(asker, row, surely=surely) for row in by_role.get(role, ())))
            if any(found):
                return role
        return own

    async def _is_in(self, asker: Asker, row: GroupRole, *, surely: bool = False) -> bool:
        return asker.user_id in await self._members_of(row, surely=surely)

    async def _members_of(self, row: GroupRole, *, surely: bool = False) -> frozenset[str]:
        """Nobody where Slack can't say; raises SlackPosting then, where it must be sure."""
        known = self._members.get((row.workspace_id, row.group_id))
        if known is None:
            try:
                known = await self.group_members(row.workspace_id, row.group_id, team_id=row.team_id)
            except (BotError, TimeoutError) as error:
                log.warning("could not ask who is in a user group", why=type(error).__name__)
                if surely and is_silence(error):
                    raise SlackPosting("unreachable") from None
                return frozenset()
        return known


def require_allowed(decision: Decision) -> Decision:
    """The verdict where it allows. Raises NotConnected where a sign-in of their own would do, else NotAllowed."""
    if decision.allowed:
        return decision
    if decision.connects:
        error = NotConnected(decision.why)
        error.hint = decision.hint
        raise error
    raise NotAllowed(decision.why, hint=decision.hint)


async def codes_in(tx: AsyncSession, asker: Asker, company_pk: int | None) -> tuple[Codes, ...]:
    """The analysis codes of somebody's own customers, as an admin set them."""
    if company_pk is None:
        return ()
    whose = {"workspace_id": asker.workspace_id, "user_id": asker.user_id}
    kept = await roles.codes_of(tx, company_pk=company_pk, **whose)
    return codes_from(kept.get(asker.user_id, {}))


async def answering_company(tx: AsyncSession, asker: Asker) -> tuple[bool, int | None]:
    """Whether a live sign-in of their own answers them, and the company that does, theirs or the workspace's."""
    own = await connections.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
    if own is not None and own.state != DISCONNECTED:
        return own.state == CONNECTED, own.company_pk
    workspace = await workspaces.by_id(tx, asker.workspace_id)
    shared_id = workspace.workspace_connection_id if workspace is not None else None
    if shared_id is None:
        return False, None
    shared = await connections.by_id(tx, workspace_id=asker.workspace_id, connection_id=shared_id)
    return False, shared.company_pk if shared is not None else None
