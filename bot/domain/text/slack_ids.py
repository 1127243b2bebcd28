"""Slack's ids as people and Slack write them."""

from __future__ import annotations

import re

# Slack sends a user as `<@U123|ben>`, since the command has `should_escape`.
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{1,30})(\|[^>]*)?>|(?P<bare>[UW][A-Z0-9]{5,30})")


def user_named(mention: str) -> str | None:
    """Return the user id in a mention, or the bare id; None if the text is neither."""
    named = _MENTION.fullmatch(mention.strip())
    return (named["id"] or named["bare"]) if named is not None else None
