"""A token pair of Sage's or Slack's, as `bot.features.tokens.service.refresher` uses it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import BotError
from storage.queries.connections.token_refresh import TokenRow


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """A pair as stored now. `began_at` is set while the outcome of an earlier refresh is not known."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    version: int
    failures: int
    began_at: datetime | None


class TokenPair(ABC):
    """One token pair: its row, its refresh call, and the consequences of its end."""

    token_row: TokenRow
    key: str
    service: str  # "sage" or "slack"
    ended_error: type[BotError]  # raised to callers once the pair has ended

    @abstractmethod
    async def read(self, tx: AsyncSession) -> StoredTokens:
        """Read the stored pair. Raises a BotError where there is none, SealBroken where it can't be decrypted."""

    @abstractmethod
    async def refresh(self, refresh_token: str) -> OAuthTokens:
        """Send one refresh request. Raises GrantRefused (final), ClientRefused (operator) or TokensUnavailable."""

    @abstractmethod
    def stored(self, tokens: OAuthTokens, *, now: datetime) -> dict[str, Any]:
        """Return the new pair, encrypted, as columns of its row."""

    @abstractmethod
    def trouble_columns(self, trouble: str, *, now: datetime) -> dict[str, Any]:
        """Return a passing trouble as columns of the row."""

    @abstractmethod
    async def end(self, tx: AsyncSession, stored_tokens: StoredTokens, *, lost: bool, now: datetime) -> None:
        """Mark the pair as ended and write the notices. `lost`: an answer never reached us."""

    @abstractmethod
    async def orphaned(self, tokens: OAuthTokens) -> None:
        """Handle a new pair whose row is gone or has changed since."""
