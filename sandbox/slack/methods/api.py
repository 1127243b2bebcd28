"""`/api/{method}`: token, scope, method; what is not simulated says so."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.slack.methods import chat, conversations, entities, files, identity, views
from sandbox.slack.methods.arguments import read_arguments, token_of
from sandbox.slack.methods.errors import NotSimulated, RateLimited, SlackError
from sandbox.slack.methods.validate import validate
from sandbox.slack.oauth import OAuth
from sandbox.slack.state import Caller, State


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call: whose, what it said (without secrets), and Slack's error, empty when it went well."""

    method: str
    place: str
    arguments: dict[str, Any]
    error: str


@dataclass(frozen=True, slots=True)
class _Method:
    run: Callable[[Caller, dict[str, Any]], dict[str, Any]]
    scope: str = ""


_METHODS = {
    "auth.test": _Method(identity.auth_test),
    "auth.revoke": _Method(identity.auth_revoke),
    "users.info": _Method(identity.users_info, "users:read"),
    "chat.postMessage": _Method(chat.post_message, "chat:write"),
    "chat.postEphemeral": _Method(chat.post_ephemeral, "chat:write"),
    "chat.update": _Method(chat.update, "chat:write"),
    "chat.delete": _Method(chat.delete, "chat:write"),
    "chat.getPermalink": _Method(chat.get_permalink),
    "conversations.open": _Method(chat.open_conversation, "im:write"),
    "conversations.info": _Method(conversations.info),
    "conversations.join": _Method(conversations.join, "channels:join"),
    "conversations.list": _Method(conversations.every),
    "conversations.members": _Method(conversations.members),
    "conversations.history": _Method(conversations.history),
    "conversations.replies": _Method(conversations.replies),
    "users.conversations": _Method(conversations.of_user),
    "users.list": _Method(identity.users_list, "users:read"),
    "usergroups.list": _Method(identity.usergroups_list, "usergroups:read"),
    "usergroups.users.list": _Method(identity.usergroups_users_list, "usergroups:read"),
    "files.getUploadURLExternal": _Method(files.get_upload_url, "files:write"),
    "files.completeUploadExternal": _Method(files.complete, "files:write"),
    "views.push": _Method(views.push_view),
    "agents.sessions.setStatus": _Method(chat.set_session_status, "chat:write"),
    "assistant.threads.setSuggestedPrompts": _Method(chat.set_suggested_prompts, "assistant:write"),
    "entity.presentDetails": _Method(entities.present_details),
    "views.open": _Method(views.open_view),
    "views.update": _Method(views.update_view),
    "views.publish": _Method(views.publish_view),
}
_OF_THE_APP = {"oauth.v2.access", "apps.uninstall"}
_SECRETS = {"token", "client_secret", "code", "refresh_token"}


@dataclass(slots=True)
class _Heard:
    """What is known of a call so far: it is logged however it ends."""

    arguments: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """The Web API. `calls` is its log."""

    def __init__(self, state: State, *, oauth: OAuth) -> None:
        self.calls: list[Call] = []
        self._state = state
        self._oauth = oauth

    async def handle(self, request: Request) -> Response:
        """Slack answers 200 to nearly everything; `ok` tells."""
        name, heard, status = request.path_params["method"], _Heard(), 200
        try:
            answer = {"ok": True, **await self._run(name, request, heard)}
        except SlackError as error:
            answer = {"ok": False, "error": error.error, **error.more}
        except RateLimited as error:
            status, answer = 429, {"ok": False, "error": "ratelimited"}
            heard.headers = {**heard.headers, "Retry-After": str(error.seconds)}
        except NotSimulated as error:
            status, why = 501, f"the sandbox does not simulate {error}"
            answer = {"ok": False, "error": "unknown_method", "why": why}
        said = {key: value for key, value in heard.arguments.items() if key not in _SECRETS}
        self.calls.append(Call(name, heard.place, said, str(answer.get("error", ""))))
        return JSONResponse(answer, status, heard.headers)

    async def _run(self, name: str, request: Request, heard: _Heard) -> dict[str, Any]:
        heard.arguments = await read_arguments(request)
        token = token_of(request, heard.arguments)
        if name == "blocks.validate":
            return validate(heard.arguments)
        if name in _OF_THE_APP:
            return self._of_the_app(name, {**_basic(request), **heard.arguments}, token)
        if name not in _METHODS:
            raise NotSimulated(name)
        caller, method = self._caller(token), _METHODS[name]
        scopes = caller.grant.scopes
        heard.place = caller.place.id
        heard.headers = {"x-oauth-scopes": ",".join(scopes), "x-accepted-oauth-scopes": method.scope}
        if method.scope:
            caller.need(method.scope)
        return method.run(caller, heard.arguments)

    def _of_the_app(self, name: str, given: dict[str, Any], token: str) -> dict[str, Any]:
        if name == "oauth.v2.access":
            return self._oauth.access(given)
        self._oauth.check_client(given)
        self._state.grants.revoke(self._caller(token).place.id)
        return {}

    def _caller(self, token: str) -> Caller:
        if not token:
            raise SlackError("not_authed")
        grant = self._state.grants.by_token(token)
        if grant is None:
            raise SlackError("invalid_auth")
        if not grant.is_live:
            raise SlackError(grant.error)
        return Caller(self._state, grant)


def _basic(request: Request) -> dict[str, str]:
    """The app's own credentials, where they come in the header."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": name, "client_secret": secret}
