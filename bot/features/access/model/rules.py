"""The decision table: what a member may do in a place under a policy. Deny by default."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from bot.errors import NotAllowed
from bot.features.access.model.authorization import (
    Action,
    Decision,
    Member,
    Membership,
    Policy,
    Role,
    Shown,
    Visibility,
    least_shown,
    shown_in,
)
from bot.features.access.model.commands import NO_PERMISSIONS, Permissions

_STRANGERS = (NotAllowed().message, NotAllowed.hint)
_CONNECT_OWN = "Run `/sage connect`: it takes about a minute."
_CONNECT = f"{_CONNECT_OWN} Or ask an admin of this app for a role: `/sage request-access`."
_ASK = "Ask an admin of this app for a role: `/sage request-access`."
_NO_CODES = (
    "You can only see your own customers, and none have been assigned to you yet.",
    "Ask an admin of this app: `/sage roles @YOU customers`.",
)
_VIEWER = (
    "Your role is viewer: you can see every customer, but not change anything.",
    "An admin of this app can give you another role.",
)
_OR_CONNECT = "Or connect your own Sage ID with `/sage connect`."

ADMINS = frozenset({Role.ADMIN})
DECIDERS = frozenset({Role.ADMIN, Role.CONTROLLER})
ANY_ROLE = frozenset(Role)
DOERS = ANY_ROLE - {Role.VIEWER}
_SEE_ALL = DECIDERS | {Role.VIEWER}

# The roles that may do it, and the refusal for everybody else.
_NEEDS = {
    Action.SHARE: (DOERS, "Only people with a role may share with a channel."),
    Action.NEWS: (ANY_ROLE, "Alerts are only for people with a role."),
    Action.HOLD: (DECIDERS, "Only admins of this app and controllers may put accounts on hold."),
    Action.RELEASE: (DECIDERS, "Only admins of this app and controllers may release accounts."),
    Action.CHANGE_LIMIT: (DECIDERS, "Only admins of this app and controllers may change credit limits."),
    Action.REQUEST_RELEASE: (DOERS, "Only people with a role may ask for a release."),
    Action.DECIDE_RELEASE: (DECIDERS, "Only admins of this app and controllers may decide about a release."),
    Action.PROMISE: (DOERS, "Only people with a role may note a promise to pay."),
    Action.DISPUTE: (DOERS, "Only people with a role may raise a dispute."),
    Action.DECIDE_DISPUTE: (DECIDERS, "Only admins of this app and controllers may accept and close disputes."),
    Action.NOTE: (DOERS, "Only people with a role may write notes."),
    Action.SUBSCRIBE_CHANNEL: (
        DECIDERS,
        "Only admins of this app and controllers may subscribe a channel; you can subscribe your own messages.",
    ),
    Action.SUBSCRIBE_SELF: (ANY_ROLE, "Only people with a role may subscribe."),
    Action.SEE_SUBSCRIPTIONS: (DECIDERS, "Only admins of this app and controllers see everybody's subscriptions."),
    Action.CHANGE_SUBSCRIPTIONS: (ADMINS, "Only its owner or an admin of this app may change a subscription."),
    Action.SETTINGS: (ADMINS, "Only an admin of this app may see and change roles, channels and settings."),
    Action.AUDIT_ALL: (ADMINS, "Only an admin of this app may see everybody's activity."),
    Action.AUDIT_OWN: (DECIDERS, "Only admins of this app and controllers may see the activity log."),
}
_IN_A_CHANNEL = frozenset({Action.SHARE, Action.SUBSCRIBE_CHANNEL})
_IN_PRIVATE = frozenset({Action.NEWS, Action.SUBSCRIBE_SELF})
_FROM_THE_MIRROR = frozenset({Action.NEWS, Action.SUBSCRIBE_SELF})
_WITH_OWN_SIGN_IN = frozenset({Action.HOLD, Action.RELEASE, Action.CHANGE_LIMIT})
# What sales do for their own customers alone, also where their own Sage sign-in shows them others.
_FOR_OWN_CUSTOMERS = frozenset({Action.PROMISE, Action.DISPUTE})
_ON_FIGURES = _FOR_OWN_CUSTOMERS | {Action.NOTE}
_READS = frozenset({Action.STATUS, Action.FIGURES, Action.SHARE})


def decide(
    member: Member,
    action: Action,
    place: Visibility = Visibility.PRIVATE,
    policy: Policy | None = None,
    *,
    requested_by: str = "",
) -> Decision:
    """Return the decision about this action of this member in this place. Never raises.

    Without a policy the strictest one holds. `requested_by` is the user id of a release request's author, for
    DECIDE_RELEASE.
    """
    policy = policy or Policy()
    cap = shown_in(place)
    if not member.asker.is_full_member:
        return _refused(*_STRANGERS)
    if cap is None:
        return _refused("That channel is shared with another company, or Slack doesn't say who is in it.", "")
    misplaced = _refuse_place(action, place)
    if misplaced is not None:
        return misplaced
    sight = _sight(member, policy, by_role=action in _FROM_THE_MIRROR | _FOR_OWN_CUSTOMERS)
    if action is Action.SHARE and member.role not in _NEEDS[action][0]:
        return _refused(*_VIEWER) if member.role is Role.VIEWER else _refused(_NEEDS[action][1], _ASK)
    if action in _READS:
        return _decide_read(sight, action, cap)
    return _decide_change(member, action, sight, cap, requested_by)


def _refuse_place(action: Action, place: Visibility) -> Decision | None:
    if action in _IN_A_CHANNEL and place is Visibility.PRIVATE:
        return _refused("That needs a channel.", "Name one, such as `#sales`.")
    if action in _IN_PRIVATE and place is not Visibility.PRIVATE:
        return _refused("That can only be done in private.", "Ask for it in the app's own conversation.")
    return None


# Asked for every card and help text; it depends on nothing but what it is given.
@lru_cache(maxsize=1_024)
def permissions_of(member: Member, policy: Policy | None = None) -> Permissions:
    """Return every action that this member may do at least somewhere."""
    if not member.asker.is_full_member:
        return NO_PERMISSIONS
    # Channel actions are tried in a channel that is shown least; DECIDE_RELEASE with another person's request ("-").
    places = {action: Visibility.STATUS if action in _IN_A_CHANNEL else Visibility.PRIVATE for action in Action}
    decisions = {action: decide(member, action, place, policy, requested_by="-") for action, place in places.items()}
    return Permissions(
        may=frozenset(action for action, decision in decisions.items() if decision.allowed),
        once_connected=frozenset(action for action, decision in decisions.items() if decision.connects),
    )


def _decide_change(member: Member, action: Action, sight: Decision, cap: Shown, requested_by: str) -> Decision:
    roles, why = _NEEDS.get(action, (frozenset(), "That isn't a channel."))
    if member.role not in roles:
        if action is Action.NEWS and sight.allowed and member.role is None:
            return _capped(sight, cap)  # what everybody may see
        return _refused(*_VIEWER) if member.role is Role.VIEWER else _refused(why, _hint(member, action))
    if action in _WITH_OWN_SIGN_IN and not member.has_own:
        why = "Holds, releases and credit limits go into Sage 200 under your name, so connect your Sage ID first."
        return _refused(why, _CONNECT_OWN, connects=True)
    # Nobody decides their own request, nor one whose author is unknown.
    if action is Action.DECIDE_RELEASE and requested_by in {"", member.asker.user_id}:
        return _refused(
            "You can't approve or decline your own request.", "Another controller or admin of this app has to."
        )
    if action in {Action.NEWS, Action.REQUEST_RELEASE, Action.SUBSCRIBE_SELF} | _ON_FIGURES and not sight.allowed:
        return sight
    blind = action in _ON_FIGURES and sight.shown is not Shown.FIGURES
    return _refused(*_NO_CODES) if blind else _capped(sight, cap)


def _hint(member: Member, action: Action) -> str:
    if action is Action.SETTINGS and member.asker.membership is Membership.ADMIN:
        return "If no admin of this app is left, a Slack admin can claim it: `/sage claim`."
    if member.role is None:
        return _ASK
    if action is Action.RELEASE and member.role is Role.SALES:
        return "You can ask for a release."
    return ""


def _sight(member: Member, policy: Policy, *, by_role: bool) -> Decision:
    """Return how much the member is shown in private; with `by_role`, without counting their own sign-in."""
    # Data of the mirror was read with another person's sign-in, so there only the role decides.
    everyone = Shown.STATUS if policy.status_for_everyone else None
    if member.role in _SEE_ALL or (member.has_own and not by_role):
        return Decision(True, Shown.FIGURES)
    if member.role is Role.SALES and not policy.sales_only_theirs:
        return Decision(True, Shown.FIGURES)
    if member.role is Role.SALES and member.mine:
        return Decision(True, Shown.FIGURES, member.mine, everyone)
    why, hint = _NO_CODES if member.role is Role.SALES else ("You haven't connected your Sage ID yet.", _CONNECT)
    if member.role is Role.SALES and not member.has_own and not by_role:
        hint = f"{hint} {_OR_CONNECT}"
    return Decision(everyone is not None, everyone, why=why, hint=hint, connects=member.role is None)


def _decide_read(sight: Decision, action: Action, cap: Shown) -> Decision:
    """Decide FIGURES, which needs all figures, and SHARE, which needs a user who may see them all."""
    if not sight.allowed or (action is not Action.STATUS and sight.shown is not Shown.FIGURES):
        return _refused(sight.why, sight.hint, connects=sight.connects)
    capped = _capped(sight, cap)
    if action is Action.FIGURES and capped.shown is not Shown.FIGURES:
        return _refused("Figures aren't shown in that channel.", "An admin of this app can allow it: `/sage channel`.")
    return capped


def _capped(sight: Decision, cap: Shown) -> Decision:
    """Return the decision with `shown` lowered to what the place may show."""
    return replace(sight, shown=least_shown(sight.shown or Shown.STATUS, cap), why="", hint="", connects=False)


def _refused(why: str, hint: str, *, connects: bool = False) -> Decision:
    return Decision(False, why=why, hint=hint, connects=connects)
