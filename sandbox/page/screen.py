"""What one person sees, as JSON for the page."""

from __future__ import annotations

from typing import Any

from sandbox.page.cast import PARTS
from sandbox.page.manifest import Manifest
from sandbox.slack import T_ACME, Channel, Message, OpenView, Slack, User, Workspace


def frame(slack: Slack, manifest: Manifest, *, product_url: str) -> dict[str, Any]:
    """What does not change while the page is open."""
    place = slack.workspaces[T_ACME]
    parts = [(place.users[part.id], part.role) for part in PARTS if part.id in place.users]
    return {
        "workspace": place.name,
        "bot": place.bot_user_id,
        "install_url": f"{product_url}/slack/install",
        "has_home": manifest.has_home,
        "commands": [
            {
                "command": each.name,
                "hint": each.hint,
                "about": each.about,
                "words": [{"word": word, "hint": hint} for word, hint in each.words],
            }
            for each in manifest.commands
        ],
        "shortcuts": [
            {"id": each.callback_id, "name": each.name, "about": each.about, "is_message": each.is_message}
            for each in manifest.shortcuts
        ],
        "people": [{"id": user.id, "name": user.real_name, "role": role} for user, role in parts],
        "handles": {user.id: user.name for user in place.users.values()},
        "names": {user.id: user.real_name for user in place.users.values()} | {place.bot_user_id: "Sage 200"},
    }


def screen(slack: Slack, manifest: Manifest, user: User) -> dict[str, Any]:
    """One person's channels, messages, open modal and home tab."""
    place = slack.workspaces[T_ACME]
    direct = place.direct_channel(user.id)
    seen = visible(place, user)
    home = slack.state.views.home_of(user.id, team=T_ACME)
    return {
        "installed": slack.is_installed(T_ACME),
        "zone": user.tz,
        "now": slack.state.clock().timestamp(),
        "channels": [
            {"id": direct.id, "name": "Sage 200", "kind": "app"},
            *({"id": each.id, "name": each.name, "kind": _kind(each)} for each in seen),
        ],
        "groups": [{"id": each.id, "handle": each.handle} for each in place.usergroups.values()],
        "messages": [_message(message, bot=place.bot_user_id) for message in messages_of(slack, user)],
        "status": slack.state.statuses.get(direct.id, ""),
        "prompts": slack.state.prompts.get(direct.id) or list(manifest.prompts),
        "view": _view(_top(slack, user.id)),
        "home": _view(home),
    }


def messages_of(slack: Slack, user: User) -> list[Message]:
    """What stands before somebody, in the channels on their list and their conversation with the app."""
    place = slack.workspaces[T_ACME]
    ids = {channel.id for channel in visible(place, user)} | {place.direct_channel(user.id).id}
    return [each for each in slack.seen_by(user.id, team=T_ACME) if each.channel in ids]


def visible(place: Workspace, user: User) -> list[Channel]:
    """The channels on somebody's list: those they are in, and for a colleague every public one."""
    is_colleague = user.home == place.id and not user.is_restricted
    return [
        each
        for each in place.channels.values()
        if not each.with_user and (user.id in each.members or (is_colleague and not each.is_private))
    ]


def _kind(channel: Channel) -> str:
    if channel.is_archived:
        return "archived"
    return "private" if channel.is_private else "shared" if channel.is_ext_shared else "public"


def _message(message: Message, *, bot: str) -> dict[str, Any]:
    return {
        "ts": message.ts,
        "channel": message.channel,
        "thread": message.thread_ts,
        "is_broadcast": message.is_broadcast,
        "author": message.author,
        "is_app": message.author == bot,
        "is_private": message.is_ephemeral,
        "is_edited": message.is_edited,
        "is_notice": message.via == "slack",
        "text": message.text,
        "blocks": message.blocks,
        "objects": [headline(each) for each in (message.metadata or {}).get("entities") or []],
        "files": message.files,
        "warnings": message.warnings,
    }


def headline(entity: dict[str, Any]) -> dict[str, Any]:
    """An object's name and number, and its first field: what everybody sees."""
    attributes, fields = entity["entity_payload"]["attributes"], entity["entity_payload"]["custom_fields"]
    return {
        "title": attributes["title"]["text"],
        "kind": " · ".join(filter(None, (attributes.get("display_type"), attributes.get("display_id")))),
        "state": fields[0]["value"] if fields else "",
        "colour": fields[0].get("tag_color", "") if fields else "",
    }


def _top(slack: Slack, user: str) -> OpenView | None:
    """The modal on top, if one is open."""
    views = [
        view
        for view in slack.views.values()
        if view.is_open and (view.user, view.team) == (user, T_ACME) and view.content["type"] == "modal"
    ]
    return views[-1] if views else None


def _view(view: OpenView | None) -> dict[str, Any] | None:
    if view is None:
        return None
    return {"id": view.id, "hash": view.hash, "errors": view.errors, "content": view.content}
