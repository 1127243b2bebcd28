"""The Home tab: what somebody sees when they open the app. Of at most some 75 blocks, by construction."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ButtonElement, DividerBlock, InteractiveElement, SectionBlock
from slack_sdk.models.views import View

from bot.features.access.model.authorization import Role
from bot.features.access.model.commands import ENTRIES, CommandGroup
from bot.features.connections.views.connect import CHANGE_COMPANY, ENTER_CODE, workspace_connection_note
from bot.features.connections.views.status import hint_of, sign_in_state
from bot.features.home.model import Home, Setup
from bot.features.home.views.admin import settings
from bot.features.home.views.own import accounts, subscriptions
from bot.slack.views import help as helps
from bot.slack.views.message import aside, buttons, heading, joined, mrkdwn, section
from bot.slack.views.text import escaped, user_mention

REFRESH, CONNECT = "home.refresh", "home.connect"
_MOST_TEXT = 2_900
_WHAT = (
    "Balances, credit limits and accounts on hold from *Sage 200*, here in Slack. What you ask is answered to you "
    "alone, and with your own Sage ID connected you see what Sage itself lets you see."
)
_CLOSED = (
    "I answer full members of {place} alone, and I couldn't confirm that you are one: guests and people from other "
    "companies are shown nothing from Sage 200. If you think that is wrong, ask an admin of this Slack workspace."
)
_ROLES = {
    Role.ADMIN: "an *admin* of this app",
    Role.CONTROLLER: "a *controller* in this app",
    Role.SALES: "in *sales* in this app",
    None: "without a role in this app so far",
}
_SHOWN = (
    "• This tab, commands and messages to me are answered to you alone.\n"
    "• A channel is shown no more than whether accounts are on hold, unless an admin of this app allows more there.\n"
    "• Guests, people from other companies and channels shared with them are shown nothing.\n"
    "• Sage's own permissions come first: nobody's Sage ID shows them more here than in Sage 200."
)
_MOST_ADMINS = 10
_FIRST = {CommandGroup.CUSTOMERS, CommandGroup.ON_HOLD, CommandGroup.NEWS}


def home(shown: Home, *, said: str = "") -> View:
    """All that this person may see. `said` is what has just come of something, escaped already."""
    blocks: list[Block] = []
    if said:
        blocks += [section(f"› {joined(said.splitlines(), most=_MOST_TEXT)}"), DividerBlock()]
    if not shown.reach.is_member:
        place = escaped(shown.workspace_name) or "this workspace"
        return View(type="home", blocks=[*blocks, section(_CLOSED.format(place=place))])
    refresh = ButtonElement(text="Refresh", action_id=REFRESH)
    opening = joined([_WHAT, f"You are {_ROLES[shown.role]}."])
    blocks.append(SectionBlock(text=mrkdwn(opening), accessory=refresh))
    if shown.missing:
        missing = " and ".join(part.value for part in shown.missing)
        blocks.append(section(f"I can't show {missing} just now. Please try again in a minute."))
    parts = (_setup, _connection, accounts, subscriptions, settings, _help)
    for part in parts:
        made = part(shown)
        blocks += [DividerBlock(), *made] if made else []
    return View(type="home", blocks=blocks)


def _setup(shown: Home) -> list[Block]:
    """What is left to do once, for those who can."""
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
        (setup.connected, "Connect your Sage ID", "the button below: it takes about a minute"),
        (setup.company, "Pick the company", "the button below, or `/sage company`"),
        (setup.roles, "Say who may see what", "*Give a role* below: until then only you are answered"),
        (setup.subscribed, "Subscribe to the first news", "*Subscribe* below, or `/sage subscribe`"),
    ]


def _step(done: bool, what: str, how: str) -> str:
    return f"✓  {what}" if done else f"○  *{what}*: {how}"


def _connection(shown: Home) -> list[Block]:
    stands = shown.stands
    if stands is None:
        return []
    hint = hint_of(stands)
    others = "" if hint == "" or shown.becomes_workspace_connection else _by_role(shown)
    made: list[Block] = [
        heading("Your Sage ID"),
        section(joined([*sign_in_state(stands).splitlines(), others], most=_MOST_TEXT)),
    ]
    if hint:
        code = ButtonElement(text="Enter the code", action_id=ENTER_CODE)
        presses: list[InteractiveElement] = [
            ButtonElement(text=hint, action_id=CONNECT, style="primary"),
            code,
        ]
        made.append(buttons(*presses))
    elif stands.state == "connected":
        text = "Change company" if stands.company is not None else "Pick the company"
        made.append(buttons(ButtonElement(text=text, action_id=CHANGE_COMPANY)))
    return made


def _by_role(shown: Home) -> str:
    """What goes without a Sage ID of their own."""
    if shown.role is not None:
        return "Without a Sage ID of your own you are answered by your role, through the workspace's connection."
    if not shown.admins:
        return ""
    return f"Without a Sage ID of your own I can answer you by a role in this app: ask {_admins(shown)} for one."


def _admins(shown: Home) -> str:
    return ", ".join(user_mention(each) for each in shown.admins[:_MOST_ADMINS])


def _help(shown: Home) -> list[Block]:
    """What may be typed, who sees what, and whom to ask."""
    usable = [entry for entry in ENTRIES if entry.group in _FIRST and shown.reach.has(entry)]
    first = [helps.line(entry) for entry in usable if entry.command == "/customer" or entry.word in {"", "subscribe"}]
    every = "`/sage help` lists everything that you can type, or ask me in plain English under *Messages*."
    asks = f"Questions about this app: {_admins(shown)}." if shown.admins else ""
    return [
        heading("Help"),
        section(joined([*first, every])),
        section(joined(["*What is shown to whom*", _SHOWN])),
        *([aside(asks)] if asks else []),
    ]
