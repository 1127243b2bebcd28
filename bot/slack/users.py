"""Users as Slack describes them. A user whom Slack can't confirm is `UNKNOWN`, and so refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.features.access.model.authorization import Asker, Membership
from bot.features.access.model.member_list import ListedMember
from bot.features.access.service.user_groups import FRESH
from bot.features.installations.service.installations import Bot

_REMEMBERED = 10_000

log = structlog.get_logger(__name__)


class SlackUsers:
    """Looks users up by `users.info`, cached for 15 seconds; a failed look-up is not cached."""

    def __init__(self, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._known: TTLCache[tuple[str, str, str], tuple[Membership, str]] = TTLCache(
            maxsize=_REMEMBERED, ttl=FRESH, timer=timer
        )

    async def look_up(
        self, client: AsyncWebClient, *, workspace_id: str, slack_id: str, user_id: str
    ) -> tuple[Membership, str]:
        """Return the user's membership where the app is installed and their name; UNKNOWN and "" if Slack can't say."""
        key = (workspace_id, slack_id, user_id)  # in an organisation, a member of one workspace may be none of another
        if key in self._known:
            return self._known[key]
        try:
            answer = await client.users_info(user=user_id)
        except (TimeoutError, SlackApiError, aiohttp.ClientError, OSError) as error:
            log.warning("could not look a person up", why=type(error).__name__)
            return Membership.UNKNOWN, ""
        user = answer.get("user")
        found = (
            (membership_of(user, user_id, slack_id), name_of(user))
            if isinstance(user, dict)
            else (Membership.UNKNOWN, "")
        )
        if found[0] is not Membership.UNKNOWN:
            self._known[key] = found
        return found

    async def asker(self, client: AsyncWebClient, bot: Bot, *, team_id: str, user_id: str) -> Asker:
        """Return the user of a request, as Slack describes them now."""
        membership, name = await self.look_up(
            client, workspace_id=bot.workspace_id, slack_id=bot.slack_id, user_id=user_id
        )
        return Asker(
            workspace_id=bot.workspace_id,
            workspace_name=bot.name,
            team_id=team_id,
            user_id=user_id,
            name=name,
            membership=membership,
            is_installer=user_id == bot.installed_by,
        )

    async def colleague(self, client: AsyncWebClient, asker: Asker, *, slack_id: str, user_id: str) -> Asker:
        """Return another user of the asker's workspace, looked up by `users.info`."""
        key = {"workspace_id": asker.workspace_id, "slack_id": slack_id, "user_id": user_id}
        membership, name = await self.look_up(client, **key)
        return replace(asker, user_id=user_id, name=name, membership=membership, is_installer=False)

    def forget(self, *, workspace_id: str, user_id: str) -> None:
        """Drop the cached user after a change of membership."""
        for key in [each for each in self._known if (each[0], each[2]) == (workspace_id, user_id)]:
            self._known.pop(key, None)


async def has_left(client: AsyncWebClient, token: str, user_id: str) -> bool:
    """Return whether Slack says that this account was deactivated; False if Slack can't say."""
    try:
        return await is_deactivated(client, token, user_id)
    except (TimeoutError, SlackApiError, aiohttp.ClientError, OSError) as error:
        log.info("could not look an owner up", why=type(error).__name__)
        return False


async def is_deactivated(client: AsyncWebClient, token: str, user_id: str) -> bool:
    """Return whether this account is deactivated now. Raises what kept Slack from saying so."""
    user = (await client.users_info(token=token, user=user_id)).get("user")
    return isinstance(user, dict) and user.get("id") == user_id and user.get("deleted") is True


def membership_of(user: dict[str, Any], user_id: str, slack_id: str) -> Membership:
    """Return the membership in a `users.info` answer: Slack marks strangers and guests; anything odd is UNKNOWN.

    `slack_id` is where the app is installed: a workspace, or an organisation, whose members are all its people, and of
    which only its own admins and owners are admins.
    """
    if user.get("id") != user_id or user.get("deleted") is True or user.get("is_bot") is True:
        return Membership.UNKNOWN
    grid = user.get("enterprise_user")
    # In an organisation a user may belong to several workspaces: `enterprise_user.teams` lists them.
    homes = {user.get("team_id")}
    if isinstance(grid, dict):
        homes |= {grid.get("enterprise_id"), *(grid.get("teams") or [])}
    homes -= {None}
    if not homes:
        return Membership.UNKNOWN
    if user.get("is_stranger") is True or slack_id not in homes:
        return Membership.STRANGER
    if user.get("is_restricted") is True or user.get("is_ultra_restricted") is True:
        return Membership.GUEST
    # What is decided there holds for all its workspaces, so an admin of one of them is a member.
    leads = grid if isinstance(grid, dict) and grid.get("enterprise_id") == slack_id else user
    if leads.get("is_admin") is True or leads.get("is_owner") is True:
        return Membership.ADMIN
    return Membership.MEMBER


def name_of(user: dict[str, Any]) -> str:
    """Return the display name, at most 80 characters; empty if there is none."""
    profile = user.get("profile")
    names = (profile if isinstance(profile, dict) else {}).get("display_name"), user.get("real_name"), user.get("name")
    return next((name.strip()[:80] for name in names if isinstance(name, str) and name.strip()), "")


def listed_member(user: dict[str, Any], slack_id: str) -> ListedMember | None:
    """Return a person of a `users.list` answer; None for bots, leavers and what Slack describes oddly."""
    user_id = user.get("id")
    membership = membership_of(user, user_id, slack_id) if isinstance(user_id, str) else Membership.UNKNOWN
    # Slack's own bot isn't marked as one.
    if membership is Membership.UNKNOWN or user_id == "USLACKBOT":
        return None
    profile = user.get("profile")
    shown: dict[str, Any] = profile if isinstance(profile, dict) else {}
    names = (shown.get("display_name"), shown.get("real_name"), user.get("real_name"))
    named = dict.fromkeys(name.strip()[:80] for name in names if isinstance(name, str) and name.strip())
    handle, email = user.get("name"), shown.get("email")
    return ListedMember(
        str(user_id),
        membership,
        tuple(named),
        handle[:80] if isinstance(handle, str) else "",
        email[:254] if isinstance(email, str) else "",
    )
