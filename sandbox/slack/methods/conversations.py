"""Web API methods about channels: what there is, who is in it, what was said."""

from __future__ import annotations

from typing import Any

from sandbox.slack.messages import Message
from sandbox.slack.methods.arguments import is_true, page
from sandbox.slack.methods.chat import as_slack_shows
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.people import Channel, Workspace
from sandbox.slack.state import Caller

Arguments = dict[str, Any]
_KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def info(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """One channel, archived ones too."""
    team, channel = _readable(caller, arguments, right="read")
    return {"channel": _shown(team, channel)}


def join(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """The app enters a public channel by itself."""
    team, channel = caller.conversation(arguments.get("channel"))
    if channel.with_user or channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = {"warning": "already_in_channel"} if team.bot_user_id in channel.members else {}
    channel.members.add(team.bot_user_id)
    return {"channel": _shown(team, channel), **already}


def every(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """The channels that the app can see, public ones unless told."""
    return _list(caller, arguments, user="")


def of_user(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Those that somebody is in; the app itself unless told."""
    user = arguments.get("user")
    return _list(caller, arguments, user=caller.person(user).id if user else caller.teams[0].bot_user_id)


def members(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Who is in a channel."""
    _, channel = _readable(caller, arguments, right="read")
    found, more = page(sorted(channel.members), arguments)
    return {"members": list(found), **more}


def history(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """What stands in a channel the app is in, newest first; answers in threads only where they were broadcast."""
    team, channel = _readable(caller, arguments, right="history")
    if team.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    said = [
        each
        for each in reversed(caller.state.messages.every)
        if (each.team, each.channel) == (team.id, channel.id) and not (each.is_gone or each.is_ephemeral or each.view)
        if not each.thread_ts or each.thread_ts == each.ts or each.is_broadcast
    ]
    return _said(team, said, arguments)


def replies(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """One thread, oldest first, its first message included."""
    team, channel = _readable(caller, arguments, right="history")
    first = str(arguments.get("ts") or "")
    said = [
        each
        for each in caller.state.messages.every
        if (each.team, each.channel) == (team.id, channel.id) and not (each.is_gone or each.is_ephemeral or each.view)
        if first in {each.ts, each.thread_ts}
    ]
    if not any(each.ts == first for each in said):
        raise SlackError("thread_not_found")
    return _said(team, said, arguments)


def _said(team: Workspace, said: list[Message], arguments: Arguments) -> dict[str, Any]:
    found, more = page(said, arguments)
    shown = [as_slack_shows(each, team=team) | {"user": each.author} for each in found]
    if not is_true(arguments.get("include_all_metadata")):
        shown = [{name: value for name, value in each.items() if name != "metadata"} for each in shown]
    return {"messages": shown, "has_more": bool(more["response_metadata"]["next_cursor"]), **more}


def _readable(caller: Caller, arguments: Arguments, *, right: str) -> tuple[Workspace, Channel]:
    team, channel = caller.conversation(arguments.get("channel"))
    caller.need(f"{_KINDS[_kind(channel)]}:{right}")
    return team, channel


def _list(caller: Caller, arguments: Arguments, *, user: str) -> dict[str, Any]:
    kinds = str(arguments.get("types") or "public_channel").split(",")
    if not set(kinds) <= _KINDS.keys():
        raise SlackError("invalid_types")
    for kind in kinds:
        caller.need(f"{_KINDS[kind]}:read")
    team = caller.teams[0]
    found = [
        channel
        for channel in team.channels.values()
        if _kind(channel) in kinds and (not user or user in channel.members)
        if not (channel.is_private and team.bot_user_id not in channel.members)
        if not (channel.is_archived and is_true(arguments.get("exclude_archived")))
    ]
    shown, more = page(found, arguments)
    return {"channels": [_shown(team, channel) for channel in shown], **more}


def _kind(channel: Channel) -> str:
    if channel.with_user:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _shown(team: Workspace, channel: Channel) -> dict[str, Any]:
    if channel.with_user:
        return {"id": channel.id, "is_im": True, "user": channel.with_user, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": bool(channel.is_ext_shared or channel.is_org_shared),
        **({} if channel.is_ext_shared is None else {"is_ext_shared": channel.is_ext_shared}),
        "is_org_shared": channel.is_org_shared,
        "is_member": team.bot_user_id in channel.members,
        "context_team_id": team.id,
        "num_members": len(channel.members),
    }
