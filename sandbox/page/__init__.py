"""The demo's browser page: a chat client for the simulated Slack."""
