"""Slack's token rotation: one `oauth.v2.access`, and the meaning of its refusals."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import ClientRefused, GrantRefused, SlackTokensUnavailable

_DEAD = {"invalid_refresh_token", "token_revoked", "token_expired", "invalid_auth", "account_inactive"}
_OPERATORS_FAULT = {"invalid_client_id", "bad_client_secret", "invalid_client"}
_LIFE = 43_200  # twelve hours, where Slack does not say (docs.slack.dev, using token rotation)


class Rotation:
    """Slack's refresh call. A refresh token is good once, but for a short grace."""

    def __init__(self, client: AsyncWebClient, *, client_id: str, client_secret: str) -> None:
        self._client = client
        self._client_id = client_id
        self._client_secret = client_secret

    async def __call__(self, refresh_token: str) -> OAuthTokens:
        """Return a new pair for the refresh token. Raises GrantRefused, ClientRefused or SlackTokensUnavailable."""
        try:
            answer = await self._client.oauth_v2_access(
                client_id=self._client_id,
                client_secret=self._client_secret,
                grant_type="refresh_token",
                refresh_token=refresh_token,
            )
        except SlackApiError as error:
            why = error.response.get("error")
            if why in _DEAD:
                raise GrantRefused from None
            if why in _OPERATORS_FAULT:
                raise ClientRefused from None
            raise SlackTokensUnavailable(answer_lost=True) from None
        except aiohttp.ClientConnectorError:
            raise SlackTokensUnavailable from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise SlackTokensUnavailable(answer_lost=True) from None
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str) or not isinstance(refresh, str):
            raise SlackTokensUnavailable(answer_lost=True)
        return OAuthTokens(access, refresh, int(answer.get("expires_in") or _LIFE))
