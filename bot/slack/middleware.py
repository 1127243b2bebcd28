"""Before any listener: answered already? Then who, where, and what they are lent."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Asker
from bot.features.home.publisher import HomePublisher, OpenedHomes
from bot.features.installations.service.installations import Bot
from bot.features.installations.workspace_cache import WorkspaceCache
from bot.services import Services
from bot.slack.reply import Reply
from bot.slack.users import SlackUsers

Next = Callable[[], Awaitable[BoltResponse]]
Introduce = Callable[[], Awaitable[Asker]]

# Two clicks on the same button within this time are one hasty finger, not two wishes.
_DOUBLE_CLICK = timedelta(seconds=3)
# Doing these twice does no harm, and one whose first delivery died half way must be done by its retry.
_REPEATABLE = {
    "app_uninstalled",
    "channel_unarchive",
    "group_unarchive",
    "member_joined_channel",
    "tokens_revoked",
    "user_change",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lending:
    """What every listener may name: `services`, `workspace_id`, `introduce`, `reply`, `show_home`, `clock`."""

    services: Services
    workspaces: WorkspaceCache
    people: SlackUsers
    clock: Callable[[], datetime]
    opened: OpenedHomes = field(default_factory=OpenedHomes)

    async def drop_repeats(self, body: dict[str, Any], next: Next) -> BoltResponse | None:  # noqa: A002 - Bolt's name
        """Slack's retries and people's double clicks are acknowledged and go no further."""
        first_time = self.services.installations.first_time
        for key, window in repeat_keys(body):
            if not await first_time(key, now=self.clock(), **({"window": window} if window else {})):
                log.info("dropped a repeat", kind=key.partition(":")[0])
                return BoltResponse(status=200, body="")
        return await next()

    async def lend(self, req: AsyncBoltRequest, body: dict[str, Any], next: Next) -> BoltResponse:  # noqa: A002
        """Put what listeners need where Bolt finds it by name."""
        context = req.context
        context["services"] = self.services
        context["clock"] = self.clock
        context["people"] = self.people
        context["reply"] = Reply.to(context, body)
        bot = await self.workspaces.find(
            enterprise_id=context.enterprise_id,
            team_id=context.team_id,
            org_wide=bool(context.is_enterprise_install),
        )
        context["workspace_id"] = bot.workspace_id if bot is not None else ""
        context["introduce"] = introduce = self._introduction(req, bot)
        context["show_home"] = HomePublisher.to(self.services, introduce, context.client, body, self.clock, self.opened)
        return await next()

    def _introduction(self, req: AsyncBoltRequest, bot: Bot | None) -> Introduce:
        context = req.context

        async def introduce() -> Asker:
            if bot is None or context.user_id is None:
                raise NotAllowed
            team_id = context.team_id or ""
            membership, name = await self.people.look_up(
                context.client, workspace_id=bot.workspace_id, team_id=team_id, user_id=context.user_id
            )
            return Asker(
                workspace_id=bot.workspace_id,
                workspace_name=bot.name,
                team_id=team_id,
                user_id=context.user_id,
                name=name,
                membership=membership,
                is_installer=context.user_id == bot.installed_by,
            )

        return introduce


def repeat_keys(body: dict[str, Any]) -> list[tuple[str, timedelta | None]]:
    """What makes two deliveries the same, with how long that holds (None: as long as Slack may retry)."""
    if "event_id" in body:
        repeatable = (body.get("event") or {}).get("type") in _REPEATABLE
        return [] if repeatable else [(_key("event", body["event_id"]), None)]
    user = body.get("user_id") or (body.get("user") or {}).get("id")
    keys: list[tuple[str, timedelta | None]] = []
    if body.get("trigger_id"):
        keys.append((_key("trigger", body["trigger_id"], _actions(body), (body.get("view") or {}).get("id")), None))
    if body.get("type") == "block_actions" and body.get("actions"):
        place = body.get("container") or {}
        where = (place.get("channel_id"), place.get("message_ts"), place.get("view_id"))
        keys.append((_key("click", body.get("team"), user, where, _actions(body)), _DOUBLE_CLICK))
    return keys


def _actions(body: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (action.get("block_id"), action.get("action_id"), action.get("value"), action.get("selected_option"))
        for action in body.get("actions") or []
    ]


def _key(kind: str, *parts: object) -> str:
    return f"{kind}:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
