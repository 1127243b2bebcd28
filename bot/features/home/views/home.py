"""The Home tab, at most some 80 blocks by construction."""

from __future__ import annotations

from bot.command_names import CUSTOMER
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Action, Role
from bot.features.access.model.commands import ENTRIES, CommandGroup
from bot.features.access.views import ask_button
from bot.features.connections.views.connect import CHANGE_COMPANY, ENTER_CODE, workspace_connection_note
from bot.features.connections.views.status import hint_of, sign_in_state
from bot.features.home.model import Home, Setup
from bot.features.home.views.admin import settings
from bot.features.home.views.own import accounts, overdue, subscriptions, waiting
from bot.slack.views import help as helps
from bot.slack.views.blocks import Block, View, button_element, divider_block, home_view, mrkdwn, section_block
from bot.slack.views.errors import explain
from bot.slack.views.message import aside, buttons, heading, joined, section
from bot.slack.views.text import user_mention

REFRESH, CONNECT, LOOK_UP = "home.refresh", "home.connect", "home.look_up"
_MOST_TEXT = 2_900
_WHAT = (
    "Balances, credit limits and accounts on hold from *Sage 200*, here in Slack. Only you see the "
    "answers, and with your own Sage ID connected you see what Sage 200 itself shows you."
)
_ROLES = {
    Role.ADMIN: "You are an *admin* of this app.",
    Role.CONTROLLER: "You are a *controller* in this app.",
    Role.SALES: "Your role in this app is *sales*.",
    Role.VIEWER: "You are a *viewer* in this app: you see every customer, but can't change anything.",
    None: "You don't have a role in this app yet.",
}
_SHOWN = (
    "• Only you see this tab, and the answers to commands and messages.\n• A channel "
    "shows hold status only, unless an admin of this app allows more there.\n• Guests, "
    "people from other companies and channels shared with them get nothing.\n• Sage's own "
    "permissions come first: nobody's Sage ID shows them more here than in Sage 200."
)
_MOST_ADMINS, _MOST_LINES = 10, 5
_FIRST = {CommandGroup.CUSTOMERS, CommandGroup.ON_HOLD, CommandGroup.NEWS}


def home(shown: Home, *, notice: str = "") -> View:
    """Return the Home view of one user. `notice`, escaped already, is the result of a button or form."""
    blocks: list[Block] = []
    if notice:
        blocks += [section(f"› {joined(notice.splitlines(), most=_MOST_TEXT)}"), divider_block()]
    if not shown.permissions.is_member:
        return home_view([*blocks, section(explain(NotAllowed()).text)])
    blocks += _top(shown)
    if shown.missing:
        missing = " and ".join(part.value for part in shown.missing)
        blocks.append(section(f"Not available at the moment: {missing}. Please try again in a minute."))
    # What a desk has on top: what waits, then whose accounts these are. A sign-in that serves needs no attention.
    signed_in = shown.connection is not None and shown.connection.state == "connected"
    work = (accounts, overdue, subscriptions)
    desk = (*work, _connection) if signed_in else (_connection, *work)
    parts = (waiting, _setup, *desk, settings, _help)
    for part in parts:
        made = part(shown)
        blocks += [divider_block(), *made] if made else []
    return home_view(blocks)


def _top(shown: Home) -> list[Block]:
    """Return what this is, and the buttons to look a customer up and to refresh."""
    refresh = button_element("Refresh", REFRESH)
    you = _ROLES[shown.role]
    # Who works here every day knows what this is.
    what = _WHAT if shown.role is None else ""
    if Action.STATUS not in shown.permissions.may:
        return [section_block(mrkdwn(joined([what, you])), accessory=refresh)]
    look_up = button_element("Look up a customer", LOOK_UP, style="primary")
    return [section(joined([what, you])), buttons(look_up, refresh)]


def _setup(shown: Home) -> list[Block]:
    """Return the setup steps that are left, for a user who can do them."""
    if shown.setup is None or shown.setup.is_done:
        return []
    lines = [_step(*row) for row in _steps(shown.setup)]
    return [
        heading("Getting started"),
        section(
            joined([*lines, workspace_connection_note(becomes_workspace_connection=shown.becomes_workspace_connection)])
        ),
    ]


def _steps(setup: Setup) -> list[tuple[bool, str, str]]:
    return [
        (True, "Install the app", ""),
        (setup.connected, "Connect your Sage ID", "with the button below, in about a minute"),
        (setup.company, "Pick the company", "with the button below, or `/sage company`"),
        (setup.roles, "Say who may see what", "under *Your team* below; until then only you get answers"),
        (setup.subscribed, "Set up the first alert", "with *Subscribe* below, or `/sage subscribe`"),
    ]


def _step(done: bool, what: str, how: str) -> str:
    return f"✓  {what}" if done else f"○  *{what}* {how}"


def _connection(shown: Home) -> list[Block]:
    connection = shown.connection
    if connection is None:
        return []
    hint = hint_of(connection)
    others = "" if hint == "" or shown.becomes_workspace_connection else _by_role(shown)
    made: list[Block] = [
        heading("Your Sage ID"),
        section(joined([*sign_in_state(connection).splitlines(), others], most=_MOST_TEXT)),
    ]
    if hint:
        code = button_element("Enter the code", ENTER_CODE)
        ask = [ask_button()] if shown.role is None and shown.admins else []
        made.append(buttons(button_element(hint, CONNECT, style="primary"), code, *ask))
    elif connection.state == "connected":
        text = "Change company" if connection.company is not None else "Pick the company"
        made.append(buttons(button_element(text, CHANGE_COMPANY)))
    return made


def _by_role(shown: Home) -> str:
    """Return what works without a Sage ID of the user's own."""
    if shown.role is not None:
        return "Until you connect one, you see what your role allows, through the workspace's sign-in."
    if not shown.admins:
        return ""
    return f"Until you connect one, you need a role in this app: ask {_admins(shown)} for one."


def _admins(shown: Home) -> str:
    return ", ".join(user_mention(each) for each in shown.admins[:_MOST_ADMINS])


def _help(shown: Home) -> list[Block]:
    """Return what can be typed, the rules of visibility, and the admins to ask."""
    usable = [entry for entry in ENTRIES if entry.group in _FIRST and shown.permissions.has(entry)]
    first = [helps.line(entry) for entry in usable if entry.command == str(CUSTOMER) or entry.word in {"", "subscribe"}]
    first = first[:_MOST_LINES]
    every = "`/sage help` lists everything you can type, or ask in plain English under *Messages*."
    asks = f"Questions about this app: {_admins(shown)}." if shown.admins else ""
    return [
        heading("Help"),
        section(joined([*first, every])),
        section(joined(["*Who sees what*", _SHOWN])),
        *([aside(asks)] if asks else []),
    ]
