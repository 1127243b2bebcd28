"""Looking again, just before something is told, whether whoever it was written for may still know it."""

from __future__ import annotations

from dataclasses import replace

from bot.features.access.model.authorization import Action
from bot.features.access.service.absent_member import AbsentMember
from bot.features.delivery.model import RELEASE_ANSWERED, RELEASE_ASKED, RELEASE_HIDDEN, RELEASE_SHOWN, NoticeKind
from bot.features.installations.service.installations import Bot

_NEEDS = {
    RELEASE_ASKED: Action.DECIDE_RELEASE,
    RELEASE_SHOWN: Action.DECIDE_RELEASE,
    RELEASE_ANSWERED: Action.REQUEST_RELEASE,
}


class RecipientRecheck:
    """Requests for a release name a customer and a reason. What is told of sign-ins and the like always is."""

    def __init__(self, absent_member: AbsentMember) -> None:
        self._still_may = absent_member

    async def of(self, bot: Bot, telling: NoticeKind) -> NoticeKind | None:
        """What they are told of it today; None: nothing. Raises SlackPosting where Slack can't say it just now."""
        action = _NEEDS.get(telling.kind)
        of = telling.facts.get("asked_by", "")
        if action is None or await self._still_may.do(bot, telling.user_id, action, requested_by=of):
            return telling
        # What stands there already would stay, with its buttons.
        return replace(telling, kind=RELEASE_HIDDEN, facts={}) if telling.place is not None else None
