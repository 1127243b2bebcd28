"""The kinds of what a workspace's Slack may refuse, beside its tables and charts."""

from __future__ import annotations

OBJECTS = "objects"
"""The objects that messages are about, which are no blocks."""
FEEDBACK = "feedback"
"""The presses under an answer."""
