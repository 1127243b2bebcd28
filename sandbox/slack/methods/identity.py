"""Web API methods about who is who, and about leaving."""

from __future__ import annotations

from typing import Any

from sandbox.slack.methods.arguments import is_true, page
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.people import User, Workspace, as_slack_shows
from sandbox.slack.state import Caller

Arguments = dict[str, Any]
_EMAIL = "users:read.email"


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
    return {"user": _shown(caller, user, locale=wants_locale)}


def users_list(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Everybody who is seen from here, a page at a time."""
    people, more = page(list(_team_named(caller, arguments).users.values()), arguments)
    return {"members": [_shown(caller, user, locale=False) for user in people], **more}


def _shown(caller: Caller, user: User, *, locale: bool) -> dict[str, Any]:
    may_see_email = _EMAIL in caller.grant.scopes
    return as_slack_shows(user, seen_from=caller.place, locale=locale, at=caller.state.clock(), email=may_see_email)


def usergroups_list(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """The groups of people."""
    wants_disabled = is_true(arguments.get("include_disabled"))
    team = _team_named(caller, arguments)
    groups = [each for each in team.usergroups.values() if wants_disabled or not each.is_disabled]
    return {
        "usergroups": [
            {"id": each.id, "team_id": team.id, "name": each.handle, "handle": each.handle,
             "is_usergroup": True, "date_delete": int(each.is_disabled), "user_count": len(each.users)}
            for each in groups
        ]
    }  # fmt: skip


def usergroups_users_list(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Who is in a group."""
    group = _team_named(caller, arguments).usergroups.get(str(arguments.get("usergroup") or ""))
    if group is None:
        raise SlackError("no_such_subteam")
    if group.is_disabled and not is_true(arguments.get("include_disabled")):
        raise SlackError("subteam_disabled")
    return {"users": list(group.users)}


def _team_named(caller: Caller, arguments: Arguments) -> Workspace:
    """The workspace whose groups are meant: an organisation's token must name it."""
    if not caller.place.is_enterprise:
        return caller.place
    named = str(arguments.get("team_id") or "")
    if not named:
        raise SlackError("missing_argument")
    if named not in caller.place.teams:
        raise SlackError("team_access_not_granted")
    return caller.state.workspaces[named]
