"""Authorizes the readers of a message when the message is about to be sent; refuses where they can't be known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from cachetools import TTLCache

from bot.coordination.batched import Batched
from bot.errors import SlackPosting
from bot.features.access.model.authorization import (
    Action,
    Asker,
    Decision,
    Membership,
    Shown,
    Visibility,
    shown_in,
)
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.access.service.visibility import channel_visibilities
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.customers.service.own_access import OwnAccess
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.alerts.targets import ChannelOfCompany

_FRESH, _LAST_RESORT = 5, 15  # seconds

_FULL_MEMBERS = {Membership.ADMIN, Membership.MEMBER}


class Audience:
    """Decides how much a target is shown. Slack and Sage are asked for each message; their answers hold for seconds."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        own_access: OwnAccess,
        slack_directory: SlackDirectory,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._own_access = own_access
        self._slack_directory = slack_directory
        self._clock = clock
        self._visibilities = Batched(self._read_visibilities)
        self._well: TTLCache[tuple[str, str], float] = TTLCache(
            maxsize=5_000, ttl=_LAST_RESORT, timer=lambda: clock().timestamp()
        )

    async def of(
        self, bot: Bot, target_id: str, *, is_personal: bool, company_pk: int, owner: str
    ) -> Decision | ChannelTrouble:
        """Return how much of this company's customers the target may be shown, or the trouble that forbids all of it.

        A channel is shown what the `owner` of its subscription may have posted there. Raises SlackPosting.
        """
        trouble = await self._trouble(bot, target_id, is_personal=is_personal)
        if trouble is not None:
            return trouble
        if is_personal:
            return await self._told(bot, target_id, company_pk)
        trouble = await self._owners(bot, owner, company_pk)
        if trouble is not None:
            return trouble
        return Decision(True, await self._class_of(bot, target_id, company_pk))

    async def in_channel(self, bot: Bot, channel_id: str, *, company_pk: int) -> Shown | ChannelTrouble:
        """Return how much of this company a channel is shown, or what keeps every message from it.

        Raises SlackPosting.
        """
        trouble = await self._trouble(bot, channel_id, is_personal=False)
        return trouble or await self._class_of(bot, channel_id, company_pk) or Shown.STATUS

    async def _class_of(self, bot: Bot, channel_id: str, company_pk: int) -> Shown | None:
        place = ChannelOfCompany(bot.workspace_id, company_pk, channel_id)
        return shown_in(await self._visibilities.ask(place))

    async def _read_visibilities(self, places: Sequence[ChannelOfCompany]) -> list[Visibility]:
        found = await self._database.look(lambda connection: channel_visibilities(connection, places))
        return [found[place] for place in places]

    async def _told(self, bot: Bot, user_id: str, company_pk: int) -> Decision | ChannelTrouble:
        """Return what a person, a member by Slack's word of just now, may be shown of this company today."""
        session = await self._session(bot, user_id, company_pk)
        decision = session.decide(Action.NEWS)
        if not decision.allowed:
            return ChannelTrouble.NO_ROLE
        return decision if session.cached.allowed else ChannelTrouble.REFUSED

    async def _owners(self, bot: Bot, owner: str, company_pk: int) -> ChannelTrouble | None:
        """Return the trouble with the owner of a channel's subscription; None also where Slack couldn't say."""
        trouble = await self._trouble(bot, owner, is_personal=True)
        if trouble is not None:
            return ChannelTrouble.OWNER if trouble is ChannelTrouble.LEFT else trouble
        session = await self._session(bot, owner, company_pk, surely=True)
        may = session.may_unasked(Action.SUBSCRIBE_CHANNEL, place=Visibility.STATUS)
        return None if may else ChannelTrouble.OWNER

    async def _session(self, bot: Bot, user_id: str, company_pk: int, *, surely: bool = False) -> Session:
        asker = Asker(bot.workspace_id, bot.name, bot.slack_id, user_id, "", Membership.MEMBER)
        session = await self._sessions.of(asker, now=self._clock(), company_pk=company_pk, surely=surely)
        return await self._own_access.confirmed(session)

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
            return (
                None if await self._slack_directory.membership(bot, target_id) in _FULL_MEMBERS else ChannelTrouble.LEFT
            )
        return await self._slack_directory.channel_trouble(bot, target_id)
