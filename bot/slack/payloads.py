"""Models of Slack's payloads: only the fields that Bolt and this app read before anything else is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(max_length=255)]
# Answers are sent there, by libraries that fail on what is no address; a user's words can't get into it.
ResponseUrl = Annotated[str, Field(max_length=2_000, pattern=r"^https?://[\w.\-\[\]:]+/\S*$")]


_FORMS, _VIEWS = ("view_submission", "view_closed"), ("modal", "home")


class _Outline(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class Named(_Outline):
    """A user, team, channel, enterprise or view, with an id if it has one."""

    id: Id | None = None
    team_id: Id | None = None


class Authorization(_Outline):
    """An installation that an event is delivered to."""

    enterprise_id: Id | None = None
    team_id: Id | None = None
    user_id: Id | None = None
    is_enterprise_install: bool | None = None


class Event(_Outline):
    """The event in an event callback. `user` and `channel` are ids in some events and objects in others."""

    type: Id
    subtype: Id | None = None
    user: Id | dict[str, Any] | None = None
    channel: Id | dict[str, Any] | None = None
    team: Id | dict[str, Any] | None = None
    bot_id: Id | None = None
    text: str | None = None
    ts: Id | None = None
    thread_ts: Id | None = None
    message: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = None


class EventEnvelope(_Outline):
    """The JSON body: an event callback, or Slack's check of our address."""

    type: Id
    challenge: str | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None
    event_id: Id | None = None
    event_time: Annotated[int, Field(ge=0, le=32_503_680_000)] | None = None  # seconds, up to the year 3000
    event: Event | None = None
    authorizations: list[Authorization] | None = None
    is_enterprise_install: bool | None = None

    @model_validator(mode="after")
    def _callbacks_have_an_event(self) -> Self:
        """Bolt reads the event of a callback, and one that is named in any other body, without looking at it."""
        if self.event is None and (self.type == "event_callback" or "event" in self.model_fields_set):
            raise ValueError("a body without its event")
        return self


class Action(_Outline):
    """One clicked button or chosen option."""

    type: Id
    action_id: Id
    block_id: Id | None = None
    action_ts: Id | None = None
    value: str | None = None
    selected_option: dict[str, Any] | None = None


class Interactivity(_Outline):
    """The `payload` form field: a click, submission, shortcut or request for options."""

    type: Id
    team: Named | None = None
    enterprise: Named | None = None
    user: Named
    channel: Named | None = None
    container: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    view: dict[str, Any] | None = None
    state: dict[str, Any] | None = None
    trigger_id: Id | None = None
    callback_id: Id | None = None
    action_id: Id | None = None
    block_id: Id | None = None
    response_url: ResponseUrl | None = None
    is_enterprise_install: bool | None = None
    actions: Annotated[list[Action], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _clicks_name_an_action(self) -> Self:
        """Bolt reads the first action of a click without looking whether there is one."""
        if self.type == "block_actions" and self.actions is None:
            raise ValueError("a click without an action")
        return self

    @model_validator(mode="after")
    def _forms_say_what_they_are(self) -> Self:
        """Bolt reads the type of a form's view, and the step of Slack's former workflows, without looking for them."""
        if self.type in _FORMS and (self.view or {}).get("type") not in _VIEWS:
            raise ValueError("a form that is none")
        if self.type == "workflow_step_edit":
            raise ValueError("a step of a workflow that Slack no longer has")
        return self


class Command(_Outline):
    """The form fields of a slash command."""

    command: Annotated[str, Field(pattern=r"^/", max_length=64)]
    text: str = ""
    user_id: Id
    team_id: Id | None = None
    enterprise_id: Id | None = None
    channel_id: Id | None = None
    trigger_id: Id | None = None
    response_url: ResponseUrl | None = None


class RpcMessage(_Outline):
    """One message of JSON-RPC: a request, a notification or a response."""

    jsonrpc: Literal["2.0"]
    id: Id | int | None = None
    method: Id | None = None
    params: dict[str, Any] | None = None


def team_of(body: Mapping[str, Any]) -> str:
    """Return the workspace (T…) that a payload comes from; empty if only its organisation is said."""
    # Where the organisation installed the app, an event's authorization names no workspace, and a view's
    # `app_installed_team_id` is the organisation (E…). Bolt goes by these.
    team, event = _inner(body, "team"), _inner(body, "event")
    said = (body.get("team_id"), team.get("id"), event.get("team"), _inner(body, "user").get("team_id"))
    every = (*said, _inner(body, "view").get("team_id"))
    return next((each for each in every if isinstance(each, str) and each.startswith("T")), "")


def _inner(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = body.get(name)
    return inner if isinstance(inner, Mapping) else {}
