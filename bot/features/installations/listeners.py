"""The app leaves a workspace, or somebody in it does: tokens are erased, or used no more. A channel comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.features.installations.workspace_cache import WorkspaceCache, keys
from bot.services import Services
from bot.slack.users import SlackUsers


def register(app: AsyncApp, workspaces: WorkspaceCache) -> None:
    """Slack sends `app_uninstalled` and `tokens_revoked` in either order, or only one of them."""

    async def leave(
        ack: AsyncAck,
        event: dict[str, Any],
        context: AsyncBoltContext,
        services: Services,
        clock: Callable[[], datetime],
    ) -> None:
        """Erase first, then ack. A failure is answered with 500, so that Slack tells us again."""
        if is_final(event):
            for slack_id in await _left(services, context):
                await services.installations.uninstall(slack_id, now=clock())
                workspaces.forget(slack_id)
        await ack()

    app.event("app_uninstalled")(leave)
    app.event("tokens_revoked")(leave)
    app.event("user_change")(person_changed)
    app.event("channel_unarchive")(channel_back)
    app.event("group_unarchive")(channel_back)
    app.event("member_joined_channel")(channel_back)


async def person_changed(
    ack: AsyncAck,
    event: dict[str, Any],
    workspace_id: str,
    people: SlackUsers,
    services: Services,
    clock: Callable[[], datetime],
) -> None:
    """Somebody's standing changed: look them up afresh. Deactivated: their sign-in is used no more."""
    user = event.get("user")
    if workspace_id and isinstance(user, dict) and isinstance(user.get("id"), str):
        people.forget(workspace_id=workspace_id, user_id=user["id"])
        moved = (
            services.workspace_connections.owner_left
            if user.get("deleted") is True
            else services.workspace_connections.owner_back
        )
        await moved(workspace_id=workspace_id, user_id=user["id"], now=clock())
    await ack()


async def channel_back(
    ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext, workspace_id: str, services: Services
) -> None:
    """A channel came back, or the app was invited: alerts that are paused there are looked at within seconds."""
    channel, joined = event.get("channel"), event.get("user")
    is_ours = event.get("type") != "member_joined_channel" or joined == context.bot_user_id
    if workspace_id and is_ours and isinstance(channel, str):
        await services.outbox.look_soon(workspace_id=workspace_id, target_id=channel)
    await ack()


async def _left(services: Services, context: AsyncBoltContext) -> list[str]:
    """Whose notice this is. After an uninstall Slack may leave out for whom it is authorised, so it need not say
    that the installation was org-wide: then it was, if this workspace never had one of its own.
    """
    org_wide, team_id = bool(context.is_enterprise_install), context.team_id
    if not org_wide and not (team_id and await services.installations.knows(team_id)):
        org_wide = True
    return keys(enterprise_id=context.enterprise_id, team_id=team_id, org_wide=org_wide)


def is_final(event: dict[str, Any]) -> bool:
    """Revoked user tokens are not ours; revoked bot tokens, and an uninstall, are the end."""
    return event.get("type") == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
