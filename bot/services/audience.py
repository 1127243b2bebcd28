"""Who would read it: asked when a message is about to be sent, and refused when it can't be known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from cachetools import TTLCache

from bot.domain.access import Standing
from bot.domain.news import Shown, Trouble, shown_in_channel, shown_to
from bot.errors import SlackPosting
from bot.services.installations import Bot
from storage import targets, workspaces
from storage.database import Database

_FRESH, _LAST_RESORT = 5, 60  # seconds

_FULL_MEMBERS = {Standing.ADMIN, Standing.MEMBER}


class Onlookers(Protocol):
    """What Slack says of a place."""

    async def channel_trouble(self, bot: Bot, channel_id: str) -> Trouble | None:
        """Why nothing may be posted in a channel; None when all is well. Raises SlackPosting."""
        ...

    async def standing(self, bot: Bot, user_id: str) -> Standing:
        """What somebody is in this workspace now. Raises SlackPosting where Slack can't say."""
        ...


class Audience:
    """How much a target is shown now. Slack's word is asked for every message, and good for a few seconds."""

    def __init__(self, *, database: Database, onlookers: Onlookers, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._onlookers = onlookers
        self._clock = clock
        self._well: TTLCache[tuple[str, str], float] = TTLCache(
            maxsize=5_000, ttl=_LAST_RESORT, timer=lambda: clock().timestamp()
        )

    async def of(self, bot: Bot, target_id: str, *, is_personal: bool) -> Shown | Trouble:
        """What may be shown, or why nothing may be. Raises SlackPosting."""
        trouble = await self._trouble(bot, target_id, is_personal=is_personal)
        if trouble is not None:
            return trouble
        async with self._database.reading() as tx:
            if is_personal:
                return shown_to(await workspaces.role_of(tx, workspace_id=bot.workspace_id, user_id=target_id))
            return shown_in_channel(
                await targets.figures_class(tx, workspace_id=bot.workspace_id, channel_id=target_id)
            )

    async def _trouble(self, bot: Bot, target_id: str, *, is_personal: bool) -> Trouble | None:
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
                return Trouble(error.trouble)
            raise
        if trouble is None:
            self._well[key] = now
        else:
            self._well.pop(key, None)
        return trouble

    async def _ask(self, bot: Bot, target_id: str, *, is_personal: bool) -> Trouble | None:
        if is_personal:
            return None if await self._onlookers.standing(bot, target_id) in _FULL_MEMBERS else Trouble.LEFT
        return await self._onlookers.channel_trouble(bot, target_id)
