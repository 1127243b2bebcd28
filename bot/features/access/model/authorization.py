"""Who may do and see what, and where: the one place that decides. Everything unknown is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.customer_filter import Codes
from bot.domain.schedule import Region


class Membership(StrEnum):
    """What Slack says of a person, in the words of this rule."""

    ADMIN = "admin of the Slack workspace"
    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "from another company"
    UNKNOWN = "could not be looked up"


class Role(StrEnum):
    """What an admin of the app made a person or a user group of Slack's."""

    ADMIN = "admin"
    CONTROLLER = "controller"
    SALES = "sales"


class Shown(StrEnum):
    """How much of a figure somebody or a place is shown."""

    STATUS = "status"
    BAND = "band"
    FIGURES = "figures"


class Action(StrEnum):
    """What people do. Those who may look at STATUS may be shown more: the verdict says how much."""

    STATUS = "see whether an account is on hold"
    FIGURES = "see figures"
    NEWS = "be told news in private"
    HOLD = "put an account on hold"
    RELEASE = "release an account"
    REQUEST_RELEASE = "ask for a release"
    DECIDE_RELEASE = "decide about a release"
    SHARE = "share with a channel"
    SUBSCRIBE_CHANNEL = "subscribe a channel"
    SUBSCRIBE_SELF = "subscribe your own messages"
    SEE_SUBSCRIPTIONS = "see everybody's subscriptions"
    CHANGE_SUBSCRIPTIONS = "change everybody's subscriptions"
    SETTINGS = "change roles and settings"
    AUDIT_ALL = "read everybody's record"
    AUDIT_OWN = "read the record of your own actions"


class Visibility(StrEnum):
    """Where it would be read: by the person alone, in a channel of some class, or by nobody knows whom."""

    PRIVATE = "private"
    STATUS = "a channel that is shown status"
    BAND = "a channel that is shown bands"
    FIGURES = "a channel that is shown figures"
    CLOSED = "shared with another company, or unknown"


@dataclass(frozen=True, slots=True)
class Asker:
    """The person behind a command, click or message, looked up at Slack just now."""

    workspace_id: str
    workspace_name: str
    team_id: str
    user_id: str
    name: str
    membership: Membership
    is_installer: bool = False

    @property
    def is_full_member(self) -> bool:
        """Full members only, and only then through a Sage sign-in that may answer them."""
        return self.membership in {Membership.ADMIN, Membership.MEMBER}

    @property
    def may_own_workspace(self) -> bool:
        """Whether their connection may become the workspace's own: the installer's or a Slack admin's."""
        return self.membership is Membership.ADMIN or (self.is_installer and self.membership is Membership.MEMBER)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the admins of the app chose for their workspace. Money is in the customer's currency."""

    status_for_everyone: bool = False
    sales_only_theirs: bool = True
    trust_copy_for: timedelta = timedelta(hours=24)
    second_approver_above: Decimal | None = None
    zone: str = "Europe/London"
    region: Region | None = Region.ENGLAND_AND_WALES


@dataclass(frozen=True, slots=True)
class Member:
    """A person as this app knows them just now.

    `role` is the highest of their own and of their user groups'; `has_own` whether a live Sage sign-in of their own
    answers them; `mine` are the analysis codes of their customers in the company that does.
    """

    asker: Asker
    role: Role | None = None
    has_own: bool = False
    mine: tuple[Codes, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether they may, and how much is shown. `why` and `hint` are for the person; empty where they may.

    `only`: of customers that none of these codes fit just `others` is shown, and None of that is nothing.
    `connects`: a Sage sign-in of their own would mend it.
    """

    allowed: bool
    shown: Shown | None = None
    only: tuple[Codes, ...] | None = None
    others: Shown | None = None
    why: str = ""
    hint: str = ""
    connects: bool = False

    def shown_of(self, analysis: Mapping[int, str]) -> Shown | None:
        """How much of a customer with these analysis codes is shown; None: they may not know of it."""
        if not self.allowed:
            return None
        if self.only is None or any(codes.fit(analysis) for codes in self.only):
            return self.shown
        return self.others


UNDECIDED = Decision(False)
"""For where nobody has been asked about yet."""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """What an admin changed: a role, a group's role, customers, a channel or a setting, of what, from what to what.

    `what` is "role", "group", "customers", "channel" or "setting", and `about` the id or name of whose; `undo` is what
    is typed to have it back where that isn't `before`. `count` are the people in a group.
    """

    what: str
    about: str
    before: str
    after: str
    undo: str = ""
    count: int = 0
    company_name: str = ""


@dataclass(frozen=True, slots=True)
class RoleOverview:
    """Who has which role, by user or group id; and by user id whose customers are whose, in one company."""

    people: Mapping[str, str]
    groups: Mapping[str, str]
    customers: Mapping[str, str] = field(default_factory=dict)
    company_name: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceChoices:
    """A workspace's settings, and the channels that are shown more than status."""

    policy: Policy
    channels: Mapping[str, Shown] = field(default_factory=dict)


RANK = (Role.ADMIN, Role.CONTROLLER, Role.SALES)
_LEAST = (Shown.STATUS, Shown.BAND, Shown.FIGURES)
_CAPS = {
    Visibility.PRIVATE: Shown.FIGURES,
    Visibility.STATUS: Shown.STATUS,
    Visibility.BAND: Shown.BAND,
    Visibility.FIGURES: Shown.FIGURES,
}


def role_from(*names: str | None) -> Role | None:
    """The highest of the roles that are kept by these names; a name that is no role is none."""
    return next((role for role in RANK if role.value in names), None)


def visibility_of(figures_class: str | None, *, is_open: bool = True) -> Visibility:
    """A channel by the class that an admin gave it: without one, or with one that isn't known, it is the least.

    `is_open` is False for channels shared with another company, and where Slack couldn't say.
    """
    if not is_open:
        return Visibility.CLOSED
    known = {Shown.BAND.value: Visibility.BAND, Shown.FIGURES.value: Visibility.FIGURES}
    return known.get(figures_class or "", Visibility.STATUS)


def shown_in(place: Visibility) -> Shown | None:
    """The most that is shown in a place, whoever says it there."""
    return _CAPS.get(place)


def least_shown(*shown: Shown) -> Shown:
    """The lowest of these."""
    return min(shown, key=_LEAST.index)
