"""Roles, channel classes and settings as messages: what there is, what a change means, and how to undo it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.filters.filter_examples import DEMO, FilterExamples
from bot.errors import BotError
from bot.features.access.model.authorization import AccessChange, Role, RoleOverview, Shown, WorkspaceChoices
from bot.features.admin.model.channel_command import ChannelClasses
from bot.features.admin.model.settings_command import SETTINGS
from bot.slack.views.blocks import Block
from bot.slack.views.message import Message, aside, joined, note, section
from bot.slack.views.table import Cell, Mentions, data_table
from bot.slack.views.text import channel_mention, escaped, group_mention, readable, user_mention, words

_MEANS = {
    Role.ADMIN.value: (
        "Admins see figures, approve releases, set up alerts for channels, and change roles and settings."
    ),
    Role.CONTROLLER.value: (
        "Controllers see figures, approve releases and set up alerts for channels; they put "
        "on hold with their own Sage ID."
    ),
    Role.SALES.value: "Sales people see customers, ask for releases, and set up alerts for themselves.",
    Role.VIEWER.value: (
        "Viewers see the figures of every customer and set up alerts for themselves; they change nothing."
    ),
    "none": ("They see what their own Sage ID allows, and nothing without one unless settings allow it."),
}
_CLASSES = {
    Shown.STATUS: "whether accounts are on hold, and no figure",
    Shown.BAND: "whether accounts are on hold, and how near the limit in bands (“80% or more”), and no amount",
    Shown.FIGURES: "balances, limits and all other figures",
}
_A_ROLE = {Role.ADMIN.value: "an admin", Role.CONTROLLER.value: "a controller", Role.SALES.value: "in sales"}
_A_ROLE |= {Role.VIEWER.value: "a viewer", "none": "without a role"}
_MOST_NAMED = 60  # of a role, in one cell
_WHO = "Everybody in the channel sees it, now and later, guests of this workspace too."


def role_overview(shown: RoleOverview) -> Message:
    """Return all roles, and each user's own customers."""
    lines = ["*Roles in this app*"]
    for role in Role:
        named = [user_mention(user) for user, held in sorted(shown.people.items()) if held == role]
        named += [group_mention(each) for each, held in sorted(shown.groups.items()) if held == role]
        lines.append(f"{role.value}: {', '.join(named) or 'nobody'}")
    whose = [f"{user_mention(user)}: {escaped(codes, most=300)}" for user, codes in sorted(shown.customers.items())]
    if shown.company_name:
        heading = f"*Whose customers are whose in {escaped(shown.company_name)}*"
        whose = [heading, *(whose or ["None assigned yet."])]
    text, customers = joined(lines, most=2_900), joined(whose, most=2_900)
    how = "`/sage roles @PERSON sales` gives a role, `remove @PERSON` takes it away."
    blocks = [section(lines[0]), _roles(shown), *([section(customers)] if customers else []), aside(how)]
    return Message(joined([text, customers, how], most=4_000), tuple(blocks))


def _roles(shown: RoleOverview) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for role in Role:
        users = tuple(user for user, held in sorted(shown.people.items()) if held == role)[:_MOST_NAMED]
        groups = tuple(each for each, held in sorted(shown.groups.items()) if held == role)[:_MOST_NAMED]
        rows.append((role.value, Mentions(users, groups) if users or groups else "nobody"))
    return data_table("roles.table", "Roles in this app", ("Role", "Who"), rows)


def access_changed(done: AccessChange, *, examples: FilterExamples = DEMO) -> Message:
    """Return what is new, what that means, what it was before, and what to type to undo it."""
    lines = _role(done, examples) if done.what == "role" else _SAID[done.what](done)
    if not done.is_news:
        return note(joined([*lines, "Nothing was changed."]))
    before = f"Before: {escaped(done.before, most=300)}. To undo this: {_undo(done)}"
    return Message(joined([*lines, before]), (section(joined(lines)), aside(before)))


def several_changed(outcomes: Sequence[tuple[str, AccessChange | BotError]]) -> Message:
    """Return what became of each person or group named; what was not done is said with its reason."""
    lines = ["*Roles*", *(_outcome(who, outcome) for who, outcome in outcomes)]
    how = "To undo one, type it again with the role before: `/sage roles @PERSON sales`, or `none`."
    return note(joined(lines, most=2_900), aside(how))


def _outcome(who: str, outcome: AccessChange | BotError) -> str:
    if isinstance(outcome, BotError):
        return f"• {readable(who)}: not changed. {words(outcome.message)} {words(outcome.hint)}".rstrip()
    about = group_mention(outcome.about) if outcome.what == "group" else user_mention(outcome.about)
    after, before = escaped(outcome.after, most=200), escaped(outcome.before, most=200)
    named = "customers " if outcome.what == "customers" else ""
    return f"• {about}: {named}{after} ({f'before: {before}' if outcome.is_news else 'as before'})"


def _undo(done: AccessChange) -> str:
    former = escaped(done.undo or done.before, most=600)
    whose = {
        "role": user_mention,
        "customers": user_mention,
        "group": group_mention,
        "channel": channel_mention,
        "requests": channel_mention,
    }.get(done.what)
    if done.what == "setting":
        return f"/sage settings {escaped(done.about)} {former.lstrip('£')}"
    about = whose(done.about) if whose else ""
    if done.what in {"channel", "requests"}:
        what = f"requests {former}" if done.what == "requests" else former
        return f"/sage channel {what} {about} for {escaped(done.company_name, most=100)}"
    return f"/sage roles {about} {'customers ' if done.what == 'customers' else ''}{former}"


def _now(done: AccessChange) -> str:
    return "now" if done.is_news else "already"


def _role(done: AccessChange, examples: FilterExamples) -> list[str]:
    extra = (
        "Unless they connect their own Sage ID they see only their own customers. To assign them: "
        f"/sage roles {user_mention(done.about)} customers {words(examples.condition)}"
    )
    lines = [
        f"*{user_mention(done.about)} is {_now(done)} {_A_ROLE.get(done.after, escaped(done.after))}.*",
        _MEANS.get(done.after, ""),
    ]
    return [*lines, extra] if done.after == Role.SALES else lines


def _people(count: int) -> str:
    return f"{count:,} {'person is' if count == 1 else 'people are'}"


def _group(done: AccessChange) -> list[str]:
    if done.after == "none":
        return [
            f"*{group_mention(done.about)} has no role any more.* Those in it keep what they were given themselves."
        ]
    return [
        f"*Everybody in {group_mention(done.about)} is {_now(done)} {_A_ROLE.get(done.after, escaped(done.after))}.*",
        f"{_MEANS.get(done.after, '')} {_people(done.count)} in it. Access follows the group's membership in Slack; "
        "guests never have it.",
        _group_told(done),
    ]


def _group_told(done: AccessChange) -> str:
    if not (done.is_news and done.count):
        return ""
    if not done.told:
        return (
            "Nobody in it gets a message: either they have a role already, or there are too many of them. "
            "Let them know in their channel."
        )
    return f"{done.told:,} of them, who had no higher role, {'gets' if done.told == 1 else 'get'} a message."


def _customers(done: AccessChange) -> list[str]:
    where = f" in {escaped(done.company_name)}" if done.company_name else ""
    if done.after == "none":
        return [f"*{user_mention(done.about)} has no customers of their own{where} any more.*"]
    return [f"*{user_mention(done.about)}'s own customers{where}:* {escaped(done.after, most=600)}"]


def _channel(done: AccessChange) -> list[str]:
    return [
        f"*{channel_mention(done.about)} {_now(done)} shows, of "
        f"{escaped(done.company_name, most=100)}:* {_CLASSES[Shown(done.after)]}.",
        _WHO,
        "Nothing changes there for other companies.",
        "Earlier posts don't change. If the channel is shared with another company later, "
        "alerts are deleted there; cards that people shared are not.",
    ]


def _requests(done: AccessChange) -> list[str]:
    where, company = channel_mention(done.about), escaped(done.company_name, most=100)
    if done.after == "off":
        return [
            f"*Requests of {company} {'are no longer' if done.is_news else 'are not'} posted in {where}.*",
            "Those already there are kept up to date.",
        ]
    return [
        f"*Requests of {company} for releases, credit limits and held orders are {_now(done)} posted in {where} too.*",
        "Only those who may decide can use the buttons there.",
        "Figures and reasons are shown only if the channel shows figures: `/sage channel figures`.",
    ]


def _setting(done: AccessChange) -> list[str]:
    meaning = next((each.meaning for each in SETTINGS if each.name == done.about), "")
    return [f"*{escaped(done.about)} is {_now(done)} {escaped(done.after)}*: {meaning}."]


_SAID = {"group": _group, "customers": _customers, "channel": _channel, "requests": _requests, "setting": _setting}


def channel_class(found: ChannelClasses) -> Message:
    """Return how much of each company a channel is shown, and how to change that."""
    where = channel_mention(found.channel_id)
    lines = [
        (f"*{where} shows {each.shown.value}* of {escaped(each.company_name, most=100)}: {_CLASSES[each.shown]}.")
        for each in found.classes
    ] or [f"*{where} shows {Shown.STATUS.value}*: {_CLASSES[Shown.STATUS]}."]
    others = f"Of every other company: {_CLASSES[Shown.STATUS]}."
    takes = [escaped(each.company_name, most=100) for each in found.classes if each.takes_requests]
    requests = f"Requests are posted here too: {', '.join(takes)}." if takes else "Requests aren't posted here."
    how = (
        "`/sage channel status`, `band` or `figures` changes it; `requests` posts requests for releases, limits and "
        "orders here; `for NAME` says of which company."
    )
    return note(joined([*lines, others, _WHO, requests, how], most=2_900))


def workspace_settings(shown: WorkspaceChoices) -> Message:
    """Return every setting with its value, and the channels that are shown more than status or take requests."""
    lines = [f"`{each.name} {each.shown(shown.policy)}`  {each.meaning}" for each in SETTINGS]
    raised = [
        f"{channel_mention(each.channel_id)}: {each.shown.value} of {escaped(each.company_name, most=60)}"
        f"{', and requests' if each.takes_requests else ''}"
        for each in shown.channels
    ]
    more = joined(["*Channels that show more than status, or take requests*", *(raised or ["none"])], most=2_000)
    text = joined(["*Settings of this workspace*", *lines], most=2_900)
    how = "To change one: `/sage settings trust-copy 12h`."
    return Message(joined([text, more, how], most=4_000), (section(text), section(more), aside(how)))
