"""The Delivery port by `chat.postMessage`, and Slack's answers as what they mean for trying again."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.notices import Telling
from bot.errors import SlackPosting
from bot.services.installations import Bot
from bot.slack.views.notices import notice

# Nothing that time mends: the person or the app is gone, or the message is one that Slack never takes.
_FINAL = {
    "account_inactive",
    "cannot_dm_bot",
    "channel_not_found",
    "invalid_auth",
    "invalid_blocks",
    "is_archived",
    "missing_scope",
    "msg_too_long",
    "no_text",
    "not_authed",
    "org_login_required",
    "token_expired",
    "token_revoked",
    "user_disabled",
    "user_not_found",
}


class SlackDelivery:
    """Posts with each workspace's own bot token."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def tell(self, bot: Bot, telling: Telling) -> None:
        """In the person's own conversation with the app. Raises SlackPosting."""
        payload = notice(telling).payload()
        try:
            await self._client.chat_postMessage(
                token=bot.token, channel=telling.user_id, unfurl_links=False, unfurl_media=False, **payload
            )
        except SlackApiError as error:
            raise posting_error(error) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackPosting(type(error).__name__, permanent=False) from None


def posting_error(error: SlackApiError) -> SlackPosting:
    """Slack's refusal, with the pause it asks for."""
    why = str(error.response.get("error") or "unknown")[:60]
    pause = error.response.headers.get("Retry-After", "")
    seconds = float(pause) if pause.isascii() and pause.isdigit() else None
    return SlackPosting(why, permanent=why in _FINAL, retry_after=seconds)
