"""The state of a sign-in and the mirror, in the same words everywhere."""

from __future__ import annotations

from datetime import datetime

from bot.features.connections.model import ConnectionStatus
from bot.slack.views.message import joined
from bot.slack.views.text import escaped, moment, trouble, user_mention

_MOST = 2_900
_HINTS = {"expiring": "Renew now", "reconnect needed": "Sign in again"}


def sign_in_state(status: ConnectionStatus) -> str:
    """Return the lines on the user's sign-in, its company, the mirror and the workspace connection."""
    lines = [_state_line(status), _ending(status), _troubled(status), _company_line(status), _copied(status)]
    return joined([*lines, _workspace_line(status)], most=_MOST)


def sign_in_missing(owner: str, state: str, since: datetime) -> str:
    """Return why the workspace's own sign-in doesn't serve, and since when."""
    who, when = user_mention(owner), moment(since)
    return {
        "disconnected": f"*The workspace's Sage sign-in was disconnected by {who}, {when}.*",
        "uninstalled": f"*The workspace's Sage sign-in ended when the app was uninstalled, {when}.* It was {who}'s.",
        "paused": f"*The workspace's Sage sign-in stopped, {when}:* {who}, whose it is, was deactivated in Slack.",
    }.get(state, f"*The workspace's Sage sign-in has ended, {when}.* {who}, whose it is, has had a message.")


def hint_of(status: ConnectionStatus) -> str:
    """Return the label of the button that fixes the sign-in; empty if nothing is to be fixed."""
    return "" if status.state == "connected" else _HINTS.get(status.state, "Connect Sage 200")


def _state_line(status: ConnectionStatus) -> str:
    if status.since is None:
        return "*You haven't connected your Sage ID yet.*"
    reason = f": {escaped(status.reason)}" if status.reason else ""
    return f"*{status.state.capitalize()}* since {moment(status.since)}{reason}"


def _ending(status: ConnectionStatus) -> str:
    if status.state != "expiring" or status.ends_at is None:
        return ""
    return f"Your Sage sign-in expires around {moment(status.ends_at)}. Sign in again before then."


def _troubled(status: ConnectionStatus) -> str:
    if not status.trouble or status.trouble_since is None:
        return ""
    since = moment(status.trouble_since)
    return f"It could not be renewed since {since} ({trouble(status.trouble)}). It will be tried again automatically."


def _company_line(status: ConnectionStatus) -> str:
    if status.state not in {"connected", "expiring"}:
        return ""
    return (
        f"Company: {escaped(status.company.company_name)}" if status.company else "No company picked: `/sage company`"
    )


def _copied(status: ConnectionStatus) -> str:
    mirror = status.mirror
    if mirror is None:
        return ""
    if mirror.synced_at is None:
        return f"Customers are being read for the first time ({mirror.customers:,} so far)."
    since = f" since {moment(mirror.trouble_since)}" if mirror.trouble_since else ""
    stale = f" Not updated{since}: {trouble(mirror.trouble)}." if mirror.trouble else ""
    items = " What is overdue isn't known: Sage 200 gives no transactions to the sign-in that reads the customers."
    refused = items if mirror.items.refused else ""
    return f"Customers last updated {moment(mirror.synced_at)}.{stale}{refused}"


def _workspace_line(status: ConnectionStatus) -> str:
    if status.is_workspace_connection:
        return "Your sign-in is also the one the whole workspace uses."
    if status.workspace is None:
        return "There is no shared Sage sign-in, so only people with their own Sage ID get answers."
    shared = status.workspace
    since = f" since {moment(shared.since)}"
    return f"Shared sign-in: {user_mention(shared.owner)}, {shared.state}{since}."
