"""Bolt middleware that makes the Interaction of a request, with the keys by which a repeat is known."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.features.home.publisher import HomePublisher, OpenedHomes
from bot.features.installations.service.installations import REMEMBERED
from bot.features.installations.workspace_cache import WorkspaceCache
from bot.services import Services
from bot.slack.interaction import Interaction
from bot.slack.payloads import team_of
from bot.slack.sending.ladder import Ladder
from bot.slack.sending.reply import Reply
from bot.slack.typed_fields import straighten
from bot.slack.users import SlackUsers
from storage.queries.seen_requests import Claim

Next = Callable[[], Awaitable[BoltResponse]]

# Two clicks on one button within this time are a double click, not two intentions.
_DOUBLE_CLICK = timedelta(seconds=3)
# Harmless to repeat; and if the first delivery died half way, Slack's retry must be processed.
_REPEATABLE = {
    "app_uninstalled",
    "channel_shared",
    "channel_unshared",
    "channel_unarchive",
    "group_unarchive",
    "member_joined_channel",
    "tokens_revoked",
    "user_change",
}


@dataclass(frozen=True, slots=True)
class InteractionMiddleware:
    """Makes the `interaction` argument of every listener."""

    services: Services
    workspaces: WorkspaceCache
    users: SlackUsers
    clock: Callable[[], datetime]
    opened_homes: OpenedHomes = field(default_factory=OpenedHomes)

    async def make(
        self,
        req: AsyncBoltRequest,
        body: dict[str, Any],
        payload: dict[str, Any],
        next: Next,  # noqa: A002 - Bolt's name
    ) -> BoltResponse:
        """Put the Interaction into Bolt's context, where listeners get arguments by name."""
        context, now = req.context, self.clock()
        too_long = straighten(body)
        bot = await self.workspaces.find(
            enterprise_id=context.enterprise_id,
            team_id=context.team_id,
            org_wide=bool(context.is_enterprise_install),
        )
        ladder = Ladder(self.services.block_refusals, bot, now)
        context["interaction"] = Interaction(
            services=self.services,
            users=self.users,
            client=context.client,
            body=body,
            payload=payload or {},
            now=now,
            reply=Reply.to(context, body, ladder=ladder),
            ladder=ladder,
            bot=bot,
            team_id=team_of(body) or context.team_id or "",
            user_id=context.user_id or "",
            enterprise_id=context.enterprise_id or "",
            is_org_wide=bool(context.is_enterprise_install),
            acknowledge=context.ack,
            too_long=too_long,
            claims=[Claim(key, now, window or REMEMBERED) for key, window in repeat_keys(body)],
            _home=self._home,
        )
        return await next()

    def _home(self, interaction: Interaction) -> HomePublisher:
        return HomePublisher.to(
            self.services, interaction.anybodys_fresh_session, interaction.client, interaction.body, self.opened_homes
        )


def repeat_keys(body: dict[str, Any]) -> list[tuple[str, timedelta | None]]:
    """Return the keys that a repeated delivery shares, each with its lifetime (None: as long as Slack may retry)."""
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
