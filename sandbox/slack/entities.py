"""Work Objects: the shape of an `item`, and the side panes that apps filled.

docs.slack.dev/messaging/work-objects-implementation, as read in November 2026: an item has custom fields alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.block_kit.shapes import Check, Shape, Walk, flag, many, number, one_of, string, web_address
from sandbox.slack.limits import ANY_ID, BUTTON_VALUE
from sandbox.slack.methods.errors import SlackError

ITEM = "slack#/entities/item"
PRIMARY_ACTIONS, OVERFLOW_ACTIONS, METADATA_BYTES = 2, 5, 16_000
_words, _name = string(3_000), string(255)


def _text_object(value: Any, at: str, walk: Walk) -> None:
    Shape({"text": _words})(value, at, walk)


def _shown_in_order(value: dict[str, Any], at: str, walk: Walk) -> None:
    keys = [each.get("key") for each in value.get("custom_fields") or [] if isinstance(each, dict)]
    if len(set(keys)) != len(keys):
        walk.fault("keys must be different", f"{at}/custom_fields")
    if set(value.get("display_order") or []) - set(keys):
        walk.fault("must name custom fields", f"{at}/display_order")


def _custom_field(value: Any, at: str, walk: Walk) -> None:
    """Fields of other types than a string are not simulated."""
    needs: dict[str, Check] = {"key": _name, "label": _name, "value": _words}
    may: dict[str, Check] = {"tag_color": one_of("red", "yellow", "green", "gray", "blue"), "long": flag}
    Shape(needs, may)(value, at, walk)
    if isinstance(value, dict) and value.get("type") != "string":
        walk.fault(f"unsupported type: {value.get('type')}", at)


_ACTION = Shape(
    {"text": string(75), "action_id": string(ANY_ID), "value": string(BUTTON_VALUE)},
    {"style": one_of("primary", "danger")},
)
_PAYLOAD = Shape(
    {
        "attributes": Shape(
            {"title": _text_object},
            {"display_id": _name, "display_type": _name, "metadata_last_modified": number},
        ),
        "custom_fields": many(_custom_field, most=50),
    },
    {
        "display_order": many(_name, most=50),
        "actions": Shape(
            may={
                "primary_actions": many(_ACTION, most=PRIMARY_ACTIONS, least=0),
                "overflow_actions": many(_ACTION, most=OVERFLOW_ACTIONS, least=0),
            }
        ),
    },
    _shown_in_order,
)
_ENTITY = Shape(
    {
        "entity_type": one_of(ITEM),
        "url": web_address(3_000),
        "external_ref": Shape({"id": _name, "type": _name}),
        "entity_payload": _PAYLOAD,
    },
    {"app_unfurl_url": web_address(3_000)},
)


def check_entities(entities: Any) -> None:
    """Raises SlackError invalid_metadata_schema or metadata_too_large."""
    walk = Walk("message")
    many(_ENTITY, most=5)(entities, "/metadata/entities", walk)
    if walk.faults:
        raise SlackError("invalid_metadata_schema", response_metadata={"messages": walk.faults})
    if len(str(entities)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")


@dataclass(slots=True)
class Pane:
    """What one person's side pane shows: the object's details, why not, or a way to sign in."""

    team: str
    user: str
    entity: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    auth_url: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The fields by their labels."""
        found = (self.details.get("entity_payload") or {}).get("custom_fields") or []
        return {each["label"]: each["value"] for each in found}

    @property
    def actions(self) -> list[dict[str, Any]]:
        """The buttons, those behind the menu too."""
        given = (self.details.get("entity_payload") or {}).get("actions") or {}
        return [*(given.get("primary_actions") or []), *(given.get("overflow_actions") or [])]
