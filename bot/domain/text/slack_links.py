"""Links that open the app's own conversation in Slack."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class SlackLinks:
    """The conversation in Slack's own program, and in the browser where that is not installed."""

    app: str
    web: str


def slack_links(app_id: str, team_id: str) -> SlackLinks | None:
    """Return the links to the app in a workspace (T…); None if either isn't known: an organisation has no conversation.

    See docs.slack.dev, "Deep linking into Slack".
    """
    if not app_id or not team_id.startswith("T"):
        return None
    conversation = urlencode({"team": team_id, "id": app_id, "tab": "messages"})
    return SlackLinks(
        f"slack://app?{conversation}", f"https://slack.com/app_redirect?{urlencode({'app': app_id, 'team': team_id})}"
    )
