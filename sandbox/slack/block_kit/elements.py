"""What stands inside blocks: buttons, menus, fields to fill in, pictures."""

from __future__ import annotations

from typing import Any

from sandbox.slack import limits
from sandbox.slack.block_kit.shapes import (
    Check,
    Shape,
    Walk,
    by_type,
    flag,
    many,
    number,
    one_of,
    string,
    text,
    web_address,
)

_plain = {most: text(most, plain=True) for most in (30, 75, 100, 150)}
_id = string(limits.ANY_ID)

CONFIRM = Shape(
    {
        "title": _plain[limits.CONFIRM_TITLE],
        "text": text(limits.CONFIRM_TEXT),
        "confirm": _plain[limits.CONFIRM_BUTTON],
        "deny": _plain[limits.CONFIRM_BUTTON],
    },
    {"style": one_of("primary", "danger")},
)


def _option(*, mrkdwn: bool = False, url: bool = False) -> Shape:
    words = text(limits.OPTION_TEXT) if mrkdwn else _plain[limits.OPTION_TEXT]
    described = text(limits.OPTION_DESCRIPTION) if mrkdwn else _plain[limits.OPTION_DESCRIPTION]
    more: dict[str, Check] = {"url": web_address(limits.BUTTON_URL)} if url else {}
    return Shape({"text": words, "value": string(limits.OPTION_VALUE)}, {"description": described, **more})


_OPTION, _RICH_OPTION = _option(), _option(mrkdwn=True)
_options = many(_OPTION, most=limits.OPTIONS)
_GROUP = Shape({"label": _plain[limits.GROUP_LABEL], "options": _options})


def _acts(value: dict[str, Any], at: str, walk: Walk) -> None:
    """Stricter than Slack, which asks for unique ids in one block only: two of a name in a message are a mistake."""
    action_id = value.get("action_id")
    if not isinstance(action_id, str):
        return
    if action_id in walk.action_ids:
        walk.fault(f"action_id {action_id} is used twice", at)
    walk.action_ids.add(action_id)


def _chooses(value: dict[str, Any], at: str, walk: Walk) -> None:
    _acts(value, at, walk)
    initial = value.get("initial_options") or [each for each in [value.get("initial_option")] if each]
    for each in initial if isinstance(initial, list) else []:
        if each not in offered(value):
            walk.fault("initial option is not among the options", at)


def offered(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Every option of a menu, its groups opened."""
    groups = element.get("option_groups") or [{"options": element.get("options")}]
    return [option for group in groups if isinstance(group, dict) for option in group.get("options") or []]


# What an app answers to somebody who types into an external_select.
OFFER = Shape(
    may={
        "options": many(_OPTION, most=limits.OPTIONS, least=0),
        "option_groups": many(_GROUP, most=limits.OPTION_GROUPS, least=0),
    }
)
_ACTS: dict[str, Check] = {"action_id": _id, "confirm": CONFIRM, "focus_on_load": flag}
_FILLS: dict[str, Check] = {**_ACTS, "placeholder": _plain[limits.PLACEHOLDER]}
_MENU: dict[str, Check] = {**_FILLS, "options": _options, "option_groups": many(_GROUP, most=limits.OPTION_GROUPS)}
_MANY: dict[str, Check] = {"max_selected_items": number}
_LENGTHS: dict[str, Check] = {"min_length": number, "max_length": number, "multiline": flag}


def pictured(value: dict[str, Any], at: str, walk: Walk) -> None:
    """A picture is at an address or among Slack's own files."""
    if ("image_url" in value) == ("slack_file" in value):
        walk.fault("must have image_url or slack_file", at)


_SLACK_FILE = Shape(may={"id": _id, "url": web_address(limits.IMAGE_URL)})
PICTURE: dict[str, Check] = {"image_url": web_address(limits.IMAGE_URL), "slack_file": _SLACK_FILE}


def _few(option: Shape, most: int) -> dict[str, Check]:
    return {"options": many(option, most=most)}


# https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object
_FILTER = Shape(
    may={
        "include": many(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)


def _picker(kind: str) -> dict[str, Check]:
    more: dict[str, Check] = {"response_url_enabled": flag, "default_to_current_conversation": flag}
    if kind == "conversations":
        more["filter"] = _FILTER
    return {
        f"{kind}_select": Shape(may={**_FILLS, f"initial_{kind[:-1]}": _id, **more}, rule=_acts),
        f"multi_{kind}_select": Shape(
            may={**_FILLS, **_MANY, f"initial_{kind}": many(_id, most=100), **more}, rule=_acts
        ),
    }


def _field(**more: Check) -> Shape:
    return Shape(may={**_FILLS, "dispatch_action_config": _dispatch, **more}, rule=_acts)


_dispatch = Shape(
    may={"trigger_actions_on": many(one_of("on_enter_pressed", "on_character_entered"), most=2)},
)
_initial = string(limits.INPUT_VALUE, least=0)

_FEEDBACK = Shape(
    {"text": _plain[limits.BUTTON_TEXT], "value": string(limits.BUTTON_VALUE)},
    {"accessibility_label": string(limits.ACCESSIBILITY_LABEL)},
)

ELEMENTS: dict[str, Check] = {
    "button": Shape(
        {"text": _plain[limits.BUTTON_TEXT]},
        {
            "action_id": _id,
            "confirm": CONFIRM,
            "url": web_address(limits.BUTTON_URL),
            "value": string(limits.BUTTON_VALUE),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
        },
        _acts,
    ),
    "static_select": Shape(may={**_MENU, "initial_option": _OPTION}, rule=_chooses),
    "multi_static_select": Shape(
        may={**_MENU, **_MANY, "initial_options": many(_OPTION, most=limits.OPTIONS)}, rule=_chooses
    ),
    "external_select": Shape(may={**_FILLS, "initial_option": _OPTION, "min_query_length": number}, rule=_acts),
    "multi_external_select": Shape(
        may={**_FILLS, **_MANY, "initial_options": many(_OPTION, most=limits.OPTIONS), "min_query_length": number},
        rule=_acts,
    ),
    **_picker("users"),
    **_picker("conversations"),
    **_picker("channels"),
    "overflow": Shape(_few(_option(url=True), limits.OVERFLOW_OPTIONS), {"action_id": _id, "confirm": CONFIRM}, _acts),
    "checkboxes": Shape(
        _few(_RICH_OPTION, limits.CHECKBOXES),
        {**_ACTS, "initial_options": many(_RICH_OPTION, most=limits.CHECKBOXES)},
        _chooses,
    ),
    "radio_buttons": Shape(
        _few(_RICH_OPTION, limits.RADIO_BUTTONS), {**_ACTS, "initial_option": _RICH_OPTION}, _chooses
    ),
    "datepicker": Shape(may={**_FILLS, "initial_date": string(10)}, rule=_acts),
    "timepicker": Shape(may={**_FILLS, "initial_time": string(5), "timezone": _id}, rule=_acts),
    "datetimepicker": Shape(may={**_ACTS, "initial_date_time": number}, rule=_acts),
    "plain_text_input": _field(initial_value=_initial, **_LENGTHS),
    "number_input": Shape(
        {"is_decimal_allowed": flag},
        {
            **_FILLS,
            "initial_value": _initial,
            "min_value": _initial,
            "max_value": _initial,
            "dispatch_action_config": _dispatch,
        },
        _acts,
    ),
    "email_text_input": _field(initial_value=_initial),
    "url_text_input": _field(initial_value=_initial),
    "image": Shape({"alt_text": string(limits.IMAGE_ALT)}, PICTURE, pictured),
    # https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
    "feedback_buttons": Shape(
        {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": _id}, rule=_acts
    ),
}

MENUS = tuple(name for name in ELEMENTS if name.endswith("_select"))
CHOICES = ("overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker")
FIELDS = ("plain_text_input", "number_input", "email_text_input", "url_text_input")

in_context_actions = by_type(ELEMENTS, "feedback_buttons")
in_actions = by_type(ELEMENTS, "button", *MENUS, *CHOICES)
in_section = by_type(ELEMENTS, "button", "image", *MENUS, *CHOICES)
in_input = by_type(ELEMENTS, *MENUS, *(name for name in CHOICES if name != "overflow"), *FIELDS)
in_context = by_type(
    {**ELEMENTS, "plain_text": text(limits.FIELD_TEXT), "mrkdwn": text(limits.FIELD_TEXT)},
    "image",
    "plain_text",
    "mrkdwn",
)
