"""The part of Home for admins of the app: roles, channels, settings, and the workspace connection."""

from __future__ import annotations

from collections.abc import Mapping

from bot.features.access.model.authorization import Policy, Role, RoleOverview, WorkspaceChoices
from bot.features.home.model import Home
from bot.features.home.views.settings_words import settings_sentences
from bot.slack.views.blocks import Block, button_element, mrkdwn, section_block
from bot.slack.views.message import aside, heading, joined
from bot.slack.views.text import channel_mention, escaped, group_mention, moment, user_mention

ROLES, CUSTOMERS, CHANNELS, SETTING, HAND_OVER, TEAM, QUESTIONS = (
    f"home.{each}" for each in ("roles", "customers", "channels", "settings", "hand_over", "team", "questions")
)
_TEAM = (
    "*Your team*\nEverybody with their role, customers and Sage ID, and what is missing. Give roles to many people at "
    "once."
)
_QUESTIONS = "*Questions in plain English*\nWhat people ask, what wasn't understood, and which answers were useful."
_ROLES = {Role.ADMIN: "Admins", Role.CONTROLLER: "Controllers", Role.SALES: "Sales", Role.VIEWER: "Viewers"}
_MOST = 25


def settings(shown: Home) -> list[Block]:
    """Return the admin part; nothing for other users."""
    system = shown.system
    if system is None:
        return []
    return [
        heading("This workspace"),
        _beside(_TEAM, "Team", TEAM, "Team: everybody at a glance"),
        _beside(_roles(system.overview), "Give a role", ROLES),
        _beside(_customers(system.chosen.policy), "Customers", CUSTOMERS, "Customers: whose are whose"),
        _beside(_channels(system.chosen), "Channels", CHANNELS, "Channels: what a channel shows"),
        _beside(_settings(system.chosen), "Settings", SETTING, "Settings: change them"),
        _beside(_answers(shown), "Hand over", HAND_OVER, "Hand over: whose Sage sign-in the workspace uses"),
        _beside(_QUESTIONS, "Questions", QUESTIONS, "Questions: what people ask"),
        aside("Only admins of this app see this part."),
    ]


def _beside(text: str, button: str, action_id: str, spoken: str = "") -> Block:
    press = button_element(button, action_id, accessibility_label=spoken)
    return section_block(mrkdwn(text), accessory=press)


def _roles(overview: RoleOverview) -> str:
    lines, unheld = ["*Roles*"], []
    for role in Role:
        named = [*_users_with(overview.people, role, user_mention), *_users_with(overview.groups, role, group_mention)]
        if named:
            lines.append(f"{_ROLES[role]}: {_listed(named, '', '/sage roles')}")
        else:
            unheld.append(_ROLES[role].lower())
    return joined([*lines, f"None yet: {', '.join(unheld)}" if unheld else ""])


def _users_with(held: Mapping[str, str], role: Role, said: object) -> list[str]:
    assert callable(said)  # noqa: S101 - one of the two above
    return [said(each) for each, its in sorted(held.items()) if its == role]


def _listed(named: list[str], nobody: str, typed: str) -> str:
    more = f" and {len(named) - _MOST:,} more (`{typed}`)" if len(named) > _MOST else ""
    return f"{', '.join(named[:_MOST]) or nobody}{more}"


def _customers(policy: Policy) -> str:
    only = "Sales people who haven't connected a Sage ID see only their own customers. "
    return f"*Customers*\n{only if policy.sales_only_theirs else ''}`/sage roles` lists whose customers are whose."


def _channels(chosen: WorkspaceChoices) -> str:
    raised = [
        f"{channel_mention(each.channel_id)} ({each.shown.value}{' and requests' * each.takes_requests} of "
        f"{escaped(each.company_name, most=60)})"
        for each in chosen.channels
    ]
    none = "None: every channel shows hold status only."
    return joined(["*Channels that show more than status, or take requests*", _listed(raised, none, "/sage settings")])


def _settings(chosen: WorkspaceChoices) -> str:
    return joined(["*Settings*", *settings_sentences(chosen.policy)])


def _answers(shown: Home) -> str:
    """Return whose sign-in answers for users without one of their own."""
    shared = shown.connection.workspace if shown.connection is not None else None
    if shared is None:
        return "*Who answers for the workspace*\nNobody's sign-in does: colleagues without their own get no answer."
    since = moment(shared.since)
    return f"*Who answers for the workspace*\n{user_mention(shared.owner)}'s Sage sign-in: {shared.state} since {since}"
