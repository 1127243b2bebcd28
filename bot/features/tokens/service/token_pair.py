"""One pair of tokens, as `bot.features.tokens.service.refresher` sees it: Sage's or Slack's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import BotError
from storage.token_refresh import TokenRow


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """A pair as it is stored now. `began_at` stands while an earlier renewal's outcome is not known."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    version: int
    failures: int
    began_at: datetime | None


class TokenPair(ABC):
    """One pair of tokens: where it is kept, who renews it, and what its end means."""

    place: TokenRow
    key: str
    over: type[BotError]  # what whoever asks is told once it has ended

    @abstractmethod
    async def read(self, tx: AsyncSession) -> StoredTokens:
        """What is stored. Raises a BotError where there is nothing to use, SealBroken where it can't be opened."""

    @abstractmethod
    async def exchange(self, refresh: str) -> OAuthTokens:
        """One request. Raises GrantRefused (final), ClientRefused (the operator's fault) or TokensUnavailable."""

    @abstractmethod
    def stored(self, tokens: OAuthTokens, *, now: datetime) -> dict[str, Any]:
        """The new pair as columns of its row, sealed."""

    @abstractmethod
    def troubled(self, trouble: str, *, now: datetime) -> dict[str, Any]:
        """A passing trouble as columns of its row."""

    @abstractmethod
    async def end(self, tx: AsyncSession, holding: StoredTokens, *, lost: bool, now: datetime) -> None:
        """The pair is dead: mark it and see that whoever must know is told. `lost`: an answer never reached us."""

    @abstractmethod
    async def orphaned(self, tokens: OAuthTokens) -> None:
        """A new pair came for a row that is not there, or not the same, any more."""
