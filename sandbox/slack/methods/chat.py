"""Web API methods that put words on somebody's screen."""

from __future__ import annotations

from typing import Any

from sandbox.slack.entities import check_entities
from sandbox.slack.messages import Message
from sandbox.slack.methods.arguments import is_true
from sandbox.slack.methods.errors import NotSimulated, SlackError
from sandbox.slack.people import Channel, Workspace
from sandbox.slack.state import APP_ID, Caller

Arguments = dict[str, Any]


def post_message(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """To a channel, or to a person's conversation with the app."""
    team, channel = caller.channel(arguments.get("channel"), uninvited="chat:write.public" in caller.grant.scopes)
    _refuse(channel)
    caller.state.posting.spend(channel.id, team=team.id, now=caller.state.clock())
    message = _written(caller, team, arguments, via="chat.postMessage")
    message.channel = channel.id
    message.thread_ts = str(arguments.get("thread_ts") or "")
    message.is_broadcast = is_true(arguments.get("reply_broadcast"))
    message.metadata = _metadata(arguments.get("metadata"), team)
    caller.state.messages.add(message)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(team, message)}


def post_ephemeral(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """To one person in a channel they are in."""
    team, channel = caller.channel(arguments.get("channel"))
    _refuse(channel)
    user = caller.person(arguments.get("user"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = _written(caller, team, arguments, via="chat.postEphemeral")
    message.channel, message.user = channel.id, user.id
    message.thread_ts = str(arguments.get("thread_ts") or "")
    # "Ephemeral messages in threads are only shown if there is already an active thread": Slack says ok all the same
    # (docs.slack.dev, chat.postEphemeral, `thread_ts`).
    if not message.thread_ts or caller.state.messages.has_thread(message.thread_ts, team=team.id, channel=channel.id):
        caller.state.messages.add(message)
    return {"message_ts": message.ts}


def update(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Put other words in the place of the app's own; never of an ephemeral message."""
    team, channel = caller.channel(arguments.get("channel"))
    held = caller.state.messages.find(str(arguments.get("ts", "")), team=team.id)
    if held is None or held.channel != channel.id or held.is_ephemeral:
        raise SlackError("message_not_found")
    if held.author != team.bot_user_id:
        raise SlackError("cant_update_message")
    message = _written(caller, team, arguments, via="chat.update")
    message.ts, message.channel, message.is_edited = held.ts, channel.id, True
    message.thread_ts, message.files = held.thread_ts, held.files
    message.metadata = _metadata(arguments.get("metadata"), team) or held.metadata
    caller.state.messages.remove(held)
    caller.state.messages.add(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": _shown(team, message)}


def delete(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Take back a message of the app's own; never an ephemeral one."""
    team, channel = caller.channel(arguments.get("channel"))
    held = caller.state.messages.find(str(arguments.get("ts", "")), team=team.id)
    if held is None or held.channel != channel.id or held.is_ephemeral:
        raise SlackError("message_not_found")
    if held.author != team.bot_user_id:
        raise SlackError("cant_delete_message")
    caller.state.messages.remove(held)
    return {"channel": channel.id, "ts": held.ts}


def get_permalink(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """The address of a message."""
    team, channel = caller.conversation(arguments.get("channel"))
    held = caller.state.messages.find(str(arguments.get("message_ts", "")), team=team.id)
    if held is None or held.channel != channel.id or held.is_ephemeral:
        raise SlackError("message_not_found")
    thread = f"?thread_ts={held.thread_ts}&cid={channel.id}" if held.thread_ts else ""
    address = f"https://{team.domain}.slack.com/archives/{channel.id}/p{held.ts.replace('.', '')}{thread}"
    return {"channel": channel.id, "permalink": address}


def _metadata(given: Any, team: Workspace) -> dict[str, Any] | None:
    """An event, objects, or both."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise SlackError("invalid_metadata_format")
    if "entities" in given:
        if team.refuses_objects:
            raise SlackError("invalid_metadata_schema")
        check_entities(given["entities"])
        if given.keys() == {"entities"}:
            return given
    if given.keys() - {"entities"} != {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_format")
    if not isinstance(given["event_type"], str) or not isinstance(given["event_payload"], dict):
        raise SlackError("invalid_metadata_schema")
    return given


def open_conversation(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """The conversation with one person."""
    people = str(arguments.get("users") or "").split(",")
    if len(people) != 1:
        raise NotSimulated("conversations.open with several people")
    user = caller.person(people[0])
    return {"channel": {"id": caller.teams[0].direct_channel(user.id).id}}


def set_session_status(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """“is working…” under the composer, until the app says that it has ended."""
    _, channel = caller.channel(arguments.get("channel_id"))
    if arguments.get("status") not in {"processing", "active", "suspended", "closed"}:
        raise SlackError("invalid_arguments")
    if arguments["status"] == "processing":
        caller.state.statuses[channel.id] = "is working…"
    else:
        caller.state.statuses.pop(channel.id, None)
    caller.state.messages.touch()
    return {}


def set_suggested_prompts(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Up to four things to ask. In the agent's view they need no thread: they stand under an empty conversation."""
    _, channel = caller.channel(arguments.get("channel_id"))
    prompts = arguments.get("prompts")
    if not isinstance(prompts, list) or not 0 < len(prompts) <= 4:
        raise SlackError("invalid_arguments")
    if not all(isinstance(prompt, dict) and prompt.get("title") and prompt.get("message") for prompt in prompts):
        raise SlackError("invalid_arguments")
    caller.state.prompts[channel.id] = prompts
    caller.state.messages.touch()
    return {}


def _refuse(channel: Channel) -> None:
    """Raise SlackError in a channel where only some may post."""
    if channel.refuses:
        raise SlackError(channel.refuses)


def _written(caller: Caller, team: Workspace, arguments: Arguments, *, via: str) -> Message:
    if arguments.get("attachments"):
        raise NotSimulated("attachments")
    words = arguments.get("text")
    blocks = team.checked(arguments.get("blocks"), words)
    ts = caller.state.messages.new_ts()
    return Message(ts=ts, team=team.id, channel="", text=words or "", blocks=blocks, via=via, author=team.bot_user_id)


def _shown(team: Workspace, message: Message) -> dict[str, Any]:
    return as_slack_shows(message, team=team)


def as_slack_shows(message: Message, *, team: Workspace) -> dict[str, Any]:
    """A message of the app's, as in answers and in the payload of a click."""
    shown: dict[str, Any] = {
        "type": "message",
        "user": team.bot_user_id,
        "bot_id": team.bot_id,
        "app_id": APP_ID,
        "team": team.id,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    more = {"thread_ts": message.thread_ts, "files": message.files, "metadata": message.metadata}
    return {**shown, **{name: value for name, value in more.items() if value}}
