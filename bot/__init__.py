"""Sage 200 for Slack."""

__version__ = "1.0.0"
