"""What Slack says of a place and of people, as a port."""

from __future__ import annotations

from typing import Protocol

from bot.errors import SlackPosting, TokensUnavailable
from bot.features.access.model.authorization import Membership
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot


class SlackDirectory(Protocol):
    """Whoever can ask Slack. Every call raises SlackPosting where Slack can't say."""

    async def channel_trouble(self, bot: Bot, channel_id: str) -> ChannelTrouble | None:
        """Why nothing may be posted in a channel; None when all is well."""
        ...

    async def membership(self, bot: Bot, user_id: str) -> Membership:
        """What somebody is in this workspace now."""
        ...

    async def groups(self, bot: Bot, *, team_id: str) -> dict[str, str]:
        """The workspace's user groups that aren't disabled, ids by handle in lower case."""
        ...

    async def group_members(self, bot: Bot, group_id: str, *, team_id: str) -> frozenset[str]:
        """Who is in a user group now, by user id; `team_id` is the group's. A disabled group is refused."""
        ...


def is_silence(error: Exception) -> bool:
    """Whether Slack said nothing, where a group that is gone or disabled is an answer."""
    if isinstance(error, SlackPosting):
        return error.in_doubt or error.why in {"ratelimited", "unreachable"}
    return isinstance(error, TimeoutError | TokensUnavailable)
