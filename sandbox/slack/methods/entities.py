"""`entity.presentDetails`: the app fills the side pane that somebody opened."""

from __future__ import annotations

from typing import Any

from sandbox.slack.entities import Pane, check_entities
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.state import Caller

_STATUSES = {"restricted", "not_found", "internal_error", "custom", "custom_partial_view", "timeout", "edit_error"}


def present_details(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Details of the very object that was opened, or an error, or a way to sign in."""
    trigger = caller.state.triggers.spend(str(arguments.get("trigger_id", "")))
    if trigger.entity is None:
        raise SlackError("invalid_trigger_id")
    metadata, error = arguments.get("metadata"), arguments.get("error")
    pane = Pane(trigger.team, trigger.user, trigger.entity)
    if metadata is not None:
        if not isinstance(metadata, dict):
            raise SlackError("invalid_metadata_format")
        check_entities([metadata])
        if any(metadata[name] != trigger.entity[name] for name in ("url", "external_ref", "entity_type")):
            raise SlackError("entity_metadata_does_not_match_trigger")
        pane.details = metadata
    elif isinstance(error, dict) and error.get("status") in _STATUSES:
        if error["status"] == "custom" and not error.get("custom_message"):
            raise SlackError("invalid_arguments")
        pane.error = error
    elif arguments.get("user_auth_required") and arguments.get("user_auth_url"):
        pane.auth_url = str(arguments["user_auth_url"])
    else:
        raise SlackError("invalid_arguments")
    caller.state.panes.append(pane)
    return {}
