"""What the app may do in Slack: exactly what its code uses, each with the reason an admin is told."""

from __future__ import annotations

BOT_SCOPES = {
    "assistant:write": "show “asking Sage 200…” while it looks something up in the app's own conversation",
    "chat:write": "answer you in the app's own conversation",
    "commands": "answer /customer and /sage",
    "im:history": "read what you write to the app in its own conversation, and nothing else",
    "users:read": "tell full members from guests and people of other companies",
}
