"""A Slack channel, as far as alerts may be posted there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as Slack describes it now. One that the app can't see counts as private and not joined."""

    id: str
    is_member: bool = False
    is_private: bool = True
    is_archived: bool = False
    is_shared: bool = False


def is_conversation(channel_id: str) -> bool:
    """Return whether this is a direct conversation: alerts "here" then go to the asker in private."""
    return not channel_id or channel_id.startswith("D")


def refusal(channel: Channel) -> str:
    """Return why no alert may ever be posted in the channel; empty when one may."""
    if channel.is_archived:
        return "That channel is archived, so nothing can be posted there."
    if channel.is_shared:
        return "That channel is shared with another company (Slack Connect), so no news from Sage 200 is posted there."
    return ""
