"""Listeners for uninstalls, revoked tokens, changed users and channels that can be posted to again.

Slack delivers an event late and more than once: at once, after minutes, and hourly for a day. So an event says what to
look at, and Slack's word of now, where it is asked, decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.channel import Readers, readers_of
from bot.features.installations.workspace_cache import WorkspaceCache, keys
from bot.slack.interaction import Interaction
from bot.slack.users import is_deactivated

_IN_TIME = 2.0  # seconds: Slack gives an event three
# Slack's clock and ours may differ by as much as a signed request may be old.
_CLOCKS_DIFFER = timedelta(minutes=5)
_DEAD = {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}

log = structlog.get_logger(__name__)


def register(app: AsyncApp, workspaces: WorkspaceCache) -> None:
    """Register the listeners of Slack's events about the installation."""

    async def leave(interaction: Interaction) -> None:
        """Erase the workspace's tokens if Slack has ended them, then ack."""
        # Slack sends app_uninstalled and tokens_revoked in either order, or only one of them. A failure before the ack
        # is answered with 500, so Slack sends the event again.
        if is_final(interaction.payload):
            for slack_id in await _left(interaction):
                if await _end(interaction, slack_id):
                    workspaces.forget(slack_id)
        await interaction.ack()

    app.event("app_uninstalled")(leave)
    app.event("tokens_revoked")(leave)
    app.event("user_change")(person_changed)
    app.event("channel_unarchive")(channel_back)
    app.event("group_unarchive")(channel_back)
    app.event("member_joined_channel")(channel_back)
    app.event("channel_shared")(channel_shared)
    app.event("channel_unshared")(channel_back)


async def _end(interaction: Interaction, slack_id: str) -> bool:
    """End this installation; return False if it is a newer one than the event, or its token still works."""
    installations = interaction.services.installations
    row = await installations.installed_at(slack_id)
    if row is None:
        return False
    if _is_older(interaction.happened_at, row):
        log.info("a notice of an earlier installation changes nothing", slack=slack_id)
        return False
    bot = await installations.bot(slack_id)
    if bot is not None and not await _is_dead(interaction.client, bot.token):
        log.warning("a notice of an uninstall changes nothing: the token still works", slack=slack_id)
        return False
    return await installations.uninstall(slack_id, now=interaction.now, installed_at=row)


def _is_older(happened_at: datetime | None, made_at: datetime) -> bool:
    """Return whether the event happened before this was made, whatever the clocks say; False in doubt."""
    return happened_at is not None and happened_at + _CLOCKS_DIFFER < made_at


async def _is_dead(client: AsyncWebClient, token: str) -> bool:
    """Return whether Slack has ended the bot token. Raises what kept Slack from saying so."""
    try:
        async with asyncio.timeout(_IN_TIME):
            await client.auth_test(token=token)
    except SlackApiError as error:
        if error.response.get("error") in _DEAD:
            return True
        raise
    return False


async def person_changed(interaction: Interaction) -> None:
    """Forget the cached Slack user; pause or resume their sign-in when they are deactivated or come back."""
    user = interaction.payload.get("user")
    if interaction.bot is not None and isinstance(user, dict) and isinstance(user.get("id"), str):
        whose = {"workspace_id": interaction.bot.workspace_id, "user_id": user["id"]}
        interaction.users.forget(**whose)
        connections = interaction.services.workspace_connections
        # Profiles change all day: Slack is asked only about those for whom the event would change something.
        is_paused, deleted = await connections.is_paused(**whose), user.get("deleted") is True
        if is_paused is not None and is_paused is not deleted:
            async with asyncio.timeout(_IN_TIME):
                left = await is_deactivated(interaction.client, interaction.bot.token, user["id"])
            await (connections.owner_left if left else connections.owner_back)(**whose, now=interaction.now)
    await interaction.ack()


async def channel_back(interaction: Interaction) -> None:
    """Look soon at alerts paused for a channel that was unarchived or that the app was invited to."""
    channel, joined = interaction.payload.get("channel"), interaction.payload.get("user")
    is_ours = interaction.payload.get("type") != "member_joined_channel" or joined == interaction.bot_user_id
    if interaction.workspace_id and is_ours and isinstance(channel, str):
        await interaction.services.outbox.look_soon(workspace_id=interaction.workspace_id, target_id=channel)
    await interaction.ack()


async def channel_shared(interaction: Interaction) -> None:
    """Pause a channel that another company reads now, as Slack says when asked, and take back what stands there."""
    channel_id = interaction.payload.get("channel")
    if interaction.bot is not None and isinstance(channel_id, str):
        bot = interaction.bot
        async with asyncio.timeout(_IN_TIME):
            shown = (await interaction.client.conversations_info(token=bot.token, channel=channel_id)).get("channel")
        readers = readers_of(shown if isinstance(shown, dict) else {}, org_wide=bot.is_org_wide)
        if readers in {Readers.COMPANY, Readers.ORGANISATION}:
            await interaction.services.outbox.channel_shared(
                workspace_id=bot.workspace_id, channel_id=channel_id, readers=readers
            )
    await interaction.ack()


async def _left(interaction: Interaction) -> list[str]:
    """Return the Slack ids of the installations that the event may be about."""
    org_wide, team_id = interaction.is_org_wide, interaction.team_id
    # After an uninstall Slack may leave out the authorizations, so an event need not say that the installation was
    # org-wide. It may have been, if this workspace has no installation of its own: the organisation's token says.
    if not org_wide and not (team_id and await interaction.services.installations.knows(team_id)):
        org_wide = True
    return keys(enterprise_id=interaction.enterprise_id, team_id=team_id, org_wide=org_wide)


def is_final(event: Mapping[str, Any]) -> bool:
    """Return whether the event ends the installation: an uninstall or revoked bot tokens, not revoked user tokens."""
    return event.get("type") == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
