"""Whether somebody who isn't here may do something today: asked of Slack about that one person, and never guessed."""

from __future__ import annotations

from bot.errors import SlackPosting
from bot.features.access.model.authorization import Action, Asker
from bot.features.access.service.authorizer import Authorizer
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot


class AbsentMember:
    """For what was written down or agreed to earlier, in the name of somebody whose place may be another today."""

    def __init__(self, *, access: Authorizer, slack_directory: SlackDirectory) -> None:
        self._access = access
        self._onlookers = slack_directory

    async def do(self, bot: Bot, user_id: str, action: Action, *, requested_by: str = "") -> bool:
        """Raises SlackPosting or TokensUnavailable where Slack can't say who they are just now."""
        try:
            membership = await self._onlookers.membership(bot, user_id)
        except SlackPosting as error:
            if error.trouble == ChannelTrouble.LEFT:
                return False
            raise
        asker = Asker(bot.workspace_id, bot.name, bot.slack_id, user_id, "", membership)
        return (await self._access.decide(asker, action, requested_by=requested_by, surely=True)).allowed
