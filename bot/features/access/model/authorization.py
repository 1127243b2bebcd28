"""The values of authorization: membership, role, action, visibility, policy, decision. Unknown values are refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.filters.customer_filter import Codes
from bot.domain.hold_notes import HoldNotes
from bot.domain.hold_reasons import HOLD_REASONS
from bot.domain.schedule import Region
from bot.domain.working_hours import WorkingHours


class Membership(StrEnum):
    """A user's membership in the Slack workspace, as Slack reports it."""

    ADMIN = "admin of the Slack workspace"  # of the organisation, if that installed the app
    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "from another company"
    UNKNOWN = "could not be looked up"


class Role(StrEnum):
    """The role that an admin of this app gave a user or a Slack user group."""

    ADMIN = "admin"
    CONTROLLER = "controller"
    SALES = "sales"
    VIEWER = "viewer"  # sees everything, changes nothing


class Shown(StrEnum):
    """How much of a customer's figures a user or a channel is shown, least first."""

    STATUS = "status"
    BAND = "band"
    FIGURES = "figures"


class Action(StrEnum):
    """Something that a user may or may not do."""

    # Whoever may do STATUS is often shown more: `Decision.shown` says how much.

    STATUS = "see whether an account is on hold"
    FIGURES = "see figures"
    NEWS = "get alerts in private"
    HOLD = "put an account on hold"
    RELEASE = "release an account"
    CHANGE_LIMIT = "change a credit limit"
    REQUEST_RELEASE = "ask for a release"
    DECIDE_RELEASE = "decide about a release"
    PROMISE = "note a promise to pay"
    DISPUTE = "raise a dispute"
    DECIDE_DISPUTE = "accept and close disputes"
    NOTE = "write a note on a customer"
    SHARE = "share with a channel"
    SUBSCRIBE_CHANNEL = "subscribe a channel"
    SUBSCRIBE_SELF = "subscribe your own messages"
    SEE_SUBSCRIPTIONS = "see everybody's subscriptions"
    CHANGE_SUBSCRIPTIONS = "change everybody's subscriptions"
    SETTINGS = "change roles and settings"
    AUDIT_ALL = "read everybody's record"
    AUDIT_OWN = "see the activity log of your own actions"


class Visibility(StrEnum):
    """Who can read an answer: the asker alone, or everybody in a channel of some class."""

    PRIVATE = "private"
    STATUS = "a channel that shows status"
    BAND = "a channel that shows bands"
    FIGURES = "a channel that shows figures"
    CLOSED = "shared with another company, or unknown"


@dataclass(frozen=True, slots=True)
class Asker:
    """The user behind a command, click or message, as Slack described them for this request."""

    workspace_id: str
    workspace_name: str
    team_id: str
    user_id: str
    name: str
    membership: Membership
    is_installer: bool = False

    @property
    def is_full_member(self) -> bool:
        """Return whether this user is a full member of the workspace. Guests and strangers are refused everything."""
        return self.membership in {Membership.ADMIN, Membership.MEMBER}

    @property
    def may_found(self) -> bool:
        """Return whether this user's sign-in may found the workspace: the first installer's or a Slack admin's."""
        return self.membership is Membership.ADMIN or (self.is_installer and self.membership is Membership.MEMBER)


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that this app's admins chose for their workspace."""

    # `second_approver_above`, `overdue_least` and `suggest_above` are in the customer's own currency. An order is for
    # credit control from `overdue_ask_days` late on, and stopped from `overdue_stop_days` (None: never for lateness);
    # with `disputes_count` for debt in query too. Without `sets_off_credit` no credit lowers what is overdue.

    status_for_everyone: bool = False
    sales_only_theirs: bool = True
    trust_copy_for: timedelta = timedelta(hours=24)
    second_approver_above: Decimal | None = None
    zone: str = "Europe/London"
    region: Region | None = Region.ENGLAND_AND_WALES
    overdue_ask_days: int = 7
    overdue_stop_days: int | None = 30
    overdue_least: Decimal = Decimal(50)
    disputes_count: bool = False
    sets_off_credit: bool = True
    promise_grace_days: int = 2
    suggest_after_days: int | None = 60
    suggest_above: Decimal | None = None
    working_hours: WorkingHours = field(default_factory=WorkingHours)
    hold_reasons: tuple[str, ...] = HOLD_REASONS
    keep_questions: bool = False
    hold_notes: HoldNotes = HoldNotes.OFF

    def day_of(self, now: datetime) -> date:
        """Return the day of a moment in the workspace's time zone."""
        return now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Member:
    """A user as the decision table knows them.

    `role` is the highest of the user's own and of their user groups'. `has_own`: a live Sage sign-in of their own
    answers them. `mine`: the analysis codes of their own customers in the company that answers.
    """

    asker: Asker
    role: Role | None = None
    has_own: bool = False
    mine: tuple[Codes, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an action is allowed, and how much is shown. `why` and `hint` are shown to the user; empty if allowed.

    `only` limits `shown` to customers that match one of these codes; all other customers get `others` (None: they are
    hidden). `connects`: connecting a Sage ID of their own would allow it.
    """

    allowed: bool
    shown: Shown | None = None
    only: tuple[Codes, ...] | None = None
    others: Shown | None = None
    why: str = ""
    hint: str = ""
    connects: bool = False

    def shown_of(self, analysis: Mapping[int, str]) -> Shown | None:
        """Return how much of a customer with these analysis codes is shown; None if the customer is hidden."""
        if not self.allowed:
            return None
        if self.only is None or any(codes.fit(analysis) for codes in self.only):
            return self.shown
        return self.others


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A change by an admin to a role, a group's role, a person's own customers, a channel or a setting.

    `what` is "role", "group", "customers", "channel", "requests" (of a channel) or "setting"; `about` is the id or name
    of the thing changed.
    `undo` is what to type to restore the old value, if that isn't `before`. `count` is the number of people in a group,
    and `told` the number of those who get a message.
    """

    what: str
    about: str
    before: str
    after: str
    undo: str = ""
    count: int = 0
    told: int = 0
    company_name: str = ""

    @property
    def is_news(self) -> bool:
        """Return whether anything is another than it was."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class RoleOverview:
    """All roles of a workspace, by user or group id, and each user's own customers in one company."""

    people: Mapping[str, str]
    groups: Mapping[str, str]
    customers: Mapping[str, str] = field(default_factory=dict)
    company_name: str = ""


@dataclass(frozen=True, slots=True)
class RaisedChannel:
    """How much of one company's figures a channel is shown. Of every other company it is shown status.

    `takes_requests`: that company's requests are posted there as well.
    """

    channel_id: str
    company_name: str
    shown: Shown
    takes_requests: bool = False


@dataclass(frozen=True, slots=True)
class WorkspaceChoices:
    """A workspace's settings, and the channels that are shown more than status."""

    policy: Policy
    channels: tuple[RaisedChannel, ...] = ()


RANK = (Role.ADMIN, Role.CONTROLLER, Role.SALES, Role.VIEWER)
_LEAST = (Shown.STATUS, Shown.BAND, Shown.FIGURES)
_CAPS = {
    Visibility.PRIVATE: Shown.FIGURES,
    Visibility.STATUS: Shown.STATUS,
    Visibility.BAND: Shown.BAND,
    Visibility.FIGURES: Shown.FIGURES,
}


def role_from(*names: str | None) -> Role | None:
    """Return the highest role among these stored names; None if no name is a role."""
    return next((role for role in RANK if role.value in names), None)


def roles_above(own: Role | None) -> tuple[Role, ...]:
    """Return the roles that a user group may give in place of the user's own, the highest first."""
    # A viewer sees more than sales and may do less: neither is above the other, so the person's own role counts.
    return RANK if own is None else RANK[: min(RANK.index(own), RANK.index(Role.SALES))]


def role_with_groups(own: str | None, of_groups: Collection[str]) -> Role | None:
    """Return the role of a user from the stored names of their own and of their groups' roles."""
    mine = role_from(own)
    return next((role for role in roles_above(mine) if role.value in of_groups), mine)


def visibility_of(figures_class: str | None) -> Visibility:
    """Return the visibility of a channel with this stored class. No class or an unknown one gives STATUS, the least."""
    known = {Shown.BAND.value: Visibility.BAND, Shown.FIGURES.value: Visibility.FIGURES}
    return known.get(figures_class or "", Visibility.STATUS)


def shown_in(place: Visibility) -> Shown | None:
    """Return the most that may be shown there, whatever the user's role; None if nothing may."""
    return _CAPS.get(place)


def least_shown(*shown: Shown) -> Shown:
    """Return the lowest of these levels."""
    return min(shown, key=_LEAST.index)
