"""The forms behind Home's buttons, and reading what was entered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.filters.filter_examples import DEMO, FilterExamples
from bot.domain.text.parsing import whole_number
from bot.features.access.model.authorization import Policy, Role, Shown
from bot.features.admin.model.channel_command import NamedCompany
from bot.features.admin.model.settings_command import SETTINGS, Setting
from bot.slack.views.blocks import (
    Block,
    View,
    conversation_filter,
    conversations_select,
    modal_view,
    plain_text_input,
    radio_buttons,
    static_select,
    users_select,
)
from bot.slack.views.fields import chosen, field, left_in, option
from bot.slack.views.message import section
from bot.slack.views.text import escaped, plain

ROLE, CUSTOMERS, CHANNEL, SETTING, HAND_OVER = (
    f"home.form.{each}" for each in ("role", "customers", "channel", "settings", "hand_over")
)
PERSON, GROUP, WHICH, PLACE, CLASS, SUCCESSOR = "person", "group", "role", "place", "class", "successor"
COMPANY, REQUESTS = "company", "requests"
CODES = "codes"
NONE = "none"
FIRST_SETTING = SETTINGS[0].name
_MOST_GROUPS = _MOST_COMPANIES = 100
_LONGEST_CODES = 500
_ROLES = {
    Role.ADMIN.value: "Admin: figures, releases, channels, and these settings",
    Role.CONTROLLER.value: "Controller: figures, releases, channels",
    Role.SALES.value: "Sales: customers, and alerts to themselves",
    Role.VIEWER.value: "Viewer: sees all figures, changes nothing",
    NONE: "None: take their role away",
}
_CLASSES = {
    Shown.STATUS: "Status: who is on hold, and no figure",
    Shown.BAND: "Band: also how near the limit, and no amount",
    Shown.FIGURES: "Figures: balances and limits",
}
_TAKES = {"on": "Post them in this channel too", "off": "Don't post them in this channel"}
_LABELS = {
    "status-for-everyone": "Let everybody see who is on hold?",
    "sales-see": "Which customers do sales people see?",
    "trust-copy": "If Sage 200 is down, show saved figures for up to",
    "zone": "Time zone",
    "holidays": "Bank holidays that new digests leave out",
    "second-approver": "A second approver for releases above",
    "overdue-ask": "Orders are for credit control after",
    "overdue-stop": "Orders are stopped after",
    "overdue-least": "Overdue debt counts from",
    "disputes-count": "Does debt in query count in order checks?",
    "overdue-credits": "Credit that isn't allocated",
    "promise-grace": "A promise is broken after",
    "hold-suggest": "Suggest a hold for accounts",
    "working-hours": "Working hours",
    "hold-reasons": "Reasons for a hold",
    "hold-notes": "A hold also leaves in Sage 200",
    "keep-questions": "Keep the words of questions that weren't understood?",
}
_HINTS = {
    "sales-see": "Without a Sage ID of their own. Customers are assigned under Team or Customers",
    "trust-copy": "From 5 minutes to 7 days, such as 90 minutes, 24 hours or 2 days",
    "zone": "For example Europe/London",
    "second-approver": "An amount such as 10000, or off",
    "overdue-ask": "Days that the oldest debt is overdue, such as 7 days",
    "overdue-stop": "Days that the oldest debt is overdue, such as 30 days, or off",
    "overdue-least": "An amount in the customer's currency, such as 50",
    "promise-grace": "Working days after the promised day, such as 2 days",
    "working-hours": "Monday to Friday, such as 09:00-17:30",
    "hold-reasons": "Offered in the forms; separate them with commas",
    "hold-notes": "With the reason and the name. Taken back when the account is released",
    "keep-questions": "For 30 days, for admins of this app: /sage questions. No erases them",
    "hold-suggest": "So many days overdue, so much overdue, or either: 60 days, 5000, 60 days or 5000, off",
}
_LONGEST = {"hold-reasons": 400}
_YES_OR_NO = {"on": "Yes", "off": "No"}
# What a radio button says, by the word that is typed for it.
_OFFERED = {
    "status-for-everyone": _YES_OR_NO,
    "sales-see": {"mine": "Their own customers", "all": "Every customer"},
    "disputes-count": _YES_OR_NO,
    "keep-questions": _YES_OR_NO,
    "hold-notes": {
        "off": "Nothing more",
        "alert": "An alert when an order is entered",
        "memo": "A memo on the account",
        "both": "Both",
    },
    "overdue-credits": {"net": "Set off against the oldest debt", "gross": "Left out of what is overdue"},
    "holidays": {
        "England": "England and Wales",
        "Scotland": "Scotland",
        "Northern Ireland": "Northern Ireland",
        NONE: "None",
    },
}


def role_form(groups: Mapping[str, str]) -> View:
    """Return the form that gives a role to a user or user group; `groups` are ids by handle, if Slack says."""
    kinds = [option(value, text) for value, text in _ROLES.items()]
    listed = sorted(groups.items())[:_MOST_GROUPS]
    menu = [
        field(
            GROUP,
            "Or everybody in this user group",
            static_select(
                GROUP,
                placeholder="Pick a user group",
                options=[option(each, f"@{plain(handle, most=70)}") for handle, each in listed],
            ),
            optional=True,
            hint="Access follows the group's membership in Slack.",
        )
    ]
    who = users_select(PERSON, placeholder="Pick a person")
    return _modal(
        ROLE,
        "Give a role",
        field(PERSON, "Person", who, optional=True),
        *(menu if listed else []),
        field(WHICH, "Role", radio_buttons(WHICH, options=kinds)),
    )


def customers_form(labels: Mapping[int, str], examples: FilterExamples = DEMO) -> View:
    """Return the form for a user's own customers; `labels` are the company's names for its analysis codes."""
    who = users_select(PERSON, placeholder="Pick a person")
    words = plain_text_input(CODES, placeholder=plain(examples.condition), max_length=_LONGEST_CODES)
    called = ", ".join(plain(label, most=60) for _, label in sorted(labels.items()))
    hint = (
        f"For example {plain(examples.condition)}, or {plain(examples.several)} for several. Type none for no customer."
    )
    return _modal(
        CUSTOMERS,
        "Whose customers",
        section("Sales people without a Sage ID of their own see these customers and no others."),
        field(PERSON, "Person", who),
        field(CODES, "Their customers, by analysis code", words, hint=hint),
        *([section(f"Your Sage 200 has: {escaped(called, most=500)}")] if called else []),
    )


def channel_form(companies: Sequence[NamedCompany]) -> View:
    """Return the form for a channel's class for one of these companies, of which the first is the admin's own."""
    picker = conversations_select(
        PLACE,
        placeholder="Pick a channel",
        filter_object=conversation_filter("public", "private", exclude_external_shared_channels=True),
    )
    kinds = [option(value, text) for value, text in _CLASSES.items()]
    named = [option(str(each.pk), plain(each.label, most=70) or "(no name)") for each in companies[:_MOST_COMPANIES]]
    which = [field(COMPANY, "Of which company", static_select(COMPANY, placeholder="Pick a company", options=named))]
    own = f"It is about {escaped(companies[0].label, most=100)}. " if len(companies) == 1 else ""
    return _modal(
        CHANNEL,
        "What a channel sees",
        section(f"{own}Everybody in the channel sees it, now and later, guests of this workspace too."),
        field(PLACE, "Channel", picker, hint="Invite the app to a private channel first: /invite @Sage 200"),
        *(which if len(companies) > 1 else []),
        field(CLASS, "Shows", radio_buttons(CLASS, options=kinds)),
        field(
            REQUESTS,
            "Requests for releases, limits and orders",
            radio_buttons(REQUESTS, options=[option(value, text) for value, text in _TAKES.items()]),
            hint="Leave empty to change nothing. Only those who may decide can use the buttons there.",
            optional=True,
        ),
    )


def settings_form(policy: Policy) -> View:
    """Return all settings, filled in, with the values shown as metadata: only what the user changes is written."""
    now = {each.name: _in_words(each.shown(policy)) for each in SETTINGS}
    return _modal(
        SETTING,
        "Settings",
        *(_setting(each, now[each.name]) for each in SETTINGS),
        metadata=json.dumps(now, sort_keys=True),
    )


def _in_words(value: str) -> str:
    """Return the value with its units written out: both ways are understood."""
    units = {"d": "day", "h": "hour", "m": "minute"}
    said = re.compile(r"\b(\d{1,5})([dhm])\b")
    return said.sub(lambda found: f"{found[1]} {units[found[2]]}{'' if found[1] == '1' else 's'}", value)


def _setting(setting: Setting, value: str) -> Block:
    name, offered = setting.name, _OFFERED.get(setting.name)
    if offered is None:
        most = _LONGEST.get(name, 60)
        element = plain_text_input(name, initial_value=plain(value, most=most), max_length=most)
        return field(name, _LABELS[name], element, hint=_HINTS.get(name, ""))
    options = {each: option(each, said) for each, said in offered.items()}
    radio = radio_buttons(name, options=list(options.values()), initial_option=options.get(value))
    return field(name, _LABELS[name], radio, hint=_HINTS.get(name, ""))


def hand_over_form() -> View:
    """Return the form that hands the workspace connection to another user."""
    who = users_select(SUCCESSOR, placeholder="Pick a person")
    return _modal(
        HAND_OVER,
        "Hand over",
        section(
            "Their Sage sign-in will keep the data fresh and answer colleagues who have none of "
            "their own. They get a message, and must have connected their Sage ID already."
        ),
        field(SUCCESSOR, "Who answers from now on", who),
    )


def role_chosen(view: Mapping[str, Any]) -> tuple[str, str, Role | None] | None:
    """Return (user id, group id, role); one id is empty unless both were filled in. None for an unknown role."""
    which = chosen(view, WHICH)
    if which not in _ROLES:
        return None
    person = str(left_in(view, PERSON).get("selected_user") or "")
    return person, chosen(view, GROUP), Role(which) if which != NONE else None


def customers_chosen(view: Mapping[str, Any]) -> tuple[str, str]:
    """Return (user id, the words for their customers)."""
    person = str(left_in(view, PERSON).get("selected_user") or "")
    return person, str(left_in(view, CODES).get("value") or "").strip()


def channel_chosen(view: Mapping[str, Any]) -> tuple[str, Shown, int | None] | None:
    """Return the channel id, its class, and the company's key (None: the admin's own); None if one is missing."""
    place, shown = str(left_in(view, PLACE).get("selected_conversation") or ""), chosen(view, CLASS)
    company = chosen(view, COMPANY)
    return (place, Shown(shown), whole_number(company, digits=9)) if place and shown in set(Shown) else None


def requests_chosen(view: Mapping[str, Any]) -> bool | None:
    """Return whether requests shall be posted in the channel; None to change nothing."""
    return {"on": True, "off": False}.get(chosen(view, REQUESTS))


def settings_changed(view: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings whose value differs from what the form showed."""
    before = json.loads(str(view.get("private_metadata") or "{}"))
    now = {each.name: chosen(view, each.name) or str(left_in(view, each.name).get("value") or "") for each in SETTINGS}
    return {name: word for name, word in now.items() if word != before.get(name)}


def successor_chosen(view: Mapping[str, Any]) -> str:
    """Return the chosen user id."""
    return str(left_in(view, SUCCESSOR).get("selected_user") or "")


def _modal(name: str, title: str, *blocks: Block, metadata: str = "") -> View:
    return modal_view(blocks, title=title, close="Cancel", submit="Save", callback_id=name, private_metadata=metadata)
