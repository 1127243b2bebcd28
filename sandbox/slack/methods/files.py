"""Web API methods that bring a file into a conversation: announce, upload, complete."""

from __future__ import annotations

from typing import Any

from sandbox.slack.files import File
from sandbox.slack.messages import Message
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.state import Caller

Arguments = dict[str, Any]


def get_upload_url(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Where to send the bytes."""
    name, length = str(arguments.get("filename") or ""), str(arguments.get("length") or "")
    if not name or not length.isdigit() or int(length) == 0:
        raise SlackError("invalid_arguments")
    file = File(f"F0FILE{len(caller.state.files) + 1}", name, int(length), caller.teams[0].id)
    file.alt_text = str(arguments.get("alt_txt") or "")
    caller.state.files[file.id] = file
    return {"upload_url": f"{caller.state.address[0]}/upload/{file.id}", "file_id": file.id}


def complete(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Share what was uploaded, in a channel or with nobody yet."""
    files = [_uploaded(caller, each) for each in _listed(arguments.get("files"))]
    if arguments.get("channel_id"):
        team, channel = caller.channel(arguments["channel_id"])
        caller.state.messages.add(
            Message(
                ts=caller.state.messages.new_ts(),
                team=team.id,
                channel=channel.id,
                text=str(arguments.get("initial_comment") or ""),
                via="files.completeUploadExternal",
                author=team.bot_user_id,
                thread_ts=str(arguments.get("thread_ts") or ""),
                files=[file.as_slack_shows() for file in files],
            )
        )
    for file in files:
        file.is_shared = True
    return {"files": [{"id": file.id, "title": file.title or file.name} for file in files]}


def _listed(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise SlackError("invalid_arguments")
    return given


def _uploaded(caller: Caller, given: dict[str, Any]) -> File:
    file = caller.state.files.get(str(given.get("id")))
    if file is None or file.content is None or file.is_shared or file.team not in {team.id for team in caller.teams}:
        raise SlackError("file_not_found")
    file.title = str(given.get("title") or "")
    return file
