"""Sage 200 could not answer."""

from __future__ import annotations

from datetime import datetime

from bot.errors.base import BotError


class SageError(BotError):
    """Sage 200 could not answer."""


class SageUnavailable(SageError):
    """I can't reach Sage 200 right now, so I have no figures to show."""

    permanent = False
    mend = "Try again in a few minutes. If it lasts, ask whoever looks after your Sage 200 server."


class CopyTooOld(SageUnavailable):
    """Sage 200 did not answer, and my copy of its customers is too old to trust, so I have no figures to show."""

    def __init__(self, message: str | None = None, *, as_of: datetime | None = None) -> None:
        """`as_of` is when the copy was last true."""
        super().__init__(message)
        self.as_of = as_of


class SageBusy(SageError):
    """Sage 200 asks us to slow down."""

    permanent = False
    mend = "Try again in a minute."

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SageUnreadable(SageError):
    """Sage 200 answered with something I can't read, so I show nothing rather than guess."""

    permanent = False
    mend = "Try again in a minute. If it lasts, tell whoever runs this app."


class SageSignInRefused(SageError):
    """Sage 200 refused your sign-in."""

    mend = "Run `/sage connect` to sign in again."


class SageAccessRemoved(SageError):
    """Your Sage ID no longer opens this company in Sage 200."""

    mend = "Ask your Sage 200 administrator to restore your access, or pick another company with `/sage company`."


class SageForbidden(SageError):
    """Your Sage 200 role doesn't allow this."""

    mend = "Ask your Sage 200 administrator for the sales ledger enquiry feature on your role."

    def __init__(self, message: str | None = None, *, mend: str | None = None) -> None:
        """`mend` takes the place of the usual one."""
        super().__init__(message)
        if mend is not None:
            self.mend = mend


class SageMissing(SageError):
    """Sage 200 doesn't have that, or your version of Sage 200 doesn't offer it."""


class SageRejected(SageError):
    """Sage 200 didn't accept the question."""

    mend = "Try other words. If it lasts, tell whoever runs this app."
