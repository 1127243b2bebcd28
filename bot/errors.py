"""Every error this app raises on purpose.

    BotError                        .permanent decides retry or stop; .is_outage: the service said nothing of the
                                    request; .hint says what to do next
    ├── SageError                   anything Sage 200 answered, or did not
    │   ├── SageUnavailable         not reached, timed out, 5xx                     (transient)
    │   │   ├── CopyTooOld          and the copy is older than may be shown: .as_of (transient)
    │   │   └── SageSlow            so many requests wait for it that this one can't (transient)
    │   ├── SageBusy                429, or 403 with Retry-After: .retry_after      (transient)
    │   ├── SageUnreadable          a 2xx whose body is not what Sage documents     (transient)
    │   ├── SageSignInRefused       401 even after the token was refreshed
    │   ├── SageAccessRemoved       401 while the company is gone from /sites
    │   ├── SageForbidden           403: the user's Sage role lacks the feature
    │   ├── SageMissing             404: unknown id, or not in this Sage version
    │   └── SageRejected            400 and other 4xx
    ├── SageIdError                 the sign-in service
    │   ├── SageIdUnavailable       not reached, 429, 5xx: .answer_lost, .retry_after (transient)
    │   ├── GrantRefused            invalid_grant: this code or refresh token is dead
    │   └── ClientRefused           invalid_client: the operator's credentials are wrong
    │       └── SignInSealed        no key of the operator's opens the sign-in
    ├── StorageDown                 our database is away, full or read-only                      (transient)
    ├── LeaseLost                   another process took over what this one was doing            (transient)
    ├── TokensUnavailable           no token can be had now from Sage ID, or Slack (SlackTokensUnavailable)
    │   └── SlackTokenSealed        no key of the operator's opens the workspace's bot token
    ├── ConnectError                a connect link or a code that cannot be used
    │   ├── LinkUnknown, LinkUsed, LinkExpired, WrongBrowser, SignInDeclined
    │   └── CodeWrong, CodeExpired, NothingToVerify
    ├── AlreadyConnected            the user's own sign-in serves, so none is needed
    ├── NotConnected                no Sage sign-in may answer this user
    │   └── NobodyAnswers           nor does anybody's answer colleagues
    ├── ReconnectNeeded             the user's sign-in has ended; only they can sign in again
    │   └── WorkspaceSignInEnded    the workspace connection doesn't serve: .owner, .state, .since
    ├── SlackPosting                Slack did not take a message: .why, .retry_after, .trouble, .in_doubt
    ├── NotInstalled                the workspace has no bot token of ours
    ├── NoCompany                   connected, but no company is chosen yet
    ├── NoCompanies                 the Sage ID reaches no company at all
    ├── NotAllowed                  guests, strangers, and those we could not look up
    ├── NotInChannel                alerts can't go where the app is not: .channel_id, .may_join, .again
    ├── ChannelUnknown              Slack could not be asked about a channel               (transient)
    ├── MembersNotListed            Slack did not list the people or channels of a workspace     (transient)
    ├── SharingFailed               Slack did not take a shared customer, or did not say  (transient)
    ├── TooLateToOpen               Slack's three seconds for opening a form are over            (transient)
    ├── FileNotSent                 Slack did not take a file                               (transient)
    ├── TooMany                     a member or a workspace asks too often: .is_news        (transient)
    └── BadQuestion                 what was typed cannot be asked
        ├── AccountBusy             another change of that account is being made             (transient)
        ├── FieldsRefused           fields of a form cannot be taken: .fields
        └── TooLong                 more was typed than is read

The docstring of a class is its default message: plain words for a user in Slack. Nothing that came from
Sage or Slack goes into a message.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from types import MappingProxyType

from bot.command_names import CUSTOMER, SAGE


class BotError(Exception):
    """Something went wrong in the app. It has been noted; please try again in a minute."""

    permanent: bool = True
    is_outage: bool = False
    hint: str = ""
    asks_access: bool = False  # a role, which an admin of the app could give, would allow it
    of_change: str = ""  # said in place of the message where a change was asked for, not figures
    is_of_change: bool = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or ""))

    @property
    def message(self) -> str:
        """Return the words for the user, without the hint."""
        return str(self.args[0])


class StorageDown(BotError):
    """This can't be answered at the moment: the app's database is not available."""

    permanent = False
    is_outage = True
    hint = "Try again in a few minutes. If it carries on, tell the person who runs this app."


class SageError(BotError):
    """Sage 200 could not answer."""


class SageUnavailable(SageError):
    """Sage 200 isn't responding, so there are no figures to show."""

    permanent = False
    hint = "Try again in a few minutes. If it carries on, ask the person who looks after your Sage 200 server."
    of_change = "Sage 200 isn't responding."


class CopyTooOld(SageUnavailable):
    """Sage 200 isn't responding, and the saved figures are too old to show."""

    def __init__(self, message: str | None = None, *, as_of: datetime | None = None) -> None:
        """Set `as_of`, when the cached copy was last true."""
        super().__init__(message)
        self.as_of = as_of


class SageSlow(SageUnavailable):
    """Sage 200 is slow at the moment, so there are no figures to show."""

    of_change = "Sage 200 is slow at the moment."
    hint = "Try again in a minute. If it carries on, ask the person who looks after your Sage 200 server."


class SageBusy(SageError):
    """Sage 200 is busy."""

    permanent = False
    hint = "Try again in a minute."

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SageUnreadable(SageError):
    """Sage 200 gave an answer that can't be read, so nothing is shown."""

    permanent = False
    of_change = "Sage 200 gave an answer that can't be read."
    hint = "Try again in a minute. If it carries on, tell the person who runs this app."


class SageSignInRefused(SageError):
    """Sage 200 refused your sign-in."""

    hint = "Run `/sage connect` to sign in again."


class SageAccessRemoved(SageError):
    """Your Sage ID no longer opens this company in Sage 200."""

    hint = "Ask your Sage 200 administrator to restore your access, or pick another company with `/sage company`."


class SageForbidden(SageError):
    """Your Sage 200 role doesn't allow this."""

    hint = "Ask your Sage 200 administrator for the sales ledger enquiry feature on your role."

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        """Set the message and the hint; `hint` replaces the usual one."""
        super().__init__(message)
        if hint is not None:
            self.hint = hint


SAGE_REFUSALS = (SageForbidden, SageSignInRefused, SageAccessRemoved)
"""With these Sage refuses a sign-in its company. A refusal is stored by its name."""


class SageMissing(SageError):
    """Sage 200 doesn't have that, or your version of Sage 200 doesn't offer it."""


class SageRejected(SageError):
    """Sage 200 didn't accept the question."""

    of_change = "Sage 200 didn't accept it."
    hint = "Try other words. If it carries on, tell the person who runs this app."


class TokensUnavailable(BotError):
    """The service that gives tokens isn't answering right now."""

    permanent = False
    is_outage = True
    hint = "Try again in a few minutes."

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
    hint = TokensUnavailable.hint


class SlackTokensUnavailable(TokensUnavailable):
    """Slack isn't answering right now."""


class SlackTokenSealed(SlackTokensUnavailable):
    """No answer: this app can't open its own sign-in to Slack. Something is wrong with its set-up."""

    hint = "Nothing for you to do: the person who runs this app can see it in the log."


class GrantRefused(SageIdError):
    """Sage ID no longer accepts this sign-in."""

    hint = "Run `/sage connect` to sign in again."


class ClientRefused(SageIdError):
    """Sage 200 can't be reached: something is wrong with this app's set-up, not with your sign-in."""

    hint = "Nothing for you to do: the person who runs this app can see it in the log."


class SignInSealed(ClientRefused):
    """Sage 200 can't be reached: the sign-in can't be opened. Something is wrong with this app's set-up."""

    hint = (
        "The person who runs this app can see it in the log. If they say that a key is lost, run `/sage connect` to "
        "sign in again."
    )


NOTHING_CHANGED, NOTHING_SENT, NOTHING_NOTED = "Nothing was changed", "Nothing was sent", "Nothing was noted"


@contextmanager
def saying_what_became(words: str) -> Iterator[None]:
    """Put `words` before what Sage or Sage ID refuses or fails at within, once: a user asks what became of a change."""
    try:
        yield
    except (SageError, SageIdError, TokensUnavailable) as error:
        if error.is_of_change:
            raise
        told = copy(error)  # others may wait for the same answer, and only read
        why = error.of_change or error.message
        told.args, told.is_of_change = (f"{words}: {why.replace('Your ', 'your ', 1)}",), True
        raise told from None


class ConnectError(BotError):
    """Nothing was connected."""

    hint = "Go back to Slack and run `/sage connect` for a fresh link."


class LinkUnknown(ConnectError):
    """This link doesn't exist, or it has expired."""


class LinkUsed(ConnectError):
    """This link has already been used. Each link works once."""


class LinkExpired(ConnectError):
    """This link has expired. Links last ten minutes."""


class WrongBrowser(ConnectError):
    """This sign-in was started in another browser, or your browser blocked the app's cookie."""

    hint = (
        "Run `/sage connect` in Slack, and open and finish the link in one browser with "
        "cookies allowed. On a phone, open the link in Safari or Chrome rather than inside "
        "Slack."
    )


class SignInDeclined(ConnectError):
    """You cancelled at Sage ID, so nothing was connected."""


class SignInRefused(ConnectError):
    """Sage ID refused this sign-in, so nothing was connected."""

    hint = "Check with your Sage administrator that your Sage ID may use this app. Then run `/sage connect` again."


class AppRefused(ConnectError):
    """Sage ID doesn't accept the way this app asked, so nothing was connected."""

    hint = (
        "Ask the person who runs this app to compare its client id, return address and "
        "scopes with what Sage registered."
    )


class SignInFailed(ConnectError):
    """Sage ID had a fault of its own, so nothing was connected."""

    permanent = False
    hint = "Wait a few minutes, then run `/sage connect` in Slack again."


class NoOfflineAccess(ConnectError):
    """Sage ID signed you in but gave no lasting access, so nothing was connected."""

    hint = (
        "The person who runs this app has to ask Sage for offline access (the scope offline_access) for its client id."
    )


class CodeWrong(ConnectError):
    """That isn't the code for your sign-in."""

    hint = "Check the code on the page you finished on and type `/sage verify CODE` again."


class CodeExpired(ConnectError):
    """That code has expired: a code lasts ten minutes and five tries."""

    hint = "Run `/sage connect` for a fresh link."


class NothingToVerify(ConnectError):
    """You have no sign-in waiting for a code."""

    hint = "Run `/sage connect` first. The code belongs to the person who asked for the link."


class AlreadyConnected(BotError):
    """Your Sage ID is connected already."""

    hint = "To sign in again, or with another Sage ID: `/sage connect`. What it shows you: `/sage status`."


class NotConnected(BotError):
    """You haven't connected your Sage ID yet."""

    hint = "Run `/sage connect`: it takes about a minute."


class ReconnectNeeded(BotError):
    """Your Sage sign-in has ended, so you get no answers from Sage 200."""

    hint = "Run `/sage connect` to sign in again."


class NobodyAnswers(NotConnected):
    """There is no shared Sage sign-in, so only people with their own Sage ID get answers."""

    hint = "Connect your own Sage ID with `/sage connect`, or ask an admin of this app."


RECONNECTS = (NotConnected, ReconnectNeeded, SageSignInRefused)
"""Errors that a sign-in of the asker's own would mend."""


class WorkspaceSignInEnded(ReconnectNeeded):
    """The workspace's Sage sign-in has ended, so you get no answers from Sage 200."""

    hint = "Wait until they have signed in again, or connect your own Sage ID with `/sage connect`."

    def __init__(
        self, message: str | None = None, *, owner: str = "", state: str = "", since: datetime | None = None
    ) -> None:
        """Set whose sign-in it is, its state in the database or "uninstalled", and since when."""
        super().__init__(message)
        self.owner, self.state, self.since = owner, state, since


class NoCompany(BotError):
    """You're connected, but you haven't picked a company yet."""

    hint = "Run `/sage company` to pick one."


class NoCompanies(BotError):
    """Your Sage ID signed in, but it opens no company in Sage 200."""

    hint = (
        "Ask your Sage 200 administrator to check: your Sage ID is assigned to a Sage 200 user; on Professional, that "
        "user has *API* ticked in System Administration; the Sage 200 server is online and its licence is current. "
        "Then run `/sage company`."
    )


_SLACK_OUTAGES = {"ratelimited", "unreachable"}


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
        is_outage: bool = False,
    ) -> None:
        """`trouble`: nothing can be posted there, whatever it is. `in_doubt`: it may stand there all the same.

        What is in doubt, and what Slack answers when it is away or asked too often, is an outage too.
        """
        super().__init__()
        self.is_outage = is_outage or in_doubt or why in _SLACK_OUTAGES
        self.trouble = trouble
        self.in_doubt = in_doubt
        self.why = why
        self.permanent = permanent
        self.retry_after = retry_after


class SharingFailed(BotError):
    """Slack did not take that message, so nothing was posted."""

    permanent = False
    hint = "Please try again in a minute."

    def __init__(self, cause: SlackPosting | None = None) -> None:
        if cause is not None and cause.in_doubt:
            super().__init__("Slack did not say whether it took that message.")
            self.hint = "Check the channel before you share it again."
        elif cause is not None and cause.trouble:
            super().__init__(f"Nothing was posted: {cause.trouble}.")
            self.hint = "Choose another channel."
        else:
            super().__init__()


class TooLateToOpen(BotError):
    """That took too long for Slack: press the button again."""

    permanent = False

    def __init__(self, *, is_typed: bool = False) -> None:
        super().__init__("That took too long for Slack: type the command again." if is_typed else None)


class NotInstalled(BotError):
    """Sage 200 isn't installed in this workspace any more."""

    hint = "An admin of this Slack workspace can install it again."


class NotInChannel(BotError):
    """Sage 200 isn't in that channel, so nothing can be posted there."""

    hint = "It is private, or doesn't exist: somebody in it can type `/invite @Sage 200` there, then ask again."

    def __init__(self, channel_id: str = "", *, may_join: bool = False, again: str = "") -> None:
        """Set `again`, what to type behind `/sage subscribe` once the app is in the channel."""
        super().__init__()
        self.channel_id, self.may_join, self.again = channel_id, may_join, again
        if may_join:
            self.hint = "The channel is public, so the button adds the app to it."


def allow(scope: str) -> str:
    """Return what to do where an optional permission was left out when the app was installed."""
    return (
        f"That needs Slack's permission `{scope}`, which wasn't given when the app was installed. "
        "A Slack admin can reinstall it."
    )


class ChannelUnknown(BotError):
    """Slack gave no answer about that channel."""

    permanent = False
    hint = "Please try again in a minute. If it keeps happening, ask a Slack admin to install the app again."

    def __init__(self, *, lacks_scope: str = "") -> None:
        """Set `lacks_scope`, the permission without which Slack says nothing of the channel."""
        super().__init__()
        if lacks_scope:
            self.permanent, self.hint = True, allow(lacks_scope)


class MembersNotListed(BotError):
    """Slack didn't list the people and channels of this workspace, so nothing was changed."""

    permanent = False
    hint = "Try again in a minute. `/sage roles @ANNA sales` works meanwhile."


class FileNotSent(BotError):
    """Slack didn't take the file, so nothing was sent."""

    permanent = False
    hint = "Please try again in a minute."

    def __init__(self, *, lacks_scope: str = "") -> None:
        """Set `lacks_scope`, the permission that it takes."""
        super().__init__()
        if lacks_scope:
            self.permanent, self.hint = True, allow(lacks_scope)


class LeaseLost(BotError):
    """Another process took this work over."""

    permanent = False


class NotAllowed(BotError):
    """Sage 200 is only for full members of this workspace: guests and people from other companies can't see it."""

    hint = "If you think that is wrong, ask an admin of this Slack workspace."

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        """Set the message and the hint; `hint` replaces the usual one."""
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class TooMany(BotError):
    """You have asked too often in a short time."""

    permanent = False

    def __init__(self, message: str | None = None, *, hint: str = "", is_news: bool = True) -> None:
        """Set `is_news`: the member hasn't been told in this window yet."""
        super().__init__(message)
        self.hint = hint
        self.is_news = is_news


class BadQuestion(BotError):
    """That isn't understood."""

    def __init__(
        self, message: str | None = None, *, typed: str = "", offered: Iterable[str] = (), hint: str | None = None
    ) -> None:
        """Set `typed`, the part not understood, and `offered`, what would be; a view must escape both."""
        super().__init__(message)
        self.typed, self.offered = typed, tuple(offered)
        if hint is not None:
            self.hint = hint
        elif not self.hint:
            self.hint = f"`{SAGE} help` lists everything you can type."


class NoCustomerNamed(BadQuestion):
    """Which customer should be looked up?"""

    def __init__(self, message: str | None = None) -> None:
        """Set why the words are no customer's name or reference."""
        super().__init__(message, hint=f"Try `{CUSTOMER} ABS001`, or part of a name or a postcode.")


class OutOfDate(BadQuestion):
    """What was pressed or sent is of an earlier version."""

    def __init__(self, what: str = "button", *, hint: str = "Ask again for a new one.") -> None:
        """Set what is out of date: `form`, `button`, `menu`, `card` or `list`."""
        super().__init__(f"That {what} is out of date.", hint=hint)


class OtherCompanysCard(BadQuestion):
    """That was another company's card, and you have changed companies since."""

    # The same id is another customer in each company.
    hint = "Ask for the customer again, or pick the company with `/sage company`."


class CompanyNotOpened(BadQuestion):
    """Your Sage ID doesn't open that company."""

    hint = "`/sage company` has the list of those it opens."


class AccountBusy(BadQuestion):
    """Somebody else is changing that account at this moment."""

    permanent = False
    hint = "Look again in a moment."


class FieldsRefused(BadQuestion):
    """Please check the marked fields."""

    def __init__(self, fields: Mapping[str, BadQuestion] = MappingProxyType({})) -> None:
        """Set what is wrong with each field, by name; the first one is the message outside a form."""
        first = next(iter(fields.values()), BadQuestion("Please check the marked fields."))
        super().__init__(first.message, typed=first.typed, offered=first.offered, hint=first.hint)
        self.fields = fields


class TooLong(BadQuestion):
    """That is longer than 3,000 characters, so nothing was done."""

    hint = "Shorten it and send it again."
