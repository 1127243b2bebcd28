"""The Slack scopes that the code uses, each with the reason that an admin is given."""

from __future__ import annotations

REQUIRED = {
    "assistant:write": "suggest questions in the app's own conversation",
    "chat:write": "answer you in the app's own conversation, post a channel's alerts and what you share",
    "commands": "answer the commands and the shortcuts",
    "users:read": "tell full members from guests and people of other companies, and list them for an admin of this app",
}
OPTIONAL = {
    "app_mentions:read": "answer where somebody mentions the app in a channel, and read nothing else there",
    "channels:join": "join a public channel when you subscribe it to alerts and press Join, or share a customer there",
    "channels:read": "see whether a channel that you subscribe is archived, shared with another company, or not joined",
    "files:write": "send you the accounts on hold as a file, in the app's own conversation, when you ask for it",
    "groups:read": "the same of the private channels that it was invited to, and offer them to an admin who is in them",
    "im:history": "read what you write to the app in its own conversation, and nothing else",
    "im:write": "find the app's own conversation with you, for your files and so that no alert is sent twice",
    "usergroups:read": "see who is in a user group that an admin of this app gave a role",
    "users:read.email": "find people by e-mail address when an admin of this app gives a whole team its roles",
}
"""Who installs may leave these out: what one of them is for isn't done then, and says so; all else is."""
ASSISTANTS = {"mcp:connect": "let Slackbot ask for the person who asks it"}
"""With the setting SLACK_MCP alone, and optional too."""
BOT_SCOPES = {**REQUIRED, **OPTIONAL}


def asked_scopes(*, slack_mcp: bool) -> list[str]:
    """Return the scopes to ask for when the app is installed, in order."""
    return sorted([*BOT_SCOPES, *(ASSISTANTS if slack_mcp else ())])
