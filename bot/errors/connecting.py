"""A person and their Sage sign-in do not come together."""

from __future__ import annotations

from bot.errors.base import BotError


class ConnectError(BotError):
    """Nothing was connected."""

    mend = "Go back to Slack and run `/sage connect` for a fresh link."


class LinkUnknown(ConnectError):
    """This link isn't one of ours, or it has already been cleared away."""


class LinkUsed(ConnectError):
    """This link has already been used. Each link works once."""


class LinkExpired(ConnectError):
    """This link has expired. Links last ten minutes."""


class WrongBrowser(ConnectError):
    """This sign-in was started in another browser, or your browser blocked our cookie."""

    mend = "Run `/sage connect` in Slack, and open and finish the link in one browser with cookies allowed."


class SignInDeclined(ConnectError):
    """You cancelled at Sage ID, so nothing was connected."""


class CodeWrong(ConnectError):
    """That isn't the code for your sign-in."""

    mend = "Check the code on the page you finished on and type `/sage verify CODE` again."


class CodeExpired(ConnectError):
    """That sign-in was cleared away: codes last ten minutes and five tries."""

    mend = "Run `/sage connect` for a fresh link."


class NothingToVerify(ConnectError):
    """You have no sign-in waiting for a code."""

    mend = "Run `/sage connect` first. The code belongs to the person who asked for the link."


class NotConnected(BotError):
    """You haven't connected your Sage ID yet."""

    mend = "Run `/sage connect`: it takes about a minute."


class ReconnectNeeded(BotError):
    """Your Sage sign-in has ended, so I can't ask Sage 200 for you."""

    mend = "Run `/sage connect` to sign in again."


class WorkspaceSignInEnded(ReconnectNeeded):
    """This workspace's own Sage sign-in has ended, so I can't ask Sage 200 for you. Its owner has been told."""

    mend = "Wait until they have signed in again, or connect your own Sage ID with `/sage connect`."


class NoCompany(BotError):
    """You're connected, but you haven't picked a company yet."""

    mend = "Run `/sage company` to pick one."


class NoCompanies(BotError):
    """Your Sage ID signed in, but it opens no company in Sage 200."""

    mend = (
        "Ask your Sage 200 administrator to check: your Sage ID is assigned to a Sage 200 user; on Professional, that "
        "user has *API* ticked in System Administration; the Sage 200 server is online and its licence is current. "
        "Then run `/sage company`."
    )
