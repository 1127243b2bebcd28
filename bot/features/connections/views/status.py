"""How a sign-in and the copy stand, in the same words wherever they are said."""

from __future__ import annotations

from bot.features.connections.model import ConnectionStatus
from bot.slack.views.message import joined
from bot.slack.views.text import escaped, moment, user_mention

_MOST = 2_900
_MENDS = {"expiring": "Renew now", "reconnect needed": "Sign in again"}


def sign_in_state(stands: ConnectionStatus) -> str:
    """The same words for whoever shows them."""
    lines = [_standing(stands), _ending(stands), _troubled(stands), _company_line(stands), _copied(stands)]
    return joined([*lines, _workspace_line(stands)], most=_MOST)


def hint_of(stands: ConnectionStatus) -> str:
    """What the button says that mends it; empty where there is nothing to mend."""
    return "" if stands.state == "connected" else _MENDS.get(stands.state, "Connect Sage 200")


def _standing(stands: ConnectionStatus) -> str:
    if stands.since is None:
        return "*Not connected.* You haven't connected your Sage ID yet."
    reason = f": {escaped(stands.reason)}" if stands.reason else ""
    return f"*{stands.state.capitalize()}* since {moment(stands.since)}{reason}"


def _ending(stands: ConnectionStatus) -> str:
    if stands.state != "expiring" or stands.ends_at is None:
        return ""
    return f"Sage ends this sign-in around {moment(stands.ends_at)} unless you renew it."


def _troubled(stands: ConnectionStatus) -> str:
    if not stands.trouble or stands.trouble_since is None:
        return ""
    return f"It could not be renewed since {moment(stands.trouble_since)} ({escaped(stands.trouble)}). I keep trying."


def _company_line(stands: ConnectionStatus) -> str:
    if stands.state not in {"connected", "expiring"}:
        return ""
    return (
        f"Company: {escaped(stands.company.company_name)}" if stands.company else "No company picked: `/sage company`"
    )


def _copied(stands: ConnectionStatus) -> str:
    copy = stands.copy
    if copy is None:
        return ""
    if copy.synced_at is None:
        return f"My copy of the customers is being read for the first time ({copy.customers:,} so far)."
    since = f" since {moment(copy.trouble_since)}" if copy.trouble_since else ""
    trouble = f". It can't be kept fresh{since}: {escaped(copy.trouble.rstrip('.'))}" if copy.trouble else ""
    return f"My copy of the customers is of {moment(copy.synced_at)}{trouble}."


def _workspace_line(stands: ConnectionStatus) -> str:
    if stands.is_workspace_connection:
        return "This is also the workspace's own connection."
    if stands.workspace is None:
        return "Nobody's sign-in answers for the whole workspace."
    shared = stands.workspace
    since = f" since {moment(shared.since)}"
    return f"The workspace's own connection is {user_mention(shared.owner)}'s: {shared.state}{since}."
