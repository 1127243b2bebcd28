"""Web API methods about modals and the home tab."""

from __future__ import annotations

from typing import Any

from sandbox.slack.block_kit.blocks import check_view
from sandbox.slack.limits import MOST_VIEWS
from sandbox.slack.messages import Message
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.state import APP_ID, Caller, State
from sandbox.slack.views import OpenView

Arguments = dict[str, Any]


def open_view(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """A modal for whoever caused the trigger."""
    content = check_view(arguments.get("view"))
    if content["type"] != "modal":
        raise SlackError("invalid_arguments")
    trigger = caller.state.triggers.spend(str(arguments.get("trigger_id") or ""))
    if trigger.team not in {team.id for team in caller.teams}:
        raise SlackError("invalid_trigger_id")
    view = _new(caller, content, team=trigger.team, user=trigger.user)
    note(caller.state, view, via="views.open")
    return {"view": view.as_slack_shows()}


def push_view(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """A further modal on top of the one that is open, three at the most."""
    content = check_view(arguments.get("view"))
    trigger = caller.state.triggers.spend(str(arguments.get("trigger_id") or ""))
    below = [
        view for view in caller.state.views.every.values()
        if view.is_open and view.content["type"] == "modal" and (view.team, view.user) == (trigger.team, trigger.user)
    ]  # fmt: skip
    if content["type"] != "modal" or not below:
        raise SlackError("invalid_arguments" if below else "not_found")
    if len(below) >= MOST_VIEWS:
        raise SlackError("push_limit_reached")
    view = _new(caller, content, team=trigger.team, user=trigger.user)
    view.previous, view.root = below[-1].id, below[0].root or below[0].id
    note(caller.state, view, via="views.push")
    return {"view": view.as_slack_shows()}


def update_view(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Other content in a view that is open."""
    content = check_view(arguments.get("view"))
    view = caller.state.views.find(str(arguments.get("view_id") or ""), str(arguments.get("external_id") or ""))
    if view is None or not view.is_open or view.team not in {team.id for team in caller.teams}:
        raise SlackError("not_found")
    if arguments.get("hash") not in {None, "", view.hash}:
        raise SlackError("hash_conflict")
    view.replace(content)
    note(caller.state, view, via="views.update")
    return {"view": view.as_slack_shows()}


def publish_view(caller: Caller, arguments: Arguments) -> dict[str, Any]:
    """Somebody's home tab."""
    content = check_view(arguments.get("view"))
    if content["type"] != "home":
        raise SlackError("invalid_arguments")
    user, team = caller.person(arguments.get("user_id")), caller.teams[0].id
    view = caller.state.views.home_of(user.id, team=team)
    if view is None:
        view = _new(caller, content, team=team, user=user.id)
    else:
        view.replace(content)
    note(caller.state, view, via="views.publish")
    return {"view": view.as_slack_shows()}


def _new(caller: Caller, content: dict[str, Any], *, team: str, user: str) -> OpenView:
    bot_id = caller.state.workspaces[team].bot_id
    return caller.state.views.open(content, team=team, user=user, bot_id=bot_id, app_id=APP_ID)


def note(state: State, view: OpenView, *, via: str) -> None:
    """Write down that somebody was shown this view."""
    title = (view.content.get("title") or {}).get("text", "")
    state.messages.add(
        Message(
            ts=state.messages.new_ts(),
            team=view.team,
            channel="",
            user=view.user,
            text=title or "Home",
            blocks=view.content["blocks"],
            via=via,
            view=view.as_slack_shows(),
        )
    )
