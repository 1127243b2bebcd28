"""Acting later as somebody: their session and Sage at that time, and how often what failed is tried again."""

from __future__ import annotations

import random
from datetime import datetime

from bot.domain.oauth_tokens import try_again_at
from bot.errors import BotError, NotAllowed, SageBusy
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.installations.service.installations import Installations

MOST_TRIES = 12
"""Two hours of an outage."""


class ActingLater:
    """Finds the member in whose name a job acts, as they are when it does."""

    def __init__(self, *, installations: Installations, sessions: Sessions) -> None:
        self._installations = installations
        self._sessions = sessions

    async def session_of(self, user_id: str, *, workspace_id: str, company_pk: int) -> Session:
        """Return the member's session in the company, which their own sign-in may open without using it.

        Slack is asked for their membership now. Raises NotAllowed where the app isn't installed any more, and as
        `Sessions.of_member`.
        """
        bot = await self._installations.bot_of(workspace_id)
        if bot is None:
            raise NotAllowed
        return await self._sessions.of_member(bot, user_id, company_pk=company_pk)


def next_try(error: BotError | None, *, tries: int, now: datetime) -> datetime | None:
    """Return when to try again after `tries` earlier failures and this one; None to give up.

    Without an error, Sage didn't say what became of it.
    """
    if error is not None and error.permanent and not isinstance(error, SageBusy):
        return None
    if tries + 1 >= MOST_TRIES:
        return None
    return try_again_at(now, failures=tries, spread=random.random())  # noqa: S311 - not a secret
