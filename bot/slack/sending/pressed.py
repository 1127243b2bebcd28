"""A private message whose button was pressed, kept in the form that the button opened, to be redrawn afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.slack.payloads import Id, ResponseUrl

_URL, _ID = TypeAdapter(ResponseUrl), TypeAdapter(Id)


@dataclass(frozen=True, slots=True)
class PressedMessage:
    """The message's `response_url`, good for thirty minutes; its channel and `ts` if it is no ephemeral message."""

    response_url: str
    channel: str = ""
    ts: str = ""

    def kept(self) -> dict[str, str]:
        """Return the message as a form keeps it."""
        return {"url": self.response_url, "channel": self.channel, "ts": self.ts}


def is_private(container: Mapping[str, Any]) -> bool:
    """Return whether the message of a click is read by the user who pressed alone: ephemeral, or in a conversation."""
    return container.get("is_ephemeral") is True or str(container.get("channel_id") or "").startswith("D")


def pressed_message(body: Mapping[str, Any]) -> PressedMessage | None:
    """Return the message of a click; None if others read it too, or if Slack names no way to it."""
    container = body.get("container") or {}
    if not is_private(container):
        return None  # what one person may see does not go where others read
    url, channel, ts = body.get("response_url"), container.get("channel_id"), container.get("message_ts")
    if container.get("is_ephemeral") is True:
        channel = ts = ""
    return kept_message({"url": url, "channel": channel, "ts": ts})


def kept_message(kept: object) -> PressedMessage | None:
    """Return the message that a form kept; None if it kept none. Untrusted."""
    if not isinstance(kept, Mapping):
        return None
    try:
        url = _URL.validate_python(kept.get("url"))
        channel, ts = _ID.validate_python(kept.get("channel")), _ID.validate_python(kept.get("ts"))
    except ValidationError:
        return None
    return PressedMessage(url, channel, ts)
