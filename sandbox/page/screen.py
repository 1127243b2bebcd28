"""What one person sees, as JSON for the page."""

from __future__ import annotations

from typing import Any

from sandbox.slack import T_ACME, Message, Slack

COMMANDS = (
    {
        "command": "/customer",
        "hint": "ABS001 | part of a name | postcode",
        "about": "Balance, limit and on-hold status",
    },
    {"command": "/sage connect", "hint": "", "about": "Connect your own Sage ID"},
    {"command": "/sage verify", "hint": "CODE", "about": "Finish connecting with the code from the page"},
    {"command": "/sage company", "hint": "NUMBER", "about": "List your companies, or pick one"},
    {"command": "/sage status", "hint": "", "about": "Whether you are connected"},
    {"command": "/sage disconnect", "hint": "", "about": "Erase your Sage sign-in here"},
    {"command": "/sage help", "hint": "", "about": "Everything you can type"},
)
_SHOWN_PEOPLE = ("U0PRIYA", "U0GEORGE", "U0GARY", "U0SAM")
_ROLES = {"U0PRIYA": "admin", "U0GEORGE": "sales", "U0GARY": "guest", "U0SAM": "other company"}


def frame(slack: Slack, *, product_url: str) -> dict[str, Any]:
    """What does not change while the page is open."""
    place = slack.workspaces[T_ACME]
    people = [place.users[identity] for identity in _SHOWN_PEOPLE]
    return {
        "workspace": place.name,
        "install_url": f"{product_url}/slack/install",
        "commands": COMMANDS,
        "people": [{"id": user.id, "name": user.real_name, "role": _ROLES[user.id]} for user in people],
        "names": {user.id: user.real_name for user in place.users.values()} | {place.bot_user_id: "Sage 200"},
    }


def screen(slack: Slack, user: str) -> dict[str, Any]:
    """One person's channels, messages and open modal."""
    place = slack.workspaces[T_ACME]
    direct = place.direct_channel(user)
    channels = [
        {"id": each.id, "name": each.name, "is_app": False} for each in place.channels.values() if not each.with_user
    ]
    return {
        "installed": slack.is_installed(T_ACME),
        "channels": [{"id": direct.id, "name": "Sage 200", "is_app": True}, *channels],
        "messages": [_message(message, bot=place.bot_user_id) for message in slack.seen_by(user, team=T_ACME)],
        "status": slack.state.statuses.get(direct.id, ""),
        "view": _view(slack, user),
    }


def _message(message: Message, *, bot: str) -> dict[str, Any]:
    return {
        "ts": message.ts,
        "channel": message.channel,
        "author": message.author,
        "is_app": message.author == bot,
        "is_private": message.is_ephemeral,
        "is_edited": message.is_edited,
        "is_notice": message.via == "slack",
        "text": message.text,
        "blocks": message.blocks,
        "warnings": message.warnings,
    }


def _view(slack: Slack, user: str) -> dict[str, Any] | None:
    """The modal on top, if one is open."""
    views = [
        view for view in slack.views.values() if view.is_open and view.user == user and view.content["type"] == "modal"
    ]
    if not views:
        return None
    return {"id": views[-1].id, "hash": views[-1].hash, "errors": views[-1].errors, "content": views[-1].content}
