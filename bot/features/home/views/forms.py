"""The forms behind the buttons of the Home tab, and what comes back from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.features.access.model.authorization import Policy, Role, Shown
from bot.features.admin.model.settings_command import SETTINGS, Setting
from bot.slack.views.fields import chosen, field, left_in, option
from bot.slack.views.message import section
from bot.slack.views.text import escaped, plain

ROLE, CUSTOMERS, CHANNEL, SETTING, HAND_OVER = (
    f"home.form.{each}" for each in ("role", "customers", "channel", "settings", "hand_over")
)
PERSON, GROUP, WHICH, PLACE, CLASS, SUCCESSOR = "person", "group", "role", "place", "class", "successor"
CODES = "codes"
NONE = "none"
FIRST_SETTING = SETTINGS[0].name
_MOST_GROUPS = 100
_LONGEST_CODES = 500
_ROLES = {
    Role.ADMIN.value: "Admin: figures, releases, channels, and these settings",
    Role.CONTROLLER.value: "Controller: figures, releases, channels",
    Role.SALES.value: "Sales: customers, and news to themselves",
    NONE: "None: take their role away",
}
_CLASSES = {
    Shown.STATUS: "Status: who is on hold, and no figure",
    Shown.BAND: "Band: also how near the limit, and no amount",
    Shown.FIGURES: "Figures: balances and limits",
}
_LABELS = {
    "status-for-everyone": "May members without a role see who is on hold?",
    "sales-see": "Which customers do sales people see?",
    "trust-copy": "How old may my copy be when Sage 200 is away?",
    "zone": "Time zone",
    "holidays": "Bank holidays that new digests leave out",
    "second-approver": "A second approver for releases above",
}
_HINTS = {
    "sales-see": "“mine” are those that an admin gave them: /sage roles @PERSON customers Region:North",
    "trust-copy": "From 5 minutes to 7 days, as in 90m, 24h or 2d",
    "zone": "As in Europe/London",
    "second-approver": "An amount, as in 10000, or off",
}
_OFFERED = {
    "status-for-everyone": ("on", "off"),
    "sales-see": ("mine", "all"),
    "holidays": ("England", "Scotland", "Northern Ireland", NONE),
}


def role_form(groups: Mapping[str, str]) -> View:
    """A role for a person or a user group; `groups` are the ids by handle, as far as Slack says."""
    kinds = [option(value, text) for value, text in _ROLES.items()]
    listed = sorted(groups.items())[:_MOST_GROUPS]
    menu = [
        field(
            GROUP,
            "Or everybody in this user group",
            StaticSelectElement(
                action_id=GROUP,
                placeholder=PlainTextObject(text="Pick a user group"),
                options=[option(each, f"@{plain(handle, most=70)}") for handle, each in listed],
            ),
            optional=True,
            hint="Who joins or leaves the group in Slack gains or loses the role within minutes.",
        )
    ]
    who = UserSelectElement(action_id=PERSON, placeholder=PlainTextObject(text="Pick a person"))
    return _modal(
        ROLE,
        "Give a role",
        field(PERSON, "Person", who, optional=True),
        *(menu if listed else []),
        field(WHICH, "Role", RadioButtonsElement(action_id=WHICH, options=kinds)),
    )


def customers_form(labels: Mapping[int, str]) -> View:
    """Whose customers are whose; `labels` are what their company calls its analysis codes."""
    who = UserSelectElement(action_id=PERSON, placeholder=PlainTextObject(text="Pick a person"))
    words = PlainTextInputElement(
        action_id=CODES, placeholder=PlainTextObject(text="Region:North"), max_length=_LONGEST_CODES
    )
    called = ", ".join(plain(label, most=60) for _, label in sorted(labels.items()))
    hint = "As in Region:North, or Region:North,South for several. Type none for no customer."
    return _modal(
        CUSTOMERS,
        "Whose customers",
        section("Sales people without a Sage ID of their own see these customers and no others."),
        field(PERSON, "Person", who),
        field(CODES, "Their customers, by analysis code", words, hint=hint),
        *([section(f"Your Sage 200 has: {escaped(called, most=500)}")] if called else []),
    )


def channel_form() -> View:
    """How much a channel is shown."""
    picker = ConversationSelectElement(
        action_id=PLACE,
        placeholder=PlainTextObject(text="Pick a channel"),
        filter=ConversationFilter(include=["public", "private"], exclude_external_shared_channels=True),
    )
    kinds = [option(value, text) for value, text in _CLASSES.items()]
    return _modal(
        CHANNEL,
        "What a channel sees",
        section("Everybody in the channel sees it, now and later, guests of this workspace too."),
        field(PLACE, "Channel", picker, hint="Invite the app to a private channel first: /invite @Sage 200"),
        field(CLASS, "Is shown", RadioButtonsElement(action_id=CLASS, options=kinds)),
    )


def settings_form(policy: Policy) -> View:
    """All of the settings, filled in. What it showed is kept in it: only what somebody changes there is written."""
    now = {each.name: each.shown(policy) for each in SETTINGS}
    return _modal(
        SETTING,
        "Settings",
        *(_setting(each, now[each.name]) for each in SETTINGS),
        kept=json.dumps(now, sort_keys=True),
    )


def _setting(setting: Setting, value: str) -> InputBlock:
    name, offered = setting.name, _OFFERED.get(setting.name)
    if offered is None:
        element = PlainTextInputElement(action_id=name, initial_value=plain(value, most=60), max_length=60)
        return field(name, _LABELS[name], element, hint=_HINTS.get(name, ""))
    options: dict[str, Option] = {each: option(each, each) for each in offered}
    radio = RadioButtonsElement(action_id=name, options=list(options.values()), initial_option=options.get(value))
    return field(name, _LABELS[name], radio, hint=_HINTS.get(name, ""))


def hand_over_form() -> View:
    """Whose sign-in answers for the workspace from now on."""
    who = UserSelectElement(action_id=SUCCESSOR, placeholder=PlainTextObject(text="Pick a person"))
    return _modal(
        HAND_OVER,
        "Hand over",
        section(
            "Their Sage sign-in will keep my copy fresh and answer the colleagues who have none of their own. They are "
            "told, and they must have connected their Sage ID already."
        ),
        field(SUCCESSOR, "Who answers from now on", who),
    )


def role_chosen(view: Mapping[str, Any]) -> tuple[str, str, Role | None] | None:
    """User id, group id (one of them empty, unless both were filled in) and role; None for a role that isn't one."""
    which = chosen(view, WHICH)
    if which not in _ROLES:
        return None
    person = str(left_in(view, PERSON).get("selected_user") or "")
    return person, chosen(view, GROUP), Role(which) if which != NONE else None


def customers_chosen(view: Mapping[str, Any]) -> tuple[str, str]:
    """User id and the words for their customers."""
    person = str(left_in(view, PERSON).get("selected_user") or "")
    return person, str(left_in(view, CODES).get("value") or "").strip()


def channel_chosen(view: Mapping[str, Any]) -> tuple[str, Shown] | None:
    """The channel and its class."""
    place, shown = str(left_in(view, PLACE).get("selected_conversation") or ""), chosen(view, CLASS)
    return (place, Shown(shown)) if place and shown in set(Shown) else None


def settings_changed(view: Mapping[str, Any]) -> dict[str, str]:
    """The settings that stand there otherwise than the form showed them."""
    before = json.loads(str(view.get("private_metadata") or "{}"))
    now = {each.name: chosen(view, each.name) or str(left_in(view, each.name).get("value") or "") for each in SETTINGS}
    return {name: word for name, word in now.items() if word != before.get(name)}


def successor_chosen(view: Mapping[str, Any]) -> str:
    """Their user id."""
    return str(left_in(view, SUCCESSOR).get("selected_user") or "")


def _modal(name: str, title: str, *blocks: Block, kept: str = "") -> View:
    return View(
        type="modal",
        callback_id=name,
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text="Save"),
        close=PlainTextObject(text="Cancel"),
        private_metadata=kept or None,
        blocks=list(blocks),
    )
