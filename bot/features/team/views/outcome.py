"""What setting a team up would change and has changed, as messages."""

from __future__ import annotations

from collections.abc import Sequence

from bot.features.access.model.authorization import AccessChange
from bot.features.team.model.channels import ChannelMatches
from bot.features.team.model.grant import RosterPlan, TeamGiven
from bot.features.team.model.matching import RepMatches
from bot.features.team.model.roster import RosterLine
from bot.features.team.views.forms import PRESS, private_hint
from bot.slack.views.blocks import Block, button_element
from bot.slack.views.message import Message, buttons, joined, note, section
from bot.slack.views.text import channel_mention, escaped, user_mention

GIVE_LIST = "team.give_list"
LONGEST_VALUE = 1_900  # characters of a list that a button can carry
_MOST_LINES = 40
_TOLD = "Each person gets a message with what the role means and how to begin."


def plan_blocks(plan: RosterPlan) -> list[Block]:
    """Return what a list would change, and what is wrong with which line."""
    return [section(part) for part in _plan_parts(plan)]


def planned(plan: RosterPlan, text: str) -> Message:
    """Return the plan of a typed list, with the button that carries it out."""
    parts = _plan_parts(plan)
    if not plan.good:
        return Message(joined(parts), tuple(map(section, parts)))
    if len(text) > LONGEST_VALUE:
        how = "To go ahead, send the same list with `/sage team add confirm`, or correct the lines first."
        return Message(joined([*parts, how]), (*map(section, parts), section(how)))
    count = len(plan.good)
    press = button_element(f"Give to {count:,}", GIVE_LIST, value=text, style="primary")
    return Message(joined(parts), (*map(section, parts), buttons(press)))


def _plan_parts(plan: RosterPlan) -> list[str]:
    good = [_good(line) for line in plan.good]
    bad = [_bad(line) for line in plan.bad]
    parts = []
    if good:
        parts.append(_bounded(f"*{_people(len(good))} will get:*", good))
    if bad:
        parts.append(_bounded(f"*{len(bad):,} {'line' if len(bad) == 1 else 'lines'} can't be done:*", bad))
    return parts


def _good(line: RosterLine) -> str:
    role = "role removed" if line.removes else line.role.value if line.role else "same role as now"
    customers = f", customers {escaped(line.customers, most=120)}" if line.customers else ""
    return f"• {user_mention(line.user_id)}: {role}{customers}"


def _bad(line: RosterLine) -> str:
    return f"• Line {line.number}, {escaped(line.who, most=60) or '(empty)'}: {escaped(line.problem, most=240)}."


def given(done: TeamGiven) -> Message:
    """Return what was changed, and what was not."""
    roles = [each for each in done.changes if each.what == "role"]
    customers = [each for each in done.changes if each.what == "customers"]
    head = f"*Done: {_people(done.people)} changed.*" if done.people else "*Nothing to change: it's already like that.*"
    told = _TOLD if any(each.before == "none" for each in roles) else ""
    parts = [joined([head, told])]
    if roles:
        parts.append(_bounded("*Roles*", [_role(each) for each in roles]))
    if customers:
        parts.append(_bounded("*Customers*", [_customers(each) for each in customers]))
    if done.left_out:
        parts.append(_bounded("*Not done*", [_bad(line) for line in done.left_out]))
    parts.append("`/sage roles @PERSON none` takes a role away; `/sage team` shows everybody.")
    return Message(joined(parts), tuple(map(section, parts)))


def _role(made: AccessChange) -> str:
    before = f" (before: {escaped(made.before)})" if made.before != "none" else ""
    return f"• {user_mention(made.about)}: {escaped(made.after)}{before}"


def _customers(made: AccessChange) -> str:
    before = f" (before: {escaped(made.before, most=80)})" if made.before != "none" else ""
    return f"• {user_mention(made.about)}: {escaped(made.after, most=120)}{before}"


def matches(found: RepMatches, *, owned: int) -> Message:
    """Return whom the values of a label name, and how to give it."""
    name = escaped(found.label, most=60)
    parts = []
    if found.sure:
        lines = [f"• {user_mention(each.user_id)} → {escaped(each.value, most=80)}" for each in found.sure]
        parts.append(_bounded(f"*{name}: clear matches*", lines))
    if found.doubtful:
        lines = [
            f"• {user_mention(each.user_id)} → {escaped(each.value, most=80)} ({each.why})" for each in found.doubtful
        ]
        how = f"`/sage roles @PERSON sales` and `/sage roles @PERSON customers {name}:VALUE` give one."
        parts.append(_bounded("*Possible matches*", [*lines[:_MOST_LINES], how]))
    if found.unknown:
        parts.append(f"*Nobody in Slack is called:* {_named(found.unknown)}")
    if not found.matches:
        parts.insert(0, f"*{name}: no value looks like the name of a member.*")
    has = f"{owned:,} {'value has' if owned == 1 else 'values have'} an owner already." if owned else ""
    typed = escaped(found.label.replace('"', ""), most=60)
    how = (
        f'`/sage team match confirm "{typed}"` gives the clear matches the role sales and those customers.'
        if found.sure
        else ""
    )
    parts.append(joined([has, how]) or "`/sage team match LABEL` looks at another analysis code.")
    return Message(joined(parts), tuple(map(section, parts)))


def channel_pairs(found: ChannelMatches, *, lacks_scope: str = "") -> Message:
    """Return the channel of each value, and how to subscribe them all."""
    name = escaped(found.label, most=60)
    lines = [f"• {escaped(value, most=80)} → {channel_mention(each.channel_id)}" for value, each in found.pairs]
    parts = [_bounded(f"*{name}: a channel each*", lines) if lines else f"*No channel is named after a {name}.*"]
    if found.unmatched:
        parts.append(f"*No channel is named after:* {_named(found.unmatched)}")
    typed = escaped(found.label.replace('"', ""), most=60)
    if found.pairs:
        parts.append(
            f'`/sage team channels confirm "{typed}"` sends each its holds, its releases and, on working days at '
            "08:00, the list of accounts on hold."
        )
    parts.append(private_hint(name, lacks_scope, again="type `/sage team channels` again"))
    return Message(joined(parts), tuple(map(section, parts)))


def subscribed(
    made: Sequence[tuple[str, str]], there: Sequence[tuple[str, str]], refused: Sequence[tuple[str, str]]
) -> Message:
    """Return which channels were subscribed, each with its value, which were so already, and why others weren't."""
    parts = []
    if made:
        lines = [f"• {channel_mention(channel)}: {escaped(value, most=80)}" for channel, value in made]
        parts.append(
            _bounded(f"*{len(made):,} {'channel is' if len(made) == 1 else 'channels are'} subscribed*", lines)
        )
    if there:
        lines = [f"• {channel_mention(channel)}: {escaped(value, most=80)}" for channel, value in there]
        parts.append(_bounded("*Already subscribed*", lines))
    if refused:
        lines = [f"• {channel_mention(channel)}: {why}" for channel, why in refused]
        parts.append(_bounded("*Not subscribed*", lines))
        parts.append(f"Once that is put right, {PRESS} again: nothing is subscribed twice.")
    if not parts:
        return note("*Nothing was subscribed.* Tick the channels first.")
    parts.append("`/sage subscriptions` lists them, each with its number.")
    return Message(joined(parts), tuple(map(section, parts)))


def _named(values: Sequence[str]) -> str:
    more = len(values) - _MOST_LINES
    shown = ", ".join(escaped(each, most=40) for each in values[:_MOST_LINES])
    return f"{shown}{f' and {more:,} more' if more > 0 else ''}"


def _bounded(head: str, lines: Sequence[str]) -> str:
    """Return the lines below their heading, as many as a paragraph holds."""
    shown = joined([head, *lines[:_MOST_LINES]], most=2_700)
    more = len(lines) - (shown.count("\n"))
    return joined([shown, f"and {more:,} more" if more > 0 else ""], most=2_900)


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"
