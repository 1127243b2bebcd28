"""The decision itself: what a member may do in a place under a policy. Deny by default."""

from __future__ import annotations

from dataclasses import replace

from bot.features.access.model.authorization import (
    Action,
    Decision,
    Member,
    Policy,
    Role,
    Shown,
    Visibility,
    least_shown,
    shown_in,
)
from bot.features.access.model.commands import NO_PERMISSIONS, Permissions

_STRANGERS = (
    "Sage figures are only for full members of this workspace, and I couldn't confirm that you are one.",
    "If you think that is wrong, ask an admin of this Slack workspace.",
)
_CONNECT_OWN = "Run `/sage connect`: it takes about a minute."
_CONNECT = f"{_CONNECT_OWN} Or ask an admin of this app for a role."
_ASK = "An admin of this app can give you a role: `/sage roles @YOU sales`."
_NO_CODES = (
    "You can see only your own customers here, and nobody has said yet which those are.",
    "Ask an admin of this app: `/sage roles @YOU customers Region:North`.",
)
_OR_CONNECT = "Or connect your own Sage ID with `/sage connect`."

ADMINS = frozenset({Role.ADMIN})
DECIDERS = frozenset({Role.ADMIN, Role.CONTROLLER})
ANY_ROLE = frozenset(Role)

# Who may do it, and what is said to those who may not.
_NEEDS = {
    Action.SHARE: (ANY_ROLE, "Only people whom an admin of this app gave a role may share with a channel."),
    Action.NEWS: (ANY_ROLE, "News is only for people whom an admin of this app gave a role."),
    Action.HOLD: (DECIDERS, "Only admins of this app and controllers may put accounts on hold."),
    Action.RELEASE: (DECIDERS, "Only admins of this app and controllers may release accounts."),
    Action.REQUEST_RELEASE: (ANY_ROLE, "Only people whom an admin of this app gave a role may ask for a release."),
    Action.DECIDE_RELEASE: (DECIDERS, "Only admins of this app and controllers may decide about a release."),
    Action.SUBSCRIBE_CHANNEL: (
        DECIDERS,
        "Only admins of this app and controllers may subscribe a channel; you can subscribe your own messages.",
    ),
    Action.SUBSCRIBE_SELF: (ANY_ROLE, "Only people whom an admin of this app gave a role may subscribe."),
    Action.SEE_SUBSCRIPTIONS: (DECIDERS, "Only admins of this app and controllers see everybody's subscriptions."),
    Action.CHANGE_SUBSCRIPTIONS: (ADMINS, "Only its owner or an admin of this app may change a subscription."),
    Action.SETTINGS: (ADMINS, "Only an admin of this app may see and change roles, channels and settings."),
    Action.AUDIT_ALL: (ADMINS, "Only an admin of this app may read everybody's record."),
    Action.AUDIT_OWN: (DECIDERS, "Only admins of this app and controllers may read the record."),
}
_IN_A_CHANNEL = frozenset({Action.SHARE, Action.SUBSCRIBE_CHANNEL})
_IN_PRIVATE = frozenset({Action.NEWS, Action.SUBSCRIBE_SELF})
_FROM_THE_COPY = frozenset({Action.NEWS, Action.SUBSCRIBE_SELF})
_WITH_OWN_SIGN_IN = frozenset({Action.HOLD, Action.RELEASE})
_LOOKING = frozenset({Action.STATUS, Action.FIGURES, Action.SHARE})


def decide(
    member: Member,
    action: Action,
    place: Visibility = Visibility.PRIVATE,
    policy: Policy | None = None,
    *,
    requested_by: str = "",
) -> Decision:
    """Whether this member may do that there; without a policy, by the strictest. Never raises.

    `requested_by` is whose request a release is, for DECIDE_RELEASE: nobody decides their own, nor one of nobody's.
    """
    policy = policy or Policy()
    cap = shown_in(place)
    if not member.asker.is_full_member:
        return _refused(*_STRANGERS)
    if cap is None:
        return _refused("That channel is shared with another company, or I can't tell who is in it.", "")
    misplaced = _misplaced(action, place)
    if misplaced is not None:
        return misplaced
    sight = _sight(member, policy, by_role=action in _FROM_THE_COPY)
    if action is Action.SHARE and member.role is None:
        return _refused(_NEEDS[action][1], _ASK)
    if action in _LOOKING:
        return _looked(sight, action, cap)
    return _done(member, action, sight, cap, requested_by)


def _misplaced(action: Action, place: Visibility) -> Decision | None:
    if action in _IN_A_CHANNEL and place is Visibility.PRIVATE:
        return _refused("That needs a channel.", "Name one, as in `#sales`.")
    if action in _IN_PRIVATE and place is not Visibility.PRIVATE:
        return _refused("That can only be done in private.", "Ask for it in the app's own conversation.")
    return None


def permissions_of(member: Member, policy: Policy | None = None) -> Permissions:
    """Everything that this member may do where it is shown least: of their own account, and of no request's."""
    if not member.asker.is_full_member:
        return NO_PERMISSIONS
    places = {action: Visibility.STATUS if action in _IN_A_CHANNEL else Visibility.PRIVATE for action in Action}
    verdicts = {action: decide(member, action, place, policy, requested_by="-") for action, place in places.items()}
    return Permissions(
        may=frozenset(action for action, decision in verdicts.items() if decision.allowed),
        once_connected=frozenset(action for action, decision in verdicts.items() if decision.connects),
    )


def _done(member: Member, action: Action, sight: Decision, cap: Shown, requested_by: str) -> Decision:
    roles, why = _NEEDS.get(action, (frozenset(), "I don't know what that is."))
    if member.role not in roles:
        if action is Action.NEWS and sight.allowed and member.role is None:
            return _capped(sight, cap)  # what everybody may see
        return _refused(why, _mend(member, action))
    if action in _WITH_OWN_SIGN_IN and not member.has_own:
        why = "That is done in your own name, and you haven't connected your Sage ID."
        return _refused(why, _CONNECT_OWN, connects=True)
    if action is Action.DECIDE_RELEASE and requested_by in {"", member.asker.user_id}:
        return _refused("Nobody decides their own request.", "Another controller or admin of this app has to.")
    if action in {Action.NEWS, Action.REQUEST_RELEASE, Action.SUBSCRIBE_SELF} and not sight.allowed:
        return sight
    return _capped(sight, cap)


def _mend(member: Member, action: Action) -> str:
    if member.role is None:
        return _ASK
    if action is Action.RELEASE and member.role is Role.SALES:
        return "You can ask for a release."
    return ""


def _sight(member: Member, policy: Policy, *, by_role: bool) -> Decision:
    """What they see in private. What comes from a copy was read with another's sign-in, so there the role decides."""
    everyone = Shown.STATUS if policy.status_for_everyone else None
    if member.role in DECIDERS or (member.has_own and not by_role):
        return Decision(True, Shown.FIGURES)
    if member.role is Role.SALES and not policy.sales_only_theirs:
        return Decision(True, Shown.FIGURES)
    if member.role is Role.SALES and member.mine:
        return Decision(True, Shown.FIGURES, member.mine, everyone)
    why, hint = _NO_CODES if member.role is Role.SALES else ("You haven't connected your Sage ID yet.", _CONNECT)
    if member.role is Role.SALES and not member.has_own and not by_role:
        hint = f"{hint} {_OR_CONNECT}"
    return Decision(everyone is not None, everyone, why=why, hint=hint, connects=member.role is None)


def _looked(sight: Decision, action: Action, cap: Shown) -> Decision:
    """FIGURES needs all of the figures, and SHARE somebody who may see them themselves."""
    if not sight.allowed or (action is not Action.STATUS and sight.shown is not Shown.FIGURES):
        return _refused(sight.why, sight.hint, connects=sight.connects)
    capped = _capped(sight, cap)
    if action is Action.FIGURES and capped.shown is not Shown.FIGURES:
        return _refused("Figures aren't shown in that channel.", "An admin of this app can allow it: `/sage channel`.")
    return capped


def _capped(sight: Decision, cap: Shown) -> Decision:
    """No more than the place is shown."""
    return replace(sight, shown=least_shown(sight.shown or Shown.STATUS, cap), why="", hint="", connects=False)


def _refused(why: str, hint: str, *, connects: bool = False) -> Decision:
    return Decision(False, why=why, hint=hint, connects=connects)
