"""What Slack says to an app: commands, clicks, submissions and events, in Slack's own shapes."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from sandbox.slack.block_kit.blocks import elements_of
from sandbox.slack.entities import Pane
from sandbox.slack.messages import Message
from sandbox.slack.methods.chat import as_slack_shows
from sandbox.slack.people import User, Workspace
from sandbox.slack.state import APP_ID, State
from sandbox.slack.views import OpenView

# Slack still sends the old verification token; apps must not rely on it.
_OLD_TOKEN = "sandbox-verification"  # noqa: S105 - proves nothing


class Payloads:
    """Builds payloads for one workspace as it stands at that moment."""

    def __init__(self, state: State, team: str) -> None:
        self._state = state
        self.place: Workspace = state.workspaces[team]
        self._organisation = state.workspaces.get(self.place.enterprise_id)
        self._is_org_wide = state.is_org_wide(team)

    def command(
        self, command: str, text: str, *, user: User, channel: str, trigger_id: str, response_url: str
    ) -> dict[str, str]:
        """The form fields of a slash command."""
        organisation = self._organisation
        held = self.place.channels.get(channel)
        return {
            "token": _OLD_TOKEN,
            "team_id": self.place.id,
            "team_domain": self.place.domain,
            **({"enterprise_id": organisation.id, "enterprise_name": organisation.name} if organisation else {}),
            "channel_id": channel,
            "channel_name": held.name if held else "privategroup",
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": str(self._is_org_wide).lower(),
            "response_url": response_url,
            "trigger_id": trigger_id,
        }

    def click(
        self, message: Message, action: dict[str, Any], *, user: User, trigger_id: str, response_url: str
    ) -> dict[str, Any]:
        """`block_actions` in a message. An ephemeral message itself is not in the payload, only its place."""
        channel = self.place.channels[message.channel]
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.is_ephemeral,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        }
        shown = {} if message.is_ephemeral else {"message": as_slack_shows(message, team=self.place)}
        return {
            "type": "block_actions",
            **self._outline(user, trigger_id),
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            **shown,
            "state": {"values": {}},
            "response_url": response_url,
            "actions": [action],
        }

    def click_in_view(
        self,
        view: OpenView,
        action: dict[str, Any],
        *,
        user: User,
        trigger_id: str,
        values: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """`block_actions` in a modal or home tab: no channel and no response URL."""
        return {
            "type": "block_actions",
            **self._outline(user, trigger_id),
            "container": {"type": "view", "view_id": view.id},
            "view": self._view(view, values),
            "state": {"values": values or {}},
            "actions": [action],
        }

    def object_opened(
        self, message: Message, entity: dict[str, Any], trigger_id: str, *, user: User, refers: bool
    ) -> dict[str, Any]:
        """The `entity_details_requested` event. Slack does not promise the reference."""
        return {
            "type": "entity_details_requested",
            "user": user.id,
            **({"external_ref": entity["external_ref"]} if refers else {}),
            "entity_url": entity["url"],
            "link": {"url": entity["url"], "domain": urlsplit(entity["url"]).hostname},
            "channel": message.channel,
            "message_ts": message.ts,
            "trigger_id": trigger_id,
            "user_locale": "en-GB",
            "event_ts": self._state.messages.new_ts(),
        }

    def click_in_pane(
        self, pane: Pane, button: dict[str, Any], *, user: User, trigger_id: str, at: str
    ) -> dict[str, Any]:
        """`block_actions` in a side pane: no message and no response URL."""
        action = {"type": "button", "action_id": button["action_id"], "value": button["value"], "action_ts": at}
        return {
            "type": "block_actions",
            **self._outline(user, trigger_id),
            "container": {
                "type": "entity_detail",
                "entity_url": pane.entity["url"],
                "external_ref": pane.entity["external_ref"],
            },
            "actions": [{**action, "block_id": "entity"}],
        }

    def suggestion(self, shown: Message | OpenView, action_id: str, words: str, *, user: User) -> dict[str, Any]:
        """`block_suggestion`: somebody types into a menu whose options the app supplies."""
        blocks = shown.content["blocks"] if isinstance(shown, OpenView) else shown.blocks
        found = [block for block in blocks for each in elements_of(block) if each["action_id"] == action_id]
        if not found:
            raise LookupError(f"nothing called {action_id!r} to type into here")
        if isinstance(shown, OpenView):
            place: dict[str, Any] = {"container": {"type": "view", "view_id": shown.id}, "view": self._view(shown)}
        else:
            container = {"type": "message", "message_ts": shown.ts, "channel_id": shown.channel}
            place = {"container": container, "channel": {"id": shown.channel}}
        outline = {name: value for name, value in self._outline(user, "").items() if name != "trigger_id"}
        asked = {"action_id": action_id, "block_id": found[0]["block_id"], "value": words}
        return {"type": "block_suggestion", **outline, **place, **asked}

    def submission(self, view: OpenView, values: dict[str, Any], *, user: User, trigger_id: str) -> dict[str, Any]:
        """`view_submission`."""
        return {
            "type": "view_submission",
            **self._outline(user, trigger_id),
            "view": self._view(view, values),
            "response_urls": [],
        }

    def closed(self, view: OpenView, *, user: User) -> dict[str, Any]:
        """`view_closed`, for an app that asked to be told."""
        outline = {name: value for name, value in self._outline(user, "").items() if name != "trigger_id"}
        return {"type": "view_closed", **outline, "view": self._view(view), "is_cleared": False}

    def shortcut(self, callback_id: str, *, user: User, trigger_id: str) -> dict[str, Any]:
        """`shortcut`: from anywhere, so there is no channel and no response URL."""
        at = f"{self._state.clock().timestamp():.6f}"
        return {"type": "shortcut", **self._outline(user, trigger_id), "callback_id": callback_id, "action_ts": at}

    def message_shortcut(
        self, callback_id: str, message: Message, *, user: User, trigger_id: str, response_url: str
    ) -> dict[str, Any]:
        """`message_action`: the message is in it, whoever wrote it."""
        channel = self.place.channels[message.channel]
        shown = as_slack_shows(message, team=self.place)
        if message.author != self.place.bot_user_id:
            app = {"bot_id", "app_id", "blocks"}
            shown = {name: value for name, value in shown.items() if name not in app} | {"user": message.author}
        return {
            **self.shortcut(callback_id, user=user, trigger_id=trigger_id),
            "type": "message_action",
            "message_ts": message.ts,
            "message": shown,
            "channel": {"id": channel.id, "name": channel.name},
            "response_url": response_url,
        }

    def event(self, event: dict[str, Any], *, event_id: str | None) -> dict[str, Any]:
        """`event_callback`. For an organisation-wide installation the authorization names no team."""
        organisation = self._organisation
        place = organisation if organisation and self._is_org_wide else self.place
        authorization = {
            "enterprise_id": organisation.id if organisation else None,
            "team_id": None if place.is_enterprise else self.place.id,
            "user_id": place.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": place.is_enterprise,
        }
        return {
            "token": _OLD_TOKEN,
            **({} if self.place.is_enterprise else {"team_id": self.place.id}),
            **({"enterprise_id": organisation.id} if organisation else {}),
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev0{secrets.token_hex(5).upper()}",
            "event_time": int(self._state.clock().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    def direct_message(self, text: str, *, user: User, channel: str, ts: str) -> dict[str, Any]:
        """The `message` event of a person writing to the app."""
        return {
            "type": "message",
            "user": user.id,
            "ts": ts,
            "client_msg_id": secrets.token_hex(16),
            "text": text,
            "team": self.place.id,
            "channel": channel,
            "event_ts": ts,
            "channel_type": "im",
        }

    def _view(self, view: OpenView, values: dict[str, Any] | None = None) -> dict[str, Any]:
        """A view in a payload, with where the app is installed: the workspace, or the organisation for all of them."""
        place = self._organisation if self._organisation and self._is_org_wide else self.place
        return {**view.as_slack_shows(values), "app_installed_team_id": place.id}

    def _outline(self, user: User, trigger_id: str) -> dict[str, Any]:
        organisation = self._organisation
        named = {"id": organisation.id, "name": organisation.name} if organisation else None
        team = {"id": self.place.id, "domain": self.place.domain}
        if organisation:
            team |= {"enterprise_id": organisation.id, "enterprise_name": organisation.name}
        return {
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": self.place.id if user.home.startswith("E") else user.home,
            },
            "api_app_id": APP_ID,
            "token": _OLD_TOKEN,
            "trigger_id": trigger_id,
            "team": team,
            "enterprise": named,
            "is_enterprise_install": self._is_org_wide,
        }


def payload_form(payload: dict[str, Any]) -> dict[str, str]:
    """Interactions are JSON in one form field."""
    return {"payload": json.dumps(payload)}
