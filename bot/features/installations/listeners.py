"""Listeners for uninstalls, revoked tokens, changed users and channels that can be posted to again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.features.installations.workspace_cache import WorkspaceCache, keys
from bot.slack.interaction import Interaction


def register(app: AsyncApp, workspaces: WorkspaceCache) -> None:
    """Register the listeners of Slack's events about the installation."""

    async def leave(interaction: Interaction) -> None:
        """Erase the workspace's tokens, then ack."""
        # Slack sends app_uninstalled and tokens_revoked in either order, or only one of them. A failure before the ack
        # is answered with 500, so Slack sends the event again.
        if is_final(interaction.payload):
            for slack_id in await _left(interaction):
                await interaction.services.installations.uninstall(slack_id, now=interaction.now)
                workspaces.forget(slack_id)
        await interaction.ack()

    app.event("app_uninstalled")(leave)
    app.event("tokens_revoked")(leave)
    app.event("user_change")(person_changed)
    app.event("channel_unarchive")(channel_back)
    app.event("group_unarchive")(channel_back)
    app.event("member_joined_channel")(channel_back)


async def person_changed(interaction: Interaction) -> None:
    """Forget the cached Slack user; pause or resume their sign-in when they are deactivated or come back."""
    user = interaction.payload.get("user")
    if interaction.workspace_id and isinstance(user, dict) and isinstance(user.get("id"), str):
        interaction.users.forget(workspace_id=interaction.workspace_id, user_id=user["id"])
        moved = (
            interaction.services.workspace_connections.owner_left
            if user.get("deleted") is True
            else interaction.services.workspace_connections.owner_back
        )
        await moved(workspace_id=interaction.workspace_id, user_id=user["id"], now=interaction.now)
    await interaction.ack()


async def channel_back(interaction: Interaction) -> None:
    """Look soon at alerts paused for a channel that was unarchived or that the app was invited to."""
    channel, joined = interaction.payload.get("channel"), interaction.payload.get("user")
    is_ours = interaction.payload.get("type") != "member_joined_channel" or joined == interaction.bot_user_id
    if interaction.workspace_id and is_ours and isinstance(channel, str):
        await interaction.services.outbox.look_soon(workspace_id=interaction.workspace_id, target_id=channel)
    await interaction.ack()


async def _left(interaction: Interaction) -> list[str]:
    """Return the Slack ids of the installations that the event is about."""
    org_wide, team_id = interaction.is_org_wide, interaction.team_id
    # After an uninstall Slack may leave out the authorizations, so an event need not say that the installation was
    # org-wide. It was, if this workspace never had an installation of its own.
    if not org_wide and not (team_id and await interaction.services.installations.knows(team_id)):
        org_wide = True
    return keys(enterprise_id=interaction.enterprise_id, team_id=team_id, org_wide=org_wide)


def is_final(event: Mapping[str, Any]) -> bool:
    """Return whether the event ends the installation: an uninstall or revoked bot tokens, not revoked user tokens."""
    return event.get("type") == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
