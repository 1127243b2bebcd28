"""Web API methods about who is who, and about leaving."""

from __future__ import annotations

from typing import Any

from sandbox.slack.people import as_slack_shows
from sandbox.slack.state import Caller

Arguments = dict[str, Any]


def auth_test(caller: Caller, _: Arguments) -> dict[str, Any]:
    """Whose token this is."""
    place = caller.place
    team = caller.teams[0] if place.is_enterprise else place
    organisation = {"enterprise_id": place.enterprise_id} if place.enterprise_id else {}
    return {
        "url": f"https://{place.domain}.{'enterprise.' if place.is_enterprise else ''}slack.com/",
        "team": place.name,
        "user": "sage200",
        "team_id": place.id if place.is_enterprise else team.id,
        "user_id": place.bot_user_id,
        "bot_id": place.bot_id,
        **organisation,
        "is_enterprise_install": place.is_enterprise,
    }


def auth_revoke(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """The token's end, unless it is only a rehearsal."""
    if str(arguments.get("test", "")).lower() in {"1", "true"}:
        return {"revoked": False}
    caller.state.grants.revoke(caller.place.id)
    return {"revoked": True}


def users_info(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """One person."""
    wants_locale = str(arguments.get("include_locale", "")).lower() in {"1", "true"}
    user = caller.person(arguments.get("user"))
    return {"user": as_slack_shows(user, seen_from=caller.place, locale=wants_locale)}
