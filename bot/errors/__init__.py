"""Every error this app raises on purpose.

    BotError                        .permanent decides retry or stop; .mend says what to do next
    ├── SageError                   anything Sage 200 answered, or did not
    │   ├── SageUnavailable         not reached, timed out, 5xx                     (transient)
    │   │   └── CopyTooOld          and the copy is older than may be shown: .as_of (transient)
    │   ├── SageBusy                429, or 403 with Retry-After: .retry_after      (transient)
    │   ├── SageUnreadable          a 2xx whose body is not what Sage documents     (transient)
    │   ├── SageSignInRefused       401 even after the token was renewed
    │   ├── SageAccessRemoved       401 while the company is gone from /sites
    │   ├── SageForbidden           403: the person's Sage role lacks the feature
    │   ├── SageMissing             404: unknown id, or not in this Sage version
    │   └── SageRejected            400 and other 4xx
    ├── SageIdError                 the sign-in service
    │   ├── SageIdUnavailable       not reached, 429, 5xx: .answer_lost, .retry_after (transient)
    │   ├── GrantRefused            invalid_grant: this code or refresh token is dead
    │   └── ClientRefused           invalid_client: the operator's credentials are wrong
    ├── TurnLost                    another process took over what this one was doing            (transient)
    ├── TokensUnavailable           whoever gives tokens can't now: Sage ID, or Slack (SlackTokensUnavailable)
    ├── ConnectError                a connect link or a code that cannot be used
    │   ├── LinkUnknown, LinkUsed, LinkExpired, WrongBrowser, SignInDeclined
    │   └── CodeWrong, CodeExpired, NothingToVerify
    ├── NotConnected                nobody's Sage sign-in may answer this person
    ├── ReconnectNeeded             their sign-in has ended; only they can renew it
    │   └── WorkspaceSignInEnded    the one that answers for them has ended or is paused; its owner was told
    ├── SlackPosting                Slack did not take a message: .why, .retry_after, .trouble, .in_doubt
    ├── NotInstalled                the workspace has no bot token of ours
    ├── NoCompany                   connected, but no company is chosen yet
    ├── NoCompanies                 the Sage ID reaches no company at all
    ├── NotAllowed                  guests, strangers, and those we could not look up
    ├── NotInChannel                news can't go where the app is not: .channel_id, .may_join, .again
    ├── ChannelUnknown              Slack could not be asked about a channel               (transient)
    ├── SharingFailed               Slack did not take what somebody shared, or did not say  (transient)
    ├── FileNotSent                 Slack did not take a file                               (transient)
    └── BadQuestion                 what was typed cannot be asked
        └── FieldsRefused           the same of a form: .fields

The docstring of a class is its default message: plain words for a person in Slack. Nothing that came from
Sage or Slack goes into a message.
"""

from __future__ import annotations

from bot.errors.asking import BadQuestion, FieldsRefused, NotAllowed
from bot.errors.base import BotError
from bot.errors.connecting import (
    CodeExpired,
    CodeWrong,
    ConnectError,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NoCompanies,
    NoCompany,
    NotConnected,
    NothingToVerify,
    ReconnectNeeded,
    SignInDeclined,
    WorkspaceSignInEnded,
    WrongBrowser,
)
from bot.errors.posting import (
    ChannelUnknown,
    FileNotSent,
    NotInChannel,
    NotInstalled,
    SharingFailed,
    SlackPosting,
    TurnLost,
)
from bot.errors.sage import (
    CopyTooOld,
    SageAccessRemoved,
    SageBusy,
    SageError,
    SageForbidden,
    SageMissing,
    SageRejected,
    SageSignInRefused,
    SageUnavailable,
    SageUnreadable,
)
from bot.errors.tokens import (
    ClientRefused,
    GrantRefused,
    SageIdError,
    SageIdUnavailable,
    SlackTokensUnavailable,
    TokensUnavailable,
)

__all__ = [
    "BadQuestion",
    "BotError",
    "ChannelUnknown",
    "ClientRefused",
    "CodeExpired",
    "CodeWrong",
    "ConnectError",
    "CopyTooOld",
    "FieldsRefused",
    "FileNotSent",
    "GrantRefused",
    "LinkExpired",
    "LinkUnknown",
    "LinkUsed",
    "NoCompanies",
    "NoCompany",
    "NotAllowed",
    "NotConnected",
    "NotInChannel",
    "NotInstalled",
    "NothingToVerify",
    "ReconnectNeeded",
    "SageAccessRemoved",
    "SageBusy",
    "SageError",
    "SageForbidden",
    "SageIdError",
    "SageIdUnavailable",
    "SageMissing",
    "SageRejected",
    "SageSignInRefused",
    "SageUnavailable",
    "SageUnreadable",
    "SharingFailed",
    "SignInDeclined",
    "SlackPosting",
    "SlackTokensUnavailable",
    "TokensUnavailable",
    "TurnLost",
    "WorkspaceSignInEnded",
    "WrongBrowser",
]
