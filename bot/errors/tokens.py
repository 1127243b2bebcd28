"""Whoever gives tokens could not, or will not."""

from __future__ import annotations

from bot.errors.base import BotError


class TokensUnavailable(BotError):
    """The service that gives tokens isn't answering right now."""

    permanent = False
    mend = "Try again in a few minutes."

    def __init__(
        self, message: str | None = None, *, answer_lost: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.answer_lost = answer_lost
        self.retry_after = retry_after


class SageIdError(BotError):
    """Sage ID could not complete the sign-in."""


class SageIdUnavailable(SageIdError, TokensUnavailable):
    """Sage ID isn't answering right now."""

    permanent = False
    mend = TokensUnavailable.mend


class SlackTokensUnavailable(TokensUnavailable):
    """Slack isn't answering right now."""


class GrantRefused(SageIdError):
    """Sage ID no longer accepts this sign-in."""

    mend = "Run `/sage connect` to sign in again."


class ClientRefused(SageIdError):
    """I can't reach Sage 200 right now: something is wrong with this app's own set-up, not with your sign-in."""

    mend = "Nothing for you to do: whoever runs this app has been told."
