"""A Slack channel, as far as anything of Sage 200 may be posted there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Readers(StrEnum):
    """Who reads a channel beside the people of the workspace or organisation that installed the app."""

    NOBODY_ELSE = "nobody else"
    COMPANY = "another company"
    ORGANISATION = "other workspaces of the organisation"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as Slack describes it now. One that the app can't see counts as private and not joined."""

    id: str
    is_member: bool = False
    is_private: bool = True
    is_archived: bool = False
    readers: Readers = Readers.NOBODY_ELSE


def is_conversation(channel_id: str) -> bool:
    """Return whether this is a direct conversation: alerts "here" then go to the asker in private."""
    return not channel_id or channel_id.startswith("D")


def refusal(channel: Channel) -> str:
    """Return why no alert may ever be posted in the channel; empty when one may."""
    if channel.is_archived:
        return "That channel is archived, so nothing can be posted there."
    return _REFUSALS.get(channel.readers, "")


_REFUSALS = {
    Readers.COMPANY: ("That channel is shared with another company (Slack Connect), so no alerts are posted there."),
    Readers.ORGANISATION: (
        "That channel is shared with other workspaces of your organisation, where this app isn't installed, so no "
        "alerts are posted there."
    ),
    Readers.UNKNOWN: (
        "It couldn't be checked whether that channel is shared with another company, so no alerts are posted there."
    ),
}


def readers_of(shown: Mapping[str, Any], *, org_wide: bool) -> Readers:
    """Return who else reads a channel, from Slack's description; what Slack doesn't say plainly is not known.

    `org_wide`: the app is installed for the whole organisation, so that people of its other workspaces are its own.
    """
    waiting = any(shown.get(each) for each in ("pending_shared", "pending_connected_team_ids"))
    if shown.get("is_ext_shared") is True or shown.get("is_pending_ext_shared") or waiting:
        return Readers.COMPANY
    if shown.get("is_ext_shared") is not False:
        return Readers.UNKNOWN
    if org_wide:
        return Readers.NOBODY_ELSE
    return Readers.ORGANISATION if shown.get("is_org_shared") or shown.get("is_shared") else Readers.NOBODY_ELSE
