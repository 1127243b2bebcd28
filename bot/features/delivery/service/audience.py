"""Who would read it: asked when a message is about to be sent, and refused when it can't be known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cachetools import TTLCache

from bot.errors import SlackPosting
from bot.features.access.model.authorization import (
    Action,
    Asker,
    Decision,
    Membership,
    Visibility,
    shown_in,
    visibility_of,
)
from bot.features.access.model.rules import decide
from bot.features.access.service.authorizer import Authorizer
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot
from storage import targets
from storage.database import Database

_FRESH, _LAST_RESORT = 5, 60  # seconds

_FULL_MEMBERS = {Membership.ADMIN, Membership.MEMBER}


class Audience:
    """How much a target is shown now. Slack's word is asked for every message, and good for a few seconds."""

    def __init__(
        self, *, database: Database, access: Authorizer, slack_directory: SlackDirectory, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._access = access
        self._onlookers = slack_directory
        self._clock = clock
        self._well: TTLCache[tuple[str, str], float] = TTLCache(
            maxsize=5_000, ttl=_LAST_RESORT, timer=lambda: clock().timestamp()
        )

    async def of(
        self, bot: Bot, target_id: str, *, is_personal: bool, company_pk: int, owner: str
    ) -> Decision | ChannelTrouble:
        """What may be shown of this company's customers, or why nothing may be. Raises SlackPosting.

        A channel is told what its subscription's `owner` may have it told.
        """
        trouble = await self._trouble(bot, target_id, is_personal=is_personal)
        if trouble is not None:
            return trouble
        if is_personal:
            return await self._told(bot, target_id, company_pk)
        trouble = await self._owners(bot, owner)
        if trouble is not None:
            return trouble
        async with self._database.reading() as tx:
            kept = await targets.figures_class(tx, workspace_id=bot.workspace_id, channel_id=target_id)
        return Decision(True, shown_in(visibility_of(kept)))

    async def _told(self, bot: Bot, user_id: str, company_pk: int) -> Decision | ChannelTrouble:
        """By what they are now, whatever they were when they subscribed; Slack has just said that they are members."""
        asker = Asker(bot.workspace_id, bot.name, bot.slack_id, user_id, "", Membership.MEMBER)
        member = await self._access.member(asker, company_pk=company_pk)
        decision = decide(member, Action.NEWS, Visibility.PRIVATE, await self._access.policy(bot.workspace_id))
        return decision if decision.allowed else ChannelTrouble.NO_ROLE

    async def _owners(self, bot: Bot, owner: str) -> ChannelTrouble | None:
        """Trouble with whoever subscribed a channel; only what is known counts, not that Slack couldn't say."""
        trouble = await self._trouble(bot, owner, is_personal=True)
        if trouble is not None:
            return ChannelTrouble.OWNER if trouble is ChannelTrouble.LEFT else trouble
        asker = Asker(bot.workspace_id, bot.name, bot.slack_id, owner, "", Membership.MEMBER)
        return None if await self._access.may_own(asker) else ChannelTrouble.OWNER

    async def _trouble(self, bot: Bot, target_id: str, *, is_personal: bool) -> ChannelTrouble | None:
        key, now = (bot.workspace_id, target_id), self._clock().timestamp()
        known = self._well.get(key)
        if known is not None and now - known < _FRESH:
            return None
        try:
            trouble = await self._ask(bot, target_id, is_personal=is_personal)
        except SlackPosting as error:
            # In a rush of news Slack may say that we ask too often: what it said a moment ago must do then.
            if error.why == "ratelimited" and known is not None:
                return None
            if error.trouble:
                return ChannelTrouble(error.trouble)
            raise
        if trouble is None:
            self._well[key] = now
        else:
            self._well.pop(key, None)
        return trouble

    async def _ask(self, bot: Bot, target_id: str, *, is_personal: bool) -> ChannelTrouble | None:
        if is_personal:
            return None if await self._onlookers.membership(bot, target_id) in _FULL_MEMBERS else ChannelTrouble.LEFT
        return await self._onlookers.channel_trouble(bot, target_id)
