"""Slack, or another process, stands in the way."""

from __future__ import annotations

from bot.errors.base import BotError


class SlackPosting(BotError):
    """Slack did not take a message."""

    def __init__(
        self,
        why: str = "",
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        trouble: str = "",
        in_doubt: bool = False,
    ) -> None:
        """`trouble`: nothing can be posted there, whatever it is. `in_doubt`: it may stand there all the same."""
        super().__init__()
        self.trouble = trouble
        self.in_doubt = in_doubt
        self.why = why
        self.permanent = permanent
        self.retry_after = retry_after


class SharingFailed(BotError):
    """Slack did not take that message, so nothing was posted."""

    permanent = False
    mend = "Please try again in a minute."

    def __init__(self, cause: SlackPosting | None = None) -> None:
        if cause is not None and cause.in_doubt:
            super().__init__("Slack did not say whether it took that message.")
            self.mend = "Look into the channel before you share it again."
        elif cause is not None and cause.trouble:
            super().__init__(f"Nothing was posted: {cause.trouble}.")
            self.mend = "Choose another channel."
        else:
            super().__init__()


class NotInstalled(BotError):
    """Sage 200 isn't installed in this workspace any more."""

    mend = "An admin of this Slack workspace can install it again."


class NotInChannel(BotError):
    """I'm not in that channel, so I can't post there."""

    mend = "It is private, or doesn't exist: somebody in it can type `/invite @Sage 200` there, then ask again."

    def __init__(self, channel_id: str = "", *, may_join: bool = False, again: str = "") -> None:
        """`again` is what would be typed behind `/sage subscribe` once that is mended."""
        super().__init__()
        self.channel_id, self.may_join, self.again = channel_id, may_join, again
        if may_join:
            self.mend = "I can join it, as it is public."


class ChannelUnknown(BotError):
    """Slack couldn't tell me about that channel just now."""

    permanent = False
    mend = "Please try again in a minute. If it stays so, an admin of Slack can install the app again."


class FileNotSent(BotError):
    """Slack didn't take the file, so nothing was sent."""

    permanent = False
    mend = "Please try again in a minute."

    def __init__(self, *, lacks_permission: bool = False) -> None:
        super().__init__()
        if lacks_permission:
            self.permanent = True
            self.mend = "The app was installed before it sent files: an admin of Slack can install it again."


class TurnLost(BotError):
    """Another process took this work over."""

    permanent = False
