"""A cache of installed workspaces and their bot tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cachetools import TTLCache
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.features.installations.service.installations import Bot, Installation, Installations

_FRESH = 60  # seconds: how long another process's uninstall may go unnoticed here
_MOST = 1_000


class WorkspaceCache:
    """A bounded cache of installed workspaces in front of the database."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations
        self._known: TTLCache[str, Bot] = TTLCache(maxsize=_MOST, ttl=_FRESH)

    async def find(self, *, enterprise_id: str | None, team_id: str | None, org_wide: bool) -> Bot | None:
        """Return the installation that Slack speaks of; None if there is none."""
        for slack_id in keys(enterprise_id=enterprise_id, team_id=team_id, org_wide=org_wide):
            bot = self._known.get(slack_id) or await self._installations.bot(slack_id)
            if bot is not None:
                self._known[slack_id] = bot
                return bot
        return None

    def forget(self, slack_id: str) -> None:
        """Drop a workspace that was installed again or uninstalled."""
        self._known.pop(slack_id, None)


def keys(*, enterprise_id: str | None, team_id: str | None, org_wide: bool) -> list[str]:
    """Return the Slack ids to look up: an org-wide installation belongs to the enterprise alone."""
    # Slack names no workspace where the organisation's installation is meant.
    if (org_wide or not team_id) and enterprise_id:
        return [enterprise_id]
    return [key for key in (team_id,) if key]


def authorize_result(bot: Bot, *, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Return Bolt's authorization from what was stored at installation, so `auth.test` is not called."""
    return AuthorizeResult(
        enterprise_id=enterprise_id,
        team_id=team_id,
        bot_token=bot.token,
        bot_id=bot.bot_id,
        bot_user_id=bot.bot_user_id,
        bot_scopes=list(bot.scopes),
    )


async def adopt_token(
    installations: Installations, client: AsyncWebClient, token: str, *, clock: Callable[[], datetime]
) -> str:
    """Install the workspace of SLACK_BOT_TOKEN (single-workspace mode). Return its Slack id."""
    who = await client.auth_test(token=token)
    org_wide = bool(who.get("is_enterprise_install"))
    slack_id = str(who["enterprise_id"] if org_wide else who["team_id"])
    scopes = who.headers.get("x-oauth-scopes", "")
    await installations.install(
        Installation(
            slack_id=slack_id,
            is_enterprise=org_wide,
            name=str(who.get("team") or ""),
            domain=str(who.get("url") or ""),
            app_id=str(who.get("app_id") or ""),
            bot_user_id=str(who.get("user_id") or ""),
            bot_id=str(who.get("bot_id") or ""),
            bot_scopes=scopes,
            # `auth.test` names the bot's own user, so there is no installer: a Slack admin's sign-in becomes the
            # workspace connection.
            installed_by="",
            bot_token=token,
        ),
        now=clock(),
    )
    return slack_id
