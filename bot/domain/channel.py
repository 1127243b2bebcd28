"""A Slack channel as far as news may go there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """What Slack says of a channel just now. One that the app can't see is private to it, and it is not in there."""

    id: str
    is_member: bool = False
    is_private: bool = True
    is_archived: bool = False
    is_shared: bool = False


def is_conversation(channel_id: str) -> bool:
    """Whether this is a direct conversation: what is asked for "here" then goes to the asker in private."""
    return not channel_id or channel_id.startswith("D")


def refusal(channel: Channel) -> str:
    """Why no news is posted there whatever anybody does; empty when it may be."""
    if channel.is_archived:
        return "That channel is archived, so nothing can be posted there."
    if channel.is_shared:
        return "That channel is shared with another company (Slack Connect), so no news from Sage 200 is posted there."
    return ""
