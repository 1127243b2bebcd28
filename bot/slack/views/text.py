"""Text from Sage and Slack made harmless, in this one place."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Marks that would turn the rest of a line round, or hide in it: they can make one account look like another.
_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def plain(text: str, *, most: int = 150) -> str:
    """For `plain_text` and rich text, where Slack interprets nothing: one line, no control, half or direction marks."""
    kept = (
        " " if unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} else mark
        for mark in text
        if mark not in _DIRECTION
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def escaped(text: str, *, most: int = 150) -> str:
    """For mrkdwn and the top-level text: `<!channel>` and `<@U1>` become plain characters."""
    return plain(text, most=most).translate(_ESCAPES)


def words(text: str) -> str:
    """Our own sentences, which may quote Sage or somebody: `*bold*` and backticks stay, links and mentions don't."""
    return text.translate(_ESCAPES)


def unescaped(text: str) -> str:
    """What a person typed in a message, which Slack escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def user_mention(user_id: str) -> str:
    """Somebody of this workspace, by their id from our own rows."""
    return f"<@{user_id}>" if user_id.isascii() and user_id.isalnum() else "somebody"


def group_mention(group_id: str) -> str:
    """A user group of this workspace, by its id from our own rows."""
    return f"<!subteam^{group_id}>" if group_id.isascii() and group_id.isalnum() else "a user group"


def channel_mention(channel_id: str) -> str:
    """A channel, by its id from our own rows or as Slack gave it."""
    return f"<#{channel_id}>" if channel_id.isascii() and channel_id.isalnum() else "a channel"


def moment(when: datetime) -> str:
    """A time in the reader's own zone, with UTC for clients that can't."""
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} {{time}}|{when.day} {when:%b %Y %H:%M} UTC>"


def day(when: date) -> str:
    """`8 July 2016`: accounting dates are calendar dates and never shift with a zone."""
    return f"{when.day} {when:%B %Y}"
