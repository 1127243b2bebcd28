"""A simulated Slack: its Web API, its installation, and what it sends to an app."""

from sandbox.slack.messages import Message
from sandbox.slack.methods.api import Call
from sandbox.slack.people import E_GRID, T_ACME, T_GRID, T_OTHER, Channel, User, UserGroup, Workspace
from sandbox.slack.sending.changes import Changes
from sandbox.slack.sending.reply import Reply
from sandbox.slack.sending.sender import Sender
from sandbox.slack.sending.speaking import Speaking
from sandbox.slack.slack import Slack
from sandbox.slack.views import OpenView

__all__ = [
    "E_GRID",
    "T_ACME",
    "T_GRID",
    "T_OTHER",
    "Call",
    "Changes",
    "Channel",
    "Message",
    "OpenView",
    "Reply",
    "Sender",
    "Slack",
    "Speaking",
    "User",
    "UserGroup",
    "Workspace",
]
