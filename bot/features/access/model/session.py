"""The session of one request: the asker, their permissions, and the sign-in and company that answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.domain.company import Company
from bot.domain.debt.lateness import CopiedDebt, DebtUnknown
from bot.domain.filters.customer_filter import Codes
from bot.domain.reads import Reads
from bot.errors import NotAllowed, NotConnected
from bot.features.access.model.authorization import (
    Action,
    Asker,
    Decision,
    Member,
    Policy,
    Role,
    Visibility,
)
from bot.features.access.model.commands import Permissions
from bot.features.access.model.rules import decide, permissions_of


@dataclass(frozen=True, slots=True)
class SignIn:
    """The Sage sign-in that answers: the asker's own, or the workspace connection.

    `since` is when it came into its state, and `ended_by_uninstall` whether that is why. `sign_in_id` changes each time
    its owner connects again.
    `access_token_sealed` is valid until `access_expires_at`. `figures_seen_at` is when Sage last showed this sign-in
    customers of its company, to the minute. `opens` are the companies that Sage listed for the asker's own last.
    """

    connection_id: str
    owner: str
    state: str
    since: datetime
    is_own: bool
    sign_in_id: str
    company_pk: int | None
    access_token_sealed: str = field(repr=False)
    access_expires_at: datetime
    figures_seen_at: datetime | None
    ended_by_uninstall: bool = False
    opens: tuple[Company, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ItemsFreshness:
    """How current the mirror of the open items is; None: still in its first load, and has read `count`.

    `refused`: this Sage gives no transactions, or not to the sign-in that reads the company.
    """

    refused: bool
    synced_at: datetime | None = None
    count: int = 0

    def unknown(self, now: datetime, trusted_for: timedelta) -> DebtUnknown | None:
        """Return why late debt isn't known from the mirror; None if it is."""
        if self.refused:
            return DebtUnknown.NOT_GIVEN
        if self.synced_at is None:
            return DebtUnknown.READING
        return DebtUnknown.OLD if now - self.synced_at > trusted_for else None


@dataclass(frozen=True, slots=True)
class MirrorFreshness:
    """How current the mirror of the company's customers is: last true at `synced_at`, or still in its initial load.

    `customers` have been read so far in the initial load. `trouble` is why the mirror can't be kept fresh.
    """

    synced_at: datetime | None
    customers: int = 0
    trouble: str = ""
    trouble_since: datetime | None = None
    items: ItemsFreshness = field(default_factory=lambda: ItemsFreshness(False))


@dataclass(frozen=True, slots=True)
class AnsweringCompany:
    """The company that a session is about. `pk` is its key in our database."""

    pk: int
    company: Company
    mirror: MirrorFreshness | None
    is_workspaces: bool
    """Whether the workspace connection points at this company, so that a role gives access to it."""
    paused_until: datetime | None = None
    """When Sage may be asked about this company again, from its last Retry-After."""


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that is decided about one request, read once when the request came in and handed down.

    `refusal` is the name of the error with which Sage refused the company, to the asker (`own_refusal`) or to the
    workspace connection that answers them. `watched` has the customers named by each of the asker's personal
    subscriptions to the company, by the subscription's number. `groups_role` is the highest role from the asker's user
    groups. `named_debt` is that of the customer whose reference was typed, as the mirror has it. `in_use` is the
    company that the asker uses, where this session is in another of theirs.
    """

    asker: Asker
    now: datetime
    role: Role | None = None
    groups_role: Role | None = None
    policy: Policy = field(default_factory=Policy)
    sign_in: SignIn | None = None
    workspace_sign_in: SignIn | None = None
    answering: AnsweringCompany | None = None
    own_customers: tuple[Codes, ...] = ()
    refusal: str | None = None
    own_refusal: str | None = None
    watched: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    named_debt: CopiedDebt | None = None
    in_use: Company | None = None
    reads: Reads = field(default_factory=Reads, compare=False, repr=False)
    """What this request showed, for the record."""

    @property
    def workspace_id(self) -> str:
        return self.asker.workspace_id

    @property
    def user_id(self) -> str:
        return self.asker.user_id

    @property
    def today(self) -> date:
        """Return the day of the request in the workspace's time zone."""
        return self.policy.day_of(self.now)

    @property
    def company_pk(self) -> int | None:
        """Return the key of the session's company in our database; None if there is no company."""
        return self.answering.pk if self.answering is not None else None

    @property
    def has_own_sign_in(self) -> bool:
        """Return whether a live sign-in of the asker's own answers in this company."""
        own = self.sign_in
        return (
            own is not None
            and own.is_own
            and own.state == "connected"
            and self.answering is not None
            and own.company_pk == self.answering.pk
        )

    @property
    def opens_company(self) -> bool:
        """Return whether a role is enough in this company, or else a live sign-in of the asker's own is there."""
        # A role gives access to the company of the workspace connection; another company needs a sign-in of one's own.
        return self.answering is None or self.answering.is_workspaces or self.has_own_sign_in

    @property
    def relies_on_sage(self) -> bool:
        """Return whether Sage's answer to the asker's own sign-in alone decides what they see: they have no role."""
        return self.role is None and self.sign_in is not None and self.sign_in.is_own

    @property
    def is_answered_by_colleagues(self) -> bool:
        """Return whether the workspace connection may answer the asker: they have a role."""
        return self.role is not None

    @property
    def may_answer_colleagues(self) -> bool:
        """Return whether the asker's own sign-in may answer others: Sage hasn't refused them the company."""
        return self.own_refusal is None

    @property
    def lacks_own_customers(self) -> bool:
        """Return whether the asker is in sales and sees nothing because no own customers were assigned to them."""
        return self.role is Role.SALES and self.refusal is None and not self.cached.allowed

    @property
    def member(self) -> Member:
        """Return the asker as the decision table knows them."""
        return Member(self.asker, self.role, self.has_own_sign_in, self.own_customers)

    @property
    def permissions(self) -> Permissions:
        """Return everything that the asker may do somewhere, for help and buttons."""
        return permissions_of(self.member, self.policy)

    def decide(self, action: Action, *, place: Visibility = Visibility.PRIVATE, requested_by: str = "") -> Decision:
        """Return whether the asker may do this there, and how much they are shown. Never raises."""
        return decide(self.member, action, place, self.policy, requested_by=requested_by)

    def may(self, action: Action, *, place: Visibility = Visibility.PRIVATE, requested_by: str = "") -> bool:
        """Return whether the asker may do this there."""
        return self.decide(action, place=place, requested_by=requested_by).allowed

    def may_unasked(self, action: Action, *, place: Visibility = Visibility.PRIVATE, requested_by: str = "") -> bool:
        """Return whether the asker may do this without Sage being asked: never in a company that Sage refuses them."""
        return self.refusal is None and self.may(action, place=place, requested_by=requested_by)

    def require(self, action: Action, *, place: Visibility = Visibility.PRIVATE, requested_by: str = "") -> Decision:
        """Return the decision. Raises NotConnected if connecting a Sage ID would allow it, else NotAllowed."""
        return self.granted(self.decide(action, place=place, requested_by=requested_by))

    def require_answering(self, action: Action) -> Decision:
        """Return the decision, counting an own sign-in even if it has ended or has no company. Raises as `require`."""
        # The caller names what the sign-in lacks (reconnect, choose a company); `require` would say "you haven't
        # connected".
        own = self.sign_in is not None and self.sign_in.is_own and self.company_pk in {None, self.sign_in.company_pk}
        member = replace(self.member, has_own=True) if own else self.member
        return self.granted(decide(member, action, policy=self.policy))

    def granted(self, decision: Decision) -> Decision:
        """Return the decision if it allows. Raises NotConnected if connecting would allow it, else NotAllowed.

        The error says whether the asker may ask the admins of the app for a role.
        """
        if decision.allowed:
            return decision
        error = NotConnected(decision.why) if decision.connects else NotAllowed(decision.why)
        error.hint = decision.hint
        error.asks_access = self.may_ask_access
        raise error

    @property
    def may_ask_access(self) -> bool:
        """Return whether the asker lacks a role that somebody here could give: the app has been set up."""
        return self.role is None and self.asker.is_full_member and self.workspace_sign_in is not None

    @property
    def cached(self) -> Decision:
        """Return how much of the mirror, which another person's sign-in may have read, the asker is shown."""
        # A company that Sage refuses shows nothing, whatever the role.
        if self.refusal is not None:
            return Decision(False, why=REFUSED_WHY, hint=REFUSED_HINT)
        if not self.opens_company:
            return Decision(False, why="Your own Sage ID has to open that company first.", hint="Run `/sage company`.")
        own = self.sign_in if self.has_own_sign_in else None
        by_role = self.role is not None or own is None or own.figures_seen_at is None
        return self.decide(Action.NEWS) if by_role else self.decide(Action.STATUS)

    def shown_by_sage(self) -> Session:
        """Return the session after Sage has shown the answering sign-in its company: the refusal is lifted."""
        sign_in = replace(self.sign_in, figures_seen_at=self.now) if self.sign_in is not None else None
        return replace(self, refusal=None, sign_in=sign_in)

    def refused_by_sage(self, refusal: str) -> Session:
        """Return the session after Sage has refused the asker's own sign-in the company, with the error's name."""
        return replace(self, refusal=refusal, own_refusal=refusal)

    @property
    def with_opened_company(self) -> Session:
        """Return the session with the asker's own sign-in in its company, if Sage listed that for the sign-in last."""
        own, here = self.sign_in, self.answering
        if own is None or not own.is_own or here is None or own.company_pk == here.pk:
            return self
        if here.company.key not in {each.key for each in own.opens}:
            return self
        # What Sage has shown the sign-in in this company is written down nowhere.
        return replace(self, sign_in=replace(own, company_pk=here.pk, figures_seen_at=None))

    def without_own_sign_in(self) -> Session:
        """Return the session after the asker's own sign-in has ended: it opens no company."""
        return replace(self, sign_in=replace(self.sign_in, state="reconnect_needed") if self.sign_in else None)


REFUSED_WHY = "Sage 200 doesn't let your sign-in open this company, so nothing of it can be shown here."
REFUSED_HINT = "Ask the person who looks after Sage 200 to check your user's access, then ask again."
