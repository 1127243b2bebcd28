"""The team as a message, and the buttons that set it up."""

from __future__ import annotations

from bot.features.team.model.overview import Gap, Team, TeamMember
from bot.slack.views.blocks import Block, Element, View, button_element
from bot.slack.views.listing import page_ids
from bot.slack.views.message import Message, aside, buttons, joined, section
from bot.slack.views.modal import modal
from bot.slack.views.table import TABLE as DATA_TABLE
from bot.slack.views.table import Cell, Mentions, data_table
from bot.slack.views.text import day, escaped, group_mention, user_mention

MATCH, ADD, CHANNELS, PAGE, TABLE = "team.match", "team.add", "team.channels", "team.page", "team.table"
PAGES = page_ids(PAGE)
TITLE = "Your team"
_MOST_UNOWNED, _A_SECTION = 12, 5
_MISSING = {
    Gap.NOT_HERE: "no longer a full member",
    Gap.NO_CUSTOMERS: "customers: none assigned yet",
    Gap.ASKED: "a role, and asked for one",
    Gap.NO_ROLE: "a role",
    Gap.NOT_CONNECTED: "own Sage ID",
    Gap.NONE: "",
}
_STATES = {
    "connected": "connected",
    "reconnect_needed": "must sign in to Sage again",
    "paused": "paused",
    "": "not connected",
}
_TYPED = "Typed: `/sage team match`, `/sage team add LIST`, `/sage team channels`, `/sage team page 2`."


def team(found: Team) -> Message:
    """Return a page of the team: those who lack something first."""
    top = joined(["*Your team*", _summary(found)])
    below = [line for line in (_groups(found), _unowned(found)) if line]
    table = [_table(found)] if found.members else []
    blocks = [section(top), *table, *map(section, below), buttons(*_buttons(found)), aside(_TYPED)]
    return Message(joined([top, *map(_line, found.members), *below, _TYPED]), tuple(blocks))


def team_modal(found: Team) -> View:
    """Return the page as a modal, for Home's button."""
    _, *others = team(found).blocks
    lines = [_line(each) for each in found.members]
    parts = [joined(lines[at : at + _A_SECTION]) for at in range(0, len(lines), _A_SECTION)]
    rest = [block for block in others if block["type"] != DATA_TABLE]
    return modal([section(_summary(found)), *map(section, parts), *rest], title=TITLE)


def _summary(found: Team) -> str:
    counts = ", ".join(f"{count:,} {role}" for role, count in found.counts if count)
    people = f"{found.total:,} {'person' if found.total == 1 else 'people'}{f' ({counts})' if counts else ''}"
    lacking = (
        f"{found.lacking:,} of them {'has' if found.lacking == 1 else 'have'} something missing, shown first."
        if found.lacking
        else ""
    )
    page = f"Page {found.page} of {found.pages}." if found.pages > 1 else ""
    where = f" in {escaped(found.company_name, most=60)}" if found.company_name else ""
    return " ".join(filter(None, [f"{people}{where}.", lacking, page]))


def _table(found: Team) -> Block:
    head = ("Person", "Role", "Missing", "Customers", "Sage ID", "Last used")
    return data_table(TABLE, "The team, gaps first", head, [_row(each) for each in found.members])


def _row(member: TeamMember) -> tuple[Cell, ...]:
    return (
        Mentions((member.user_id,)),
        _role(member),
        _MISSING[member.gap],
        member.customers,
        _STATES.get(member.sign_in, "not connected"),
        day(member.last_used) if member.last_used else "not yet",
    )


def _role(member: TeamMember) -> str:
    """Return the role, and that it comes from a user group: nobody gave it to this person."""
    return f"{member.role}, through a user group" if member.role and member.groups else member.role or "no role"


def _line(member: TeamMember) -> str:
    groups = ", ".join(group_mention(each) for each in member.groups[:1])
    role = f"{member.role or 'no role'}{f' (by {groups})' if groups else ''}"
    missing = f"missing: {_MISSING[member.gap]}" if _MISSING[member.gap] else ""
    used = f"last used {day(member.last_used)}" if member.last_used else "not used yet"
    state = _STATES.get(member.sign_in, "not connected")
    parts = [user_mention(member.user_id), role, missing, escaped(member.customers, most=70), state, used]
    return f"• {' · '.join(filter(None, parts))}"


def _groups(found: Team) -> str:
    named = [f"{group_mention(group)}: {escaped(role)}" for group, role in found.groups[:8]]
    return f"*User groups with a role:* {', '.join(named)}" if named else ""


def _unowned(found: Team) -> str:
    if found.unowned is None:
        return "*Customers without an owner aren't known now:* Sage 200 isn't responding, or no company is chosen."
    if not found.unowned:
        return ""
    shown = ", ".join(escaped(each, most=40) for each in found.unowned[:_MOST_UNOWNED])
    more = len(found.unowned) - _MOST_UNOWNED
    return f"*{escaped(found.label, most=60)}, without an owner:* {shown}{f' and {more:,} more' if more > 0 else ''}"


def _buttons(found: Team) -> list[Element]:
    turns = [(found.page - 1, "Previous"), (found.page + 1, "Next")]
    return [
        button_element("Match sales reps", MATCH, style="primary"),
        button_element("Paste a list", ADD),
        button_element("Channels", CHANNELS, accessibility_label="Channels: one for each region"),
        *(
            button_element(text, f"{PAGE}.{to}", value=str(to), accessibility_label=f"{text}: page {to}")
            for to, text in turns
            if 1 <= to <= found.pages
        ),
    ]
