"""What the app may do in Slack: exactly what its code uses, each with the reason an admin is told."""

from __future__ import annotations

BOT_SCOPES = {
    "assistant:write": "show “asking Sage 200…” while it looks something up in the app's own conversation",
    "channels:read": "see whether a channel that gets alerts is archived, or shared with another company",
    "chat:write": "answer you in the app's own conversation, and post the alerts that a channel subscribed to",
    "commands": "answer /customer and /sage",
    "groups:read": "the same for private channels that the app was invited to",
    "im:history": "read what you write to the app in its own conversation, and nothing else",
    "im:write": "find the app's own conversation with you, so that no alert is sent twice",
    "users:read": "tell full members from guests and people of other companies",
}
