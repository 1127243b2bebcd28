"""Looking again, just before something is told, whether whoever it was written for may still know it."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.access import Action, Asker
from bot.domain.news import Trouble
from bot.domain.notices import RELEASE_ANSWERED, RELEASE_ASKED, RELEASE_HIDDEN, RELEASE_SHOWN, Telling
from bot.errors import SlackPosting
from bot.services.access import Access
from bot.services.installations import Bot
from bot.services.onlookers import Onlookers

_NEEDS = {
    RELEASE_ASKED: Action.DECIDE_RELEASE,
    RELEASE_SHOWN: Action.DECIDE_RELEASE,
    RELEASE_ANSWERED: Action.REQUEST_RELEASE,
}


class StillTold:
    """Requests for a release name a customer and a reason. What is told of sign-ins and the like always is."""

    def __init__(self, *, access: Access, onlookers: Onlookers) -> None:
        self._access = access
        self._onlookers = onlookers

    async def of(self, bot: Bot, telling: Telling) -> Telling | None:
        """What they are told of it today; None: nothing. Raises SlackPosting where Slack can't say it just now."""
        action = _NEEDS.get(telling.kind)
        if action is None or await self._may(bot, telling, action):
            return telling
        # What stands there already would stay, with its buttons.
        return replace(telling, kind=RELEASE_HIDDEN, facts={}) if telling.place is not None else None

    async def _may(self, bot: Bot, telling: Telling, action: Action) -> bool:
        try:
            standing = await self._onlookers.standing(bot, telling.user_id)
        except SlackPosting as error:
            if error.trouble == Trouble.LEFT:
                return False
            raise
        asker = Asker(bot.workspace_id, bot.name, bot.slack_id, telling.user_id, "", standing)
        of = telling.facts.get("asked_by", "")
        return (await self._access.decide(asker, action, requested_by=of, surely=True)).allowed
