"""The port to Slack's directory of channels, users and user groups."""

from __future__ import annotations

from typing import Protocol

from bot.errors import BotError
from bot.features.access.model.authorization import Membership
from bot.features.access.model.member_list import MemberList
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot


class SlackDirectory(Protocol):
    """Asks Slack about channels, users and user groups. Every call raises SlackPosting if Slack can't say."""

    async def channel_trouble(self, bot: Bot, channel_id: str) -> ChannelTrouble | None:
        """Return why nothing may be posted in a channel; None if all is well."""
        ...

    async def membership(self, bot: Bot, user_id: str) -> Membership:
        """Return the user's membership in this workspace now."""
        ...

    async def name(self, bot: Bot, user_id: str) -> str:
        """Return the user's display name; empty if there is none."""
        ...

    async def has_left(self, bot: Bot, user_id: str) -> bool:
        """Return whether Slack says that this user's account was deactivated."""
        ...

    async def members(self, bot: Bot, *, team_id: str) -> MemberList:
        """Return the people of a workspace, the first ten thousand."""
        ...

    async def groups(self, bot: Bot, *, team_id: str) -> dict[str, str]:
        """Return the workspace's user groups that aren't disabled: ids by handle in lower case."""
        ...

    async def group_members(self, bot: Bot, group_id: str, *, team_id: str) -> frozenset[str]:
        """Return the user ids in a user group; `team_id` is the group's. Raises SlackPosting for a disabled group."""
        ...


def is_silence(error: Exception) -> bool:
    """Return whether Slack gave no answer; a group that is gone or disabled is an answer."""
    return error.is_outage if isinstance(error, BotError) else isinstance(error, TimeoutError)
