"""What Slack sends to an app, and what an app answers."""
